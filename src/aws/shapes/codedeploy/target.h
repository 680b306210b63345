// CodeDeploy: what a deployment deploys to, and what happened there.
#pragma once

#include "aws/shapes/codedeploy/deployment.h"

namespace pds::aws::codedeploy {

struct Diagnostics {
  std::optional<std::string> error_code, script_name, message, log_tail;
};
PDS_WIRE_SHAPE(Diagnostics, FIELD(error_code, "errorCode"), FIELD(script_name, "scriptName"), FIELD(message, "message"),
               FIELD(log_tail, "logTail"))

struct LifecycleEvent {
  std::string lifecycle_event_name;
  std::optional<Diagnostics> diagnostics;
  std::optional<Timestamp> start_time, end_time;
  std::string status;
};
PDS_WIRE_SHAPE(LifecycleEvent, FIELD(lifecycle_event_name, "lifecycleEventName"), FIELD(diagnostics, "diagnostics"),
               FIELD(start_time, "startTime"), FIELD(end_time, "endTime"), FIELD(status, "status"))

struct InstanceTarget {
  std::string deployment_id, target_id, target_arn, status;
  Timestamp last_updated_at;
  std::vector<LifecycleEvent> lifecycle_events;
  std::optional<std::string> instance_label;  // Blue, Green
};
PDS_WIRE_SHAPE(InstanceTarget, FIELD(deployment_id, "deploymentId"), FIELD(target_id, "targetId"), FIELD(target_arn, "targetArn"),
               FIELD(status, "status"), FIELD(last_updated_at, "lastUpdatedAt"), FIELD(lifecycle_events, "lifecycleEvents"),
               FIELD(instance_label, "instanceLabel"))

struct LambdaFunctionInfo {
  std::string function_name, function_alias, current_version, target_version;
  double target_version_weight = 0;
};
PDS_WIRE_SHAPE(LambdaFunctionInfo, FIELD(function_name, "functionName"), FIELD(function_alias, "functionAlias"),
               FIELD(current_version, "currentVersion"), FIELD(target_version, "targetVersion"),
               FIELD(target_version_weight, "targetVersionWeight"))

struct LambdaTarget {
  std::string deployment_id, target_id, target_arn, status;
  Timestamp last_updated_at;
  std::vector<LifecycleEvent> lifecycle_events;
  LambdaFunctionInfo lambda_function_info;
};
PDS_WIRE_SHAPE(LambdaTarget, FIELD(deployment_id, "deploymentId"), FIELD(target_id, "targetId"), FIELD(target_arn, "targetArn"),
               FIELD(status, "status"), FIELD(last_updated_at, "lastUpdatedAt"), FIELD(lifecycle_events, "lifecycleEvents"),
               FIELD(lambda_function_info, "lambdaFunctionInfo"))

struct DeploymentTarget {
  std::string deployment_target_type;  // InstanceTarget, LambdaTarget
  std::optional<InstanceTarget> instance_target;
  std::optional<LambdaTarget> lambda_target;
};
PDS_WIRE_SHAPE(DeploymentTarget, FIELD(deployment_target_type, "deploymentTargetType"), FIELD(instance_target, "instanceTarget"),
               FIELD(lambda_target, "lambdaTarget"))

struct GetDeploymentTargetRequest {
  std::optional<std::string> deployment_id, target_id;
};
PDS_WIRE_SHAPE(GetDeploymentTargetRequest, FIELD(deployment_id, "deploymentId"), FIELD(target_id, "targetId"))
struct GetDeploymentTargetReply {
  DeploymentTarget deployment_target;
};
PDS_WIRE_SHAPE(GetDeploymentTargetReply, FIELD(deployment_target, "deploymentTarget"))
PDS_OPERATION(GetDeploymentTarget)

struct BatchGetDeploymentTargetsRequest {
  std::optional<std::string> deployment_id;
  std::vector<std::string> target_ids;
};
PDS_WIRE_SHAPE(BatchGetDeploymentTargetsRequest, FIELD(deployment_id, "deploymentId"), FIELD(target_ids, "targetIds"))
struct BatchGetDeploymentTargetsReply {
  std::vector<DeploymentTarget> deployment_targets;
};
PDS_WIRE_SHAPE(BatchGetDeploymentTargetsReply, FIELD(deployment_targets, "deploymentTargets"))
PDS_OPERATION(BatchGetDeploymentTargets)

struct ListDeploymentTargetsRequest {
  std::optional<std::string> deployment_id, next_token;
  std::map<std::string, std::vector<std::string>> target_filters;  // TargetStatus, ServerInstanceLabel
};
PDS_WIRE_SHAPE(ListDeploymentTargetsRequest, FIELD(deployment_id, "deploymentId"), FIELD(next_token, "nextToken"),
               FIELD(target_filters, "targetFilters"))
struct ListDeploymentTargetsReply {
  std::vector<std::string> target_ids;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(ListDeploymentTargetsReply, FIELD(target_ids, "targetIds"), FIELD(next_token, "nextToken"))
PDS_OPERATION(ListDeploymentTargets)

// The older form, for instances only.
struct InstanceSummary {
  std::string deployment_id, instance_id, status;
  Timestamp last_updated_at;
  std::vector<LifecycleEvent> lifecycle_events;
  std::optional<std::string> instance_type;  // Blue, Green
};
PDS_WIRE_SHAPE(InstanceSummary, FIELD(deployment_id, "deploymentId"), FIELD(instance_id, "instanceId"), FIELD(status, "status"),
               FIELD(last_updated_at, "lastUpdatedAt"), FIELD(lifecycle_events, "lifecycleEvents"), FIELD(instance_type, "instanceType"))

struct GetDeploymentInstanceRequest {
  std::optional<std::string> deployment_id, instance_id;
};
PDS_WIRE_SHAPE(GetDeploymentInstanceRequest, FIELD(deployment_id, "deploymentId"), FIELD(instance_id, "instanceId"))
struct GetDeploymentInstanceReply {
  InstanceSummary instance_summary;
};
PDS_WIRE_SHAPE(GetDeploymentInstanceReply, FIELD(instance_summary, "instanceSummary"))
PDS_OPERATION(GetDeploymentInstance)

struct ListDeploymentInstancesRequest {
  std::optional<std::string> deployment_id, next_token;
  std::vector<std::string> instance_status_filter, instance_type_filter;
};
PDS_WIRE_SHAPE(ListDeploymentInstancesRequest, FIELD(deployment_id, "deploymentId"), FIELD(next_token, "nextToken"),
               FIELD(instance_status_filter, "instanceStatusFilter"), FIELD(instance_type_filter, "instanceTypeFilter"))
struct ListDeploymentInstancesReply {
  std::vector<std::string> instances_list;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(ListDeploymentInstancesReply, FIELD(instances_list, "instancesList"), FIELD(next_token, "nextToken"))
PDS_OPERATION(ListDeploymentInstances)

struct BatchGetDeploymentInstancesRequest {
  std::optional<std::string> deployment_id;
  std::vector<std::string> instance_ids;
};
PDS_WIRE_SHAPE(BatchGetDeploymentInstancesRequest, FIELD(deployment_id, "deploymentId"), FIELD(instance_ids, "instanceIds"))
struct BatchGetDeploymentInstancesReply {
  std::vector<InstanceSummary> instances_summary;
};
PDS_WIRE_SHAPE(BatchGetDeploymentInstancesReply, FIELD(instances_summary, "instancesSummary"))
PDS_OPERATION(BatchGetDeploymentInstances)

}  // namespace pds::aws::codedeploy
