// What Auto Scaling keeps: groups, their members, hooks and activities.
#pragma once

#include "aws/shapes/autoscaling.h"
#include "cloud/core.h"
#include "cloud/store.h"

namespace pds::cloud::autoscaling {

struct GroupRecord {
  aws::autoscaling::AutoScalingGroup group;          // without its instances: those are members
  std::vector<std::string> detaching_target_groups;  // still to be drained of members
  bool deleting = false;                             // by force: members go without being asked
  std::string cause;                                 // why the desired capacity is what it is: for the next activities
  Timestamp cooled_down_at;                          // the end of the cooldown after the last change
  Timestamp launch_after;                            // failed launches back off until here
  int launch_failures = 0;                           // in a row
};
PDS_SHAPE(GroupRecord, FIELD(group, "Group"), FIELD(detaching_target_groups, "DetachingTargetGroups"), FIELD(deleting, "Deleting"),
          FIELD(cause, "Cause"), FIELD(cooled_down_at, "CooledDownAt"), FIELD(launch_after, "LaunchAfter"),
          FIELD(launch_failures, "LaunchFailures"))

// A hook that a member is waiting for.
struct PendingAction {
  std::string hook, token;
  Timestamp deadline, global_deadline;
  int heartbeat_seconds = 3600;
  std::string default_result;
  std::string result;  // "CONTINUE" or "ABANDON" once known
};
PDS_SHAPE(PendingAction, FIELD(hook, "Hook"), FIELD(token, "Token"), FIELD(deadline, "Deadline"),
          FIELD(global_deadline, "GlobalDeadline"), FIELD(heartbeat_seconds, "HeartbeatSeconds"),
          FIELD(default_result, "DefaultResult"), FIELD(result, "Result"))

// An instance of a group, by its id.
struct MemberRecord {
  std::string instance_id, group, subnet_id, availability_zone, instance_type, image_id;
  aws::autoscaling::LaunchTemplateSpecification launch_template;  // with the number of the version
  std::string state;                                              // as LifecycleState on the wire
  bool healthy = true;
  std::string unhealthy_because;  // for the activity that replaces it
  bool is_protected = false;
  bool rebalancing = false;  // launched beyond the desired capacity, to balance zones
  Timestamp launched_at, state_since, in_service_since;
  std::vector<std::string> registered_in;  // target groups it was put into, once each
  std::vector<PendingAction> actions;
  std::string activity_id;  // the open one
};
PDS_SHAPE(MemberRecord, FIELD(instance_id, "InstanceId"), FIELD(group, "Group"), FIELD(subnet_id, "SubnetId"),
          FIELD(availability_zone, "AvailabilityZone"), FIELD(instance_type, "InstanceType"), FIELD(image_id, "ImageId"),
          FIELD(launch_template, "LaunchTemplate"), FIELD(state, "State"), FIELD(healthy, "Healthy"),
          FIELD(unhealthy_because, "UnhealthyBecause"), FIELD(is_protected, "Protected"), FIELD(rebalancing, "Rebalancing"),
          FIELD(launched_at, "LaunchedAt"), FIELD(state_since, "StateSince"), FIELD(in_service_since, "InServiceSince"),
          FIELD(registered_in, "RegisteredIn"), FIELD(actions, "Actions"), FIELD(activity_id, "ActivityId"))

struct ActivityRecord {
  aws::autoscaling::Activity activity;
  bool group_deleted = false;
};
PDS_SHAPE(ActivityRecord, FIELD(activity, "Activity"), FIELD(group_deleted, "GroupDeleted"))

struct Tables {
  explicit Tables(Core& core)
      : groups(core.store, core.table("autoscaling", "groups")),
        members(core.store, core.table("autoscaling", "members")),
        hooks(core.store, core.table("autoscaling", "hooks")),
        activities(core.store, core.table("autoscaling", "activities")) {}
  Table<GroupRecord> groups;                     // by name
  Table<MemberRecord> members;                   // by instance id
  Table<aws::autoscaling::LifecycleHook> hooks;  // by "<group>/<hook>"
  Table<ActivityRecord> activities;              // by "<group>/<number>", the number growing

  std::vector<MemberRecord> members_of(std::string_view group) const;
  std::vector<aws::autoscaling::LifecycleHook> hooks_of(std::string_view group) const;
};

}  // namespace pds::cloud::autoscaling
