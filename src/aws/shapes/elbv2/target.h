// Elastic Load Balancing v2 2015-12-01: targets and their health.
#pragma once

#include "aws/shapes/elbv2/common.h"

namespace pds::aws::elbv2 {

struct TargetDescription {
  std::string id;
  std::optional<int> port;
  std::optional<std::string> availability_zone;
  std::optional<Unsupported> quic_server_id;
};
PDS_WIRE_SHAPE(TargetDescription, FIELD(id, "Id").required(), FIELD(port, "Port").bounds(1, 65535),
               FIELD(availability_zone, "AvailabilityZone"), FIELD(quic_server_id, "QuicServerId"))

struct TargetHealth {
  std::string state;
  std::optional<std::string> reason, description;
};
PDS_WIRE_SHAPE(TargetHealth, FIELD(state, "State"), FIELD(reason, "Reason"), FIELD(description, "Description"))

struct AnomalyDetection {
  std::string result, mitigation_in_effect;
};
PDS_WIRE_SHAPE(AnomalyDetection, FIELD(result, "Result"), FIELD(mitigation_in_effect, "MitigationInEffect"))

struct TargetHealthDescription {
  TargetDescription target;
  std::optional<std::string> health_check_port;
  TargetHealth target_health;
  std::optional<AnomalyDetection> anomaly_detection;
};
PDS_WIRE_SHAPE(TargetHealthDescription, FIELD(target, "Target"), FIELD(health_check_port, "HealthCheckPort"),
               FIELD(target_health, "TargetHealth"), FIELD(anomaly_detection, "AnomalyDetection"))

struct TargetsRequest {
  std::string target_group_arn;
  std::vector<TargetDescription> targets;
};
PDS_WIRE_SHAPE(TargetsRequest, FIELD(target_group_arn, "TargetGroupArn").required(),
               FIELD(targets, "Targets").required().bounds(1, 1000))

using RegisterTargetsRequest = TargetsRequest;
using RegisterTargetsReply = Empty;
PDS_OPERATION(RegisterTargets)

using DeregisterTargetsRequest = TargetsRequest;
using DeregisterTargetsReply = Empty;
PDS_OPERATION(DeregisterTargets)

struct DescribeTargetHealthRequest {
  std::string target_group_arn;
  std::vector<TargetDescription> targets;
  std::vector<std::string> include;
};
PDS_WIRE_SHAPE(DescribeTargetHealthRequest, FIELD(target_group_arn, "TargetGroupArn").required(), FIELD(targets, "Targets"),
               FIELD(include, "Include"))

struct DescribeTargetHealthReply {
  std::vector<TargetHealthDescription> target_health_descriptions;
};
PDS_WIRE_SHAPE(DescribeTargetHealthReply, FIELD(target_health_descriptions, "TargetHealthDescriptions"))

PDS_OPERATION(DescribeTargetHealth)

}  // namespace pds::aws::elbv2
