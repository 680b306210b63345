// A balancer on real sockets, at 70 % of the load it carries, while ten times a second its weights and rules move, targets come and go,
// and its certificate is replaced. Nothing may fail, nothing may arrive where it should not, and memory stays flat.
//
// Clients and targets have a loop and a thread of their own. A few seconds long, unless PDS_SOAK_SECONDS says otherwise; docs/data-plane.md
// has what ten minutes said.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <thread>

#include "base/crypto.h"
#include "http/client.h"
#include "base/sanitizers.h"
#include "http/server.h"
#include "http/test_certificates.h"
#include "http/tls_acceptor.h"
#include "http/tls_connector.h"
#include "io/clock.h"
#include "proxy/fake_target.h"
#include "proxy/frontend.h"

namespace pds::proxy {
namespace {

constexpr Duration change_every = 100ms;
constexpr double load_share = 0.7;
constexpr size_t live_targets_min = 2;
constexpr int workers = 32;
constexpr int requests_per_connection = 500;
constexpr size_t upload_bytes = 20'000;

int soak_seconds() {
  const char* text = std::getenv("PDS_SOAK_SECONDS");
  return text ? std::max(std::atoi(text), 2) : 3;
}

size_t resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6));
  }
  return 0;
}

// Answers with the letter of its group and how much came.
class Backend final : public http::Service {
 public:
  Backend(io::Loop& loop, char group, std::unique_ptr<io::Listener> listener) : group_(group), server_(loop, *this) { server_.listen(std::move(listener)); }
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override {
    auto body = co_await http::read_all(request.body, 1u << 20);
    if (!body) co_return;
    http::Response response = http::Response::text(200, group_ + std::to_string(body->size()));
    [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
  }

 private:
  char group_;
  http::Server server_;
};

struct Counts {
  uint64_t answered = 0, failed = 0, misrouted = 0;
  std::string first_failure;
};

class Balancer {
 public:
  std::function<void(uint16_t port)> on_gone;

  Balancer() {
    for (char letter : {'a', 'b'}) {
      TargetGroupSettings settings{.name = std::string(1, letter)};
      settings.health.enabled = false;
      auto group = std::make_shared<TargetGroup>(loop, clock_, settings.name, settings);
      group->set_in_use(true);
      group->on_gone = [this](const std::string&, uint16_t port) { on_gone(port); };
      groups_[letter] = std::move(group);
    }
    for (const char* name : {"arn:first", "arn:second"}) {
      auto context = http::TlsServerContext::make({.identities = {authority_.issue({.names = {"localhost"}}, name)}, .tickets = tickets_});
      certificates_.push_back(*context);
    }
    acceptor_ = std::make_shared<http::TlsAcceptor>(certificates_[0]);
    change_routes();
    frontend_.set_access_log([this](std::string_view line) { logged_bytes_ += line.size(); });
    plain_port = listen(nullptr);
    secure_port = listen(acceptor_);
  }

  void add(char group, uint16_t port) {
    auto connector = std::shared_ptr<io::Connector>(io::tcp_connector(loop, "127.0.0.1", port));
    groups_[group]->add(spec_of("127.0.0.1", connector, port));
  }
  io::Task<void> keep_changing() {
    while (true) {
      co_await loop.sleep_for(change_every);
      change_routes();
      acceptor_->set_context(certificates_[++changes % certificates_.size()]);
      for (auto& [letter, group] : groups_) drain_oldest(*group);
    }
  }
  std::string authorities() const { return authority_.pem(); }
  uint64_t refusals() const { return counters_->elb_status_classes[4] + counters_->elb_status_classes[5]; }
  const http::TlsAcceptorCounters& handshakes() const { return acceptor_->counters(); }

  io::Loop loop;
  uint16_t plain_port = 0, secure_port = 0;
  size_t changes = 0;

