// EC2: security groups and their rules.
#pragma once

#include "aws/shapes/ec2/common.h"

namespace pds::aws::ec2 {

struct IpRange {
  std::optional<std::string> description;
  std::string cidr_ip;
};
PDS_WIRE_SHAPE(IpRange, FIELD(description, "description"), FIELD(cidr_ip, "cidrIp"))

struct UserIdGroupPair {
  std::optional<std::string> description, user_id, group_name, group_id, vpc_id;
};
PDS_WIRE_SHAPE(UserIdGroupPair, FIELD(description, "description"), FIELD(user_id, "userId"), FIELD(group_name, "groupName"),
               FIELD(group_id, "groupId"), FIELD(vpc_id, "vpcId"))

struct IpPermission {
  std::optional<std::string> ip_protocol;
  std::optional<int> from_port, to_port;
  std::vector<UserIdGroupPair> user_id_group_pairs;
  std::vector<IpRange> ip_ranges;
  std::optional<Unsupported> ipv6_ranges, prefix_list_ids;
};
PDS_WIRE_SHAPE(IpPermission, FIELD(ip_protocol, "ipProtocol"), FIELD(from_port, "fromPort"), FIELD(to_port, "toPort"),
               FIELD(user_id_group_pairs, "groups"), FIELD(ip_ranges, "ipRanges"), FIELD(ipv6_ranges, "ipv6Ranges"),
               FIELD(prefix_list_ids, "prefixListIds"))

struct SecurityGroup {
  std::string group_id;
  std::vector<IpPermission> ip_permissions_egress;
  std::vector<Tag> tags;
  std::string vpc_id, security_group_arn, owner_id, group_name, description;
  std::vector<IpPermission> ip_permissions;
};
PDS_WIRE_SHAPE(SecurityGroup, FIELD(group_id, "groupId"), FIELD(ip_permissions_egress, "ipPermissionsEgress"), FIELD(tags, "tagSet"),
               FIELD(vpc_id, "vpcId"), FIELD(security_group_arn, "securityGroupArn"), FIELD(owner_id, "ownerId"),
               FIELD(group_name, "groupName"), FIELD(description, "groupDescription"), FIELD(ip_permissions, "ipPermissions"))

struct ReferencedSecurityGroup {
  std::string group_id, user_id;
  std::optional<std::string> vpc_id;
};
PDS_WIRE_SHAPE(ReferencedSecurityGroup, FIELD(group_id, "groupId"), FIELD(user_id, "userId"), FIELD(vpc_id, "vpcId"))

struct SecurityGroupRule {
  std::string security_group_rule_id, group_id, group_owner_id;
  bool is_egress = false;
  std::string ip_protocol;
  int from_port = 0, to_port = 0;
  std::optional<std::string> cidr_ipv4;
  std::optional<ReferencedSecurityGroup> referenced_group_info;
  std::optional<std::string> description;
  std::vector<Tag> tags;
  std::string security_group_rule_arn;
};
PDS_WIRE_SHAPE(SecurityGroupRule, FIELD(security_group_rule_id, "securityGroupRuleId"), FIELD(group_id, "groupId"),
               FIELD(group_owner_id, "groupOwnerId"), FIELD(is_egress, "isEgress"), FIELD(ip_protocol, "ipProtocol"),
               FIELD(from_port, "fromPort"), FIELD(to_port, "toPort"), FIELD(cidr_ipv4, "cidrIpv4"),
               FIELD(referenced_group_info, "referencedGroupInfo"), FIELD(description, "description"), FIELD(tags, "tagSet"),
               FIELD(security_group_rule_arn, "securityGroupRuleArn"))

struct CreateSecurityGroupRequest {
  std::string description, group_name;
  std::optional<std::string> vpc_id;
  std::vector<TagSpecification> tag_specifications;
  std::optional<bool> dry_run;
};
PDS_WIRE_SHAPE(CreateSecurityGroupRequest, FIELD(description, "GroupDescription").required(), FIELD(group_name, "GroupName").required(),
               FIELD(vpc_id, "VpcId"), FIELD(tag_specifications, "TagSpecification"), FIELD(dry_run, "dryRun"))

struct CreateSecurityGroupReply {
  std::string group_id;
  std::vector<Tag> tags;
  std::string security_group_arn;
};
PDS_WIRE_SHAPE(CreateSecurityGroupReply, FIELD(group_id, "groupId"), FIELD(tags, "tagSet"),
               FIELD(security_group_arn, "securityGroupArn"))

PDS_OPERATION(CreateSecurityGroup)

struct DeleteSecurityGroupRequest {
  std::optional<std::string> group_id, group_name;
  std::optional<bool> dry_run;
};
PDS_WIRE_SHAPE(DeleteSecurityGroupRequest, FIELD(group_id, "GroupId"), FIELD(group_name, "GroupName"), FIELD(dry_run, "dryRun"))

struct DeleteSecurityGroupReply {
  bool done = true;
  std::string group_id;
};
PDS_WIRE_SHAPE(DeleteSecurityGroupReply, FIELD(done, "return"), FIELD(group_id, "groupId"))

PDS_OPERATION(DeleteSecurityGroup)

struct DescribeSecurityGroupsRequest {
  std::vector<std::string> group_ids;
  std::vector<std::string> group_names;
  std::optional<std::string> next_token;
  std::optional<int> max_results;
  std::optional<bool> dry_run;
  std::vector<Filter> filters;
};
PDS_WIRE_SHAPE(DescribeSecurityGroupsRequest, FIELD(group_ids, "GroupId"), FIELD(group_names, "GroupName"),
               FIELD(next_token, "NextToken"), FIELD(max_results, "MaxResults"), FIELD(dry_run, "dryRun"), FIELD(filters, "Filter"))

struct DescribeSecurityGroupsReply {
  std::optional<std::string> next_token;
  std::vector<SecurityGroup> security_groups;
};
PDS_WIRE_SHAPE(DescribeSecurityGroupsReply, FIELD(next_token, "nextToken"), FIELD(security_groups, "securityGroupInfo"))

PDS_OPERATION(DescribeSecurityGroups)

struct AuthorizeSecurityGroupIngressRequest {
  std::optional<std::string> cidr_ip;
  std::optional<int> from_port;
  std::optional<std::string> group_id, group_name;
  std::vector<IpPermission> ip_permissions;
  std::optional<std::string> ip_protocol;
  std::optional<int> to_port;
  std::vector<TagSpecification> tag_specifications;
  std::optional<bool> dry_run;
  std::optional<Unsupported> source_security_group_name, source_security_group_owner_id;
};
PDS_WIRE_SHAPE(AuthorizeSecurityGroupIngressRequest, FIELD(cidr_ip, "CidrIp"), FIELD(from_port, "FromPort"), FIELD(group_id, "GroupId"),
               FIELD(group_name, "GroupName"), FIELD(ip_permissions, "IpPermissions"), FIELD(ip_protocol, "IpProtocol"),
               FIELD(to_port, "ToPort"), FIELD(tag_specifications, "TagSpecification"), FIELD(dry_run, "dryRun"),
               FIELD(source_security_group_name, "SourceSecurityGroupName"),
               FIELD(source_security_group_owner_id, "SourceSecurityGroupOwnerId"))

struct AuthorizeSecurityGroupIngressReply {
  bool done = true;
  std::vector<SecurityGroupRule> security_group_rules;
};
PDS_WIRE_SHAPE(AuthorizeSecurityGroupIngressReply, FIELD(done, "return"), FIELD(security_group_rules, "securityGroupRuleSet"))

PDS_OPERATION(AuthorizeSecurityGroupIngress)

struct AuthorizeSecurityGroupEgressRequest {
  std::vector<TagSpecification> tag_specifications;
  std::optional<bool> dry_run;
  std::string group_id;
  std::vector<IpPermission> ip_permissions;
  std::optional<Unsupported> source_security_group_name, source_security_group_owner_id, ip_protocol, from_port, to_port, cidr_ip;
};
PDS_WIRE_SHAPE(AuthorizeSecurityGroupEgressRequest, FIELD(tag_specifications, "TagSpecification"), FIELD(dry_run, "dryRun"),
               FIELD(group_id, "groupId").required(), FIELD(ip_permissions, "ipPermissions"),
               FIELD(source_security_group_name, "sourceSecurityGroupName"),
               FIELD(source_security_group_owner_id, "sourceSecurityGroupOwnerId"), FIELD(ip_protocol, "ipProtocol"),
               FIELD(from_port, "fromPort"), FIELD(to_port, "toPort"), FIELD(cidr_ip, "cidrIp"))

struct AuthorizeSecurityGroupEgressReply {
  bool done = true;
  std::vector<SecurityGroupRule> security_group_rules;
};
PDS_WIRE_SHAPE(AuthorizeSecurityGroupEgressReply, FIELD(done, "return"), FIELD(security_group_rules, "securityGroupRuleSet"))

PDS_OPERATION(AuthorizeSecurityGroupEgress)

struct RevokeSecurityGroupIngressRequest {
  std::optional<std::string> cidr_ip;
  std::optional<int> from_port;
  std::optional<std::string> group_id, group_name;
  std::vector<IpPermission> ip_permissions;
  std::optional<std::string> ip_protocol;
  std::optional<int> to_port;
  std::optional<bool> dry_run;
  std::vector<std::string> security_group_rule_ids;
  std::optional<Unsupported> source_security_group_name, source_security_group_owner_id;
};
PDS_WIRE_SHAPE(RevokeSecurityGroupIngressRequest, FIELD(cidr_ip, "CidrIp"), FIELD(from_port, "FromPort"), FIELD(group_id, "GroupId"),
               FIELD(group_name, "GroupName"), FIELD(ip_permissions, "IpPermissions"), FIELD(ip_protocol, "IpProtocol"),
               FIELD(to_port, "ToPort"), FIELD(dry_run, "dryRun"), FIELD(security_group_rule_ids, "SecurityGroupRuleId"),
               FIELD(source_security_group_name, "SourceSecurityGroupName"),
               FIELD(source_security_group_owner_id, "SourceSecurityGroupOwnerId"))

struct RevokeSecurityGroupIngressReply {
  bool done = true;
};
PDS_WIRE_SHAPE(RevokeSecurityGroupIngressReply, FIELD(done, "return"))

PDS_OPERATION(RevokeSecurityGroupIngress)

struct RevokeSecurityGroupEgressRequest {
  std::vector<std::string> security_group_rule_ids;
  std::optional<bool> dry_run;
  std::string group_id;
  std::vector<IpPermission> ip_permissions;
  std::optional<Unsupported> source_security_group_name, source_security_group_owner_id, ip_protocol, from_port, to_port, cidr_ip;
};
PDS_WIRE_SHAPE(RevokeSecurityGroupEgressRequest, FIELD(security_group_rule_ids, "SecurityGroupRuleId"), FIELD(dry_run, "dryRun"),
               FIELD(group_id, "groupId").required(), FIELD(ip_permissions, "ipPermissions"),
               FIELD(source_security_group_name, "sourceSecurityGroupName"),
               FIELD(source_security_group_owner_id, "sourceSecurityGroupOwnerId"), FIELD(ip_protocol, "ipProtocol"),
               FIELD(from_port, "fromPort"), FIELD(to_port, "toPort"), FIELD(cidr_ip, "cidrIp"))

struct RevokeSecurityGroupEgressReply {
  bool done = true;
};
PDS_WIRE_SHAPE(RevokeSecurityGroupEgressReply, FIELD(done, "return"))

PDS_OPERATION(RevokeSecurityGroupEgress)

struct DescribeSecurityGroupRulesRequest {
  std::vector<Filter> filters;
  std::vector<std::string> security_group_rule_ids;
  std::optional<bool> dry_run;
  std::optional<std::string> next_token;
  std::optional<int> max_results;
};
PDS_WIRE_SHAPE(DescribeSecurityGroupRulesRequest, FIELD(filters, "Filter"), FIELD(security_group_rule_ids, "SecurityGroupRuleId"),
               FIELD(dry_run, "DryRun"), FIELD(next_token, "NextToken"), FIELD(max_results, "MaxResults"))

struct DescribeSecurityGroupRulesReply {
  std::vector<SecurityGroupRule> security_group_rules;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeSecurityGroupRulesReply, FIELD(security_group_rules, "securityGroupRuleSet"), FIELD(next_token, "nextToken"))

PDS_OPERATION(DescribeSecurityGroupRules)

}  // namespace pds::aws::ec2
