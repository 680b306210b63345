// Auto Scaling: groups.
#pragma once

#include "aws/shapes/autoscaling/common.h"

namespace pds::aws::autoscaling {

struct Instance {
  std::string instance_id, instance_type, availability_zone, lifecycle_state, health_status;
  LaunchTemplateSpecification launch_template;
  std::string image_id;
  bool protected_from_scale_in = false;
};
PDS_WIRE_SHAPE(Instance, FIELD(instance_id, "InstanceId"), FIELD(instance_type, "InstanceType"),
               FIELD(availability_zone, "AvailabilityZone"), FIELD(lifecycle_state, "LifecycleState"),
               FIELD(health_status, "HealthStatus"), FIELD(launch_template, "LaunchTemplate"), FIELD(image_id, "ImageId"),
               FIELD(protected_from_scale_in, "ProtectedFromScaleIn"))

struct SuspendedProcess {
  std::string process_name, suspension_reason;
};
PDS_WIRE_SHAPE(SuspendedProcess, FIELD(process_name, "ProcessName"), FIELD(suspension_reason, "SuspensionReason"))

struct EnabledMetric {
  std::string metric, granularity;
};
PDS_WIRE_SHAPE(EnabledMetric, FIELD(metric, "Metric"), FIELD(granularity, "Granularity"))

struct TagDescription {
  std::string resource_id, resource_type, key, value;
  bool propagate_at_launch = false;
};
PDS_WIRE_SHAPE(TagDescription, FIELD(resource_id, "ResourceId"), FIELD(resource_type, "ResourceType"), FIELD(key, "Key"),
               FIELD(value, "Value"), FIELD(propagate_at_launch, "PropagateAtLaunch"))

struct TrafficSourceIdentifier {
  std::string identifier;
  std::optional<std::string> type;
};
PDS_WIRE_SHAPE(TrafficSourceIdentifier, FIELD(identifier, "Identifier"), FIELD(type, "Type"))

struct AutoScalingGroup {
  std::string auto_scaling_group_name, auto_scaling_group_arn;
  LaunchTemplateSpecification launch_template;
  int min_size = 0, max_size = 0, desired_capacity = 0, default_cooldown = 0;
  std::vector<std::string> availability_zones;
  std::vector<std::string> load_balancer_names;
  std::vector<std::string> target_group_arns;
  std::string health_check_type;
  int health_check_grace_period = 0;
  std::vector<Instance> instances;
  Timestamp created_time;
  std::vector<SuspendedProcess> suspended_processes;
  std::string vpc_zone_identifier;
  std::vector<EnabledMetric> enabled_metrics;
  std::optional<std::string> status;
  std::vector<TagDescription> tags;
  std::vector<std::string> termination_policies;
  bool new_instances_protected_from_scale_in = false;
  std::string service_linked_role_arn;
  std::optional<int> max_instance_lifetime;
  bool capacity_rebalance = false;
  std::vector<TrafficSourceIdentifier> traffic_sources;
};
PDS_WIRE_SHAPE(AutoScalingGroup, FIELD(auto_scaling_group_name, "AutoScalingGroupName"),
               FIELD(auto_scaling_group_arn, "AutoScalingGroupARN"), FIELD(launch_template, "LaunchTemplate"),
               FIELD(min_size, "MinSize"), FIELD(max_size, "MaxSize"), FIELD(desired_capacity, "DesiredCapacity"),
               FIELD(default_cooldown, "DefaultCooldown"), FIELD(availability_zones, "AvailabilityZones"),
               FIELD(load_balancer_names, "LoadBalancerNames"), FIELD(target_group_arns, "TargetGroupARNs"),
               FIELD(health_check_type, "HealthCheckType"), FIELD(health_check_grace_period, "HealthCheckGracePeriod"),
               FIELD(instances, "Instances"), FIELD(created_time, "CreatedTime"), FIELD(suspended_processes, "SuspendedProcesses"),
               FIELD(vpc_zone_identifier, "VPCZoneIdentifier"), FIELD(enabled_metrics, "EnabledMetrics"), FIELD(status, "Status"),
               FIELD(tags, "Tags"), FIELD(termination_policies, "TerminationPolicies"),
               FIELD(new_instances_protected_from_scale_in, "NewInstancesProtectedFromScaleIn"),
               FIELD(service_linked_role_arn, "ServiceLinkedRoleARN"), FIELD(max_instance_lifetime, "MaxInstanceLifetime"),
               FIELD(capacity_rebalance, "CapacityRebalance"), FIELD(traffic_sources, "TrafficSources"))

struct Tag {
  std::optional<std::string> resource_id, resource_type;
  std::string key;
  std::optional<std::string> value;
  std::optional<bool> propagate_at_launch;
};
PDS_WIRE_SHAPE(Tag, FIELD(resource_id, "ResourceId"), FIELD(resource_type, "ResourceType"), FIELD(key, "Key"), FIELD(value, "Value"),
               FIELD(propagate_at_launch, "PropagateAtLaunch"))

struct LifecycleHookSpecification {
  std::string lifecycle_hook_name, lifecycle_transition;
  std::optional<std::string> notification_metadata;
  std::optional<int> heartbeat_timeout;
  std::optional<std::string> default_result;
  std::optional<Unsupported> notification_target_arn, role_arn;
};
PDS_WIRE_SHAPE(LifecycleHookSpecification, FIELD(lifecycle_hook_name, "LifecycleHookName"),
               FIELD(lifecycle_transition, "LifecycleTransition"), FIELD(notification_metadata, "NotificationMetadata"),
               FIELD(heartbeat_timeout, "HeartbeatTimeout"), FIELD(default_result, "DefaultResult"),
               FIELD(notification_target_arn, "NotificationTargetARN"), FIELD(role_arn, "RoleARN"))

struct CreateAutoScalingGroupRequest {
  std::string auto_scaling_group_name;
  std::optional<LaunchTemplateSpecification> launch_template;
  int min_size = 0, max_size = 0;
  std::optional<int> desired_capacity, default_cooldown;
  std::vector<std::string> availability_zones;
  std::vector<std::string> target_group_arns;
  std::optional<std::string> health_check_type;
  std::optional<int> health_check_grace_period;
  std::optional<std::string> vpc_zone_identifier;
  std::vector<std::string> termination_policies;
  std::optional<bool> new_instances_protected_from_scale_in;
  std::vector<LifecycleHookSpecification> lifecycle_hook_specification_list;
  std::vector<Tag> tags;
  std::optional<int> max_instance_lifetime;
  std::vector<TrafficSourceIdentifier> traffic_sources;
  std::optional<Unsupported> launch_configuration_name, mixed_instances_policy, instance_id, availability_zone_ids,
      load_balancer_names, placement_group, capacity_rebalance, deletion_protection, service_linked_role_arn, context,
      desired_capacity_type, default_instance_warmup, instance_maintenance_policy, availability_zone_distribution,
      availability_zone_impairment_policy, skip_zonal_shift_validation, capacity_reservation_specification,
      instance_lifecycle_policy;
};
PDS_WIRE_SHAPE(CreateAutoScalingGroupRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(launch_template, "LaunchTemplate"), FIELD(min_size, "MinSize").required(), FIELD(max_size, "MaxSize").required(),
               FIELD(desired_capacity, "DesiredCapacity"), FIELD(default_cooldown, "DefaultCooldown"),
               FIELD(availability_zones, "AvailabilityZones"), FIELD(target_group_arns, "TargetGroupARNs"),
               FIELD(health_check_type, "HealthCheckType"), FIELD(health_check_grace_period, "HealthCheckGracePeriod"),
               FIELD(vpc_zone_identifier, "VPCZoneIdentifier"), FIELD(termination_policies, "TerminationPolicies"),
               FIELD(new_instances_protected_from_scale_in, "NewInstancesProtectedFromScaleIn"),
               FIELD(lifecycle_hook_specification_list, "LifecycleHookSpecificationList"), FIELD(tags, "Tags"),
               FIELD(max_instance_lifetime, "MaxInstanceLifetime"), FIELD(traffic_sources, "TrafficSources"),
               FIELD(launch_configuration_name, "LaunchConfigurationName"), FIELD(mixed_instances_policy, "MixedInstancesPolicy"),
               FIELD(instance_id, "InstanceId"), FIELD(availability_zone_ids, "AvailabilityZoneIds"),
               FIELD(load_balancer_names, "LoadBalancerNames"), FIELD(placement_group, "PlacementGroup"),
               FIELD(capacity_rebalance, "CapacityRebalance"), FIELD(deletion_protection, "DeletionProtection"),
               FIELD(service_linked_role_arn, "ServiceLinkedRoleARN"), FIELD(context, "Context"),
               FIELD(desired_capacity_type, "DesiredCapacityType"), FIELD(default_instance_warmup, "DefaultInstanceWarmup"),
               FIELD(instance_maintenance_policy, "InstanceMaintenancePolicy"),
               FIELD(availability_zone_distribution, "AvailabilityZoneDistribution"),
               FIELD(availability_zone_impairment_policy, "AvailabilityZoneImpairmentPolicy"),
               FIELD(skip_zonal_shift_validation, "SkipZonalShiftValidation"),
               FIELD(capacity_reservation_specification, "CapacityReservationSpecification"),
               FIELD(instance_lifecycle_policy, "InstanceLifecyclePolicy"))

using CreateAutoScalingGroupReply = Empty;
PDS_OPERATION(CreateAutoScalingGroup)

struct UpdateAutoScalingGroupRequest {
  std::string auto_scaling_group_name;
  std::optional<LaunchTemplateSpecification> launch_template;
  std::optional<int> min_size, max_size, desired_capacity, default_cooldown;
  std::vector<std::string> availability_zones;
  std::optional<std::string> health_check_type;
  std::optional<int> health_check_grace_period;
  std::optional<std::string> vpc_zone_identifier;
  std::vector<std::string> termination_policies;
  std::optional<bool> new_instances_protected_from_scale_in;
  std::optional<int> max_instance_lifetime;
  std::optional<Unsupported> launch_configuration_name, mixed_instances_policy, availability_zone_ids, placement_group,
      service_linked_role_arn, capacity_rebalance, context, desired_capacity_type, default_instance_warmup,
      instance_maintenance_policy, availability_zone_distribution, availability_zone_impairment_policy, skip_zonal_shift_validation,
      capacity_reservation_specification, instance_lifecycle_policy, deletion_protection;
};
PDS_WIRE_SHAPE(UpdateAutoScalingGroupRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(launch_template, "LaunchTemplate"), FIELD(min_size, "MinSize"), FIELD(max_size, "MaxSize"),
               FIELD(desired_capacity, "DesiredCapacity"), FIELD(default_cooldown, "DefaultCooldown"),
               FIELD(availability_zones, "AvailabilityZones"), FIELD(health_check_type, "HealthCheckType"),
               FIELD(health_check_grace_period, "HealthCheckGracePeriod"), FIELD(vpc_zone_identifier, "VPCZoneIdentifier"),
               FIELD(termination_policies, "TerminationPolicies"),
               FIELD(new_instances_protected_from_scale_in, "NewInstancesProtectedFromScaleIn"),
               FIELD(max_instance_lifetime, "MaxInstanceLifetime"), FIELD(launch_configuration_name, "LaunchConfigurationName"),
               FIELD(mixed_instances_policy, "MixedInstancesPolicy"), FIELD(availability_zone_ids, "AvailabilityZoneIds"),
               FIELD(placement_group, "PlacementGroup"), FIELD(service_linked_role_arn, "ServiceLinkedRoleARN"),
               FIELD(capacity_rebalance, "CapacityRebalance"), FIELD(context, "Context"),
               FIELD(desired_capacity_type, "DesiredCapacityType"), FIELD(default_instance_warmup, "DefaultInstanceWarmup"),
               FIELD(instance_maintenance_policy, "InstanceMaintenancePolicy"),
               FIELD(availability_zone_distribution, "AvailabilityZoneDistribution"),
               FIELD(availability_zone_impairment_policy, "AvailabilityZoneImpairmentPolicy"),
               FIELD(skip_zonal_shift_validation, "SkipZonalShiftValidation"),
               FIELD(capacity_reservation_specification, "CapacityReservationSpecification"),
               FIELD(instance_lifecycle_policy, "InstanceLifecyclePolicy"), FIELD(deletion_protection, "DeletionProtection"))

using UpdateAutoScalingGroupReply = Empty;
PDS_OPERATION(UpdateAutoScalingGroup)

struct DeleteAutoScalingGroupRequest {
  std::string auto_scaling_group_name;
  std::optional<bool> force_delete;
};
PDS_WIRE_SHAPE(DeleteAutoScalingGroupRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(force_delete, "ForceDelete"))

using DeleteAutoScalingGroupReply = Empty;
PDS_OPERATION(DeleteAutoScalingGroup)

struct DescribeAutoScalingGroupsRequest {
  std::vector<std::string> auto_scaling_group_names;
  std::optional<bool> include_instances;
  std::optional<std::string> next_token;
  std::optional<int> max_records;
  std::vector<Filter> filters;
};
PDS_WIRE_SHAPE(DescribeAutoScalingGroupsRequest, FIELD(auto_scaling_group_names, "AutoScalingGroupNames"),
               FIELD(include_instances, "IncludeInstances"), FIELD(next_token, "NextToken"), FIELD(max_records, "MaxRecords"),
               FIELD(filters, "Filters"))

struct DescribeAutoScalingGroupsReply {
  std::vector<AutoScalingGroup> auto_scaling_groups;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeAutoScalingGroupsReply, FIELD(auto_scaling_groups, "AutoScalingGroups"), FIELD(next_token, "NextToken"))

PDS_OPERATION(DescribeAutoScalingGroups)

struct SetDesiredCapacityRequest {
  std::string auto_scaling_group_name;
  int desired_capacity = 0;
  std::optional<bool> honor_cooldown;
};
PDS_WIRE_SHAPE(SetDesiredCapacityRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(desired_capacity, "DesiredCapacity").required(), FIELD(honor_cooldown, "HonorCooldown"))

using SetDesiredCapacityReply = Empty;
PDS_OPERATION(SetDesiredCapacity)

struct SuspendProcessesRequest {
  std::string auto_scaling_group_name;
  std::vector<std::string> scaling_processes;
};
PDS_WIRE_SHAPE(SuspendProcessesRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(scaling_processes, "ScalingProcesses"))

using SuspendProcessesReply = Empty;
PDS_OPERATION(SuspendProcesses)

struct ResumeProcessesRequest {
  std::string auto_scaling_group_name;
  std::vector<std::string> scaling_processes;
};
PDS_WIRE_SHAPE(ResumeProcessesRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(scaling_processes, "ScalingProcesses"))

using ResumeProcessesReply = Empty;
PDS_OPERATION(ResumeProcesses)

struct EnableMetricsCollectionRequest {
  std::string auto_scaling_group_name;
  std::vector<std::string> metrics;
  std::string granularity;
};
PDS_WIRE_SHAPE(EnableMetricsCollectionRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(metrics, "Metrics"), FIELD(granularity, "Granularity").required())

using EnableMetricsCollectionReply = Empty;
PDS_OPERATION(EnableMetricsCollection)

struct DisableMetricsCollectionRequest {
  std::string auto_scaling_group_name;
  std::vector<std::string> metrics;
};
PDS_WIRE_SHAPE(DisableMetricsCollectionRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(metrics, "Metrics"))

using DisableMetricsCollectionReply = Empty;
PDS_OPERATION(DisableMetricsCollection)

struct DescribeScalingActivitiesRequest {
  std::vector<std::string> activity_ids;
  std::optional<std::string> auto_scaling_group_name;
  std::optional<bool> include_deleted_groups;
  std::optional<int> max_records;
  std::optional<std::string> next_token;
  std::optional<Unsupported> filters;
};
PDS_WIRE_SHAPE(DescribeScalingActivitiesRequest, FIELD(activity_ids, "ActivityIds"),
               FIELD(auto_scaling_group_name, "AutoScalingGroupName"), FIELD(include_deleted_groups, "IncludeDeletedGroups"),
               FIELD(max_records, "MaxRecords"), FIELD(next_token, "NextToken"), FIELD(filters, "Filters"))

struct DescribeScalingActivitiesReply {
  std::vector<Activity> activities;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeScalingActivitiesReply, FIELD(activities, "Activities"), FIELD(next_token, "NextToken"))

PDS_OPERATION(DescribeScalingActivities)

}  // namespace pds::aws::autoscaling
