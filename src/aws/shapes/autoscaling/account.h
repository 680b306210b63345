// Auto Scaling: what the account may have, the names of things, and the lists that are empty here: policies, scheduled actions,
// notifications, warm pools and refreshes are refused, and there are none.
#pragma once

#include "aws/shapes/autoscaling/group.h"

namespace pds::aws::autoscaling {

using DescribeAccountLimitsRequest = Empty;
struct DescribeAccountLimitsReply {
  int max_number_of_auto_scaling_groups = 0, max_number_of_launch_configurations = 0, number_of_auto_scaling_groups = 0,
      number_of_launch_configurations = 0;
};
PDS_WIRE_SHAPE(DescribeAccountLimitsReply, FIELD(max_number_of_auto_scaling_groups, "MaxNumberOfAutoScalingGroups"),
               FIELD(max_number_of_launch_configurations, "MaxNumberOfLaunchConfigurations"),
               FIELD(number_of_auto_scaling_groups, "NumberOfAutoScalingGroups"),
               FIELD(number_of_launch_configurations, "NumberOfLaunchConfigurations"))

PDS_OPERATION(DescribeAccountLimits)

using DescribeTerminationPolicyTypesRequest = Empty;
struct DescribeTerminationPolicyTypesReply {
  std::vector<std::string> termination_policy_types;
};
PDS_WIRE_SHAPE(DescribeTerminationPolicyTypesReply, FIELD(termination_policy_types, "TerminationPolicyTypes"))

PDS_OPERATION(DescribeTerminationPolicyTypes)

struct ProcessType {
  std::string process_name;
};
PDS_WIRE_SHAPE(ProcessType, FIELD(process_name, "ProcessName"))

using DescribeScalingProcessTypesRequest = Empty;
struct DescribeScalingProcessTypesReply {
  std::vector<ProcessType> processes;
};
PDS_WIRE_SHAPE(DescribeScalingProcessTypesReply, FIELD(processes, "Processes"))

PDS_OPERATION(DescribeScalingProcessTypes)

using DescribeLifecycleHookTypesRequest = Empty;
struct DescribeLifecycleHookTypesReply {
  std::vector<std::string> lifecycle_hook_types;
};
PDS_WIRE_SHAPE(DescribeLifecycleHookTypesReply, FIELD(lifecycle_hook_types, "LifecycleHookTypes"))

PDS_OPERATION(DescribeLifecycleHookTypes)

struct MetricCollectionType {
  std::string metric;
};
PDS_WIRE_SHAPE(MetricCollectionType, FIELD(metric, "Metric"))

struct MetricGranularityType {
  std::string granularity;
};
PDS_WIRE_SHAPE(MetricGranularityType, FIELD(granularity, "Granularity"))

using DescribeMetricCollectionTypesRequest = Empty;
struct DescribeMetricCollectionTypesReply {
  std::vector<MetricCollectionType> metrics;
  std::vector<MetricGranularityType> granularities;
};
PDS_WIRE_SHAPE(DescribeMetricCollectionTypesReply, FIELD(metrics, "Metrics"), FIELD(granularities, "Granularities"))

PDS_OPERATION(DescribeMetricCollectionTypes)

struct DescribePoliciesRequest {
  std::optional<std::string> auto_scaling_group_name;
  std::vector<std::string> policy_names;
  std::vector<std::string> policy_types;
  std::optional<std::string> next_token;
  std::optional<int> max_records;
};
PDS_WIRE_SHAPE(DescribePoliciesRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName"), FIELD(policy_names, "PolicyNames"),
               FIELD(policy_types, "PolicyTypes"), FIELD(next_token, "NextToken"), FIELD(max_records, "MaxRecords"))

struct DescribePoliciesReply {
  std::vector<Empty> scaling_policies;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribePoliciesReply, FIELD(scaling_policies, "ScalingPolicies"), FIELD(next_token, "NextToken"))

PDS_OPERATION(DescribePolicies)

struct DescribeScheduledActionsRequest {
  std::optional<std::string> auto_scaling_group_name;
  std::vector<std::string> scheduled_action_names;
  std::optional<Timestamp> start_time;
  std::optional<Timestamp> end_time;
  std::optional<std::string> next_token;
  std::optional<int> max_records;
};
PDS_WIRE_SHAPE(DescribeScheduledActionsRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName"),
               FIELD(scheduled_action_names, "ScheduledActionNames"), FIELD(start_time, "StartTime"), FIELD(end_time, "EndTime"),
               FIELD(next_token, "NextToken"), FIELD(max_records, "MaxRecords"))

struct DescribeScheduledActionsReply {
  std::vector<Empty> scheduled_update_group_actions;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeScheduledActionsReply, FIELD(scheduled_update_group_actions, "ScheduledUpdateGroupActions"),
               FIELD(next_token, "NextToken"))

PDS_OPERATION(DescribeScheduledActions)

struct DescribeNotificationConfigurationsRequest {
  std::vector<std::string> auto_scaling_group_names;
  std::optional<std::string> next_token;
  std::optional<int> max_records;
};
PDS_WIRE_SHAPE(DescribeNotificationConfigurationsRequest, FIELD(auto_scaling_group_names, "AutoScalingGroupNames"),
               FIELD(next_token, "NextToken"), FIELD(max_records, "MaxRecords"))

struct DescribeNotificationConfigurationsReply {
  std::vector<Empty> notification_configurations;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeNotificationConfigurationsReply, FIELD(notification_configurations, "NotificationConfigurations"),
               FIELD(next_token, "NextToken"))

PDS_OPERATION(DescribeNotificationConfigurations)

struct DescribeInstanceRefreshesRequest {
  std::string auto_scaling_group_name;
  std::vector<std::string> instance_refresh_ids;
  std::optional<std::string> next_token;
  std::optional<int> max_records;
};
PDS_WIRE_SHAPE(DescribeInstanceRefreshesRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(instance_refresh_ids, "InstanceRefreshIds"), FIELD(next_token, "NextToken"), FIELD(max_records, "MaxRecords"))

struct DescribeInstanceRefreshesReply {
  std::vector<Empty> instance_refreshes;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeInstanceRefreshesReply, FIELD(instance_refreshes, "InstanceRefreshes"), FIELD(next_token, "NextToken"))

PDS_OPERATION(DescribeInstanceRefreshes)

struct DescribeWarmPoolRequest {
  std::string auto_scaling_group_name;
  std::optional<int> max_records;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeWarmPoolRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(max_records, "MaxRecords"), FIELD(next_token, "NextToken"))

struct DescribeWarmPoolReply {
  std::vector<Instance> instances;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeWarmPoolReply, FIELD(instances, "Instances"), FIELD(next_token, "NextToken"))

PDS_OPERATION(DescribeWarmPool)

struct DescribeLoadBalancersRequest {
  std::string auto_scaling_group_name;
  std::optional<std::string> next_token;
  std::optional<int> max_records;
};
PDS_WIRE_SHAPE(DescribeLoadBalancersRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(next_token, "NextToken"), FIELD(max_records, "MaxRecords"))

struct DescribeLoadBalancersReply {
  std::vector<Empty> load_balancers;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeLoadBalancersReply, FIELD(load_balancers, "LoadBalancers"), FIELD(next_token, "NextToken"))

PDS_OPERATION(DescribeLoadBalancers)

struct DescribeLaunchConfigurationsRequest {
  std::vector<std::string> launch_configuration_names;
  std::optional<std::string> next_token;
  std::optional<int> max_records;
};
PDS_WIRE_SHAPE(DescribeLaunchConfigurationsRequest, FIELD(launch_configuration_names, "LaunchConfigurationNames"),
               FIELD(next_token, "NextToken"), FIELD(max_records, "MaxRecords"))

struct DescribeLaunchConfigurationsReply {
  std::vector<Empty> launch_configurations;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeLaunchConfigurationsReply, FIELD(launch_configurations, "LaunchConfigurations"), FIELD(next_token, "NextToken"))

PDS_OPERATION(DescribeLaunchConfigurations)

}  // namespace pds::aws::autoscaling
