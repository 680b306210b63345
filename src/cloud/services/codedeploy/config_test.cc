#include "cloud/services/codedeploy/config.h"

#include <gtest/gtest.h>

#include "cloud/services/codedeploy/records.h"

namespace pds::cloud::codedeploy {
namespace {

TEST(Config, percentages_round_up_and_what_cannot_start_is_said) {
  wire::DeploymentConfigInfo config;
  config.minimum_healthy_hosts = wire::MinimumHealthyHosts{"FLEET_PERCENT", 95};
  EXPECT_EQ(pace_of(config, 10).error().code, "HEALTH_CONSTRAINTS_INVALID");
  config.minimum_healthy_hosts->value = 50;
  EXPECT_EQ(pace_of(config, 3)->minimum_healthy, 2);
  EXPECT_EQ(pace_of(config, 3)->at_once, 1);
  EXPECT_EQ(built_in_configs().size(), 17u);
}

}  // namespace
}  // namespace pds::cloud::codedeploy
