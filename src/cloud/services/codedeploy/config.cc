#include "cloud/services/codedeploy/config.h"

#include <fmt/core.h>

#include <algorithm>

namespace pds::cloud::codedeploy {

namespace wire = aws::codedeploy;

namespace {

constexpr int shift_minutes_max = 2880;

wire::DeploymentConfigInfo built_in(std::string_view name, std::string_view platform) {
  wire::DeploymentConfigInfo info;
  info.deployment_config_name = fmt::format("CodeDeployDefault.{}", name);
  info.deployment_config_id = fmt::format("00000000-0000-0000-0000-{:012x}", std::hash<std::string_view>{}(name) & 0xFFFFFFFFFFFF);
  info.compute_platform = platform;
  return info;
}

wire::DeploymentConfigInfo fleet(std::string_view name, const char* type, int value) {
  wire::DeploymentConfigInfo info = built_in(name, "Server");
  info.minimum_healthy_hosts = wire::MinimumHealthyHosts{type, value};
  return info;
}

wire::DeploymentConfigInfo at_once(std::string_view name, std::string_view platform) {
  wire::DeploymentConfigInfo info = built_in(name, platform);
  info.traffic_routing_config = wire::TrafficRoutingConfig{.type = "AllAtOnce"};
  return info;
}

wire::DeploymentConfigInfo canary(std::string_view name, std::string_view platform, int minutes) {
  wire::DeploymentConfigInfo info = built_in(name, platform);
  info.traffic_routing_config =
      wire::TrafficRoutingConfig{.type = "TimeBasedCanary", .time_based_canary = wire::TimeBasedCanary{10, minutes}};
  return info;
}

wire::DeploymentConfigInfo linear(std::string_view name, std::string_view platform, int minutes) {
  wire::DeploymentConfigInfo info = built_in(name, platform);
  info.traffic_routing_config =
      wire::TrafficRoutingConfig{.type = "TimeBasedLinear", .time_based_linear = wire::TimeBasedLinear{10, minutes}};
  return info;
}

Result<void> check_routing(const wire::TrafficRoutingConfig& routing) {
  auto bad = [](const char* message) { return fail("InvalidTrafficRoutingConfigurationException", message); };
  std::string type = routing.type.value_or("");
  int percentage = 0, interval = 0, steps = 1;
  if (type == "AllAtOnce") return {};
  if (type == "TimeBasedCanary" && routing.time_based_canary) {
    percentage = routing.time_based_canary->canary_percentage.value_or(0);
    interval = routing.time_based_canary->canary_interval.value_or(0);
  } else if (type == "TimeBasedLinear" && routing.time_based_linear) {
    percentage = routing.time_based_linear->linear_percentage.value_or(0);
    interval = routing.time_based_linear->linear_interval.value_or(0);
    steps = percentage > 0 ? (100 + percentage - 1) / percentage - 1 : 1;
  } else {
    return bad(
        "The type of the traffic routing configuration must be TimeBasedCanary, TimeBasedLinear or AllAtOnce, with its details.");
  }
  if (percentage < 1 || percentage > 99) return bad("The percentage of a traffic routing configuration must be between 1 and 99.");
  if (interval < 1 || interval > shift_minutes_max / steps)
    return bad("The interval of a traffic routing configuration must be at least one minute, and all of it within 2880 minutes.");
  return {};
}

Result<void> check_hosts(const wire::MinimumHealthyHosts& hosts) {
  std::string type = hosts.type.value_or("");
  int value = hosts.value.value_or(-1);
  if (type != "HOST_COUNT" && type != "FLEET_PERCENT")
    return fail("InvalidMinimumHealthyHostValueException",
                "The type of the minimum healthy hosts must be HOST_COUNT or FLEET_PERCENT.");
  if (value < 0 || (type == "FLEET_PERCENT" && value > 99))
    return fail("InvalidMinimumHealthyHostValueException", "The value of the minimum healthy hosts is out of range.");
  return {};
}

}  // namespace

const std::vector<wire::DeploymentConfigInfo>& built_in_configs() {
  static const std::vector<wire::DeploymentConfigInfo> all = {
      fleet("AllAtOnce", "HOST_COUNT", 0),
      fleet("HalfAtATime", "FLEET_PERCENT", 50),
      fleet("OneAtATime", "MOST_CONCURRENCY", 1),
      at_once("LambdaAllAtOnce", "Lambda"),
      canary("LambdaCanary10Percent5Minutes", "Lambda", 5),
      canary("LambdaCanary10Percent10Minutes", "Lambda", 10),
      canary("LambdaCanary10Percent15Minutes", "Lambda", 15),
      canary("LambdaCanary10Percent30Minutes", "Lambda", 30),
      linear("LambdaLinear10PercentEvery1Minute", "Lambda", 1),
      linear("LambdaLinear10PercentEvery2Minutes", "Lambda", 2),
      linear("LambdaLinear10PercentEvery3Minutes", "Lambda", 3),
      linear("LambdaLinear10PercentEvery10Minutes", "Lambda", 10),
      at_once("ECSAllAtOnce", "ECS"),
      canary("ECSCanary10Percent5Minutes", "ECS", 5),
      canary("ECSCanary10Percent15Minutes", "ECS", 15),
      linear("ECSLinear10PercentEvery1Minutes", "ECS", 1),  // the plural is AWS's
      linear("ECSLinear10PercentEvery3Minutes", "ECS", 3),
  };
  return all;
}

const wire::DeploymentConfigInfo* find_built_in(std::string_view name) {
  for (const wire::DeploymentConfigInfo& config : built_in_configs())
    if (config.deployment_config_name == name) return &config;
  return nullptr;
}

Result<FleetPace> pace_of(const wire::DeploymentConfigInfo& config, int fleet_size) {
  std::string type = config.minimum_healthy_hosts ? config.minimum_healthy_hosts->type.value_or("") : "";
  int value = config.minimum_healthy_hosts ? config.minimum_healthy_hosts->value.value_or(0) : 0;
  FleetPace pace;
  if (type == "MOST_CONCURRENCY") {
    // All but the last may not fail.
    pace = {std::max(0, fleet_size - 1), value, true};
  } else {
    pace.minimum_healthy = type == "FLEET_PERCENT" ? (fleet_size * value + 99) / 100 : value;
    pace.at_once = fleet_size - pace.minimum_healthy;
  }
  if (fleet_size > 0 && pace.at_once <= 0)
    return fail(
        "HEALTH_CONSTRAINTS_INVALID",
        fmt::format(
            "The deployment can't start because the minimum number of healthy instances ({}) must be less than the number of "
            "instances in the deployment ({}).",
            pace.minimum_healthy, fleet_size));
  return pace;
}

ShiftPace shift_of(const wire::DeploymentConfigInfo& config) {
  if (!config.traffic_routing_config) return {};
  if (const auto& c = config.traffic_routing_config->time_based_canary)
    return {c->canary_percentage.value_or(100), 0, c->canary_interval.value_or(0)};
  if (const auto& l = config.traffic_routing_config->time_based_linear) {
    int step = l->linear_percentage.value_or(100);
    return {step, step, l->linear_interval.value_or(0)};
  }
  return {};
}

Result<void> check_config(const wire::CreateDeploymentConfigRequest& request) {
  std::string platform = request.compute_platform.value_or("Server");
  if (platform != "Server" && platform != "Lambda" && platform != "ECS")
    return fail("InvalidComputePlatformException",
                "The computePlatform is invalid. The computePlatform should be Lambda, Server, or ECS.");
  if (request.zonal_config)
    return fail("NotImplemented", "CreateDeploymentConfig: zonalConfig is not supported: zones are not deployed to one by one yet",
                501);
  if (platform == "Server") {
    if (request.traffic_routing_config)
      return fail("InvalidTrafficRoutingConfigurationException",
                  "A traffic routing configuration is for the Lambda and ECS compute platforms only.");
    if (!request.minimum_healthy_hosts)
      return fail("InvalidMinimumHealthyHostValueException", "The minimum healthy hosts must be specified.");
    return check_hosts(*request.minimum_healthy_hosts);
  }
  if (request.minimum_healthy_hosts)
    return fail("InvalidMinimumHealthyHostValueException", "Minimum healthy hosts are for the Server compute platform only.");
  if (!request.traffic_routing_config)
    return fail("InvalidTrafficRoutingConfigurationException", "The traffic routing configuration must be specified.");
  return check_routing(*request.traffic_routing_config);
}

}  // namespace pds::cloud::codedeploy
