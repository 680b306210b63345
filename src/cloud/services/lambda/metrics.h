// What Lambda tells CloudWatch about invocations (namespace AWS/Lambda). Counted here and handed over about once a second, so that
// an invocation costs a few additions.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/time.h"
#include "cloud/telemetry.h"

namespace pds::cloud::lambda {

// Durations that differ by less than one part in a hundred are one observation: percentiles keep their meaning, and a busy second
// is a few hundred records instead of ten thousand.
Duration round_duration(Duration duration);

class InvocationMetrics {
 public:
  InvocationMetrics(const Clock& clock, MetricSink& sink) : clock_(clock), sink_(sink) {}

  // `resource` is what was named: "podinfo", "podinfo:live", "podinfo:7". `weighted`: the name is an alias with two versions; then
  // there are numbers for each version too.
  void invoked(std::string_view function, std::string_view resource, std::string_view version, bool weighted, Duration duration,
               bool failed);
  void throttled(std::string_view function, std::string_view resource);
  // A request to a function URL has been answered: UrlRequestCount, Url4xxCount, Url5xxCount, UrlRequestLatency.
  void url_answered(std::string_view function, std::string_view resource, int status, Duration latency);
  void concurrency(std::string_view function, size_t of_function, size_t of_account);
  void event(std::string_view function, std::string_view metric, double value, std::string_view unit);  // AsyncEventsReceived, ...

  bool empty() const { return series_.empty() && concurrency_.empty(); }
  void flush();

 private:
  struct Series {
    std::string function, resource, version;  // version empty unless weighted
    double invocations = 0, errors = 0, throttles = 0;
    std::map<Duration, double> durations;
    double url_requests = 0, url_4xx = 0, url_5xx = 0;
    std::map<Duration, double> url_latencies;
  };
  Series& series(std::string_view function, std::string_view resource, std::string_view version);
  void record(const Series& series, const Dimensions& dimensions, Timestamp now);

  const Clock& clock_;
  MetricSink& sink_;
  std::map<std::string, Series, std::less<>> series_;
  std::map<std::string, size_t, std::less<>> concurrency_;  // most at once, by function
  size_t account_concurrency_ = 0;
};

}  // namespace pds::cloud::lambda
