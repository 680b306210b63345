// The balancer among targets that stall, break off, answer late or nonsense, refuse connections and flap in health, while weights,
// algorithms and targets change at random. Everything is in memory and drawn from a seed, which a failure prints.
//
// Whatever happens:
//   no request is lost without a reason   each that failed had a fault on its way, or outlived a drain
//   none is sent twice when that is unsafe
//   no answer is another's, half an answer is no answer, and none comes from where the rules do not send it
//   drains end, and what weights ask for is what happens once things are calm
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "http/client.h"
#include "http/server.h"
#include "io/clock.h"
#include "proxy/fake_target.h"
#include "proxy/frontend.h"

namespace pds::proxy {
namespace {

constexpr int clients = 12, requests_each = 40, calm_requests = 200;
constexpr uint16_t traffic_port = 80, health_port = 81;

class SimTarget;

// What became of one request, by all who saw it.
struct Fate {
  std::string method;
  bool to_a = false;      // by the rules
  int seen = 0;           // by targets, whole
  int faults = 0;         // that targets made of it
  bool outlived = false;  // a drain of its target, so that it was cut
  bool answered = false;
  const SimTarget* target = nullptr;  // that saw it last
};

struct World {
  explicit World(uint64_t seed) : random(seed) {}
  bool chance(uint32_t percent) { return random.next() % 100 < percent; }
  size_t below(size_t limit) { return static_cast<size_t>(random.next() % limit); }

  io::Loop loop;
  io::ManualClock clock{from_epoch_seconds(1'000'000)};
  FastRandom random;
  std::map<std::string, Fate> fates;  // by id
  int refusals = 0;                   // of connections for traffic
  bool calm = false;                  // from now on nothing goes wrong
};

// One target. While it is flaky any request may meet any fault.
class SimTarget {
 public:
  SimTarget(World& world, std::string group, std::string name) : world_(world), group_(std::move(group)), name_(std::move(name)) {}

  bool well = true, flaky = false;
  std::optional<Timestamp> drain_until;
  int served = 0;

  TargetSpec spec(const std::shared_ptr<SimTarget>& self) {
    TargetSpec spec = spec_of(name_, nullptr, traffic_port);
    spec.reach = [self](uint16_t port) { return std::make_shared<Door>(self, port == health_port); };
    return spec;
  }

 private:
  class Door final : public io::Connector {
   public:
    Door(std::shared_ptr<SimTarget> target, bool for_health) : target_(std::move(target)), for_health_(for_health) {}
    io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline) override {
      World& world = target_->world_;
      if (!for_health_ && target_->is_at_fault(5)) {
        ++world.refusals;
        co_return fail_world("E_CONNECT", "connect to " + target_->name_ + ": Connection refused");
      }
      io::StreamPair pair = io::make_stream_pair(world.loop);
      if (for_health_) {
        int status = target_->well ? 200 : 500;
        std::string answer = "HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: 0\r\n\r\n";
        target_->tasks_.spawn(say(std::move(pair.b), {answer}, nullptr));
      } else {
        target_->tasks_.spawn(target_->serve(std::move(pair.b)));
      }
      co_return std::move(pair.a);
    }
    std::string destination() const override { return "simulation"; }

   private:
    std::shared_ptr<SimTarget> target_;
    bool for_health_;
  };

