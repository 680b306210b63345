#include "podinfo/trace/settings.h"

#include <gmock/gmock.h>

namespace pds::podinfo::trace {
namespace {

Settings read(const Environment& environment) { return read_settings(environment, "shop", "1.0.0"); }
std::string address(const EndpointSettings& endpoint) { return endpoint.url.scheme + "://" + http::host_field(endpoint.url) + endpoint.url.target; }

TEST(TraceSettings, endpoints_follow_the_specification) {
  struct {
    Environment environment;
    const char *traces, *logs;
  } cases[] = {
      {{}, "http://localhost:4317/", "http://localhost:4317/"},
      {{{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"}}, "http://localhost:4318/v1/traces", "http://localhost:4318/v1/logs"},
      {{{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"}, {"OTEL_EXPORTER_OTLP_ENDPOINT", "https://c:1/x/"}}, "https://c:1/x/v1/traces", "https://c:1/x/v1/logs"},
      {{{"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"}, {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://c:1/x"}}, "http://c:1/x", "http://localhost:4318/v1/logs"},
      {{{"OTEL_EXPORTER_OTLP_ENDPOINT", "c:1"}}, "https://c:1/", "https://c:1/"},
      {{{"OTEL_EXPORTER_OTLP_ENDPOINT", "c:1"}, {"OTEL_EXPORTER_OTLP_LOGS_INSECURE", "true"}}, "https://c:1/", "http://c:1/"},
  };
  for (const auto& c : cases) {
    Settings settings = read(c.environment);
    EXPECT_EQ(address(settings.traces), c.traces);
    EXPECT_EQ(address(settings.logs), c.logs);
    EXPECT_THAT(settings.warnings, testing::IsEmpty());
  }
}

TEST(TraceSettings, a_signals_own_variable_comes_first) {
  Settings settings = read({{"OTEL_EXPORTER_OTLP_TIMEOUT", "1000"}, {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "2000"}, {"OTEL_EXPORTER_OTLP_HEADERS", "A=1%2C2, b=3"},
                            {"OTEL_EXPORTER_OTLP_LOGS_COMPRESSION", "gzip"}, {"OTEL_BSP_MAX_QUEUE_SIZE", "10"}});
  EXPECT_EQ(settings.traces.timeout, 2s);
  EXPECT_EQ(settings.logs.timeout, 1s);
  EXPECT_EQ(settings.traces.headers.get("a"), "1,2");
  EXPECT_EQ(settings.traces.headers.get("b"), "3");
  EXPECT_FALSE(settings.traces.gzip);
  EXPECT_TRUE(settings.logs.gzip);
  EXPECT_EQ(settings.trace_batch.batch_max, 10u) << "not more than there is room for";
}

TEST(TraceSettings, what_cannot_be_used_is_named_and_the_default_stays) {
  Settings settings = read({{"OTEL_EXPORTER_OTLP_PROTOCOL", "pigeon"}, {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://"}, {"OTEL_BSP_SCHEDULE_DELAY", "soon"},
                            {"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "2"}, {"OTEL_RESOURCE_ATTRIBUTES", "a"},
                            {"OTEL_EXPORTER_OTLP_HEADERS", "a=x%0Ay"}});
  for (const char* name : {"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_TRACES_SAMPLER", "OTEL_RESOURCE_ATTRIBUTES",
                           "OTEL_EXPORTER_OTLP_HEADERS"})
    EXPECT_THAT(settings.warnings, testing::Contains(testing::StartsWith(name))) << name;
  EXPECT_EQ(settings.trace_batch.delay, 5s);
  EXPECT_EQ(address(settings.traces), "http://localhost:4317/");
  EXPECT_FALSE(settings.traces.headers.find("a"));
}

TEST(Sampler, draws_by_the_trace_and_heeds_the_parent) {
  std::array<unsigned char, 16> low{}, high{};
  low[15] = 1;
  for (unsigned char& byte : high) byte = 0xff;
  SpanContext none, wanted{.trace_id = high, .span_id = {1}, .sampled = true}, unwanted{.trace_id = high, .span_id = {1}};
  EXPECT_TRUE(Sampler().takes(none, high));
  EXPECT_FALSE(Sampler().takes(unwanted, high));
  Sampler half = *Sampler::parse("traceidratio", "0.5");
  EXPECT_TRUE(half.takes(none, low));
  EXPECT_FALSE(half.takes(wanted, high)) << "it does not look at the parent";
  EXPECT_TRUE(Sampler::parse("parentbased_always_off", "")->takes(wanted, high));
  EXPECT_FALSE(Sampler::parse("parentbased_always_off", "")->takes(none, low));
  for (const char* bad : {"-1", "2", "x", "nan"}) EXPECT_FALSE(Sampler::parse("traceidratio", bad)) << bad;
  EXPECT_FALSE(Sampler::parse("sometimes", ""));
}

}  // namespace
}  // namespace pds::podinfo::trace
