// The service in process: real ports on loopback, targets in memory, a clock turned by hand.
#include "cloud/services/elbv2/service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cloud/test_core.h"
#include "http/client.h"
#include "proxy/fake_target.h"

namespace pds::cloud {
namespace {

namespace wire = aws::elbv2;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

// Two zones of one VPC, and instances that answer with their name.
class FakeReach final : public InstanceReach {
 public:
  explicit FakeReach(io::Loop& loop) : loop_(loop) {}
  struct Machine {
    Instance instance;
    std::shared_ptr<proxy::FakeTarget> target;
    int status = 200;
  };
  Machine& add(const std::string& id, const std::string& zone) {
    Machine& machine = machines[id];
    std::string number = std::to_string(machines.size() + 9);
    machine.instance = {id, "vpc-1", "subnet-" + zone.substr(zone.size() - 1), zone, "10.0.1." + number, InstanceState::running};
    machine.target = std::make_shared<proxy::FakeTarget>(
        loop_, [this, id](std::unique_ptr<io::Stream> stream) { return answer(std::move(stream), id, this); });
    return machine;
  }
  static io::Task<void> answer(std::unique_ptr<io::Stream> stream, std::string id, FakeReach* reach) {
    for (int i = 0; i < 10'000; ++i) {
      std::string head;
      char piece[4096];
      while (head.find("\r\n\r\n") == std::string::npos) {
        auto got = co_await io::read_some(*stream, piece, io::never);
        if (!got || *got == 0) co_return;
        head.append(piece, *got);
      }
      std::string text = "HTTP/1.1 " + std::to_string(reach->machines[id].status) +
                         " X\r\nContent-Length: " + std::to_string(id.size()) + "\r\n\r\n" + id;
      [[maybe_unused]] auto sent = co_await io::write_all(*stream, text, io::never);
    }
  }

  std::optional<Instance> find_instance(std::string_view id) const override {
    auto it = machines.find(std::string(id));
    return it == machines.end() ? std::nullopt : std::optional(it->second.instance);
  }
  std::optional<Instance> find_instance_by_address(std::string_view vpc_id, std::string_view address) const override {
    for (const auto& [id, machine] : machines) {
      if (machine.instance.private_ip == address && machine.instance.vpc_id == vpc_id) return machine.instance;
    }
    return std::nullopt;
  }
  std::optional<Subnet> find_subnet(std::string_view id) const override {
    if (id == "subnet-a") return Subnet{"subnet-a", "vpc-1", "us-east-1a", "10.0.1.0/24"};
    if (id == "subnet-b") return Subnet{"subnet-b", "vpc-1", "us-east-1b", "10.0.2.0/24"};
    if (id == "subnet-a2") return Subnet{"subnet-a2", "vpc-1", "us-east-1a", "10.0.3.0/24"};
    if (id == "subnet-x") return Subnet{"subnet-x", "vpc-2", "us-east-1b", "10.1.0.0/24"};
    return std::nullopt;
  }
  bool has_vpc(std::string_view id) const override { return id == "vpc-1" || id == "vpc-2"; }
  std::optional<std::string> vpc_of_security_group(std::string_view id) const override {
    if (id == "sg-1" || id == "sg-default") return "vpc-1";
    if (id == "sg-x") return "vpc-2";
    return std::nullopt;
  }
  std::optional<std::string> default_security_group(std::string_view) const override { return "sg-default"; }
  bool allows(std::string_view, uint16_t, const Source& source) const override {
    sources.push_back(source);
    return true;
  }
  bool groups_allow(const std::vector<std::string>& groups, uint16_t, const Source&) const override {
    return std::find(groups.begin(), groups.end(), "sg-1") != groups.end();
  }
  std::shared_ptr<io::Connector> connector(const std::string& id, uint16_t) override { return machines.at(id).target; }

  std::map<std::string, Machine> machines;
  mutable std::vector<Source> sources;

