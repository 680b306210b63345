#include <gmock/gmock.h>

#include "cloud/services/elbv2/test_world.h"

namespace pds::cloud::elbv2::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(Elbv2Test, WeightsThatModifyListenerSetsAreWhatTrafficDoes) {
  std::string blue = make_group("blue", {"i-1"}), green = make_group("green", {"i-2"});
  std::string balancer = make_balancer();
  auto listener = make_listener(balancer, forward({{blue, 100}, {green, 0}}));
  ASSERT_TRUE(listener);
  ASSERT_TRUE(becomes(green, {{"i-2", "healthy"}}));  // weight 0 is in use: health can be awaited before the shift
  for (int share : {10, 50, 100}) {
    auto changed = service_->modify_listener(core_.call(), {.listener_arn = listener->listeners[0].listener_arn,
                                                            .default_actions = {forward({{blue, 100 - share}, {green, share}})}});
    ASSERT_TRUE(changed) << changed.error().message;
    auto rules = service_->describe_rules(core_.call(), {.listener_arn = listener->listeners[0].listener_arn});
    EXPECT_EQ(rules->rules[0].actions[0].forward_config->target_groups[1].weight, share);
    int to_green = 0;
    for (int i = 0; i < 20; ++i) to_green += get() == "200 i-2";
    EXPECT_EQ(to_green, share / 5);
  }
}

TEST_F(Elbv2Test, APortThatIsTakenIsAnErrorThatChangesNothing) {
  std::string balancer = make_balancer(), group = make_group("tg", {"i-1"});
  auto squatter = io::listen_tcp(core_.loop(), "127.0.0.1", 0);
  wire::CreateListenerRequest request{.load_balancer_arn = balancer,
                                      .protocol = "HTTP",
                                      .port = (*squatter)->port(),
                                      .default_actions = {{.type = "forward", .target_group_arn = group}}};
  auto refused = service_->create_listener(core_.call(), request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "InvalidConfigurationRequest");
  EXPECT_THAT(refused.error().message, HasSubstr("another program uses this port"));
  EXPECT_TRUE(service_->describe_listeners(core_.call(), {.load_balancer_arn = balancer})->listeners.empty());
  EXPECT_EQ(health(group)["i-1"], "unused Target.NotInUse");
}

TEST_F(Elbv2Test, APortThatIsTakenAtStartImpairsTheBalancerUntilItIsFree) {
  std::string balancer = make_balancer(), group = make_group("tg", {"i-1"});
  ASSERT_TRUE(make_listener(balancer, {.type = "forward", .target_group_arn = group}));
  ASSERT_TRUE(becomes(group, {{"i-1", "healthy"}}));
  stop();
  core_.restart();
  auto squatter = io::listen_tcp(core_.loop(), "127.0.0.1", static_cast<uint16_t>(port_));
  ASSERT_TRUE(squatter) << squatter.error().message;
  start();
  auto state = [&] {
    return service_->describe_load_balancers(core_.call(), {.load_balancer_arns = {balancer}})->load_balancers[0].state;
  };
  EXPECT_EQ(state().code, "active_impaired");
  EXPECT_THAT(*state().reason, HasSubstr("another program uses this port"));
  squatter->reset();
  core_.clock().advance(5s);
  EXPECT_TRUE(proxy::run_until(core_.loop(), [&] { return state().code == "active"; }));
  EXPECT_EQ(get(), "200 i-1");
}

TEST_F(Elbv2Test, BalancersShareAPortByTheirNames) {
  std::string one = make_group("one", {"i-1"}), two = make_group("two", {"i-2"});
  std::string first = make_balancer("first");
  std::string first_name = dns_name_;
  ASSERT_TRUE(make_listener(first, {.type = "forward", .target_group_arn = one}));
  core_.clock().advance(1s);
  std::string second = make_balancer("second");
  ASSERT_TRUE(service_->create_listener(core_.call(), {.load_balancer_arn = second,
                                                       .protocol = "HTTP",
                                                       .port = port_,
                                                       .default_actions = {{.type = "forward", .target_group_arn = two}}}));
  ASSERT_TRUE(becomes(one, {{"i-1", "healthy"}}) && becomes(two, {{"i-2", "healthy"}}));
  EXPECT_EQ(get("/", first_name), "200 i-1");
  EXPECT_EQ(get("/", dns_name_ + ":" + std::to_string(port_)), "200 i-2");
  EXPECT_EQ(get("/", "127.0.0.1"), "200 i-1");  // no name: the oldest
  ASSERT_TRUE(service_->delete_load_balancer(core_.call(), {first}));
  EXPECT_EQ(get("/", "127.0.0.1"), "200 i-2");
  ASSERT_TRUE(service_->delete_load_balancer(core_.call(), {second}));
  EXPECT_TRUE(proxy::run_until(core_.loop(), [&] { return get() == "E_CONNECT"; }));
}

