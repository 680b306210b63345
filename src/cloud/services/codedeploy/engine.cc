#include "cloud/services/codedeploy/engine.h"

#include <fmt/core.h>

#include <algorithm>

namespace pds::cloud::codedeploy {
namespace {

constexpr const char* id_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
constexpr size_t id_length = 9;
constexpr int steps_max = 64;  // of one deployment in one look; each changes its record, so this only ends a mistake of ours

bool is_in_place(const DeploymentRecord& d) {
  return d.info.deployment_style && d.info.deployment_style->deployment_type == "IN_PLACE" && !d.shift;
}
// ApplicationStop alone has stopped something.
bool has_begun(const TargetRecord& target) {
  return std::any_of(target.events.begin(), target.events.end(), [](const auto& event) { return event.start_time.has_value(); });
}

}  // namespace

Engine::Engine(Core& core, State& state, FleetPort& fleet, FunctionPort& functions)
    : core_(core), state_(state), fleet_(fleet), functions_(functions), new_id_([&core] { return core.random.uuid(); }) {}

std::string Engine::new_deployment_id() {
  while (true) {
    std::string id = "d-" + core_.random.text(id_length, id_alphabet);
    if (!state_.deployments.contains(id)) return id;
  }
}

bool Engine::idle() const {
  for (const auto& [id, d] : state_.deployments.rows())
    if (!is_final(d.info.status)) return false;
  for (const auto& [key, group] : state_.groups.rows())
    for (const wire::AutoScalingGroup& watched : group.info.auto_scaling_groups)
      if (watched.hook) return false;
  return true;
}

std::string Engine::begin(Deployment record) {
  std::string id = record.info.deployment_id;
  record.info.status = "Created";
  record.info.create_time = core_.clock.now();
  record.stage_since = record.info.create_time;
  if (const GroupRecord* group = state_.find_group(record))
    state_.groups.update(group->info.application_name + "/" + group->info.deployment_group_name, [&](GroupRecord& g) {
      g.info.last_attempted_deployment = wire::LastDeploymentInfo{id, "Created", std::nullopt, record.info.create_time};
    });
  state_.deployments.put(id, std::move(record));
  return id;
}

bool Engine::step() {
  bool changed = false;
  std::vector<std::string> active, groups;
  for (const auto& [id, d] : state_.deployments.rows())
    if (!is_final(d.info.status)) active.push_back(id);
  for (const auto& [key, group] : state_.groups.rows()) groups.push_back(key);
  for (const std::string& id : active) {
    Deployment d = *state_.deployments.find(id);
    bool moved = false;
    for (int i = 0; i < steps_max && !is_final(d.info.status) && advance(d); ++i) moved = true;
    if (!moved) continue;
    update_overview(d);
    state_.deployments.put(id, std::move(d));
    changed = true;
  }
  for (const std::string& key : groups) changed = look_for_launches(key) || changed;
  return changed;
}

bool Engine::advance(Deployment& d) {
  if (d.info.status == "Created") {
    d.info.status = "InProgress";
    d.info.start_time = core_.clock.now();
    return true;
  }
  return d.shift ? advance_function(d) : advance_fleet(d);
}

bool Engine::advance_fleet(Deployment& d) {
  if (d.stage == "provision") return provision(d);
  if (d.stage == "wait_fleet") return wait_fleet(d);
  if (d.stage == "deploy") return deploy(d);
  if (d.stage == "ready") return ready(d);
  if (d.stage == "allow") return allow(d);
  if (d.stage == "block") return block(d);
  if (d.stage == "bake") return bake(d);
  return finish(d);
}

void Engine::enter(Deployment& d, const char* stage) {
  core_.log.info("deployment", {{"deployment", d.info.deployment_id}, {"from", d.stage}, {"to", stage}});
  d.stage = stage;
  d.stage_since = core_.clock.now();
}

void Engine::update_overview(Deployment& d) {
  wire::DeploymentOverview overview;
  auto count = [&](const std::string& status) {
    int64_t& slot = status == "Pending"      ? overview.pending
                    : status == "InProgress" ? overview.in_progress
                    : status == "Succeeded"  ? overview.succeeded
                    : status == "Failed"     ? overview.failed
                    : status == "Ready"      ? overview.ready
                                             : overview.skipped;
    ++slot;
  };
  for (const TargetRecord& target : d.targets) count(target.status);
  if (d.shift) count(d.shift->status);
  d.info.deployment_overview = overview;
}

// ---- ends ----

void Engine::conclude(Deployment& d, const char* status) {
  Timestamp now = core_.clock.now();
  d.info.status = status;
  d.info.complete_time = now;
  core_.log.info("deployment ended", {{"deployment", d.info.deployment_id}, {"status", status}, {"stage", d.stage}});
  const GroupRecord* group = state_.find_group(d);
  if (!group || d.lifecycle_hook) return;  // launches do not count as the group's deployments
  bool succeeded = d.info.status == "Succeeded";
  state_.groups.update(d.info.application_name + "/" + d.info.deployment_group_name, [&](GroupRecord& g) {
    wire::LastDeploymentInfo last{d.info.deployment_id, status, now, d.info.create_time};
    g.info.last_attempted_deployment = last;
    if (!succeeded) return;
    g.info.last_successful_deployment = last;
    if (d.info.revision) g.info.target_revision = d.info.revision;
  });
}

void Engine::fail_deployment(Deployment& d, const char* code, std::string message) {
  Timestamp now = core_.clock.now();
  d.info.error_information = wire::ErrorInformation{code, message};
  for (TargetRecord& target : d.targets)
    if (target.status == "InProgress" || target.status == "Pending" || target.status == "Ready") {
      fail_target(target, "UnknownError", "The deployment has failed.", now);
      target.status = "Skipped";
    }
  if (d.shift && d.shift->status != "Succeeded") {
    d.shift->status = "Failed";
    for (wire::LifecycleEvent& event : d.shift->events) {
      if (event.status == "InProgress") end_event(event, "Failed", now);
      if (event.status == "Pending") event.status = "Skipped";
    }
  }
  if (d.lifecycle_hook) (void)fleet_.complete_launch(d.blue_group, *d.lifecycle_hook, d.targets.at(0).target_id, false);
  conclude(d, "Failed");
  if (may_roll_back(d, "DEPLOYMENT_FAILURE")) roll_back(d, message);
}

Result<wire::StopDeploymentReply> Engine::stop(const std::string& deployment_id, std::optional<bool> asked) {
  Deployment d = *state_.deployments.find(deployment_id);
  Timestamp now = core_.clock.now();
  bool busy = false;
  d.info.error_information = wire::ErrorInformation{"MANUAL_STOP", "Deployment was stopped by a user."};
  for (TargetRecord& target : d.targets) {
    if (target.status == "Succeeded" || target.status == "Failed") continue;
    busy = busy || (target.command && target.command->state == "InProgress");
    fail_target(target, "UnknownError", "The deployment was stopped.", now);
    target.status = "Skipped";
  }
  if (d.shift && d.shift->status != "Succeeded") {
    d.shift->status = "Skipped";
    for (wire::LifecycleEvent& event : d.shift->events)
      if (!is_done(event.status)) end_event(event, "Skipped", now);
  }
  if (d.lifecycle_hook) (void)fleet_.complete_launch(d.blue_group, *d.lifecycle_hook, d.targets.at(0).target_id, false);
  conclude(d, "Stopped");
  if (asked.value_or(may_roll_back(d, "DEPLOYMENT_STOP_ON_REQUEST"))) roll_back(d, "Deployment was stopped by a user.");
  update_overview(d);
  state_.deployments.put(deployment_id, std::move(d));
  return busy ? wire::StopDeploymentReply{"Pending",
                                          "Stopping deployment: lifecycle events that have begun on instances come to their end."}
              : wire::StopDeploymentReply{"Succeeded", "Deployment stopped; no more lifecycle events will run."};
}

bool Engine::may_roll_back(const Deployment& d, std::string_view event) const {
  const GroupRecord* group = state_.find_group(d);
  const auto& own = d.info.auto_rollback_configuration;
  const auto& configuration = own ? own : group ? group->info.auto_rollback_configuration : own;
  if (!configuration || !configuration->enabled.value_or(false)) return false;
  return std::find(configuration->events.begin(), configuration->events.end(), event) != configuration->events.end();
}

void Engine::add_in_place_targets(Deployment& d) const {
  std::optional<FleetGroup> fleet = fleet_.find_group(d.blue_group);
  for (const FleetMember& member : fleet ? fleet->members : std::vector<FleetMember>{}) {
    if (member.lifecycle_state != "InService") continue;
    TargetRecord target{.target_id = member.instance_id, .last_updated_at = core_.clock.now()};
    add_events(target, install_events());
    d.targets.push_back(std::move(target));
  }
}

// A rollback is a deployment of its own. One that fails has no other behind it: that state needs a person.
void Engine::roll_back(Deployment& failed, const std::string& message) {
  const GroupRecord* group = state_.find_group(failed);
  if (!group || failed.lifecycle_hook || failed.info.creator == "codeDeployRollback") return;
  bool has_green = !failed.green_group.empty() && fleet_.find_group(failed.green_group).has_value();
  bool alias_changed = failed.shift && failed.shift->changed;
  bool installed = is_in_place(failed) && std::any_of(failed.targets.begin(), failed.targets.end(), has_begun);
  auto leave = [&](const char* why) { failed.info.rollback_info = wire::RollbackInfo{std::nullopt, std::nullopt, why}; };
  if (!has_green && !alias_changed && !installed) return leave("Nothing had been changed that would have to be rolled back.");
  if (installed && !group->info.target_revision) return leave("There is no earlier revision whose deployment succeeded.");
  Deployment rollback;
  rollback.info = failed.info;
  rollback.info.deployment_id = new_deployment_id();
  rollback.info.creator = "codeDeployRollback";
  rollback.info.revision = group->info.target_revision;
  rollback.info.description = "Rollback of " + failed.info.deployment_id;
  rollback.info.error_information.reset();
  rollback.info.start_time.reset(), rollback.info.complete_time.reset(), rollback.info.previous_revision = failed.info.revision;
  rollback.info.instance_termination_wait_time_started = false;
  rollback.info.rollback_info = wire::RollbackInfo{std::nullopt, failed.info.deployment_id, message};
  failed.info.rollback_info = wire::RollbackInfo{rollback.info.deployment_id, std::nullopt, message};
  rollback.group_id = failed.group_id;
  rollback.is_reroute = !installed;
  if (failed.shift) {
    restore_alias(failed, rollback);
  } else if (installed) {
    // The earlier revision is installed again, at the pace of the deployment that failed.
    rollback.blue_group = failed.blue_group;
    rollback.stage = "deploy";
    add_in_place_targets(rollback);
  } else {
    rollback.blue_group = failed.blue_group, rollback.green_group = failed.green_group;
    rollback.target_group_arns = failed.target_group_arns;
    rollback.stage = "allow";
    auto add = [&](const std::string& name, const char* label, std::span<const char* const> events) {
      std::optional<FleetGroup> members = fleet_.find_group(name);
      for (const FleetMember& member : members ? members->members : std::vector<FleetMember>{}) {
        TargetRecord target{.target_id = member.instance_id, .label = label, .last_updated_at = core_.clock.now()};
        add_events(target, events);
        rollback.targets.push_back(std::move(target));
      }
    };
    add(rollback.blue_group, "Blue", allow_events());
    add(rollback.green_group, "Green", block_events());
  }
  begin(std::move(rollback));
}

// ---- launches: an instance that an Auto Scaling group starts gets the last good revision before it serves ----

Result<void> Engine::watch_launches(wire::DeploymentGroupInfo& group) {
  for (wire::AutoScalingGroup& watched : group.auto_scaling_groups) {
    if (watched.hook) continue;
    std::string hook =
        fmt::format("CodeDeploy-managed-automatic-launch-deployment-hook-{}-{}", group.deployment_group_name, core_.random.uuid());
    CHECK(fleet_.put_launch_hook(watched.name, hook));
    watched.hook = hook;
  }
  return {};
}

Result<void> Engine::unwatch_launches(const wire::DeploymentGroupInfo& group) {
  for (const wire::AutoScalingGroup& watched : group.auto_scaling_groups)
    if (watched.hook) CHECK(fleet_.delete_launch_hook(watched.name, *watched.hook));
  return {};
}

bool Engine::look_for_launches(const std::string& group_key) {
  const GroupRecord* record = state_.groups.find(group_key);
  if (!record) return false;
  wire::DeploymentGroupInfo group = record->info;
  bool changed = false;
  for (const wire::AutoScalingGroup& watched : group.auto_scaling_groups) {
    std::optional<FleetGroup> fleet = watched.hook ? fleet_.find_group(watched.name) : std::nullopt;
    for (const FleetMember& member : fleet ? fleet->members : std::vector<FleetMember>{}) {
      if (member.lifecycle_state != "Pending:Wait") continue;
      if (!group.target_revision) {  // nothing has been deployed yet: the instance comes up as it is
        changed = fleet_.complete_launch(watched.name, *watched.hook, member.instance_id, true).has_value() || changed;
        continue;
      }
      auto serves = [&](const auto& row) {
        const Deployment& d = row.second;
        return d.lifecycle_hook && d.targets.at(0).target_id == member.instance_id && !is_final(d.info.status);
      };
      if (std::any_of(state_.deployments.rows().begin(), state_.deployments.rows().end(), serves)) continue;
      Deployment launch;
      launch.info.application_name = group.application_name;
      launch.info.deployment_group_name = group.deployment_group_name;
      launch.info.deployment_config_name = "CodeDeployDefault.OneAtATime";
      launch.info.deployment_id = new_deployment_id();
      launch.info.revision = group.target_revision;
      launch.info.creator = "autoscaling";
      launch.info.compute_platform = group.compute_platform;
      launch.info.deployment_style = wire::DeploymentStyle{"IN_PLACE", "WITHOUT_TRAFFIC_CONTROL"};
      launch.group_id = group.deployment_group_id;
      launch.blue_group = watched.name;
      launch.lifecycle_hook = watched.hook;
      launch.stage = "deploy";
      TargetRecord target{.target_id = member.instance_id, .last_updated_at = core_.clock.now()};
      add_events(target, install_events());
      launch.targets.push_back(std::move(target));
      std::optional<wire::LastDeploymentInfo> attempted = group.last_attempted_deployment;
      begin(std::move(launch));
      state_.groups.update(group_key, [&](GroupRecord& g) { g.info.last_attempted_deployment = attempted; });
      changed = true;
    }
  }
  return changed;
}

}  // namespace pds::cloud::codedeploy
