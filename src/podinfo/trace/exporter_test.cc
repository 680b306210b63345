#include "podinfo/trace/exporter.h"

#include <gmock/gmock.h>

#include "podinfo/trace/test_collector.h"

namespace pds::podinfo::trace {
namespace {

using Answer = TestCollector::Answer;
constexpr const char* grpc_path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

struct ExporterTest : testing::Test {
  io::ManualTime time;
  io::Loop loop{time};
  TestCollector collector{loop};
  io::TaskSet sending;
  std::optional<Result<void>> outcome;

  io::Task<void> send_task(Exporter& exporter, std::string message, Duration patience) {
    outcome.emplace(co_await exporter.send(std::move(message), loop.exact_now() + patience));
  }
  // Until it has come to something; the time that took.
  Duration send(Exporter& exporter, std::string message = "message", Duration patience = 30s) {
    outcome.reset();
    MonoTime began = time.now();
    sending.spawn(send_task(exporter, std::move(message), patience));
    while (!outcome) loop.run_once(1h);
    return std::chrono::duration_cast<Duration>(time.now() - began);
  }
  // "taken", "again" for what may pass, "given up".
  std::string verdict(Protocol protocol, Answer answer) {
    size_t before = collector.calls.size();
    collector.answers = {answer};
    Exporter exporter(loop, collector.endpoint(protocol), grpc_path);
    send(exporter);
    collector.answers.clear();
    bool again = collector.calls.size() - before == 2;
    if (!*outcome) EXPECT_EQ(outcome->error().code, "E_COLLECTOR");
    return !*outcome ? "given up" : again ? "again" : "taken";
  }
};

TEST_F(ExporterTest, http_statuses_say_whether_to_try_again) {
  const std::map<std::string, std::vector<int>> verdicts = {
      {"taken", {200, 202, 204}},
      {"again", {429, 502, 503, 504}},
      {"given up", {301, 400, 401, 403, 404, 408, 413, 415, 500, 501, 505}},
  };
  for (const auto& [expected, statuses] : verdicts) {
    for (int status : statuses) EXPECT_EQ(verdict(Protocol::http_protobuf, {.status = status}), expected) << status;
  }
}

TEST_F(ExporterTest, grpc_statuses_say_whether_to_try_again) {
  const std::map<std::string, std::vector<std::string>> verdicts = {
      {"taken", {"0"}},
      // CANCELLED, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS
      {"again", {"1", "4", "8", "10", "11", "14", "15"}},
      {"given up", {"2", "3", "5", "6", "7", "9", "12", "13", "16", "17", "", "x"}},
  };
  for (const auto& [expected, statuses] : verdicts) {
    for (const std::string& status : statuses) {
      EXPECT_EQ(verdict(Protocol::grpc, {.grpc_status = status}), expected) << status;
      EXPECT_EQ(verdict(Protocol::grpc, {.grpc_status = status, .in_trailers = true}), expected) << status;
    }
  }
  EXPECT_EQ(verdict(Protocol::grpc, {.status = 503, .grpc_status = ""}), "again");
  EXPECT_EQ(verdict(Protocol::grpc, {.status = 404, .grpc_status = ""}), "given up");
}

TEST_F(ExporterTest, errors_name_the_status_and_whether_it_was_for_good) {
  Exporter exporter(loop, collector.endpoint(Protocol::http_protobuf), grpc_path);
  collector.answers = {{.status = 401}};
  send(exporter, "secret");
  EXPECT_EQ(outcome->error().message, "HTTP status 401");
  EXPECT_FALSE(outcome->error().retryable);
  collector.answers = {{.status = 503, .retry_after = "3600"}};
  send(exporter, "secret");
  EXPECT_EQ(outcome->error().message, "HTTP status 503");
  EXPECT_TRUE(outcome->error().retryable);
}

TEST_F(ExporterTest, pauses_double_up_to_five_seconds) {
  Exporter exporter(loop, collector.endpoint(Protocol::http_protobuf), grpc_path);
  collector.answers.assign(100, {.status = 503});
  send(exporter, "message", 25s);
  EXPECT_THAT(collector.milliseconds(), testing::ElementsAre(0, 100, 300, 700, 1500, 3100, 6300, 11300, 16300, 21300));
  EXPECT_FALSE(*outcome);
}

TEST_F(ExporterTest, it_is_not_asked_sooner_than_it_says) {
  Exporter exporter(loop, collector.endpoint(Protocol::http_protobuf), grpc_path);
  collector.answers = {{.status = 429, .retry_after = "7"}, {.status = 503, .retry_after = "soon"}, {.status = 503, .retry_after = "-1"}};
  send(exporter);
  EXPECT_THAT(collector.milliseconds(), testing::ElementsAre(0, 7000, 7200, 7600));
  EXPECT_TRUE(*outcome);
}

TEST_F(ExporterTest, a_pause_that_would_end_too_late_is_not_made) {
  Exporter exporter(loop, collector.endpoint(Protocol::http_protobuf), grpc_path);
  collector.answers = {{.status = 503, .retry_after = "60"}};
  EXPECT_EQ(send(exporter, "message", 30s), 0us);
  EXPECT_FALSE(*outcome);
}

TEST_F(ExporterTest, one_that_does_not_answer_is_asked_again_until_the_time_is_over) {
  for (Protocol protocol : {Protocol::http_protobuf, Protocol::grpc}) {
    collector.calls.clear();
    EndpointSettings settings = collector.endpoint(protocol);
    settings.timeout = 10s;
    Exporter exporter(loop, std::move(settings), grpc_path);
    collector.answers.assign(100, {.silent = true});
    EXPECT_EQ(send(exporter, "message", 15s), 15s);
    EXPECT_EQ(collector.calls.size(), 2u);
    EXPECT_EQ(outcome->error().message, "E_TIMEOUT");
    collector.answers.clear();
    send(exporter);
    EXPECT_TRUE(*outcome);
  }
}

TEST_F(ExporterTest, one_that_is_away_is_found_when_it_comes) {
  for (Protocol protocol : {Protocol::http_protobuf, Protocol::grpc}) {
    collector.away = true;
    Exporter exporter(loop, collector.endpoint(protocol), grpc_path);
    io::Timer comes(loop, [this] { collector.away = false; });
    comes.start(time.now() + 1s);
    EXPECT_EQ(send(exporter), 1500ms);
    EXPECT_TRUE(*outcome);
    collector.away = true;
    Exporter other(loop, collector.endpoint(protocol), grpc_path);
    send(other, "message", 1s);
    EXPECT_EQ(outcome->error().message, "E_CONNECT");
  }
}

TEST_F(ExporterTest, an_answer_without_an_end_is_none) {
  Exporter exporter(loop, collector.endpoint(Protocol::http_protobuf), grpc_path);
  collector.answers = {{.body = std::string(100'000, 'x')}};
  send(exporter);
  EXPECT_EQ(collector.calls.size(), 2u);
  EXPECT_TRUE(*outcome);
}

TEST_F(ExporterTest, http_requests_are_as_the_specification_has_them) {
  EndpointSettings settings = collector.endpoint(Protocol::http_protobuf);
  settings.headers.add("api-key", "k");
  Exporter plain(loop, settings, grpc_path);
  send(plain, "message");
  settings.gzip = true;
  Exporter packed(loop, settings, grpc_path);
  send(packed, "message");
  for (const TestCollector::Call& call : collector.calls) {
    EXPECT_EQ(call.head.method + " " + call.head.target, "POST /v1/traces");
    EXPECT_EQ(call.head.headers.get("content-type", ""), "application/x-protobuf");
    EXPECT_EQ(call.head.headers.get("api-key", ""), "k");
  }
  EXPECT_EQ(collector.calls[0].message, "message");
  EXPECT_FALSE(collector.calls[0].head.headers.find("content-encoding"));
  EXPECT_EQ(inflate_gzip(collector.calls[1].message, 100).value_or(""), "message");
  EXPECT_EQ(collector.calls[1].head.headers.get("content-encoding", ""), "gzip");
}

TEST_F(ExporterTest, grpc_requests_are_as_the_specification_has_them) {
  EndpointSettings settings = collector.endpoint(Protocol::grpc);
  Exporter plain(loop, settings, grpc_path);
  send(plain, "message");
  settings.gzip = true;
  Exporter packed(loop, settings, grpc_path);
  send(packed, "message");
  for (const TestCollector::Call& call : collector.calls) {
    EXPECT_EQ(call.head.method + " " + call.head.target, std::string("POST ") + grpc_path);
    EXPECT_EQ(call.head.headers.get("content-type", ""), "application/grpc");
    EXPECT_EQ(call.head.headers.get("te", ""), "trailers");
  }
  EXPECT_EQ(collector.calls[0].message, grpc_frame("message", false));
  EXPECT_EQ(collector.calls[1].message, grpc_frame(deflate_gzip("message"), true));
  EXPECT_EQ(collector.calls[1].head.headers.get("grpc-encoding", ""), "gzip");
}

}  // namespace
}  // namespace pds::podinfo::trace
