// The state machine over a fleet and a function that are played by hand, on a clock turned by hand. Every deployment is also run
// with a restart of the cloud before each step: the records must be all it needs. For tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>

#include "cloud/services/codedeploy/engine.h"
#include "cloud/test_core.h"

namespace pds::cloud::codedeploy {

inline constexpr const char* target_group = "arn:tg";

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

}  // namespace pds::cloud::codedeploy
