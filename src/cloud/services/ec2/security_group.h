// Security groups and their rules. What they decide is in security_rule.h.
#pragma once

#include "cloud/services/ec2/operation.h"
#include "cloud/services/ec2/security_rule.h"
#include "cloud/services/ec2/state.h"

namespace pds::cloud::ec2 {

class SecurityGroups {
 public:
  explicit SecurityGroups(State& state) : state_(state) {}
  // A group with the rule that lets everything out; the default group also lets its own members in.
  std::string add_group(const std::string& vpc_id, const std::string& name, const std::string& description, bool is_default);
  void remove_group(const std::string& group_id);
  Result<const aws::ec2::SecurityGroup*> at(const std::string& group_id) const;
  const aws::ec2::SecurityGroup* find_by_name(std::string_view vpc_id, std::string_view name) const;
  // The rules that decide about traffic into members of these groups.
  std::vector<Rule> ingress_of(const std::vector<std::string>& group_ids) const;

  PDS_CALL(AuthorizeSecurityGroupEgress, authorize_security_group_egress);
  PDS_CALL(AuthorizeSecurityGroupIngress, authorize_security_group_ingress);
  PDS_CALL(CreateSecurityGroup, create_security_group);
  PDS_CALL(DeleteSecurityGroup, delete_security_group);
  PDS_CALL(DescribeSecurityGroupRules, describe_security_group_rules);
  PDS_CALL(DescribeSecurityGroups, describe_security_groups);
  PDS_CALL(RevokeSecurityGroupEgress, revoke_security_group_egress);
  PDS_CALL(RevokeSecurityGroupIngress, revoke_security_group_ingress);

 private:
  using Permissions = std::vector<aws::ec2::IpPermission>;
  Result<std::vector<aws::ec2::SecurityGroupRule>> authorize(const std::string& group_id, const Permissions& permissions,
                                                             bool egress, const std::vector<aws::ec2::Tag>& tags);
  Result<void> revoke(const std::string& group_id, const Permissions& permissions, const std::vector<std::string>& rule_ids,
                      bool egress);
  Result<std::string> group_id_of(const std::optional<std::string>& id, const std::optional<std::string>& name) const;
  aws::ec2::SecurityGroup complete(aws::ec2::SecurityGroup group) const;
  State& state_;
};

inline constexpr size_t rules_per_group_max = 60;  // each direction

}  // namespace pds::cloud::ec2
