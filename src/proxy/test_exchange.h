// For tests: a client, a balancer and targets, joined by memory.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/client.h"
#include "http/server.h"
#include "io/clock.h"
#include "proxy/fake_target.h"
#include "proxy/frontend.h"

namespace pds::proxy {

class Exchanges : public ::testing::Test {
 protected:
  Exchanges() { group_settings_.health.enabled = false; }  // targets are `unavailable`, which gets requests

  void SetUp() override {
    frontend_.set_access_log([this](std::string_view line) { log_.emplace_back(line); });
    server_ = std::make_unique<http::Server>(loop_, frontend_);
  }
  void TearDown() override {
    server_.reset();
    client_tasks_.cancel_all();
  }

  std::shared_ptr<TargetGroup> make_group(const std::string& name = "tg") {
    group_settings_.name = name;
    auto group = std::make_shared<TargetGroup>(loop_, clock_, name, group_settings_);
    group->set_in_use(true);
    return group;
  }
  std::shared_ptr<FakeTarget> add(TargetGroup& group, std::vector<std::string> answers, const std::string& id = "t") {
    auto target = std::make_shared<FakeTarget>(
        loop_, [this, answers](std::unique_ptr<io::Stream> stream) { return say(std::move(stream), answers, &seen_); });
    group.add(spec_of(id, target));
    return target;
  }
  void route_to(std::vector<Forward::Choice> choices, int sticky = 0) {
    auto routes = std::make_shared<Routes>(Routes{{}, {}, Forward(std::move(choices), sticky)});
    routes->settings.load_balancer_id = "app/lb/1";
    frontend_.set_routes(routes);
  }
  void route_to(std::shared_ptr<TargetGroup> group) { route_to({{std::move(group), 1, ""}}); }

  // Sends bytes as a client, and gathers all that comes back until `complete`.
  struct Conversation {
    std::unique_ptr<io::Stream> stream;
    std::string received;
    bool ended = false;
  };
  static io::Task<void> listen(Conversation& conversation) {
    char piece[8192];
    for (;;) {
      auto got = co_await io::read_some(*conversation.stream, piece, io::never);
      if (!got || *got == 0) break;
      conversation.received.append(piece, *got);
    }
    conversation.ended = true;
  }
  static io::Task<void> speak(Conversation& conversation, std::string bytes) {
    [[maybe_unused]] auto sent = co_await io::write_all(*conversation.stream, bytes, io::never);
  }
  Conversation& connect() {
    io::StreamPair pair = io::make_stream_pair(loop_);
    server_->serve(std::move(pair.b), 80);
    conversations_.push_back(std::make_unique<Conversation>(Conversation{std::move(pair.a), "", false}));
    client_tasks_.spawn(listen(*conversations_.back()));
    return *conversations_.back();
  }
  void send(Conversation& conversation, std::string bytes) { client_tasks_.spawn(speak(conversation, std::move(bytes))); }
  std::string ask(std::string bytes) {
    Conversation& conversation = connect();
    send(conversation, std::move(bytes));
    EXPECT_TRUE(run_until(loop_, [&] { return conversation.ended; })) << conversation.received;
    return conversation.received;
  }
  std::string get(const std::string& extra = "") {
    return ask("GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n" + extra + "\r\n");
  }

  io::Loop loop_;
  io::ManualClock clock_{from_epoch_seconds(1'000'000)};
  io::SystemClock real_;
  TargetGroupSettings group_settings_;
  std::shared_ptr<FrontCounters> counters_ = std::make_shared<FrontCounters>();
  Frontend frontend_{loop_, real_, 42, counters_};
  std::unique_ptr<http::Server> server_;
  std::vector<std::unique_ptr<Conversation>> conversations_;
  io::TaskSet client_tasks_;
  std::vector<std::string> seen_, log_;
};

}  // namespace pds::proxy
