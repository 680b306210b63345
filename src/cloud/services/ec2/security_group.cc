#include "cloud/services/ec2/security_group.h"

#include <fmt/core.h>

#include <algorithm>

#include "cloud/services/ec2/describe.h"
#include "cloud/services/ec2/instance.h"
#include "cloud/services/ec2/tag.h"

namespace pds::cloud::ec2 {

namespace {

Result<void> check_group_name(const std::string& name, const std::string& description) {
  if (name.empty() || name.size() > 255)
    return invalid_parameter("Value for parameter GroupName is invalid: between 1 and 255 characters");
  if (name.starts_with("sg-"))
    return invalid_parameter(
        fmt::format("Value ({}) for parameter GroupName is invalid. Group names may not be in the format sg-*", name));
  if (description.size() > 255) return invalid_parameter("Value for parameter GroupDescription is invalid: at most 255 characters");
  return {};
}

bool group_in_use(const State& state, const std::string& group_id) {
  for (const auto& [id, record] : state.instances.rows()) {
    if (state_of(record.instance) == InstanceState::terminated) continue;
    for (const auto& group : record.instance.security_groups)
      if (group.group_id == group_id) return true;
  }
  for (const auto& [id, rule] : state.rules.rows())
    if (rule.group_id != group_id && rule.referenced_group_info && rule.referenced_group_info->group_id == group_id) return true;
  return false;
}

FilterValues permission_filter(const std::vector<aws::ec2::IpPermission>& permissions, std::string_view what) {
  std::vector<std::string> values;
  for (const auto& permission : permissions) {
    if (what == "protocol") values.push_back(permission.ip_protocol.value_or("-1"));
    if (what == "from-port" && permission.from_port) values.push_back(std::to_string(*permission.from_port));
    if (what == "to-port" && permission.to_port) values.push_back(std::to_string(*permission.to_port));
    if (what == "cidr")
      for (const auto& range : permission.ip_ranges) values.push_back(range.cidr_ip);
    if (what == "group-id")
      for (const auto& pair : permission.user_id_group_pairs) values.push_back(pair.group_id.value_or(""));
  }
  bool known = what == "protocol" || what == "from-port" || what == "to-port" || what == "cidr" || what == "group-id";
  return known ? FilterValues(values) : std::nullopt;
}

FilterValues group_filter(const aws::ec2::SecurityGroup& group, std::string_view name) {
  if (name == "group-id") return one_value(group.group_id);
  if (name == "group-name") return one_value(group.group_name);
  if (name == "vpc-id") return one_value(group.vpc_id);
  if (name == "description") return one_value(group.description);
  if (name == "owner-id") return one_value(group.owner_id);
  if (name.starts_with("ip-permission.")) return permission_filter(group.ip_permissions, name.substr(sizeof("ip-permission.") - 1));
  if (name.starts_with("egress.ip-permission."))
    return permission_filter(group.ip_permissions_egress, name.substr(sizeof("egress.ip-permission.") - 1));
  return std::nullopt;
}

FilterValues rule_filter(const aws::ec2::SecurityGroupRule& rule, std::string_view name) {
  if (name == "group-id") return one_value(rule.group_id);
  if (name == "security-group-rule-id") return one_value(rule.security_group_rule_id);
  return std::nullopt;
}

// The deprecated way to say one permission: outside of IpPermissions.
template <class Request>
std::vector<aws::ec2::IpPermission> permissions_in(const Request& request) {
  std::vector<aws::ec2::IpPermission> permissions = request.ip_permissions;
  if (request.ip_protocol || request.cidr_ip) {
    aws::ec2::IpPermission& one = permissions.emplace_back();
    one.ip_protocol = request.ip_protocol;
    one.from_port = request.from_port;
    one.to_port = request.to_port;
    if (request.cidr_ip) one.ip_ranges.push_back({.description = std::nullopt, .cidr_ip = *request.cidr_ip});
  }
  return permissions;
}

}  // namespace

std::string SecurityGroups::add_group(const std::string& vpc_id, const std::string& name, const std::string& description,
                                      bool is_default) {
  aws::ec2::SecurityGroup group;
  group.group_id = state_.new_id("sg-");
  group.group_name = name;
  group.description = description;
  group.vpc_id = vpc_id;
  group.owner_id = state_.core.account;
  group.security_group_arn = state_.core.arn("ec2", "security-group/" + group.group_id);
  std::string id = group.group_id;
  state_.security_groups.put(id, std::move(group));
  aws::ec2::SecurityGroupRule rule;
  rule.group_id = id;
  rule.group_owner_id = state_.core.account;
  rule.ip_protocol = "-1";
  rule.from_port = rule.to_port = -1;
  auto put = [&] {
    rule.security_group_rule_id = state_.new_id("sgr-");
    rule.security_group_rule_arn = state_.core.arn("ec2", "security-group-rule/" + rule.security_group_rule_id);
    state_.rules.put(rule.security_group_rule_id, rule);
  };
  rule.is_egress = true;
  rule.cidr_ipv4 = "0.0.0.0/0";
  put();
  if (!is_default) return id;
  rule.is_egress = false;
  rule.cidr_ipv4.reset();
  rule.referenced_group_info = {.group_id = id, .user_id = state_.core.account, .vpc_id = std::nullopt};
  put();
  return id;
}

void SecurityGroups::remove_group(const std::string& group_id) {
  std::vector<std::string> own;
  for (const auto& [id, rule] : state_.rules.rows())
    if (rule.group_id == group_id) own.push_back(id);
  for (const std::string& id : own) state_.rules.erase(id), state_.forget_tags(id);
  state_.security_groups.erase(group_id);
  state_.forget_tags(group_id);
}

Result<const aws::ec2::SecurityGroup*> SecurityGroups::at(const std::string& group_id) const {
  const aws::ec2::SecurityGroup* group = state_.security_groups.find(group_id);
  if (!group) return no_such("InvalidGroup.NotFound", "security group", group_id);
  return group;
}

const aws::ec2::SecurityGroup* SecurityGroups::find_by_name(std::string_view vpc_id, std::string_view name) const {
  for (const auto& [id, group] : state_.security_groups.rows())
    if (group.vpc_id == vpc_id && group.group_name == name) return &group;
  return nullptr;
}

std::vector<Rule> SecurityGroups::ingress_of(const std::vector<std::string>& group_ids) const {
  std::vector<Rule> rules;
  for (const auto& [id, rule] : state_.rules.rows()) {
    if (rule.is_egress || std::find(group_ids.begin(), group_ids.end(), rule.group_id) == group_ids.end()) continue;
    rules.push_back({.protocol = rule.ip_protocol,
                     .from_port = rule.from_port,
                     .to_port = rule.to_port,
                     .cidr = rule.cidr_ipv4.value_or(""),
                     .referenced_group = rule.referenced_group_info ? rule.referenced_group_info->group_id : ""});
  }
  return rules;
}

aws::ec2::SecurityGroup SecurityGroups::complete(aws::ec2::SecurityGroup group) const {
  std::vector<aws::ec2::SecurityGroupRule> ingress, egress;
  for (const auto& [id, rule] : state_.rules.rows())
    if (rule.group_id == group.group_id) (rule.is_egress ? egress : ingress).push_back(rule);
  group.ip_permissions = permissions_of(ingress);
  group.ip_permissions_egress = permissions_of(egress);
  group.tags = state_.tags_of(group.group_id);
  return group;
}

Result<std::string> SecurityGroups::group_id_of(const std::optional<std::string>& id,
                                                const std::optional<std::string>& name) const {
  if (id) {
    TRY(const auto* group, at(*id));
    return group->group_id;
  }
  if (!name) return missing_parameter("groupId");
  for (const auto& [vpc_id, vpc] : state_.vpcs.rows())
    if (const auto* group = vpc.vpc.is_default ? find_by_name(vpc_id, *name) : nullptr) return group->group_id;
  return fail("InvalidGroup.NotFound", fmt::format("The security group '{}' does not exist in the default VPC", *name));
}

Result<std::vector<aws::ec2::SecurityGroupRule>> SecurityGroups::authorize(const std::string& group_id,
                                                                           const Permissions& permissions, bool egress,
                                                                           const std::vector<aws::ec2::Tag>& tags) {
  TRY(const auto* group, at(group_id));
  if (permissions.empty()) return missing_parameter("ipPermissions");
  std::vector<aws::ec2::SecurityGroupRule> added, known;
  for (const auto& [id, rule] : state_.rules.rows())
    if (rule.group_id == group_id && rule.is_egress == egress) known.push_back(rule);
  for (const auto& permission : permissions) {
    TRY(auto rules, rules_of(permission));
    for (auto& rule : rules) {
      if (rule.referenced_group_info) {
        TRY(const auto* other, at(rule.referenced_group_info->group_id));
        rule.referenced_group_info->user_id = state_.core.account;
        if (other->vpc_id != group->vpc_id)
          return fail("InvalidGroup.NotFound",
                      fmt::format("You have specified two resources that belong to different networks: {} and {}.", group_id,
                                  other->group_id));
      }
      rule.group_id = group_id;
      rule.group_owner_id = state_.core.account;
      rule.is_egress = egress;
      for (const auto& other : known)
        if (same_rule(other, rule))
          return fail("InvalidPermission.Duplicate",
                      fmt::format("the specified rule \"peer: {}, {}, from port: {}, to port: {}, ALLOW\" already exists",
                                  rule.cidr_ipv4.value_or(rule.referenced_group_info ? rule.referenced_group_info->group_id : ""),
                                  rule.ip_protocol, rule.from_port, rule.to_port));
      known.push_back(rule);
      added.push_back(rule);
    }
  }
  if (known.size() > rules_per_group_max)
    return fail("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.");
  for (auto& rule : added) {
    rule.security_group_rule_id = state_.new_id("sgr-");
    rule.security_group_rule_arn = state_.core.arn("ec2", "security-group-rule/" + rule.security_group_rule_id);
    state_.rules.put(rule.security_group_rule_id, rule);
    state_.set_tags(rule.security_group_rule_id, "security-group-rule", tags);
    rule.tags = state_.tags_of(rule.security_group_rule_id);
  }
  return added;
}

Result<void> SecurityGroups::revoke(const std::string& group_id, const Permissions& permissions,
                                    const std::vector<std::string>& rule_ids, bool egress) {
  CHECK(at(group_id));
  if (permissions.empty() && rule_ids.empty()) return missing_parameter("ipPermissions");
  std::vector<std::string> leaving;
  for (const std::string& id : rule_ids) {
    const auto* rule = state_.rules.find(id);
    if (!rule || rule->group_id != group_id || rule->is_egress != egress)
      return no_such("InvalidSecurityGroupRuleId.NotFound", "security group rule ID", id);
    leaving.push_back(id);
  }
  for (const auto& permission : permissions) {
    TRY(auto rules, rules_of(permission));
    for (auto& rule : rules) {
      rule.is_egress = egress;
      auto found = std::find_if(state_.rules.rows().begin(), state_.rules.rows().end(),
                                [&](const auto& row) { return row.second.group_id == group_id && same_rule(row.second, rule); });
      if (found == state_.rules.rows().end())
        return fail("InvalidPermission.NotFound", "The specified rule does not exist in this security group.");
      leaving.push_back(found->first);
    }
  }
  for (const std::string& id : leaving) state_.rules.erase(id), state_.forget_tags(id);
  return {};
}

Result<aws::ec2::CreateSecurityGroupReply> SecurityGroups::create_security_group(
    const Call& call, const aws::ec2::CreateSecurityGroupRequest& request) {
  CHECK(begin("CreateSecurityGroup", request));
  CHECK(check_group_name(request.group_name, request.description));
  std::string vpc_id = request.vpc_id.value_or("");
  for (const auto& [id, record] : state_.vpcs.rows())
    if (vpc_id.empty() && record.vpc.is_default) vpc_id = id;
  if (vpc_id.empty()) return fail("VPCIdNotSpecified", "No default VPC for this user");
  if (!state_.vpcs.contains(vpc_id)) return no_such("InvalidVpcID.NotFound", "vpc ID", vpc_id);
  if (find_by_name(vpc_id, request.group_name))
    return fail("InvalidGroup.Duplicate",
                fmt::format("The security group '{}' already exists for VPC '{}'", request.group_name, vpc_id));
  TRY(auto tags, tags_for(request.tag_specifications, "security-group", call));
  std::string id = add_group(vpc_id, request.group_name, request.description, false);
  state_.set_tags(id, "security-group", tags);
  return aws::ec2::CreateSecurityGroupReply{
      .group_id = id, .tags = state_.tags_of(id), .security_group_arn = state_.security_groups.find(id)->security_group_arn};
}

Result<aws::ec2::DeleteSecurityGroupReply> SecurityGroups::delete_security_group(
    const Call&, const aws::ec2::DeleteSecurityGroupRequest& request) {
  CHECK(begin("DeleteSecurityGroup", request));
  TRY(std::string id, group_id_of(request.group_id, request.group_name));
  if (state_.security_groups.find(id)->group_name == "default")
    return fail("CannotDelete", fmt::format("the specified group: \"{}\" name: \"default\" cannot be deleted by a user", id));
  if (group_in_use(state_, id)) return fail("DependencyViolation", fmt::format("resource {} has a dependent object", id));
  remove_group(id);
  return aws::ec2::DeleteSecurityGroupReply{.done = true, .group_id = id};
}

Result<aws::ec2::DescribeSecurityGroupsReply> SecurityGroups::describe_security_groups(
    const Call&, const aws::ec2::DescribeSecurityGroupsRequest& request) {
  CHECK(begin("DescribeSecurityGroups", request));
  std::vector<std::string> ids = request.group_ids;
  for (const std::string& name : request.group_names) {
    TRY(std::string id, group_id_of(std::nullopt, name));
    ids.push_back(id);
  }
  std::vector<aws::ec2::SecurityGroup> groups;
  for (const auto& [id, group] : state_.security_groups.rows()) groups.push_back(complete(group));
  TRY(auto page, describe(
                     std::move(groups),
                     {.ids = ids,
                      .not_found_code = "InvalidGroup.NotFound",
                      .noun = "security group",
                      .filters = request.filters,
                      .max_results = request.max_results,
                      .next_token = request.next_token},
                     [](const auto& group) { return group.group_id; }, group_filter));
  return aws::ec2::DescribeSecurityGroupsReply{.next_token = page.next_token, .security_groups = std::move(page.items)};
}

Result<aws::ec2::AuthorizeSecurityGroupIngressReply> SecurityGroups::authorize_security_group_ingress(
    const Call& call, const aws::ec2::AuthorizeSecurityGroupIngressRequest& request) {
  CHECK(begin("AuthorizeSecurityGroupIngress", request));
  TRY(std::string id, group_id_of(request.group_id, request.group_name));
  TRY(auto tags, tags_for(request.tag_specifications, "security-group-rule", call));
  TRY(auto rules, authorize(id, permissions_in(request), false, tags));
  return aws::ec2::AuthorizeSecurityGroupIngressReply{.done = true, .security_group_rules = std::move(rules)};
}

Result<aws::ec2::AuthorizeSecurityGroupEgressReply> SecurityGroups::authorize_security_group_egress(
    const Call& call, const aws::ec2::AuthorizeSecurityGroupEgressRequest& request) {
  CHECK(begin("AuthorizeSecurityGroupEgress", request));
  TRY(auto tags, tags_for(request.tag_specifications, "security-group-rule", call));
  TRY(auto rules, authorize(request.group_id, request.ip_permissions, true, tags));
  return aws::ec2::AuthorizeSecurityGroupEgressReply{.done = true, .security_group_rules = std::move(rules)};
}

Result<aws::ec2::RevokeSecurityGroupIngressReply> SecurityGroups::revoke_security_group_ingress(
    const Call&, const aws::ec2::RevokeSecurityGroupIngressRequest& request) {
  CHECK(begin("RevokeSecurityGroupIngress", request));
  TRY(std::string id, group_id_of(request.group_id, request.group_name));
  CHECK(revoke(id, permissions_in(request), request.security_group_rule_ids, false));
  return aws::ec2::RevokeSecurityGroupIngressReply{};
}

Result<aws::ec2::RevokeSecurityGroupEgressReply> SecurityGroups::revoke_security_group_egress(
    const Call&, const aws::ec2::RevokeSecurityGroupEgressRequest& request) {
  CHECK(begin("RevokeSecurityGroupEgress", request));
  CHECK(revoke(request.group_id, request.ip_permissions, request.security_group_rule_ids, true));
  return aws::ec2::RevokeSecurityGroupEgressReply{};
}

Result<aws::ec2::DescribeSecurityGroupRulesReply> SecurityGroups::describe_security_group_rules(
    const Call&, const aws::ec2::DescribeSecurityGroupRulesRequest& request) {
  CHECK(begin("DescribeSecurityGroupRules", request));
  std::vector<aws::ec2::SecurityGroupRule> rules;
  for (const auto& [id, rule] : state_.rules.rows()) {
    rules.push_back(rule);
    rules.back().tags = state_.tags_of(id);
  }
  TRY(auto page, describe(
                     std::move(rules),
                     {.ids = request.security_group_rule_ids,
                      .not_found_code = "InvalidSecurityGroupRuleId.NotFound",
                      .noun = "security group rule ID",
                      .filters = request.filters,
                      .max_results = request.max_results,
                      .next_token = request.next_token},
                     [](const auto& rule) { return rule.security_group_rule_id; }, rule_filter));
  return aws::ec2::DescribeSecurityGroupRulesReply{.security_group_rules = std::move(page.items), .next_token = page.next_token};
}

}  // namespace pds::cloud::ec2
