// Load for its own sake: threads that never rest, and memory that is never used.
#pragma once

#include <thread>
#include <vector>

#include "base/log.h"
#include "podinfo/options.h"

namespace pds::podinfo {

class Stress {
 public:
  // Starts what the options ask for; it lasts as long as this object.
  Stress(const Options& options, const Logger& logger);

 private:
  std::vector<char> memory_;
  std::vector<std::jthread> threads_;
};

}  // namespace pds::podinfo
