#include "cloud/services/autoscaling/plan.h"

#include <algorithm>

#include "base/text.h"

namespace pds::cloud::autoscaling {

namespace {

using Kind = Action::Kind;

bool has_hook(const std::vector<aws::autoscaling::LifecycleHook>& hooks, std::string_view transition) {
  return std::any_of(hooks.begin(), hooks.end(), [&](const auto& hook) { return hook.lifecycle_transition == transition; });
}

// Its state in a target group; empty when it is not there.
std::string target_state(const Facts& facts, const std::string& arn, const std::string& instance_id) {
  auto group = facts.targets.find(arn);
  if (group == facts.targets.end()) return "";
  auto state = group->second.find(instance_id);
  return state == group->second.end() ? "" : state->second;
}

InstanceState instance_state(const Facts& facts, const std::string& instance_id) {
  auto it = facts.instances.find(instance_id);
  return it == facts.instances.end() ? InstanceState::terminated : it->second;
}

class Planner {
 public:
  Planner(const GroupRecord& group, const std::vector<MemberRecord>& members,
          const std::vector<aws::autoscaling::LifecycleHook>& hooks, const Facts& facts, Timestamp now)
      : group_(group), members_(members), hooks_(hooks), facts_(facts), now_(now) {}

  std::vector<Action> plan() {
    for (const MemberRecord& member : members_) advance(member);
    size();
    return std::move(actions_);
  }

 private:
  void add(Kind kind, const MemberRecord& member, std::string detail = "") {
    actions_.push_back(
        {.kind = kind, .instance_id = member.instance_id, .zone = member.availability_zone, .detail = std::move(detail)});
  }

  void advance(const MemberRecord& member) {
    InstanceState state = instance_state(facts_, member.instance_id);
    if (member.state.starts_with("Pending")) return advance_pending(member, state);
    if (member.state == "InService") return advance_in_service(member, state);
    if (member.state == "EnteringStandby" && left_targets(member)) return add(Kind::rest, member);
    if (member.state == "Detaching" && left_targets(member)) return add(Kind::forget, member);
    if (member.state.starts_with("Terminating")) return advance_terminating(member, state);
  }

  void advance_pending(const MemberRecord& member, InstanceState state) {
    if (state != InstanceState::pending && state != InstanceState::running)
      return add(Kind::fail_launch, member, "the instance ended before it was in service");
    if (member.state == "Pending") {
      if (state == InstanceState::running)
        add(has_hook(hooks_, "autoscaling:EC2_INSTANCE_LAUNCHING") ? Kind::begin_wait : Kind::proceed, member);
      return;
    }
    if (member.state == "Pending:Wait") return wait_for_hooks(member);
    add(Kind::enter_service, member);  // Pending:Proceed
  }

  void wait_for_hooks(const MemberRecord& member) {
    bool launching = member.state == "Pending:Wait", waiting = false;
    for (const PendingAction& action : member.actions) {
      if (!action.result.empty() && action.result == "ABANDON") {
        // An abandoned launch ends the instance; an abandoned termination just stops waiting for the other hooks.
        return launching ? add(Kind::fail_launch, member, "a lifecycle hook abandoned it: " + action.hook)
                         : add(Kind::proceed, member);
      }
      if (action.result.empty() && now_ >= std::min(action.deadline, action.global_deadline))
        return add(Kind::expire, member, action.hook);
      waiting = waiting || action.result.empty();
    }
    if (!waiting) add(Kind::proceed, member);
  }

  void advance_in_service(const MemberRecord& member, InstanceState state) {
    for (const std::string& arn : group_.detaching_target_groups) leave(member, arn);
    if (!is_suspended(group_, "AddToLoadBalancer"))
      for (const std::string& arn : group_.group.target_group_arns)
        if (std::find(member.registered_in.begin(), member.registered_in.end(), arn) == member.registered_in.end())
          add(Kind::register_target, member, arn);
    if (member.healthy) {
      std::string why = is_suspended(group_, "HealthCheck") ? "" : why_unhealthy(member, state);
      if (!why.empty()) add(Kind::mark_unhealthy, member, why);
    } else if (!is_suspended(group_, "ReplaceUnhealthy") && !is_suspended(group_, "Terminate")) {
      add(Kind::terminate, member, member.unhealthy_because);
    }
  }

