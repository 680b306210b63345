#include "cloud/services/ec2/security_rule.h"

#include <gtest/gtest.h>

namespace pds::cloud::ec2 {
namespace {

TEST(SecurityRule, DecidesByProtocolPortAndSource) {
  struct Case {
    Rule rule;
    Connection connection;
    bool allowed;
  };
  const Rule web{"tcp", 80, 443, "10.0.0.0/16", ""}, member{"tcp", 9898, 9898, "", "sg-lb"}, all{"-1", -1, -1, "0.0.0.0/0", ""};
  const Case cases[] = {
      {web, {"tcp", 80, {}, "10.0.3.4"}, true},
      {web, {"tcp", 443, {}, "10.0.3.4"}, true},
      {web, {"tcp", 444, {}, "10.0.3.4"}, false},
      {web, {"tcp", 79, {}, "10.0.3.4"}, false},
      {web, {"udp", 80, {}, "10.0.3.4"}, false},
      {web, {"tcp", 80, {}, "10.1.0.1"}, false},
      {web, {"tcp", 80, {"sg-lb"}, ""}, false},
      {member, {"tcp", 9898, {"sg-lb"}, ""}, true},
      {member, {"tcp", 9898, {"sg-other"}, "10.0.0.1"}, false},
      {member, {"tcp", 9898, {"sg-other", "sg-lb"}, "10.0.0.1"}, true},
      {all, {"tcp", 1, {}, "192.0.2.1"}, true},
      {all, {"udp", 53, {}, "192.0.2.1"}, true},
      {all, {"tcp", 1, {"sg-lb"}, ""}, false},
      {{"tcp", -1, -1, "0.0.0.0/0", ""}, {"tcp", 65535, {}, "1.2.3.4"}, true},
  };
  for (const Case& c : cases)
    EXPECT_EQ(allows({c.rule}, c.connection), c.allowed)
        << c.rule.protocol << " " << c.rule.from_port << " " << c.rule.cidr << c.rule.referenced_group << " <- "
        << c.connection.source_address << ":" << c.connection.port;
  EXPECT_FALSE(allows({}, {"tcp", 80, {}, "10.0.0.1"}));
  EXPECT_TRUE(allows({web, member}, {"tcp", 9898, {"sg-lb"}, "10.9.9.9"}));
}

TEST(SecurityRule, APermissionBecomesOneRulePerSourceAndBack) {
  aws::ec2::IpPermission permission;
  permission.ip_protocol = "6";
  permission.from_port = 80, permission.to_port = 80;
  permission.ip_ranges = {{.description = "office", .cidr_ip = "10.1.2.3/16"},
                          {.description = std::nullopt, .cidr_ip = "10.2.0.0/16"}};
  auto rules = rules_of(permission);
  ASSERT_TRUE(rules.has_value());
  ASSERT_EQ(rules->size(), 2u);
  EXPECT_EQ((*rules)[0].ip_protocol, "tcp");
  EXPECT_EQ((*rules)[0].cidr_ipv4, "10.1.0.0/16");
  auto gathered = permissions_of(*rules);
  ASSERT_EQ(gathered.size(), 1u);
  EXPECT_EQ(gathered[0].ip_ranges.size(), 2u);
}

TEST(SecurityRule, BadPermissionsAreNamed) {
  auto code_of = [](std::optional<std::string> protocol, std::optional<int> from, std::optional<int> to,
                    const char* cidr) -> std::string {
    aws::ec2::IpPermission permission;
    permission.ip_protocol = protocol, permission.from_port = from, permission.to_port = to;
    if (cidr) permission.ip_ranges = {{.description = std::nullopt, .cidr_ip = cidr}};
    auto rules = rules_of(permission);
    return rules ? "" : rules.error().code;
  };
  EXPECT_EQ(code_of("tcp", 80, 80, "10.0.0.0/8"), "");
  EXPECT_EQ(code_of(std::nullopt, 80, 80, "10.0.0.0/8"), "MissingParameter");
  EXPECT_EQ(code_of("smoke", 80, 80, "10.0.0.0/8"), "InvalidPermission.Malformed");
  EXPECT_EQ(code_of("tcp", 90, 80, "10.0.0.0/8"), "InvalidParameterValue");
  EXPECT_EQ(code_of("tcp", std::nullopt, 80, "10.0.0.0/8"), "InvalidParameterValue");
  EXPECT_EQ(code_of("tcp", 80, 70000, "10.0.0.0/8"), "InvalidParameterValue");
  EXPECT_EQ(code_of("tcp", 80, 80, "10.0.0.0/33"), "InvalidParameterValue");
  EXPECT_EQ(code_of("tcp", 80, 80, nullptr), "MissingParameter");
}

}  // namespace
}  // namespace pds::cloud::ec2
