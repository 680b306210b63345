// Auto Scaling: the instances of a group.
#pragma once

#include "aws/shapes/autoscaling/common.h"

namespace pds::aws::autoscaling {

struct AutoScalingInstanceDetails {
  std::string instance_id, instance_type, auto_scaling_group_name, availability_zone, lifecycle_state, health_status;
  LaunchTemplateSpecification launch_template;
  std::string image_id;
  bool protected_from_scale_in = false;
};
PDS_WIRE_SHAPE(AutoScalingInstanceDetails, FIELD(instance_id, "InstanceId"), FIELD(instance_type, "InstanceType"),
               FIELD(auto_scaling_group_name, "AutoScalingGroupName"), FIELD(availability_zone, "AvailabilityZone"),
               FIELD(lifecycle_state, "LifecycleState"), FIELD(health_status, "HealthStatus"), FIELD(launch_template, "LaunchTemplate"),
               FIELD(image_id, "ImageId"), FIELD(protected_from_scale_in, "ProtectedFromScaleIn"))

struct DescribeAutoScalingInstancesRequest {
  std::vector<std::string> instance_ids;
  std::optional<int> max_records;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeAutoScalingInstancesRequest, FIELD(instance_ids, "InstanceIds"), FIELD(max_records, "MaxRecords"),
               FIELD(next_token, "NextToken"))

struct DescribeAutoScalingInstancesReply {
  std::vector<AutoScalingInstanceDetails> auto_scaling_instances;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeAutoScalingInstancesReply, FIELD(auto_scaling_instances, "AutoScalingInstances"), FIELD(next_token, "NextToken"))

PDS_OPERATION(DescribeAutoScalingInstances)

struct AttachInstancesRequest {
  std::vector<std::string> instance_ids;
  std::string auto_scaling_group_name;
};
PDS_WIRE_SHAPE(AttachInstancesRequest, FIELD(instance_ids, "InstanceIds"),
               FIELD(auto_scaling_group_name, "AutoScalingGroupName").required())

using AttachInstancesReply = Empty;
PDS_OPERATION(AttachInstances)

struct DetachInstancesRequest {
  std::vector<std::string> instance_ids;
  std::string auto_scaling_group_name;
  bool should_decrement_desired_capacity = false;
};
PDS_WIRE_SHAPE(DetachInstancesRequest, FIELD(instance_ids, "InstanceIds"),
               FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(should_decrement_desired_capacity, "ShouldDecrementDesiredCapacity").required())

struct DetachInstancesReply {
  std::vector<Activity> activities;
};
PDS_WIRE_SHAPE(DetachInstancesReply, FIELD(activities, "Activities"))

PDS_OPERATION(DetachInstances)

struct EnterStandbyRequest {
  std::vector<std::string> instance_ids;
  std::string auto_scaling_group_name;
  bool should_decrement_desired_capacity = false;
};
PDS_WIRE_SHAPE(EnterStandbyRequest, FIELD(instance_ids, "InstanceIds"),
               FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(should_decrement_desired_capacity, "ShouldDecrementDesiredCapacity").required())

struct EnterStandbyReply {
  std::vector<Activity> activities;
};
PDS_WIRE_SHAPE(EnterStandbyReply, FIELD(activities, "Activities"))

PDS_OPERATION(EnterStandby)

struct ExitStandbyRequest {
  std::vector<std::string> instance_ids;
  std::string auto_scaling_group_name;
};
PDS_WIRE_SHAPE(ExitStandbyRequest, FIELD(instance_ids, "InstanceIds"), FIELD(auto_scaling_group_name, "AutoScalingGroupName").required())

struct ExitStandbyReply {
  std::vector<Activity> activities;
};
PDS_WIRE_SHAPE(ExitStandbyReply, FIELD(activities, "Activities"))

PDS_OPERATION(ExitStandby)

struct SetInstanceHealthRequest {
  std::string instance_id, health_status;
  std::optional<bool> should_respect_grace_period;
};
PDS_WIRE_SHAPE(SetInstanceHealthRequest, FIELD(instance_id, "InstanceId").required(), FIELD(health_status, "HealthStatus").required(),
               FIELD(should_respect_grace_period, "ShouldRespectGracePeriod"))

using SetInstanceHealthReply = Empty;
PDS_OPERATION(SetInstanceHealth)

struct SetInstanceProtectionRequest {
  std::vector<std::string> instance_ids;
  std::string auto_scaling_group_name;
  bool protected_from_scale_in = false;
};
PDS_WIRE_SHAPE(SetInstanceProtectionRequest, FIELD(instance_ids, "InstanceIds").required(),
               FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(protected_from_scale_in, "ProtectedFromScaleIn").required())

using SetInstanceProtectionReply = Empty;
PDS_OPERATION(SetInstanceProtection)

struct TerminateInstanceInAutoScalingGroupRequest {
  std::string instance_id;
  bool should_decrement_desired_capacity = false;
};
PDS_WIRE_SHAPE(TerminateInstanceInAutoScalingGroupRequest, FIELD(instance_id, "InstanceId").required(),
               FIELD(should_decrement_desired_capacity, "ShouldDecrementDesiredCapacity").required())

struct TerminateInstanceInAutoScalingGroupReply {
  Activity activity;
};
PDS_WIRE_SHAPE(TerminateInstanceInAutoScalingGroupReply, FIELD(activity, "Activity"))

PDS_OPERATION(TerminateInstanceInAutoScalingGroup)

}  // namespace pds::aws::autoscaling