  bool is_at_fault(uint32_t percent) { return flaky && !world_.calm && world_.chance(percent); }
  io::Task<void> turns(size_t count) {
    for (size_t i = 0; i < count; ++i) co_await world_.loop.yield();
  }
  // The id of a whole request; empty when the connection ended first.
  io::Task<std::string> read_request(io::Stream& stream, std::string& buffer) {
    auto field = [&](std::string_view name) -> std::string {
      size_t at = buffer.find(name);
      return at == std::string::npos ? "" : buffer.substr(at + name.size(), buffer.find("\r\n", at) - at - name.size());
    };
    for (;;) {
      size_t end = buffer.find("\r\n\r\n");
      if (end != std::string::npos) {
        size_t whole = end + 4 + static_cast<size_t>(std::atoi(field("Content-Length: ").c_str()));
        if (buffer.size() >= whole) {
          std::string id = field("X-Id: ");
          buffer.erase(0, whole);
          co_return id;
        }
      }
      char piece[4096];
      auto got = co_await io::read_some(stream, piece, io::never);
      if (!got || *got == 0) co_return "";
      buffer.append(piece, *got);
    }
  }
  io::Task<void> serve(std::unique_ptr<io::Stream> stream) {
    std::string buffer;
    for (;;) {
      std::string id = co_await read_request(*stream, buffer);
      if (id.empty()) co_return;
      Fate& fate = world_.fates.at(id);
      ++fate.seen;
      fate.target = this;
      ++served;
      bool goes_on = co_await answer(*stream, id, fate);
      if (!goes_on) co_return;
    }
  }
  // False: the connection ends here.
  io::Task<bool> answer(io::Stream& stream, const std::string& id, Fate& fate) {
    std::string body = group_ + " " + id;
    std::string text = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    co_await turns(world_.below(4));
    if (is_at_fault(30)) {
      ++fate.faults;
      switch (world_.below(4)) {
        case 0:  // breaks off at once
          co_return false;
        case 1:  // stalls, and breaks off
          co_await turns(world_.below(60));
          co_return false;
        case 2:
          text = "SSH-2.0-OpenSSH_9.2p1\r\n\r\n";
          break;
        default:  // breaks off within its answer
          text.resize(world_.below(text.size() - 1) + 1);
      }
      [[maybe_unused]] auto sent = co_await io::write_all(stream, text, io::never);
      co_return false;
    }
    if (!world_.calm && world_.chance(10)) co_await turns(world_.below(120));  // late, and no fault
    size_t cut_at = world_.below(text.size());
    auto sent = co_await io::write_all(stream, text.substr(0, cut_at), io::never);
    if (sent && cut_at > 0 && world_.chance(20)) co_await turns(world_.below(10));
    if (sent) sent = co_await io::write_all(stream, text.substr(cut_at), io::never);
    co_return sent && !world_.chance(10);  // some keep no connection: the next request finds it closed
  }

  World& world_;
  const std::string group_, name_;
  io::TaskSet tasks_;
};

class Direct final : public io::Connector {
 public:
  Direct(io::Loop& loop, http::Server& server) : loop_(loop), server_(server) {}
  io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline) override {
    io::StreamPair pair = io::make_stream_pair(loop_);
    server_.serve(std::move(pair.b));
    co_return std::move(pair.a);
  }
  std::string destination() const override { return "the balancer"; }

 private:
  io::Loop& loop_;
  http::Server& server_;
};

class Simulation : public ::testing::TestWithParam<uint64_t> {
 protected:
  struct Group {
    std::shared_ptr<TargetGroup> group;
    std::map<std::string, std::shared_ptr<SimTarget>> targets;  // those that are gone stay: connections to them may not be
    int next_id = 0;
  };

  Simulation() {
    for (const char* name : {"a1", "a2", "b1", "b2"}) {
      Group& made = groups_[name];
      made.group = std::make_shared<TargetGroup>(world_.loop, world_.clock, name, random_settings(name));
      made.group->set_in_use(true);
      for (int i = 0; i < 3; ++i) add_target(name);
    }
    change_routes();
  }

