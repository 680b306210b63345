#include "cloud/services/codedeploy/fleet_adapter.h"

#include <fmt/core.h>

#include <algorithm>

#include "aws/arn.h"

namespace pds::cloud::codedeploy {
namespace {

namespace groups = aws::autoscaling;
namespace balancers = aws::elbv2;

// AWS extends it every five minutes; an instance nobody cares for any more is given up after this.
constexpr int launch_heartbeat_seconds = 600;
constexpr const char* managed_hook = "CodeDeploy-managed-";
// A copy without these would never have instances, or never traffic.
constexpr std::string_view needed_processes[] = {"Launch", "AddToLoadBalancer"};

template <class T>
Result<void> drop(const Result<T>& result) {
  if (!result) return std::unexpected(result.error());
  return {};
}

template <class T>
Result<void> fine_when_absent(const Result<T>& result, std::string_view sign) {
  if (result || result.error().message.find(sign) != std::string::npos || result.error().code.find("NotFound") != std::string::npos)
    return {};
  return std::unexpected(result.error());
}

std::vector<balancers::TargetDescription> one(const std::string& instance_id) {
  balancers::TargetDescription target;
  target.id = instance_id;
  return {target};
}

}  // namespace

std::optional<groups::AutoScalingGroup> FleetAdapter::describe(const std::string& name) {
  groups::DescribeAutoScalingGroupsRequest request;
  request.auto_scaling_group_names = {name};
  Result<groups::DescribeAutoScalingGroupsReply> reply = groups_.describe_auto_scaling_groups(core_.internal_call(), request);
  if (!reply || reply->auto_scaling_groups.empty()) return std::nullopt;
  groups::AutoScalingGroup group = std::move(reply->auto_scaling_groups[0]);
  if (group.status.value_or("").starts_with("Delete")) return std::nullopt;
  return group;
}

std::optional<FleetGroup> FleetAdapter::find_group(const std::string& name) {
  std::optional<groups::AutoScalingGroup> found = name.empty() ? std::nullopt : describe(name);
  if (!found) return std::nullopt;
  FleetGroup group{found->auto_scaling_group_name, found->desired_capacity, {}, found->target_group_arns};
  for (const groups::Instance& instance : found->instances)
    group.members.push_back({instance.instance_id, instance.lifecycle_state, instance.health_status == "Healthy"});
  return group;
}

Result<void> FleetAdapter::copy_group(const std::string& source, const std::string& name, int count) {
  if (describe(name)) return {};
  std::optional<groups::AutoScalingGroup> from = describe(source);
  if (!from) return fail("AUTO_SCALING_CONFIGURATION", fmt::format("The Auto Scaling group {} does not exist.", source));
  groups::CreateAutoScalingGroupRequest request;
  request.auto_scaling_group_name = name;
  request.launch_template.emplace();
  request.launch_template->launch_template_id = from->launch_template.launch_template_id;  // either id or name may be given
  request.launch_template->version = from->launch_template.version;
  request.min_size = std::min(from->min_size, count), request.max_size = std::max(from->max_size, count),
  request.desired_capacity = count;
  request.default_cooldown = from->default_cooldown;
  request.health_check_type = "EC2";  // the balancer's verdict counts once it is asked: attach()
  request.health_check_grace_period = from->health_check_grace_period;
  if (!from->vpc_zone_identifier.empty())
    request.vpc_zone_identifier = from->vpc_zone_identifier;
  else
    request.availability_zones = from->availability_zones;
  request.termination_policies = from->termination_policies;
  request.new_instances_protected_from_scale_in = from->new_instances_protected_from_scale_in;
  request.max_instance_lifetime = from->max_instance_lifetime;
  for (const groups::TagDescription& tag : from->tags)
    if (!tag.key.starts_with("aws:"))
      request.tags.push_back({std::nullopt, std::nullopt, tag.key, tag.value, tag.propagate_at_launch});
  groups::DescribeLifecycleHooksRequest of_source;
  of_source.auto_scaling_group_name = source;
  TRY(groups::DescribeLifecycleHooksReply hooks, groups_.describe_lifecycle_hooks(core_.internal_call(), of_source));
  for (const groups::LifecycleHook& hook : hooks.lifecycle_hooks) {
    if (hook.lifecycle_hook_name.starts_with(managed_hook)) continue;
    groups::LifecycleHookSpecification copy;
    copy.lifecycle_hook_name = hook.lifecycle_hook_name, copy.lifecycle_transition = hook.lifecycle_transition;
    copy.heartbeat_timeout = hook.heartbeat_timeout, copy.default_result = hook.default_result;
    request.lifecycle_hook_specification_list.push_back(std::move(copy));
  }
  CHECK(drop(groups_.create_auto_scaling_group(core_.internal_call(), request)));
  return copy_switches(*from, name);
}

// What a group is told after it was made: metrics it collects, processes that are suspended.
Result<void> FleetAdapter::copy_switches(const groups::AutoScalingGroup& from, const std::string& name) {
  if (!from.enabled_metrics.empty()) {
    groups::EnableMetricsCollectionRequest enable;
    enable.auto_scaling_group_name = name;
    enable.granularity = from.enabled_metrics[0].granularity;
    for (const groups::EnabledMetric& enabled : from.enabled_metrics) enable.metrics.push_back(enabled.metric);
    CHECK(drop(groups_.enable_metrics_collection(core_.internal_call(), enable)));
  }
  groups::SuspendProcessesRequest suspend;
  suspend.auto_scaling_group_name = name;
  for (const groups::SuspendedProcess& process : from.suspended_processes)
    if (std::find(std::begin(needed_processes), std::end(needed_processes), process.process_name) == std::end(needed_processes))
      suspend.scaling_processes.push_back(process.process_name);
  if (suspend.scaling_processes.empty()) return {};  // no names would mean all
  return drop(groups_.suspend_processes(core_.internal_call(), suspend));
}

Result<void> FleetAdapter::attach(const std::string& group, const std::string& like,
                                  const std::vector<std::string>& target_group_arns) {
  groups::AttachLoadBalancerTargetGroupsRequest request{group, target_group_arns};
  CHECK(drop(groups_.attach_load_balancer_target_groups(core_.internal_call(), request)));
  std::optional<groups::AutoScalingGroup> model = describe(like), own = describe(group);
  if (!model || !own || model->health_check_type == own->health_check_type) return {};
  groups::UpdateAutoScalingGroupRequest update;
  update.auto_scaling_group_name = group;
  update.health_check_type = model->health_check_type;
  return drop(groups_.update_auto_scaling_group(core_.internal_call(), update));
}

Result<void> FleetAdapter::detach(const std::string& group, const std::vector<std::string>& target_group_arns) {
  std::optional<groups::AutoScalingGroup> found = describe(group);
  std::vector<std::string> attached;
  for (const std::string& arn : target_group_arns)
    if (found && std::find(found->target_group_arns.begin(), found->target_group_arns.end(), arn) != found->target_group_arns.end())
      attached.push_back(arn);
  if (attached.empty()) return {};
  groups::DetachLoadBalancerTargetGroupsRequest request{group, attached};
  return drop(groups_.detach_load_balancer_target_groups(core_.internal_call(), request));
}

Result<void> FleetAdapter::delete_group(const std::string& name) {
  if (!describe(name)) return {};
  groups::DeleteAutoScalingGroupRequest request{name, true};
  return drop(groups_.delete_auto_scaling_group(core_.internal_call(), request));
}

Result<std::string> FleetAdapter::target_group_arn(const std::string& name_or_arn) {
  balancers::DescribeTargetGroupsRequest request;
  if (aws::looks_like_arn(name_or_arn))
    request.target_group_arns = {name_or_arn};
  else
    request.names = {name_or_arn};
  TRY(balancers::DescribeTargetGroupsReply reply, balancers_.describe_target_groups(core_.internal_call(), request));
  if (reply.target_groups.empty())
    return fail("InvalidLoadBalancerInfoException", fmt::format("The target group {} does not exist.", name_or_arn));
  return reply.target_groups[0].target_group_arn;
}

Result<void> FleetAdapter::register_target(const std::string& target_group_arn, const std::string& instance_id) {
  return drop(balancers_.register_targets(core_.internal_call(), {target_group_arn, one(instance_id)}));
}

Result<void> FleetAdapter::deregister_target(const std::string& target_group_arn, const std::string& instance_id) {
  // Detaching the group deregisters its instances, too: one that has gone already is where it should be.
  return fine_when_absent(balancers_.deregister_targets(core_.internal_call(), {target_group_arn, one(instance_id)}),
                          "not registered");
}

std::string FleetAdapter::target_health(const std::string& target_group_arn, const std::string& instance_id) {
  Result<balancers::DescribeTargetHealthReply> reply =
      balancers_.describe_target_health(core_.internal_call(), {target_group_arn, {}, {}});
  for (const balancers::TargetHealthDescription& health :
       reply ? reply->target_health_descriptions : std::vector<balancers::TargetHealthDescription>{})
    if (health.target.id == instance_id) return health.target_health.state;
  return "";
}

Result<void> FleetAdapter::put_launch_hook(const std::string& group, const std::string& hook) {
  groups::PutLifecycleHookRequest request;
  request.lifecycle_hook_name = hook, request.auto_scaling_group_name = group;
  request.lifecycle_transition = "autoscaling:EC2_INSTANCE_LAUNCHING", request.heartbeat_timeout = launch_heartbeat_seconds,
  request.default_result = "ABANDON";
  return drop(groups_.put_lifecycle_hook(core_.internal_call(), request));
}

Result<void> FleetAdapter::delete_launch_hook(const std::string& group, const std::string& hook) {
  if (!describe(group)) return {};
  return fine_when_absent(groups_.delete_lifecycle_hook(core_.internal_call(), {hook, group}), "No Lifecycle Hook found");
}

Result<void> FleetAdapter::heartbeat(const std::string& group, const std::string& hook, const std::string& instance_id) {
  groups::RecordLifecycleActionHeartbeatRequest request;
  request.lifecycle_hook_name = hook, request.auto_scaling_group_name = group, request.instance_id = instance_id;
  return drop(groups_.record_lifecycle_action_heartbeat(core_.internal_call(), request));
}

Result<void> FleetAdapter::complete_launch(const std::string& group, const std::string& hook, const std::string& instance_id,
                                           bool keep) {
  groups::CompleteLifecycleActionRequest request;
  request.lifecycle_hook_name = hook, request.auto_scaling_group_name = group, request.instance_id = instance_id;
  request.lifecycle_action_result = keep ? "CONTINUE" : "ABANDON";
  return drop(groups_.complete_lifecycle_action(core_.internal_call(), request));
}

}  // namespace pds::cloud::codedeploy
