// The stages of a fleet's deployment: a copy of the group is made and filled, traffic moves to it, and the old group goes.
#include <fmt/core.h>

#include <algorithm>

#include "cloud/services/codedeploy/engine.h"

namespace pds::cloud::codedeploy {
namespace {

constexpr const char* too_many_failed =
    "The overall deployment failed because too many individual instances failed deployment, too few healthy instances are "
    "available for "
    "deployment, or some instances in your deployment group are experiencing problems.";
// How long new instances may take to run: longer than any boot, shorter than somebody's patience.
constexpr std::chrono::hours provision_max{1};
// Half of what the launch hook waits for a word before it gives the instance up.
constexpr std::chrono::minutes heartbeat_every{5};

// Failed in an earlier stage: it has been counted there.
bool failed_before(const TargetRecord& target, std::span<const char* const> events) {
  return target.status == "Failed" && std::all_of(events.begin(), events.end(), [&](const char* name) {
           return find_event(const_cast<TargetRecord&>(target).events, name)->status == "Skipped";
         });
}

bool has_label(const TargetRecord& target, std::string_view label) { return label.empty() || target.label == label; }

std::vector<std::string> in_service(const FleetGroup& group) {
  std::vector<std::string> ids;
  for (const FleetMember& member : group.members)
    if (member.lifecycle_state == "InService" && member.healthy) ids.push_back(member.instance_id);
  return ids;
}

}  // namespace

EventWorld Engine::world(const Deployment& d, const TargetRecord& target) {
  const std::string& name = target.label == "Green" ? d.green_group : d.blue_group;
  std::optional<FleetGroup> group = fleet_.find_group(name);
  bool running = group && std::any_of(group->members.begin(), group->members.end(), [&](const FleetMember& m) {
                   return m.instance_id == target.target_id && !m.lifecycle_state.starts_with("Terminat");
                 });
  return {fleet_, d.target_group_arns, new_id_, core_.clock.now(), d.info.ignore_application_stop_failures, running};
}

bool Engine::provision(Deployment& d) {
  std::optional<FleetGroup> source = fleet_.find_group(d.blue_group);
  if (!source) {
    fail_deployment(d, "AUTO_SCALING_CONFIGURATION", fmt::format("The Auto Scaling group {} does not exist.", d.blue_group));
    return true;
  }
  // As many as serve now, not as many as are wished for.
  d.fleet_size = static_cast<int>(in_service(*source).size());
  if (d.fleet_size == 0) {
    fail_deployment(
        d, "NO_INSTANCES",
        "The deployment failed because no healthy instances were found in the Auto Scaling group " + d.blue_group + ".");
    return true;
  }
  Result<FleetPace> pace = pace_of(*state_.find_config(d.info.deployment_config_name), d.fleet_size);
  if (!pace) {
    fail_deployment(d, "HEALTH_CONSTRAINTS_INVALID", pace.error().message);
    return true;
  }
  d.green_group = fmt::format("CodeDeploy_{}_{}", d.info.deployment_group_name, d.info.deployment_id);
  Result<void> copied = fleet_.copy_group(d.blue_group, d.green_group, d.fleet_size);
  if (!copied) {
    d.green_group.clear();
    fail_deployment(d, "AUTO_SCALING_CONFIGURATION", copied.error().message);
    return true;
  }
  enter(d, "wait_fleet");
  return true;
}

bool Engine::wait_fleet(Deployment& d) {
  std::optional<FleetGroup> green = fleet_.find_group(d.green_group);
  Timestamp now = core_.clock.now();
  if (!green || now - d.stage_since >= provision_max) {
    fail_deployment(d, "AUTO_SCALING_CONFIGURATION",
                    green ? "The replacement instances did not come into service within an hour."
                          : fmt::format("The Auto Scaling group {} was deleted.", d.green_group));
    return true;
  }
  std::vector<std::string> ids = in_service(*green);
  if (static_cast<int>(ids.size()) < d.fleet_size) return false;
  for (const std::string& id : ids) {
    TargetRecord target{.target_id = id, .label = "Green", .last_updated_at = now};
    add_events(target, install_events());
    add_events(target, allow_events());
    d.targets.push_back(std::move(target));
  }
  std::optional<FleetGroup> blue = fleet_.find_group(d.blue_group);
  for (const FleetMember& member : blue ? blue->members : std::vector<FleetMember>{}) {
    TargetRecord target{.target_id = member.instance_id, .label = "Blue", .last_updated_at = now};
    add_events(target, block_events());
    d.targets.push_back(std::move(target));
  }
  enter(d, "deploy");
  return true;
}

bool Engine::has_failed(const Deployment& d, std::string_view label, std::span<const char* const> events) {
  int total = 0, failed = 0, done = 0;
  for (const TargetRecord& target : d.targets) {
    if (!has_label(target, label) || failed_before(target, events)) continue;
    ++total;
    failed += target.status == "Failed";
    done += target.status != "Failed" && all_done(target, events);
  }
  Result<FleetPace> pace = pace_of(*state_.find_config(d.info.deployment_config_name), total);
  bool remaining = done + failed < total;
  bool broken = pace && (total - failed < pace->minimum_healthy || (pace->one_at_a_time && failed > 0 && remaining));
  return broken || (!remaining && done == 0 && total > 0);
}

bool Engine::run_targets(Deployment& d, std::string_view label, std::span<const char* const> events) {
  int total =
      static_cast<int>(std::count_if(d.targets.begin(), d.targets.end(), [&](const auto& t) { return has_label(t, label); }));
  Result<FleetPace> pace = pace_of(*state_.find_config(d.info.deployment_config_name), total);
  int room = d.is_reroute || !pace ? total : pace->at_once;
  auto busy = [&](const TargetRecord& t) {
    const wire::LifecycleEvent* first = find_event(const_cast<TargetRecord&>(t).events, events.front());
    return t.status != "Failed" && first && first->status != "Pending" && !all_done(t, events);
  };
  for (const TargetRecord& target : d.targets) room -= has_label(target, label) && busy(target);
  bool changed = false, hopeless = has_failed(d, label, events);  // then nothing more is begun
  for (TargetRecord& target : d.targets) {
    if (!has_label(target, label) || target.status == "Failed" || all_done(target, events)) continue;
    if (!busy(target) && (hopeless || room-- <= 0)) continue;
    changed = advance_events(target, events, world(d, target)) || changed;
  }
  return changed;
}

bool Engine::targets_settled(Deployment& d, std::string_view label, std::span<const char* const> events) {
  if (has_failed(d, label, events)) {
    fail_deployment(d, "HEALTH_CONSTRAINTS", too_many_failed);
    return true;
  }
  return std::all_of(d.targets.begin(), d.targets.end(),
                     [&](const auto& t) { return !has_label(t, label) || t.status == "Failed" || all_done(t, events); });
}

bool Engine::deploy(Deployment& d) {
  std::string_view label = d.green_group.empty() ? "" : "Green";
  bool changed = run_targets(d, label, install_events());
  if (d.lifecycle_hook && core_.clock.now() - d.stage_since >= heartbeat_every) {
    (void)fleet_.heartbeat(d.blue_group, *d.lifecycle_hook, d.targets.at(0).target_id);
    d.stage_since = core_.clock.now();
    changed = true;
  }
  if (!targets_settled(d, label, install_events())) return changed;
  if (is_final(d.info.status)) return true;
  if (!d.green_group.empty()) {
    enter(d, "ready");
    return true;
  }
  for (TargetRecord& target : d.targets)
    if (target.status != "Failed") target.status = "Succeeded";
  enter(d, "finish");
  return true;
}

bool Engine::ready(Deployment& d) {
  const auto& blue_green = d.info.blue_green_deployment_configuration;
  const auto option = blue_green ? blue_green->deployment_ready_option : std::nullopt;
  bool waits = option && option->action_on_timeout == "STOP_DEPLOYMENT";
  if (!waits || d.continue_ready) {
    d.info.status = "InProgress";
    for (TargetRecord& target : d.targets)
      if (target.status == "Ready") target.status = "InProgress";
    enter(d, "allow");
    return true;
  }
  if (d.info.status != "Ready") {
    d.info.status = "Ready";
    for (TargetRecord& target : d.targets)
      if (target.label == "Green" && target.status == "InProgress") target.status = "Ready";
    return true;
  }
  if (core_.clock.now() - d.stage_since < std::chrono::minutes{option->wait_time_in_minutes.value_or(0)}) return false;
  d.info.error_information =
      wire::ErrorInformation{"TIMEOUT", "The deployment was not continued within the wait time: it has been stopped."};
  conclude(d, "Stopped");
  if (may_roll_back(d, "DEPLOYMENT_STOP_ON_REQUEST")) roll_back(d, "The wait time has passed.");
  return true;
}

bool Engine::allow(Deployment& d) {
  // A rollback allows the original instances again.
  const char* label = d.is_reroute ? "Blue" : "Green";
  const std::string& group = d.is_reroute ? d.blue_group : d.green_group;
  bool changed = run_targets(d, label, allow_events());
  if (!targets_settled(d, label, allow_events())) return changed;
  if (is_final(d.info.status)) return true;
  Result<void> attached = fleet_.attach(group, d.blue_group, d.target_group_arns);
  if (!attached) {
    fail_deployment(d, "ELASTIC_LOAD_BALANCING_INVALID", attached.error().message);
    return true;
  }
  for (TargetRecord& target : d.targets)
    if (target.label == label && target.status != "Failed") target.status = "Succeeded";
  enter(d, "block");
  return true;
}

bool Engine::block(Deployment& d) {
  const char* label = d.is_reroute ? "Green" : "Blue";
  const std::string& group = d.is_reroute ? d.green_group : d.blue_group;
  bool changed = false, settled = true;
  for (TargetRecord& target : d.targets) {
    if (target.label != label || target.status == "Failed" || target.status == "Skipped") continue;
    EventWorld w = world(d, target);
    if (!w.is_running) {  // gone by itself: there is nothing left to block
      for (wire::LifecycleEvent& event : target.events)
        if (!is_done(event.status)) event.status = "Skipped";
      target.command.reset();
      target.status = "Skipped";
      changed = true;
      continue;
    }
    changed = advance_events(target, block_events(), w) || changed;
    if (all_done(target, block_events())) target.status = "Succeeded";
    settled = settled && (all_done(target, block_events()) || target.status == "Failed");
    wire::LifecycleEvent* blocking = find_event(target.events, "BlockTraffic");
    // The group must not register its instances again.
    if (blocking && blocking->status != "Pending") (void)fleet_.detach(group, d.target_group_arns);
  }
  bool any_failed =
      std::any_of(d.targets.begin(), d.targets.end(), [&](const auto& t) { return t.label == label && t.status == "Failed"; });
  if (any_failed && !d.is_reroute) {
    fail_deployment(d, "HEALTH_CONSTRAINTS", "An original instance could not be deregistered from the load balancer.");
    return true;
  }
  if (!settled) return changed;
  (void)fleet_.detach(group, d.target_group_arns);
  enter(d, d.is_reroute ? "finish" : "bake");
  return true;
}

void Engine::point_group_at(const Deployment& d, const std::string& auto_scaling_group) {
  const GroupRecord* found = state_.find_group(d);
  if (!found) return;
  wire::DeploymentGroupInfo group = found->info;
  if (group.auto_scaling_groups.size() == 1 && group.auto_scaling_groups[0].name == auto_scaling_group &&
      group.auto_scaling_groups[0].hook)
    return;
  (void)unwatch_launches(group);
  group.auto_scaling_groups = {{auto_scaling_group, std::nullopt}};
  if (Result<void> watched = watch_launches(group); !watched)
    core_.log.error("launches cannot be watched", {{"group", auto_scaling_group}, {"error", watched.error().message}});
  state_.groups.update(d.info.application_name + "/" + d.info.deployment_group_name,
                       [&](GroupRecord& g) { g.info.auto_scaling_groups = group.auto_scaling_groups; });
}

bool Engine::bake(Deployment& d) {
  const auto& blue_green = d.info.blue_green_deployment_configuration;
  const auto option = blue_green ? blue_green->terminate_blue_instances_on_deployment_success : std::nullopt;
  bool terminates = option && option->action.value_or("TERMINATE") == "TERMINATE";
  bool changed = !d.info.instance_termination_wait_time_started;
  if (changed) {
    point_group_at(d, d.green_group);
    d.info.instance_termination_wait_time_started = true;
  }
  std::chrono::minutes wait{terminates ? option->termination_wait_time_in_minutes.value_or(0) : 0};
  if (!d.continue_bake && core_.clock.now() - d.stage_since < wait) return changed;
  enter(d, "finish");
  return true;
}

bool Engine::finish(Deployment& d) {
  if (d.lifecycle_hook) {
    (void)fleet_.complete_launch(d.blue_group, *d.lifecycle_hook, d.targets.at(0).target_id, true);
  } else if (d.is_reroute) {
    point_group_at(d, d.blue_group);
    (void)fleet_.delete_group(d.green_group);  // what the failed deployment has made
  } else if (!d.green_group.empty()) {
    const auto& blue_green = d.info.blue_green_deployment_configuration;
    const auto option = blue_green ? blue_green->terminate_blue_instances_on_deployment_success : std::nullopt;
    if (option && option->action.value_or("TERMINATE") == "TERMINATE") (void)fleet_.delete_group(d.blue_group);
  }
  conclude(d, "Succeeded");
  return true;
}

}  // namespace pds::cloud::codedeploy
