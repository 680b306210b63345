// What CodeDeploy remembers. A deployment's record is its journal: the state machine (engine.h) reads it, does one thing, and
// writes what it did in the same transaction.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/shapes/codedeploy.h"

namespace pds::cloud::codedeploy {

namespace wire = aws::codedeploy;

struct RevisionRecord {
  wire::RevisionLocation location;
  wire::GenericRevisionInfo info;
};
PDS_SHAPE(RevisionRecord, FIELD(location, "location"), FIELD(info, "info"))

struct ApplicationRecord {
  wire::ApplicationInfo info;
  std::vector<wire::Tag> tags;
  std::vector<RevisionRecord> revisions;
};
PDS_SHAPE(ApplicationRecord, FIELD(info, "info"), FIELD(tags, "tags"), FIELD(revisions, "revisions"))

// Key: <application>/<group>.
struct GroupRecord {
  wire::DeploymentGroupInfo info;
  std::vector<wire::Tag> tags;
};
PDS_SHAPE(GroupRecord, FIELD(info, "info"), FIELD(tags, "tags"))

// A command that an instance's agent is to perform.
struct CommandRecord {
  std::string id, event;
  std::string state = "Pending";  // Pending, InProgress
  Timestamp created_at, acknowledged_at, heard_at;
};
PDS_SHAPE(CommandRecord, FIELD(id, "id"), FIELD(event, "event"), FIELD(state, "state"), FIELD(created_at, "created_at"),
          FIELD(acknowledged_at, "acknowledged_at"), FIELD(heard_at, "heard_at"))

struct TargetRecord {
  std::string target_id;  // an instance id
  std::string status = "Pending";
  std::optional<std::string> label;  // Blue, Green
  Timestamp last_updated_at;
  std::vector<wire::LifecycleEvent> events;
  std::optional<CommandRecord> command;
};
PDS_SHAPE(TargetRecord, FIELD(target_id, "target_id"), FIELD(status, "status"), FIELD(label, "label"),
          FIELD(last_updated_at, "last_updated_at"), FIELD(events, "events"), FIELD(command, "command"))

// The function's side of a deployment.
struct ShiftRecord {
  std::string function, alias, current_version, target_version;
  std::optional<std::string> before_hook, after_hook;
  double weight = 0;  // of the target version, now; 1: all of it
  std::optional<Timestamp> next_shift_at;
  bool changed = false;  // the alias is not as it was found
  std::string status = "Pending";
  std::vector<wire::LifecycleEvent> events;
  std::string hook_execution_id;  // of the hook that is running
  bool hook_sent = false;
  Timestamp last_updated_at;
};
PDS_SHAPE(ShiftRecord, FIELD(function, "function"), FIELD(alias, "alias"), FIELD(current_version, "current_version"),
          FIELD(target_version, "target_version"), FIELD(before_hook, "before_hook"), FIELD(after_hook, "after_hook"),
          FIELD(weight, "weight"), FIELD(next_shift_at, "next_shift_at"), FIELD(changed, "changed"), FIELD(status, "status"),
          FIELD(events, "events"), FIELD(hook_execution_id, "hook_execution_id"), FIELD(hook_sent, "hook_sent"),
          FIELD(last_updated_at, "last_updated_at"))

// Stages of a fleet's deployment: provision, wait_fleet, deploy, ready, allow, block, bake, finish. Of a rollback: allow, block,
// finish. Of a launch deployment: deploy, finish. Of a function's: before, shift, after.
struct DeploymentRecord {
  wire::DeploymentInfo info;
  std::string group_id, stage;
  Timestamp stage_since;
  std::string blue_group, green_group;  // Auto Scaling groups
  int fleet_size = 0;                   // instances the green group is to have
  std::vector<std::string> target_group_arns;
  std::vector<TargetRecord> targets;
  std::optional<ShiftRecord> shift;
  bool is_reroute = false;  // a rollback that only moves traffic back
  bool continue_ready = false, continue_bake = false;
  std::optional<std::string> lifecycle_hook;  // a launch deployment: what waits for it
};
PDS_SHAPE(DeploymentRecord, FIELD(info, "info"), FIELD(group_id, "group_id"), FIELD(stage, "stage"),
          FIELD(stage_since, "stage_since"), FIELD(blue_group, "blue_group"), FIELD(green_group, "green_group"),
          FIELD(fleet_size, "fleet_size"), FIELD(target_group_arns, "target_group_arns"), FIELD(targets, "targets"),
          FIELD(shift, "shift"), FIELD(is_reroute, "is_reroute"), FIELD(continue_ready, "continue_ready"),
          FIELD(continue_bake, "continue_bake"), FIELD(lifecycle_hook, "lifecycle_hook"))

inline bool is_final(const std::string& status) { return status == "Succeeded" || status == "Failed" || status == "Stopped"; }
inline bool is_done(const std::string& event_status) { return event_status == "Succeeded" || event_status == "Skipped"; }

}  // namespace pds::cloud::codedeploy
