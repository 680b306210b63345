#include "cloud/services/cloudwatch/steps.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace pds::cloud::cloudwatch {
namespace {

TEST(Steps, a_value_is_known_to_within_a_percent) {
  for (double value = 1e-7; value < 1e12; value *= 1.37) {
    for (double sign : {1.0, -1.0}) {
      Steps steps;
      steps.add(sign * value, 1);
      EXPECT_NEAR(steps.percentile(50), sign * value, value * 0.008) << value;
    }
  }
}

TEST(Steps, small_negative_and_zero_values_keep_their_order) {
  Steps steps;
  for (double value : {5.0, -0.001, 0.0, -5.0, 0.001}) steps.add(value, 1);
  EXPECT_NEAR(steps.percentile(20), -5, 0.04);
  EXPECT_NEAR(steps.percentile(40), -0.001, 0.00001);
  EXPECT_EQ(steps.percentile(60), 0);
  EXPECT_NEAR(steps.percentile(100), 5, 0.04);
}

// The rank is looked up in all observations, whichever way they were spread over parts.
TEST(Steps, any_way_of_merging_gives_the_same_percentiles) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> draw(-5, 1.5);
  std::vector<double> values;
  Steps all, parts[4];
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(draw(random));
    all.add(values.back(), 1);
    parts[random() % 4].add(values.back(), 1);
  }
  Steps left = parts[0], right = parts[3];
  for (int i : {1, 2, 3}) left.merge(parts[i]);
  for (int i : {2, 1, 0}) right.merge(parts[i]);
  std::sort(values.begin(), values.end());
  for (double percent : {0.0, 1.0, 50.0, 90.0, 99.0, 99.9, 99.99, 100.0}) {
    EXPECT_EQ(left.percentile(percent), all.percentile(percent)) << percent;
    EXPECT_EQ(right.percentile(percent), all.percentile(percent)) << percent;
    auto rank = static_cast<size_t>(std::max(std::ceil(20'000 * percent / 100), 1.0));
    EXPECT_NEAR(all.percentile(percent), values[rank - 1], values[rank - 1] * 0.008) << percent;
  }
}

TEST(Steps, are_read_as_they_were_written) {
  Steps steps;
  for (double value : {0.001, 0.0012, 5.0, -2.0, 0.0}) steps.add(value, 3);
  steps.add(70, 0.5);
  Steps again = *Steps::parse(steps.text());
  EXPECT_EQ(again.text(), steps.text());
  EXPECT_EQ(again.percentile(50), steps.percentile(50));
  EXPECT_TRUE(Steps::parse("")->empty());
  for (const char* bad : {"x 1", "5 x", "5", "5 1 -3 2", "5 1 0 2", "5 1 99999999999 2"})
    EXPECT_FALSE(Steps::parse(bad)) << bad;
}

}  // namespace
}  // namespace pds::cloud::cloudwatch