  std::string why_unhealthy(const MemberRecord& member, InstanceState state) const {
    if (state != InstanceState::running) return "an EC2 health check indicating it has been terminated or stopped";
    if (group_.group.health_check_type == "ELB" &&
        now_ >= member.in_service_since + std::chrono::seconds(group_.group.health_check_grace_period))
      for (const std::string& arn : group_.group.target_group_arns)
        if (target_state(facts_, arn, member.instance_id) == "unhealthy") return "an ELB system health check failure";
    if (group_.group.max_instance_lifetime &&
        now_ >= member.launched_at + std::chrono::seconds(*group_.group.max_instance_lifetime))
      return "it having reached the maximum instance lifetime";
    return "";
  }

  // True when it was not in the target group or has left it.
  bool leave(const MemberRecord& member, const std::string& arn) {
    bool listed = std::find(member.registered_in.begin(), member.registered_in.end(), arn) != member.registered_in.end();
    std::string state = target_state(facts_, arn, member.instance_id);
    if (state.empty()) {
      if (listed) add(Kind::left_target, member, arn);
      return true;
    }
    if (state != "draining" && listed) add(Kind::deregister_target, member, arn);
    return !listed;
  }

  bool left_targets(const MemberRecord& member) {
    bool all = true;
    for (const std::string& arn : member.registered_in) all = leave(member, arn) && all;
    return all;
  }

  void advance_terminating(const MemberRecord& member, InstanceState state) {
    if (state == InstanceState::terminated) {
      left_targets(member);
      return add(Kind::forget, member);
    }
    if (group_.deleting && state != InstanceState::shutting_down) {
      left_targets(member);
      return add(Kind::end_instance, member);
    }
    if (member.state == "Terminating") {
      if (!left_targets(member)) return;
      return add(has_hook(hooks_, "autoscaling:EC2_INSTANCE_TERMINATING") ? Kind::begin_wait : Kind::proceed, member);
    }
    if (member.state == "Terminating:Wait") return wait_for_hooks(member);
    if (state != InstanceState::shutting_down) add(Kind::end_instance, member);  // Terminating:Proceed
  }

  // ---- how many, and where ----

  std::vector<MemberRecord> capacity() const {
    std::vector<MemberRecord> result;
    for (const MemberRecord& member : members_) {
      bool leaving = std::any_of(actions_.begin(), actions_.end(), [&](const Action& action) {
        return action.instance_id == member.instance_id && (action.kind == Kind::terminate || action.kind == Kind::fail_launch);
      });
      // One launched to balance zones counts when it is there: only then another one may go.
      bool early = member.rebalancing && member.state != "InService";
      if (counts_as_capacity(member) && !leaving && !early) result.push_back(member);
    }
    return result;
  }

  std::map<std::string, int> per_zone(const std::vector<MemberRecord>& members) const {
    std::map<std::string, int> counts;
    for (const std::string& zone : group_.group.availability_zones) counts[zone] = 0;
    for (const MemberRecord& member : members) ++counts[member.availability_zone];
    return counts;
  }

  // The zone of the group with the fewest; the first of its zones on a tie.
  std::string emptiest(const std::map<std::string, int>& counts) const {
    std::string best;
    for (const std::string& zone : group_.group.availability_zones)
      if (best.empty() || counts.at(zone) < counts.at(best)) best = zone;
    return best;
  }

  void size() {
    std::vector<MemberRecord> now = capacity();
    int desired = group_.deleting ? 0 : group_.group.desired_capacity;
    int have = static_cast<int>(now.size());
    if (have < desired) return grow(now, desired - have);
    if (have > desired) return shrink(now, have - desired);
    rebalance(now);
  }

  void grow(const std::vector<MemberRecord>& now, int missing) {
    if (is_suspended(group_, "Launch") || now_ < group_.launch_after) return;
    auto counts = per_zone(now);
    for (int i = 0; i < missing; ++i) {
      std::string zone = emptiest(counts);
      ++counts[zone];
      actions_.push_back({.kind = Kind::launch, .instance_id = "", .zone = zone, .detail = ""});
    }
  }

  void shrink(std::vector<MemberRecord> now, int excess) {
    if (is_suspended(group_, "Terminate") && !group_.deleting) return;
    while (excess-- > 0) {
      std::string victim = group_.deleting ? now.back().instance_id : choose_victim(group_, now, facts_.current_template_version);
      auto it = std::find_if(now.begin(), now.end(), [&](const MemberRecord& member) { return member.instance_id == victim; });
      if (it == now.end()) return;
      add(Kind::terminate, *it, "a difference between desired and actual capacity");
      now.erase(it);
    }
  }

