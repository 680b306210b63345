// Weights, rules, targets, algorithms, zones and stickiness change at random while clients never pause. Nothing may fail, nothing
// may arrive where it should not, and what forwards say they sent is what arrived.
#include <gtest/gtest.h>

#include <map>

#include "http/client.h"
#include "http/server.h"
#include "io/clock.h"
#include "proxy/fake_target.h"
#include "proxy/frontend.h"

namespace pds::proxy {
namespace {

// Answers with the name of its group, after a few turns of the loop so that exchanges overlap with changes.
class Backend final : public http::Service {
 public:
  Backend(io::Loop& loop, std::string name) : loop_(loop), name_(std::move(name)), server_(loop, *this) {}
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override {
    ++served;
    for (size_t i = 0; i < served % 4; ++i) co_await loop_.yield();
    http::Response response = http::Response::text(200, name_);
    [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
  }
  void take(std::unique_ptr<io::Stream> stream) { server_.serve(std::move(stream)); }
  size_t served = 0;

 private:
  io::Loop& loop_;
  std::string name_;
  http::Server server_;
};

class Direct final : public io::Connector {
 public:
  Direct(io::Loop& loop, std::function<void(std::unique_ptr<io::Stream>)> take) : loop_(loop), take_(std::move(take)) {}
  io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline) override {
    io::StreamPair pair = io::make_stream_pair(loop_);
    take_(std::move(pair.b));
    co_return std::move(pair.a);
  }
  std::string destination() const override { return "memory"; }

 private:
  io::Loop& loop_;
  std::function<void(std::unique_ptr<io::Stream>)> take_;
};

class Reconfiguration : public ::testing::TestWithParam<uint64_t> {
 protected:
  static constexpr int clients = 16, requests_each = 150;

  struct Group {
    std::shared_ptr<TargetGroup> group;
    std::unique_ptr<Backend> backend;
    std::shared_ptr<io::Connector> connector;
    int next_id = 0;
  };

  Reconfiguration() {
    for (const char* name : {"a1", "a2", "b1", "b2"}) {
      Group& made = groups_[name];
      TargetGroupSettings settings{.name = name};
      settings.health.enabled = false;
      made.backend = std::make_unique<Backend>(loop_, name);
      made.connector =
          std::make_shared<Direct>(loop_, [&backend = *made.backend](auto stream) { backend.take(std::move(stream)); });
      made.group = std::make_shared<TargetGroup>(loop_, clock_, name, settings);
      made.group->set_in_use(true);
      add_target(made);
    }
    change_routes();
  }

