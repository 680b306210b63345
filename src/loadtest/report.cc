#include "loadtest/report.h"

#include <cmath>

namespace pds::loadtest {
namespace {

double millis(double microseconds) { return std::round(microseconds) / 1000; }
double seconds(Duration d) { return static_cast<double>(d.count()) / 1e6; }

json::object counts(const std::map<std::string, uint64_t>& map) {
  json::object out;
  for (const auto& [name, count] : map) out[name] = count;
  return out;
}

json::object latencies(const Histogram& histogram) {
  json::object out;
  for (auto [name, percent] : {std::pair("p50_ms", 50.0), {"p90_ms", 90.0}, {"p99_ms", 99.0}, {"p999_ms", 99.9}})
    out[name] = millis(histogram.percentile(percent));
  out["max_ms"] = millis(static_cast<double>(histogram.max()));
  out["mean_ms"] = millis(histogram.mean());
  return out;
}

json::object phase_json(const Phase& phase) {
  return {{"name", phase.name},     {"begin_seconds", seconds(phase.begin)}, {"succeeded", phase.succeeded},
          {"failed", phase.failed}, {"versions", counts(phase.versions)},    {"latency", latencies(phase.latency)}};
}

json::object second_json(const Second& second) {
  return {{"second", second.offset},      {"succeeded", second.succeeded},
          {"failed", second.failed},      {"versions", counts(second.versions)},
          {"p50_ms", millis(second.p50)}, {"p99_ms", millis(second.p99)},
          {"max_ms", millis(second.max)}};
}

json::object target_json(const TargetReport& target) {
  json::object out{{"name", target.name},
                   {"url", target.url},
                   {"sent", target.sent},
                   {"succeeded", target.succeeded},
                   {"failed", target.failed},
                   {"errors", counts(target.errors)},
                   {"versions", counts(target.versions)},
                   {"latency", latencies(target.latency)}};
  if (target.first_failure.count() >= 0) {
    out["first_failure_seconds"] = seconds(target.first_failure);
    out["last_failure_seconds"] = seconds(target.last_failure);
  }
  json::array phases, series;
  for (const Phase& phase : target.phases) phases.push_back(phase_json(phase));
  for (const Second& second : target.seconds) series.push_back(second_json(second));
  out["phases"] = std::move(phases);
  out["seconds"] = std::move(series);
  return out;
}

}  // namespace

uint64_t LoadReport::sent() const {
  uint64_t sum = 0;
  for (const TargetReport& target : targets) sum += target.sent;
  return sum;
}

uint64_t LoadReport::failed() const {
  uint64_t sum = 0;
  for (const TargetReport& target : targets) sum += target.failed;
  return sum;
}

json::object LoadReport::to_json() const {
  json::array list;
  for (const TargetReport& target : targets) list.push_back(target_json(target));
  return {{"started", to_iso8601_millis(started)},
          {"duration_seconds", seconds(duration)},
          {"rate", rate},
          {"sent", sent()},
          {"failed", failed()},
          {"targets", std::move(list)}};
}

}  // namespace pds::loadtest
