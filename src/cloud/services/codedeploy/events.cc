#include "cloud/services/codedeploy/events.h"

#include <algorithm>

namespace pds::cloud::codedeploy {
namespace {

constexpr const char* install_names[] = {"ApplicationStop", "DownloadBundle",   "BeforeInstall",  "Install",
                                         "AfterInstall",    "ApplicationStart", "ValidateService"};
constexpr const char* allow_names[] = {"BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic"};
constexpr const char* block_names[] = {"BeforeBlockTraffic", "BlockTraffic", "AfterBlockTraffic"};

bool may_fail(std::string_view event, bool ignore_stop_failures) {
  return ignore_stop_failures && (event == "ApplicationStop" || event == "BeforeBlockTraffic" || event == "AfterBlockTraffic");
}

// The balancer's part: registered and healthy in every target group, or drained from every one.
bool advance_traffic(TargetRecord& target, wire::LifecycleEvent& event, bool allow, const EventWorld& world) {
  bool begins = event.status == "Pending";
  if (begins) {
    start_event(event, world.now);
    for (const std::string& arn : world.target_group_arns) {
      Result<void> done =
          allow ? world.fleet.register_target(arn, target.target_id) : world.fleet.deregister_target(arn, target.target_id);
      if (!done) return fail_target(target, "UnknownError", done.error().message, world.now), true;
    }
  }
  bool there = std::all_of(world.target_group_arns.begin(), world.target_group_arns.end(), [&](const std::string& arn) {
    std::string health = world.fleet.target_health(arn, target.target_id);
    return allow ? health == "healthy" : health.empty() || health == "unused";
  });
  if (there) return end_event(event, "Succeeded", world.now), true;
  if (world.now - *event.start_time >= event_max) {
    fail_target(target, "ScriptTimedOut",
                allow ? "The instance did not become healthy in its target groups within an hour."
                      : "The instance was not deregistered within an hour.",
                world.now);
    return true;
  }
  return begins;
}

bool advance_command(TargetRecord& target, wire::LifecycleEvent& event, const EventWorld& world) {
  if (event.status == "Pending") {
    start_event(event, world.now);
    target.command = CommandRecord{.id = world.new_id(), .event = event.lifecycle_event_name, .created_at = world.now};
    return true;
  }
  if (!target.command) return false;
  const CommandRecord& command = *target.command;
  if (command.state == "Pending" && world.now - command.created_at >= event_start_max) {
    fail_target(target, "UnknownError",
                "CodeDeploy agent was not able to receive the lifecycle event. Check the CodeDeploy agent logs on your host and "
                "make sure the "
                "agent is running and can connect to the CodeDeploy server.",
                world.now);
    return true;
  }
  if (command.state == "InProgress" && world.now - command.heard_at >= event_max) {
    fail_target(target, "ScriptTimedOut", "The overall deployment timed out because the agent has not reported for an hour.",
                world.now);
    return true;
  }
  return false;
}

}  // namespace

std::span<const char* const> install_events() { return install_names; }
std::span<const char* const> allow_events() { return allow_names; }
std::span<const char* const> block_events() { return block_names; }

void add_events(TargetRecord& target, std::span<const char* const> events) {
  for (const char* name : events) target.events.push_back({.lifecycle_event_name = name, .status = "Pending"});
}

wire::LifecycleEvent* find_event(std::vector<wire::LifecycleEvent>& events, std::string_view name) {
  for (wire::LifecycleEvent& event : events)
    if (event.lifecycle_event_name == name) return &event;
  return nullptr;
}

void start_event(wire::LifecycleEvent& event, Timestamp now) {
  event.status = "InProgress";
  event.start_time = now;
}

void end_event(wire::LifecycleEvent& event, const char* status, Timestamp now) {
  event.status = status;
  event.end_time = now;
}

void fail_target(TargetRecord& target, const char* error_code, const std::string& message, Timestamp now) {
  for (wire::LifecycleEvent& event : target.events) {
    if (event.status == "InProgress") {
      end_event(event, "Failed", now);
      event.diagnostics = wire::Diagnostics{error_code, "", message, ""};
    } else if (event.status == "Pending") {
      event.status = "Skipped";
    }
  }
  target.command.reset();
  target.status = "Failed";
  target.last_updated_at = now;
}

bool advance_events(TargetRecord& target, std::span<const char* const> events, const EventWorld& world) {
  if (target.status == "Failed") return false;
  bool changed = false;
  for (const char* name : events) {
    wire::LifecycleEvent* event = find_event(target.events, name);
    if (!event || is_done(event->status)) continue;
    if (!world.is_running) return fail_target(target, "UnknownError", "The instance has been terminated.", world.now), true;
    bool traffic = event->lifecycle_event_name == "AllowTraffic" || event->lifecycle_event_name == "BlockTraffic";
    bool moved = traffic ? advance_traffic(target, *event, event->lifecycle_event_name == "AllowTraffic", world)
                         : advance_command(target, *event, world);
    changed = changed || moved;
    if (moved) target.last_updated_at = world.now;
    if (target.status == "Failed" || !is_done(event->status)) break;
  }
  if (changed && target.status == "Pending") target.status = "InProgress";
  return changed;
}

bool all_done(const TargetRecord& target, std::span<const char* const> events) {
  return std::all_of(events.begin(), events.end(), [&](const char* name) {
    auto event =
        std::find_if(target.events.begin(), target.events.end(), [&](const auto& e) { return e.lifecycle_event_name == name; });
    return event == target.events.end() || is_done(event->status);
  });
}

bool command_ended(TargetRecord& target, const std::string& command_id, bool succeeded, const wire::Diagnostics& diagnostics,
                   bool ignore_stop_failures, Timestamp now) {
  if (!target.command || target.command->id != command_id) return false;
  wire::LifecycleEvent* event = find_event(target.events, target.command->event);
  std::string name = target.command->event;
  target.command.reset();
  target.last_updated_at = now;
  if (!event || event->status != "InProgress") return true;
  event->diagnostics = diagnostics;
  if (succeeded || may_fail(name, ignore_stop_failures)) {
    end_event(*event, succeeded ? "Succeeded" : "Skipped", now);
    return true;
  }
  end_event(*event, "Failed", now);
  wire::Diagnostics kept = diagnostics;
  fail_target(target, "ScriptFailed", "", now);
  find_event(target.events, name)->diagnostics = kept;
  return true;
}

}  // namespace pds::cloud::codedeploy
