#include "cloud/services/autoscaling/rules.h"

#include <fmt/core.h>

#include <algorithm>

namespace pds::cloud::autoscaling {

namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::unexpected<Error> invalid(std::string message) { return fail("ValidationError", std::move(message)); }

Result<void> refuse_unsupported(const char* operation, const aws::Shape& shape, const void* request) {
  if (auto path = aws::find_unsupported(shape, request))
    return fail("NotImplemented", fmt::format("{}: {} is not supported: leave it out", operation, *path), 501);
  return {};
}

Result<void> check_group_name(const std::string& name) {
  bool printable = std::all_of(name.begin(), name.end(), [](unsigned char c) { return c >= 0x20 && c != 0x7f; });
  if (name.empty() || name.size() > 255 || !printable || name.find_first_of(":/\\") != std::string::npos)
    return invalid("AutoScalingGroupName must have between 1 and 255 characters, and none of : / \\");
  return {};
}

Result<void> check_sizes(int min_size, int max_size, int desired) {
  if (min_size < 0 || max_size < 0) return invalid("Sizes must be greater than or equal to 0");
  if (max_size > capacity_max) return invalid(fmt::format("Max bound, {}, must be at most {}", max_size, capacity_max));
  if (min_size > max_size)
    return invalid(fmt::format("Max bound, {}, must be greater than or equal to min bound, {}", max_size, min_size));
  if (desired < min_size)
    return invalid(
        fmt::format("Desired capacity:{} must be between the specified min size:{} and max size:{}", desired, min_size, max_size));
  if (desired > max_size)
    return invalid(
        fmt::format("Desired capacity:{} must be between the specified min size:{} and max size:{}", desired, min_size, max_size));
  return {};
}

Result<void> check_health_check_type(const std::string& type) {
  if (type == "EC2" || type == "ELB") return {};
  if (type == "EBS" || type == "VPC_LATTICE")
    return fail("NotImplemented", fmt::format("HealthCheckType {} is not supported: use EC2 or ELB", type), 501);
  return invalid(fmt::format("Invalid Health Check Type: {}", type));
}

Result<void> check_termination_policies(const std::vector<std::string>& policies) {
  constexpr std::string_view supported[] = {"Default", "OldestInstance", "NewestInstance", "OldestLaunchTemplate"};
  constexpr std::string_view refused[] = {"OldestLaunchConfiguration", "ClosestToNextInstanceHour", "AllocationStrategy"};
  for (const std::string& policy : policies) {
    if (std::find(std::begin(supported), std::end(supported), policy) != std::end(supported)) continue;
    if (std::find(std::begin(refused), std::end(refused), policy) != std::end(refused) || policy.starts_with("arn:"))
      return fail("NotImplemented", fmt::format("the termination policy {} is not supported", policy), 501);
    return invalid(fmt::format("Invalid termination policy: {}", policy));
  }
  return {};
}

Result<void> check_lifetime(int seconds) {
  if (seconds != 0 && (seconds < 86400 || seconds > 31536000))
    return invalid("MaxInstanceLifetime must be 0, or between 86400 and 31536000 seconds");
  return {};
}

const std::vector<std::string>& process_names() {
  static const std::vector<std::string> names = {"AZRebalance",      "AddToLoadBalancer", "AlarmNotification",
                                                 "HealthCheck",      "InstanceRefresh",   "Launch",
                                                 "ReplaceUnhealthy", "ScheduledActions",  "Terminate"};
  return names;
}

const std::vector<std::string>& metric_names() {
  static const std::vector<std::string> names = {
      "GroupMinSize",           "GroupMaxSize",          "GroupDesiredCapacity",      "GroupInServiceInstances",
      "GroupPendingInstances",  "GroupStandbyInstances", "GroupTerminatingInstances", "GroupTotalInstances",
      "GroupInServiceCapacity", "GroupPendingCapacity",  "GroupStandbyCapacity",      "GroupTerminatingCapacity",
      "GroupTotalCapacity"};
  return names;
}

Result<std::vector<std::string>> check_processes(const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (!contains(process_names(), name)) return invalid(fmt::format("{} is not a valid process type", name));
  return names.empty() ? process_names() : names;
}

Result<std::vector<std::string>> check_metrics(const std::vector<std::string>& names) {
  for (const std::string& name : names)
    if (!contains(metric_names(), name)) {
      if (name.starts_with("WarmPool") || name.starts_with("GroupAndWarmPool"))
        return fail("NotImplemented", fmt::format("the metric {} is not supported: there are no warm pools", name), 501);
      return invalid(fmt::format("Unknown metric: {}", name));
    }
  return names.empty() ? metric_names() : names;
}

Result<aws::autoscaling::LifecycleHook> make_hook(const aws::autoscaling::PutLifecycleHookRequest& request,
                                                  const aws::autoscaling::LifecycleHook* known) {
  aws::autoscaling::LifecycleHook hook = known ? *known : aws::autoscaling::LifecycleHook{};
  hook.lifecycle_hook_name = request.lifecycle_hook_name;
  hook.auto_scaling_group_name = request.auto_scaling_group_name;
  bool good_name = !hook.lifecycle_hook_name.empty() && hook.lifecycle_hook_name.size() <= 255 &&
                   hook.lifecycle_hook_name.find_first_not_of(
                       "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_/") == std::string::npos;
  if (!good_name) return invalid("LifecycleHookName must have between 1 and 255 characters of [A-Za-z0-9\\-_\\/]");
  if (!known && !request.lifecycle_transition) return invalid("LifecycleTransition is required for a new lifecycle hook");
  if (request.lifecycle_transition) hook.lifecycle_transition = *request.lifecycle_transition;
  if (hook.lifecycle_transition != "autoscaling:EC2_INSTANCE_LAUNCHING" &&
      hook.lifecycle_transition != "autoscaling:EC2_INSTANCE_TERMINATING")
    return invalid(fmt::format("Invalid lifecycle transition: {}", hook.lifecycle_transition));
  hook.heartbeat_timeout = request.heartbeat_timeout.value_or(known ? known->heartbeat_timeout : 3600);
  if (hook.heartbeat_timeout < heartbeat_seconds_least || hook.heartbeat_timeout > heartbeat_seconds_most)
    return invalid(
        fmt::format("HeartbeatTimeout must be between {} and {} seconds", heartbeat_seconds_least, heartbeat_seconds_most));
  hook.global_timeout = std::min(hook.heartbeat_timeout * 100, global_timeout_seconds_most);
  hook.default_result = request.default_result.value_or(known ? known->default_result : "ABANDON");
  if (hook.default_result != "CONTINUE" && hook.default_result != "ABANDON")
    return invalid(fmt::format("Invalid default result: {}. It must be CONTINUE or ABANDON", hook.default_result));
  if (request.notification_metadata) hook.notification_metadata = request.notification_metadata;
  return hook;
}

Result<void> set_tag(std::vector<aws::autoscaling::TagDescription>& tags, const std::string& group,
                     const aws::autoscaling::Tag& tag, bool internal) {
  if (tag.key.empty() || tag.key.size() > 128) return invalid("A tag key must have between 1 and 128 characters");
  if (tag.value.value_or("").size() > 256) return invalid("A tag value must have at most 256 characters");
  if (tag.key.starts_with("aws:") && !internal) return invalid("Tag keys beginning with aws: are reserved");
  if (tag.resource_type.value_or("auto-scaling-group") != "auto-scaling-group")
    return invalid("ResourceType must be auto-scaling-group");
  if (tag.resource_id && *tag.resource_id != group) return invalid(fmt::format("ResourceId must be the group: {}", group));
  aws::autoscaling::TagDescription made{.resource_id = group,
                                        .resource_type = "auto-scaling-group",
                                        .key = tag.key,
                                        .value = tag.value.value_or(""),
                                        .propagate_at_launch = tag.propagate_at_launch.value_or(false)};
  auto it = std::find_if(tags.begin(), tags.end(), [&](const auto& known) { return known.key == tag.key; });
  if (it != tags.end()) {
    *it = std::move(made);
    return {};
  }
  if (tags.size() >= tags_per_group_max)
    return fail("LimitExceeded", fmt::format("A group has at most {} tags", tags_per_group_max));
  tags.push_back(std::move(made));
  return {};
}

Result<std::vector<std::string>> target_groups_in(const char* operation,
                                                  const std::vector<aws::autoscaling::TrafficSourceIdentifier>& sources) {
  std::vector<std::string> arns;
  for (const auto& source : sources) {
    bool target_group = source.identifier.find(":targetgroup/") != std::string::npos;
    if (!target_group || source.type.value_or("elbv2") != "elbv2")
      return fail("NotImplemented", fmt::format("{}: traffic sources other than elbv2 target groups are not supported", operation),
                  501);
    arns.push_back(source.identifier);
  }
  return arns;
}

}  // namespace pds::cloud::autoscaling
