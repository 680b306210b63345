// CodeDeploy: deployment groups.
#pragma once

#include "aws/shapes/codedeploy/application.h"

namespace pds::aws::codedeploy {

struct AutoScalingGroup {
  std::string name;
  std::optional<std::string> hook;
};
PDS_WIRE_SHAPE(AutoScalingGroup, FIELD(name, "name"), FIELD(hook, "hook"))

struct LastDeploymentInfo {
  std::string deployment_id, status;
  std::optional<Timestamp> end_time;
  Timestamp create_time;
};
PDS_WIRE_SHAPE(LastDeploymentInfo, FIELD(deployment_id, "deploymentId"), FIELD(status, "status"), FIELD(end_time, "endTime"),
               FIELD(create_time, "createTime"))

struct DeploymentGroupInfo {
  std::string application_name, deployment_group_id, deployment_group_name, deployment_config_name;
  std::vector<AutoScalingGroup> auto_scaling_groups;
  std::string service_role_arn;
  std::optional<RevisionLocation> target_revision;  // of the last successful deployment
  std::optional<AlarmConfiguration> alarm_configuration;
  std::optional<AutoRollbackConfiguration> auto_rollback_configuration;
  std::optional<DeploymentStyle> deployment_style;
  std::optional<std::string> outdated_instances_strategy;
  std::optional<BlueGreenDeploymentConfiguration> blue_green_deployment_configuration;
  std::optional<LoadBalancerInfo> load_balancer_info;
  std::optional<LastDeploymentInfo> last_successful_deployment, last_attempted_deployment;
  std::string compute_platform;
  bool termination_hook_enabled = false;
};
PDS_WIRE_SHAPE(DeploymentGroupInfo, FIELD(application_name, "applicationName"), FIELD(deployment_group_id, "deploymentGroupId"),
               FIELD(deployment_group_name, "deploymentGroupName"), FIELD(deployment_config_name, "deploymentConfigName"),
               FIELD(auto_scaling_groups, "autoScalingGroups"), FIELD(service_role_arn, "serviceRoleArn"),
               FIELD(target_revision, "targetRevision"), FIELD(alarm_configuration, "alarmConfiguration"),
               FIELD(auto_rollback_configuration, "autoRollbackConfiguration"), FIELD(deployment_style, "deploymentStyle"),
               FIELD(outdated_instances_strategy, "outdatedInstancesStrategy"),
               FIELD(blue_green_deployment_configuration, "blueGreenDeploymentConfiguration"),
               FIELD(load_balancer_info, "loadBalancerInfo"), FIELD(last_successful_deployment, "lastSuccessfulDeployment"),
               FIELD(last_attempted_deployment, "lastAttemptedDeployment"), FIELD(compute_platform, "computePlatform"),
               FIELD(termination_hook_enabled, "terminationHookEnabled"))

// What creating and updating a group have in common. The optionals of Unsupported are refused when they say anything.
struct GroupSettings {
  std::optional<std::string> deployment_config_name, service_role_arn, outdated_instances_strategy;
  std::optional<std::vector<std::string>> auto_scaling_groups;
  std::optional<AlarmConfiguration> alarm_configuration;
  std::optional<AutoRollbackConfiguration> auto_rollback_configuration;
  std::optional<DeploymentStyle> deployment_style;
  std::optional<BlueGreenDeploymentConfiguration> blue_green_deployment_configuration;
  std::optional<LoadBalancerInfo> load_balancer_info;
  std::optional<bool> termination_hook_enabled;
  std::optional<std::vector<Unsupported>> ec2_tag_filters, on_premises_instance_tag_filters, trigger_configurations, ecs_services;
  std::optional<Unsupported> ec2_tag_set, on_premises_tag_set;
};

#define PDS_GROUP_SETTINGS                                                                                                        \
  FIELD(settings.deployment_config_name, "deploymentConfigName"), FIELD(settings.service_role_arn, "serviceRoleArn"),             \
      FIELD(settings.outdated_instances_strategy, "outdatedInstancesStrategy"),                                                   \
      FIELD(settings.auto_scaling_groups, "autoScalingGroups"), FIELD(settings.alarm_configuration, "alarmConfiguration"),        \
      FIELD(settings.auto_rollback_configuration, "autoRollbackConfiguration"),                                                   \
      FIELD(settings.deployment_style, "deploymentStyle"),                                                                        \
      FIELD(settings.blue_green_deployment_configuration, "blueGreenDeploymentConfiguration"),                                    \
      FIELD(settings.load_balancer_info, "loadBalancerInfo"), FIELD(settings.termination_hook_enabled, "terminationHookEnabled"), \
      FIELD(settings.ec2_tag_filters, "ec2TagFilters"),                                                                           \
      FIELD(settings.on_premises_instance_tag_filters, "onPremisesInstanceTagFilters"),                                           \
      FIELD(settings.trigger_configurations, "triggerConfigurations"), FIELD(settings.ecs_services, "ecsServices"),               \
      FIELD(settings.ec2_tag_set, "ec2TagSet"), FIELD(settings.on_premises_tag_set, "onPremisesTagSet")

struct CreateDeploymentGroupRequest {
  std::optional<std::string> application_name, deployment_group_name;
  GroupSettings settings;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(CreateDeploymentGroupRequest, FIELD(application_name, "applicationName"),
               FIELD(deployment_group_name, "deploymentGroupName"), FIELD(tags, "tags"), PDS_GROUP_SETTINGS)
struct CreateDeploymentGroupReply {
  std::string deployment_group_id;
};
PDS_WIRE_SHAPE(CreateDeploymentGroupReply, FIELD(deployment_group_id, "deploymentGroupId"))
PDS_OPERATION(CreateDeploymentGroup)

struct DeploymentGroupName {
  std::optional<std::string> application_name, deployment_group_name;
};
PDS_WIRE_SHAPE(DeploymentGroupName, FIELD(application_name, "applicationName"), FIELD(deployment_group_name, "deploymentGroupName"))

using GetDeploymentGroupRequest = DeploymentGroupName;
struct GetDeploymentGroupReply {
  DeploymentGroupInfo deployment_group_info;
};
PDS_WIRE_SHAPE(GetDeploymentGroupReply, FIELD(deployment_group_info, "deploymentGroupInfo"))
PDS_OPERATION(GetDeploymentGroup)

struct UpdateDeploymentGroupRequest {
  std::optional<std::string> application_name, current_deployment_group_name, new_deployment_group_name;
  GroupSettings settings;
};
PDS_WIRE_SHAPE(UpdateDeploymentGroupRequest, FIELD(application_name, "applicationName"),
               FIELD(current_deployment_group_name, "currentDeploymentGroupName"),
               FIELD(new_deployment_group_name, "newDeploymentGroupName"), PDS_GROUP_SETTINGS)
#undef PDS_GROUP_SETTINGS
struct HooksNotCleanedUp {
  std::vector<AutoScalingGroup> hooks_not_cleaned_up;
};
PDS_WIRE_SHAPE(HooksNotCleanedUp, FIELD(hooks_not_cleaned_up, "hooksNotCleanedUp"))
using UpdateDeploymentGroupReply = HooksNotCleanedUp;
PDS_OPERATION(UpdateDeploymentGroup)

using DeleteDeploymentGroupRequest = DeploymentGroupName;
using DeleteDeploymentGroupReply = HooksNotCleanedUp;
PDS_OPERATION(DeleteDeploymentGroup)

struct ListDeploymentGroupsRequest {
  std::optional<std::string> application_name, next_token;
};
PDS_WIRE_SHAPE(ListDeploymentGroupsRequest, FIELD(application_name, "applicationName"), FIELD(next_token, "nextToken"))
struct ListDeploymentGroupsReply {
  std::string application_name;
  std::vector<std::string> deployment_groups;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(ListDeploymentGroupsReply, FIELD(application_name, "applicationName"), FIELD(deployment_groups, "deploymentGroups"),
               FIELD(next_token, "nextToken"))
PDS_OPERATION(ListDeploymentGroups)

struct BatchGetDeploymentGroupsRequest {
  std::optional<std::string> application_name;
  std::vector<std::string> deployment_group_names;
};
PDS_WIRE_SHAPE(BatchGetDeploymentGroupsRequest, FIELD(application_name, "applicationName"),
               FIELD(deployment_group_names, "deploymentGroupNames"))
struct BatchGetDeploymentGroupsReply {
  std::vector<DeploymentGroupInfo> deployment_groups_info;
  std::optional<std::string> error_message;
};
PDS_WIRE_SHAPE(BatchGetDeploymentGroupsReply, FIELD(deployment_groups_info, "deploymentGroupsInfo"),
               FIELD(error_message, "errorMessage"))
PDS_OPERATION(BatchGetDeploymentGroups)

}  // namespace pds::aws::codedeploy
