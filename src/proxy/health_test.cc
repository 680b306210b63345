#include "proxy/health.h"

#include <gtest/gtest.h>

namespace pds::proxy {
namespace {

constexpr ProbeResult ok{ProbeResult::answered, 200}, error{ProbeResult::answered, 500}, slow{ProbeResult::timed_out, 0},
    refused{ProbeResult::refused, 0};

TEST(StatusMatcher, TakesCodesListsAndRanges) {
  auto matcher = StatusMatcher::parse("200,202, 300-399");
  ASSERT_TRUE(matcher);
  for (int status : {200, 202, 300, 350, 399}) EXPECT_TRUE(matcher->matches(status)) << status;
  for (int status : {201, 299, 400, 500}) EXPECT_FALSE(matcher->matches(status)) << status;
  EXPECT_TRUE(StatusMatcher().matches(200));
}

TEST(StatusMatcher, RefusesEverythingElse) {
  for (const char* text : {"", "abc", "199", "500", "200-", "-200", "300-200", "200,,201", "200-299-300", "200 201"}) {
    EXPECT_FALSE(StatusMatcher::parse(text)) << text;
  }
}

struct Step {
  ProbeResult result;
  TargetState then;
};

void expect_walk(std::initializer_list<Step> steps) {
  HealthSettings settings;
  settings.healthy_threshold = 3;
  settings.unhealthy_threshold = 2;
  HealthState state;
  int at = 0;
  for (const Step& step : steps) {
    TargetState before = state.state();
    bool changed = state.record(step.result, settings);
    EXPECT_EQ(state.state(), step.then) << "step " << at;
    EXPECT_EQ(changed, before != step.then) << "step " << at;
    ++at;
  }
}

TEST(HealthState, OneSuccessIsEnoughAtFirst) { expect_walk({{ok, TargetState::healthy}}); }

TEST(HealthState, FailuresCountInARow) {
  expect_walk({{ok, TargetState::healthy},
               {error, TargetState::healthy},
               {ok, TargetState::healthy},
               {slow, TargetState::healthy},
               {refused, TargetState::unhealthy}});
}

TEST(HealthState, RecoveryTakesTheHealthyThreshold) {
  expect_walk({{error, TargetState::initial},
               {error, TargetState::unhealthy},
               {ok, TargetState::unhealthy},
               {ok, TargetState::unhealthy},
               {error, TargetState::unhealthy},
               {ok, TargetState::unhealthy},
               {ok, TargetState::unhealthy},
               {ok, TargetState::healthy}});
}

TEST(HealthState, SaysWhyInAwsWords) {
  HealthSettings settings;
  settings.unhealthy_threshold = 1;
  HealthState state;
  EXPECT_EQ(state.report().reason, "Elb.RegistrationInProgress");
  state.record(error, settings);
  EXPECT_EQ(state.report().reason, "Target.ResponseCodeMismatch");
  EXPECT_EQ(state.report().description, "Health checks failed with these codes: [500]");
  state.record(slow, settings);
  EXPECT_EQ(state.report().reason, "Target.Timeout");
  EXPECT_EQ(state.report().description, "Request timed out");
  state.record(refused, settings);
  EXPECT_EQ(state.report().reason, "Target.FailedHealthChecks");
  HealthState healthy;
  healthy.restore(TargetState::healthy);
  EXPECT_EQ(healthy.report().reason, "");
}

TEST(HealthState, AConnectionIsEnoughForTcp) {
  HealthSettings settings;
  settings.protocol = HealthSettings::Protocol::tcp;
  HealthState state;
  EXPECT_TRUE(state.record({ProbeResult::answered, 0}, settings));
  EXPECT_EQ(state.state(), TargetState::healthy);
}

}  // namespace
}  // namespace pds::proxy
