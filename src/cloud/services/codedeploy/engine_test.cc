// Deployments to a fleet.
#include "cloud/services/codedeploy/engine_stage.h"

namespace pds::cloud::codedeploy {
namespace {

TEST(Engine, a_fleet_moves_to_a_copy_and_the_old_group_goes) {
  for (bool restarts : {false, true}) {
    Stage s;
    s.restart_before_each_step = restarts;
    std::string id = s.deploy_fleet();
    s.run(id);
    const DeploymentRecord& d = s.at(id);
    EXPECT_EQ(d.info.status, "Succeeded") << (d.info.error_information ? d.info.error_information->message.value_or("") : "");
    std::string green = "CodeDeploy_dg_" + id;
    ASSERT_EQ(s.fleet.groups.size(), 1u);
    EXPECT_EQ(s.fleet.groups.begin()->first, green);
    EXPECT_EQ(s.fleet.groups.at(green).members.size(), 3u);
    EXPECT_EQ(s.fleet.groups.at(green).target_group_arns, std::vector<std::string>{target_group});
    EXPECT_EQ(s.fleet.health.size(), 3u);
    const wire::DeploymentGroupInfo& group = s.state->groups.find("app/dg")->info;
    EXPECT_EQ(group.auto_scaling_groups[0].name, green);
    EXPECT_TRUE(group.target_revision.has_value());
    EXPECT_EQ(group.last_successful_deployment->deployment_id, id);
    for (const TargetRecord& target : d.targets) EXPECT_EQ(target.status, "Succeeded") << target.target_id;
    EXPECT_EQ(d.info.deployment_overview->succeeded, 6);
  }
}

TEST(Engine, green_is_as_large_as_what_is_healthy_now) {
  Stage s;
  s.fleet.groups["blue"].members[1].healthy = false;
  std::string id = s.deploy_fleet();
  s.turn();
  EXPECT_EQ(s.fleet.groups.at("CodeDeploy_dg_" + id).members.size(), 2u);
}

TEST(Engine, blue_serves_until_green_is_healthy) {
  Stage s;
  std::string id = s.deploy_fleet();
  while (s.at(id).stage != "block") {
    s.turn();
    for (const char* blue : {"i-blue0", "i-blue1", "i-blue2"}) ASSERT_EQ(s.fleet.health.at(blue), "healthy") << s.at(id).stage;
  }
  for (const FleetMember& green : s.fleet.groups.at("CodeDeploy_dg_" + id).members)
    EXPECT_EQ(s.fleet.health.at(green.instance_id), "healthy");
}

TEST(Engine, a_failure_at_any_event_leads_back_to_blue_and_leaves_nothing_over) {
  for (const char* event : {"DownloadBundle", "BeforeInstall", "Install", "AfterInstall", "ApplicationStart", "ValidateService",
                            "BeforeAllowTraffic", "AfterAllowTraffic", "BeforeBlockTraffic"}) {
    for (bool restarts : {false, true}) {
      SCOPED_TRACE(event);
      Stage s;
      s.restart_before_each_step = restarts;
      s.failing_event = event;
      bool of_blue = std::string(event) == "BeforeBlockTraffic";
      s.failing_instances = of_blue ? std::set<std::string>{"i-blue0", "i-blue1", "i-blue2"}
                                    : std::set<std::string>{"i-green0", "i-green1", "i-green2"};
      std::string id = s.deploy_fleet();
      s.run(id);
      const DeploymentRecord failed = s.at(id);
      EXPECT_EQ(failed.info.status, "Failed");
      ASSERT_TRUE(failed.info.rollback_info && failed.info.rollback_info->rollback_deployment_id);
      s.failing_event.clear();
      std::string rollback = *failed.info.rollback_info->rollback_deployment_id;
      s.run(rollback);
      const DeploymentRecord& back = s.at(rollback);
      EXPECT_EQ(back.info.status, "Succeeded");
      EXPECT_EQ(back.info.creator, "codeDeployRollback");
      EXPECT_EQ(back.info.rollback_info->rollback_triggering_deployment_id, id);
      ASSERT_EQ(s.fleet.groups.size(), 1u);
      EXPECT_EQ(s.fleet.groups.begin()->first, "blue");
      EXPECT_EQ(s.fleet.groups.at("blue").target_group_arns, std::vector<std::string>{target_group});
      for (const char* blue : {"i-blue0", "i-blue1", "i-blue2"}) EXPECT_EQ(s.fleet.health[blue], "healthy");
      EXPECT_EQ(s.state->groups.find("app/dg")->info.auto_scaling_groups[0].name, "blue");
    }
  }
}

TEST(Engine, configurations_bound_how_many_fail_and_how_many_run_at_once) {
  struct Case {
    const char* config;
    std::set<std::string> failing;
    const char* status;
  };
  for (const Case& c : {Case{"CodeDeployDefault.AllAtOnce", {"i-green0", "i-green1"}, "Succeeded"},
                        Case{"CodeDeployDefault.AllAtOnce", {"i-green0", "i-green1", "i-green2"}, "Failed"},
                        Case{"CodeDeployDefault.HalfAtATime", {"i-green0"}, "Succeeded"},
                        Case{"CodeDeployDefault.HalfAtATime", {"i-green0", "i-green1"}, "Failed"},
                        Case{"CodeDeployDefault.OneAtATime", {"i-green0"}, "Failed"},
                        Case{"CodeDeployDefault.OneAtATime", {"i-green2"}, "Succeeded"}}) {
    SCOPED_TRACE(std::string(c.config) + " " + std::to_string(c.failing.size()));
    Stage s;
    s.failing_event = "Install", s.failing_instances = c.failing;
    std::string id = s.deploy_fleet(c.config);
    s.run(id);
    EXPECT_EQ(s.at(id).info.status, c.status);
  }
}

TEST(Engine, once_too_many_have_failed_nothing_more_is_begun) {
  Stage s;
  s.failing_event = "Install", s.failing_instances = {"i-green0"};
  std::string id = s.deploy_fleet("CodeDeployDefault.OneAtATime");
  s.run(id);
  EXPECT_EQ(s.at(id).info.status, "Failed");
  for (const TargetRecord& target : s.at(id).targets) {
    if (target.target_id == "i-green0" || target.label != "Green") continue;
    EXPECT_EQ(target.status, "Skipped");
    for (const wire::LifecycleEvent& event : target.events)
      EXPECT_EQ(event.status, "Skipped") << target.target_id << " " << event.lifecycle_event_name;
  }
}

TEST(Engine, in_place_goes_back_by_installing_the_last_good_revision_again) {
  for (const char* event : {"DownloadBundle", "BeforeInstall", "Install", "ValidateService"}) {
    SCOPED_TRACE(event);
    Stage s;
    std::string first = s.deploy_in_place("one");
    s.run(first);
    ASSERT_EQ(s.at(first).info.status, "Succeeded");
    s.failing_event = event;
    std::string id = s.deploy_in_place("two");
    s.run(id);
    const DeploymentRecord failed = s.at(id);
    EXPECT_EQ(failed.info.status, "Failed");
    ASSERT_TRUE(failed.info.rollback_info && failed.info.rollback_info->rollback_deployment_id);
    s.failing_event.clear();
    std::string rollback = *failed.info.rollback_info->rollback_deployment_id;
    s.run(rollback);
    const DeploymentRecord& back = s.at(rollback);
    EXPECT_EQ(back.info.status, "Succeeded");
    EXPECT_EQ(back.info.creator, "codeDeployRollback");
    EXPECT_EQ(back.info.revision->s3_location->key, "one");
    EXPECT_EQ(back.info.rollback_info->rollback_triggering_deployment_id, id);
    ASSERT_EQ(back.targets.size(), 3u);
    for (const TargetRecord& target : back.targets) EXPECT_TRUE(all_done(target, install_events())) << target.target_id;
    EXPECT_EQ(s.state->groups.find("app/dg")->info.target_revision->s3_location->key, "one");
  }
}

TEST(Engine, in_place_has_nothing_to_go_back_to_at_first_and_says_so) {
  Stage s;
  s.failing_event = "Install";
  std::string id = s.deploy_in_place("one");
  s.run(id);
  EXPECT_EQ(s.at(id).info.status, "Failed");
  ASSERT_TRUE(s.at(id).info.rollback_info.has_value());
  EXPECT_FALSE(s.at(id).info.rollback_info->rollback_deployment_id.has_value());
  EXPECT_EQ(s.at(id).info.rollback_info->rollback_message, "There is no earlier revision whose deployment succeeded.");
}

TEST(Engine, an_agent_that_never_asks_fails_its_target_after_five_minutes) {
  Stage s;
  s.silent = {"i-green1"};
  std::string id = s.deploy_fleet("CodeDeployDefault.OneAtATime");
  s.run(id);
  EXPECT_EQ(s.at(id).info.status, "Failed");
  for (const TargetRecord& target : s.at(id).targets)
    if (target.target_id == "i-green1") EXPECT_EQ(target.status, "Failed");
}

TEST(Engine, ready_waits_for_a_word_and_its_timeout_is_a_stop) {
  for (bool continued : {true, false}) {
    Stage s;
    std::string id = s.deploy_fleet();
    s.state->deployments.update(id, [](DeploymentRecord& d) {
      d.info.blue_green_deployment_configuration->deployment_ready_option = wire::DeploymentReadyOption{"STOP_DEPLOYMENT", 30};
    });
    for (int i = 0; i < 60 && s.at(id).info.status != "Ready"; ++i) s.turn();
    ASSERT_EQ(s.at(id).info.status, "Ready");
    if (continued) s.state->deployments.update(id, [](DeploymentRecord& d) { d.continue_ready = true; });
    s.run(id);
    EXPECT_EQ(s.at(id).info.status, continued ? "Succeeded" : "Stopped");
  }
}

TEST(Engine, stopping_while_blue_waits_for_its_end_goes_back_to_blue) {
  Stage s;
  std::string id = s.deploy_fleet();
  for (int i = 0; i < 60 && s.at(id).stage != "bake"; ++i) s.turn();
  ASSERT_EQ(s.at(id).stage, "bake");
  EXPECT_TRUE(s.at(id).info.instance_termination_wait_time_started);
  ASSERT_TRUE(s.engine->stop(id, std::nullopt).has_value());
  EXPECT_EQ(s.at(id).info.status, "Stopped");
  EXPECT_EQ(s.at(id).info.error_information->code, "MANUAL_STOP");
  s.run(*s.at(id).info.rollback_info->rollback_deployment_id);
  ASSERT_EQ(s.fleet.groups.size(), 1u);
  EXPECT_EQ(s.fleet.groups.begin()->first, "blue");
  EXPECT_EQ(s.fleet.health["i-blue0"], "healthy");
}

TEST(Engine, an_instance_that_is_launched_gets_the_last_good_revision_first) {
  Stage s;
  s.fleet.groups["blue"].members.push_back({"i-new", "Pending:Wait", true});
  s.turn();
  EXPECT_EQ(s.fleet.launches, (std::vector<std::pair<std::string, bool>>{{"i-new", true}}));  // nothing was ever deployed
  s.state->groups.update("app/dg", [&](GroupRecord& g) { g.info.target_revision = s.named("x").info.revision; });
  for (bool fails : {false, true}) {
    s.failing_event = fails ? "ApplicationStart" : "";
    s.fleet.launches.clear();
    s.fleet.groups["blue"].members.back().lifecycle_state = "Pending:Wait";
    for (int i = 0; i < 30 && s.fleet.launches.empty(); ++i) s.turn();
    EXPECT_EQ(s.fleet.launches, (std::vector<std::pair<std::string, bool>>{{"i-new", !fails}}));
  }
}

}  // namespace
}  // namespace pds::cloud::codedeploy