  TargetGroupSettings random_settings(const std::string& name) {
    TargetGroupSettings settings{.name = name};
    settings.health.port = health_port;
    settings.health.interval = 5s;
    settings.health.healthy_threshold = settings.health.unhealthy_threshold = 2;
    settings.algorithm = static_cast<Algorithm>(world_.below(3));
    settings.anomaly_mitigation = settings.algorithm == Algorithm::weighted_random && world_.chance(50);
    if (settings.algorithm == Algorithm::round_robin && world_.chance(50)) settings.slow_start = 30s;
    settings.routing_minimum = {static_cast<int>(1 + world_.below(3)), world_.chance(50) ? 50 : 0};
    return settings;
  }
  void add_target(const std::string& name) {
    Group& group = groups_[name];
    std::string id = name + "-" + std::to_string(group.next_id++);
    auto target = std::make_shared<SimTarget>(world_, name, id);
    target->flaky = world_.chance(40);
    group.targets[id] = target;
    group.group->add(target->spec(target));
  }
  // One stays, so that there is always somebody to take requests.
  void drain_one(Group& group) {
    std::vector<std::string> staying;
    for (const auto& status : group.group->statuses()) {
      if (status.health.state != TargetState::draining) staying.push_back(status.id);
    }
    if (staying.size() < 2) return;
    const std::string& id = staying[world_.below(staying.size())];
    Timestamp until = world_.clock.now() + std::chrono::seconds(world_.below(20));
    group.targets[id]->drain_until = until;
    group.group->drain(id, traffic_port, until);
  }
  Action forward_to(const char* one, const char* two) {
    auto weight = static_cast<uint32_t>(world_.below(11));
    return Forward({{groups_[one].group, weight, ""}, {groups_[two].group, 10 - weight, ""}}, 0);
  }
  void change_routes() {
    Condition condition;
    condition.patterns.emplace_back(world_.chance(50) ? "/a*" : "/?/*", Case::sensitive);
    auto routes = std::make_shared<Routes>(Routes{{}, {}, forward_to("b1", "b2")});
    routes->rules.push_back({1, {condition}, forward_to("a1", "a2")});
    frontend_.set_routes(std::move(routes));
  }
  void change_something() {
    auto& [name, group] = *std::next(groups_.begin(), static_cast<ptrdiff_t>(world_.below(groups_.size())));
    auto& [id, target] = *std::next(group.targets.begin(), static_cast<ptrdiff_t>(world_.below(group.targets.size())));
    switch (world_.below(8)) {
      case 0:
        return change_routes();
      case 1:
        if (group.group->statuses().size() < 6) add_target(name);
        return;
      case 2:
        return drain_one(group);
      case 3:
        target->well = !target->well;
        return;
      case 4:
        target->flaky = !target->flaky;
        return;
      case 5:
        return group.group->configure(random_settings(name));
      default:
        world_.clock.advance(std::chrono::milliseconds(world_.below(2000)));
    }
  }

  void note_cut(Fate& fate) {
    fate.outlived = fate.target && fate.target->drain_until && world_.clock.now() >= *fate.target->drain_until;
  }
  // A request over a connection of its own: this client never sends twice, so whoever does is the balancer.
  io::Task<void> ask(std::string id, bool to_a) {
    Fate& fate = world_.fates[id];
    static constexpr const char* methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    fate.method = methods[world_.below(5)];
    fate.to_a = to_a;
    bool has_body = fate.method[0] == 'P' && world_.chance(70);
    http::RequestHead head;
    head.method = fate.method;
    head.target = fate.to_a ? "/a/x" : "/b";
    head.headers.add("Host", "h"), head.headers.add("X-Id", id);
    std::string body(has_body ? world_.below(3000) + 1 : 0, 'x');
    if (has_body) head.headers.add("Content-Length", std::to_string(body.size()));
    http::Client client(world_.loop, std::make_shared<Direct>(world_.loop, server_));
    auto exchange = co_await client.begin(head, has_body ? http::RequestBody::sized : http::RequestBody::none);
    if (!exchange) co_return;
    if (has_body) {
      [[maybe_unused]] auto written = co_await (*exchange)->write(body);
      [[maybe_unused]] auto finished = co_await (*exchange)->finish();
    }
    auto answer = co_await (*exchange)->response();
    if (!answer || (*answer)->status != 200) co_return note_cut(fate);
    auto text = co_await http::read_all((*exchange)->body(), 1 << 20);
    if (!text) co_return note_cut(fate);  // half an answer, and it was not taken for a whole one
    fate.answered = true;
    EXPECT_EQ((*text)[0], fate.to_a ? 'a' : 'b') << id << " was answered from where it was not sent";
    EXPECT_EQ(text->substr(3), id) << "an answer of another request";
  }
  io::Task<void> use(int number) {
    for (int i = 0; i < requests_each; ++i) co_await ask(std::to_string(number) + "." + std::to_string(i), world_.chance(50));
  }

