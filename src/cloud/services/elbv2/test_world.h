// For tests: the service in process, with real ports on loopback, targets in memory and a clock turned by hand.
#pragma once

#include <gtest/gtest.h>

#include "cloud/services/elbv2/service.h"
#include "cloud/objects.h"
#include "cloud/test_core.h"
#include "http/client.h"
#include "proxy/fake_target.h"

namespace pds::cloud::elbv2::testing {

namespace wire = aws::elbv2;

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
      reach->heads.push_back(head);
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
  std::shared_ptr<io::Connector> connector(const std::string& id, uint16_t) override {
    if (!machines.contains(id)) add(id, "nowhere").target->refuse = true;
    return machines.at(id).target;
  }

  std::map<std::string, Machine> machines;
  std::vector<std::string> heads;  // of what the machines were asked
  mutable std::vector<Source> sources;

 private:
  io::Loop& loop_;
};

class FakeMetrics final : public MetricSink {
 public:
  void record(std::string_view space, std::string_view name, const Dimensions& dimensions, Timestamp at, double value,
              std::string_view unit, double count) override {
    EXPECT_FALSE(unit.empty());
    std::string key(name);
    if (space != "AWS/ApplicationELB") key = std::string(space) + "/" + key;
    for (const auto& [dimension, text] : dimensions) key += " " + dimension + "=" + text.substr(0, text.rfind('/'));
    sums[key] += value * count;
    samples[key] += count;
    least[key] = least.contains(key) ? std::min(least[key], value) : value;
    most[key] = most.contains(key) ? std::max(most[key], value) : value;
    units[key] = unit;
    last_at = at;
  }
  void clear() { sums.clear(), samples.clear(), least.clear(), most.clear(); }
  std::map<std::string, double> sums, samples, least, most;
  std::map<std::string, std::string> units;
  Timestamp last_at{};
};

// Buckets in memory: one policy for all, and what was put.
class FakeBuckets final : public ObjectSink {
 public:
  explicit FakeBuckets(io::Loop& loop) : loop_(loop) {}
  Result<void> check_delivery(const Delivery& delivery) const override {
    if (delivery.bucket != "logs") return fail("NoSuchBucket", "no such bucket", 404);
    if (!allows) return fail("AccessDenied", "Access Denied", 403);
    return {};
  }
  io::Task<Result<void>> deliver(Delivery delivery, std::string body) override {
    co_await loop_.yield();
    CO_CHECK(check_delivery(delivery));
    objects[delivery.key] = std::move(body);
    last = delivery;
    co_return Result<void>{};
  }
  bool allows = true;
  std::map<std::string, std::string> objects;
  Delivery last;

 private:
  io::Loop& loop_;
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
    service_ = std::make_unique<Elbv2>(core_.core(), reach_, nullptr, metrics_, nullptr, ObservationOptions{.objects = &buckets_});
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
  std::string set_attribute(const std::string& balancer, std::vector<wire::Attribute> attributes) {
    wire::ModifyLoadBalancerAttributesRequest request{balancer, std::move(attributes)};
    auto changed = io::run_until_done(core_.loop(), service_->modify_load_balancer_attributes(core_.call(), request));
    return changed ? "ok" : changed.error().code;
  }
  // The end of the control plane's minute, with what it reports.
  void end_minute() {
    metrics_.clear();
    core_.clock().advance(60s);
    EXPECT_TRUE(proxy::run_until(core_.loop(), [&] { return !metrics_.sums.empty(); }));
  }

  FakeMetrics metrics_;
  FakeBuckets buckets_{core_.loop()};
  std::unique_ptr<Elbv2> service_;
  std::string dns_name_;
  int port_ = 0;
};

}  // namespace pds::cloud::elbv2::testing
