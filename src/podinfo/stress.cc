#include "podinfo/stress.h"

namespace pds::podinfo {
namespace {

constexpr size_t unit_bytes = 1'000'000;

void spin(std::stop_token stop) {
  while (!stop.stop_requested()) {
  }
}

}  // namespace

Stress::Stress(const Options& options, const Logger& logger) {
  if (options.stress_cpu > 0) {
    logger.info("starting CPU stress", {{"cores", options.stress_cpu}});
    for (int i = 0; i < options.stress_cpu; ++i) threads_.emplace_back(spin);
  }
  if (options.stress_memory > 0) {
    size_t bytes = static_cast<size_t>(options.stress_memory) * unit_bytes;
    logger.info("starting MEMORY stress", {{"memory", static_cast<int64_t>(bytes)}});
    memory_.assign(bytes, 1);  // written, so that it is really there
  }
}

}  // namespace pds::podinfo
