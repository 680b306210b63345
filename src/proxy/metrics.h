// What the data plane counts. One TargetCounters per target group and zone, one FrontCounters per balancer; the owner takes them
// every minute of the control plane. Plain numbers: everything runs on one loop.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "base/histogram.h"

namespace pds::proxy {

struct TargetCounters {
  uint64_t requests = 0;  // for which a target was chosen
  uint64_t connection_errors = 0;
  uint64_t new_connections = 0;
  uint64_t retries = 0;                      // requests sent a second time
  uint64_t non_sticky_requests = 0;          // stickiness is on, and the cookie did not decide
  uint64_t function_errors = 0;              // the function's own, or of how it is configured
  uint64_t function_service_errors = 0;      // not the function's
  std::array<uint64_t, 6> status_classes{};  // [2] is 2xx; answers of targets
  Histogram response_time_us;                // request sent to head received

  TargetCounters take() { return std::exchange(*this, {}); }
  void add(const TargetCounters& other);
};

struct FrontCounters {
  uint64_t requests = 0;  // all that were answered or cut, malformed ones among them
  uint64_t new_connections = 0;
  uint64_t rejected_connections = 0;  // there were too many
  uint64_t denied_connections = 0;    // by the security groups
  uint64_t tls_handshake_failures = 0;
  uint64_t received_bytes = 0, sent_bytes = 0;  // heads and bodies, from and to clients
  uint64_t function_bytes = 0;                  // of those, for functions
  uint64_t rule_evaluations = 0;
  uint64_t charged_rule_evaluations = 0;  // beyond the first ten of a request
  uint64_t redirects = 0, fixed_responses = 0;
  uint64_t redirect_urls_too_long = 0;
  uint64_t grpc_requests = 0;
  uint64_t dropped_header_requests = 0;  // that came with invalid header fields, and went on without
  uint64_t malformed_requests = 0;       // refused for breaking RFC 9112
  uint64_t clients_gone = 0;             // before they had an answer: 460
  uint64_t slow_requests = 0;
  std::array<uint64_t, 6> elb_status_classes{};  // answers the balancer made itself: [3], [4], [5]
  uint64_t elb_500 = 0, elb_502 = 0, elb_503 = 0, elb_504 = 0;

  void count_own_status(int status);
  FrontCounters take() { return std::exchange(*this, {}); }
  void add(const FrontCounters& other);
};

}  // namespace pds::proxy
