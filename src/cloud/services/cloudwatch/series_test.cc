#include "cloud/services/cloudwatch/series.h"

#include <gtest/gtest.h>

namespace pds::cloud::cloudwatch {
namespace {

TEST(Series, percentiles_are_within_a_step_of_the_truth) {
  Summary summary;
  for (int i = 1; i <= 1000; ++i) summary.add(i, 1);
  for (auto [statistic, truth] : {std::pair{"p50", 500.0}, {"p90", 900.0}, {"p99", 990.0}, {"p100", 1000.0}})
    EXPECT_NEAR(*statistic_of(summary, statistic), truth, truth * 0.032) << statistic;
  EXPECT_EQ(statistic_of(summary, "Minimum"), 1);
  EXPECT_EQ(statistic_of(summary, "Average"), 500.5);
}

TEST(Series, small_negative_and_zero_values_keep_their_order) {
  Summary summary;
  for (double value : {-5.0, -0.001, 0.0, 0.001, 5.0}) summary.add(value, 1);
  EXPECT_NEAR(*statistic_of(summary, "p20"), -5.0, 0.2);
  EXPECT_EQ(*statistic_of(summary, "p60"), 0);
  EXPECT_NEAR(*statistic_of(summary, "p100"), 5.0, 0.2);
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
  for (const char* bad : {"p101", "pxx", "average", ""}) EXPECT_EQ(check_statistic(bad).error().code, "InvalidParameterValue") << bad;
}

}  // namespace
}  // namespace pds::cloud::cloudwatch
