#include "cloud/services/elbv2/test_world.h"

namespace pds::cloud::elbv2::testing {
namespace {

TEST_F(Elbv2Test, AttributesThatActAreChangedAndOthersRefused) {
  std::string balancer = make_balancer(), group = make_group("tg", {});
  auto set = [&](const char* key, const char* value) { return set_attribute(balancer, {{key, value}}); };
  EXPECT_EQ(set("idle_timeout.timeout_seconds", "120"), "ok");
  EXPECT_EQ(set("idle_timeout.timeout_seconds", "0"), "InvalidConfigurationRequest");
  EXPECT_EQ(set("routing.http2.enabled", "true"), "ok");
  EXPECT_EQ(set("routing.http2.enabled", "false"), "ok");
  EXPECT_EQ(set("connection_logs.s3.enabled", "true"), "NotImplemented");
  EXPECT_EQ(set("no.such", "1"), "InvalidConfigurationRequest");
  EXPECT_EQ(set("deletion_protection.enabled", "true"), "ok");
  EXPECT_EQ(service_->delete_load_balancer(core_.call(), {balancer}).error().code, "OperationNotPermitted");
  auto changed = service_->modify_target_group_attributes(core_.call(), {group, {{"deregistration_delay.timeout_seconds", "5"}}});
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->attributes[0].value, "5");
}

TEST_F(Elbv2Test, MistakesGetAwsErrors) {
  std::string balancer = make_balancer(), other = make_balancer("other"), group = make_group("tg", {"i-1"});
  ASSERT_TRUE(make_listener(balancer, {.type = "forward", .target_group_arn = group}));
  auto code = [](const auto& result) { return result ? std::string("ok") : result.error().code; };
  const Call call = core_.call();
  std::vector<std::string> both{"subnet-a", "subnet-b"};
  EXPECT_EQ(code(service_->create_load_balancer(call, {.name = "bad_name", .subnets = both})), "ValidationError");
  EXPECT_EQ(code(service_->create_load_balancer(call, {.name = "n", .subnets = {"subnet-a"}})), "ValidationError");
  EXPECT_EQ(code(service_->create_load_balancer(call, {.name = "n", .subnets = {"subnet-a", "subnet-a2"}})),
            "InvalidConfigurationRequest");
  EXPECT_EQ(code(service_->create_load_balancer(call, {.name = "n", .subnets = {"subnet-a", "subnet-x"}})),
            "InvalidConfigurationRequest");
  EXPECT_EQ(code(service_->create_load_balancer(call, {.name = "n", .subnets = {"subnet-a", "nope"}})), "SubnetNotFound");
  EXPECT_EQ(code(service_->create_load_balancer(call, {.name = "n", .subnets = both, .security_groups = {"sg-9"}})),
            "InvalidSecurityGroup");
  EXPECT_EQ(code(service_->create_load_balancer(call, {.name = "web", .subnets = both})), "DuplicateLoadBalancerName");
  EXPECT_EQ(code(service_->create_load_balancer(call, {.name = "web", .subnets = both, .security_groups = {"sg-1"}})),
            "ok");  // the same again
  EXPECT_EQ(code(service_->create_load_balancer(call, {.name = "n", .subnets = both, .type = "network"})), "NotImplemented");
  EXPECT_EQ(code(service_->describe_load_balancers(call, {.names = {"nope"}})), "LoadBalancerNotFound");
  EXPECT_EQ(code(service_->create_target_group(call, {.name = "n", .protocol = "HTTP", .port = 80})), "ValidationError");
  EXPECT_EQ(code(service_->create_target_group(call, {.name = "tg", .protocol = "HTTP", .port = 81, .vpc_id = "vpc-1"})),
            "DuplicateTargetGroupName");
  EXPECT_EQ(code(service_->create_target_group(call, {.name = "n",
                                                      .protocol = "HTTP",
                                                      .port = 80,
                                                      .vpc_id = "vpc-1",
                                                      .health_check_interval_seconds = 5,
                                                      .health_check_timeout_seconds = 5})),
            "ValidationError");
  EXPECT_EQ(code(service_->create_target_group(call, {.name = "n", .protocol = "TLS", .port = 80, .vpc_id = "vpc-1"})),
            "NotImplemented");
  EXPECT_EQ(code(service_->register_targets(call, {group, {{.id = "i-9"}}})), "InvalidTarget");
  EXPECT_EQ(code(service_->register_targets(call, {"arn:aws:elasticloadbalancing:r:a:targetgroup/x/1", {{.id = "i-1"}}})),
            "TargetGroupNotFound");
  reach_.machines["i-2"].instance.state = InstanceState::pending;
  EXPECT_EQ(code(service_->register_targets(call, {group, {{.id = "i-2"}}})), "InvalidTarget");
  EXPECT_EQ(code(service_->create_listener(call, {.load_balancer_arn = balancer,
                                                  .protocol = "HTTP",
                                                  .port = port_,
                                                  .default_actions = {{.type = "forward", .target_group_arn = group}}})),
            "DuplicateListener");
  EXPECT_EQ(code(make_listener(other, {.type = "forward", .target_group_arn = group})), "TargetGroupAssociationLimit");
  EXPECT_EQ(code(make_listener(other, {.type = "forward"})), "ValidationError");
  EXPECT_EQ(code(make_listener(other, forward({{group, 1000}}))), "ValidationError");
  EXPECT_EQ(code(make_listener(other, {.type = "authenticate-oidc"})), "NotImplemented");
  EXPECT_EQ(
      code(make_listener(other, {.type = "redirect", .redirect_config = wire::RedirectActionConfig{.status_code = "HTTP_301"}})),
      "InvalidLoadBalancerAction");
  EXPECT_EQ(code(service_->create_listener(call, {.load_balancer_arn = other,
                                                  .protocol = "HTTPS",
                                                  .port = 443,
                                                  .default_actions = {{.type = "forward", .target_group_arn = group}}})),
            "NotImplemented");
  EXPECT_EQ(code(service_->describe_listeners(call, {})), "ValidationError");
  EXPECT_EQ(code(service_->add_tags(call, {{balancer}, {{"a", "1"}, {"a", "2"}}})), "DuplicateTagKeys");
}

TEST_F(Elbv2Test, TagsAndPagesWorkAsElsewhere) {
  for (int i = 0; i < 5; ++i) make_group("g" + std::to_string(i), {});
  auto first = service_->describe_target_groups(core_.call(), {.page_size = 2});
  ASSERT_TRUE(first && first->next_marker);
  auto second = service_->describe_target_groups(core_.call(), {.marker = first->next_marker, .page_size = 4});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->target_groups.size(), 3u);
  EXPECT_FALSE(second->next_marker);
  std::string arn = make_balancer();
  ASSERT_TRUE(service_->add_tags(core_.call(), {{arn}, {{"team", "blue"}, {"env", "test"}}}));
  ASSERT_TRUE(service_->remove_tags(core_.call(), {{arn}, {"env"}}));
  auto tags = service_->describe_tags(core_.call(), {{arn}});
  ASSERT_EQ(tags->tag_descriptions[0].tags.size(), 1u);
  EXPECT_EQ(tags->tag_descriptions[0].tags[0].key, "team");
}

}  // namespace
}  // namespace pds::cloud::elbv2::testing
