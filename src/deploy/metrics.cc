#include <fmt/core.h>

#include <map>

#include "aws/shapes/cloudwatch.h"
#include "deploy/engine.h"

namespace pds::deploy {

namespace cloudwatch = aws::cloudwatch;

namespace {

struct MetricOf {
  const char *id, *target, *metric_namespace, *metric;
  bool is_error;
};

// What users saw: answered by a target, or by the balancer in its place. RequestCount has only requests for which a target was chosen;
// the balancer's 503 are those for which there was none.
constexpr MetricOf wanted[] = {
    {"fleet_requests", "fleet", "AWS/ApplicationELB", "RequestCount", false},
    {"fleet_unserved", "fleet", "AWS/ApplicationELB", "HTTPCode_ELB_503_Count", false},
    {"fleet_target_errors", "fleet", "AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", true},
    {"fleet_balancer_errors", "fleet", "AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", true},
    {"function_requests", "function", "AWS/Lambda", "UrlRequestCount", false},
    {"function_errors", "function", "AWS/Lambda", "Url5xxCount", true},
};

// Reported every minute whether anybody comes or not: by this the control plane's minutes are counted.
constexpr const char* tick_id = "minutes";
constexpr const char* tick_metric = "HealthyHostCount";

// CloudWatch's names: "app/podinfo/50dc6c495c0c9188" of a load balancer's ARN, "targetgroup/podinfo/73e2d6bc24d8a067" of a target group's.
std::string balancer_name_of(const std::string& arn) {
  size_t at = arn.find("loadbalancer/");
  return at == std::string::npos ? "" : arn.substr(at + 13);
}
std::string target_group_name_of(const std::string& arn) {
  size_t at = arn.find("targetgroup/");
  return at == std::string::npos ? "" : arn.substr(at);
}

}  // namespace

io::Task<Result<std::vector<TrafficSeries>>> Engine::traffic() {
  std::vector<TrafficSeries> series = {{"fleet", {}}, {"function", {}}};
  if (traffic_since_ == Timestamp{}) co_return series;
  cloudwatch::GetMetricDataRequest request;
  request.start_time = std::chrono::floor<std::chrono::minutes>(traffic_since_);
  // Open to the future: the metrics bear the control plane's time, which is not ours to know.
  request.end_time = request.start_time + 24h * 5;
  request.scan_by = "TimestampAscending";
  for (const MetricOf& one : wanted) {
    cloudwatch::MetricStat stat;
    stat.metric.metric_namespace = one.metric_namespace;
    stat.metric.metric_name = one.metric;
    stat.metric.dimensions = std::string_view(one.target) == "fleet" ? std::vector<cloudwatch::Dimension>{{"LoadBalancer", balancer_name_of(facts_.balancer_arn)}}
                                                                      : std::vector<cloudwatch::Dimension>{{"FunctionName", names_.function}};
    stat.period = 60;
    stat.stat = "Sum";
    request.metric_data_queries.push_back({.id = one.id, .metric_stat = stat});
  }
  cloudwatch::MetricStat tick;
  tick.metric = {"AWS/ApplicationELB", tick_metric, {{"TargetGroup", target_group_name_of(facts_.target_group_arn)}, {"LoadBalancer", balancer_name_of(facts_.balancer_arn)}}};
  tick.period = 60;
  tick.stat = "Maximum";
  request.metric_data_queries.push_back({.id = tick_id, .metric_stat = tick});
  CO_TRY(auto reply, co_await client_.call<cloudwatch::GetMetricData>(request));
  for (const auto& result : reply.metric_data_results)
    if (result.id == tick_id && !result.timestamps.empty()) last_minute_ = std::max(last_minute_, result.timestamps.back());
  for (TrafficSeries& target : series) {
    std::map<Timestamp, TrafficSample> minutes;
    for (const MetricOf& one : wanted) {
      if (target.target != one.target) continue;
      for (const auto& result : reply.metric_data_results) {
        if (result.id != one.id) continue;
        for (size_t i = 0; i < result.timestamps.size() && i < result.values.size(); ++i) {
          TrafficSample& sample = minutes[result.timestamps[i]];
          sample.minute = result.timestamps[i];
          (one.is_error ? sample.errors : sample.requests) += result.values[i];
        }
      }
    }
    for (auto& [minute, sample] : minutes) target.samples.push_back(sample);
  }
  co_return series;
}

}  // namespace pds::deploy
