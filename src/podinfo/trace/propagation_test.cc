#include "podinfo/trace/propagation.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace pds::podinfo::trace {
namespace {

using enum Propagator;

constexpr const char* trace_hex = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr const char* span_hex = "00f067aa0ba902b7";

http::Headers fields(std::initializer_list<std::pair<std::string, std::string>> all) {
  http::Headers headers;
  for (const auto& [name, value] : all) headers.add(name, value);
  return headers;
}

// "trace span sampled", or "none".
std::string brief(const SpanContext& context) {
  if (!context.is_valid()) return "none";
  auto hex = [](const auto& id) { return to_hex({reinterpret_cast<const char*>(id.data()), id.size()}); };
  return hex(context.trace_id) + " " + hex(context.span_id) + (context.sampled ? " 1" : " 0");
}
std::string read(Propagator propagator, std::initializer_list<std::pair<std::string, std::string>> all) {
  return brief(extract(fields(all), {propagator}).context);
}

const std::string trace_text = trace_hex, span_text = span_hex, sampled = trace_text + " " + span_text + " 1", unsampled = trace_text + " " + span_text + " 0";

TEST(Propagation, reads_traceparent_as_w3c_has_it) {
  auto read_parent = [](const std::string& value) { return read(tracecontext, {{"traceparent", value}}); };
  EXPECT_EQ(read_parent("00-" + trace_text + "-" + span_text + "-01"), sampled);
  EXPECT_EQ(read_parent("00-" + trace_text + "-" + span_text + "-00"), unsampled);
  EXPECT_EQ(read_parent("00-" + trace_text + "-" + span_text + "-03"), sampled);
  EXPECT_EQ(read_parent("cc-" + trace_text + "-" + span_text + "-01-what-comes-later"), sampled);
  for (const std::string& bad :
       {std::string(), "00-" + trace_text + "-" + span_text, "ff-" + trace_text + "-" + span_text + "-01", "00-" + trace_text + "-" + span_text + "-01-more",
        "cc-" + trace_text + "-" + span_text + "-01more", "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + span_text + "-01", "00-" + std::string(32, '0') + "-" + span_text + "-01",
        "00-" + trace_text + "-" + std::string(16, '0') + "-01", "00-" + trace_text + "-" + span_text + "-0x", "00_" + trace_text + "-" + span_text + "-01",
        "00-" + trace_text + "-" + span_text + "-1"})
    EXPECT_EQ(read_parent(bad), "none") << bad;
  std::string good = "00-" + trace_text + "-" + span_text + "-01";
  EXPECT_EQ(read(tracecontext, {{"traceparent", good}, {"traceparent", good}}), "none");
}

TEST(Propagation, keeps_a_sound_tracestate_and_no_other) {
  std::string parent = "00-" + trace_text + "-" + span_text + "-01";
  auto state = [&parent](std::vector<std::string> values) {
    http::Headers headers = fields({{"traceparent", parent}});
    for (const std::string& value : values) headers.add("tracestate", value);
    return extract(headers, {tracecontext}).context.state;
  };
  EXPECT_EQ(state({"a=1"}), "a=1");
  EXPECT_EQ(state({"a=1", "b=2"}), "a=1,b=2");
  EXPECT_EQ(state({"nonsense"}), "");
  EXPECT_EQ(state({"a=" + std::string(600, 'x')}), "");
  std::string many = "a=1";
  for (int i = 0; i < 32; ++i) many += ",k" + std::to_string(i) + "=1";
  EXPECT_EQ(state({many}), "");
  EXPECT_EQ(extract(fields({{"tracestate", "a=1"}}), {tracecontext}).context.state, "");
}

TEST(Propagation, reads_b3_in_one_field_or_in_many) {
  EXPECT_EQ(read(b3, {{"b3", trace_text + "-" + span_text + "-1"}}), sampled);
  EXPECT_EQ(read(b3, {{"b3", trace_text + "-" + span_text + "-d-" + span_text}}), sampled);
  EXPECT_EQ(read(b3, {{"b3", trace_text + "-" + span_text}}), unsampled);
  EXPECT_EQ(read(b3, {{"b3", "A3CE929D0E0E4736-" + span_text + "-1"}}), "0000000000000000a3ce929d0e0e4736 " + span_text + " 1");
  for (const std::string& bad : {std::string("0"), std::string("1"), trace_text, trace_text + "-" + span_text + "-x", trace_text + "-1234-1", "xyz-" + span_text,
                                 trace_text + "-" + span_text + "-1-1-1"})
    EXPECT_EQ(read(b3, {{"b3", bad}}), "none") << bad;
  std::initializer_list<std::pair<std::string, std::string>> many = {{"X-B3-TraceId", trace_text}, {"X-B3-SpanId", span_text}, {"X-B3-Sampled", "true"}};
  EXPECT_EQ(read(b3, many), sampled);
  EXPECT_EQ(read(b3multi, many), sampled);
  EXPECT_EQ(read(b3multi, {{"X-B3-TraceId", trace_text}, {"X-B3-SpanId", span_text}, {"X-B3-Flags", "1"}}), sampled);
  EXPECT_EQ(read(b3multi, {{"X-B3-TraceId", trace_text}, {"X-B3-Sampled", "1"}}), "none");
}

TEST(Propagation, reads_jaeger_opentracing_and_xray) {
  EXPECT_EQ(read(jaeger, {{"uber-trace-id", trace_text + ":" + span_text + ":0:1"}}), sampled);
  EXPECT_EQ(read(jaeger, {{"uber-trace-id", trace_text + "%3A" + span_text + "%3A0%3A2"}}), unsampled);
  EXPECT_EQ(read(jaeger, {{"uber-trace-id", "1:2:0:1"}}), std::string(31, '0') + "1 " + std::string(15, '0') + "2 1");
  for (const char* bad : {"", "1:2:0", "0:2:0:1", "1:0:0:1", "x:2:0:1", "1:2:0:", "1:2:0:123", "%"}) EXPECT_EQ(read(jaeger, {{"uber-trace-id", bad}}), "none") << bad;
  EXPECT_EQ(read(ottrace, {{"ot-tracer-traceid", trace_text}, {"ot-tracer-spanid", span_text}, {"ot-tracer-sampled", "true"}}), sampled);
  EXPECT_EQ(read(ottrace, {{"ot-tracer-traceid", "12"}, {"ot-tracer-spanid", span_text}}), "none");
  std::string root = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736";
  EXPECT_EQ(read(xray, {{"X-Amzn-Trace-Id", root + ";Parent=" + span_text + ";Sampled=1"}}), sampled);
  EXPECT_EQ(read(xray, {{"X-Amzn-Trace-Id", "Sampled=?;Parent=" + span_text + ";Lineage=a:1;" + root}}), unsampled);
  for (const std::string& bad : {root, root + ";Parent=12", "Root=1-4bf92f3577b34da6a3ce929d0e0e4736xx;Parent=" + span_text, "Self=" + root})
    EXPECT_EQ(read(xray, {{"X-Amzn-Trace-Id", bad}}), "none") << bad;
}

TEST(Propagation, the_later_propagator_wins) {
  http::Headers headers = fields({{"traceparent", "00-" + std::string(32, '1') + "-" + std::string(16, '1') + "-01"},
                                  {"tracestate", "a=1"},
                                  {"X-Amzn-Trace-Id", "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=" + span_text + ";Sampled=1"}});
  SpanContext found = extract(headers, default_propagators()).context;
  EXPECT_EQ(brief(found), sampled);
  EXPECT_EQ(found.state, "");
}

TEST(Propagation, reads_baggage_within_bounds) {
  Baggage found = extract(fields({{"baggage", "a=1;p=q, b = two%20words ,bad,=x,c=%zz"}, {"uberctx-D", "4"}, {"ot-baggage-a", "5"}}), default_propagators()).baggage;
  EXPECT_EQ(found, (Baggage{{"a", "5"}, {"b", "two words"}, {"d", "4"}}));
  std::string many;
  for (int i = 0; i < 100; ++i) many += "k" + std::to_string(i) + "=1,";
  EXPECT_EQ(extract(fields({{"baggage", many}}), {baggage}).baggage.size(), 64u);
  EXPECT_TRUE(extract(fields({{"baggage", "a=" + std::string(9000, 'x')}}), {baggage}).baggage.empty());
}

TEST(Propagation, what_is_written_is_read_again) {
  Carried carried{extract(fields({{"traceparent", "00-" + trace_text + "-" + span_text + "-01"}}), {tracecontext}).context, {{"user", "ann b\r\n"}}};
  for (Propagator one : {tracecontext, b3, b3multi, jaeger, xray}) {
    http::Headers headers;
    inject(carried, {one}, headers);
    EXPECT_EQ(brief(extract(headers, {one}).context), sampled) << static_cast<int>(one);
  }
  http::Headers headers;
  inject(carried, {ottrace, baggage}, headers);
  EXPECT_EQ(brief(extract(headers, {ottrace}).context), "0000000000000000a3ce929d0e0e4736 " + span_text + " 1");
  EXPECT_EQ(headers.get("baggage"), "user=ann%20b%0D%0A");
  EXPECT_EQ(extract(headers, {baggage}).baggage, carried.baggage);
  http::Headers none;
  inject({}, default_propagators(), none);
  EXPECT_FALSE(none.begin() != none.end());
}

TEST(Propagation, baggage_does_not_grow_beyond_its_bounds_on_the_way) {
  http::Headers headers;
  inject({{}, {{"a", std::string(8000, '!')}, {"b", "1"}}}, {baggage}, headers);
  EXPECT_EQ(headers.get("baggage"), "b=1") << "each sign becomes three";
  http::Headers prefixed;
  inject({extract(fields({{"traceparent", "00-" + trace_text + "-" + span_text + "-01"}}), {tracecontext}).context,
          {{"a", std::string(8000, '!')}, {"b", "1"}}},
         {ottrace}, prefixed);
  EXPECT_FALSE(prefixed.find("ot-baggage-a"));
  EXPECT_EQ(prefixed.get("ot-baggage-b"), "1");
}

TEST(Propagation, propagators_are_known_by_name) {
  EXPECT_EQ(parse_propagators("b3, xray,b3"), (std::vector<Propagator>{b3, xray}));
  EXPECT_EQ(parse_propagators("none"), std::vector<Propagator>{});
  EXPECT_FALSE(parse_propagators("b3,pigeon"));
}

}  // namespace
}  // namespace pds::podinfo::trace
