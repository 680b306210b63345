// What exists by name, what the account may have, and the lists that are empty: what is not done here is refused when it is asked
// for, so there is none of it to describe.
#include "cloud/services/autoscaling/impl.h"

namespace pds::cloud {

using namespace autoscaling;

Result<aws::autoscaling::DescribeAccountLimitsReply> AutoScaling::describe_account_limits(
    const Call&, const aws::autoscaling::DescribeAccountLimitsRequest&) {
  return aws::autoscaling::DescribeAccountLimitsReply{
      .max_number_of_auto_scaling_groups = static_cast<int>(groups_max),
      .max_number_of_launch_configurations = 0,
      .number_of_auto_scaling_groups = static_cast<int>(impl_->tables.groups.size()),
      .number_of_launch_configurations = 0};
}

Result<aws::autoscaling::DescribeTerminationPolicyTypesReply> AutoScaling::describe_termination_policy_types(
    const Call&, const aws::autoscaling::DescribeTerminationPolicyTypesRequest&) {
  return aws::autoscaling::DescribeTerminationPolicyTypesReply{
      .termination_policy_types = {"Default", "NewestInstance", "OldestInstance", "OldestLaunchTemplate"}};
}

Result<aws::autoscaling::DescribeScalingProcessTypesReply> AutoScaling::describe_scaling_process_types(
    const Call&, const aws::autoscaling::DescribeScalingProcessTypesRequest&) {
  aws::autoscaling::DescribeScalingProcessTypesReply reply;
  for (const std::string& name : process_names()) reply.processes.push_back({.process_name = name});
  return reply;
}

Result<aws::autoscaling::DescribeMetricCollectionTypesReply> AutoScaling::describe_metric_collection_types(
    const Call&, const aws::autoscaling::DescribeMetricCollectionTypesRequest&) {
  aws::autoscaling::DescribeMetricCollectionTypesReply reply;
  for (const std::string& name : metric_names()) reply.metrics.push_back({.metric = name});
  reply.granularities.push_back({.granularity = "1Minute"});
  return reply;
}

#define PDS_NONE(Name, method)                                                                                             \
  Result<aws::autoscaling::Name##Reply> AutoScaling::method(const Call&, const aws::autoscaling::Name##Request& request) { \
    return impl_->none_of<aws::autoscaling::Name##Reply>(#Name, request);                                                  \
  }
PDS_NONE(DescribeInstanceRefreshes, describe_instance_refreshes)
PDS_NONE(DescribeLaunchConfigurations, describe_launch_configurations)
PDS_NONE(DescribeLoadBalancers, describe_load_balancers)
PDS_NONE(DescribeNotificationConfigurations, describe_notification_configurations)
PDS_NONE(DescribePolicies, describe_policies)
PDS_NONE(DescribeScheduledActions, describe_scheduled_actions)
PDS_NONE(DescribeWarmPool, describe_warm_pool)
#undef PDS_NONE

}  // namespace pds::cloud
