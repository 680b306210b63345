// What a group does next: a pure function of what was asked for, what there is, and the time.
//
// Members move one step per plan, so a plan is small and every step is a state that a restart can go on from:
//
//   Pending ─> Pending:Wait ─> Pending:Proceed ─> InService ─> Terminating ─> Terminating:Wait ─> Terminating:Proceed ─> (gone)
//                  (hooks)      targets: in          │          targets: out,    (hooks)           the instance ends
//                                                    │          drained
//                                                    ├─> EnteringStandby ─> Standby ─> Pending
//                                                    └─> Detaching ─> (gone, the instance runs on)
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cloud/reach.h"
#include "cloud/services/autoscaling/records.h"

namespace pds::cloud::autoscaling {

// What is true of the world around a group.
struct Facts {
  std::map<std::string, InstanceState> instances;                     // absent: EC2 has forgotten it
  std::map<std::string, std::map<std::string, std::string>> targets;  // target group -> instance -> state
  int64_t current_template_version = 0;                               // what a launch would use now
};

struct Action {
  enum Kind {
    launch,             // one instance in `zone`
    begin_wait,         // a hook exists: wait for it (from Pending or Terminating)
    proceed,            // nothing to wait for, or not any more
    expire,             // a hook's time is up: its default result
    enter_service,      // register in target groups, InService
    register_target,    // `detail` is a target group attached since
    deregister_target,  // `detail` is a target group
    left_target,        // it is out of `detail`, which is being detached
    fail_launch,        // the instance did not come up, or a hook abandoned it
    mark_unhealthy,     // `detail` says why
    terminate,          // take it out; `detail` says why
    end_instance,       // call EC2
    rest,               // Standby
    forget,             // gone, or detached
  };
  Kind kind;
  std::string instance_id;
  std::string zone;
  std::string detail;
  bool rebalancing = false;
};

std::vector<Action> plan_group(const GroupRecord& group, const std::vector<MemberRecord>& members,
                               const std::vector<aws::autoscaling::LifecycleHook>& hooks, const Facts& facts, Timestamp now);

// Who leaves when `members` are too many; by zone balance first, then by the group's policies. Protected members never.
// Empty when nobody can.
std::string choose_victim(const GroupRecord& group, const std::vector<MemberRecord>& members, int64_t current_template_version);

bool is_suspended(const GroupRecord& group, std::string_view process);
// Pending..., InService: those that make up the capacity.
bool counts_as_capacity(const MemberRecord& member);

}  // namespace pds::cloud::autoscaling