  // One at a time: launch where there are too few; when it is in service there is one too many, and shrink() takes it where there
  // are most.
  void rebalance(const std::vector<MemberRecord>& now) {
    if (is_suspended(group_, "AZRebalance") || is_suspended(group_, "Launch") || is_suspended(group_, "Terminate")) return;
    if (group_.deleting || now.empty() || now_ < group_.launch_after) return;
    for (const MemberRecord& member : members_)
      if (member.rebalancing && member.state != "InService") return;
    for (const MemberRecord& member : now)
      if (member.state != "InService" || !member.healthy) return;
    auto counts = per_zone(now);
    std::string least = emptiest(counts);
    int most = 0;
    for (const auto& [zone, count] : counts) {
      bool takeable = std::any_of(now.begin(), now.end(),
                                  [&](const MemberRecord& m) { return m.availability_zone == zone && !m.is_protected; });
      // A zone the group has left altogether is emptied whatever its count.
      bool foreign = std::find(group_.group.availability_zones.begin(), group_.group.availability_zones.end(), zone) ==
                     group_.group.availability_zones.end();
      if (takeable) most = std::max(most, foreign ? counts[least] + 2 : count);
    }
    if (most - counts[least] < 2) return;
    actions_.push_back({.kind = Kind::launch, .instance_id = "", .zone = least, .detail = "", .rebalancing = true});
  }

  const GroupRecord& group_;
  const std::vector<MemberRecord>& members_;
  const std::vector<aws::autoscaling::LifecycleHook>& hooks_;
  const Facts& facts_;
  Timestamp now_;
  std::vector<Action> actions_;
};

int64_t version_of(const MemberRecord& member) { return parse_int(member.launch_template.version.value_or("0")).value_or(0); }

template <class Better>
void keep_best(std::vector<const MemberRecord*>& candidates, Better value) {
  auto best = value(*candidates.front());
  for (const MemberRecord* member : candidates) best = std::min(best, value(*member));
  std::erase_if(candidates, [&](const MemberRecord* member) { return value(*member) != best; });
}

}  // namespace

bool is_suspended(const GroupRecord& group, std::string_view process) {
  return std::any_of(group.group.suspended_processes.begin(), group.group.suspended_processes.end(),
                     [&](const auto& suspended) { return suspended.process_name == process; });
}

bool counts_as_capacity(const MemberRecord& member) { return member.state == "InService" || member.state.starts_with("Pending"); }

std::string choose_victim(const GroupRecord& group, const std::vector<MemberRecord>& members, int64_t current_template_version) {
  std::map<std::string, int> counts;
  for (const MemberRecord& member : members) ++counts[member.availability_zone];
  const auto& zones = group.group.availability_zones;
  // Zones that are not the group's any more come first.
  for (auto& [zone, count] : counts)
    if (std::find(zones.begin(), zones.end(), zone) == zones.end()) count += 1'000'000;
  std::vector<const MemberRecord*> candidates;
  for (const MemberRecord& member : members)
    if (!member.is_protected) candidates.push_back(&member);
  if (candidates.empty()) return "";
  keep_best(candidates, [&](const MemberRecord& member) { return -counts[member.availability_zone]; });
  for (const std::string& policy : group.group.termination_policies) {
    if (policy == "OldestInstance") keep_best(candidates, [](const MemberRecord& m) { return m.launched_at; });
    if (policy == "NewestInstance") keep_best(candidates, [](const MemberRecord& m) { return -m.launched_at.time_since_epoch(); });
    if (policy == "OldestLaunchTemplate" || policy == "Default") {
      // Those of another version than the current one go first, the lowest number before the others.
      keep_best(candidates,
                [&](const MemberRecord& m) { return version_of(m) == current_template_version ? INT64_MAX : version_of(m); });
    }
  }
  keep_best(candidates, [](const MemberRecord& m) { return m.launched_at; });
  keep_best(candidates, [](const MemberRecord& m) { return m.instance_id; });
  return candidates.front()->instance_id;
}

std::vector<Action> plan_group(const GroupRecord& group, const std::vector<MemberRecord>& members,
                               const std::vector<aws::autoscaling::LifecycleHook>& hooks, const Facts& facts, Timestamp now) {
  return Planner(group, members, hooks, facts, now).plan();
}

}  // namespace pds::cloud::autoscaling
