#include "base/histogram.h"

#include <gtest/gtest.h>

#include <vector>

namespace pds {
namespace {

TEST(Histogram, IsEmptyAtFirst) {
  Histogram h;
  EXPECT_EQ(h.count(), 0u);
  EXPECT_EQ(h.percentile(99), 0);
  EXPECT_EQ(h.min(), 0u);
}

TEST(Histogram, KeepsSmallValuesExactly) {
  Histogram h;
  for (uint64_t v = 0; v < 128; ++v) h.record(v);
  EXPECT_EQ(h.percentile(50), 63);
  EXPECT_EQ(h.percentile(100), 127);
  EXPECT_EQ(h.percentile(0.0001), 0);
}

TEST(Histogram, KnowsEveryValueToWithinOnePercent) {
  for (uint64_t v = 1; v < Histogram::value_max; v = v * 5 / 4 + 1) {
    Histogram h;
    h.record(0);
    h.record(v);
    h.record(Histogram::value_max);
    EXPECT_NEAR(h.percentile(66), static_cast<double>(v), static_cast<double>(v) * 0.008) << v;
  }
}

TEST(Histogram, ValuesBeyondTheLastBucketCountAsTheLargest) {
  Histogram h;
  h.record(UINT64_MAX);
  EXPECT_EQ(h.max(), Histogram::value_max);
  EXPECT_EQ(h.count(), 1u);
}

TEST(Histogram, MergedHistogramsAnswerAsOne) {
  Histogram one, two, all;
  for (uint64_t i = 1; i <= 5000; ++i) {
    (i % 3 ? one : two).record(i * i);
    all.record(i * i);
  }
  one.merge(two);
  EXPECT_EQ(one.count(), all.count());
  EXPECT_EQ(one.sum(), all.sum());
  for (double p : {1.0, 50.0, 90.0, 99.0, 99.9, 100.0}) EXPECT_EQ(one.percentile(p), all.percentile(p));
}

TEST(Histogram, VisitsWhatWasRecordedInRisingOrder) {
  Histogram h;
  h.record(70'000, 3);
  h.record(5);
  std::vector<std::pair<double, uint64_t>> seen;
  h.each([&](double value, uint64_t count) { seen.emplace_back(value, count); });
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0], (std::pair<double, uint64_t>(5, 1)));
  EXPECT_NEAR(seen[1].first, 70'000, 560);
  EXPECT_EQ(seen[1].second, 3u);
}

}  // namespace
}  // namespace pds
