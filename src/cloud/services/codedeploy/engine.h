// The deployment state machine: level-triggered, journaled. One step looks at the records and the world, and changes both in the
// transaction of the caller: a crash finds all of a step or nothing of it, and start-up is the same step again.
#pragma once

#include <functional>
#include <string>

#include "base/crypto.h"
#include "cloud/core.h"
#include "cloud/services/codedeploy/config.h"
#include "cloud/services/codedeploy/events.h"
#include "cloud/services/codedeploy/ports.h"
#include "cloud/services/codedeploy/records.h"

namespace pds::cloud::codedeploy {

struct State {
  explicit State(Core& core)
      : applications(core.store, core.table("codedeploy", "applications")),
        groups(core.store, core.table("codedeploy", "groups")),
        configs(core.store, core.table("codedeploy", "configs")),
        deployments(core.store, core.table("codedeploy", "deployments")) {}
  Table<ApplicationRecord> applications;
  Table<GroupRecord> groups;  // "<application>/<group>"
  Table<wire::DeploymentConfigInfo> configs;
  Table<DeploymentRecord> deployments;  // by id

  const GroupRecord* find_group(const DeploymentRecord& deployment) const {
    return groups.find(deployment.info.application_name + "/" + deployment.info.deployment_group_name);
  }
  const wire::DeploymentConfigInfo* find_config(const std::string& name) const {
    const wire::DeploymentConfigInfo* built_in = find_built_in(name);
    return built_in ? built_in : configs.find(name);
  }
};

class Engine {
 public:
  Engine(Core& core, State& state, FleetPort& fleet, FunctionPort& functions);

  // One look at everything that is not over. True when something changed: then look again.
  bool step();
  // Deployments are over, and no group waits for launches: nothing to look at until something is asked.
  bool idle() const;
  // After a restart: hooks whose sending nobody remembers are sent again.
  void resume();

  // A new deployment of a group. Its record is complete but for what the engine decides.
  std::string begin(DeploymentRecord record);
  // All instances that are in service in the group, each with the events of an installation in place.
  void add_in_place_targets(DeploymentRecord& d) const;
  Result<wire::StopDeploymentReply> stop(const std::string& deployment_id, std::optional<bool> roll_back);
  void hook_delivered(const std::string& deployment_id, const std::string& execution_id, const Result<void>& sent);
  Result<void> hook_ended(const std::string& deployment_id, const std::string& execution_id, const std::string& status);
  std::string new_deployment_id();

  // Keeps the group's launch hook on its Auto Scaling groups.
  Result<void> watch_launches(wire::DeploymentGroupInfo& group);
  Result<void> unwatch_launches(const wire::DeploymentGroupInfo& group);

 private:
  using Deployment = DeploymentRecord;
  bool advance(Deployment& d);
  bool advance_fleet(Deployment& d);
  bool advance_function(Deployment& d);
  // Stages of a fleet. Each is true when something changed.
  bool provision(Deployment& d);
  bool wait_fleet(Deployment& d);
  bool deploy(Deployment& d);
  bool ready(Deployment& d);
  bool allow(Deployment& d);
  bool block(Deployment& d);
  bool bake(Deployment& d);
  bool finish(Deployment& d);
  // Stages of a function.
  bool check_alias(Deployment& d);
  bool hook(Deployment& d, const char* event, const std::optional<std::string>& function, const char* next);
  bool shift(Deployment& d);

  // Whether so many targets have failed at `events` that the deployment's configuration calls it failed.
  bool has_failed(const Deployment& d, std::string_view label, std::span<const char* const> events);
  bool run_targets(Deployment& d, std::string_view label, std::span<const char* const> events);
  // Over for those targets? Fails the deployment when too many have failed.
  bool targets_settled(Deployment& d, std::string_view label, std::span<const char* const> events);
  EventWorld world(const Deployment& d, const TargetRecord& target);
  void enter(Deployment& d, const char* stage);
  void fail_deployment(Deployment& d, const char* code, std::string message);
  void conclude(Deployment& d, const char* status);
  bool may_roll_back(const Deployment& d, std::string_view event) const;
  void roll_back(Deployment& failed, const std::string& message);
  void restore_alias(Deployment& failed, Deployment& rollback);
  void point_group_at(const Deployment& d, const std::string& auto_scaling_group);
  bool look_for_launches(const std::string& group_key);
  void update_overview(Deployment& d);

  Core& core_;
  State& state_;
  FleetPort& fleet_;
  FunctionPort& functions_;
  std::function<std::string()> new_id_;
};

}  // namespace pds::cloud::codedeploy
