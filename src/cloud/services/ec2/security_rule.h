// What a security group decides: a pure function of rules and a connection.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "aws/shapes/ec2/security_group.h"
#include "base/result.h"

namespace pds::cloud::ec2 {

// One side of one rule, with its source as the decision needs it.
struct Rule {
  std::string protocol = "-1";  // "tcp", "udp", "icmp", a number, or "-1" for all
  int from_port = -1;           // -1: all
  int to_port = -1;
  std::string cidr;              // "10.0.0.0/16", or
  std::string referenced_group;  // members of this group
};

struct Connection {
  std::string protocol = "tcp";
  int port = 0;
  std::vector<std::string> source_groups;
  std::string source_address;  // empty: not known, then no CIDR rule matches
};

// Everything that no rule allows is refused.
bool allows(const std::vector<Rule>& rules, const Connection& connection);

// One rule per range and per referenced group, as EC2 numbers them. Errors: InvalidPermission.Malformed, InvalidParameterValue.
Result<std::vector<aws::ec2::SecurityGroupRule>> rules_of(const aws::ec2::IpPermission& permission);
// The same rules gathered as permissions: one per protocol and port range.
std::vector<aws::ec2::IpPermission> permissions_of(const std::vector<aws::ec2::SecurityGroupRule>& rules);
// Same protocol, ports and source: what makes two rules duplicates.
bool same_rule(const aws::ec2::SecurityGroupRule& a, const aws::ec2::SecurityGroupRule& b);

}  // namespace pds::cloud::ec2