  void expect_fates_are_explained() {
    int unexplained = 0;
    for (const auto& [id, fate] : world_.fates) {
      bool may_be_repeated = fate.method == "GET" || fate.method == "PUT" || fate.method == "DELETE";
      EXPECT_LE(fate.seen, may_be_repeated ? 2 : 1) << fate.method << " " << id;
      unexplained += !fate.answered && fate.faults == 0 && !fate.outlived;
    }
    EXPECT_LE(unexplained, world_.refusals);  // who was refused cannot be told: nothing of it reached a target
  }
  bool drains_have_ended() {
    for (const auto& [name, group] : groups_) {
      for (const auto& status : group.group->statuses()) {
        if (status.health.state == TargetState::draining || status.in_flight > 0) return false;
      }
    }
    return true;
  }

  World world_{GetParam()};
  std::map<std::string, Group> groups_;
  std::shared_ptr<FrontCounters> counters_ = std::make_shared<FrontCounters>();
  io::SystemClock real_;
  Frontend frontend_{world_.loop, real_, GetParam(), counters_};
  http::Server server_{world_.loop, frontend_};
  io::TaskSet users_;
};

TEST_P(Simulation, LosesNothingWithoutAReason) {
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  for (int i = 0; i < clients; ++i) users_.spawn(use(i));
  ASSERT_TRUE(run_until(world_.loop, [&] {
    if (world_.chance(30)) change_something();
    return users_.size() == 0;
  }));
  EXPECT_EQ(world_.fates.size(), static_cast<size_t>(clients * requests_each));
  expect_fates_are_explained();
  int answered = 0;
  for (const auto& [id, fate] : world_.fates) answered += fate.answered;
  EXPECT_GT(answered, clients * requests_each / 2);  // or the faults have drowned what is tested

  // Calm: all that was leaving leaves, and weights are met to the request.
  world_.calm = true;
  world_.clock.advance(60s);
  EXPECT_TRUE(run_until(world_.loop, [&] { return drains_have_ended(); }));
  frontend_.set_routes(
      std::make_shared<Routes>(Routes{{}, {}, Forward({{groups_["b1"].group, 7, ""}, {groups_["b2"].group, 3, ""}}, 0)}));
  world_.fates.clear();
  auto served = [&](const char* name) {
    int all = 0;
    for (const auto& [id, target] : groups_[name].targets) all += target->served;
    return all;
  };
  int before_b1 = served("b1"), before_b2 = served("b2");
  for (int i = 0; i < calm_requests; ++i) {
    std::string id = "calm." + std::to_string(i);
    users_.spawn(ask(id, false));
    ASSERT_TRUE(run_until(world_.loop, [&] { return users_.size() == 0; }));
    EXPECT_TRUE(world_.fates[id].answered) << id;
  }
  EXPECT_EQ(served("b1") - before_b1, calm_requests * 7 / 10);
  EXPECT_EQ(served("b2") - before_b2, calm_requests * 3 / 10);
  ForwardCounts measured = std::get<Forward>(frontend_.routes()->default_action).counts();
  EXPECT_DOUBLE_EQ(measured.share(0), 0.7);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Simulation, ::testing::Range<uint64_t>(1, 25));

}  // namespace
}  // namespace pds::proxy
