#include "deploy/guardrail.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pds::deploy {
namespace {

TrafficSeries series(std::initializer_list<std::pair<double, double>> minutes) {
  TrafficSeries out{"fleet", {}};
  Timestamp at{};
  for (auto [requests, errors] : minutes) out.samples.push_back({at += 1min, requests, errors});
  return out;
}

TEST(Guardrail, judges_by_count_and_share_over_windows_ending_now) {
  struct Case {
    const char* name;
    TrafficSeries traffic;
    bool failed;
  };
  const Case cases[] = {
      {"no traffic", series({}), false},
      {"no requests at all", series({{0, 0}}), false},
      {"clean", series({{100, 0}, {100, 0}}), false},
      {"three errors prove nothing", series({{10, 3}}), false},
      {"a burst", series({{1000, 0}, {100, 20}}), true},
      {"exactly the limit is allowed", series({{500, 5}}), false},
      {"just above the limit", series({{499, 5}}), true},
      {"faint, but over many minutes", series({{100, 2}, {100, 2}, {100, 2}}), true},
      {"an old burst, diluted since", series({{100, 6}, {10000, 0}}), false},
      {"errors without enough count, then more", series({{100, 4}, {100, 4}}), true},
  };
  GuardrailLimits limits{.error_ratio_max = 0.01, .errors_min = 5};
  for (const Case& c : cases) EXPECT_EQ(judge({c.traffic}, limits).failed, c.failed) << c.name;
}

TEST(Guardrail, names_the_target_and_the_numbers) {
  TrafficSeries function = series({{200, 10}});
  function.target = "function";
  Judgement judgement = judge({series({{100, 0}}), function}, {});
  ASSERT_TRUE(judgement.failed);
  EXPECT_THAT(judgement.reason, testing::HasSubstr("function: 10 of 200 requests failed (5.0 %)"));
}

}  // namespace
}  // namespace pds::deploy
