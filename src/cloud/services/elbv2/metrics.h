// What the data plane counts, made into CloudWatch metrics of namespace AWS/ApplicationELB at the end of each minute of the control
// plane, and into running totals for the Prometheus page.
//
// Names, dimensions, units and statistics are AWS's; so is what is reported when nothing happened: RequestCount and
// RequestCountPerTarget while targets are registered, ConsumedLCUs always, numbers of hosts while they are checked, and the others only
// when they are not zero. Counts are so many observations of 1, so that Sum and SampleCount agree.
//
// What AWS has no metric for is in namespace PDS/ApplicationELB: InFlightRequests by target group and by target, and RequestRate, which
// is per second of real time whatever the control plane's clock does.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "cloud/exposition.h"
#include "cloud/services/elbv2/groups.h"
#include "cloud/services/elbv2/state.h"
#include "cloud/telemetry.h"
#include "proxy/metrics.h"

namespace pds::cloud::elbv2 {

class Meter {
 public:
  Meter(Core& core, const State& state, const Groups& groups, MetricSink& sink);

  // Where a balancer's listeners count. The same object until the balancer is deleted.
  std::shared_ptr<proxy::FrontCounters> counters_of(const std::string& load_balancer_arn);
  void forget_deleted();

  // Connections of clients, by balancer.
  using Connections = std::map<std::string, size_t>;
  // Looks at the health of targets: minima and maxima of a minute come from these looks.
  void look();
  // The minute that began at `minute` is over.
  void flush(Timestamp minute, const Connections& connections);
  void expose(Exposition& page, const Connections& connections) const;

 private:
  // Values that were looked at, and how often each was seen.
  using Looks = std::map<double, double>;
  struct Hosts {
    Looks healthy, unhealthy, anomalous, mitigated;
  };
  struct Balancer {
    std::shared_ptr<proxy::FrontCounters> counting = std::make_shared<proxy::FrontCounters>();
    proxy::FrontCounters total;
  };
  struct Group {
    std::map<std::string, proxy::TargetCounters> totals;  // by zone
    std::map<std::string, Hosts> hosts;                   // by zone; "" is all of them
  };
  struct Minute;  // of one balancer

  void flush_group(const std::string& arn, const proxy::TargetGroup& running, Minute& minute);
  void flush_hosts(Group& group, const proxy::TargetGroup& running, Minute& minute);
  void expose_group(Exposition& page, const std::string& arn, const Exposition::Labels& balancer) const;

  Core& core_;
  const State& state_;
  const Groups& groups_;
  MetricSink& sink_;
  std::map<std::string, Balancer> balancers_;  // by ARN
  std::map<std::string, Group> groups_seen_;   // by ARN
  MonoTime flushed_at_;
};

// "targetgroup/web/73e2d6bc24d8a067" and "app/web/50dc6c495c0c9188": what dimensions call them.
std::string dimension_of_target_group(const std::string& arn);
std::string dimension_of(const LoadBalancerRecord& balancer);

// Load balancer capacity units of one minute: the largest of four shares, as AWS prices them.
struct CapacityUse {
  uint64_t new_connections = 0, active_connections = 0, bytes = 0, function_bytes = 0, rule_evaluations = 0;
};
double capacity_units(const CapacityUse& use);

}  // namespace pds::cloud::elbv2
