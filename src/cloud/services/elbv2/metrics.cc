// What the data plane counted in the last minute, as CloudWatch metrics of namespace AWS/ApplicationELB.
//
// One node stands for a balancer's nodes in all zones, so a request's AvailabilityZone is that of the target that served it.
// Response times are sent bucket by bucket, so that any percentile can be computed from them.
#include <functional>

#include "cloud/services/elbv2/front.h"

namespace pds::cloud::elbv2 {
namespace {

constexpr std::string_view metric_namespace = "AWS/ApplicationELB";

// "targetgroup/web/73e2d6bc24d8a067" and "app/web/50dc6c495c0c9188": what the dimensions call them.
std::string target_group_dimension(const std::string& arn) { return arn.substr(arn.rfind(":") + 1); }
std::string load_balancer_dimension(const LoadBalancerRecord& balancer) {
  return "app/" + balancer.description.load_balancer_name + "/" + balancer.id;
}

struct Emitter {
  MetricSink& sink;
  Timestamp at;
  void count(std::string_view name, const Dimensions& dimensions, uint64_t value) {
    if (value) sink.record(metric_namespace, name, dimensions, at, static_cast<double>(value), "Count");
  }
};

// Under every combination of dimensions that AWS has for target metrics.
std::vector<Dimensions> target_dimensions(const std::string& balancer, const std::string& group, const std::string& zone) {
  std::vector<Dimensions> all{{{"LoadBalancer", balancer}}, {{"LoadBalancer", balancer}, {"TargetGroup", group}}};
  if (!zone.empty()) {
    all.push_back({{"LoadBalancer", balancer}, {"AvailabilityZone", zone}});
    all.push_back({{"LoadBalancer", balancer}, {"TargetGroup", group}, {"AvailabilityZone", zone}});
  }
  return all;
}

void emit_targets(Emitter& out, const std::string& balancer, const std::string& group, const std::string& zone,
                  const proxy::TargetCounters& counters) {
  static constexpr std::string_view class_names[] = {
      "", "", "HTTPCode_Target_2XX_Count", "HTTPCode_Target_3XX_Count", "HTTPCode_Target_4XX_Count", "HTTPCode_Target_5XX_Count"};
  for (const Dimensions& dimensions : target_dimensions(balancer, group, zone)) {
    bool of_balancer = dimensions.size() == 1;  // RequestCount of the balancer itself comes from its front: it has more than these
    if (!of_balancer) out.count("RequestCount", dimensions, counters.requests);
    out.count("TargetConnectionErrorCount", dimensions, counters.connection_errors);
    for (size_t i = 2; i < 6; ++i) out.count(class_names[i], dimensions, counters.status_classes[i]);
    counters.response_time_us.each([&](double micros, uint64_t count) {
      out.sink.record(metric_namespace, "TargetResponseTime", dimensions, out.at, micros / 1e6, "Seconds",
                      static_cast<double>(count));
    });
  }
}

void emit_health(Emitter& out, const std::string& balancer, const std::string& group, const proxy::TargetGroup& running) {
  std::map<std::string, std::pair<double, double>> zones;  // healthy, unhealthy
  double healthy = 0, unhealthy = 0;
  for (const auto& status : running.statuses()) {
    bool well = status.health.state == proxy::TargetState::healthy;
    bool ill = status.health.state == proxy::TargetState::unhealthy;
    if (!well && !ill) continue;
    (well ? zones[status.zone].first : zones[status.zone].second) += 1;
    (well ? healthy : unhealthy) += 1;
  }
  auto both = [&](const Dimensions& dimensions, double well, double ill) {
    out.sink.record(metric_namespace, "HealthyHostCount", dimensions, out.at, well, "Count");
    out.sink.record(metric_namespace, "UnHealthyHostCount", dimensions, out.at, ill, "Count");
  };
  both({{"LoadBalancer", balancer}, {"TargetGroup", group}}, healthy, unhealthy);
  for (const auto& [zone, counts] : zones) {
    both({{"LoadBalancer", balancer}, {"TargetGroup", group}, {"AvailabilityZone", zone}}, counts.first, counts.second);
  }
}

void emit_front(Emitter& out, const std::string& balancer, const proxy::FrontCounters& counters, size_t connections) {
  Dimensions of_balancer{{"LoadBalancer", balancer}};
  out.count("RequestCount", of_balancer, counters.requests);
  out.count("NewConnectionCount", of_balancer, counters.new_connections);
  out.count("RejectedConnectionCount", of_balancer, counters.rejected_connections);
  out.count("ActiveConnectionCount", of_balancer, connections);
  out.count("RuleEvaluations", of_balancer, counters.rule_evaluations);
  out.count("HTTP_Redirect_Count", of_balancer, counters.redirects);
  out.count("HTTP_Fixed_Response_Count", of_balancer, counters.fixed_responses);
  out.count("HTTPCode_ELB_4XX_Count", of_balancer, counters.elb_status_classes[4]);
  out.count("HTTPCode_ELB_5XX_Count", of_balancer, counters.elb_status_classes[5]);
  out.count("HTTPCode_ELB_500_Count", of_balancer, counters.elb_500);
  out.count("HTTPCode_ELB_502_Count", of_balancer, counters.elb_502);
  out.count("HTTPCode_ELB_503_Count", of_balancer, counters.elb_503);
  out.count("HTTPCode_ELB_504_Count", of_balancer, counters.elb_504);
  if (uint64_t bytes = counters.received_bytes + counters.sent_bytes; bytes) {
    out.sink.record(metric_namespace, "ProcessedBytes", of_balancer, out.at, static_cast<double>(bytes), "Bytes");
  }
}

}  // namespace

void Front::flush_metrics(Timestamp at) {
  Emitter out{metrics_, at};
  for (const auto& [arn, balancer] : state_.load_balancers.rows()) {
    size_t connections = 0;
    for (const auto& [number, port] : ports_) {
      if (port->members().front().counters == counters_of(arn)) connections += port->connections();
    }
    emit_front(out, load_balancer_dimension(balancer), counters_of(arn)->take(), connections);
  }
  for (const auto& [arn, group] : groups_.all()) {
    auto balancer_arn = state_.load_balancer_of(arn);
    const LoadBalancerRecord* balancer = balancer_arn ? state_.load_balancers.find(*balancer_arn) : nullptr;
    std::string group_name = target_group_dimension(arn);
    uint64_t requests = 0, targets = 0;
    for (const auto& [zone, counters] : group->counters()) {
      proxy::TargetCounters taken = counters->take();
      requests += taken.requests;
      if (balancer) emit_targets(out, load_balancer_dimension(*balancer), group_name, zone, taken);
    }
    if (!balancer) continue;
    emit_health(out, load_balancer_dimension(*balancer), group_name, *group);
    for (const auto& status : group->statuses()) {
      if (status.health.state == proxy::TargetState::healthy || status.health.state == proxy::TargetState::unavailable) ++targets;
    }
    if (targets == 0 || requests == 0) continue;
    double each = static_cast<double>(requests) / static_cast<double>(targets);
    metrics_.record(metric_namespace, "RequestCountPerTarget", {{"TargetGroup", group_name}}, at, each, "Count");
    metrics_.record(metric_namespace, "RequestCountPerTarget",
                    {{"LoadBalancer", load_balancer_dimension(*balancer)}, {"TargetGroup", group_name}}, at, each, "Count");
  }
}

}  // namespace pds::cloud::elbv2
