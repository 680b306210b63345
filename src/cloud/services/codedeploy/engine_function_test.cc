// Deployments to a function.
#include "cloud/services/codedeploy/engine_stage.h"

namespace pds::cloud::codedeploy {
namespace {

TEST(Engine, a_canary_shifts_ten_percent_then_all) {
  for (bool restarts : {false, true}) {
    Stage s;
    s.restart_before_each_step = restarts;
    std::string id = s.deploy_function("CodeDeployDefault.LambdaCanary10Percent5Minutes");
    s.turn(299s);
    ASSERT_EQ(s.functions.history.size(), 1u);
    EXPECT_EQ(s.functions.live.version, "6");
    EXPECT_EQ(s.functions.live.weights, (std::map<std::string, double>{{"7", 0.1}}));
    s.turn(1s);
    EXPECT_EQ(s.functions.history.size(), 1u);
    s.turn(1s);
    EXPECT_EQ(s.functions.live.version, "7");
    EXPECT_TRUE(s.functions.live.weights.empty());
    EXPECT_EQ(s.at(id).info.status, "Succeeded");
    EXPECT_EQ(s.at(id).shift->weight, 1);
  }
}

TEST(Engine, linear_takes_ten_steps) {
  Stage s;
  std::string id = s.deploy_function("CodeDeployDefault.LambdaLinear10PercentEvery1Minute");
  s.run(id);
  EXPECT_EQ(s.functions.history.size(), 10u);
  EXPECT_EQ(s.at(id).info.status, "Succeeded");
}

TEST(Engine, hooks_decide_and_a_failed_one_brings_the_alias_back_at_once) {
  for (const char* verdict : {"Succeeded", "Failed"}) {
    Stage s;
    std::string id = s.deploy_function("CodeDeployDefault.LambdaAllAtOnce", "CodeDeployHook_pre", "CodeDeployHook_post");
    s.turn();
    ASSERT_EQ(s.functions.sent.size(), 1u);
    EXPECT_TRUE(s.functions.history.empty());
    s.restart();  // a hook that nobody remembers to have sent is sent again, under the same id
    ASSERT_EQ(s.functions.sent.size(), 2u);
    EXPECT_EQ(s.functions.sent[0], s.functions.sent[1]);
    ASSERT_TRUE(s.engine->hook_ended(id, s.functions.sent[0][2], "Succeeded").has_value());
    EXPECT_EQ(s.engine->hook_ended(id, s.functions.sent[0][2], "Failed").error().code, "LifecycleEventAlreadyCompletedException");
    s.turn();
    ASSERT_EQ(s.functions.sent.size(), 3u);
    EXPECT_EQ(s.functions.live.version, "7");
    ASSERT_TRUE(s.engine->hook_ended(id, s.functions.sent[2][2], verdict).has_value());
    s.run(id);
    bool good = std::string(verdict) == "Succeeded";
    EXPECT_EQ(s.at(id).info.status, good ? "Succeeded" : "Failed");
    EXPECT_EQ(s.functions.live.version, good ? "7" : "6");
    EXPECT_TRUE(s.functions.live.weights.empty());
    if (good) continue;
    std::string rollback = *s.at(id).info.rollback_info->rollback_deployment_id;
    s.run(rollback);
    EXPECT_EQ(s.at(rollback).info.status, "Succeeded");
  }
}

TEST(Engine, an_alias_that_is_not_where_the_appspec_says_is_not_touched) {
  Stage s;
  s.functions.live = {"5", {}};
  std::string id = s.deploy_function("CodeDeployDefault.LambdaAllAtOnce");
  s.run(id);
  EXPECT_EQ(s.at(id).info.status, "Failed");
  EXPECT_EQ(s.at(id).info.error_information->code, "INVALID_LAMBDA_CONFIGURATION");
  EXPECT_TRUE(s.functions.history.empty());
}

}  // namespace
}  // namespace pds::cloud::codedeploy
