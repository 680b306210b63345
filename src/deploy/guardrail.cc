#include "deploy/guardrail.h"

#include <fmt/core.h>

namespace pds::deploy {

Judgement judge(const std::vector<TrafficSeries>& series, const GuardrailLimits& limits) {
  for (const TrafficSeries& target : series) {
    double requests = 0, errors = 0;
    for (auto sample = target.samples.rbegin(); sample != target.samples.rend(); ++sample) {
      requests += sample->requests;
      errors += sample->errors;
      if (errors < limits.errors_min || requests <= 0 || errors / requests <= limits.error_ratio_max) continue;
      int minutes = static_cast<int>(sample - target.samples.rbegin()) + 1;
      Judgement judgement;
      judgement.failed = true;
      judgement.reason = fmt::format("{}: {:.0f} of {:.0f} requests failed ({:.1f} %), more than the {:.1f} % allowed", target.target, errors, requests,
                                     100 * errors / requests, 100 * limits.error_ratio_max);
      judgement.evidence = fmt::format("over the last {} minute{} of the control plane's clock, from {}", minutes, minutes == 1 ? "" : "s",
                                       to_iso8601(sample->minute));
      return judgement;
    }
  }
  return {};
}

}  // namespace pds::deploy
