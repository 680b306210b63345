// Auto Scaling: groups that keep as many healthy instances as they should have, balanced over their zones.
//
// A group is reconciled in one synchronous step: look, decide (plan.h, pure), and change the tables of this service, of
// EC2 and of the balancers, all in one transaction. So two reconciles of a group can never interleave, and a crash finds all of a
// step or nothing.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "aws/shapes/autoscaling.h"
#include "cloud/core.h"
#include "cloud/services/autoscaling/target_groups.h"
#include "cloud/services/ec2/service.h"
#include "cloud/services/elbv2/service.h"
#include "cloud/telemetry.h"

namespace pds::cloud {

class AutoScaling final : public CloudService {
 public:
  AutoScaling(Core& core, Ec2& ec2, Elbv2& balancers, MetricSink& metrics);
  // Over other target groups than a balancer's own.
  AutoScaling(Core& core, Ec2& ec2, autoscaling::TargetGroups& targets, MetricSink& metrics);
  ~AutoScaling() override;

  Api api() override;
  void start() override;
  io::Task<void> stop() override;

  // One reconcile of every group, now; what the loop does when it is woken. True when something changed.
  bool step();
  // Of a group that exists, or as one of that name would be called.
  std::string group_arn(const std::string& name) const;

#define PDS_CALL_OF(Name, method) \
  Result<aws::autoscaling::Name##Reply> method(const Call& call, const aws::autoscaling::Name##Request& request)
  PDS_CALL_OF(AttachInstances, attach_instances);
  PDS_CALL_OF(AttachLoadBalancerTargetGroups, attach_load_balancer_target_groups);
  PDS_CALL_OF(AttachTrafficSources, attach_traffic_sources);
  PDS_CALL_OF(CompleteLifecycleAction, complete_lifecycle_action);
  PDS_CALL_OF(CreateAutoScalingGroup, create_auto_scaling_group);
  PDS_CALL_OF(CreateOrUpdateTags, create_or_update_tags);
  PDS_CALL_OF(DeleteAutoScalingGroup, delete_auto_scaling_group);
  PDS_CALL_OF(DeleteLifecycleHook, delete_lifecycle_hook);
  PDS_CALL_OF(DeleteTags, delete_tags);
  PDS_CALL_OF(DescribeAccountLimits, describe_account_limits);
  PDS_CALL_OF(DescribeAutoScalingGroups, describe_auto_scaling_groups);
  PDS_CALL_OF(DescribeAutoScalingInstances, describe_auto_scaling_instances);
  PDS_CALL_OF(DescribeInstanceRefreshes, describe_instance_refreshes);
  PDS_CALL_OF(DescribeLaunchConfigurations, describe_launch_configurations);
  PDS_CALL_OF(DescribeLifecycleHookTypes, describe_lifecycle_hook_types);
  PDS_CALL_OF(DescribeLifecycleHooks, describe_lifecycle_hooks);
  PDS_CALL_OF(DescribeLoadBalancerTargetGroups, describe_load_balancer_target_groups);
  PDS_CALL_OF(DescribeLoadBalancers, describe_load_balancers);
  PDS_CALL_OF(DescribeMetricCollectionTypes, describe_metric_collection_types);
  PDS_CALL_OF(DescribeNotificationConfigurations, describe_notification_configurations);
  PDS_CALL_OF(DescribePolicies, describe_policies);
  PDS_CALL_OF(DescribeScalingActivities, describe_scaling_activities);
  PDS_CALL_OF(DescribeScalingProcessTypes, describe_scaling_process_types);
  PDS_CALL_OF(DescribeScheduledActions, describe_scheduled_actions);
  PDS_CALL_OF(DescribeTags, describe_tags);
  PDS_CALL_OF(DescribeTerminationPolicyTypes, describe_termination_policy_types);
  PDS_CALL_OF(DescribeTrafficSources, describe_traffic_sources);
  PDS_CALL_OF(DescribeWarmPool, describe_warm_pool);
  PDS_CALL_OF(DetachInstances, detach_instances);
  PDS_CALL_OF(DetachLoadBalancerTargetGroups, detach_load_balancer_target_groups);
  PDS_CALL_OF(DetachTrafficSources, detach_traffic_sources);
  PDS_CALL_OF(DisableMetricsCollection, disable_metrics_collection);
  PDS_CALL_OF(EnableMetricsCollection, enable_metrics_collection);
  PDS_CALL_OF(EnterStandby, enter_standby);
  PDS_CALL_OF(ExitStandby, exit_standby);
  PDS_CALL_OF(PutLifecycleHook, put_lifecycle_hook);
  PDS_CALL_OF(RecordLifecycleActionHeartbeat, record_lifecycle_action_heartbeat);
  PDS_CALL_OF(ResumeProcesses, resume_processes);
  PDS_CALL_OF(SetDesiredCapacity, set_desired_capacity);
  PDS_CALL_OF(SetInstanceHealth, set_instance_health);
  PDS_CALL_OF(SetInstanceProtection, set_instance_protection);
  PDS_CALL_OF(SuspendProcesses, suspend_processes);
  PDS_CALL_OF(TerminateInstanceInAutoScalingGroup, terminate_instance_in_auto_scaling_group);
  PDS_CALL_OF(UpdateAutoScalingGroup, update_auto_scaling_group);
#undef PDS_CALL_OF

 private:
  void listen();  // to EC2
  struct Impl;
  std::shared_ptr<Impl> impl_;  // shared with kicks on their way, which hold it weakly
};

}  // namespace pds::cloud
