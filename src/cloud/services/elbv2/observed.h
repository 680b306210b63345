// What the weights of a listener came to.
#pragma once

#include <cstdint>
#include <string>

namespace pds::cloud::elbv2 {

// One target group of one forward action. Counted from when that (or anything else about the listener) was last changed: what a window
// saw is the difference of two readings.
struct ObservedShare {
  int rule_priority = 0;  // 0: the default action
  std::string target_group_arn;
  uint32_t weight = 0;
  uint64_t requests = 0;
  double share = 0;  // of the requests of this action
};

}  // namespace pds::cloud::elbv2
