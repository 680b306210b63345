// CodeDeploy: deployment configurations.
#pragma once

#include "aws/shapes/codedeploy/application.h"

namespace pds::aws::codedeploy {

struct MinimumHealthyHosts {
  std::optional<std::string> type;
  std::optional<int> value;
};
PDS_WIRE_SHAPE(MinimumHealthyHosts, FIELD(type, "type"), FIELD(value, "value"))

struct TimeBasedCanary {
  std::optional<int> canary_percentage, canary_interval;  // minutes
};
PDS_WIRE_SHAPE(TimeBasedCanary, FIELD(canary_percentage, "canaryPercentage"), FIELD(canary_interval, "canaryInterval"))

struct TimeBasedLinear {
  std::optional<int> linear_percentage, linear_interval;  // minutes
};
PDS_WIRE_SHAPE(TimeBasedLinear, FIELD(linear_percentage, "linearPercentage"), FIELD(linear_interval, "linearInterval"))

struct TrafficRoutingConfig {
  std::optional<std::string> type;
  std::optional<TimeBasedCanary> time_based_canary;
  std::optional<TimeBasedLinear> time_based_linear;
};
PDS_WIRE_SHAPE(TrafficRoutingConfig, FIELD(type, "type"), FIELD(time_based_canary, "timeBasedCanary"),
               FIELD(time_based_linear, "timeBasedLinear"))

struct DeploymentConfigInfo {
  std::string deployment_config_id, deployment_config_name;
  std::optional<MinimumHealthyHosts> minimum_healthy_hosts;
  std::optional<Timestamp> create_time;  // none for the built-in ones
  std::string compute_platform;
  std::optional<TrafficRoutingConfig> traffic_routing_config;
};
PDS_WIRE_SHAPE(DeploymentConfigInfo, FIELD(deployment_config_id, "deploymentConfigId"),
               FIELD(deployment_config_name, "deploymentConfigName"), FIELD(minimum_healthy_hosts, "minimumHealthyHosts"),
               FIELD(create_time, "createTime"), FIELD(compute_platform, "computePlatform"),
               FIELD(traffic_routing_config, "trafficRoutingConfig"))

struct CreateDeploymentConfigRequest {
  std::optional<std::string> deployment_config_name, compute_platform;
  std::optional<MinimumHealthyHosts> minimum_healthy_hosts;
  std::optional<TrafficRoutingConfig> traffic_routing_config;
  std::optional<Unsupported> zonal_config;
};
PDS_WIRE_SHAPE(CreateDeploymentConfigRequest, FIELD(deployment_config_name, "deploymentConfigName"),
               FIELD(compute_platform, "computePlatform"), FIELD(minimum_healthy_hosts, "minimumHealthyHosts"),
               FIELD(traffic_routing_config, "trafficRoutingConfig"), FIELD(zonal_config, "zonalConfig"))
struct CreateDeploymentConfigReply {
  std::string deployment_config_id;
};
PDS_WIRE_SHAPE(CreateDeploymentConfigReply, FIELD(deployment_config_id, "deploymentConfigId"))
PDS_OPERATION(CreateDeploymentConfig)

struct DeploymentConfigName {
  std::optional<std::string> deployment_config_name;
};
PDS_WIRE_SHAPE(DeploymentConfigName, FIELD(deployment_config_name, "deploymentConfigName"))

using GetDeploymentConfigRequest = DeploymentConfigName;
struct GetDeploymentConfigReply {
  DeploymentConfigInfo deployment_config_info;
};
PDS_WIRE_SHAPE(GetDeploymentConfigReply, FIELD(deployment_config_info, "deploymentConfigInfo"))
PDS_OPERATION(GetDeploymentConfig)

using DeleteDeploymentConfigRequest = DeploymentConfigName;
using DeleteDeploymentConfigReply = Empty;
PDS_OPERATION(DeleteDeploymentConfig)

using ListDeploymentConfigsRequest = NextToken;
struct ListDeploymentConfigsReply {
  std::vector<std::string> deployment_configs_list;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(ListDeploymentConfigsReply, FIELD(deployment_configs_list, "deploymentConfigsList"), FIELD(next_token, "nextToken"))
PDS_OPERATION(ListDeploymentConfigs)

}  // namespace pds::aws::codedeploy
