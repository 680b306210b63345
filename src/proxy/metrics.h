// What the data plane counts. One TargetCounters per target group and zone, one FrontCounters per balancer; the owner takes them
// every minute of the control plane. Plain numbers: everything runs on one loop.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "base/histogram.h"

namespace pds::proxy {

struct TargetCounters {
  uint64_t requests = 0;  // sent to a target that answered, or failed to
  uint64_t connection_errors = 0;
  std::array<uint64_t, 6> status_classes{};  // [2] is 2xx; answers of targets
  Histogram response_time_us;                // request sent to head received

  TargetCounters take() { return std::exchange(*this, {}); }
};

struct FrontCounters {
  uint64_t requests = 0;  // all that were answered or cut
  uint64_t new_connections = 0;
  uint64_t rejected_connections = 0;
  uint64_t received_bytes = 0, sent_bytes = 0;  // bodies and heads of clients
  uint64_t rule_evaluations = 0;
  uint64_t redirects = 0, fixed_responses = 0;
  std::array<uint64_t, 6> elb_status_classes{};  // answers the balancer made itself: [3], [4], [5]
  uint64_t elb_500 = 0, elb_502 = 0, elb_503 = 0, elb_504 = 0;

  void count_own_status(int status) {
    ++elb_status_classes[static_cast<size_t>(status / 100)];
    if (status == 500) ++elb_500;
    if (status == 502) ++elb_502;
    if (status == 503) ++elb_503;
    if (status == 504) ++elb_504;
  }
  FrontCounters take() { return std::exchange(*this, {}); }
};

}  // namespace pds::proxy
