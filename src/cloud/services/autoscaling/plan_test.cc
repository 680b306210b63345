#include "cloud/services/autoscaling/plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

#include "io/clock.h"

namespace pds::cloud::autoscaling {
namespace {

const Timestamp start = from_epoch_seconds(1'800'000'000);

GroupRecord group_of(int desired, std::vector<std::string> zones = {"a", "b", "c"}) {
  GroupRecord record;
  record.group.auto_scaling_group_name = "g";
  record.group.min_size = 0, record.group.max_size = 100, record.group.desired_capacity = desired;
  record.group.availability_zones = std::move(zones);
  record.group.health_check_type = "EC2";
  record.group.termination_policies = {"Default"};
  return record;
}

MemberRecord member_of(std::string id, std::string zone, std::string state = "InService", int age_seconds = 0, int version = 1) {
  MemberRecord member;
  member.instance_id = std::move(id), member.group = "g", member.availability_zone = std::move(zone),
  member.state = std::move(state);
  member.launched_at = member.state_since = member.in_service_since = start - std::chrono::seconds(age_seconds);
  member.launch_template.version = std::to_string(version);
  return member;
}

Facts running(const std::vector<MemberRecord>& members) {
  Facts facts;
  for (const auto& member : members) facts.instances[member.instance_id] = InstanceState::running;
  facts.current_template_version = 1;
  return facts;
}

std::string words(const std::vector<Action>& actions) {
  static const char* names[] = {"launch", "wait", "proceed",   "expire",    "enter", "register", "deregister",
                                "left",   "fail", "unhealthy", "terminate", "end",   "rest",     "forget"};
  std::string text;
  for (const Action& action : actions)
    text += (text.empty() ? "" : " ") + std::string(names[action.kind]) + ":" +
            (action.kind == Action::launch ? action.zone : action.instance_id) + (action.rebalancing ? "!" : "");
  return text;
}

void suspend(GroupRecord& group, const char* process) {
  group.group.suspended_processes.push_back({.process_name = process, .suspension_reason = ""});
}

TEST(Plan, LaunchesWhereThereAreFewest) {
  struct Case {
    int desired;
    std::vector<std::string> zones_of_members;
    const char* plan;
  };
  const Case cases[] = {
      {0, {}, ""},
      {3, {}, "launch:a launch:b launch:c"},
      {4, {}, "launch:a launch:b launch:c launch:a"},
      {3, {"a"}, "launch:b launch:c"},
      {4, {"a", "b", "c"}, "launch:a"},
      {5, {"b", "b", "c"}, "launch:a launch:a"},
      {3, {"a", "b", "c"}, ""},
  };
  for (const Case& c : cases) {
    std::vector<MemberRecord> members;
    for (const std::string& zone : c.zones_of_members) members.push_back(member_of("i" + std::to_string(members.size()), zone));
    EXPECT_EQ(words(plan_group(group_of(c.desired), members, {}, running(members), start)), c.plan);
  }
}

TEST(Plan, TerminatesWhereThereAreMostAndThenByPolicy) {
  struct Case {
    std::vector<std::string> policies;
    const char* victim;
  };
  // Two in zone a: old with version 2 (current), young with version 1.
  std::vector<MemberRecord> members = {member_of("old", "a", "InService", 500, 2), member_of("young", "a", "InService", 100, 1),
                                       member_of("oldest", "b", "InService", 900, 1)};
  const Case cases[] = {{{"Default"}, "young"},
                        {{"OldestInstance"}, "old"},
                        {{"NewestInstance"}, "young"},
                        {{"OldestLaunchTemplate"}, "young"},
                        {{"OldestInstance", "Default"}, "old"}};
  for (const Case& c : cases) {
    GroupRecord group = group_of(2, {"a", "b"});
    group.group.termination_policies = c.policies;
    EXPECT_EQ(choose_victim(group, members, 2), c.victim) << c.policies.front();
  }
  members[0].is_protected = members[1].is_protected = true;
  EXPECT_EQ(choose_victim(group_of(2, {"a", "b"}), members, 2), "oldest");
  members[2].is_protected = true;
  EXPECT_EQ(choose_victim(group_of(2, {"a", "b"}), members, 2), "");
}

TEST(Plan, AZoneTheGroupHasLeftIsEmptiedFirst) {
  std::vector<MemberRecord> members = {member_of("i1", "a"), member_of("i2", "a"), member_of("i3", "z")};
  EXPECT_EQ(choose_victim(group_of(2, {"a", "b"}), members, 1), "i3");
}

TEST(Plan, ZonesAreBalancedByLaunchingBeforeTerminating) {
  GroupRecord group = group_of(3);
  std::vector<MemberRecord> members = {member_of("i1", "a", "InService", 3), member_of("i2", "a", "InService", 2),
                                       member_of("i3", "a", "InService", 1)};
  EXPECT_EQ(words(plan_group(group, members, {}, running(members), start)), "launch:b!");
  MemberRecord extra = member_of("i4", "b", "Pending:Wait");
  extra.rebalancing = true;
  extra.actions = {{.hook = "h",
                    .token = "t",
                    .deadline = start + 1h,
                    .global_deadline = start + 1h,
                    .heartbeat_seconds = 3600,
                    .default_result = "ABANDON",
                    .result = ""}};
  members.push_back(extra);
  EXPECT_EQ(words(plan_group(group, members, {}, running(members), start)), "");  // not in service yet: nobody leaves
  members.back().state = "InService";
  EXPECT_EQ(words(plan_group(group, members, {}, running(members), start)), "terminate:i1");
  suspend(group, "AZRebalance");
  members.pop_back();
  EXPECT_EQ(words(plan_group(group, members, {}, running(members), start)), "");
}

TEST(Plan, HealthIsJudgedAfterTheGracePeriodAndReplaced) {
  GroupRecord group = group_of(1, {"a"});
  group.group.health_check_type = "ELB";
  group.group.health_check_grace_period = 60;
  group.group.target_group_arns = {"tg"};
  std::vector<MemberRecord> members = {member_of("i1", "a")};
  members[0].registered_in = {"tg"};
  Facts facts = running(members);
  facts.targets["tg"]["i1"] = "unhealthy";
  EXPECT_EQ(words(plan_group(group, members, {}, facts, start + 59s)), "");
  EXPECT_EQ(words(plan_group(group, members, {}, facts, start + 60s)), "unhealthy:i1");
  members[0].healthy = false;
  EXPECT_EQ(words(plan_group(group, members, {}, facts, start + 60s)), "terminate:i1 launch:a");
  suspend(group, "ReplaceUnhealthy");
  EXPECT_EQ(words(plan_group(group, members, {}, facts, start + 60s)), "");
  // An instance that is not running is unhealthy at once, whoever is asked.
  members[0].healthy = true;
  group = group_of(1, {"a"});
  facts.instances["i1"] = InstanceState::stopping;
  EXPECT_EQ(words(plan_group(group, members, {}, facts, start)), "unhealthy:i1");
  facts.instances.erase("i1");
  EXPECT_EQ(words(plan_group(group, members, {}, facts, start)), "unhealthy:i1");
  suspend(group, "HealthCheck");
  EXPECT_EQ(words(plan_group(group, members, {}, facts, start)), "");
}

aws::autoscaling::LifecycleHook hook_for(const char* transition) {
  aws::autoscaling::LifecycleHook hook;
  hook.lifecycle_hook_name = "h", hook.auto_scaling_group_name = "g", hook.lifecycle_transition = transition;
  return hook;
}

TEST(Plan, AMemberMovesOneStepAtATime) {
  const auto launching = hook_for("autoscaling:EC2_INSTANCE_LAUNCHING"),
             terminating = hook_for("autoscaling:EC2_INSTANCE_TERMINATING");
  struct Case {
    const char* state;
    InstanceState instance;
    std::vector<aws::autoscaling::LifecycleHook> hooks;
    const char* action_result;  // of the pending action; null: none
    const char* target;         // its state in the target group; null: not there, and it was never put there
    const char* plan;
  };
  using enum InstanceState;
  const Case cases[] = {
      {"Pending", pending, {}, nullptr, nullptr, ""},
      {"Pending", running, {}, nullptr, nullptr, "proceed:i"},
      {"Pending", running, {launching}, nullptr, nullptr, "wait:i"},
      {"Pending", running, {terminating}, nullptr, nullptr, "proceed:i"},
      {"Pending", terminated, {}, nullptr, nullptr, "fail:i"},
      {"Pending", shutting_down, {}, nullptr, nullptr, "fail:i"},
      {"Pending:Wait", running, {launching}, "", nullptr, ""},
      {"Pending:Wait", running, {launching}, "CONTINUE", nullptr, "proceed:i"},
      {"Pending:Wait", running, {launching}, "ABANDON", nullptr, "fail:i"},
      {"Pending:Wait", stopped, {launching}, "", nullptr, "fail:i"},
      {"Pending:Proceed", running, {}, nullptr, nullptr, "enter:i"},
      {"InService", running, {}, nullptr, "healthy", ""},
      {"Terminating", running, {}, nullptr, "healthy", "deregister:i"},
      {"Terminating", running, {}, nullptr, "draining", ""},
      {"Terminating", running, {}, nullptr, "", "left:i proceed:i"},
      {"Terminating", running, {terminating}, nullptr, nullptr, "wait:i"},
      {"Terminating:Wait", running, {terminating}, "", nullptr, ""},
      {"Terminating:Wait", running, {terminating}, "ABANDON", nullptr, "proceed:i"},
      {"Terminating:Proceed", running, {}, nullptr, nullptr, "end:i"},
      {"Terminating:Proceed", shutting_down, {}, nullptr, nullptr, ""},
      {"Terminating:Proceed", terminated, {}, nullptr, nullptr, "forget:i"},
      {"Terminating:Wait", terminated, {terminating}, "", nullptr, "forget:i"},
      {"EnteringStandby", running, {}, nullptr, "draining", ""},
      {"EnteringStandby", running, {}, nullptr, "", "left:i rest:i"},
      {"Standby", running, {}, nullptr, nullptr, ""},
      {"Detaching", running, {}, nullptr, nullptr, "forget:i"},
  };
  for (const Case& c : cases) {
    GroupRecord group = group_of(0, {"a"});
    group.group.target_group_arns = {"tg"};
    MemberRecord member = member_of("i", "a", c.state);
    if (counts_as_capacity(member)) group.group.desired_capacity = 1;
    if (std::string_view(c.plan).starts_with("fail")) suspend(group, "Launch");  // its replacement is another test's
    Facts facts;
    facts.instances["i"] = c.instance;
    if (c.target) member.registered_in = {"tg"};
    if (c.target && *c.target) facts.targets["tg"]["i"] = c.target;
    if (c.action_result)
      member.actions = {{.hook = "h",
                         .token = "t",
                         .deadline = start + 1h,
                         .global_deadline = start + 2h,
                         .heartbeat_seconds = 3600,
                         .default_result = "CONTINUE",
                         .result = c.action_result}};
    EXPECT_EQ(words(plan_group(group, {member}, c.hooks, facts, start)), c.plan) << c.state;
  }
}

TEST(Plan, AHookThatNobodyAnswersGetsItsDefaultResult) {
  MemberRecord member = member_of("i", "a", "Pending:Wait");
  member.actions = {{.hook = "h",
                     .token = "t",
                     .deadline = start + 30s,
                     .global_deadline = start + 50s,
                     .heartbeat_seconds = 30,
                     .default_result = "CONTINUE",
                     .result = ""}};
  GroupRecord group = group_of(1, {"a"});
  EXPECT_EQ(words(plan_group(group, {member}, {}, running({member}), start + 29s)), "");
  EXPECT_EQ(words(plan_group(group, {member}, {}, running({member}), start + 30s)), "expire:i");
  member.actions[0].deadline = start + 10h;  // heartbeats do not go beyond the global timeout
  EXPECT_EQ(words(plan_group(group, {member}, {}, running({member}), start + 50s)), "expire:i");
}

TEST(Plan, SuspendedProcessesReallyRest) {
  std::vector<MemberRecord> members = {member_of("i1", "a"), member_of("i2", "b")};
  GroupRecord group = group_of(3);
  suspend(group, "Launch");
  EXPECT_EQ(words(plan_group(group, members, {}, running(members), start)), "");
  group = group_of(1);
  suspend(group, "Terminate");
  EXPECT_EQ(words(plan_group(group, members, {}, running(members), start)), "");
  group = group_of(2);
  group.group.target_group_arns = {"tg"};
  EXPECT_EQ(words(plan_group(group, members, {}, running(members), start)), "register:i1 register:i2");
  suspend(group, "AddToLoadBalancer");
  EXPECT_EQ(words(plan_group(group, members, {}, running(members), start)), "");
}

TEST(Plan, WhoeverWasTakenOutOfATargetGroupByHandStaysOut) {
  GroupRecord group = group_of(1, {"a"});
  group.group.target_group_arns = {"tg"};
  MemberRecord member = member_of("i", "a");
  member.registered_in = {"tg"};
  EXPECT_EQ(words(plan_group(group, {member}, {}, running({member}), start)), "");
}

TEST(Plan, AForcedDeletionAsksNobody) {
  GroupRecord group = group_of(0, {"a"});
  group.deleting = true;
  suspend(group, "Terminate");
  MemberRecord guarded = member_of("i1", "a");
  guarded.is_protected = true;
  EXPECT_EQ(words(plan_group(group, {guarded}, {}, running({guarded}), start)), "terminate:i1");
  MemberRecord waiting = member_of("i2", "a", "Terminating:Wait");
  EXPECT_EQ(words(plan_group(group, {waiting}, {hook_for("autoscaling:EC2_INSTANCE_TERMINATING")}, running({waiting}), start)),
            "end:i2");
}

// ---- random worlds converge ----

// Does what plans say, in a world where instances boot and end at random.
struct Simulation {
  explicit Simulation(uint32_t seed) : random(seed) {}
  std::mt19937 random;
  GroupRecord group = group_of(3);
  std::vector<MemberRecord> members;
  Facts facts;
  Timestamp now = start;
  int next = 0;
  size_t most_members = 0;

  size_t below(size_t n) { return random() % n; }

  void apply(const Action& action) {
    if (action.kind == Action::launch) {
      MemberRecord member = member_of("i" + std::to_string(next++), action.zone, "Pending");
      member.rebalancing = action.rebalancing;
      member.launched_at = now;
      facts.instances[member.instance_id] = InstanceState::pending;
      members.push_back(member);
      return;
    }
    auto it = std::find_if(members.begin(), members.end(), [&](const auto& m) { return m.instance_id == action.instance_id; });
    if (it == members.end()) return;
    switch (action.kind) {
      case Action::proceed:
        it->state = it->state.starts_with("Pending") ? "Pending:Proceed" : "Terminating:Proceed";
        break;
      case Action::enter_service:
        it->state = "InService", it->in_service_since = now;
        break;
      case Action::mark_unhealthy:
        it->healthy = false;
        break;
      case Action::fail_launch:
      case Action::terminate:
        it->state = "Terminating";
        break;
      case Action::end_instance:
        facts.instances[it->instance_id] = InstanceState::terminated;
        break;
      case Action::forget:
        members.erase(it);
        break;
      default:
        FAIL() << "not in this world: " << action.kind;
    }
  }
  void turn() {
    now += 1s;
    for (auto& [id, state] : facts.instances)
      if (state == InstanceState::pending && below(3) == 0) state = InstanceState::running;
    for (const Action& action : plan_group(group, members, {}, facts, now)) apply(action);
    most_members = std::max(most_members, members.size());
  }
  void disturb() {
    size_t what = below(4);
    if (what == 0) group.group.desired_capacity = static_cast<int>(below(9));
    if (what == 1 && !members.empty()) facts.instances[members[below(members.size())].instance_id] = InstanceState::terminated;
    if (what == 2) {
      std::vector<std::string> all = {"a", "b", "c", "d"};
      std::shuffle(all.begin(), all.end(), random);
      all.resize(1 + below(4));
      group.group.availability_zones = all;
    }
    if (what == 3 && !members.empty()) members[below(members.size())].healthy = false;
  }
};

TEST(Plan, RandomWorldsConvergeToTheDesiredCapacityAndToBalance) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    Simulation world(seed);
    for (int i = 0; i < 60; ++i) {
      if (world.below(5) == 0) world.disturb();
      world.turn();
    }
    for (int i = 0; i < 400; ++i) world.turn();
    std::map<std::string, int> per_zone;
    for (const std::string& zone : world.group.group.availability_zones) per_zone[zone] = 0;
    for (const auto& member : world.members) {
      EXPECT_EQ(member.state, "InService") << "seed " << seed;
      ++per_zone[member.availability_zone];
    }
    EXPECT_EQ(static_cast<int>(world.members.size()), world.group.group.desired_capacity) << "seed " << seed;
    auto [least, most] =
        std::minmax_element(per_zone.begin(), per_zone.end(), [](auto& a, auto& b) { return a.second < b.second; });
    EXPECT_LE(most->second - least->second, 1) << "seed " << seed;
    EXPECT_EQ(per_zone.size(), world.group.group.availability_zones.size()) << "a zone that was left, seed " << seed;
    EXPECT_TRUE(plan_group(world.group, world.members, {}, world.facts, world.now).empty()) << "seed " << seed;
    EXPECT_LE(world.most_members, 40u) << "seed " << seed;
  }
}

}  // namespace
}  // namespace pds::cloud::autoscaling
