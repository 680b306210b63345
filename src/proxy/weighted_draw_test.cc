#include "proxy/weighted_draw.h"

#include <gtest/gtest.h>

namespace pds::proxy {
namespace {

std::vector<int> draw_many(WeightedDraw& draw, FastRandom& random, size_t choices, int times) {
  std::vector<int> counts(choices, 0);
  for (int i = 0; i < times; ++i) {
    int index = draw.draw(random.next());
    if (index >= 0) ++counts[static_cast<size_t>(index)];
  }
  return counts;
}

TEST(WeightedDraw, SharesAreExactAfterEveryDeck) {
  FastRandom random(7);
  WeightedDraw draw({90, 10});  // a deck of ten
  for (int deck = 0; deck < 50; ++deck) EXPECT_EQ(draw_many(draw, random, 2, 10), (std::vector<int>{9, 1}));
}

TEST(WeightedDraw, TheOrderWithinADeckIsRandom) {
  FastRandom random(7);
  WeightedDraw draw({1, 1, 1, 1});
  std::vector<int> first_of_deck(4, 0);
  for (int deck = 0; deck < 4000; ++deck) {
    ++first_of_deck[static_cast<size_t>(draw.draw(random.next()))];
    for (int i = 0; i < 3; ++i) draw.draw(random.next());
  }
  for (int count : first_of_deck) EXPECT_NEAR(count, 1000, 120);
}

TEST(WeightedDraw, AWeightOfZeroIsNeverDrawn) {
  FastRandom random(1);
  WeightedDraw draw({0, 999, 0, 1});
  EXPECT_EQ(draw_many(draw, random, 4, 1000), (std::vector<int>{0, 999, 0, 1}));
}

TEST(WeightedDraw, NothingIsDrawnWhenAllWeightsAreZero) {
  WeightedDraw draw({0, 0});
  EXPECT_TRUE(draw.empty());
  EXPECT_EQ(draw.draw(12345), -1);
  EXPECT_EQ(WeightedDraw({}).draw(1), -1);
}

TEST(WeightedDraw, ExtremeRandomNumbersStayInRange) {
  WeightedDraw draw({3, 5, 7});
  for (uint64_t random : {uint64_t{0}, UINT64_MAX, uint64_t{1} << 63}) {
    int index = draw.draw(random);
    EXPECT_GE(index, 0);
    EXPECT_LT(index, 3);
  }
}

}  // namespace
}  // namespace pds::proxy
