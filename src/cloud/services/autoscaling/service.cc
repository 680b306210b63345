#include "cloud/services/autoscaling/service.h"

#include "cloud/services/autoscaling/impl.h"

namespace pds::cloud {

using namespace autoscaling;

namespace {

// How often groups look at the health of targets, which nobody announces. Control-plane time.
constexpr Duration look_every = 5s;

}  // namespace

AutoScaling::AutoScaling(Core& core, Ec2& ec2, Elbv2& balancers, MetricSink& metrics) {
  auto adapter = std::make_unique<Elbv2TargetGroups>(core, balancers);
  TargetGroups& targets = *adapter;
  impl_ = std::make_shared<Impl>(core, ec2, std::move(adapter), targets, metrics);
  listen();
}

AutoScaling::AutoScaling(Core& core, Ec2& ec2, TargetGroups& targets, MetricSink& metrics)
    : impl_(std::make_shared<Impl>(core, ec2, nullptr, targets, metrics)) {
  listen();
}

AutoScaling::~AutoScaling() { impl_->tasks.cancel_all(); }

void AutoScaling::listen() {
  impl_->ec2.observe([weak = std::weak_ptr(impl_)](const std::string& instance_id, InstanceState) {
    if (auto self = weak.lock(); self && self->tables.members.contains(instance_id)) self->kick();
  });
}

void AutoScaling::start() {
  impl_->started = true;
  impl_->tasks.spawn(impl_->run());
  impl_->tasks.spawn(impl_->measure());
}

io::Task<void> AutoScaling::stop() {
  impl_->started = false;
  impl_->tasks.cancel_all();
  co_return;
}

bool AutoScaling::step() { return impl_->step(); }

bool AutoScaling::Impl::step() {
  std::vector<std::string> names;
  for (const auto& [name, group] : tables.groups.rows()) names.push_back(name);
  bool changed = false;
  for (const std::string& name : names) changed = reconciler.reconcile(name) || changed;
  return changed;
}

void AutoScaling::Impl::kick() {
  if (!started) return;
  core.loop.post([weak = weak_from_this()] {
    if (auto self = weak.lock()) self->wake.set();
  });
}

io::Task<void> AutoScaling::Impl::run() {
  while (true) {
    wake.reset();
    step();
    io::Timer timer(core.loop, [this] { wake.set(); });
    timer.start(std::chrono::steady_clock::now() + core.clock.to_real(look_every));
    co_await wake.wait();
  }
}

io::Task<void> AutoScaling::Impl::measure() {
  while (true) {
    co_await io::sleep_on(core.loop, core.clock, 60s);
    for (const auto& [name, group] : tables.groups.rows()) measure_group(group);
  }
}

void AutoScaling::Impl::measure_group(const GroupRecord& record) {
  const auto& group = record.group;
  std::map<std::string, double> values;
  for (const char* name : {"InService", "Pending", "Standby", "Terminating", "Total"}) values[name] = 0;
  for (const MemberRecord& member : tables.members_of(group.auto_scaling_group_name)) {
    std::string kind = member.state == "EnteringStandby" ? "Standby" : member.state.substr(0, member.state.find(':'));
    ++values[kind];
    ++values["Total"];
  }
  for (const auto& enabled : group.enabled_metrics) {
    std::string what = enabled.metric.substr(sizeof("Group") - 1);
    double value = 0;
    if (what == "MinSize")
      value = group.min_size;
    else if (what == "MaxSize")
      value = group.max_size;
    else if (what == "DesiredCapacity")
      value = group.desired_capacity;
    else
      value = values[what.substr(0, what.size() - (what.ends_with("Instances") ? 9 : 8))];  // ...Instances, ...Capacity
    metrics.record("AWS/AutoScaling", enabled.metric, {{"AutoScalingGroupName", group.auto_scaling_group_name}}, core.clock.now(),
                   value, "None");
  }
}

Api AutoScaling::api() {
  using namespace aws::autoscaling;
  Api api(service_info());
  api.add<AttachInstances>(this, &AutoScaling::attach_instances);
  api.add<AttachLoadBalancerTargetGroups>(this, &AutoScaling::attach_load_balancer_target_groups);
  api.add<AttachTrafficSources>(this, &AutoScaling::attach_traffic_sources).missing = "elbv2 target groups only";
  api.add<CompleteLifecycleAction>(this, &AutoScaling::complete_lifecycle_action);
  api.add<CreateAutoScalingGroup>(this, &AutoScaling::create_auto_scaling_group).missing =
      "launch templates only: no launch configurations, mixed instances, warm-up or maintenance policies";
  api.add<CreateOrUpdateTags>(this, &AutoScaling::create_or_update_tags);
  api.add<DeleteAutoScalingGroup>(this, &AutoScaling::delete_auto_scaling_group);
  api.add<DeleteLifecycleHook>(this, &AutoScaling::delete_lifecycle_hook);
  api.add<DeleteTags>(this, &AutoScaling::delete_tags);
  api.add<DescribeAccountLimits>(this, &AutoScaling::describe_account_limits);
  api.add<DescribeAutoScalingGroups>(this, &AutoScaling::describe_auto_scaling_groups);
  api.add<DescribeAutoScalingInstances>(this, &AutoScaling::describe_auto_scaling_instances);
  api.add<DescribeInstanceRefreshes>(this, &AutoScaling::describe_instance_refreshes).missing =
      "there are none: StartInstanceRefresh is refused";
  api.add<DescribeLaunchConfigurations>(this, &AutoScaling::describe_launch_configurations).missing = "there are none";
  api.add<DescribeLifecycleHookTypes>(this, &AutoScaling::describe_lifecycle_hook_types);
  api.add<DescribeLifecycleHooks>(this, &AutoScaling::describe_lifecycle_hooks);
  api.add<DescribeLoadBalancerTargetGroups>(this, &AutoScaling::describe_load_balancer_target_groups);
  api.add<DescribeLoadBalancers>(this, &AutoScaling::describe_load_balancers).missing = "there are no classic load balancers";
  api.add<DescribeMetricCollectionTypes>(this, &AutoScaling::describe_metric_collection_types);
  api.add<DescribeNotificationConfigurations>(this, &AutoScaling::describe_notification_configurations).missing = "there are none";
  api.add<DescribePolicies>(this, &AutoScaling::describe_policies).missing = "there are none: PutScalingPolicy is refused";
  api.add<DescribeScalingActivities>(this, &AutoScaling::describe_scaling_activities).missing = "no filters";
  api.add<DescribeScalingProcessTypes>(this, &AutoScaling::describe_scaling_process_types);
  api.add<DescribeScheduledActions>(this, &AutoScaling::describe_scheduled_actions).missing = "there are none";
  api.add<DescribeTags>(this, &AutoScaling::describe_tags);
  api.add<DescribeTerminationPolicyTypes>(this, &AutoScaling::describe_termination_policy_types);
  api.add<DescribeTrafficSources>(this, &AutoScaling::describe_traffic_sources);
  api.add<DescribeWarmPool>(this, &AutoScaling::describe_warm_pool).missing = "there are none: PutWarmPool is refused";
  api.add<DetachInstances>(this, &AutoScaling::detach_instances);
  api.add<DetachLoadBalancerTargetGroups>(this, &AutoScaling::detach_load_balancer_target_groups);
  api.add<DetachTrafficSources>(this, &AutoScaling::detach_traffic_sources);
  api.add<DisableMetricsCollection>(this, &AutoScaling::disable_metrics_collection);
  api.add<EnableMetricsCollection>(this, &AutoScaling::enable_metrics_collection);
  api.add<EnterStandby>(this, &AutoScaling::enter_standby);
  api.add<ExitStandby>(this, &AutoScaling::exit_standby);
  api.add<PutLifecycleHook>(this, &AutoScaling::put_lifecycle_hook).missing =
      "no notification targets: hooks are seen by describing instances";
  api.add<RecordLifecycleActionHeartbeat>(this, &AutoScaling::record_lifecycle_action_heartbeat);
  api.add<ResumeProcesses>(this, &AutoScaling::resume_processes);
  api.add<SetDesiredCapacity>(this, &AutoScaling::set_desired_capacity);
  api.add<SetInstanceHealth>(this, &AutoScaling::set_instance_health);
  api.add<SetInstanceProtection>(this, &AutoScaling::set_instance_protection);
  api.add<SuspendProcesses>(this, &AutoScaling::suspend_processes);
  api.add<TerminateInstanceInAutoScalingGroup>(this, &AutoScaling::terminate_instance_in_auto_scaling_group);
  api.add<UpdateAutoScalingGroup>(this, &AutoScaling::update_auto_scaling_group);
  return api;
}

}  // namespace pds::cloud
