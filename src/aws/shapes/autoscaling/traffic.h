// Auto Scaling: target groups of a group, also as traffic sources.
#pragma once

#include "aws/shapes/autoscaling/group.h"

namespace pds::aws::autoscaling {

struct LoadBalancerTargetGroupState {
  std::string load_balancer_target_group_arn, state;
};
PDS_WIRE_SHAPE(LoadBalancerTargetGroupState, FIELD(load_balancer_target_group_arn, "LoadBalancerTargetGroupARN"), FIELD(state, "State"))

struct AttachLoadBalancerTargetGroupsRequest {
  std::string auto_scaling_group_name;
  std::vector<std::string> target_group_arns;
};
PDS_WIRE_SHAPE(AttachLoadBalancerTargetGroupsRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(target_group_arns, "TargetGroupARNs").required())

using AttachLoadBalancerTargetGroupsReply = Empty;
PDS_OPERATION(AttachLoadBalancerTargetGroups)

struct DetachLoadBalancerTargetGroupsRequest {
  std::string auto_scaling_group_name;
  std::vector<std::string> target_group_arns;
};
PDS_WIRE_SHAPE(DetachLoadBalancerTargetGroupsRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(target_group_arns, "TargetGroupARNs").required())

using DetachLoadBalancerTargetGroupsReply = Empty;
PDS_OPERATION(DetachLoadBalancerTargetGroups)

struct DescribeLoadBalancerTargetGroupsRequest {
  std::string auto_scaling_group_name;
  std::optional<std::string> next_token;
  std::optional<int> max_records;
};
PDS_WIRE_SHAPE(DescribeLoadBalancerTargetGroupsRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(next_token, "NextToken"), FIELD(max_records, "MaxRecords"))

struct DescribeLoadBalancerTargetGroupsReply {
  std::vector<LoadBalancerTargetGroupState> load_balancer_target_groups;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeLoadBalancerTargetGroupsReply, FIELD(load_balancer_target_groups, "LoadBalancerTargetGroups"),
               FIELD(next_token, "NextToken"))

PDS_OPERATION(DescribeLoadBalancerTargetGroups)

struct TrafficSourceState {
  std::string state, identifier, type;
};
PDS_WIRE_SHAPE(TrafficSourceState, FIELD(state, "State"), FIELD(identifier, "Identifier"), FIELD(type, "Type"))

struct AttachTrafficSourcesRequest {
  std::string auto_scaling_group_name;
  std::vector<TrafficSourceIdentifier> traffic_sources;
  std::optional<Unsupported> skip_zonal_shift_validation;
};
PDS_WIRE_SHAPE(AttachTrafficSourcesRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(traffic_sources, "TrafficSources").required(), FIELD(skip_zonal_shift_validation, "SkipZonalShiftValidation"))

using AttachTrafficSourcesReply = Empty;
PDS_OPERATION(AttachTrafficSources)

struct DetachTrafficSourcesRequest {
  std::string auto_scaling_group_name;
  std::vector<TrafficSourceIdentifier> traffic_sources;
};
PDS_WIRE_SHAPE(DetachTrafficSourcesRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(traffic_sources, "TrafficSources").required())

using DetachTrafficSourcesReply = Empty;
PDS_OPERATION(DetachTrafficSources)

struct DescribeTrafficSourcesRequest {
  std::string auto_scaling_group_name;
  std::optional<std::string> traffic_source_type, next_token;
  std::optional<int> max_records;
};
PDS_WIRE_SHAPE(DescribeTrafficSourcesRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(traffic_source_type, "TrafficSourceType"), FIELD(next_token, "NextToken"), FIELD(max_records, "MaxRecords"))

struct DescribeTrafficSourcesReply {
  std::vector<TrafficSourceState> traffic_sources;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeTrafficSourcesReply, FIELD(traffic_sources, "TrafficSources"), FIELD(next_token, "NextToken"))

PDS_OPERATION(DescribeTrafficSources)

}  // namespace pds::aws::autoscaling
