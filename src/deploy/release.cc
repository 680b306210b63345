#include "deploy/release.h"

#include <fmt/core.h>

namespace pds::deploy {
namespace {

bool in_flight(const std::string& status) {
  return status == "Created" || status == "Queued" || status == "InProgress" || status == "Ready" || status == "Baking";
}
bool broke(const std::string& status) { return status == "Failed" || status == "Stopped"; }

Decision revert(std::string why, std::string evidence = "") { return {Step::begin_revert, std::move(why), std::move(evidence)}; }

// Something in the world that ends the release, whatever phase it is in.
std::optional<Decision> fault(const Release& release, const Observed& observed) {
  if (release.abort_requested) return revert("aborted on request");
  if (broke(release.function.status)) return revert(fmt::format("the function's deployment {} {}", release.function.deployment_id, release.function.status));
  if (broke(release.fleet.status)) return revert(fmt::format("the fleet's deployment {} {}", release.fleet.deployment_id, release.fleet.status));
  if (observed.judgement.failed) return revert(observed.judgement.reason, observed.judgement.evidence);
  return std::nullopt;
}

bool fleet_moved(const Release& release, const Observed& observed) {
  return release.fleet.skipped || release.fleet.status == "Succeeded" || observed.fleet_waits_for_termination;
}
bool function_moved(const Release& release) { return release.function.skipped || release.function.status == "Succeeded"; }

Decision roll(const Release& release, const Observed& observed) {
  if (auto bad = fault(release, observed)) return *bad;
  if (!release.fleet.skipped && release.fleet.deployment_id.empty()) return {Step::start_fleet, "", ""};
  if (!release.function.skipped && release.function.deployment_id.empty()) return {Step::start_function, "", ""};
  if (fleet_moved(release, observed) && function_moved(release)) return {Step::begin_bake, "", ""};
  return {};
}

Decision finish(const Release& release) {
  // The guardrail has had its say; only the deployment itself can still fail here.
  if (broke(release.fleet.status)) return revert(fmt::format("the fleet's deployment {} {}", release.fleet.deployment_id, release.fleet.status));
  if (release.fleet.skipped || release.fleet.status == "Succeeded") return {Step::complete, "", ""};
  return {};
}

// One target's way back. Returns nothing when that target is where it should be.
std::optional<Decision> undo(const TargetProgress& target, Step stop, Step send_back, Step check, const char* name) {
  if (target.undone || target.skipped) return std::nullopt;
  if (target.deployment_id.empty()) return Decision{check, "", ""};   // nothing begun; what was staged is looked for all the same
  if (target.rollback_id.empty()) {
    if (in_flight(target.status)) return Decision{stop, "", ""};
    if (target.status == "Succeeded") return Decision{send_back, "", ""};
    return Decision{check, "", ""};   // it failed before it changed anything, or CodeDeploy has nothing to go back to
  }
  if (in_flight(target.rollback_status) || target.rollback_status.empty()) return Decision{Step::wait, fmt::format("the {} goes back", name), ""};
  if (broke(target.rollback_status))
    return Decision{Step::give_up, fmt::format("the {}'s rollback {} {}", name, target.rollback_id, target.rollback_status), ""};
  return Decision{check, "", ""};
}

Decision go_back(const Release& release) {
  // The function first: its alias flips at once, and each second counts for whoever is being served errors.
  auto function = undo(release.function, Step::stop_function, Step::send_function_back, Step::check_function, "function");
  auto fleet = undo(release.fleet, Step::stop_fleet, Step::send_fleet_back, Step::check_fleet, "fleet");
  if (function && function->step != Step::wait) return *function;
  if (fleet && fleet->step != Step::wait) return *fleet;
  if (function) return *function;
  if (fleet) return *fleet;
  return {Step::finish_revert, "", ""};
}

}  // namespace

Decision decide(const Release& release, const Observed& observed) {
  if (release.phase == "staging") {
    if (release.abort_requested) return revert("aborted on request");
    return {};
  }
  if (release.phase == "rolling") return roll(release, observed);
  if (release.phase == "baking") {
    if (auto bad = fault(release, observed)) return *bad;
    return observed.bake_is_over ? Decision{Step::begin_finish, "", ""} : Decision{};
  }
  if (release.phase == "finishing") return finish(release);
  if (release.phase == "reverting") return go_back(release);
  return {};
}

const char* step_name(Step step) {
  switch (step) {
    case Step::start_function: return "start_function";
    case Step::start_fleet: return "start_fleet";
    case Step::wait: return "wait";
    case Step::begin_bake: return "begin_bake";
    case Step::begin_finish: return "begin_finish";
    case Step::complete: return "complete";
    case Step::begin_revert: return "begin_revert";
    case Step::stop_function: return "stop_function";
    case Step::stop_fleet: return "stop_fleet";
    case Step::send_function_back: return "send_function_back";
    case Step::send_fleet_back: return "send_fleet_back";
    case Step::check_function: return "check_function";
    case Step::check_fleet: return "check_fleet";
    case Step::give_up: return "give_up";
    case Step::finish_revert: return "finish_revert";
  }
  return "?";
}

}  // namespace pds::deploy
