#include "podinfo/backend_way.h"

#include <gmock/gmock.h>

#include <deque>

#include "base/crypto.h"
#include "io/clock.h"
#include "podinfo/app.h"
#include "podinfo/trace/test_collector.h"

namespace pds::podinfo {
namespace {

// Backends in memory: the next connection is played by the next script.
class ScriptedBackend final : public io::Connector {
 public:
  using Script = io::Task<void> (*)(std::unique_ptr<io::Stream> stream);
  explicit ScriptedBackend(io::Loop& loop) : loop_(loop) {}
  io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline) override {
    if (scripts.empty()) co_return fail_world("E_CONNECT", "nobody is there");
    io::StreamPair pair = io::make_stream_pair(loop_, 1000);
    playing_.spawn(scripts.front()(std::move(pair.b)));
    scripts.pop_front();
    co_return std::move(pair.a);
  }
  std::string destination() const override { return "backend:80"; }
  std::deque<Script> scripts;

 private:
  io::Loop& loop_;
  io::TaskSet playing_;
};

constexpr std::string_view body = "hello";

io::Task<bool> answer_one(io::Stream& stream) {
  std::string received;
  char room[4096];
  while (!received.ends_with(body)) {
    Result<size_t> got = co_await io::read_some(stream, room, io::never);
    if (!got || *got == 0) co_return false;
    received.append(room, *got);
  }
  Result<void> sent = co_await io::write_all(stream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", io::never);
  co_return sent.has_value();
}
io::Task<void> answer_all(std::unique_ptr<io::Stream> stream) {
  while (co_await answer_one(*stream)) {
  }
}
io::Task<void> answer_and_close(std::unique_ptr<io::Stream> stream) { co_await answer_one(*stream); }
io::Task<void> refuse_before_the_end(std::unique_ptr<io::Stream> stream) {
  char room[500];
  [[maybe_unused]] Result<size_t> got = co_await io::read_some(*stream, room, io::never);
  [[maybe_unused]] Result<void> sent =
      co_await io::write_all(*stream, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig", io::never);
}
io::Task<void> say_nothing(std::unique_ptr<io::Stream>) {
  io::Event never;
  co_await never.wait();
}
io::Task<void> stop_within_the_answer(std::unique_ptr<io::Stream> stream) {
  [[maybe_unused]] Result<void> sent = co_await io::write_all(*stream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", io::never);
}

// Told or not, a call comes to the same.
struct BackendWayTest : testing::TestWithParam<bool> {
  io::ManualTime time;
  io::Loop loop{time};
  io::ManualClock clock{from_epoch_seconds(1'800'000'000)};
  SeededRandom random{1};
  Logger logger = silent_logger();
  trace::TestCollector collector{loop};
  trace::Tracer tracer{loop, clock, random, logger, {.traces = collector.endpoint(trace::Protocol::http_protobuf)}};
  Endpoint endpoint{"/echo", Endpoint::Match::exact, 0, "echo", Endpoint::Answer{}};
  http::RequestHead head{.method = "POST", .target = "/echo"};
  Call call{head, "", "", ""};
  std::shared_ptr<ScriptedBackend> backend = std::make_shared<ScriptedBackend>(loop);
  std::unique_ptr<BackendWay> way = std::make_unique<BackendWay>(loop, BackendWay::Place{"backend", 80}, backend, nullptr, http::ClientOptions());

  struct NoBody final : http::Body {
    io::Task<Result<std::string_view>> read() override { co_return std::string_view(); }
    std::optional<uint64_t> length() const override { return 0; }
    const http::Headers& trailers() const override { return none; }
    http::Headers none;
  };
  io::Task<Result<http::Response>> send_told(const http::Request& request) {
    NoBody none;
    http::ServerRequest from{.head = head, .body = none, .peer = "memory"};
    RequestTrace trace(tracer, endpoint, "shop", "", call, from);
    trace::Span span = trace.start_call("HTTP POST");
    CallParts parts(trace, span);
    co_return co_await way->send(request, &parts);
  }
  // The answer's status and body, or the error.
  std::string send(std::string text = std::string(body)) {
    http::Request request{.head = {.method = "POST", .target = "/"}, .body = std::move(text)};
    request.head.headers.add("Host", "backend");
    Result<http::Response> answer = io::run_until_done(loop, GetParam() ? send_told(request) : way->send(request, nullptr));
    trace::settle(loop);
    return answer ? std::to_string(answer->head.status) + " " + answer->body : answer.error().code;
  }
  // How many spans of that name were told.
  size_t told(std::string_view name) {
    [[maybe_unused]] Result<void> flushed = io::run_until_done(loop, tracer.flush(loop.exact_now() + 1s));
    size_t count = 0;
    for (const auto& sent : collector.calls) {
      for (size_t at = 0; (at = sent.message.find(name, at)) != std::string::npos; ++at) ++count;
    }
    return count;
  }
};

TEST_P(BackendWayTest, a_connection_is_kept_for_the_next_call) {
  backend->scripts = {answer_all};
  EXPECT_EQ(send(), "200 ok");
  EXPECT_EQ(send(), "200 ok");
  EXPECT_EQ(told("http.connect"), GetParam() ? 1u : 0u);
  EXPECT_EQ(told("http.getconn"), GetParam() ? 2u : 0u);
}

TEST_P(BackendWayTest, one_that_was_closed_meanwhile_is_replaced) {
  backend->scripts = {answer_and_close, answer_all};
  EXPECT_EQ(send(), "200 ok");
  EXPECT_EQ(send(), "200 ok");
  EXPECT_TRUE(backend->scripts.empty());
}

TEST_P(BackendWayTest, failures_are_those_of_the_client) {
  EXPECT_EQ(send(), "E_CONNECT");
  backend->scripts = {say_nothing};
  EXPECT_EQ(send(), "E_TIMEOUT");
  backend->scripts = {say_nothing};
  EXPECT_EQ(send(std::string(100'000, 'x')), "E_TIMEOUT");
  backend->scripts = {stop_within_the_answer};
  EXPECT_EQ(send(), "E_CLOSED");
}

TEST_P(BackendWayTest, who_is_told_of_one_call_is_not_told_of_the_next) {
  backend->scripts = {answer_and_close, answer_all};
  EXPECT_EQ(send(), "200 ok");
  http::Request request{.head = {.method = "POST", .target = "/"}, .body = std::string(body)};
  request.head.headers.add("Host", "backend");
  EXPECT_TRUE(io::run_until_done(loop, way->send(request, nullptr)));
  EXPECT_EQ(told("http.connect"), GetParam() ? 1u : 0u);
}

INSTANTIATE_TEST_SUITE_P(ToldOrNot, BackendWayTest, testing::Bool());

// The client alone loses this answer.
struct ToldCallTest : BackendWayTest {};

TEST_P(ToldCallTest, an_answer_counts_more_than_what_could_not_be_sent) {
  backend->scripts = {refuse_before_the_end};
  EXPECT_EQ(send(std::string(100'000, 'x')), "413 big");
}

INSTANTIATE_TEST_SUITE_P(Told, ToldCallTest, testing::Values(true));

}  // namespace
}  // namespace pds::podinfo