TEST_F(Elbv2Test, ItsSecurityGroupsDecideWhoMayConnect) {
  std::string group = make_group("tg", {"i-1"}), balancer = make_balancer();
  ASSERT_TRUE(make_listener(balancer, {.type = "forward", .target_group_arn = group}));
  ASSERT_TRUE(becomes(group, {{"i-1", "healthy"}}));
  ASSERT_TRUE(service_->set_security_groups(core_.call(), {balancer, {"sg-default"}}));
  EXPECT_EQ(get(), "E_CLOSED");
  ASSERT_TRUE(service_->set_security_groups(core_.call(), {balancer, {"sg-1"}}));
  EXPECT_EQ(get(), "200 i-1");
}

TEST_F(Elbv2Test, RulesActInOrderOfPriorityAndCanTradePlaces) {
  std::string group = make_group("tg", {"i-1"}), balancer = make_balancer();
  auto listener = make_listener(balancer, {.type = "forward", .target_group_arn = group});
  ASSERT_TRUE(listener && becomes(group, {{"i-1", "healthy"}}));
  std::string listener_arn = listener->listeners[0].listener_arn;
  auto fixed = [](const char* status, const char* text) {
    return wire::Action{.type = "fixed-response", .fixed_response_config = wire::FixedResponseActionConfig{text, status, {}}};
  };
  auto path = [](const char* pattern) { return wire::RuleCondition{.field = "path-pattern", .values = {pattern}}; };
  auto one = service_->create_rule(core_.call(), {listener_arn, {path("/a*")}, 10, {fixed("200", "one")}});
  auto two = service_->create_rule(core_.call(), {listener_arn, {path("/ab*")}, 20, {fixed("404", "two")}});
  ASSERT_TRUE(one && two);
  EXPECT_EQ(get("/abc"), "200 one");
  EXPECT_EQ(get("/x"), "200 i-1");
  EXPECT_EQ(service_->create_rule(core_.call(), {listener_arn, {path("/b")}, 10, {fixed("200", "")}}).error().code,
            "PriorityInUse");
  std::string one_arn = one->rules[0].rule_arn, two_arn = two->rules[0].rule_arn;
  ASSERT_TRUE(service_->set_rule_priorities(core_.call(), {{{one_arn, 20}, {two_arn, 10}}}));
  EXPECT_EQ(get("/abc"), "404 two");
  auto rules = service_->describe_rules(core_.call(), {.listener_arn = listener_arn});
  ASSERT_EQ(rules->rules.size(), 3u);
  EXPECT_THAT((std::vector<std::string>{rules->rules[0].rule_arn, rules->rules[1].rule_arn, rules->rules[2].priority}),
              ElementsAre(two_arn, one_arn, "default"));
  EXPECT_EQ(rules->rules[0].conditions[0].path_pattern_config->values[0], "/ab*");  // the old form is said back in both
  EXPECT_EQ(service_->delete_rule(core_.call(), {rules->rules[2].rule_arn}).error().code, "OperationNotPermitted");
  ASSERT_TRUE(service_->delete_rule(core_.call(), {two_arn}));
  EXPECT_EQ(get("/abc"), "200 one");
  EXPECT_EQ(service_->delete_target_group(core_.call(), {group}).error().code, "ResourceInUse");
}

TEST_F(Elbv2Test, TheDoorTakesRequestsByName) {
  std::string group = make_group("tg", {"i-1"});
  ASSERT_TRUE(make_listener(make_balancer(), {.type = "forward", .target_group_arn = group}));
  ASSERT_TRUE(becomes(group, {{"i-1", "healthy"}}));
  http::Server endpoint(core_.loop(), service_->door());
  auto listener = io::listen_tcp(core_.loop(), "127.0.0.1", 0);
  port_ = (*listener)->port();
  endpoint.listen(std::move(*listener));
  EXPECT_EQ(get("/", dns_name_ + ":4566"), "200 i-1");
  http::RequestHead head;
  head.headers.add("Host", "WEB" + dns_name_.substr(3));
  class NoBody final : public http::Body {
    io::Task<Result<std::string_view>> read() override { co_return std::string_view{}; }
    std::optional<uint64_t> length() const override { return 0; }
    const http::Headers& trailers() const override { return none_; }
    http::Headers none_;
  } body;
  EXPECT_TRUE(service_->claims({head, body, "", 4566}));
  head.headers.set("Host", "other.us-east-1.elb.localhost");
  EXPECT_FALSE(service_->claims({head, body, "", 4566}));
}

}  // namespace
}  // namespace pds::cloud::elbv2::testing
