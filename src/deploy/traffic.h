// What goes through the balancer, as AWS's APIs tell it: weights from listeners and rules, health from DescribeTargetHealth, and the last
// whole minute of the control plane's clock from CloudWatch. At AWS there are no numbers per target and none of requests in flight:
// they are left out there.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/client.h"
#include "base/json.h"

namespace pds::deploy {

struct TargetTraffic {
  std::string id;  // "i-0abc:9898"
  std::string zone, state, reason;
  std::optional<double> in_flight;
};

struct GroupTraffic {
  std::string name, arn;
  std::optional<double> weight;  // its part of the forward action that names it, 0 to 1
  double share = 0;              // its part of the requests seen, 0 to 1
  double requests = 0, errors = 0;
  std::optional<double> requests_per_second, p50_seconds, p99_seconds;
  std::optional<double> in_flight;
  size_t healthy = 0;
  std::vector<TargetTraffic> targets;
  double error_ratio() const { return requests > 0 ? errors / requests : 0; }
};

struct Traffic {
  Timestamp minute{};  // none was reported yet when this is the epoch
  std::vector<GroupTraffic> groups;
  double requests = 0, balancer_errors = 0;  // 5xx that the balancer answered itself
};

// `since`: the minute of an earlier look, so that only what came later is searched; the epoch at first.
io::Task<Result<Traffic>> look_at_traffic(aws::Client& client, std::string balancer_arn, Timestamp since);

// Lines for people, the first is the heading; and the same as a document.
std::vector<std::string> traffic_lines(const Traffic& traffic);
json::object traffic_document(const Traffic& traffic);

// ---- for tests ----

// What each group gets of the actions that name it: of the default action of a listener if it is there, else of the first rule.
std::map<std::string, double> weights_of(const std::vector<std::vector<std::pair<std::string, int>>>& forwards);

}  // namespace pds::deploy
