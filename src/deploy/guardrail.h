// The guardrail: absolute limits on what users see, judged over windows of the control plane's minutes. Pure; the numbers come from
// CloudWatch (engine.cc asks for them).
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "deploy/release.h"

namespace pds::deploy {

struct TrafficSample {
  Timestamp minute;            // its beginning, on the control plane's clock
  double requests = 0;
  double errors = 0;           // answered 5xx, by the target or on its behalf
};

struct TrafficSeries {
  std::string target;          // "fleet", "function"
  std::vector<TrafficSample> samples;   // since the traffic began to move, oldest first
};

struct GuardrailLimits {
  double error_ratio_max = 0.01;
  double errors_min = 5;       // fewer failed requests than this prove nothing
};

// A target fails when, over any run of minutes that ends now (its last 1, 2, 3, ... minutes), at least errors_min requests failed and
// their share is above error_ratio_max. Short runs find a sharp fault fast, long ones a faint one.
Judgement judge(const std::vector<TrafficSeries>& series, const GuardrailLimits& limits);

}  // namespace pds::deploy