 private:
  uint16_t listen(std::shared_ptr<http::TlsAcceptor> acceptor) {
    auto listener = io::listen_tcp(loop, "127.0.0.1", 0);
    uint16_t port = (*listener)->port();
    server_.listen(std::move(*listener), std::move(acceptor));
    return port;
  }
  // Which rule takes /a, and with which weights, changes; whose it is does not.
  void change_routes() {
    auto to = [this](char letter) {
      auto weight = static_cast<uint32_t>(random_.next() % 10);
      return Forward({{groups_[letter], weight, ""}, {groups_[letter], 10 - weight, ""}}, 0);
    };
    Condition condition;
    condition.patterns.emplace_back(random_.next() % 2 ? "/a/*" : "/a/?", Case::sensitive);
    auto routes = std::make_shared<Routes>(Routes{{}, {}, to('b')});
    routes->rules.push_back({static_cast<int>(1 + random_.next() % 9), {condition}, to('a')});
    routes->settings.port = plain_port;
    frontend_.set_routes(std::move(routes));
  }
  void drain_oldest(TargetGroup& group) {
    std::vector<uint16_t> live;
    for (const auto& status : group.statuses()) {
      if (status.health.state != TargetState::draining) live.push_back(status.port);
    }
    if (live.size() > live_targets_min) group.drain("127.0.0.1", live.front(), clock_.now() + 300s);
  }

  io::SystemClock clock_;
  SystemRandom ticket_random_;
  FastRandom random_{7};
  http::TestAuthority authority_;
  std::shared_ptr<http::TicketKeys> tickets_ = std::make_shared<http::TicketKeys>(clock_, ticket_random_);
  std::vector<std::shared_ptr<const http::TlsServerContext>> certificates_;
  std::shared_ptr<http::TlsAcceptor> acceptor_;
  std::map<char, std::shared_ptr<TargetGroup>> groups_;
  std::shared_ptr<FrontCounters> counters_ = std::make_shared<FrontCounters>();
  uint64_t logged_bytes_ = 0;
  Frontend frontend_{loop, clock_, 1, counters_};
  http::Server server_{loop, frontend_};
};

// Clients and targets.
class Outside {
 public:
  explicit Outside(Balancer& balancer)
      : balancer_(balancer), trusting_(*http::TlsClientContext::make({.authorities_pem = balancer.authorities()})) {
    balancer.on_gone = [this](uint16_t port) {
      loop.post([this, port] { targets_.erase(port); });
    };
    for (int i = 0; i < 2 * static_cast<int>(live_targets_min); ++i) start_target(i % 2 ? 'a' : 'b');
  }

  // Requests as fast as they are answered, or, with an interval, when they are due.
  Counts run(Duration length, Duration interval) {
    counts_ = {};
    next_ = 0;
    began_ = loop.exact_now();
    until_ = began_ + length;
    interval_ = interval;
    for (int i = 0; i < workers; ++i) users_.spawn(use(i));
    io::TaskSet churning;
    if (interval > Duration{0}) churning.spawn(keep_starting());
    while (users_.size() > 0) loop.run_once(1s);
    return counts_;
  }

  io::Loop loop;
  size_t started = 0;

