// Looks at groups, asks plan.h what is next, and does it: all in one turn of the loop, so that the step is one transaction over the
// tables of Auto Scaling, EC2 and the balancers.
#pragma once

#include <set>

#include "cloud/services/autoscaling/activities.h"
#include "cloud/services/autoscaling/plan.h"
#include "cloud/services/autoscaling/records.h"
#include "cloud/services/autoscaling/target_groups.h"
#include "cloud/services/ec2/service.h"

namespace pds::cloud::autoscaling {

// Failed launches are tried again after 10 s, 20 s, 40 s ... 5 minutes.
inline constexpr Duration launch_backoff_least = 10s;
inline constexpr Duration launch_backoff_most = 5min;
// A plan that always finds something to do is our bug; this many steps in one turn would take a group through its whole life.
inline constexpr int steps_per_turn_max = 64;

class Reconciler {
 public:
  Reconciler(Core& core, Tables& tables, Activities& activities, Ec2& ec2, TargetGroups& targets)
      : core_(core), tables_(tables), activities_(activities), ec2_(ec2), targets_(targets) {}

  // Steps until nothing is left to do now. True when anything was done.
  bool reconcile(const std::string& group);

  // Also used by the operations:
  void start_termination(const std::string& instance_id, const std::string& cause);
  void move(const std::string& instance_id, std::string state);
  void remove_member(const std::string& instance_id);
  // The version number a launch would use; 0 when the template is gone.
  int64_t current_version(const GroupRecord& group) const;

 private:
  Facts look(const GroupRecord& group) const;
  bool apply(const std::string& group, const Action& action);
  void launch(const std::string& group, const Action& action);
  void launch_failed(const std::string& group, const std::string& activity_id, const std::string& why);
  Result<aws::ec2::Instance> run_instance(const GroupRecord& group, const std::string& subnet_id);
  std::string choose_subnet(const GroupRecord& group, const std::string& zone) const;
  void begin_wait(const MemberRecord& member);
  void proceed(const MemberRecord& member);
  void enter_service(const GroupRecord& group, const MemberRecord& member);
  void register_in(const MemberRecord& member, const std::string& arn);
  void fail_launch(const GroupRecord& group, const MemberRecord& member, const std::string& why);
  void finish_group(const std::string& group);
  int capacity_of(const std::string& group) const;

  Core& core_;
  Tables& tables_;
  Activities& activities_;
  Ec2& ec2_;
  TargetGroups& targets_;
};

}  // namespace pds::cloud::autoscaling
