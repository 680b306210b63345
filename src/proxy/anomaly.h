// Targets that pass their health checks and still fail requests, found by comparison with their peers (AWS: automatic target
// weights).
//
// What counts as an error is an answer 5xx, or no answer: the connection could not be made, broke off, or timed out. Once per
// window each healthy target's error rate is held against that of all the others together. One that stands out is anomalous; where
// mitigation is on, its share of the traffic is halved window by window, and doubled again once it is like the others. A target
// that gets little traffic is judged on several windows together, and taken for well again when even those say nothing: otherwise
// it would never get the traffic that shows it has recovered.
#pragma once

#include <cstdint>
#include <span>

#include "base/time.h"

namespace pds::proxy {

inline constexpr Duration anomaly_window = 10s;       // of the control plane's time
inline constexpr size_t anomaly_healthy_min = 3;      // fewer cannot be compared (AWS)
inline constexpr uint64_t anomaly_requests_min = 10;  // of the target, for a verdict
inline constexpr uint64_t anomaly_errors_min = 3;
inline constexpr double anomaly_excess = 0.1;  // of the rate over the peers' rate...
inline constexpr double anomaly_factor = 2;    // ...which it must also be a multiple of
inline constexpr int anomaly_windows_max = 6;  // joined for one verdict
inline constexpr double anomaly_share_min = 1.0 / 64;

struct Outcomes {
  uint64_t requests = 0, errors = 0;
};

class AnomalyState {
 public:
  Outcomes seen;  // counted by exchanges; taken by judge_targets
  bool is_anomalous() const { return anomalous_; }
  bool is_mitigated() const { return share_ < 1; }
  double share() const { return share_; }

 private:
  friend void judge_targets(std::span<AnomalyState* const> healthy, bool mitigate);
  void judge(const Outcomes& peers);
  void adjust(bool reduce);
  bool anomalous_ = false;
  double share_ = 1;
  int windows_ = 0;  // that `seen` is of
};

// At the end of a window. Not more than half of the targets are mitigated at a time: the others carry what those lose.
void judge_targets(std::span<AnomalyState* const> healthy, bool mitigate);

}  // namespace pds::proxy
