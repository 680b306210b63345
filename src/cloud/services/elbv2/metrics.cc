// One node stands for a balancer's nodes in all zones, so a request's AvailabilityZone is that of the target that was chosen for it,
// and what happened before one was chosen is reported for the balancer alone.
#include "cloud/services/elbv2/metrics.h"

#include <algorithm>
#include <chrono>

namespace pds::cloud::elbv2 {
namespace {

constexpr std::string_view aws_namespace = "AWS/ApplicationELB";
constexpr std::string_view own_namespace = "PDS/ApplicationELB";

constexpr std::string_view target_class_names[] = {
    "", "", "HTTPCode_Target_2XX_Count", "HTTPCode_Target_3XX_Count", "HTTPCode_Target_4XX_Count", "HTTPCode_Target_5XX_Count"};

Distribution distribution_of(const Histogram& micros) {
  Distribution out{.count = static_cast<double>(micros.count()),
                   .sum = micros.sum() / 1e6,
                   .least = static_cast<double>(micros.min()) / 1e6,
                   .most = static_cast<double>(micros.max()) / 1e6};
  micros.each([&](double value, uint64_t count) { out.values.emplace_back(value / 1e6, static_cast<double>(count)); });
  return out;
}

struct Emitter {
  MetricSink& sink;
  Timestamp at;
  void count(std::string_view name, const Dimensions& dimensions, uint64_t value) {
    if (value) sink.record(aws_namespace, name, dimensions, at, 1, "Count", static_cast<double>(value));
  }
  // Also when nothing happened.
  void always_count(std::string_view name, const Dimensions& dimensions, uint64_t value) {
    value ? count(name, dimensions, value) : sink.record(aws_namespace, name, dimensions, at, 0, "Count");
  }
  void value(std::string_view name, const Dimensions& dimensions, double value, std::string_view unit = "Count") {
    sink.record(aws_namespace, name, dimensions, at, value, unit);
  }
  void bytes(std::string_view name, const Dimensions& dimensions, uint64_t value) {
    if (value) this->value(name, dimensions, static_cast<double>(value), "Bytes");
  }
  void looks(std::string_view name, const Dimensions& dimensions, const std::map<double, double>& seen) {
    for (const auto& [what, times] : seen) sink.record(aws_namespace, name, dimensions, at, what, "Count", times);
  }
};

// What is reported under {LoadBalancer}, {LoadBalancer, AvailabilityZone} and both with TargetGroup.
void emit_targets(Emitter& out, const Dimensions& dimensions, const proxy::TargetCounters& counters, bool sticky) {
  out.always_count("RequestCount", dimensions, counters.requests);
  out.count("TargetConnectionErrorCount", dimensions, counters.connection_errors);
  for (size_t i = 2; i < 6; ++i) out.count(target_class_names[i], dimensions, counters.status_classes[i]);
  if (counters.response_time_us.count() > 0) {
    out.sink.record_distribution(aws_namespace, "TargetResponseTime", dimensions, out.at, distribution_of(counters.response_time_us),
                                 "Seconds");
  }
  bool of_balancer = std::none_of(dimensions.begin(), dimensions.end(), [](const auto& d) { return d.first == "TargetGroup"; });
  if (of_balancer && sticky) out.always_count("NonStickyRequestCount", dimensions, counters.non_sticky_requests);
}

void emit_front(Emitter& out, const Dimensions& dimensions, const proxy::FrontCounters& counters) {
  out.count("RejectedConnectionCount", dimensions, counters.rejected_connections);
  out.count("ClientTLSNegotiationErrorCount", dimensions, counters.tls_handshake_failures);
  out.count("RuleEvaluations", dimensions, counters.rule_evaluations);
  out.count("HTTP_Redirect_Count", dimensions, counters.redirects);
  out.count("HTTP_Redirect_Url_Limit_Exceeded_Count", dimensions, counters.redirect_urls_too_long);
  out.count("HTTP_Fixed_Response_Count", dimensions, counters.fixed_responses);
  out.count("DroppedInvalidHeaderRequestCount", dimensions, counters.dropped_header_requests);
  out.count("DesyncMitigationMode_NonCompliant_Request_Count", dimensions, counters.malformed_requests);
  out.count("GrpcRequestCount", dimensions, counters.grpc_requests);
  out.count("HTTPCode_ELB_3XX_Count", dimensions, counters.elb_status_classes[3]);
  out.count("HTTPCode_ELB_4XX_Count", dimensions, counters.elb_status_classes[4]);
  out.count("HTTPCode_ELB_5XX_Count", dimensions, counters.elb_status_classes[5]);
  out.count("HTTPCode_ELB_500_Count", dimensions, counters.elb_500);
  out.count("HTTPCode_ELB_502_Count", dimensions, counters.elb_502);
  out.count("HTTPCode_ELB_503_Count", dimensions, counters.elb_503);
  out.count("HTTPCode_ELB_504_Count", dimensions, counters.elb_504);
  out.bytes("ProcessedBytes", dimensions, counters.received_bytes + counters.sent_bytes);
  out.bytes("LambdaTargetProcessedBytes", dimensions, counters.function_bytes);
}

bool takes_requests(proxy::TargetState state) {
  return state == proxy::TargetState::healthy || state == proxy::TargetState::unavailable;
}

}  // namespace

std::string dimension_of_target_group(const std::string& arn) { return arn.substr(arn.rfind(':') + 1); }
std::string dimension_of(const LoadBalancerRecord& balancer) {
  return "app/" + balancer.description.load_balancer_name + "/" + balancer.id;
}

double capacity_units(const CapacityUse& use) {
  constexpr double gib = 1024.0 * 1024 * 1024;
  constexpr double minutes_per_hour = 60, seconds_per_minute = 60;
  double of_servers = static_cast<double>(use.bytes - std::min(use.bytes, use.function_bytes));
  return std::max({static_cast<double>(use.new_connections) / seconds_per_minute / 25,
                   static_cast<double>(use.active_connections) / 3000,
                   of_servers * minutes_per_hour / gib + static_cast<double>(use.function_bytes) * minutes_per_hour / (0.4 * gib),
                   static_cast<double>(use.rule_evaluations) / seconds_per_minute / 1000});
}

// One balancer's minute, while its groups are gone through.
struct Meter::Minute {
  Emitter& out;
  Dimensions balancer;
  proxy::TargetCounters all{};
  std::map<std::string, proxy::TargetCounters> zones{};
  uint64_t target_connections = 0;
  bool sticky = false, has_targets = false;
};

Meter::Meter(Core& core, const State& state, const Groups& groups, MetricSink& sink)
    : core_(core), state_(state), groups_(groups), sink_(sink), flushed_at_(std::chrono::steady_clock::now()) {}

std::shared_ptr<proxy::FrontCounters> Meter::counters_of(const std::string& load_balancer_arn) {
  return balancers_[load_balancer_arn].counting;
}

void Meter::forget_deleted() {
  std::erase_if(balancers_, [&](const auto& entry) { return !state_.load_balancers.contains(entry.first); });
  std::erase_if(groups_seen_, [&](const auto& entry) { return !state_.target_groups.contains(entry.first); });
}

void Meter::look() {
  for (const auto& [arn, running] : groups_.all()) {
    if (!running->in_use() || !running->settings().health.enabled) continue;
    struct Seen {
      int healthy = 0, unhealthy = 0, anomalous = 0, mitigated = 0;
    };
    std::map<std::string, Seen> seen{{"", {}}};  // by zone
    for (const auto& status : running->statuses()) {
      bool well = status.health.state == proxy::TargetState::healthy, ill = status.health.state == proxy::TargetState::unhealthy;
      for (const std::string& zone : {status.zone, std::string()}) {
        seen[zone].healthy += well;
        seen[zone].unhealthy += ill;
        seen[zone].anomalous += status.anomalous;
        seen[zone].mitigated += status.mitigated;
      }
    }
    for (const auto& [zone, counts] : seen) {
      Hosts& hosts = groups_seen_[arn].hosts[zone];
      ++hosts.healthy[counts.healthy];
      ++hosts.unhealthy[counts.unhealthy];
      ++hosts.anomalous[counts.anomalous];
      ++hosts.mitigated[counts.mitigated];
    }
  }
}

void Meter::flush(Timestamp at, const Connections& connections) {
  look();
  Emitter out{sink_, at};
  MonoTime now = std::chrono::steady_clock::now();
  double seconds = std::max(std::chrono::duration<double>(now - flushed_at_).count(), 1e-3);
  flushed_at_ = now;
  for (const auto& [arn, record] : state_.load_balancers.rows()) {
    Minute minute{out, {{"LoadBalancer", dimension_of(record)}}};
    for (const std::string& group : state_.target_groups_of(arn)) {
      std::shared_ptr<proxy::TargetGroup> running = groups_.find(group);
      if (!running) continue;
      uint64_t before = minute.all.requests;
      flush_group(group, *running, minute);
      sink_.record(own_namespace, "RequestRate", {minute.balancer[0], {"TargetGroup", dimension_of_target_group(group)}}, at,
                   static_cast<double>(minute.all.requests - before) / seconds, "Count/Second");
    }
    if (minute.has_targets) emit_targets(out, minute.balancer, minute.all, minute.sticky);
    for (const auto& [zone, counters] : minute.zones) {
      emit_targets(out, {minute.balancer[0], {"AvailabilityZone", zone}}, counters, minute.sticky);
    }
    Balancer& balancer = balancers_[arn];
    proxy::FrontCounters taken = balancer.counting->take();
    balancer.total.add(taken);
    emit_front(out, minute.balancer, taken);
    auto clients = connections.find(arn);
    uint64_t active = (clients == connections.end() ? 0 : clients->second) + minute.target_connections;
    out.count("ActiveConnectionCount", minute.balancer, active);
    out.count("NewConnectionCount", minute.balancer, taken.new_connections + minute.all.new_connections);
    out.value("ConsumedLCUs", minute.balancer,
              capacity_units({taken.new_connections, active, taken.received_bytes + taken.sent_bytes, taken.function_bytes,
                              taken.charged_rule_evaluations}));
  }
  forget_deleted();
}

void Meter::flush_group(const std::string& arn, const proxy::TargetGroup& running, Minute& minute) {
  Group& group = groups_seen_[arn];
  const std::pair<std::string, std::string> named{"TargetGroup", dimension_of_target_group(arn)};
  const auto& statuses = running.statuses();
  minute.has_targets = minute.has_targets || !statuses.empty();
  minute.sticky = minute.sticky || running.settings().stickiness_seconds > 0;
  proxy::TargetCounters all;
  std::map<std::string, std::pair<size_t, size_t>> targets;  // registered, taking requests; by zone
  for (const auto& status : statuses) {
    for (const std::string& zone : {status.zone, std::string()}) {
      ++targets[zone].first;
      targets[zone].second += takes_requests(status.health.state);
    }
    minute.target_connections += status.in_flight;
    sink_.record(own_namespace, "InFlightRequests", {minute.balancer[0], named, {"Target", status.id + ":" + std::to_string(status.port)}},
                 minute.out.at, static_cast<double>(status.in_flight), "Count");
  }
  bool is_function = false;
  const TargetGroupRecord* record = state_.target_groups.find(arn);
  if (record) is_function = record->description.target_type == "lambda";
  auto per_target = [&](const std::string& zone, uint64_t requests, Dimensions with_zone) {
    auto [registered, taking] = targets[zone];
    if (registered == 0 || is_function) return;
    double each = static_cast<double>(requests) / static_cast<double>(taking ? taking : registered);
    minute.out.value("RequestCountPerTarget", with_zone, each);
    with_zone.push_back(minute.balancer[0]);
    minute.out.value("RequestCountPerTarget", with_zone, each);
  };
  for (const auto& [zone, counting] : running.counters()) {
    proxy::TargetCounters taken = counting->take();
    group.totals[zone].add(taken);
    all.add(taken);
    if (zone.empty()) continue;
    minute.zones[zone].add(taken);
    emit_targets(minute.out, {minute.balancer[0], named, {"AvailabilityZone", zone}}, taken, false);
    per_target(zone, taken.requests, {named, {"AvailabilityZone", zone}});
  }
  minute.all.add(all);
  if (!statuses.empty()) emit_targets(minute.out, {minute.balancer[0], named}, all, false);
  per_target("", all.requests, {named});
  for (const Dimensions& dimensions : {Dimensions{named}, Dimensions{named, minute.balancer[0]}}) {
    minute.out.count("LambdaUserError", dimensions, all.function_errors);
    minute.out.count("LambdaInternalError", dimensions, all.function_service_errors);
  }
  flush_hosts(group, running, minute);
}

// Health of hosts, and of zones: healthy is a zone that had a healthy target whenever it was looked at.
void Meter::flush_hosts(Group& group, const proxy::TargetGroup& running, Minute& minute) {
  const std::pair<std::string, std::string> named{"TargetGroup", dimension_of_target_group(running.settings().name)};
  int healthy_zones = 0, unhealthy_zones = 0;
  for (const auto& [zone, hosts] : group.hosts) {
    Dimensions dimensions{minute.balancer[0], named};
    if (!zone.empty()) dimensions.emplace_back("AvailabilityZone", zone);
    minute.out.looks("HealthyHostCount", dimensions, hosts.healthy);
    minute.out.looks("UnHealthyHostCount", dimensions, hosts.unhealthy);
    minute.out.looks("AnomalousHostCount", dimensions, hosts.anomalous);
    minute.out.looks("MitigatedHostCount", dimensions, hosts.mitigated);
    if (zone.empty()) continue;
    bool healthy = hosts.healthy.begin()->first > 0;
    ++(healthy ? healthy_zones : unhealthy_zones);
    for (const char* what : {"DNS", "Routing"}) {
      minute.out.value(std::string("HealthyState") + what, dimensions, healthy ? 1 : 0);
      minute.out.value(std::string("UnhealthyState") + what, dimensions, healthy ? 0 : 1);
    }
  }
  if (!group.hosts.empty()) {
    for (const char* what : {"DNS", "Routing"}) {
      minute.out.value(std::string("HealthyState") + what, {minute.balancer[0], named}, healthy_zones);
      minute.out.value(std::string("UnhealthyState") + what, {minute.balancer[0], named}, unhealthy_zones);
    }
  }
  group.hosts.clear();
}

}  // namespace pds::cloud::elbv2
