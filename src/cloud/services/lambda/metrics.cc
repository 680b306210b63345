#include "cloud/services/lambda/metrics.h"

#include <algorithm>

namespace pds::cloud::lambda {

namespace {
constexpr std::string_view metric_namespace = "AWS/Lambda";
}

Duration round_duration(Duration duration) {
  int64_t step = 1;
  for (int64_t rest = duration.count(); rest >= 1000; rest /= 10) step *= 10;
  return Duration{(duration.count() + step / 2) / step * step};
}

InvocationMetrics::Series& InvocationMetrics::series(std::string_view function, std::string_view resource,
                                                     std::string_view version) {
  std::string key;
  key.reserve(resource.size() + 1 + version.size());
  key.append(resource).append("|").append(version);
  auto [it, inserted] = series_.try_emplace(std::move(key));
  if (inserted)
    it->second = Series{.function = std::string(function), .resource = std::string(resource), .version = std::string(version)};
  return it->second;
}

void InvocationMetrics::invoked(std::string_view function, std::string_view resource, std::string_view version, bool weighted,
                                Duration duration, bool failed) {
  Series& numbers = series(function, resource, weighted ? version : std::string_view{});
  numbers.invocations += 1;
  numbers.errors += failed ? 1 : 0;
  numbers.durations[round_duration(duration)] += 1;
}

void InvocationMetrics::throttled(std::string_view function, std::string_view resource) {
  series(function, resource, "").throttles += 1;
}

void InvocationMetrics::url_answered(std::string_view function, std::string_view resource, int status, Duration latency) {
  Series& numbers = series(function, resource, "");
  numbers.url_requests += 1;
  numbers.url_4xx += status >= 400 && status < 500 ? 1 : 0;
  numbers.url_5xx += status >= 500 ? 1 : 0;
  numbers.url_latencies[round_duration(latency)] += 1;
}

void InvocationMetrics::concurrency(std::string_view function, size_t of_function, size_t of_account) {
  auto it = concurrency_.find(function);
  if (it == concurrency_.end()) it = concurrency_.emplace(std::string(function), 0).first;
  it->second = std::max(it->second, of_function);
  account_concurrency_ = std::max(account_concurrency_, of_account);
}

void InvocationMetrics::event(std::string_view function, std::string_view metric, double value, std::string_view unit) {
  sink_.record(metric_namespace, metric, {{"FunctionName", std::string(function)}}, clock_.now(), value, unit);
}

void InvocationMetrics::record(const Series& series, const Dimensions& dimensions, Timestamp now) {
  auto put = [&](std::string_view name, double value, double count) {
    if (count > 0) sink_.record(metric_namespace, name, dimensions, now, value, "Count", count);
  };
  put("Invocations", 1, series.invocations);
  put("UrlRequestCount", 1, series.url_requests);
  put("Url4xxCount", 1, series.url_4xx);
  put("Url5xxCount", 1, series.url_5xx);
  for (const auto& [latency, count] : series.url_latencies)
    sink_.record(metric_namespace, "UrlRequestLatency", dimensions, now, static_cast<double>(latency.count()) / 1000.0,
                 "Milliseconds", count);
  // Zeros too: an error rate is errors over invocations, and averages need the ones that went well.
  put("Errors", 1, series.errors);
  put("Errors", 0, series.invocations - series.errors);
  put("Throttles", 1, series.throttles);
  put("Throttles", 0, series.invocations);
  for (const auto& [duration, count] : series.durations)
    sink_.record(metric_namespace, "Duration", dimensions, now, static_cast<double>(duration.count()) / 1000.0, "Milliseconds",
                 count);
}

void InvocationMetrics::flush() {
  Timestamp now = clock_.now();
  for (const auto& [key, series] : series_) {
    record(series, {}, now);
    record(series, {{"FunctionName", series.function}}, now);
    record(series, {{"FunctionName", series.function}, {"Resource", series.resource}}, now);
    if (!series.version.empty())
      record(series, {{"FunctionName", series.function}, {"Resource", series.resource}, {"ExecutedVersion", series.version}}, now);
  }
  for (const auto& [function, most] : concurrency_)
    sink_.record(metric_namespace, "ConcurrentExecutions", {{"FunctionName", function}}, now, static_cast<double>(most), "Count");
  if (account_concurrency_ > 0)
    sink_.record(metric_namespace, "ConcurrentExecutions", {}, now, static_cast<double>(account_concurrency_), "Count");
  series_.clear();
  concurrency_.clear();
  account_concurrency_ = 0;
}

}  // namespace pds::cloud::lambda
