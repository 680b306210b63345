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

namespace {

// An operation that names a group is authorised on that group, by its ARN.
template <class Op, class Handler>
Api::Entry& add_about_group(Api& api, AutoScaling* service, Handler handler) {
  Api::Entry& entry = api.add<Op>(service, handler);
  if constexpr (requires(const typename Op::Request& request) { std::string_view(request.auto_scaling_group_name); })
    entry.resource = [service](const Call&, const void* request) {
      return service->group_arn(static_cast<const typename Op::Request*>(request)->auto_scaling_group_name);
    };
  return entry;
}

// Instances that a group starts get the role of its launch template, so whoever chooses the template must be allowed to pass it.
template <class Request>
auto template_role(const Ec2& ec2) {
  return [&ec2](const Call&, const void* raw) -> std::vector<PassedRole> {
    const auto& asked = static_cast<const Request*>(raw)->launch_template;
    if (!asked) return {};
    std::vector<PassedRole> roles = ec2.roles_of(ec2::TemplateChoice{
        .id = asked->launch_template_id, .name = asked->launch_template_name, .version = asked->version.value_or("$Default")});
    for (PassedRole& role : roles)
      role.refusal = "You are not authorized to use launch template: " +
                     asked->launch_template_id.value_or(asked->launch_template_name.value_or(""));
    return roles;
  };
}

}  // namespace

std::string AutoScaling::group_arn(const std::string& name) const {
  const GroupRecord* record = impl_->tables.groups.find(name);
  return record ? record->group.auto_scaling_group_arn
                : impl_->core.arn("autoscaling", "autoScalingGroup:*:autoScalingGroupName/" + name);
}

Api AutoScaling::api() {
  using namespace aws::autoscaling;
  Api api(service_info());
  add_about_group<AttachInstances>(api, this, &AutoScaling::attach_instances);
  add_about_group<AttachLoadBalancerTargetGroups>(api, this, &AutoScaling::attach_load_balancer_target_groups);
  add_about_group<AttachTrafficSources>(api, this, &AutoScaling::attach_traffic_sources).missing = "elbv2 target groups only";
  add_about_group<CompleteLifecycleAction>(api, this, &AutoScaling::complete_lifecycle_action);
  Api::Entry& create = add_about_group<CreateAutoScalingGroup>(api, this, &AutoScaling::create_auto_scaling_group);
  create.missing = "launch templates only: no launch configurations, mixed instances, warm-up or maintenance policies";
  create.passed_roles = template_role<CreateAutoScalingGroupRequest>(impl_->ec2);
  add_about_group<CreateOrUpdateTags>(api, this, &AutoScaling::create_or_update_tags);
  add_about_group<DeleteAutoScalingGroup>(api, this, &AutoScaling::delete_auto_scaling_group);
  add_about_group<DeleteLifecycleHook>(api, this, &AutoScaling::delete_lifecycle_hook);
  add_about_group<DeleteTags>(api, this, &AutoScaling::delete_tags);
  add_about_group<DescribeAccountLimits>(api, this, &AutoScaling::describe_account_limits);
  add_about_group<DescribeAutoScalingGroups>(api, this, &AutoScaling::describe_auto_scaling_groups);
  add_about_group<DescribeAutoScalingInstances>(api, this, &AutoScaling::describe_auto_scaling_instances);
  add_about_group<DescribeInstanceRefreshes>(api, this, &AutoScaling::describe_instance_refreshes).missing =
      "there are none: StartInstanceRefresh is refused";
  add_about_group<DescribeLaunchConfigurations>(api, this, &AutoScaling::describe_launch_configurations).missing = "there are none";
  add_about_group<DescribeLifecycleHookTypes>(api, this, &AutoScaling::describe_lifecycle_hook_types);
  add_about_group<DescribeLifecycleHooks>(api, this, &AutoScaling::describe_lifecycle_hooks);
  add_about_group<DescribeLoadBalancerTargetGroups>(api, this, &AutoScaling::describe_load_balancer_target_groups);
  add_about_group<DescribeLoadBalancers>(api, this, &AutoScaling::describe_load_balancers).missing =
      "there are no classic load balancers";
  add_about_group<DescribeMetricCollectionTypes>(api, this, &AutoScaling::describe_metric_collection_types);
  add_about_group<DescribeNotificationConfigurations>(api, this, &AutoScaling::describe_notification_configurations).missing =
      "there are none";
  add_about_group<DescribePolicies>(api, this, &AutoScaling::describe_policies).missing =
      "there are none: PutScalingPolicy is refused";
  add_about_group<DescribeScalingActivities>(api, this, &AutoScaling::describe_scaling_activities).missing = "no filters";
  add_about_group<DescribeScalingProcessTypes>(api, this, &AutoScaling::describe_scaling_process_types);
  add_about_group<DescribeScheduledActions>(api, this, &AutoScaling::describe_scheduled_actions).missing = "there are none";
  add_about_group<DescribeTags>(api, this, &AutoScaling::describe_tags);
  add_about_group<DescribeTerminationPolicyTypes>(api, this, &AutoScaling::describe_termination_policy_types);
  add_about_group<DescribeTrafficSources>(api, this, &AutoScaling::describe_traffic_sources);
  add_about_group<DescribeWarmPool>(api, this, &AutoScaling::describe_warm_pool).missing = "there are none: PutWarmPool is refused";
  add_about_group<DetachInstances>(api, this, &AutoScaling::detach_instances);
  add_about_group<DetachLoadBalancerTargetGroups>(api, this, &AutoScaling::detach_load_balancer_target_groups);
  add_about_group<DetachTrafficSources>(api, this, &AutoScaling::detach_traffic_sources);
  add_about_group<DisableMetricsCollection>(api, this, &AutoScaling::disable_metrics_collection);
  add_about_group<EnableMetricsCollection>(api, this, &AutoScaling::enable_metrics_collection);
  add_about_group<EnterStandby>(api, this, &AutoScaling::enter_standby);
  add_about_group<ExitStandby>(api, this, &AutoScaling::exit_standby);
  add_about_group<PutLifecycleHook>(api, this, &AutoScaling::put_lifecycle_hook).missing =
      "no notification targets: hooks are seen by describing instances";
  add_about_group<RecordLifecycleActionHeartbeat>(api, this, &AutoScaling::record_lifecycle_action_heartbeat);
  add_about_group<ResumeProcesses>(api, this, &AutoScaling::resume_processes);
  add_about_group<SetDesiredCapacity>(api, this, &AutoScaling::set_desired_capacity);
  add_about_group<SetInstanceHealth>(api, this, &AutoScaling::set_instance_health);
  add_about_group<SetInstanceProtection>(api, this, &AutoScaling::set_instance_protection);
  add_about_group<SuspendProcesses>(api, this, &AutoScaling::suspend_processes);
  add_about_group<TerminateInstanceInAutoScalingGroup>(api, this, &AutoScaling::terminate_instance_in_auto_scaling_group);
  add_about_group<UpdateAutoScalingGroup>(api, this, &AutoScaling::update_auto_scaling_group).passed_roles =
      template_role<UpdateAutoScalingGroupRequest>(impl_->ec2);
  return api;
}

}  // namespace pds::cloud