 private:
  io::Loop& loop_;
};

class FakeMetrics final : public MetricSink {
 public:
  void record(std::string_view space, std::string_view name, const Dimensions& dimensions, Timestamp at, double value,
              std::string_view unit, double count) override {
    EXPECT_EQ(space, "AWS/ApplicationELB");
    EXPECT_FALSE(unit.empty());
    std::string key(name);
    for (const auto& [dimension, text] : dimensions) key += " " + dimension + "=" + text.substr(0, text.rfind('/'));
    sums[key] += value * count;
    last_at = at;
  }
  std::map<std::string, double> sums;
  Timestamp last_at{};
};

class Elbv2Test : public ::testing::Test {
 protected:
  void SetUp() override {
    reach_.add("i-1", "us-east-1a");
    reach_.add("i-2", "us-east-1b");
    start();
  }
  void TearDown() override { stop(); }
  void start() {
    service_ = std::make_unique<Elbv2>(core_.core(), reach_, nullptr, metrics_);
    service_->start();
  }
  void stop() {
    if (service_) io::run_until_done(core_.loop(), service_->stop());
    service_.reset();
  }
  void restart() {
    stop();
    core_.restart();
    start();
  }
  static int free_port(io::Loop& loop) { return (*io::listen_tcp(loop, "127.0.0.1", 0))->port(); }

  std::string make_balancer(const std::string& name = "web") {
    auto made = service_->create_load_balancer(core_.call(),
                                               {.name = name, .subnets = {"subnet-a", "subnet-b"}, .security_groups = {"sg-1"}});
    EXPECT_TRUE(made) << made.error().message;
    dns_name_ = made->load_balancers[0].dns_name;
    return made->load_balancers[0].load_balancer_arn;
  }
  std::string make_group(const std::string& name, std::vector<std::string> targets) {
    wire::CreateTargetGroupRequest request{
        .name = name, .protocol = "HTTP", .port = 9898, .vpc_id = "vpc-1", .health_check_interval_seconds = 10};
    auto made = service_->create_target_group(core_.call(), request);
    EXPECT_TRUE(made) << made.error().message;
    std::string arn = made->target_groups[0].target_group_arn;
    std::vector<wire::TargetDescription> descriptions;
    for (const std::string& id : targets) descriptions.push_back({.id = id});
    if (!targets.empty()) EXPECT_TRUE(service_->register_targets(core_.call(), {arn, descriptions}));
    return arn;
  }
  static wire::Action forward(std::vector<wire::TargetGroupTuple> groups) {
    return {.type = "forward", .forward_config = wire::ForwardActionConfig{.target_groups = std::move(groups)}};
  }
  Result<wire::CreateListenerReply> make_listener(const std::string& balancer, wire::Action action) {
    port_ = free_port(core_.loop());
    return service_->create_listener(
        core_.call(), {.load_balancer_arn = balancer, .protocol = "HTTP", .port = port_, .default_actions = {action}});
  }
  std::map<std::string, std::string> health(const std::string& group) {
    std::map<std::string, std::string> states;
    auto reply = service_->describe_target_health(core_.call(), {.target_group_arn = group});
    EXPECT_TRUE(reply) << reply.error().message;
    for (const auto& d : reply->target_health_descriptions) {
      states[d.target.id] = d.target_health.state + (d.target_health.reason ? " " + *d.target_health.reason : "");
    }
    return states;
  }
  bool becomes(const std::string& group, const std::map<std::string, std::string>& wanted) {
    return proxy::run_until(core_.loop(), [&] { return health(group) == wanted; });
  }
  std::string get(const std::string& target = "/", const std::string& host = "") {
    http::Headers headers;
    if (!host.empty()) headers.add("Host", host);
    auto answer = io::run_until_done(
        core_.loop(), http::fetch(core_.loop(), "GET", "http://127.0.0.1:" + std::to_string(port_) + target, headers));
    return answer ? std::to_string(answer->head.status) + " " + answer->body : answer.error().code;
  }