  void add_target(Group& group) { group.group->add(spec_of("t" + std::to_string(group.next_id++), group.connector)); }
  void change_settings(const std::string& name, TargetGroup& group) {
    TargetGroupSettings settings{.name = name};
    settings.health.enabled = false;
    settings.algorithm = static_cast<Algorithm>(random_.next() % 3);
    settings.cross_zone = random_.next() % 2 == 0;
    settings.zones = {"us-east-1a", "us-east-1b"};  // the second has no targets, and so is not in DNS
    settings.stickiness_seconds = settings.cross_zone ? static_cast<int>(random_.next() % 3) : 0;
    settings.idle_timeout = random_.next() % 2 ? 60s : 30s;  // which replaces the pools of connections
    group.configure(settings);
  }
  // The newest stays, so that there is always one to take requests.
  void drain_oldest(Group& group) {
    auto statuses = group.group->statuses();
    size_t live = 0;
    for (const auto& status : statuses) live += status.health.state != TargetState::draining;
    if (live < 2) return;
    for (const auto& status : statuses) {
      if (status.health.state == TargetState::draining) continue;
      group.group->drain(status.id, status.port, clock_.now() + 300s);
      return;
    }
  }
  Action forward_to(const char* one, const char* two) {
    auto weight = static_cast<uint32_t>(random_.next() % 11);
    return Forward({{groups_[one].group, weight, ""}, {groups_[two].group, 10 - weight, ""}}, 0);
  }
  // Which rule takes /a changes; where /a goes does not.
  void change_routes() {
    auto path = [](const char* pattern) {
      Condition condition;
      condition.patterns.emplace_back(pattern, Case::sensitive);
      return condition;
    };
    auto routes = std::make_shared<Routes>(Routes{{}, {}, forward_to("b1", "b2")});
    for (int i = static_cast<int>(random_.next() % 4); i > 0; --i)
      routes->rules.push_back({i, {path("/never")}, FixedResponse{500, "", ""}});
    routes->rules.push_back({10, {path(random_.next() % 2 ? "/a*" : "/a?")}, forward_to("a1", "a2")});
    routes->settings.drop_invalid_header_fields = random_.next() % 2 == 0;
    routes->settings.response_headers = {{"X-Snapshot", std::to_string(snapshots_.size())}};
    snapshots_.push_back(routes);
    frontend_.set_routes(std::move(routes));
  }
  // What all forwards there ever were say they sent to a group.
  uint64_t measured(const TargetGroup& group) const {
    uint64_t requests = 0;
    auto add = [&](const Action& action) {
      const auto* forward = std::get_if<Forward>(&action);
      for (size_t i = 0; forward && i < forward->choices.size(); ++i) {
        if (forward->choices[i].group.get() == &group) requests += forward->counts().requests[i];
      }
    };
    for (const auto& routes : snapshots_) {
      for (const Rule& rule : routes->rules) add(rule.action);
      add(routes->default_action);
    }
    return requests;
  }
  void change_something() {
    auto group = std::next(groups_.begin(), static_cast<ptrdiff_t>(random_.next() % groups_.size()));
    switch (random_.next() % 4) {
      case 0:
        return change_routes();
      case 1:
        return add_target(group->second);
      case 2:
        return change_settings(group->first, *group->second.group);
      default:
        return drain_oldest(group->second);
    }
  }
  static io::Task<void> use(Reconfiguration& test, int number) {
    http::Client client(test.loop_,
                        std::make_shared<Direct>(test.loop_, [&test](auto stream) { test.server_.serve(std::move(stream)); }));
    for (int i = 0; i < requests_each; ++i) {
      bool to_a = (i + number) % 2 == 0;
      http::Request request;
      request.head.method = i % 3 ? "GET" : "POST";
      request.head.target = to_a ? "/a1" : "/b";
      request.head.headers.add("Host", "h");
      if (i % 3 == 0) request.body = "some body";
      auto response = co_await client.send(request);
      if (!response || response->head.status != 200) {
        ++test.failed_;
      } else if ((response->body[0] == 'a') != to_a) {
        ++test.misrouted_;
      } else {
        ++test.answered_;
      }
    }
  }

  io::Loop loop_;
  io::ManualClock clock_{from_epoch_seconds(1'000'000)};
  io::SystemClock real_;
  FastRandom random_{GetParam()};
  std::map<std::string, Group> groups_;
  std::vector<std::shared_ptr<const Routes>> snapshots_;
  std::shared_ptr<FrontCounters> counters_ = std::make_shared<FrontCounters>();
  Frontend frontend_{loop_, real_, 1, counters_};
  http::Server server_{loop_, frontend_};
  int failed_ = 0, misrouted_ = 0, answered_ = 0;
  io::TaskSet users_;
};

TEST_P(Reconfiguration, UnderLoadFailsNothingAndMisroutesNothing) {
  for (int i = 0; i < clients; ++i) users_.spawn(use(*this, i));
  int changes = 0;
  EXPECT_TRUE(run_until(loop_, [&] {
    change_something();
    ++changes;
    return users_.size() == 0;
  }));
  EXPECT_EQ(failed_, 0) << "seed " << GetParam();
  EXPECT_EQ(misrouted_, 0) << "seed " << GetParam();
  EXPECT_EQ(answered_, clients * requests_each);
  EXPECT_GT(changes, 100);
  EXPECT_EQ(counters_->elb_status_classes[5], 0u);
  size_t served = 0;
  for (const auto& [name, group] : groups_) {
    served += group.backend->served;
    EXPECT_GT(group.backend->served, 0u) << name;
    EXPECT_EQ(group.group->counters().at("us-east-1a")->requests, group.backend->served)
        << name;  // what is measured is what was sent
    EXPECT_EQ(measured(*group.group), group.backend->served) << name;
    EXPECT_TRUE(run_until(loop_, [&] {
      for (const auto& status : group.group->statuses()) {
        if (status.health.state == TargetState::draining) return false;
      }
      return true;
    })) << name;  // and every drain has ended
  }
  EXPECT_EQ(served, static_cast<size_t>(clients * requests_each));
}

INSTANTIATE_TEST_SUITE_P(Seeds, Reconfiguration, ::testing::Range<uint64_t>(1, 9));

}  // namespace
}  // namespace pds::proxy
