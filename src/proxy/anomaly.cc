#include "proxy/anomaly.h"

#include <algorithm>

namespace pds::proxy {
namespace {

double rate_of(const Outcomes& outcomes) {
  return outcomes.requests ? static_cast<double>(outcomes.errors) / static_cast<double>(outcomes.requests) : 0;
}

bool stands_out(const Outcomes& own, const Outcomes& peers) {
  double rate = rate_of(own), others = rate_of(peers);
  return own.errors >= anomaly_errors_min && rate >= others + anomaly_excess && rate >= others * anomaly_factor;
}

}  // namespace

void AnomalyState::judge(const Outcomes& peers) {
  ++windows_;
  if (seen.requests >= anomaly_requests_min) {
    anomalous_ = stands_out(seen, peers);
  } else if (windows_ < anomaly_windows_max) {
    return;  // what was seen is kept for the next verdict
  } else if (seen.errors == 0) {
    anomalous_ = false;
  }
  seen = {};
  windows_ = 0;
}

void AnomalyState::adjust(bool reduce) { share_ = reduce ? std::max(share_ / 2, anomaly_share_min) : std::min(share_ * 2, 1.0); }

void judge_targets(std::span<AnomalyState* const> healthy, bool mitigate) {
  if (healthy.size() < anomaly_healthy_min) {
    for (AnomalyState* state : healthy) *state = {};
    return;
  }
  Outcomes all;
  for (const AnomalyState* state : healthy) all.requests += state->seen.requests, all.errors += state->seen.errors;
  // Peers are taken as they were before anybody's count is cleared.
  std::size_t mitigated = 0;
  for (AnomalyState* state : healthy) {
    Outcomes own = state->seen;
    state->judge({all.requests - own.requests, all.errors - own.errors});
    mitigated += state->is_mitigated();
  }
  for (AnomalyState* state : healthy) {
    bool reduce = mitigate && state->anomalous_;
    if (reduce && !state->is_mitigated() && ++mitigated > healthy.size() / 2) reduce = false, --mitigated;
    state->adjust(reduce);
  }
}

}  // namespace pds::proxy