  TestCore core_;
  FakeReach reach_{core_.loop()};
  FakeMetrics metrics_;
  std::unique_ptr<Elbv2> service_;
  std::string dns_name_;
  int port_ = 0;
};

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

TEST_F(Elbv2Test, MetricsAreFlushedAtTheEndOfEachMinute) {
  std::string group = make_group("tg", {"i-1", "i-2"});
  ASSERT_TRUE(make_listener(make_balancer(), {.type = "forward", .target_group_arn = group}));
  ASSERT_TRUE(becomes(group, {{"i-1", "healthy"}, {"i-2", "healthy"}}));
  for (int i = 0; i < 10; ++i) get();
  Timestamp minute = std::chrono::floor<std::chrono::minutes>(core_.clock().now());
  core_.clock().advance(60s);
  ASSERT_TRUE(proxy::run_until(core_.loop(), [&] { return !metrics_.sums.empty(); }));
  EXPECT_EQ(metrics_.last_at, minute);
  EXPECT_EQ(metrics_.sums["RequestCount LoadBalancer=app/web"], 10);
  EXPECT_EQ(metrics_.sums["RequestCount LoadBalancer=app/web TargetGroup=targetgroup/tg"], 10);
  EXPECT_EQ(metrics_.sums["RequestCount LoadBalancer=app/web TargetGroup=targetgroup/tg AvailabilityZone=us-east-1a"], 5);
  EXPECT_EQ(metrics_.sums["HTTPCode_Target_2XX_Count LoadBalancer=app/web"], 10);
  EXPECT_EQ(metrics_.sums["RequestCountPerTarget TargetGroup=targetgroup/tg"], 5);
  EXPECT_EQ(metrics_.sums["HealthyHostCount LoadBalancer=app/web TargetGroup=targetgroup/tg"], 2);
  EXPECT_EQ(metrics_.sums["NewConnectionCount LoadBalancer=app/web"], 10);
  EXPECT_GT(metrics_.sums["TargetResponseTime LoadBalancer=app/web"], 0);
  metrics_.sums.clear();
  core_.clock().advance(60s);
  ASSERT_TRUE(proxy::run_until(core_.loop(), [&] { return !metrics_.sums.empty(); }));
  EXPECT_EQ(metrics_.sums.count("RequestCount LoadBalancer=app/web"), 0u);  // counted once only
}

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

TEST_F(Elbv2Test, AttributesThatActAreChangedAndOthersRefused) {
  std::string balancer = make_balancer(), group = make_group("tg", {});
  auto set = [&](const char* key, const char* value) -> std::string {
    auto changed = service_->modify_load_balancer_attributes(core_.call(), {balancer, {{key, value}}});
    return changed ? "ok" : changed.error().code;
  };
  EXPECT_EQ(set("idle_timeout.timeout_seconds", "120"), "ok");
  EXPECT_EQ(set("idle_timeout.timeout_seconds", "0"), "InvalidConfigurationRequest");
  EXPECT_EQ(set("routing.http2.enabled", "true"), "ok");
  EXPECT_EQ(set("routing.http2.enabled", "false"), "NotImplemented");
  EXPECT_EQ(set("access_logs.s3.enabled", "true"), "NotImplemented");
  EXPECT_EQ(set("no.such", "1"), "InvalidConfigurationRequest");
  EXPECT_EQ(set("deletion_protection.enabled", "true"), "ok");
  EXPECT_EQ(service_->delete_load_balancer(core_.call(), {balancer}).error().code, "OperationNotPermitted");
  auto changed = service_->modify_target_group_attributes(core_.call(), {group, {{"deregistration_delay.timeout_seconds", "5"}}});
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->attributes[0].value, "5");
  EXPECT_EQ(
      service_->modify_target_group_attributes(core_.call(), {group, {{"slow_start.duration_seconds", "30"}}}).error().http_status,
      501);
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
  EXPECT_EQ(code(service_->create_target_group(call, {.name = "n", .protocol = "HTTPS", .port = 80, .vpc_id = "vpc-1"})),
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
}  // namespace pds::cloud
