// The stages of a function's deployment: a hook, the alias step by step, a hook.
#include <fmt/core.h>

#include <algorithm>

#include "cloud/services/codedeploy/engine.h"

namespace pds::cloud::codedeploy {

bool Engine::advance_function(Deployment& d) {
  if (d.stage == "check") return check_alias(d);
  if (d.stage == "before") return hook(d, "BeforeAllowTraffic", d.shift->before_hook, "shift");
  if (d.stage == "shift") return shift(d);
  if (d.stage == "after") return hook(d, "AfterAllowTraffic", d.shift->after_hook, "finish");
  d.shift->status = "Succeeded";
  d.shift->last_updated_at = core_.clock.now();
  conclude(d, "Succeeded");
  return true;
}

bool Engine::check_alias(Deployment& d) {
  ShiftRecord& s = *d.shift;
  Result<AliasState> alias = functions_.alias(s.function, s.alias);
  if (!alias) {
    fail_deployment(d, "INVALID_LAMBDA_FUNCTION", alias.error().message);
    return true;
  }
  if (alias->version != s.current_version || !alias->weights.empty()) {
    fail_deployment(
        d, "INVALID_LAMBDA_CONFIGURATION",
        fmt::format(
            "The Lambda function alias {} of {} must point to the CurrentVersion {} with all of its traffic; it points to {}{}.",
            s.alias, s.function, s.current_version, alias->version, alias->weights.empty() ? "" : " and splits its traffic"));
    return true;
  }
  if (Result<void> there = functions_.check_version(s.function, s.target_version); !there) {
    fail_deployment(d, "INVALID_LAMBDA_FUNCTION", there.error().message);
    return true;
  }
  s.status = "InProgress";
  for (auto [function, name] : {std::pair{s.before_hook, "BeforeAllowTraffic"},
                                {std::optional<std::string>("-"), "AllowTraffic"},
                                {s.after_hook, "AfterAllowTraffic"}})
    if (function) s.events.push_back({.lifecycle_event_name = name, .status = "Pending"});
  enter(d, "before");
  return true;
}

bool Engine::hook(Deployment& d, const char* name, const std::optional<std::string>& function, const char* next) {
  ShiftRecord& s = *d.shift;
  wire::LifecycleEvent* event = function ? find_event(s.events, name) : nullptr;
  if (!event || event->status == "Succeeded") {
    enter(d, next);
    return true;
  }
  Timestamp now = core_.clock.now();
  if (event->status == "Pending") {
    start_event(*event, now);
    s.hook_execution_id = new_id_();
    s.hook_sent = false;
    s.last_updated_at = now;
    functions_.send_hook(*function, d.info.deployment_id, s.hook_execution_id);
    return true;
  }
  bool late = event->status == "InProgress" && now - *event->start_time >= event_max;
  if (!late && event->status != "Failed") return false;
  if (late) {
    end_event(*event, "Failed", now);
    event->diagnostics =
        wire::Diagnostics{"ScriptTimedOut", *function, "The validation function did not report a status within an hour.", ""};
  }
  fail_deployment(
      d, "HOOK_EXECUTION_FAILURE",
      fmt::format("The {} hook function {} {}.", name, *function, late ? "did not answer within an hour" : "reported a failure"));
  return true;
}

bool Engine::shift(Deployment& d) {
  ShiftRecord& s = *d.shift;
  Timestamp now = core_.clock.now();
  wire::LifecycleEvent* event = find_event(s.events, "AllowTraffic");
  if (event->status == "Pending") start_event(*event, now);
  if (s.next_shift_at && now < *s.next_shift_at) return false;
  ShiftPace pace = shift_of(*state_.find_config(d.info.deployment_config_name));
  int percent = pace.after(static_cast<int>(s.weight * 100 + 0.5));
  AliasState wanted =
      percent >= 100 ? AliasState{s.target_version, {}} : AliasState{s.current_version, {{s.target_version, percent / 100.0}}};
  if (Result<void> done = functions_.set_alias(s.function, s.alias, wanted); !done) {
    fail_deployment(d, "INVALID_LAMBDA_CONFIGURATION", done.error().message);
    return true;
  }
  s.changed = true;
  s.weight = percent / 100.0;
  s.last_updated_at = now;
  s.next_shift_at = now + std::chrono::minutes{pace.interval_minutes};
  if (percent < 100) return true;
  end_event(*event, "Succeeded", now);
  enter(d, "after");
  return true;
}

// At once, not step by step: whoever rolls back wants the old version now.
void Engine::restore_alias(Deployment& failed, Deployment& rollback) {
  ShiftRecord& s = *failed.shift;
  Timestamp now = core_.clock.now();
  Result<void> restored = functions_.set_alias(s.function, s.alias, {s.current_version, {}});
  ShiftRecord back;
  back.function = s.function, back.alias = s.alias;
  back.current_version = s.target_version, back.target_version = s.current_version;
  back.status = "InProgress", back.last_updated_at = now;
  back.events.push_back(
      {.lifecycle_event_name = "AllowTraffic", .start_time = now, .end_time = now, .status = restored ? "Succeeded" : "Failed"});
  back.weight = restored ? 1 : 0;
  rollback.shift = std::move(back);
  rollback.stage = "finish";
  if (restored)
    s.weight = 0;
  else
    core_.log.error("an alias could not be restored",
                    {{"function", s.function}, {"alias", s.alias}, {"error", restored.error().message}});
  if (!restored) rollback.stage = "check";  // looks again, and says what is wrong
}

void Engine::resume() {
  for (const auto& [id, d] : state_.deployments.rows()) {
    if (is_final(d.info.status) || !d.shift || d.shift->hook_sent || d.shift->hook_execution_id.empty()) continue;
    const auto& function = d.stage == "before" ? d.shift->before_hook : d.shift->after_hook;
    if (function) functions_.send_hook(*function, id, d.shift->hook_execution_id);
  }
}

void Engine::hook_delivered(const std::string& deployment_id, const std::string& execution_id, const Result<void>& sent) {
  const Deployment* d = state_.deployments.find(deployment_id);
  if (!d || !d->shift || d->shift->hook_execution_id != execution_id || is_final(d->info.status)) return;
  const char* name = d->stage == "before" ? "BeforeAllowTraffic" : "AfterAllowTraffic";
  state_.deployments.update(deployment_id, [&](Deployment& record) {
    record.shift->hook_sent = true;
    wire::LifecycleEvent* event = find_event(record.shift->events, name);
    if (sent || !event || event->status != "InProgress") return;
    end_event(*event, "Failed", core_.clock.now());
    event->diagnostics = wire::Diagnostics{"UnknownError", "", sent.error().message, ""};
  });
}

Result<void> Engine::hook_ended(const std::string& deployment_id, const std::string& execution_id, const std::string& status) {
  const Deployment* d = state_.deployments.find(deployment_id);
  if (!d) return fail("DeploymentDoesNotExistException", "The deployment " + deployment_id + " could not be found");
  if (!d->shift || d->shift->hook_execution_id != execution_id)
    return fail("InvalidLifecycleEventHookExecutionIdException",
                "The lifecycle event hook execution id is not one of this deployment.");
  const char* name = d->stage == "before" ? "BeforeAllowTraffic" : "AfterAllowTraffic";
  bool running = false;
  for (const wire::LifecycleEvent& event : d->shift->events)
    running |= event.lifecycle_event_name == name && event.status == "InProgress";
  if (!running) return fail("LifecycleEventAlreadyCompletedException", "The lifecycle event has already been completed.");
  state_.deployments.update(deployment_id, [&](Deployment& record) {
    end_event(*find_event(record.shift->events, name), status.c_str(), core_.clock.now());
    record.shift->hook_sent = true;
  });
  return {};
}

}  // namespace pds::cloud::codedeploy
