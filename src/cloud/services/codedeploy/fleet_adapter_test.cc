#include "cloud/services/codedeploy/fleet_adapter.h"

#include "cloud/services/ec2/test_world.h"

namespace pds::cloud::codedeploy {
namespace {

namespace groups = aws::autoscaling;

// Real groups over EC2, none of which has instances.
struct World {
  World() {
    base.ec2->start();
    aws::ec2::CreateLaunchTemplateRequest launch;
    launch.launch_template_name = "web";
    launch.launch_template_data.image_id = ec2::builtin_image_id(*base.core);
    launch.launch_template_data.instance_type = "t3.nano";
    EXPECT_TRUE(base.ec2->launch_templates().create_launch_template(base.call(), launch).has_value());
    groups::CreateAutoScalingGroupRequest group;
    group.auto_scaling_group_name = "blue";
    group.launch_template.emplace().launch_template_name = "web";
    group.min_size = 0, group.max_size = 4, group.desired_capacity = 0;
    group.availability_zones = {"us-east-1a", "us-east-1b"};
    group.termination_policies = {"OldestInstance"};
    EXPECT_TRUE(scaling.create_auto_scaling_group(base.call(), group).has_value());
  }
  groups::AutoScalingGroup at(const std::string& name) {
    groups::DescribeAutoScalingGroupsRequest request;
    request.auto_scaling_group_names = {name};
    auto reply = scaling.describe_auto_scaling_groups(base.call(), request);
    return reply && !reply->auto_scaling_groups.empty() ? reply->auto_scaling_groups[0] : groups::AutoScalingGroup{};
  }
  std::vector<std::string> suspended(const std::string& name) {
    std::vector<std::string> names;
    for (const auto& process : at(name).suspended_processes) names.push_back(process.process_name);
    std::sort(names.begin(), names.end());
    return names;
  }

  ec2::testing::World base;
  Elbv2 balancers{*base.core, *base.ec2, nullptr, base.metrics};
  AutoScaling scaling{*base.core, *base.ec2, balancers, base.metrics};
  FleetAdapter fleet{*base.core, scaling, balancers};
};

using Names = std::vector<std::string>;

TEST(FleetAdapter, a_copy_has_the_size_it_is_given_and_the_rest_of_its_source) {
  World world;
  ASSERT_TRUE(world.fleet.copy_group("blue", "green", 2).has_value());
  groups::AutoScalingGroup green = world.at("green");
  EXPECT_EQ(green.desired_capacity, 2);
  EXPECT_EQ(green.max_size, 4);
  EXPECT_EQ(green.launch_template.launch_template_id, world.at("blue").launch_template.launch_template_id);
  EXPECT_EQ(green.availability_zones, (Names{"us-east-1a", "us-east-1b"}));
  EXPECT_EQ(green.termination_policies, Names{"OldestInstance"});
  EXPECT_EQ(world.suspended("green"), Names{});
  EXPECT_TRUE(green.enabled_metrics.empty());
}

TEST(FleetAdapter, a_copy_collects_the_metrics_and_suspends_the_processes_of_its_source) {
  World world;
  groups::EnableMetricsCollectionRequest metrics;
  metrics.auto_scaling_group_name = "blue", metrics.granularity = "1Minute",
  metrics.metrics = {"GroupMinSize", "GroupTotalInstances"};
  ASSERT_TRUE(world.scaling.enable_metrics_collection(world.base.call(), metrics).has_value());
  groups::SuspendProcessesRequest suspend;
  suspend.auto_scaling_group_name = "blue", suspend.scaling_processes = {"AZRebalance", "ReplaceUnhealthy"};
  ASSERT_TRUE(world.scaling.suspend_processes(world.base.call(), suspend).has_value());
  ASSERT_TRUE(world.fleet.copy_group("blue", "green", 0).has_value());
  EXPECT_EQ(world.suspended("green"), (Names{"AZRebalance", "ReplaceUnhealthy"}));
  Names collected;
  for (const auto& enabled : world.at("green").enabled_metrics) collected.push_back(enabled.metric + " " + enabled.granularity);
  EXPECT_EQ(collected, (Names{"GroupMinSize 1Minute", "GroupTotalInstances 1Minute"}));
}

TEST(FleetAdapter, what_a_deployment_needs_is_not_suspended_in_the_copy) {
  World world;
  groups::SuspendProcessesRequest suspend;
  suspend.auto_scaling_group_name = "blue", suspend.scaling_processes = {"Launch", "AddToLoadBalancer"};
  ASSERT_TRUE(world.scaling.suspend_processes(world.base.call(), suspend).has_value());
  ASSERT_TRUE(world.fleet.copy_group("blue", "green", 1).has_value());
  EXPECT_EQ(world.suspended("green"), Names{});
}

}  // namespace
}  // namespace pds::cloud::codedeploy
