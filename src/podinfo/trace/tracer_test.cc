#include "podinfo/trace/tracer.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "io/clock.h"
#include "podinfo/trace/test_collector.h"

namespace pds::podinfo::trace {
namespace {

using testing::HasSubstr;
using testing::Not;

struct TracerTest : testing::Test {
  io::ManualTime time;
  io::Loop loop{time};
  io::ManualClock clock{from_epoch_seconds(1'800'000'000)};
  SeededRandom random{1};
  TestCollector traces{loop}, logs{loop};
  std::vector<std::string> log;
  Logger logger{[this](std::string_view line) { log.emplace_back(line); }, LogLevel::debug};
  Settings settings;
  std::unique_ptr<Tracer> tracer;
  io::TaskSet running;
  std::optional<Result<void>> flushed;

  Tracer& make() {
    settings.traces = traces.endpoint(Protocol::http_protobuf);
    settings.logs = logs.endpoint(Protocol::http_protobuf);
    tracer = std::make_unique<Tracer>(loop, clock, random, logger, settings);
    return *tracer;
  }
  io::Task<void> flush_task() { flushed.emplace(co_await tracer->flush(loop.exact_now() + 1s)); }
  void flush() {
    flushed.reset();
    running.spawn(flush_task());
    pass(loop, 1s);
  }
  // All that a collector was sent.
  static std::string sent(const TestCollector& collector) {
    std::string out;
    for (const TestCollector::Call& call : collector.calls) out += call.message;
    return out;
  }
};

SpanContext remote(bool sampled) {
  SpanContext context{.sampled = sampled, .state = "vendor=1"};
  context.trace_id.fill(0xab);
  context.span_id.fill(0xcd);
  return context;
}

TEST_F(TracerTest, a_span_without_a_parent_begins_a_trace) {
  make();
  Span one = tracer->start("one", SpanKind::server, {}), two = tracer->start("two", SpanKind::server, {});
  EXPECT_TRUE(one.context.is_valid() && one.context.sampled);
  EXPECT_EQ(one.parent, decltype(one.parent){});
  EXPECT_NE(one.context.trace_id, two.context.trace_id);
  EXPECT_NE(one.context.span_id, two.context.span_id);
}

TEST_F(TracerTest, a_span_with_a_parent_goes_on_with_its_trace) {
  make();
  Span server = tracer->start("server", SpanKind::server, remote(true));
  Span child = tracer->start_child(server, "child", SpanKind::client);
  EXPECT_EQ(server.context.trace_id, remote(true).trace_id);
  EXPECT_EQ(server.parent, remote(true).span_id);
  EXPECT_EQ(server.context.state, "vendor=1");
  EXPECT_EQ(child.context.trace_id, server.context.trace_id);
  EXPECT_EQ(child.parent, server.context.span_id);
  EXPECT_NE(child.context.span_id, server.context.span_id);
  EXPECT_EQ(child.context.state, "vendor=1");
  EXPECT_TRUE(child.context.sampled);
}

TEST_F(TracerTest, of_a_trace_that_is_not_sampled_nothing_is_told) {
  make();
  Span server = tracer->start("server", SpanKind::server, remote(false));
  tracer->end(tracer->start_child(server, "child"), Scope::handlers);
  tracer->end(std::move(server), Scope::http_server);
  flush();
  EXPECT_TRUE(traces.calls.empty());
  EXPECT_TRUE(flushed && *flushed);
}

TEST_F(TracerTest, a_span_lasts_from_its_start_to_its_end_on_the_clock) {
  make();
  Span span = tracer->start("slow", SpanKind::server, {});
  span.set("key", "value");
  clock.advance(1500ms);
  Span expected = span;
  expected.ended = expected.began + 1500ms;
  tracer->end(std::move(span), Scope::http_server);
  flush();
  ASSERT_EQ(traces.calls.size(), 1u);
  EXPECT_EQ(traces.calls[0].message, encode_export(encode_resource({}), {{Scope::http_server, encode_span(expected)}}));
}

TEST_F(TracerTest, attributes_are_limited_in_number_and_length_but_not_within_a_character) {
  settings.attributes_max = 2;
  settings.value_bytes_max = 4;
  make();
  Span span = tracer->start("wide", SpanKind::server, {});
  span.set("a", "123456");
  span.set("b", "xxx\u00e4\u00e4");
  span.set("third", "gone");
  Span expected = span;
  expected.attributes = {{"a", "1234"}, {"b", "xxx"}};
  expected.ended = expected.began;
  tracer->end(std::move(span), Scope::handlers);
  flush();
  EXPECT_THAT(sent(traces), HasSubstr(encode_span(expected)));
}

TEST_F(TracerTest, what_is_no_utf8_is_told_as_utf8) {
  make();
  Span span = tracer->start("odd", SpanKind::server, {});
  span.set("url.path", "/caf\xe9");
  span.fail("\xff");
  Span expected = span;
  expected.attributes = {{"url.path", "/caf\xef\xbf\xbd"}};
  expected.status_message = "\xef\xbf\xbd";
  expected.ended = expected.began;
  tracer->end(std::move(span), Scope::http_server);
  flush();
  EXPECT_THAT(sent(traces), HasSubstr(encode_span(expected)));
}

TEST_F(TracerTest, a_line_of_the_log_is_a_record_with_its_trace) {
  make();
  tracer->take_line(R"({"ts":"2027-01-15T08:00:00Z","level":"warn","msg":"away","server":"primary","count":3,"share":0.5,"last":true,)"
                    R"("trace_id":"abababababababababababababababab","span_id":"cdcdcdcdcdcdcdcd"})");
  LogRecord expected{.at = clock.now(), .severity = 13, .severity_text = "warn", .body = "away", .context = remote(true)};
  expected.attributes = {{"server", "primary"}, {"count", int64_t{3}}, {"share", 0.5}, {"last", true}};
  flush();
  EXPECT_THAT(sent(logs), HasSubstr(encode_log(expected)));
  EXPECT_TRUE(traces.calls.empty());
}

TEST_F(TracerTest, a_line_outside_any_request_has_no_trace_and_what_is_no_line_is_no_record) {
  make();
  for (const char* line : {"", "[1]", "plain text", "{", R"({"level":"info","msg":"up","trace_id":"ab"})"}) tracer->take_line(line);
  LogRecord expected{.at = clock.now(), .severity = 9, .severity_text = "info", .body = "up"};
  flush();
  ASSERT_EQ(logs.calls.size(), 1u);
  EXPECT_NE(logs.calls[0].message.find("https://opentelemetry.io/schemas/1.7.0"), std::string::npos);
  EXPECT_EQ(logs.calls[0].message, encode_export(encode_resource({}), {{Scope::logs, encode_log(expected)}}));
}

TEST_F(TracerTest, each_signal_is_counted_for_itself) {
  settings.trace_batch.queue_max = 1;
  make();
  for (int i = 0; i < 3; ++i) tracer->end(tracer->start("one", SpanKind::server, {}), Scope::http_server);
  logs.answers = {{.status = 400}};
  tracer->take_line(R"({"level":"info","msg":"up"})");
  flush();
  EXPECT_THAT(tracer->metrics_text(), HasSubstr("podinfo_otel_lost_total{signal=\"traces\"} 2\n"));
  EXPECT_THAT(tracer->metrics_text(), HasSubstr("podinfo_otel_lost_total{signal=\"logs\"} 1\n"));
  EXPECT_TRUE(tracer->is_heard());  // of spans: lines alone say nothing about them
}

TEST_F(TracerTest, it_is_not_heard_while_spans_are_not_taken) {
  make();
  traces.away = true;
  tracer->end(tracer->start("one", SpanKind::server, {}), Scope::http_server);
  flush();
  EXPECT_FALSE(tracer->is_heard());
  traces.away = false;
  tracer->end(tracer->start("two", SpanKind::server, {}), Scope::http_server);
  flush();
  EXPECT_TRUE(tracer->is_heard());
}

TEST_F(TracerTest, a_collector_that_says_nothing_costs_one_who_cannot_wait_half_a_second_and_the_next_ones_nothing) {
  make();
  traces.answers.assign(10, {.silent = true});
  auto took = [this](Duration most) {
    tracer->end(tracer->start("one", SpanKind::server, {}), Scope::http_server);
    MonoTime before = time.now();
    io::TaskSet caller;
    caller.spawn(tracer->flush_soon(before + 10s));
    Duration waited{};
    for (; caller.size() > 0 && waited < most; waited += 10ms) pass(loop, 10ms);
    return waited;
  };
  EXPECT_EQ(took(2s), 500ms);
  EXPECT_FALSE(tracer->is_heard());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(took(2s), 0ms);
  pass(loop, 60s);
  EXPECT_EQ(took(2s), 100ms);
  EXPECT_EQ(took(2s), 0ms);
  traces.answers.clear();
  pass(loop, 60s);
  took(2s);
  EXPECT_TRUE(tracer->is_heard());
}

TEST_F(TracerTest, each_signal_is_sent_after_its_own_delay) {
  settings.trace_batch.delay = 5s;
  settings.log_batch.delay = 1s;
  make();
  running.spawn(tracer->export_traces());
  running.spawn(tracer->export_logs());
  tracer->end(tracer->start("one", SpanKind::server, {}), Scope::http_server);
  tracer->take_line(R"({"level":"info","msg":"up"})");
  pass(loop, 1h);
  EXPECT_THAT(traces.milliseconds(), testing::ElementsAre(5000));
  EXPECT_THAT(logs.milliseconds(), testing::ElementsAre(1000));
}

TEST_F(TracerTest, a_setting_that_is_not_used_is_named_in_the_log) {
  settings.warnings = {"OTEL_BSP_SCHEDULE_DELAY: it is no number"};
  make();
  EXPECT_THAT(join(log, "\n"), HasSubstr("OTEL_BSP_SCHEDULE_DELAY"));
}

}  // namespace
}  // namespace pds::podinfo::trace
