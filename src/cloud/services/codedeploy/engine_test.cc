// The state machine over a fleet and a function that are played by hand, on a clock turned by hand. Every deployment is also run
// with a restart of the cloud before each step: the records must be all it needs.
#include "cloud/services/codedeploy/engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "cloud/test_core.h"

namespace pds::cloud::codedeploy {
namespace {

constexpr const char* target_group = "arn:tg";

// A fleet as Auto Scaling and a balancer would keep it.
class PlayedFleet final : public FleetPort {
 public:
  std::map<std::string, FleetGroup> groups;
  std::map<std::string, std::string> health;  // of instances in the one target group
  std::set<std::string> unhealthy;            // never become healthy
  std::string next_failure;                   // the call of this name fails once
  int launched = 0;

  Result<void> maybe(const char* call) {
    if (next_failure != call) return {};
    next_failure.clear();
    return fail("Injected", std::string(call) + " failed");
  }
  std::optional<FleetGroup> find_group(const std::string& name) override {
    auto it = groups.find(name);
    return it == groups.end() ? std::nullopt : std::optional(it->second);
  }
  Result<void> copy_group(const std::string&, const std::string& name, int count) override {
    CHECK(maybe("copy_group"));
    if (groups.contains(name)) return {};
    FleetGroup group{name, count, {}, {}};
    for (int i = 0; i < count; ++i) group.members.push_back({"i-green" + std::to_string(launched++), "Pending", true});
    groups[name] = group;
    return {};
  }
  Result<void> attach(const std::string& group, const std::string&, const std::vector<std::string>& arns) override {
    CHECK(maybe("attach"));
    groups.at(group).target_group_arns = arns;
    return {};
  }
  Result<void> detach(const std::string& group, const std::vector<std::string>&) override {
    if (!groups.contains(group)) return {};
    groups.at(group).target_group_arns.clear();
    for (const FleetMember& member : groups.at(group).members) health.erase(member.instance_id);
    return {};
  }
  Result<void> delete_group(const std::string& name) override {
    groups.erase(name);
    return {};
  }
  Result<std::string> target_group_arn(const std::string&) override { return target_group; }
  Result<void> register_target(const std::string&, const std::string& id) override {
    CHECK(maybe("register_target"));
    if (!health.contains(id)) health[id] = "initial";
    return {};
  }
  Result<void> deregister_target(const std::string&, const std::string& id) override {
    CHECK(maybe("deregister_target"));
    health.erase(id);
    return {};
  }
  std::string target_health(const std::string&, const std::string& id) override { return health.contains(id) ? health.at(id) : ""; }
  Result<void> put_launch_hook(const std::string&, const std::string& hook) override { return hooks.insert(hook), Result<void>{}; }
  Result<void> delete_launch_hook(const std::string&, const std::string& hook) override {
    return hooks.erase(hook), Result<void>{};
  }
  Result<void> heartbeat(const std::string&, const std::string&, const std::string&) override { return {}; }
  Result<void> complete_launch(const std::string& group, const std::string&, const std::string& id, bool keep) override {
    launches.emplace_back(id, keep);
    for (FleetMember& member : groups.at(group).members)
      if (member.instance_id == id) member.lifecycle_state = keep ? "InService" : "Terminating";
    return {};
  }
  // What time brings: instances come into service, targets become healthy.
  void settle() {
    for (auto& [name, group] : groups)
      for (FleetMember& member : group.members)
        if (member.lifecycle_state == "Pending") member.lifecycle_state = "InService";
    for (auto& [id, state] : health)
      if (!unhealthy.contains(id)) state = "healthy";
  }
  std::set<std::string> hooks;
  std::vector<std::pair<std::string, bool>> launches;
};

class PlayedFunctions final : public FunctionPort {
 public:
  AliasState live{"6", {}};
  std::vector<AliasState> history;
  std::vector<std::array<std::string, 3>> sent;  // function, deployment, execution
  Result<AliasState> alias(const std::string&, const std::string&) override { return live; }
  Result<void> set_alias(const std::string&, const std::string&, const AliasState& state) override {
    live = state;
    history.push_back(state);
    return {};
  }
  Result<void> check_version(const std::string&, const std::string& version) override {
    if (version == "404") return fail("ResourceNotFoundException", "Function not found");
    return {};
  }
  void send_hook(const std::string& f, const std::string& d, const std::string& e) override { sent.push_back({f, d, e}); }
};

class Stage {
 public:
  TestCore test;
  PlayedFleet fleet;
  PlayedFunctions functions;
  std::unique_ptr<State> state;
  std::unique_ptr<Engine> engine;
  bool restart_before_each_step = false;
  std::string failing_event;                // agents report a failure of this event
  std::set<std::string> failing_instances;  // on these; empty: on all
  std::set<std::string> silent;             // whose agents never ask
  std::vector<std::string> performed;       // "instance event", in order

