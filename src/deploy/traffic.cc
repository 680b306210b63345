#include "deploy/traffic.h"

#include <fmt/core.h>

#include <algorithm>

#include "aws/shapes/cloudwatch.h"
#include "aws/shapes/elbv2.h"
#include "io/clock.h"

namespace pds::deploy {

namespace cloudwatch = aws::cloudwatch;
namespace elbv2 = aws::elbv2;

namespace {

using Dimensions = std::vector<cloudwatch::Dimension>;
using Forwards = std::vector<std::vector<std::pair<std::string, int>>>;

constexpr const char* aws_namespace = "AWS/ApplicationELB";
constexpr const char* own_namespace = "PDS/ApplicationELB";
constexpr size_t queries_per_call_max = 500;  // CloudWatch's

std::string after(const std::string& text, std::string_view mark, bool keep) {
  size_t at = text.find(mark);
  return at == std::string::npos ? text : text.substr(keep ? at : at + mark.size());
}

void add_forward(const std::vector<elbv2::Action>& actions, Forwards& out) {
  for (const elbv2::Action& action : actions) {
    std::vector<std::pair<std::string, int>> groups;
    if (action.forward_config) {
      for (const auto& group : action.forward_config->target_groups) groups.emplace_back(group.target_group_arn, group.weight.value_or(1));
    } else if (action.target_group_arn) {
      groups.emplace_back(*action.target_group_arn, 1);
    }
    if (!groups.empty()) out.push_back(std::move(groups));
  }
}

// Default actions first: most of a listener's traffic goes by them.
io::Task<Result<Forwards>> forwards_of(aws::Client& client, const std::string& balancer_arn) {
  elbv2::DescribeListenersRequest by_balancer;
  by_balancer.load_balancer_arn = balancer_arn;
  CO_TRY(auto listeners, co_await client.call<elbv2::DescribeListeners>(by_balancer));
  Forwards defaults, rules;
  for (const elbv2::Listener& listener : listeners.listeners) {
    add_forward(listener.default_actions, defaults);
    elbv2::DescribeRulesRequest by_listener;
    by_listener.listener_arn = listener.listener_arn;
    CO_TRY(auto described, co_await client.call<elbv2::DescribeRules>(by_listener));
    for (const elbv2::Rule& rule : described.rules)
      if (!rule.is_default) add_forward(rule.actions, rules);
  }
  defaults.insert(defaults.end(), rules.begin(), rules.end());
  co_return defaults;
}

cloudwatch::MetricDataQuery query(std::string id, const char* metric_namespace, const char* metric, Dimensions dimensions, const char* stat,
                                  int period = 60) {
  cloudwatch::MetricStat wanted;
  wanted.metric = {metric_namespace, metric, std::move(dimensions)};
  wanted.period = period;
  wanted.stat = stat;
  return {.id = std::move(id), .metric_stat = wanted};
}

// The latest period that has something of a metric which is reported every minute; the epoch when there is none.
io::Task<Result<Timestamp>> latest(aws::Client& client, Dimensions balancer, Timestamp from, Duration length, int period) {
  cloudwatch::GetMetricDataRequest request;
  request.start_time = from;
  request.end_time = from + length;
  request.scan_by = "TimestampDescending";
  request.metric_data_queries.push_back(query("minutes", aws_namespace, "ConsumedLCUs", std::move(balancer), "SampleCount", period));
  CO_TRY(auto reply, co_await client.call<cloudwatch::GetMetricData>(request));
  Timestamp found{};
  for (const auto& result : reply.metric_data_results)
    for (Timestamp at : result.timestamps) found = std::max(found, at);
  co_return found;
}

// Metrics bear the control plane's time, which may be ahead of ours by any amount: the day is looked for first, then the minute in it.
io::Task<Result<Timestamp>> last_minute(aws::Client& client, Dimensions balancer, Timestamp since) {
  constexpr auto day = std::chrono::hours(24);
  if (since != Timestamp{}) {
    CO_TRY(Timestamp later, co_await latest(client, balancer, since, day, 60));
    co_return std::max(later, since);
  }
  Timestamp yesterday = std::chrono::floor<std::chrono::days>(io::SystemClock().now()) - day;
  CO_TRY(Timestamp last_day, co_await latest(client, balancer, yesterday, day * 3650, 24 * 60 * 60));
  if (last_day == Timestamp{}) co_return last_day;
  co_return co_await latest(client, balancer, last_day, day, 60);
}

using Values = std::map<std::string, double>;  // by query; those without data are missing

io::Task<Result<Values>> values_of(aws::Client& client, std::vector<cloudwatch::MetricDataQuery> queries, Timestamp minute) {
  Values values;
  for (size_t begin = 0; begin < queries.size(); begin += queries_per_call_max) {
    cloudwatch::GetMetricDataRequest request;
    request.start_time = minute;
    request.end_time = minute + 1min;
    size_t end = std::min(queries.size(), begin + queries_per_call_max);
    request.metric_data_queries.assign(queries.begin() + static_cast<std::ptrdiff_t>(begin), queries.begin() + static_cast<std::ptrdiff_t>(end));
    CO_TRY(auto reply, co_await client.call<cloudwatch::GetMetricData>(request));
    for (const auto& result : reply.metric_data_results)
      if (!result.values.empty()) values[result.id] = result.values.front();
  }
  co_return values;
}

std::optional<double> find(const Values& values, const std::string& id) {
  auto it = values.find(id);
  return it == values.end() ? std::nullopt : std::optional(it->second);
}

void add_queries(const Traffic& traffic, const Dimensions& balancer, std::vector<cloudwatch::MetricDataQuery>& queries) {
  for (size_t g = 0; g < traffic.groups.size(); ++g) {
    const GroupTraffic& group = traffic.groups[g];
    std::string n = std::to_string(g);
    Dimensions dimensions = balancer;
    dimensions.push_back({"TargetGroup", after(group.arn, "targetgroup/", true)});
    queries.push_back(query("requests" + n, aws_namespace, "RequestCount", dimensions, "Sum"));
    queries.push_back(query("errors" + n, aws_namespace, "HTTPCode_Target_5XX_Count", dimensions, "Sum"));
    queries.push_back(query("p50x" + n, aws_namespace, "TargetResponseTime", dimensions, "p50"));
    queries.push_back(query("p99x" + n, aws_namespace, "TargetResponseTime", dimensions, "p99"));
    queries.push_back(query("rate" + n, own_namespace, "RequestRate", dimensions, "Sum"));
    for (size_t t = 0; t < group.targets.size(); ++t) {
      Dimensions of_target = dimensions;
      of_target.push_back({"Target", group.targets[t].id});
      queries.push_back(query("flight" + n + "x" + std::to_string(t), own_namespace, "InFlightRequests", of_target, "Maximum"));
    }
  }
  queries.push_back(query("own", aws_namespace, "HTTPCode_ELB_5XX_Count", balancer, "Sum"));
}

void fill_in(const Values& values, Traffic& traffic) {
  for (size_t g = 0; g < traffic.groups.size(); ++g) {
    GroupTraffic& group = traffic.groups[g];
    std::string n = std::to_string(g);
    group.requests = find(values, "requests" + n).value_or(0);
    group.errors = find(values, "errors" + n).value_or(0);
    group.p50_seconds = find(values, "p50x" + n);
    group.p99_seconds = find(values, "p99x" + n);
    // At AWS minutes are real ones.
    group.requests_per_second = find(values, "rate" + n).value_or(group.requests / 60);
    for (size_t t = 0; t < group.targets.size(); ++t) {
      group.targets[t].in_flight = find(values, "flight" + n + "x" + std::to_string(t));
      if (group.targets[t].in_flight) group.in_flight = group.in_flight.value_or(0) + *group.targets[t].in_flight;
    }
    traffic.requests += group.requests;
  }
  for (GroupTraffic& group : traffic.groups) group.share = traffic.requests > 0 ? group.requests / traffic.requests : 0;
  traffic.balancer_errors = find(values, "own").value_or(0);
}

io::Task<Result<GroupTraffic>> look_at_group(aws::Client& client, std::string name, std::string arn) {
  GroupTraffic group{.name = std::move(name), .arn = std::move(arn)};
  CO_TRY(auto health, co_await client.call<elbv2::DescribeTargetHealth>({.target_group_arn = group.arn}));
  for (const auto& one : health.target_health_descriptions) {
    std::string id = one.target.id + ":" + std::to_string(one.target.port.value_or(0));
    group.targets.push_back({id, one.target.availability_zone.value_or(""), one.target_health.state, one.target_health.reason.value_or(""), {}});
    group.healthy += one.target_health.state == "healthy";
  }
  co_return group;
}

std::string percent(double ratio) { return fmt::format("{:.1f} %", ratio * 100); }
// An answer from memory takes some tens of microseconds.
std::string millis(std::optional<double> seconds) {
  if (!seconds) return "-";
  double value = *seconds * 1000;
  return fmt::format("{:.{}f} ms", value, value < 10 ? 2 : 1);
}
std::string number(std::optional<double> value, int decimals) { return value ? fmt::format("{:.{}f}", *value, decimals) : "-"; }

}  // namespace

std::map<std::string, double> weights_of(const Forwards& forwards) {
  std::map<std::string, double> weights;
  for (const auto& groups : forwards) {
    double all = 0;
    for (const auto& [arn, weight] : groups) all += weight;
    for (const auto& [arn, weight] : groups) weights.emplace(arn, all > 0 ? weight / all : 0);
  }
  return weights;
}

io::Task<Result<Traffic>> look_at_traffic(aws::Client& client, std::string balancer_arn, Timestamp since) {
  Traffic traffic;
  Dimensions balancer{{"LoadBalancer", after(balancer_arn, "loadbalancer/", false)}};
  CO_TRY(Forwards forwards, co_await forwards_of(client, balancer_arn));
  std::map<std::string, double> weights = weights_of(forwards);
  elbv2::DescribeTargetGroupsRequest by_balancer;
  by_balancer.load_balancer_arn = balancer_arn;
  CO_TRY(auto groups, co_await client.call<elbv2::DescribeTargetGroups>(by_balancer));
  for (const auto& described : groups.target_groups) {
    CO_TRY(GroupTraffic group, co_await look_at_group(client, described.target_group_name, described.target_group_arn));
    if (auto weight = weights.find(group.arn); weight != weights.end()) group.weight = weight->second;
    traffic.groups.push_back(std::move(group));
  }
  CO_TRY(traffic.minute, co_await last_minute(client, balancer, since));
  if (traffic.minute == Timestamp{}) co_return traffic;
  std::vector<cloudwatch::MetricDataQuery> queries;
  add_queries(traffic, balancer, queries);
  CO_TRY(Values values, co_await values_of(client, std::move(queries), traffic.minute));
  fill_in(values, traffic);
  co_return traffic;
}

std::vector<std::string> traffic_lines(const Traffic& traffic) {
  constexpr const char* row = "{:<28} {:>8} {:>8} {:>9} {:>10} {:>10} {:>8} {:>9} {:>9}";
  std::vector<std::string> lines;
  lines.push_back(fmt::format(fmt::runtime(row), "traffic", "weight", "share", "req/s", "p50", "p99", "5xx", "healthy", "in flight"));
  for (const GroupTraffic& group : traffic.groups) {
    lines.push_back(fmt::format(fmt::runtime(row), "  " + group.name, group.weight ? percent(*group.weight) : "-", percent(group.share),
                                number(group.requests_per_second, 1), millis(group.p50_seconds), millis(group.p99_seconds),
                                percent(group.error_ratio()), fmt::format("{}/{}", group.healthy, group.targets.size()),
                                number(group.in_flight, 0)));
    for (const TargetTraffic& target : group.targets) {
      lines.push_back(fmt::format("    {:<34} {:<12} {:<10} {:>5}  {}", target.id, target.zone, target.state, number(target.in_flight, 0), target.reason));
    }
  }
  std::string when = traffic.minute == Timestamp{} ? "no minute has been reported yet" : "minute from " + to_iso8601(traffic.minute);
  lines.push_back(fmt::format("  {}; {:.0f} requests, {:.0f} answered 5xx by the balancer itself", when, traffic.requests, traffic.balancer_errors));
  return lines;
}

json::object traffic_document(const Traffic& traffic) {
  auto put = [](json::object& into, const char* key, std::optional<double> value) {
    if (value) into[key] = *value;
  };
  json::array groups;
  for (const GroupTraffic& group : traffic.groups) {
    json::object one{{"name", group.name}, {"share", group.share}, {"requests", group.requests}, {"error_ratio", group.error_ratio()},
                     {"healthy", group.healthy}, {"total", group.targets.size()}};
    put(one, "weight", group.weight);
    put(one, "requests_per_second", group.requests_per_second);
    put(one, "p50_seconds", group.p50_seconds);
    put(one, "p99_seconds", group.p99_seconds);
    put(one, "in_flight", group.in_flight);
    json::array targets;
    for (const TargetTraffic& target : group.targets) {
      json::object shown{{"id", target.id}, {"zone", target.zone}, {"state", target.state}, {"reason", target.reason}};
      put(shown, "in_flight", target.in_flight);
      targets.emplace_back(std::move(shown));
    }
    one["targets"] = std::move(targets);
    groups.emplace_back(std::move(one));
  }
  json::object document{{"groups", std::move(groups)}, {"requests", traffic.requests}, {"balancer_errors", traffic.balancer_errors}};
  if (traffic.minute != Timestamp{}) document["minute"] = to_iso8601(traffic.minute);
  return document;
}

}  // namespace pds::deploy
