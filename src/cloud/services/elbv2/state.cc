#include "cloud/services/elbv2/state.h"

#include <algorithm>
#include <set>

namespace pds::cloud::elbv2 {

State::State(Core& core)
    : load_balancers(core.store, core.table("elbv2", "load-balancers")),
      target_groups(core.store, core.table("elbv2", "target-groups")),
      targets(core.store, core.table("elbv2", "targets")),
      listeners(core.store, core.table("elbv2", "listeners")),
      rules(core.store, core.table("elbv2", "rules")) {}

Result<const LoadBalancerRecord*> State::load_balancer_at(const std::string& arn) const {
  if (const auto* record = load_balancers.find(arn)) return record;
  if (arn.find(":loadbalancer/") == std::string::npos)
    return fail("ValidationError", "'" + arn + "' is not a valid load balancer ARN");
  return fail("LoadBalancerNotFound", "Load balancer '" + arn + "' not found");
}

Result<const TargetGroupRecord*> State::target_group_at(const std::string& arn) const {
  if (const auto* record = target_groups.find(arn)) return record;
  if (arn.find(":targetgroup/") == std::string::npos)
    return fail("ValidationError", "'" + arn + "' is not a valid target group ARN");
  return fail("TargetGroupNotFound", "Target groups '" + arn + "' not found");
}

Result<const ListenerRecord*> State::listener_at(const std::string& arn) const {
  if (const auto* record = listeners.find(arn)) return record;
  if (arn.find(":listener/") == std::string::npos) return fail("ValidationError", "'" + arn + "' is not a valid listener ARN");
  return fail("ListenerNotFound", "Listener '" + arn + "' not found");
}

Result<const RuleRecord*> State::rule_at(const std::string& arn) const {
  if (const auto* record = rules.find(arn)) return record;
  if (arn.find(":listener-rule/") == std::string::npos)
    return fail("ValidationError", "'" + arn + "' is not a valid listener rule ARN");
  return fail("RuleNotFound", "Rule '" + arn + "' not found");
}

std::vector<const ListenerRecord*> State::listeners_of(std::string_view load_balancer_arn) const {
  std::vector<const ListenerRecord*> found;
  for (const auto& [arn, record] : listeners.rows()) {
    if (record.description.load_balancer_arn == load_balancer_arn) found.push_back(&record);
  }
  std::sort(found.begin(), found.end(), [](auto* a, auto* b) { return a->description.port < b->description.port; });
  return found;
}

std::vector<const RuleRecord*> State::rules_of(std::string_view listener_arn) const {
  std::vector<const RuleRecord*> found;
  for (const auto& [arn, record] : rules.rows()) {
    if (record.listener_arn == listener_arn) found.push_back(&record);
  }
  std::sort(found.begin(), found.end(), [](auto* a, auto* b) { return a->priority < b->priority; });
  return found;
}

std::vector<const TargetRecord*> State::targets_of(std::string_view target_group_arn) const {
  std::vector<const TargetRecord*> found;
  for (auto it = targets.rows().lower_bound(std::string(target_group_arn) + "|"); it != targets.rows().end(); ++it) {
    if (it->second.target_group_arn != target_group_arn) break;
    found.push_back(&it->second);
  }
  return found;
}

std::vector<std::string> State::target_groups_of(std::string_view load_balancer_arn) const {
  std::set<std::string> found;
  for (const ListenerRecord* listener : listeners_of(load_balancer_arn)) {
    for (std::string& arn : groups_in(listener->description.default_actions)) found.insert(std::move(arn));
    for (const RuleRecord* rule : rules_of(listener->description.listener_arn)) {
      for (std::string& arn : groups_in(rule->actions)) found.insert(std::move(arn));
    }
  }
  return {found.begin(), found.end()};
}

std::optional<std::string> State::load_balancer_of(std::string_view target_group_arn) const {
  auto names = [&](const std::vector<wire::Action>& actions) {
    std::vector<std::string> groups = groups_in(actions);
    return std::find(groups.begin(), groups.end(), target_group_arn) != groups.end();
  };
  for (const auto& [arn, listener] : listeners.rows()) {
    if (names(listener.description.default_actions)) return listener.description.load_balancer_arn;
  }
  for (const auto& [arn, rule] : rules.rows()) {
    if (!names(rule.actions)) continue;
    if (const auto* listener = listeners.find(rule.listener_arn)) return listener->description.load_balancer_arn;
  }
  return std::nullopt;
}

std::string target_key(std::string_view target_group_arn, std::string_view id, int port) {
  return std::string(target_group_arn) + "|" + std::string(id) + "|" + std::to_string(port);
}

std::vector<std::string> groups_in(const std::vector<wire::Action>& actions) {
  std::set<std::string> found;
  for (const wire::Action& action : actions) {
    if (!action.forward_config) continue;
    for (const wire::TargetGroupTuple& choice : action.forward_config->target_groups) found.insert(choice.target_group_arn);
  }
  return {found.begin(), found.end()};
}

}  // namespace pds::cloud::elbv2
