// Elastic Load Balancing v2 2015-12-01: rules and their conditions.
#pragma once

#include "aws/shapes/elbv2/action.h"

namespace pds::aws::elbv2 {

struct ConditionValues {
  std::vector<std::string> values, regex_values;
};
PDS_WIRE_SHAPE(ConditionValues, FIELD(values, "Values").omit_empty(), FIELD(regex_values, "RegexValues").omit_empty())

struct HttpHeaderConditionConfig {
  std::optional<std::string> http_header_name;
  std::vector<std::string> values, regex_values;
};
PDS_WIRE_SHAPE(HttpHeaderConditionConfig, FIELD(http_header_name, "HttpHeaderName").bounds(1, 40), FIELD(values, "Values").omit_empty(),
               FIELD(regex_values, "RegexValues").omit_empty())

struct QueryStringKeyValuePair {
  std::optional<std::string> key, value;
};
PDS_WIRE_SHAPE(QueryStringKeyValuePair, FIELD(key, "Key"), FIELD(value, "Value"))

struct QueryStringConditionConfig {
  std::vector<QueryStringKeyValuePair> values;
};
PDS_WIRE_SHAPE(QueryStringConditionConfig, FIELD(values, "Values"))

struct RuleCondition {
  std::optional<std::string> field;
  std::vector<std::string> values, regex_values;
  std::optional<ConditionValues> host_header_config, path_pattern_config, http_request_method_config, source_ip_config;
  std::optional<HttpHeaderConditionConfig> http_header_config;
  std::optional<QueryStringConditionConfig> query_string_config;
};
PDS_WIRE_SHAPE(RuleCondition, FIELD(field, "Field").bounds(0, 64), FIELD(values, "Values").omit_empty(),
               FIELD(regex_values, "RegexValues").omit_empty(), FIELD(host_header_config, "HostHeaderConfig"),
               FIELD(path_pattern_config, "PathPatternConfig"), FIELD(http_request_method_config, "HttpRequestMethodConfig"),
               FIELD(source_ip_config, "SourceIpConfig"), FIELD(http_header_config, "HttpHeaderConfig"),
               FIELD(query_string_config, "QueryStringConfig"))

struct Rule {
  std::string rule_arn, priority;
  std::vector<RuleCondition> conditions;
  std::vector<Action> actions;
  bool is_default = false;
};
PDS_WIRE_SHAPE(Rule, FIELD(rule_arn, "RuleArn"), FIELD(priority, "Priority"), FIELD(conditions, "Conditions"), FIELD(actions, "Actions"),
               FIELD(is_default, "IsDefault"))

struct RulePriorityPair {
  std::string rule_arn;
  std::optional<int> priority;
};
PDS_WIRE_SHAPE(RulePriorityPair, FIELD(rule_arn, "RuleArn"), FIELD(priority, "Priority").bounds(1, 50000))

struct CreateRuleRequest {
  std::string listener_arn;
  std::vector<RuleCondition> conditions;
  int priority = 0;
  std::vector<Action> actions;
  std::vector<Tag> tags;
  std::optional<Unsupported> transforms;
};
PDS_WIRE_SHAPE(CreateRuleRequest, FIELD(listener_arn, "ListenerArn").required(), FIELD(conditions, "Conditions").required(),
               FIELD(priority, "Priority").required().bounds(1, 50000), FIELD(actions, "Actions").required(), FIELD(tags, "Tags"),
               FIELD(transforms, "Transforms"))

struct RulesReply {
  std::vector<Rule> rules;
};
PDS_WIRE_SHAPE(RulesReply, FIELD(rules, "Rules"))

using CreateRuleReply = RulesReply;
PDS_OPERATION(CreateRule)

struct ModifyRuleRequest {
  std::string rule_arn;
  std::vector<RuleCondition> conditions;
  std::vector<Action> actions;
  std::optional<Unsupported> transforms, reset_transforms;
};
PDS_WIRE_SHAPE(ModifyRuleRequest, FIELD(rule_arn, "RuleArn").required(), FIELD(conditions, "Conditions"), FIELD(actions, "Actions"),
               FIELD(transforms, "Transforms"), FIELD(reset_transforms, "ResetTransforms"))

using ModifyRuleReply = RulesReply;
PDS_OPERATION(ModifyRule)

struct DeleteRuleRequest {
  std::string rule_arn;
};
PDS_WIRE_SHAPE(DeleteRuleRequest, FIELD(rule_arn, "RuleArn").required())

using DeleteRuleReply = Empty;
PDS_OPERATION(DeleteRule)

struct DescribeRulesRequest {
  std::optional<std::string> listener_arn;
  std::vector<std::string> rule_arns;
  std::optional<std::string> marker;
  std::optional<int> page_size;
};
PDS_WIRE_SHAPE(DescribeRulesRequest, FIELD(listener_arn, "ListenerArn"), FIELD(rule_arns, "RuleArns"), PDS_ELBV2_PAGE_REQUEST)

struct DescribeRulesReply {
  std::vector<Rule> rules;
  std::optional<std::string> next_marker;
};
PDS_WIRE_SHAPE(DescribeRulesReply, FIELD(rules, "Rules"), FIELD(next_marker, "NextMarker"))

PDS_OPERATION(DescribeRules)

struct SetRulePrioritiesRequest {
  std::vector<RulePriorityPair> rule_priorities;
};
PDS_WIRE_SHAPE(SetRulePrioritiesRequest, FIELD(rule_priorities, "RulePriorities").required())

using SetRulePrioritiesReply = RulesReply;
PDS_OPERATION(SetRulePriorities)

}  // namespace pds::aws::elbv2