 private:
  void start_target(char group) {
    auto listener = io::listen_tcp(loop, "127.0.0.1", 0);
    uint16_t port = (*listener)->port();
    targets_[port] = std::make_unique<Backend>(loop, group, std::move(*listener));
    balancer_.loop.post([this, group, port] { balancer_.add(group, port); });
    ++started;
  }
  io::Task<void> keep_starting() {
    while (true) {
      co_await loop.sleep_for(change_every);
      for (char group : {'a', 'b'}) start_target(group);
    }
  }
  std::unique_ptr<http::Client> connect(bool secure) {
    auto url = http::parse_url(secure ? "https://localhost:" + std::to_string(balancer_.secure_port) : "http://127.0.0.1:" + std::to_string(balancer_.plain_port));
    return std::make_unique<http::Client>(loop, *http::url_connector(loop, *url, trusting_));
  }
  io::Task<void> use(int number) {
    std::unique_ptr<http::Client> client;
    for (int made = 0; loop.exact_now() < until_; ++made) {
      if (made % requests_per_connection == 0) client = connect(number % 2 == 1);
      uint64_t turn = next_++;
      MonoTime due = began_ + turn * interval_;
      if (due > loop.exact_now()) co_await loop.sleep_until(due);
      bool to_a = turn % 2 == 0, upload = turn % 16 == 0;
      http::Request request;
      request.head.method = upload ? "POST" : "GET";
      request.head.target = to_a ? "/a/1" : "/b";
      request.head.headers.add("Host", "localhost");
      if (upload) request.body.assign(upload_bytes, 'x');
      auto response = co_await client->send(request);
      judge(response, (to_a ? "a" : "b") + std::to_string(request.body.size()));
    }
  }
  void judge(const Result<http::Response>& response, const std::string& expected) {
    if (!response || response->head.status != 200) {
      if (counts_.failed++ == 0) counts_.first_failure = response ? std::to_string(response->head.status) : response.error().message;
    } else if (response->body != expected) {
      ++counts_.misrouted;
    } else {
      ++counts_.answered;
    }
  }

  Balancer& balancer_;
  std::shared_ptr<const http::TlsClientContext> trusting_;
  std::map<uint16_t, std::unique_ptr<Backend>> targets_;
  Counts counts_;
  uint64_t next_ = 0;
  MonoTime began_{}, until_{};
  Duration interval_{0};
  io::TaskSet users_;
};

void expect_clean(const Counts& counts) {
  EXPECT_EQ(counts.failed, 0u) << counts.first_failure;
  EXPECT_EQ(counts.misrouted, 0u);
  EXPECT_GT(counts.answered, 0u);
}

TEST(Soak, NothingFailsWhileEverythingChangesAndMemoryStaysFlat) {
  const int seconds = soak_seconds();
  Balancer balancer;
  Outside outside(balancer);
  balancer.loop.run_once(0us);  // the first targets are registered
  std::thread balancing([&balancer] { balancer.loop.run(); });

  Counts most = outside.run(1s, Duration{0});
  expect_clean(most);
  Duration interval{static_cast<int64_t>(1e6 / (static_cast<double>(most.answered) * load_share))};
  io::TaskSet changing;
  balancer.loop.post([&] { changing.spawn(balancer.keep_changing()); });
  Counts first = outside.run(std::chrono::seconds(std::max(seconds / 5, 1)), interval);
  size_t early_kib = resident_kib();
  Counts rest = outside.run(std::chrono::seconds(seconds - std::max(seconds / 5, 1)), interval);
  size_t late_kib = resident_kib();
  balancer.loop.post([&] {
    changing.cancel_all();
    balancer.loop.stop();
  });
  balancing.join();

  expect_clean(first);
  expect_clean(rest);
  EXPECT_EQ(balancer.refusals(), 0u);
  EXPECT_EQ(balancer.handshakes().failed, 0u);
  EXPECT_GT(balancer.handshakes().handshakes, 0u);
  EXPECT_GT(balancer.changes, static_cast<size_t>(seconds));
#if !PDS_SANITIZED
  EXPECT_LT(late_kib, early_kib + early_kib / 10 + 4096);
#endif
  std::printf("%d s at %.0f requests/s: %llu answered, %llu failed, %llu misrouted; %zu changes, %zu targets, %llu handshakes; resident %zu then %zu KiB\n", seconds,
              1e6 / static_cast<double>(interval.count()), static_cast<unsigned long long>(first.answered + rest.answered),
              static_cast<unsigned long long>(first.failed + rest.failed), static_cast<unsigned long long>(first.misrouted + rest.misrouted), balancer.changes,
              outside.started, static_cast<unsigned long long>(balancer.handshakes().handshakes), early_kib, late_kib);
}

}  // namespace
}  // namespace pds::proxy
