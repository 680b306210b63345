#include "cloud/services/autoscaling/service.h"

#include "cloud/services/ec2/test_world.h"

namespace pds::cloud {
namespace {

// Target groups that do at once what they are told, and drain until the test lets them.
class Targets final : public autoscaling::TargetGroups {
 public:
  bool exists(const std::string& arn) override { return groups.count(arn) > 0; }
  Result<void> register_instance(const std::string& arn, const std::string& id) override {
    groups[arn][id] = "healthy";
    return {};
  }
  Result<void> deregister_instance(const std::string& arn, const std::string& id) override {
    groups[arn][id] = "draining";
    return {};
  }
  std::map<std::string, std::string> health(const std::string& arn) override {
    return groups.count(arn) ? groups[arn] : std::map<std::string, std::string>{};
  }
  void drained() {
    for (auto& [arn, targets] : groups) std::erase_if(targets, [](const auto& target) { return target.second == "draining"; });
  }
  std::map<std::string, std::map<std::string, std::string>> groups;
};

const std::string target_group = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/web/1";

struct World {
  World() {
    targets.groups[target_group];
    open();
    aws::ec2::CreateLaunchTemplateRequest request;
    request.launch_template_name = "web";
    request.launch_template_data.image_id = ec2::builtin_image_id(*base.core);
    request.launch_template_data.instance_type = "t3.nano";
    EXPECT_TRUE(base.ec2->launch_templates().create_launch_template(base.call(), request).has_value());
  }
  void open() {
    base.ec2->start();
    scaling = std::make_unique<AutoScaling>(*base.core, *base.ec2, targets, base.metrics);
    scaling->start();
  }
  void restart() {
    scaling.reset();
    base.restart();
    scaling = std::make_unique<AutoScaling>(*base.core, *base.ec2, targets, base.metrics);
    scaling->start();
  }
  aws::autoscaling::CreateAutoScalingGroupRequest group_request(int desired) const {
    aws::autoscaling::CreateAutoScalingGroupRequest request;
    request.auto_scaling_group_name = "web";
    request.launch_template.emplace().launch_template_name = "web";
    request.min_size = 0, request.max_size = 10, request.desired_capacity = desired;
    request.availability_zones = {"us-east-1a", "us-east-1b", "us-east-1c"};
    request.target_group_arns = {target_group};
    request.tags = {
        {.resource_id = std::nullopt, .resource_type = std::nullopt, .key = "Name", .value = "web", .propagate_at_launch = true}};
    return request;
  }
  void create(int desired) {
    auto made = scaling->create_auto_scaling_group(base.call(), group_request(desired));
    ASSERT_TRUE(made.has_value()) << made.error().message;
  }
  void set_desired(int desired) {
    aws::autoscaling::SetDesiredCapacityRequest request;
    request.auto_scaling_group_name = "web", request.desired_capacity = desired;
    auto done = scaling->set_desired_capacity(base.call(), request);
    ASSERT_TRUE(done.has_value()) << done.error().message;
  }
  void put_hook(const char* transition, const char* default_result = "ABANDON") {
    aws::autoscaling::PutLifecycleHookRequest request;
    request.auto_scaling_group_name = "web", request.lifecycle_hook_name = "hook", request.lifecycle_transition = transition;
    request.heartbeat_timeout = 60, request.default_result = default_result;
    ASSERT_TRUE(scaling->put_lifecycle_hook(base.call(), request).has_value());
  }
  Result<aws::autoscaling::CompleteLifecycleActionReply> complete(const std::string& id, const char* result) {
    aws::autoscaling::CompleteLifecycleActionRequest request;
    request.auto_scaling_group_name = "web", request.lifecycle_hook_name = "hook", request.instance_id = id,
    request.lifecycle_action_result = result;
    return scaling->complete_lifecycle_action(base.call(), request);
  }
  std::vector<aws::autoscaling::Instance> members() {
    auto reply = scaling->describe_auto_scaling_groups(base.call(), {});
    return reply->auto_scaling_groups.empty() ? std::vector<aws::autoscaling::Instance>{} : reply->auto_scaling_groups[0].instances;
  }
  int count(const std::string& state) {
    int n = 0;
    for (const auto& member : members()) n += member.lifecycle_state == state ? 1 : 0;
    return n;
  }
  std::vector<aws::autoscaling::Activity> activities() {
    aws::autoscaling::DescribeScalingActivitiesRequest request;
    request.include_deleted_groups = true;
    return scaling->describe_scaling_activities(base.call(), request)->activities;
  }
  // EC2's part of the loop, and ours, until it is so.
  bool until(const std::function<bool()>& so) {
    return base.until([&] {
      if (scaling) scaling->step();
      return so();
    });
  }

