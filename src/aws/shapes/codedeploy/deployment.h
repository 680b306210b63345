// CodeDeploy: deployments.
#pragma once

#include "aws/shapes/codedeploy/application.h"

namespace pds::aws::codedeploy {

struct DeploymentOverview {
  int64_t pending = 0, in_progress = 0, succeeded = 0, failed = 0, skipped = 0, ready = 0;
};
PDS_WIRE_SHAPE(DeploymentOverview, FIELD(pending, "Pending"), FIELD(in_progress, "InProgress"), FIELD(succeeded, "Succeeded"),
               FIELD(failed, "Failed"), FIELD(skipped, "Skipped"), FIELD(ready, "Ready"))

struct RollbackInfo {
  std::optional<std::string> rollback_deployment_id, rollback_triggering_deployment_id, rollback_message;
};
PDS_WIRE_SHAPE(RollbackInfo, FIELD(rollback_deployment_id, "rollbackDeploymentId"),
               FIELD(rollback_triggering_deployment_id, "rollbackTriggeringDeploymentId"), FIELD(rollback_message, "rollbackMessage"))

struct TargetInstances {
  std::vector<std::string> auto_scaling_groups;
  std::optional<Unsupported> tag_filters, ec2_tag_set;
};
PDS_WIRE_SHAPE(TargetInstances, FIELD(auto_scaling_groups, "autoScalingGroups"), FIELD(tag_filters, "tagFilters"),
               FIELD(ec2_tag_set, "ec2TagSet"))

struct DeploymentInfo {
  std::string application_name, deployment_group_name, deployment_config_name, deployment_id;
  std::optional<RevisionLocation> previous_revision, revision;
  std::string status;
  std::optional<ErrorInformation> error_information;
  Timestamp create_time;
  std::optional<Timestamp> start_time, complete_time;
  std::optional<DeploymentOverview> deployment_overview;
  std::optional<std::string> description;
  std::string creator;
  bool ignore_application_stop_failures = false;
  std::optional<AutoRollbackConfiguration> auto_rollback_configuration;
  bool update_outdated_instances_only = false;
  std::optional<RollbackInfo> rollback_info;
  std::optional<DeploymentStyle> deployment_style;
  std::optional<TargetInstances> target_instances;
  bool instance_termination_wait_time_started = false;
  std::optional<BlueGreenDeploymentConfiguration> blue_green_deployment_configuration;
  std::optional<LoadBalancerInfo> load_balancer_info;
  std::optional<std::string> file_exists_behavior;
  std::vector<std::string> deployment_status_messages;
  std::string compute_platform;
};
PDS_WIRE_SHAPE(DeploymentInfo, FIELD(application_name, "applicationName"), FIELD(deployment_group_name, "deploymentGroupName"),
               FIELD(deployment_config_name, "deploymentConfigName"), FIELD(deployment_id, "deploymentId"),
               FIELD(previous_revision, "previousRevision"), FIELD(revision, "revision"), FIELD(status, "status"),
               FIELD(error_information, "errorInformation"), FIELD(create_time, "createTime"), FIELD(start_time, "startTime"),
               FIELD(complete_time, "completeTime"), FIELD(deployment_overview, "deploymentOverview"), FIELD(description, "description"),
               FIELD(creator, "creator"), FIELD(ignore_application_stop_failures, "ignoreApplicationStopFailures"),
               FIELD(auto_rollback_configuration, "autoRollbackConfiguration"),
               FIELD(update_outdated_instances_only, "updateOutdatedInstancesOnly"), FIELD(rollback_info, "rollbackInfo"),
               FIELD(deployment_style, "deploymentStyle"), FIELD(target_instances, "targetInstances"),
               FIELD(instance_termination_wait_time_started, "instanceTerminationWaitTimeStarted"),
               FIELD(blue_green_deployment_configuration, "blueGreenDeploymentConfiguration"),
               FIELD(load_balancer_info, "loadBalancerInfo"), FIELD(file_exists_behavior, "fileExistsBehavior"),
               FIELD(deployment_status_messages, "deploymentStatusMessages").omit_empty(), FIELD(compute_platform, "computePlatform"))

struct CreateDeploymentRequest {
  std::optional<std::string> application_name, deployment_group_name, deployment_config_name, description, file_exists_behavior;
  std::optional<RevisionLocation> revision;
  std::optional<bool> ignore_application_stop_failures, update_outdated_instances_only;
  std::optional<AutoRollbackConfiguration> auto_rollback_configuration;
  std::optional<AlarmConfiguration> override_alarm_configuration;
  std::optional<Unsupported> target_instances;
};
PDS_WIRE_SHAPE(CreateDeploymentRequest, FIELD(application_name, "applicationName"), FIELD(deployment_group_name, "deploymentGroupName"),
               FIELD(deployment_config_name, "deploymentConfigName"), FIELD(description, "description"), FIELD(revision, "revision"),
               FIELD(file_exists_behavior, "fileExistsBehavior"),
               FIELD(ignore_application_stop_failures, "ignoreApplicationStopFailures"),
               FIELD(update_outdated_instances_only, "updateOutdatedInstancesOnly"),
               FIELD(auto_rollback_configuration, "autoRollbackConfiguration"),
               FIELD(override_alarm_configuration, "overrideAlarmConfiguration"), FIELD(target_instances, "targetInstances"))
struct DeploymentId {
  std::optional<std::string> deployment_id;
};
PDS_WIRE_SHAPE(DeploymentId, FIELD(deployment_id, "deploymentId"))
using CreateDeploymentReply = DeploymentId;
PDS_OPERATION(CreateDeployment)

using GetDeploymentRequest = DeploymentId;
struct GetDeploymentReply {
  DeploymentInfo deployment_info;
};
PDS_WIRE_SHAPE(GetDeploymentReply, FIELD(deployment_info, "deploymentInfo"))
PDS_OPERATION(GetDeployment)

struct ListDeploymentsRequest {
  std::optional<std::string> application_name, deployment_group_name, next_token;
  std::vector<std::string> include_only_statuses;
  std::optional<TimeRange> create_time_range;
  std::optional<Unsupported> external_id;
};
PDS_WIRE_SHAPE(ListDeploymentsRequest, FIELD(application_name, "applicationName"), FIELD(deployment_group_name, "deploymentGroupName"),
               FIELD(next_token, "nextToken"), FIELD(include_only_statuses, "includeOnlyStatuses"),
               FIELD(create_time_range, "createTimeRange"), FIELD(external_id, "externalId"))
struct ListDeploymentsReply {
  std::vector<std::string> deployments;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(ListDeploymentsReply, FIELD(deployments, "deployments"), FIELD(next_token, "nextToken"))
PDS_OPERATION(ListDeployments)

struct BatchGetDeploymentsRequest {
  std::vector<std::string> deployment_ids;
};
PDS_WIRE_SHAPE(BatchGetDeploymentsRequest, FIELD(deployment_ids, "deploymentIds"))
struct BatchGetDeploymentsReply {
  std::vector<DeploymentInfo> deployments_info;
};
PDS_WIRE_SHAPE(BatchGetDeploymentsReply, FIELD(deployments_info, "deploymentsInfo"))
PDS_OPERATION(BatchGetDeployments)

struct StopDeploymentRequest {
  std::optional<std::string> deployment_id;
  std::optional<bool> auto_rollback_enabled;
};
PDS_WIRE_SHAPE(StopDeploymentRequest, FIELD(deployment_id, "deploymentId"), FIELD(auto_rollback_enabled, "autoRollbackEnabled"))
struct StopDeploymentReply {
  std::string status, status_message;
};
PDS_WIRE_SHAPE(StopDeploymentReply, FIELD(status, "status"), FIELD(status_message, "statusMessage"))
PDS_OPERATION(StopDeployment)

struct ContinueDeploymentRequest {
  std::optional<std::string> deployment_id, deployment_wait_type;
};
PDS_WIRE_SHAPE(ContinueDeploymentRequest, FIELD(deployment_id, "deploymentId"), FIELD(deployment_wait_type, "deploymentWaitType"))
using ContinueDeploymentReply = Empty;
PDS_OPERATION(ContinueDeployment)

using SkipWaitTimeForInstanceTerminationRequest = DeploymentId;
using SkipWaitTimeForInstanceTerminationReply = Empty;
PDS_OPERATION(SkipWaitTimeForInstanceTermination)

struct PutLifecycleEventHookExecutionStatusRequest {
  std::optional<std::string> deployment_id, lifecycle_event_hook_execution_id, status;
};
PDS_WIRE_SHAPE(PutLifecycleEventHookExecutionStatusRequest, FIELD(deployment_id, "deploymentId"),
               FIELD(lifecycle_event_hook_execution_id, "lifecycleEventHookExecutionId"), FIELD(status, "status"))
struct PutLifecycleEventHookExecutionStatusReply {
  std::string lifecycle_event_hook_execution_id;
};
PDS_WIRE_SHAPE(PutLifecycleEventHookExecutionStatusReply, FIELD(lifecycle_event_hook_execution_id, "lifecycleEventHookExecutionId"))
PDS_OPERATION(PutLifecycleEventHookExecutionStatus)

}  // namespace pds::aws::codedeploy
