#include <map>
#include <set>

#include "cloud/services/elbv2/action.h"
#include "cloud/services/elbv2/condition.h"
#include "cloud/services/elbv2/impl.h"

namespace pds::cloud {

using namespace elbv2;

namespace {

wire::Rule describe(const RuleRecord& record) {
  return {record.arn, std::to_string(record.priority), record.conditions, record.actions, false};
}

// Every listener has a default rule; its ARN follows from the listener's, and its action is the listener's.
std::string default_rule_arn(const std::string& listener_arn) {
  std::string arn = listener_arn;
  arn.replace(arn.find(":listener/"), 10, ":listener-rule/");
  return arn + "/" + listener_arn.substr(listener_arn.rfind('/') + 1);
}

wire::Rule describe_default(const ListenerRecord& listener) {
  return {default_rule_arn(listener.description.listener_arn), "default", {}, listener.description.default_actions, true};
}

// The listener whose default rule has this ARN.
const ListenerRecord* listener_of_default_rule(const State& state, const std::string& arn) {
  for (const auto& [listener_arn, listener] : state.listeners.rows()) {
    if (default_rule_arn(listener_arn) == arn) return &listener;
  }
  return nullptr;
}

Result<void> check_priority_is_free(const State& state, const std::string& listener_arn, int priority) {
  for (const RuleRecord* rule : state.rules_of(listener_arn)) {
    if (rule->priority == priority) return fail("PriorityInUse", "Priority '" + std::to_string(priority) + "' is currently in use");
  }
  return {};
}

}  // namespace

Result<aws::elbv2::CreateRuleReply> Elbv2::create_rule(const Call&, const aws::elbv2::CreateRuleRequest& request) {
  CHECK(refuse_unsupported("CreateRule", request));
  TRY(const ListenerRecord* listener, impl_->state.listener_at(request.listener_arn));
  TRY(const LoadBalancerRecord* balancer, impl_->state.load_balancer_at(listener->description.load_balancer_arn));
  CHECK(check_priority_is_free(impl_->state, request.listener_arn, request.priority));
  size_t rules = 0;
  for (const ListenerRecord* other : impl_->state.listeners_of(listener->description.load_balancer_arn)) {
    rules += impl_->state.rules_of(other->description.listener_arn).size();
  }
  if (rules >= rules_per_balancer_max) {
    return fail("TooManyRules",
                "The maximum number of rules of load balancer '" + listener->description.load_balancer_arn + "' has been reached");
  }
  TRY(std::vector<wire::RuleCondition> conditions, check_conditions(request.conditions, "CreateRule"));
  TRY(std::vector<wire::Action> actions, check_actions(impl_->state, *balancer, listener->description.protocol, request.actions, "CreateRule"));
  TRY(Tags tags, check_tags(request.tags));

  std::string arn = request.listener_arn;
  arn.replace(arn.find(":listener/"), 10, ":listener-rule/");
  arn += "/" + impl_->new_id();
  RuleRecord record{arn, request.listener_arn, request.priority, std::move(conditions), std::move(actions), std::move(tags)};
  const RuleRecord& stored = impl_->state.rules.put(arn, std::move(record));
  impl_->front.reconcile();
  return aws::elbv2::CreateRuleReply{{describe(stored)}};
}

Result<aws::elbv2::ModifyRuleReply> Elbv2::modify_rule(const Call&, const aws::elbv2::ModifyRuleRequest& request) {
  CHECK(refuse_unsupported("ModifyRule", request));
  if (listener_of_default_rule(impl_->state, request.rule_arn)) {
    return fail("OperationNotPermitted", "Default rule '" + request.rule_arn + "' cannot be modified: modify its listener");
  }
  TRY(const RuleRecord* rule, impl_->state.rule_at(request.rule_arn));
  TRY(const ListenerRecord* listener, impl_->state.listener_at(rule->listener_arn));
  TRY(const LoadBalancerRecord* balancer, impl_->state.load_balancer_at(listener->description.load_balancer_arn));
  RuleRecord changed = *rule;
  if (!request.conditions.empty()) {
    TRY(changed.conditions, check_conditions(request.conditions, "ModifyRule"));
  }
  if (!request.actions.empty()) {
    TRY(changed.actions, check_actions(impl_->state, *balancer, listener->description.protocol, request.actions, "ModifyRule"));
  }
  const RuleRecord& stored = impl_->state.rules.put(request.rule_arn, std::move(changed));
  impl_->front.reconcile();
  return aws::elbv2::ModifyRuleReply{{describe(stored)}};
}

Result<aws::elbv2::DeleteRuleReply> Elbv2::delete_rule(const Call&, const aws::elbv2::DeleteRuleRequest& request) {
  if (listener_of_default_rule(impl_->state, request.rule_arn)) {
    return fail("OperationNotPermitted", "Default rule '" + request.rule_arn + "' cannot be deleted");
  }
  CHECK(impl_->state.rule_at(request.rule_arn));
  impl_->state.rules.erase(request.rule_arn);
  impl_->front.reconcile();
  return aws::elbv2::DeleteRuleReply{};
}

Result<aws::elbv2::DescribeRulesReply> Elbv2::describe_rules(const Call&, const aws::elbv2::DescribeRulesRequest& request) {
  aws::elbv2::DescribeRulesReply reply;
  if (request.listener_arn && !request.rule_arns.empty()) {
    return fail("ValidationError", "You must specify either a listener ARN or rule ARNs, not both");
  }
  if (request.listener_arn) {
    TRY(const ListenerRecord* listener, impl_->state.listener_at(*request.listener_arn));
    for (const RuleRecord* rule : impl_->state.rules_of(*request.listener_arn)) reply.rules.push_back(describe(*rule));
    reply.rules.push_back(describe_default(*listener));
  } else if (!request.rule_arns.empty()) {
    for (const std::string& arn : request.rule_arns) {
      if (const ListenerRecord* listener = listener_of_default_rule(impl_->state, arn)) {
        reply.rules.push_back(describe_default(*listener));
        continue;
      }
      TRY(const RuleRecord* rule, impl_->state.rule_at(arn));
      reply.rules.push_back(describe(*rule));
    }
  } else {
    return fail("ValidationError", "You must specify either a listener ARN or rule ARNs");
  }
  // By priority, the default last: so that pages follow the order of evaluation.
  auto place = [](const wire::Rule& rule) {
    return rule.is_default ? "99999" : std::string(5 - rule.priority.size(), '0') + rule.priority;
  };
  TRY(reply.next_marker,
      aws::cut_page(reply.rules, request.marker, request.page_size.value_or(0), page_size_default, place, "ValidationError"));
  return reply;
}

Result<aws::elbv2::SetRulePrioritiesReply> Elbv2::set_rule_priorities(const Call&,
                                                                      const aws::elbv2::SetRulePrioritiesRequest& request) {
  std::map<std::string, int> wanted;
  std::string listener_arn;
  for (const wire::RulePriorityPair& pair : request.rule_priorities) {
    if (listener_of_default_rule(impl_->state, pair.rule_arn)) {
      return fail("OperationNotPermitted", "The priority of default rule '" + pair.rule_arn + "' cannot be set");
    }
    TRY(const RuleRecord* rule, impl_->state.rule_at(pair.rule_arn));
    if (!pair.priority) return fail("ValidationError", "A priority must be specified for rule '" + pair.rule_arn + "'");
    if (!listener_arn.empty() && listener_arn != rule->listener_arn) {
      return fail("ValidationError", "All rules must belong to the same listener");
    }
    listener_arn = rule->listener_arn;
    if (!wanted.emplace(pair.rule_arn, *pair.priority).second) {
      return fail("ValidationError", "Rule '" + pair.rule_arn + "' is named more than once");
    }
  }
  // All at once: rules may trade places.
  std::set<int> taken;
  for (const RuleRecord* rule : impl_->state.rules_of(listener_arn)) {
    auto it = wanted.find(rule->arn);
    int priority = it == wanted.end() ? rule->priority : it->second;
    if (!taken.insert(priority).second)
      return fail("PriorityInUse", "Priority '" + std::to_string(priority) + "' is currently in use");
  }
  aws::elbv2::SetRulePrioritiesReply reply;
  for (const auto& [arn, priority] : wanted) {
    reply.rules.push_back(describe(impl_->state.rules.update(arn, [&](RuleRecord& r) { r.priority = priority; })));
  }
  impl_->front.reconcile();
  return reply;
}

}  // namespace pds::cloud
