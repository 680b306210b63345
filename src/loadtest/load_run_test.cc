#include "loadtest/load_run.h"

#include <gtest/gtest.h>

#include "http/server.h"
#include "io/clock.h"
#include "loadtest/recorder.h"

namespace pds::loadtest {
namespace {

struct Peer {
  int answers = 0;
  int fail_every = 0;
  std::string host;
  std::string version = "1.0.0";
  bool version_in_body = false;
  io::Event open;  // answers wait for it

  static io::Task<http::Response> answer(Peer& self, http::Request request) {
    co_await self.open.wait();
    self.host = request.head.headers.get("host");
    ++self.answers;
    if (self.fail_every && self.answers % self.fail_every == 0) co_return http::Response::text(500, "broken");
    http::Response response = http::Response::json(200, self.version_in_body ? "{\"version\":\"" + self.version + "\"}" : "{}");
    if (!self.version_in_body) response.head.headers.add("X-Podinfo-Version", self.version);
    co_return response;
  }
};

struct LoadTestTest : testing::Test {
  io::Loop loop;
  io::SystemClock clock;
  Peer peer;
  http::BufferedService::Handler handler = [this](http::Request request) { return Peer::answer(peer, std::move(request)); };
  http::BufferedService service{handler};
  http::Server server{loop, service};
  std::string url;

