#include <gmock/gmock.h>

#include "cloud/services/elbv2/test_world.h"

namespace pds::cloud::elbv2::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

TEST_F(Elbv2Test, ABalancerServesItsHealthyTargetsOnItsPort) {
  std::string group = make_group("tg", {"i-1", "i-2"});
  EXPECT_EQ(health(group),
            (std::map<std::string, std::string>{{"i-1", "unused Target.NotInUse"}, {"i-2", "unused Target.NotInUse"}}));
  std::string balancer = make_balancer();
  auto listener = make_listener(balancer, {.type = "forward", .target_group_arn = group});
  ASSERT_TRUE(listener) << listener.error().message;
  EXPECT_EQ(listener->listeners[0].default_actions[0].forward_config->target_groups[0].weight, 1);
  EXPECT_TRUE(becomes(group, {{"i-1", "healthy"}, {"i-2", "healthy"}}));
  EXPECT_THAT((std::vector<std::string>{get(), get()}), UnorderedElementsAre("200 i-1", "200 i-2"));
  EXPECT_EQ(reach_.sources[0].security_groups, std::vector<std::string>{"sg-1"});
  EXPECT_EQ(reach_.sources[0].address.substr(0, 5), "10.0.");

  auto described = service_->describe_load_balancers(core_.call(), {.names = {"web"}});
  ASSERT_TRUE(described);
  EXPECT_EQ(described->load_balancers[0].state.code, "provisioning");
  core_.clock().advance(5s);
  EXPECT_TRUE(proxy::run_until(core_.loop(), [&] {
    return service_->describe_load_balancers(core_.call(), {.names = {"web"}})->load_balancers[0].state.code == "active";
  }));
  EXPECT_THAT(described->load_balancers[0].dns_name, ::testing::MatchesRegex("web-[0-9]+\\.us-east-1\\.elb\\.localhost"));
  auto groups = service_->describe_target_groups(core_.call(), {.load_balancer_arn = balancer});
  ASSERT_EQ(groups->target_groups.size(), 1u);
  EXPECT_THAT(groups->target_groups[0].load_balancer_arns, ElementsAre(balancer));
}

TEST_F(Elbv2Test, ARestartServesAtOnceFromStoredHealth) {
  std::string group = make_group("tg", {"i-1"});
  ASSERT_TRUE(make_listener(make_balancer(), {.type = "forward", .target_group_arn = group}));
  ASSERT_TRUE(becomes(group, {{"i-1", "healthy"}}));
  reach_.machines["i-1"].status = 503;  // were it checked first, it would fail
  restart();
  EXPECT_EQ(health(group), (std::map<std::string, std::string>{{"i-1", "healthy"}}));
  EXPECT_EQ(get(), "503 i-1");
  core_.clock().advance(10s);
  ASSERT_TRUE(proxy::run_until(core_.loop(), [&] { return reach_.machines["i-1"].target->connections >= 3; }));
  core_.clock().advance(10s);
  EXPECT_TRUE(becomes(group, {{"i-1", "unhealthy Target.ResponseCodeMismatch"}}));
}

TEST_F(Elbv2Test, DeregisteredTargetsDrainAndGoAndADrainSurvivesARestart) {
  std::string group = make_group("tg", {"i-1", "i-2"});
  ASSERT_TRUE(make_listener(make_balancer(), {.type = "forward", .target_group_arn = group}));
  ASSERT_TRUE(becomes(group, {{"i-1", "healthy"}, {"i-2", "healthy"}}));
  ASSERT_TRUE(service_->deregister_targets(core_.call(), {group, {{.id = "i-1"}}}));
  EXPECT_EQ(health(group)["i-1"], "draining Target.DeregistrationInProgress");
  EXPECT_EQ(get(), "200 i-2");
  restart();
  EXPECT_TRUE(becomes(group, {{"i-2", "healthy"}}));
  auto asked = service_->describe_target_health(core_.call(), {.target_group_arn = group, .targets = {{.id = "i-1"}}});
  EXPECT_EQ(asked->target_health_descriptions[0].target_health.reason, "Target.NotRegistered");
  EXPECT_EQ(service_->deregister_targets(core_.call(), {group, {{.id = "i-1"}}}).error().code, "InvalidTarget");
}

TEST_F(Elbv2Test, InstancesThatStopAreUnusedAndThoseThatAreTerminatedLeave) {
  std::string group = make_group("tg", {"i-1", "i-2"});
  ASSERT_TRUE(make_listener(make_balancer(), {.type = "forward", .target_group_arn = group}));
  ASSERT_TRUE(becomes(group, {{"i-1", "healthy"}, {"i-2", "healthy"}}));
  reach_.machines["i-1"].instance.state = InstanceState::stopped;
  core_.clock().advance(5s);
  ASSERT_TRUE(becomes(group, {{"i-1", "unused Target.InvalidState"}, {"i-2", "healthy"}}));
  EXPECT_EQ(get(), "200 i-2");
  reach_.machines["i-1"].instance.state = InstanceState::terminated;
  core_.clock().advance(5s);
  EXPECT_TRUE(becomes(group, {{"i-2", "healthy"}}));
}

}  // namespace
}  // namespace pds::cloud::elbv2::testing
