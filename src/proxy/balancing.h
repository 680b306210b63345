// Which of the targets that may be asked gets the next request. Pure but for what it remembers of its turns.
//
//   round_robin                  in turns
//   least_outstanding_requests   where least is in flight; equals take turns, so that idle targets share evenly
//   weighted_random              at random
//
// A target may have less than its full share: while it starts slowly, or while an anomaly is mitigated. In turns it is then passed
// over so often that its part is exact; at random it is passed over by chance.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/time.h"
#include "proxy/weighted_draw.h"

namespace pds::proxy {

class Target;

enum class Algorithm : uint8_t { round_robin, least_outstanding_requests, weighted_random };

// How many targets must be healthy. Both limits hold at once.
struct HealthMinimum {
  int count = 1;       // 0: off
  int percentage = 0;  // of those registered; 0: off
  bool met(size_t healthy, size_t registered) const;
};

// The targets of one zone, or of all zones, that may get requests.
struct Pool {
  std::string zone;  // empty: all zones
  std::vector<std::shared_ptr<Target>> targets;
  bool in_dns = true;   // clients find the balancer's node of this zone
  bool uneven = false;  // some target has less than its full share
  size_t next = 0;      // whose turn it is
};

// The pool may not be empty.
const std::shared_ptr<Target>& choose(Pool& pool, Algorithm algorithm, FastRandom& random);

}  // namespace pds::proxy
