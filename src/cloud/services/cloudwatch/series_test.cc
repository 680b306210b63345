#include "cloud/services/cloudwatch/series.h"

#include <gtest/gtest.h>

namespace pds::cloud::cloudwatch {
namespace {

TEST(Series, percentiles_are_within_a_step_of_the_truth) {
  Summary summary;
  for (int i = 1; i <= 1000; ++i) summary.add(i, 1);
  for (auto [statistic, truth] : {std::pair{"p50", 500.0}, {"p90", 900.0}, {"p99", 990.0}, {"p100", 1000.0}})
    EXPECT_NEAR(*statistic_of(summary, statistic), truth, truth * 0.009) << statistic;
  EXPECT_EQ(statistic_of(summary, "Minimum"), 1);
  EXPECT_EQ(statistic_of(summary, "Average"), 500.5);
}

TEST(Series, sets_of_equal_observations_have_percentiles_and_others_have_none) {
  Summary equal, spread;
  equal.add_set(10, 50, 5, 5);
  spread.add_set(10, 50, 1, 9);
  EXPECT_EQ(statistic_of(equal, "p99"), 5);
  EXPECT_EQ(statistic_of(spread, "p99"), std::nullopt);
}

TEST(Series, a_distribution_keeps_its_sum_and_bounds_exactly) {
  Summary summary;
  summary.add(Distribution{.count = 3, .sum = 0.0601, .least = 0.0101, .most = 0.03, .values = {{0.01, 2}, {0.04, 1}}});
  EXPECT_EQ(statistic_of(summary, "Sum"), 0.0601);
  EXPECT_EQ(statistic_of(summary, "Minimum"), 0.0101);
  EXPECT_EQ(statistic_of(summary, "SampleCount"), 3);
  EXPECT_EQ(statistic_of(summary, "p50"), 0.0101);  // never outside what was seen
  EXPECT_EQ(statistic_of(summary, "p99"), 0.03);
  Summary again = from_stored(to_stored(summary));
  for (const char* statistic : {"Sum", "SampleCount", "Minimum", "Maximum", "p50", "p99"}) EXPECT_EQ(statistic_of(again, statistic), statistic_of(summary, statistic));
}

TEST(Series, merged_summaries_equal_one_of_all_values) {
  Summary a, b, all;
  for (int i = 0; i < 100; ++i) (i % 2 ? a : b).add(i, 1), all.add(i, 1);
  a.merge(b);
  for (const char* statistic : {"Sum", "SampleCount", "Minimum", "Maximum", "p50", "p99"}) EXPECT_EQ(statistic_of(a, statistic), statistic_of(all, statistic));
}

TEST(Series, periods_begin_at_whole_multiples_and_empty_ones_are_left_out) {
  Series series;
  Timestamp start = from_epoch_seconds(1'700'000'400);   // a multiple of 300
  series.record(start + 10s, 1, 1);
  series.record(start + 70s, 2, 1);
  series.record(start + 700s, 4, 1);
  auto fives = series.summarize(start, start + 900s, 300s);
  ASSERT_EQ(fives.size(), 2u);
  EXPECT_EQ(fives[0].first, start);
  EXPECT_EQ(fives[0].second.sum, 3);
  EXPECT_EQ(fives[1].first, start + 600s);
  EXPECT_EQ(series.summarize(start, start + 60s, 60s).size(), 1u);
}

TEST(Series, history_is_bounded) {
  Series series;
  for (size_t i = 0; i < minutes_per_series_max + 100; ++i) series.record(from_epoch_seconds(static_cast<double>(i) * 60), 1, 1);
  EXPECT_EQ(series.minutes().size(), minutes_per_series_max);
}

TEST(Series, statistic_names_are_checked) {
  for (const char* good : {"Average", "p99", "p99.9", "p0"}) EXPECT_TRUE(check_statistic(good)) << good;
  EXPECT_EQ(check_statistic("tm99").error().http_status, 501);
  for (const char* bad : {"p101", "pxx", "p1e1", "p-1", "p", "average", ""}) EXPECT_EQ(check_statistic(bad).error().code, "InvalidParameterValue") << bad;
}

}  // namespace
}  // namespace pds::cloud::cloudwatch
