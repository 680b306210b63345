// The balancers' part of the Prometheus page: running totals, the minute at hand among them.
#include "cloud/services/elbv2/metrics.h"

namespace pds::cloud::elbv2 {
namespace {

using Labels = Exposition::Labels;

Labels with(Labels labels, std::string name, std::string value) {
  labels.emplace_back(std::move(name), std::move(value));
  return labels;
}

std::string class_name(size_t status_class) { return std::to_string(status_class) + "xx"; }

void expose_front(Exposition& page, const Labels& labels, const proxy::FrontCounters& counters) {
  auto count = [&](const char* name, const char* help, uint64_t value) {
    page.counter(name, help, labels, static_cast<double>(value));
  };
  count("pds_balancer_requests_total", "Requests of clients, answered, refused or cut.", counters.requests);
  count("pds_balancer_connections_opened_total", "Connections of clients.", counters.new_connections);
  count("pds_balancer_connections_rejected_total", "Connections turned away because there were too many.", counters.rejected_connections);
  count("pds_balancer_connections_denied_total", "Connections that security groups do not let in.", counters.denied_connections);
  count("pds_balancer_tls_handshake_failures_total", "TLS handshakes of clients that failed.", counters.tls_handshake_failures);
  count("pds_balancer_received_bytes_total", "Bytes from clients, heads and bodies.", counters.received_bytes);
  count("pds_balancer_sent_bytes_total", "Bytes to clients, heads and bodies.", counters.sent_bytes);
  count("pds_balancer_rule_evaluations_total", "Listener rules that requests were compared with.", counters.rule_evaluations);
  count("pds_balancer_redirects_total", "Requests answered by a redirect action.", counters.redirects);
  count("pds_balancer_fixed_responses_total", "Requests answered by a fixed-response action.", counters.fixed_responses);
  count("pds_balancer_malformed_requests_total", "Requests refused for breaking RFC 9112.", counters.malformed_requests);
  count("pds_balancer_clients_gone_total", "Requests whose client left before it had an answer.", counters.clients_gone);
  count("pds_balancer_slow_requests_total", "Requests over the slow-request threshold.", counters.slow_requests);
  for (size_t i = 3; i < counters.elb_status_classes.size(); ++i) {
    page.counter("pds_balancer_own_responses_total", "Answers that the balancer made itself, by class.", with(labels, "code", class_name(i)),
                 static_cast<double>(counters.elb_status_classes[i]));
  }
}

void expose_targets(Exposition& page, const Labels& labels, const proxy::TargetCounters& counters) {
  auto count = [&](const char* name, const char* help, uint64_t value) {
    page.counter(name, help, labels, static_cast<double>(value));
  };
  count("pds_balancer_target_requests_total", "Requests for which a target was chosen.", counters.requests);
  count("pds_balancer_target_retries_total", "Requests sent again on a fresh connection.", counters.retries);
  count("pds_balancer_target_connections_opened_total", "Connections opened to targets.", counters.new_connections);
  count("pds_balancer_target_connection_errors_total", "Connections to targets that failed.", counters.connection_errors);
  for (size_t i = 1; i < counters.status_classes.size(); ++i) {
    page.counter("pds_balancer_target_responses_total", "Answers of targets, by class.", with(labels, "code", class_name(i)),
                 static_cast<double>(counters.status_classes[i]));
  }
  page.histogram("pds_balancer_target_response_seconds", "From sending a request to a target to the head of its answer.", labels,
                 counters.response_time_us);
}

void expose_health(Exposition& page, const Labels& group, const proxy::TargetGroup& running) {
  std::map<std::pair<std::string, std::string>, int> targets;  // zone and state
  std::map<std::string, size_t> in_flight;
  for (const auto& status : running.statuses()) {
    ++targets[{status.zone, std::string(to_string(status.health.state))}];
    in_flight[status.zone] += status.in_flight;
  }
  for (const auto& [key, count] : targets)
    page.gauge("pds_balancer_targets", "Registered targets, by state.", with(with(group, "zone", key.first), "state", key.second), count);
  for (const auto& [zone, count] : in_flight)
    page.gauge("pds_balancer_requests_in_flight", "Requests that targets are at.", with(group, "zone", zone), static_cast<double>(count));
}

}  // namespace

void Meter::expose(Exposition& page, const Connections& connections) const {
  for (const auto& [arn, record] : state_.load_balancers.rows()) {
    Labels labels{{"region", core_.region}, {"balancer", record.description.load_balancer_name}};
    if (auto balancer = balancers_.find(arn); balancer != balancers_.end()) {
      proxy::FrontCounters total = balancer->second.total;
      total.add(*balancer->second.counting);
      expose_front(page, labels, total);
    }
    auto open = connections.find(arn);
    page.gauge("pds_balancer_connections", "Connections of clients that are open.", labels,
               open == connections.end() ? 0 : static_cast<double>(open->second));
    for (const std::string& group : state_.target_groups_of(arn)) expose_group(page, group, labels);
  }
}

void Meter::expose_group(Exposition& page, const std::string& arn, const Labels& balancer) const {
  const TargetGroupRecord* record = state_.target_groups.find(arn);
  std::shared_ptr<proxy::TargetGroup> running = groups_.find(arn);
  if (!record || !running) return;
  Labels labels = with(balancer, "target_group", record->description.target_group_name);
  auto seen = groups_seen_.find(arn);
  for (const auto& [zone, counting] : running->counters()) {
    proxy::TargetCounters total = *counting;
    if (seen != groups_seen_.end()) {
      if (auto before = seen->second.totals.find(zone); before != seen->second.totals.end()) total.add(before->second);
    }
    expose_targets(page, with(labels, "zone", zone), total);
  }
  expose_health(page, labels, *running);
}

}  // namespace pds::cloud::elbv2
