#include "cloud/services/ec2/security_rule.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "cloud/services/ec2/cidr.h"

namespace pds::cloud::ec2 {

namespace {

bool covers(const Rule& rule, const Connection& connection) {
  if (rule.protocol == "-1") return true;
  if (rule.protocol != connection.protocol) return false;
  return rule.from_port == -1 || (connection.port >= rule.from_port && connection.port <= rule.to_port);
}

bool comes_from(const Rule& rule, const Connection& connection) {
  if (!rule.referenced_group.empty())
    return std::find(connection.source_groups.begin(), connection.source_groups.end(), rule.referenced_group) !=
           connection.source_groups.end();
  auto block = parse_cidr(rule.cidr);
  auto address = parse_ipv4(connection.source_address);
  return block && address && block->contains(*address);
}

Result<std::string> protocol_name(std::string_view text) {
  std::string name = to_lower(text);
  if (name == "6") return "tcp";
  if (name == "17") return "udp";
  if (name == "1") return "icmp";
  if (name == "all") return "-1";
  if (name == "tcp" || name == "udp" || name == "icmp" || name == "-1") return name;
  auto number = parse_int(name);
  if (number && *number >= 0 && *number <= 255) return name;
  return fail("InvalidPermission.Malformed",
              fmt::format("Unsupported IP protocol \"{}\" - supported: [tcp, udp, icmp] or a number", text));
}

Result<void> check_ports(const std::string& protocol, const std::optional<int>& from, const std::optional<int>& to) {
  if (protocol != "tcp" && protocol != "udp") return {};
  if (!from || !to)
    return fail("InvalidParameterValue",
                fmt::format("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange."));
  if (*from < 0 || *to > 65535 || *from > *to)
    return fail("InvalidParameterValue", fmt::format("Invalid TCP/UDP port range ({}:{})", *from, *to));
  return {};
}

}  // namespace

bool allows(const std::vector<Rule>& rules, const Connection& connection) {
  return std::any_of(rules.begin(), rules.end(),
                     [&](const Rule& rule) { return covers(rule, connection) && comes_from(rule, connection); });
}

Result<std::vector<aws::ec2::SecurityGroupRule>> rules_of(const aws::ec2::IpPermission& permission) {
  if (!permission.ip_protocol) return fail("MissingParameter", "The request must contain the parameter IpProtocol");
  TRY(std::string protocol, protocol_name(*permission.ip_protocol));
  CHECK(check_ports(protocol, permission.from_port, permission.to_port));
  aws::ec2::SecurityGroupRule rule;
  rule.ip_protocol = protocol;
  rule.from_port = protocol == "-1" ? -1 : permission.from_port.value_or(-1);
  rule.to_port = protocol == "-1" ? -1 : permission.to_port.value_or(-1);
  std::vector<aws::ec2::SecurityGroupRule> rules;
  for (const auto& range : permission.ip_ranges) {
    TRY(Cidr block, parse_cidr(range.cidr_ip, "cidrIp"));
    rules.push_back(rule);
    rules.back().cidr_ipv4 = block.text();
    rules.back().description = range.description;
  }
  for (const auto& pair : permission.user_id_group_pairs) {
    if (!pair.group_id)
      return fail("NotImplemented", "security group rules that name the other group by GroupName are not supported: use GroupId",
                  501);
    rules.push_back(rule);
    rules.back().referenced_group_info = {.group_id = *pair.group_id, .user_id = pair.user_id.value_or(""), .vpc_id = std::nullopt};
    rules.back().description = pair.description;
  }
  if (rules.empty()) return fail("MissingParameter", "Source group ID missing: a rule needs an IP range or a group");
  return rules;
}

std::vector<aws::ec2::IpPermission> permissions_of(const std::vector<aws::ec2::SecurityGroupRule>& rules) {
  std::vector<aws::ec2::IpPermission> permissions;
  for (const auto& rule : rules) {
    auto same = [&](const aws::ec2::IpPermission& p) {
      return p.ip_protocol == rule.ip_protocol && p.from_port.value_or(-1) == rule.from_port &&
             p.to_port.value_or(-1) == rule.to_port;
    };
    auto it = std::find_if(permissions.begin(), permissions.end(), same);
    if (it == permissions.end()) {
      it = permissions.emplace(permissions.end());
      it->ip_protocol = rule.ip_protocol;
      if (rule.ip_protocol != "-1") it->from_port = rule.from_port, it->to_port = rule.to_port;
    }
    if (rule.cidr_ipv4) it->ip_ranges.push_back({.description = rule.description, .cidr_ip = *rule.cidr_ipv4});
    if (rule.referenced_group_info)
      it->user_id_group_pairs.push_back({.description = rule.description,
                                         .user_id = rule.referenced_group_info->user_id,
                                         .group_name = std::nullopt,
                                         .group_id = rule.referenced_group_info->group_id,
                                         .vpc_id = std::nullopt});
  }
  return permissions;
}

bool same_rule(const aws::ec2::SecurityGroupRule& a, const aws::ec2::SecurityGroupRule& b) {
  auto group = [](const aws::ec2::SecurityGroupRule& rule) {
    return rule.referenced_group_info ? rule.referenced_group_info->group_id : "";
  };
  return a.is_egress == b.is_egress && a.ip_protocol == b.ip_protocol && a.from_port == b.from_port && a.to_port == b.to_port &&
         a.cidr_ipv4 == b.cidr_ipv4 && group(a) == group(b);
}

}  // namespace pds::cloud::ec2
