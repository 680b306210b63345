// A release: one image digest onto both targets, or onto neither. It is a record that says how far things are, and one pure decision:
// given the record and what is observed, what is the next step? Whoever runs it (engine.h) writes the record before each step, so that a
// release can be taken up at any point by another process.
//
//   staging ──> rolling ──> baking ──> finishing ──> released
//      │           │           │           │
//      └───────────┴───────────┴───────────┴──────> reverting ──> reverted | stuck
//
// rolling:   the fleet moves blue/green, the function by its canary; the old fleet stays alive until `finishing`.
// baking:    all traffic is on the new version, both targets are watched for a while longer.
// finishing: the old fleet goes. From here a fault means going back by a new deployment, which takes longer; the guardrail has spoken before.
// reverting: whatever began is undone; ends in `reverted` (exit 5) or, when going back failed too, in `stuck` (exit 6).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/shape.h"
#include "base/time.h"

namespace pds::deploy {

struct TargetProgress {
  std::string deployment_id;         // empty: nothing was begun
  std::string from, to;              // function: version numbers; fleet: group names
  std::string status;                // CodeDeploy's word, as last seen
  std::string rollback_id;           // the deployment that goes back, when there is one
  std::string rollback_status;
  bool no_rollback = false;          // CodeDeploy ended the deployment and said that nothing has to be rolled back
  bool skipped = false;              // already serves this image
  bool undone = false;               // end state after a revert verified
};
PDS_SHAPE(TargetProgress, FIELD(deployment_id, "deployment_id"), FIELD(from, "from"), FIELD(to, "to"), FIELD(status, "status"),
          FIELD(rollback_id, "rollback_id"), FIELD(rollback_status, "rollback_status"), FIELD(no_rollback, "no_rollback"),
          FIELD(skipped, "skipped"), FIELD(undone, "undone"))

struct ReleaseEvent {
  Timestamp at;                      // real time
  std::string text;
};
PDS_SHAPE(ReleaseEvent, FIELD(at, "at").time(::pds::aws::TimeFormat::iso8601), FIELD(text, "text"))

struct Release {
  std::string id;                    // "r-20261123-190443123-k3xq"
  std::string stack;
  std::string image;                 // repository@sha256:...
  std::string version;               // the image's org.opencontainers.image.version, for people
  std::string phase = "staging";
  std::string previous_image;        // what both targets go back to; empty on the first release
  std::string bundle_key;
  TargetProgress fleet, function;
  std::string reason;                // why it is going back, or why it is stuck
  std::string evidence;              // the numbers behind the reason
  std::string holder;                // who runs it: user@host pid
  bool abort_requested = false;
  Timestamp began{}, ended{}, baking_since{};
  std::vector<ReleaseEvent> events;
};
PDS_SHAPE(Release, FIELD(id, "id"), FIELD(stack, "stack"), FIELD(image, "image"), FIELD(version, "version"), FIELD(phase, "phase"),
          FIELD(previous_image, "previous_image"), FIELD(bundle_key, "bundle_key"), FIELD(fleet, "fleet"), FIELD(function, "function"),
          FIELD(reason, "reason"), FIELD(evidence, "evidence"), FIELD(holder, "holder"), FIELD(abort_requested, "abort_requested"),
          FIELD(began, "began").time(::pds::aws::TimeFormat::iso8601), FIELD(ended, "ended").time(::pds::aws::TimeFormat::iso8601),
          FIELD(baking_since, "baking_since").time(::pds::aws::TimeFormat::iso8601), FIELD(events, "events"))

inline bool is_over(const Release& release) {
  return release.phase == "released" || release.phase == "reverted" || release.phase == "stuck";
}

// What the guardrail says of the time since traffic began to move.
struct Judgement {
  bool failed = false;
  std::string reason;                // "fleet: 12 of 240 requests failed (5.0 %), more than 1.0 %"
  std::string evidence;
};

// What is true right now, as the APIs tell it.
struct Observed {
  bool fleet_waits_for_termination = false;    // green serves, blue is alive
  Judgement judgement;
  bool bake_is_over = false;
};

enum class Step {
  start_function,      // create the function's deployment
  start_fleet,         // create the fleet's deployment
  wait,
  begin_bake,
  begin_finish,        // tell the fleet's deployment that the old instances may go
  complete,
  begin_revert,        // `why` and `evidence` are set
  stop_function,       // stop with rollback
  stop_fleet,
  send_function_back,  // its deployment had succeeded: a new one with the old version
  send_fleet_back,
  check_function,      // end state: alias whole, on the old version
  check_fleet,         // end state: old group serves, nothing of the new one is left
  give_up,             // going back failed: a person is needed
  finish_revert,
};

struct Decision {
  Step step = Step::wait;
  std::string why, evidence;
};

Decision decide(const Release& release, const Observed& observed);

const char* step_name(Step step);

}  // namespace pds::deploy