  ec2::testing::World base;
  Targets targets;
  std::unique_ptr<AutoScaling> scaling;
};

TEST(AutoScaling, AGroupGetsItsInstancesOnePerZoneInTheTargetGroup) {
  World world;
  world.create(3);
  ASSERT_TRUE(world.until([&] { return world.count("InService") == 3; }));
  std::set<std::string> zones;
  for (const auto& member : world.members()) zones.insert(member.availability_zone);
  EXPECT_EQ(zones.size(), 3u);
  EXPECT_EQ(world.targets.groups[target_group].size(), 3u);
  auto tags = world.base.ec2->state().tags_of(world.members()[0].instance_id);
  EXPECT_TRUE(std::any_of(tags.begin(), tags.end(), [](const auto& tag) { return tag.key == "Name" && tag.value == "web"; }));
  EXPECT_TRUE(std::any_of(tags.begin(), tags.end(), [](const auto& tag) { return tag.key == "aws:autoscaling:groupName"; }));
  auto activities = world.activities();
  ASSERT_EQ(activities.size(), 3u);
  EXPECT_EQ(activities[0].status_code, "Successful");
  EXPECT_NE(activities[2].cause.find("a user request created an AutoScalingGroup changing the desired capacity from 0 to 3"),
            std::string::npos);
  EXPECT_NE(activities[2].cause.find("increasing the capacity from 0 to 1"), std::string::npos) << activities[2].cause;
}

TEST(AutoScaling, ScalingInDrainsBeforeItTerminates) {
  World world;
  world.create(2);
  ASSERT_TRUE(world.until([&] { return world.count("InService") == 2; }));
  world.set_desired(1);
  ASSERT_TRUE(world.until([&] { return world.count("Terminating") == 1; }));
  EXPECT_EQ(world.activities()[0].status_code, "WaitingForELBConnectionDraining");
  EXPECT_EQ(world.base.host.alive(), 2u);
  for (int i = 0; i < 20; ++i) world.base.loop.run_once(1ms), world.scaling->step();
  EXPECT_EQ(world.base.host.alive(), 2u);
  world.targets.drained();
  ASSERT_TRUE(world.until([&] { return world.members().size() == 1; }));
  EXPECT_EQ(world.base.host.alive(), 1u);
  EXPECT_EQ(world.activities()[0].status_code, "Successful");
}

TEST(AutoScaling, AnUnhealthyInstanceIsReplaced) {
  World world;
  world.create(1);
  ASSERT_TRUE(world.until([&] { return world.count("InService") == 1; }));
  std::string first = world.members()[0].instance_id;
  world.base.host.machines[0]->ended.set();
  ASSERT_TRUE(world.until([&] {
    world.targets.drained();
    return world.count("InService") == 1 && world.members().size() == 1 && world.members()[0].instance_id != first;
  }));
  bool told = false;
  for (const auto& activity : world.activities())
    told = told || activity.cause.find("an EC2 health check indicating it has been terminated or stopped") != std::string::npos;
  EXPECT_TRUE(told);
  EXPECT_EQ(world.activities()[0].cause.find("a user request"), std::string::npos) << "that was the first instance's reason";
}

TEST(AutoScaling, AHookHoldsALaunchUntilItIsAnswered) {
  World world;
  world.create(0);
  world.put_hook("autoscaling:EC2_INSTANCE_LAUNCHING");
  world.set_desired(1);
  ASSERT_TRUE(world.until([&] { return world.count("Pending:Wait") == 1; }));
  std::string id = world.members()[0].instance_id;
  EXPECT_EQ(world.targets.groups[target_group].size(), 0u);
  EXPECT_EQ(world.complete("i-00000000000000000", "CONTINUE").error().code, "ValidationError");
  ASSERT_TRUE(world.complete(id, "CONTINUE").has_value());
  ASSERT_TRUE(world.until([&] { return world.count("InService") == 1; }));
  EXPECT_EQ(world.complete(id, "CONTINUE").error().code, "ValidationError");  // nobody waits any more
}

TEST(AutoScaling, AnAbandonedLaunchFailsAndIsTriedAgainLater) {
  World world;
  world.create(0);
  world.put_hook("autoscaling:EC2_INSTANCE_LAUNCHING");
  world.set_desired(1);
  ASSERT_TRUE(world.until([&] { return world.count("Pending:Wait") == 1; }));
  std::string id = world.members()[0].instance_id;
  world.base.clock.advance(61s);  // nobody answers: ABANDON
  ASSERT_TRUE(world.until([&] { return world.members().empty(); }));
  EXPECT_EQ(world.activities().back().status_code, "Failed");
  for (int i = 0; i < 20; ++i) world.base.loop.run_once(1ms), world.scaling->step();
  EXPECT_TRUE(world.members().empty());
  world.base.clock.advance(11s);
  ASSERT_TRUE(world.until([&] { return world.count("Pending:Wait") == 1; }));
  EXPECT_NE(world.members()[0].instance_id, id);
}

TEST(AutoScaling, FailedLaunchesBackOffAndAreRecorded) {
  World world;
  world.base.host.refuse = true;
  world.create(1);
  ASSERT_TRUE(world.until([&] { return !world.activities().empty() && world.activities().back().status_code == "Failed"; }));
  EXPECT_NE(world.activities().back().status_message->find("Launching EC2 instance failed"), std::string::npos);
  world.base.host.refuse = false;
  world.base.clock.advance(10s);
  ASSERT_TRUE(world.until([&] { return world.count("InService") == 1; }));
}

TEST(AutoScaling, StandbyAndBackKeepsTheInstance) {
  World world;
  world.create(1);
  ASSERT_TRUE(world.until([&] { return world.count("InService") == 1; }));
  std::string id = world.members()[0].instance_id;
  aws::autoscaling::EnterStandbyRequest enter;
  enter.auto_scaling_group_name = "web", enter.instance_ids = {id}, enter.should_decrement_desired_capacity = true;
  ASSERT_TRUE(world.scaling->enter_standby(world.base.call(), enter).has_value());
  ASSERT_TRUE(world.until([&] {
    world.targets.drained();
    return world.count("Standby") == 1;
  }));
  EXPECT_EQ(world.targets.groups[target_group].size(), 0u);
  aws::autoscaling::ExitStandbyRequest leave;
  leave.auto_scaling_group_name = "web", leave.instance_ids = {id};
  ASSERT_TRUE(world.scaling->exit_standby(world.base.call(), leave).has_value());
  ASSERT_TRUE(world.until([&] { return world.count("InService") == 1; }));
  EXPECT_EQ(world.members()[0].instance_id, id);
  EXPECT_EQ(world.targets.groups[target_group][id], "healthy");
}

TEST(AutoScaling, ADetachedInstanceRunsOn) {
  World world;
  world.create(1);
  ASSERT_TRUE(world.until([&] { return world.count("InService") == 1; }));
  std::string id = world.members()[0].instance_id;
  aws::autoscaling::DetachInstancesRequest detach;
  detach.auto_scaling_group_name = "web", detach.instance_ids = {id}, detach.should_decrement_desired_capacity = true;
  ASSERT_TRUE(world.scaling->detach_instances(world.base.call(), detach).has_value());
  ASSERT_TRUE(world.until([&] {
    world.targets.drained();
    return world.members().empty();
  }));
  EXPECT_EQ(world.base.state(id), "running");
  aws::autoscaling::AttachInstancesRequest attach;
  attach.auto_scaling_group_name = "web", attach.instance_ids = {id};
  ASSERT_TRUE(world.scaling->attach_instances(world.base.call(), attach).has_value());
  ASSERT_TRUE(world.until([&] { return world.count("InService") == 1; }));
}

TEST(AutoScaling, ATargetGroupIsAttachedAndDetachedForAllMembers) {
  World world;
  world.create(2);
  ASSERT_TRUE(world.until([&] { return world.count("InService") == 2; }));
  std::string other = target_group + "2";
  aws::autoscaling::AttachLoadBalancerTargetGroupsRequest attach;
  attach.auto_scaling_group_name = "web", attach.target_group_arns = {other};
  EXPECT_EQ(world.scaling->attach_load_balancer_target_groups(world.base.call(), attach).error().code, "ValidationError");
  world.targets.groups[other];
  ASSERT_TRUE(world.scaling->attach_load_balancer_target_groups(world.base.call(), attach).has_value());
  ASSERT_TRUE(world.until([&] { return world.targets.groups[other].size() == 2; }));
  aws::autoscaling::DetachLoadBalancerTargetGroupsRequest detach;
  detach.auto_scaling_group_name = "web", detach.target_group_arns = {other};
  ASSERT_TRUE(world.scaling->detach_load_balancer_target_groups(world.base.call(), detach).has_value());
  aws::autoscaling::DescribeLoadBalancerTargetGroupsRequest describe;
  describe.auto_scaling_group_name = "web";
  auto states = [&] {
    return world.scaling->describe_load_balancer_target_groups(world.base.call(), describe)->load_balancer_target_groups;
  };
  EXPECT_EQ(states().back().state, "Removing");
  ASSERT_TRUE(world.until([&] {
    world.targets.drained();
    return states().size() == 1;
  }));
  EXPECT_EQ(world.targets.groups[other].size(), 0u);
  EXPECT_EQ(states()[0].state, "InService");
}

TEST(AutoScaling, AGroupWithInstancesIsDeletedOnlyByForce) {
  World world;
  world.create(2);
  ASSERT_TRUE(world.until([&] { return world.count("InService") == 2; }));
  aws::autoscaling::DeleteAutoScalingGroupRequest request;
  request.auto_scaling_group_name = "web";
  EXPECT_EQ(world.scaling->delete_auto_scaling_group(world.base.call(), request).error().code, "ResourceInUse");
  request.force_delete = true;
  ASSERT_TRUE(world.scaling->delete_auto_scaling_group(world.base.call(), request).has_value());
  ASSERT_TRUE(
      world.until([&] { return world.scaling->describe_auto_scaling_groups(world.base.call(), {})->auto_scaling_groups.empty(); }));
  EXPECT_EQ(world.base.host.alive(), 0u);
  EXPECT_EQ(world.activities().size(), 4u);
  ASSERT_NO_FATAL_FAILURE(world.create(0));  // the name is free again
}

TEST(AutoScaling, WhatIsWrongWithAGroupIsNamed) {
  World world;
  struct Case {
    const char* code;
    std::function<void(aws::autoscaling::CreateAutoScalingGroupRequest&)> spoil;
  };
  const Case cases[] = {
      {"ValidationError", [](auto& r) { r.max_size = -1; }},
      {"ValidationError", [](auto& r) { r.desired_capacity = 11; }},
      {"ValidationError", [](auto& r) { r.launch_template.reset(); }},
      {"ValidationError", [](auto& r) { r.launch_template->launch_template_name = "nobody"; }},
      {"ValidationError", [](auto& r) { r.availability_zones = {"us-east-1z"}; }},
      {"ValidationError", [](auto& r) { r.vpc_zone_identifier = "subnet-1"; }},
      {"ValidationError", [](auto& r) { r.target_group_arns = {"arn:nobody"}; }},
      {"ValidationError", [](auto& r) { r.termination_policies = {"Random"}; }},
      {"NotImplemented", [](auto& r) { r.termination_policies = {"AllocationStrategy"}; }},
      {"NotImplemented", [](auto& r) { r.mixed_instances_policy.emplace(); }},
      {"ValidationError", [](auto& r) { r.auto_scaling_group_name = ""; }},
      {"ValidationError", [](auto& r) { r.tags[0].key = "aws:mine"; }},
  };
  for (const Case& c : cases) {
    auto request = world.group_request(1);
    c.spoil(request);
    auto made = world.scaling->create_auto_scaling_group(world.base.call(), request);
    EXPECT_EQ(made ? "accepted" : made.error().code, c.code);
  }
  EXPECT_TRUE(world.members().empty());
  EXPECT_EQ(world.base.ec2->state().instances.size(), 0u);
}

// Killed after each turn, on the way up and on the way down; the next cloud gets there without an instance too many.
TEST(AutoScaling, IsResumedFromTheTablesAtEveryStep) {
  for (int turns = 0; turns < 24; turns += 1) {
    World world;
    world.create(2);
    for (int i = 0; i < turns; ++i) world.base.loop.run_once(1ms), world.scaling->step();
    world.restart();
    ASSERT_TRUE(world.until([&] { return world.count("InService") == 2; })) << turns;
    ASSERT_EQ(world.base.host.alive(), 2u) << turns;
    world.set_desired(0);
    for (int i = 0; i < turns; ++i) world.base.loop.run_once(1ms), world.scaling->step(), world.targets.drained();
    world.restart();
    ASSERT_TRUE(world.until([&] {
      world.targets.drained();
      return world.members().empty();
    })) << turns;
    ASSERT_TRUE(world.base.until([&] { return world.base.host.alive() == 0; })) << turns;
    for (const auto& activity : world.activities()) EXPECT_EQ(activity.status_code, "Successful") << turns;
  }
}

}  // namespace
}  // namespace pds::cloud
