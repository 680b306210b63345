// Deployment configurations: the built-in ones, and what a configuration means in numbers.
#pragma once

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "aws/shapes/codedeploy.h"
#include "base/result.h"

namespace pds::cloud::codedeploy {

// All 17, in AWS's order of names.
const std::vector<aws::codedeploy::DeploymentConfigInfo>& built_in_configs();
const aws::codedeploy::DeploymentConfigInfo* find_built_in(std::string_view name);

struct FleetPace {
  int minimum_healthy = 0;     // instances
  int at_once = 0;             // how many may be worked on at the same time
  bool one_at_a_time = false;  // the first failure ends it, except on the last instance
};
// Percentages are rounded up. HEALTH_CONSTRAINTS_INVALID when not even one instance may be worked on.
Result<FleetPace> pace_of(const aws::codedeploy::DeploymentConfigInfo& config, int fleet_size);

// How a function's traffic moves: the weight after each step, and the minutes before the next.
struct ShiftPace {
  int first_percent = 100, step_percent = 0, interval_minutes = 0;
  int after(int percent) const {
    return percent == 0 ? first_percent : step_percent == 0 ? 100 : std::min(100, percent + step_percent);
  }
};
ShiftPace shift_of(const aws::codedeploy::DeploymentConfigInfo& config);

// The rules for custom ones. InvalidMinimumHealthyHostValueException, InvalidTrafficRoutingConfigurationException, ...
Result<void> check_config(const aws::codedeploy::CreateDeploymentConfigRequest& request);

}  // namespace pds::cloud::codedeploy
