// Elastic Load Balancing v2 2015-12-01: target groups.
#pragma once

#include "aws/shapes/elbv2/common.h"

namespace pds::aws::elbv2 {

struct Matcher {
  std::optional<std::string> http_code, grpc_code;
};
PDS_WIRE_SHAPE(Matcher, FIELD(http_code, "HttpCode"), FIELD(grpc_code, "GrpcCode"))

struct TargetGroup {
  std::string target_group_arn, target_group_name;
  std::optional<std::string> protocol;
  std::optional<int> port;
  std::optional<std::string> vpc_id;
  std::string health_check_protocol, health_check_port;
  bool health_check_enabled = true;
  int health_check_interval_seconds = 30, health_check_timeout_seconds = 5, healthy_threshold_count = 5,
      unhealthy_threshold_count = 2;
  std::optional<std::string> health_check_path;
  std::optional<Matcher> matcher;
  std::vector<std::string> load_balancer_arns;
  std::string target_type;
  std::optional<std::string> protocol_version, ip_address_type;
};
PDS_WIRE_SHAPE(TargetGroup, FIELD(target_group_arn, "TargetGroupArn"), FIELD(target_group_name, "TargetGroupName"),
               FIELD(protocol, "Protocol"), FIELD(port, "Port"), FIELD(vpc_id, "VpcId"),
               FIELD(health_check_protocol, "HealthCheckProtocol").omit_empty(),
               FIELD(health_check_port, "HealthCheckPort").omit_empty(), FIELD(health_check_enabled, "HealthCheckEnabled"),
               FIELD(health_check_interval_seconds, "HealthCheckIntervalSeconds"),
               FIELD(health_check_timeout_seconds, "HealthCheckTimeoutSeconds"), FIELD(healthy_threshold_count, "HealthyThresholdCount"),
               FIELD(unhealthy_threshold_count, "UnhealthyThresholdCount"), FIELD(health_check_path, "HealthCheckPath"),
               FIELD(matcher, "Matcher"), FIELD(load_balancer_arns, "LoadBalancerArns"), FIELD(target_type, "TargetType"),
               FIELD(protocol_version, "ProtocolVersion"), FIELD(ip_address_type, "IpAddressType"))

struct CreateTargetGroupRequest {
  std::string name;
  std::optional<std::string> protocol, protocol_version;
  std::optional<int> port;
  std::optional<std::string> vpc_id, health_check_protocol, health_check_port;
  std::optional<bool> health_check_enabled;
  std::optional<std::string> health_check_path;
  std::optional<int> health_check_interval_seconds, health_check_timeout_seconds, healthy_threshold_count,
      unhealthy_threshold_count;
  std::optional<Matcher> matcher;
  std::optional<std::string> target_type;
  std::vector<Tag> tags;
  std::optional<std::string> ip_address_type;
  std::optional<int> target_control_port;
};
PDS_WIRE_SHAPE(CreateTargetGroupRequest, FIELD(name, "Name").required(), FIELD(protocol, "Protocol"),
               FIELD(protocol_version, "ProtocolVersion"), FIELD(port, "Port").bounds(1, 65535), FIELD(vpc_id, "VpcId"),
               FIELD(health_check_protocol, "HealthCheckProtocol"), FIELD(health_check_port, "HealthCheckPort"),
               FIELD(health_check_enabled, "HealthCheckEnabled"), FIELD(health_check_path, "HealthCheckPath").bounds(1, 1024),
               FIELD(health_check_interval_seconds, "HealthCheckIntervalSeconds").bounds(5, 300),
               FIELD(health_check_timeout_seconds, "HealthCheckTimeoutSeconds").bounds(2, 120),
               FIELD(healthy_threshold_count, "HealthyThresholdCount").bounds(2, 10),
               FIELD(unhealthy_threshold_count, "UnhealthyThresholdCount").bounds(2, 10), FIELD(matcher, "Matcher"),
               FIELD(target_type, "TargetType"), FIELD(tags, "Tags"), FIELD(ip_address_type, "IpAddressType"),
               FIELD(target_control_port, "TargetControlPort"))

struct TargetGroupsReply {
  std::vector<TargetGroup> target_groups;
};
PDS_WIRE_SHAPE(TargetGroupsReply, FIELD(target_groups, "TargetGroups"))

using CreateTargetGroupReply = TargetGroupsReply;
PDS_OPERATION(CreateTargetGroup)

struct ModifyTargetGroupRequest {
  std::string target_group_arn;
  std::optional<std::string> health_check_protocol, health_check_port, health_check_path;
  std::optional<bool> health_check_enabled;
  std::optional<int> health_check_interval_seconds, health_check_timeout_seconds, healthy_threshold_count,
      unhealthy_threshold_count;
  std::optional<Matcher> matcher;
};
PDS_WIRE_SHAPE(ModifyTargetGroupRequest, FIELD(target_group_arn, "TargetGroupArn").required(),
               FIELD(health_check_protocol, "HealthCheckProtocol"), FIELD(health_check_port, "HealthCheckPort"),
               FIELD(health_check_path, "HealthCheckPath").bounds(1, 1024), FIELD(health_check_enabled, "HealthCheckEnabled"),
               FIELD(health_check_interval_seconds, "HealthCheckIntervalSeconds").bounds(5, 300),
               FIELD(health_check_timeout_seconds, "HealthCheckTimeoutSeconds").bounds(2, 120),
               FIELD(healthy_threshold_count, "HealthyThresholdCount").bounds(2, 10),
               FIELD(unhealthy_threshold_count, "UnhealthyThresholdCount").bounds(2, 10), FIELD(matcher, "Matcher"))

using ModifyTargetGroupReply = TargetGroupsReply;
PDS_OPERATION(ModifyTargetGroup)

struct TargetGroupArnRequest {
  std::string target_group_arn;
};
PDS_WIRE_SHAPE(TargetGroupArnRequest, FIELD(target_group_arn, "TargetGroupArn").required())

using DeleteTargetGroupRequest = TargetGroupArnRequest;
using DeleteTargetGroupReply = Empty;
PDS_OPERATION(DeleteTargetGroup)

struct DescribeTargetGroupsRequest {
  std::optional<std::string> load_balancer_arn;
  std::vector<std::string> target_group_arns, names;
  std::optional<std::string> marker;
  std::optional<int> page_size;
};
PDS_WIRE_SHAPE(DescribeTargetGroupsRequest, FIELD(load_balancer_arn, "LoadBalancerArn"), FIELD(target_group_arns, "TargetGroupArns"),
               FIELD(names, "Names"), PDS_ELBV2_PAGE_REQUEST)

struct DescribeTargetGroupsReply {
  std::vector<TargetGroup> target_groups;
  std::optional<std::string> next_marker;
};
PDS_WIRE_SHAPE(DescribeTargetGroupsReply, FIELD(target_groups, "TargetGroups"), FIELD(next_marker, "NextMarker"))

PDS_OPERATION(DescribeTargetGroups)

struct ModifyTargetGroupAttributesRequest {
  std::string target_group_arn;
  std::vector<Attribute> attributes;
};
PDS_WIRE_SHAPE(ModifyTargetGroupAttributesRequest, FIELD(target_group_arn, "TargetGroupArn").required(),
               FIELD(attributes, "Attributes").required().bounds(1, 20))

using ModifyTargetGroupAttributesReply = AttributesReply;
PDS_OPERATION(ModifyTargetGroupAttributes)

using DescribeTargetGroupAttributesRequest = TargetGroupArnRequest;
using DescribeTargetGroupAttributesReply = AttributesReply;
PDS_OPERATION(DescribeTargetGroupAttributes)

}  // namespace pds::aws::elbv2
