// Auto Scaling: lifecycle hooks.
#pragma once

#include "aws/shapes/autoscaling/common.h"

namespace pds::aws::autoscaling {

struct LifecycleHook {
  std::string lifecycle_hook_name, auto_scaling_group_name, lifecycle_transition;
  std::optional<std::string> notification_metadata;
  int heartbeat_timeout = 0, global_timeout = 0;
  std::string default_result;
};
PDS_WIRE_SHAPE(LifecycleHook, FIELD(lifecycle_hook_name, "LifecycleHookName"), FIELD(auto_scaling_group_name, "AutoScalingGroupName"),
               FIELD(lifecycle_transition, "LifecycleTransition"), FIELD(notification_metadata, "NotificationMetadata"),
               FIELD(heartbeat_timeout, "HeartbeatTimeout"), FIELD(global_timeout, "GlobalTimeout"),
               FIELD(default_result, "DefaultResult"))

struct PutLifecycleHookRequest {
  std::string lifecycle_hook_name, auto_scaling_group_name;
  std::optional<std::string> lifecycle_transition, notification_metadata;
  std::optional<int> heartbeat_timeout;
  std::optional<std::string> default_result;
  std::optional<Unsupported> role_arn, notification_target_arn;
};
PDS_WIRE_SHAPE(PutLifecycleHookRequest, FIELD(lifecycle_hook_name, "LifecycleHookName").required(),
               FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(), FIELD(lifecycle_transition, "LifecycleTransition"),
               FIELD(notification_metadata, "NotificationMetadata"), FIELD(heartbeat_timeout, "HeartbeatTimeout"),
               FIELD(default_result, "DefaultResult"), FIELD(role_arn, "RoleARN"),
               FIELD(notification_target_arn, "NotificationTargetARN"))

using PutLifecycleHookReply = Empty;
PDS_OPERATION(PutLifecycleHook)

struct DeleteLifecycleHookRequest {
  std::string lifecycle_hook_name, auto_scaling_group_name;
};
PDS_WIRE_SHAPE(DeleteLifecycleHookRequest, FIELD(lifecycle_hook_name, "LifecycleHookName").required(),
               FIELD(auto_scaling_group_name, "AutoScalingGroupName").required())

using DeleteLifecycleHookReply = Empty;
PDS_OPERATION(DeleteLifecycleHook)

struct DescribeLifecycleHooksRequest {
  std::string auto_scaling_group_name;
  std::vector<std::string> lifecycle_hook_names;
};
PDS_WIRE_SHAPE(DescribeLifecycleHooksRequest, FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(),
               FIELD(lifecycle_hook_names, "LifecycleHookNames"))

struct DescribeLifecycleHooksReply {
  std::vector<LifecycleHook> lifecycle_hooks;
};
PDS_WIRE_SHAPE(DescribeLifecycleHooksReply, FIELD(lifecycle_hooks, "LifecycleHooks"))

PDS_OPERATION(DescribeLifecycleHooks)

struct CompleteLifecycleActionRequest {
  std::string lifecycle_hook_name, auto_scaling_group_name;
  std::optional<std::string> lifecycle_action_token;
  std::string lifecycle_action_result;
  std::optional<std::string> instance_id;
};
PDS_WIRE_SHAPE(CompleteLifecycleActionRequest, FIELD(lifecycle_hook_name, "LifecycleHookName").required(),
               FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(), FIELD(lifecycle_action_token, "LifecycleActionToken"),
               FIELD(lifecycle_action_result, "LifecycleActionResult").required(), FIELD(instance_id, "InstanceId"))

using CompleteLifecycleActionReply = Empty;
PDS_OPERATION(CompleteLifecycleAction)

struct RecordLifecycleActionHeartbeatRequest {
  std::string lifecycle_hook_name, auto_scaling_group_name;
  std::optional<std::string> lifecycle_action_token, instance_id;
};
PDS_WIRE_SHAPE(RecordLifecycleActionHeartbeatRequest, FIELD(lifecycle_hook_name, "LifecycleHookName").required(),
               FIELD(auto_scaling_group_name, "AutoScalingGroupName").required(), FIELD(lifecycle_action_token, "LifecycleActionToken"),
               FIELD(instance_id, "InstanceId"))

using RecordLifecycleActionHeartbeatReply = Empty;
PDS_OPERATION(RecordLifecycleActionHeartbeat)

}  // namespace pds::aws::autoscaling