  void SetUp() override {
    auto listener = *io::listen_tcp(loop, "127.0.0.1", 0);
    url = "http://127.0.0.1:" + std::to_string(listener->port()) + "/version";
    server.listen(std::move(listener));
    peer.open.set();
  }
  LoadReport run(LoadPlan plan) {
    auto test = LoadTest::create(loop, clock, std::move(plan));
    EXPECT_TRUE(test);
    return io::run_until_done(loop, (*test)->run());
  }
};

TEST_F(LoadTestTest, SendsExactlyWhatIsDue) {
  LoadReport report = run({.targets = {{"a", url, "app.example"}, {"b", url, ""}}, .rate = 400, .duration = 250ms});
  ASSERT_EQ(report.targets.size(), 2u);
  for (const TargetReport& target : report.targets) {
    EXPECT_EQ(target.sent, 100u);
    EXPECT_EQ(target.succeeded, 100u);
    EXPECT_EQ(target.versions.at("1.0.0"), 100u);
    EXPECT_EQ(target.latency.count(), 100u);
  }
  EXPECT_EQ(peer.answers, 200);
  EXPECT_EQ(report.failed(), 0u);
  EXPECT_GE(report.duration, 240ms);
}

TEST_F(LoadTestTest, AsksForTheHostItWasTold) {
  run({.targets = {{"a", url, "app.example"}}, .rate = 100, .duration = 10ms});
  EXPECT_EQ(peer.host, "app.example");
}

TEST_F(LoadTestTest, CountsFailuresByKindAndSaysWhen) {
  peer.fail_every = 4;
  peer.version_in_body = true;
  LoadReport report = run({.targets = {{"a", url, ""}}, .rate = 400, .duration = 100ms});
  EXPECT_EQ(report.targets[0].errors.at("status 500"), 10u);
  EXPECT_EQ(report.targets[0].versions.at("1.0.0"), 30u);
  EXPECT_EQ(report.targets[0].failed, 10u);
  EXPECT_GE(report.targets[0].first_failure, 0s);
  EXPECT_GT(report.targets[0].last_failure, report.targets[0].first_failure);
  LoadReport refused = run({.targets = {{"a", "http://127.0.0.1:1/", ""}}, .rate = 100, .duration = 50ms});
  EXPECT_EQ(refused.targets[0].errors.at("E_CONNECT"), 5u);
}

// Were latency taken from the moment of sending, or sending held back by answers, the stall would show in a few requests only.
TEST_F(LoadTestTest, AStallIsChargedToEveryRequestThatWasDueMeanwhile) {
  peer.open.reset();
  io::Timer opener(loop, [this] { peer.open.set(); });
  opener.start(std::chrono::steady_clock::now() + 200ms);
  LoadReport report = run({.targets = {{"a", url, ""}}, .rate = 200, .duration = 400ms});
  EXPECT_EQ(report.targets[0].succeeded, 80u);
  uint64_t slow = 0;
  report.targets[0].latency.each([&](double micros, uint64_t count) { slow += micros > 50'000 ? count : 0; });
  EXPECT_GE(slow, 28u);  // those due in the first 150 ms, 30 of them
  EXPECT_GE(report.targets[0].latency.max(), 190'000u);
}

TEST_F(LoadTestTest, GivesUpOnARequestWhenItsTimeIsOver) {
  peer.open.reset();
  LoadReport report = run({.targets = {{"a", url, ""}}, .rate = 100, .duration = 30ms, .timeout = 20ms});
  EXPECT_EQ(report.targets[0].errors.at("E_TIMEOUT"), 3u);
  peer.open.set();  // for those the server still holds
}

TEST_F(LoadTestTest, WhatIsDueBeyondItsConnectionsFails) {
  peer.open.reset();
  io::Timer opener(loop, [this] { peer.open.set(); });
  opener.start(std::chrono::steady_clock::now() + 50ms);
  LoadReport report = run({.targets = {{"a", url, ""}}, .rate = 1000, .duration = 40ms, .connections_max = 5});
  EXPECT_EQ(report.targets[0].succeeded, 5u);
  EXPECT_EQ(report.targets[0].errors.at("E_SATURATED"), 35u);
}

TEST_F(LoadTestTest, StopsWhenToldAndKeepsPhasesApart) {
  auto test = *LoadTest::create(loop, clock, {.targets = {{"a", url, ""}}, .rate = 200});
  test->begin_phase("before");
  io::Timer shift(loop, [&] {
    peer.version = "1.1.0";
    test->begin_phase("after");
  });
  io::Timer stop(loop, [&] { test->stop(); });
  shift.start(std::chrono::steady_clock::now() + 50ms);
  stop.start(std::chrono::steady_clock::now() + 120ms);
  LoadReport report = io::run_until_done(loop, test->run());
  const TargetReport& target = report.targets[0];
  ASSERT_EQ(target.phases.size(), 2u);
  EXPECT_EQ(target.phases[0].succeeded + target.phases[1].succeeded, target.succeeded);
  EXPECT_GT(target.phases[0].versions.at("1.0.0"), 0u);
  EXPECT_GT(target.phases[1].versions.at("1.1.0"), 0u);
  EXPECT_EQ(target.failed, 0u);
  EXPECT_EQ(target.sent, target.succeeded);
}

TEST_F(LoadTestTest, RefusesPlansThatMakeNoSense) {
  for (LoadPlan plan :
       {LoadPlan{}, LoadPlan{.targets = {{"a", "nonsense", ""}}}, LoadPlan{.targets = {{"a", url, ""}}, .rate = 0},
        LoadPlan{.targets = {{"a", url, ""}}, .rate = 1e9}, LoadPlan{.targets = {{"a", url, ""}}, .connections_max = 0}}) {
    EXPECT_FALSE(LoadTest::create(loop, clock, plan));
  }
}

TEST(Recorder, KeepsOneLinePerSecondAndBoundsNames) {
  Recorder recorder("a", "u");
  MonoTime start{};
  recorder.start(start);
  recorder.succeeded(start + 100ms, 1ms, "1");
  recorder.succeeded(start + 900ms, 3ms, "1");
  recorder.failed(start + 2100ms, 5ms, "status 500", "2");
  TargetReport report = recorder.report();
  ASSERT_EQ(report.seconds.size(), 2u);
  EXPECT_EQ(report.seconds[0].succeeded, 2u);
  EXPECT_EQ(report.seconds[0].versions.at("1"), 2u);
  EXPECT_EQ(report.seconds[0].max, 3000);
  EXPECT_EQ(report.seconds[1].offset, 2);
  EXPECT_EQ(report.seconds[1].failed, 1u);
  for (int i = 0; i < 1000; ++i) recorder.succeeded(start + 3s, 1ms, std::to_string(i));
  EXPECT_LE(recorder.report().versions.size(), 65u);
}

TEST(Report, IsWrittenAsJson) {
  Recorder recorder("fleet", "http://x/");
  recorder.start(MonoTime{});
  recorder.sent();
  recorder.failed(MonoTime{} + 1500ms, 5ms, "E_CLOSED", "");
  LoadReport report{from_epoch_seconds(0), 2s, 10, {recorder.report()}};
  json::object out = report.to_json();
  EXPECT_EQ(out.at("failed"), 1);
  const json::object& target = out.at("targets").as_array().at(0).as_object();
  EXPECT_EQ(target.at("first_failure_seconds"), 1.5);
  EXPECT_EQ(target.at("latency").at("p99_ms"), 5.0);
  EXPECT_EQ(target.at("errors").at("E_CLOSED"), 1);
  EXPECT_EQ(target.at("seconds").at(0).at("second"), 1);
}

}  // namespace
}  // namespace pds::loadtest