  Stage() {
    open();
    GroupRecord group;
    group.info.application_name = "app", group.info.deployment_group_name = "dg", group.info.deployment_group_id = "dg-1";
    group.info.auto_rollback_configuration =
        wire::AutoRollbackConfiguration{true, {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"}};
    group.info.auto_scaling_groups = {{"blue", "hook-0"}};
    state->groups.put("app/dg", group);
    FleetGroup blue{"blue", 3, {}, {target_group}};
    for (const char* id : {"i-blue0", "i-blue1", "i-blue2"})
      blue.members.push_back({id, "InService", true}), fleet.health[id] = "healthy";
    fleet.groups["blue"] = blue;
  }
  void open() {
    state = std::make_unique<State>(test.core());
    engine = std::make_unique<Engine>(test.core(), *state, fleet, functions);
  }
  void restart() {
    engine.reset(), state.reset();
    test.restart();
    open();
    engine->resume();
  }

  std::string deploy_fleet(const char* config = "CodeDeployDefault.AllAtOnce") {
    DeploymentRecord d = named(config);
    d.blue_group = "blue", d.target_group_arns = {target_group}, d.stage = "provision";
    wire::BlueGreenDeploymentConfiguration blue_green;
    blue_green.terminate_blue_instances_on_deployment_success = wire::BlueInstanceTerminationOption{"TERMINATE", 5};
    d.info.blue_green_deployment_configuration = blue_green;
    d.info.deployment_style = wire::DeploymentStyle{"BLUE_GREEN", "WITH_TRAFFIC_CONTROL"};
    return engine->begin(std::move(d));
  }
  std::string deploy_in_place(const char* key) {
    DeploymentRecord d = named("CodeDeployDefault.OneAtATime");
    d.blue_group = "blue", d.stage = "deploy";
    d.info.revision->s3_location->key = key;
    d.info.deployment_style = wire::DeploymentStyle{"IN_PLACE", "WITHOUT_TRAFFIC_CONTROL"};
    engine->add_in_place_targets(d);
    return engine->begin(std::move(d));
  }
  std::string deploy_function(const char* config, std::optional<std::string> before = {}, std::optional<std::string> after = {}) {
    DeploymentRecord d = named(config);
    d.info.compute_platform = "Lambda", d.stage = "check";
    d.shift = ShiftRecord{.function = "podinfo",
                          .alias = "live",
                          .current_version = "6",
                          .target_version = "7",
                          .before_hook = before,
                          .after_hook = after};
    return engine->begin(std::move(d));
  }
  DeploymentRecord named(const char* config) {
    DeploymentRecord d;
    d.info.application_name = "app", d.info.deployment_group_name = "dg", d.info.deployment_config_name = config,
    d.group_id = "dg-1";
    d.info.deployment_id = engine->new_deployment_id(), d.info.creator = "user";
    d.info.revision = wire::RevisionLocation{.revision_type = "S3", .s3_location = wire::S3Location{"b", "k", "tgz"}};
    return d;
  }
  const DeploymentRecord& at(const std::string& id) { return *state->deployments.find(id); }

  // Agents perform what is asked of them; then the world settles and the clock goes on.
  void turn(Duration passes = 10s) {
    if (restart_before_each_step) restart();
    while (engine->step()) {
    }
    for (const auto& [id, record] : std::map(state->deployments.rows().begin(), state->deployments.rows().end())) {
      if (is_final(record.info.status)) continue;
      for (const TargetRecord& target : record.targets) {
        if (!target.command || silent.contains(target.target_id)) continue;
        std::string event = target.command->event, instance = target.target_id, command = target.command->id;
        performed.push_back(instance + " " + event);
        bool ok = event != failing_event || (!failing_instances.empty() && !failing_instances.contains(instance));
        state->deployments.update(id, [&](DeploymentRecord& d) {
          for (TargetRecord& t : d.targets)
            if (t.target_id == instance)
              command_ended(t, command, ok, {ok ? "Success" : "ScriptFailed", "s.sh", "", ""}, false, test.clock().now());
        });
      }
    }
    fleet.settle();
    test.clock().advance(passes);
  }
  void run(const std::string& id, int turns_max = 400) {
    for (int i = 0; i < turns_max && !is_final(at(id).info.status); ++i) turn();
    ASSERT_TRUE(is_final(at(id).info.status)) << "still " << at(id).info.status << " in " << at(id).stage;
  }
};

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

TEST(Config, percentages_round_up_and_what_cannot_start_is_said) {
  wire::DeploymentConfigInfo config;
  config.minimum_healthy_hosts = wire::MinimumHealthyHosts{"FLEET_PERCENT", 95};
  EXPECT_EQ(pace_of(config, 10).error().code, "HEALTH_CONSTRAINTS_INVALID");
  config.minimum_healthy_hosts->value = 50;
  EXPECT_EQ(pace_of(config, 3)->minimum_healthy, 2);
  EXPECT_EQ(pace_of(config, 3)->at_once, 1);
  EXPECT_EQ(built_in_configs().size(), 17u);
}

}  // namespace
}  // namespace pds::cloud::codedeploy
