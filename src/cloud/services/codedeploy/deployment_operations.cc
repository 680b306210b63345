#include <fmt/core.h>

#include <algorithm>

#include "cloud/services/codedeploy/function_appspec.h"
#include "cloud/services/codedeploy/names.h"
#include "cloud/services/codedeploy/service.h"

namespace pds::cloud {

using namespace codedeploy;

namespace {

constexpr size_t batch_max = 25;
constexpr size_t description_bytes_max = 256;
constexpr const char* hook_prefix = "CodeDeployHook_";

bool is_deployment_id(const std::string& id) {
  return id.size() > 2 && id.size() <= 16 && id.starts_with("d-") &&
         std::all_of(id.begin() + 2, id.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

bool is_status(const std::string& status) {
  static constexpr const char* all[] = {"Created", "Queued", "InProgress", "Baking", "Succeeded", "Failed", "Stopped", "Ready"};
  return std::any_of(std::begin(all), std::end(all), [&](const char* known) { return status == known; });
}

}  // namespace

Result<const DeploymentRecord*> CodeDeploy::deployment_at(const std::optional<std::string>& id) const {
  if (!id || id->empty()) return fail("DeploymentIdRequiredException", "The deployment ID must be specified.");
  if (!is_deployment_id(*id))
    return fail("InvalidDeploymentIdException", fmt::format("The deployment ID {} is not valid.", id->substr(0, 32)));
  const DeploymentRecord* found = state_.deployments.find(*id);
  if (!found) return fail("DeploymentDoesNotExistException", fmt::format("The deployment {} could not be found", *id));
  return found;
}

// The group's own fleet, and what makes it blue/green.
Result<void> CodeDeploy::prepare_fleet(const GroupRecord& group, DeploymentRecord& d) const {
  const wire::DeploymentGroupInfo& info = group.info;
  if (info.auto_scaling_groups.size() != 1)
    return fail("InvalidDeploymentStyleException",
                "The deployment group must have exactly one Auto Scaling group for its instances to be found.");
  d.blue_group = info.auto_scaling_groups[0].name;
  bool blue_green = info.deployment_style && info.deployment_style->deployment_type == "BLUE_GREEN";
  if (!blue_green) {
    d.stage = "deploy";
    engine_.add_in_place_targets(d);
    if (d.targets.empty())
      return fail("InvalidInputException", fmt::format("The deployment group has no instances in service in {}.", d.blue_group));
    return {};
  }
  if (!info.blue_green_deployment_configuration || !info.blue_green_deployment_configuration->green_fleet_provisioning_option)
    return fail("InvalidBlueGreenDeploymentConfigurationException",
                "The deployment group lacks a blue/green deployment configuration with a greenFleetProvisioningOption.");
  if (!info.load_balancer_info || info.load_balancer_info->target_group_info_list.empty())
    return fail("InvalidLoadBalancerInfoException", "A blue/green deployment needs at least one target group in loadBalancerInfo.");
  for (const wire::TargetGroupInfo& target_group : info.load_balancer_info->target_group_info_list) {
    TRY(std::string arn, dependencies_.fleet.target_group_arn(target_group.name.value_or("")));
    d.target_group_arns.push_back(std::move(arn));
  }
  d.stage = "provision";
  return {};
}

Result<void> CodeDeploy::prepare_function(DeploymentRecord& d) const {
  const wire::RevisionLocation& revision = *d.info.revision;
  const auto& content = revision.revision_type == "String" ? revision.string : revision.app_spec_content;
  if (content->sha256 && *content->sha256 != sha256_hex(*content->content))
    return fail("InvalidRevisionException", "The sha256 of the AppSpec does not match its content.");
  TRY(FunctionAppSpec spec, parse_function_appspec(*content->content));
  for (const auto& hook : {spec.before_allow_traffic, spec.after_allow_traffic}) {
    if (!hook) continue;
    std::string name = hook->substr(hook->find_last_of(':') == std::string::npos ? 0 : hook->find_last_of(':') + 1);
    if (!name.starts_with(hook_prefix))
      return fail("InvalidRevisionException",
                  fmt::format("The hook function {} must have a name that starts with {}: CodeDeploy's role may invoke no other.",
                              name, hook_prefix));
  }
  d.shift = ShiftRecord{.function = spec.function,
                        .alias = spec.alias,
                        .current_version = spec.current_version,
                        .target_version = spec.target_version,
                        .before_hook = spec.before_allow_traffic,
                        .after_hook = spec.after_allow_traffic,
                        .last_updated_at = core_.clock.now()};
  d.stage = "check";
  return {};
}

Result<wire::CreateDeploymentReply> CodeDeploy::create_deployment(const Call&, const wire::CreateDeploymentRequest& request) {
  TRY(const GroupRecord* group, group_at(request.application_name, request.deployment_group_name));
  const wire::DeploymentGroupInfo& info = group->info;
  auto refuse = [](const char* parameter, const char* why) {
    return fail("NotImplemented", fmt::format("CreateDeployment: {} is not supported: {}", parameter, why), 501);
  };
  if (request.target_instances)
    return refuse("targetInstances", "the deployment group's Auto Scaling group is what is deployed to");
  if (request.update_outdated_instances_only.value_or(false))
    return refuse("updateOutdatedInstancesOnly", "all instances are deployed to");
  if (request.override_alarm_configuration && request.override_alarm_configuration->enabled.value_or(false))
    return refuse("overrideAlarmConfiguration", "alarms are not evaluated yet");
  if (request.description.value_or("").size() > description_bytes_max)
    return fail("DescriptionTooLongException", "The description is too long.");
  std::string behavior = request.file_exists_behavior.value_or("DISALLOW");
  if (behavior != "DISALLOW" && behavior != "OVERWRITE" && behavior != "RETAIN")
    return fail("InvalidFileExistsBehaviorException", "An invalid fileExistsBehavior option was specified.");
  const auto& revision = request.revision ? request.revision : info.target_revision;
  if (!revision) return fail("RevisionRequiredException", "The revision must be specified.");
  CHECK(check_revision(*revision, info.compute_platform));
  DeploymentRecord d;
  d.info.deployment_config_name = request.deployment_config_name.value_or(info.deployment_config_name);
  const wire::DeploymentConfigInfo* config = state_.find_config(d.info.deployment_config_name);
  if (!config)
    return fail("DeploymentConfigDoesNotExistException",
                fmt::format("No deployment configuration found for name: {}", d.info.deployment_config_name));
  if (config->compute_platform != info.compute_platform)
    return fail("InvalidDeploymentConfigNameException", "The deployment configuration is for another compute platform.");
  for (const auto& [id, other] : state_.deployments.rows())
    if (other.group_id == info.deployment_group_id && !is_final(other.info.status) && !other.lifecycle_hook)
      return fail("DeploymentLimitExceededException",
                  fmt::format("The Deployment Group '{}' already has an active Deployment '{}'", info.deployment_group_name, id));
  d.group_id = info.deployment_group_id;
  d.info.application_name = info.application_name, d.info.deployment_group_name = info.deployment_group_name;
  d.info.deployment_id = engine_.new_deployment_id();
  d.info.revision = revision, d.info.previous_revision = info.target_revision;
  d.info.description = request.description, d.info.creator = "user", d.info.compute_platform = info.compute_platform;
  d.info.ignore_application_stop_failures = request.ignore_application_stop_failures.value_or(false);
  d.info.auto_rollback_configuration =
      request.auto_rollback_configuration ? request.auto_rollback_configuration : info.auto_rollback_configuration;
  d.info.deployment_style = info.deployment_style, d.info.file_exists_behavior = behavior;
  d.info.blue_green_deployment_configuration = info.blue_green_deployment_configuration;
  d.info.load_balancer_info = info.load_balancer_info;
  if (const auto& location = d.info.revision->s3_location; location && dependencies_.find_bundle) {
    Result<std::string> etag = dependencies_.find_bundle(*location->bucket, *location->key, location->version.value_or(""));
    if (!etag)
      return fail("RevisionDoesNotExistException",
                  fmt::format("The bundle s3://{}/{} cannot be read: {}", *location->bucket, *location->key, etag.error().message));
    d.info.revision->s3_location->e_tag = *etag;  // what is deployed is what was seen now, on every instance
  }
  if (info.compute_platform == "Lambda")
    CHECK(prepare_function(d));
  else
    CHECK(prepare_fleet(*group, d));
  use_revision(d);
  std::string id = engine_.begin(std::move(d));
  kick();
  return wire::CreateDeploymentReply{id};
}

Result<wire::GetDeploymentReply> CodeDeploy::get_deployment(const Call&, const wire::GetDeploymentRequest& request) {
  TRY(const DeploymentRecord* d, deployment_at(request.deployment_id));
  return wire::GetDeploymentReply{d->info};
}

Result<wire::BatchGetDeploymentsReply> CodeDeploy::batch_get_deployments(const Call&,
                                                                         const wire::BatchGetDeploymentsRequest& request) {
  if (request.deployment_ids.empty()) return fail("DeploymentIdRequiredException", "The deployment ID must be specified.");
  if (request.deployment_ids.size() > batch_max)
    return fail("BatchLimitExceededException", "The maximum number of names or IDs allowed for this request (25) was exceeded.");
  wire::BatchGetDeploymentsReply reply;
  for (const std::string& id : request.deployment_ids) {
    TRY(const DeploymentRecord* d, deployment_at(id));
    reply.deployments_info.push_back(d->info);
  }
  return reply;
}

Result<wire::ListDeploymentsReply> CodeDeploy::list_deployments(const Call&, const wire::ListDeploymentsRequest& request) {
  if (request.external_id)
    return fail("NotImplemented", "ListDeployments: externalId is not supported: there is no CloudFormation here", 501);
  if (request.deployment_group_name && !request.application_name)
    return fail("ApplicationNameRequiredException", "ApplicationName must be specified");
  if (request.application_name && request.deployment_group_name)
    CHECK(group_at(request.application_name, request.deployment_group_name));
  else if (request.application_name)
    CHECK(application_at(request.application_name));
  for (const std::string& status : request.include_only_statuses)
    if (!is_status(status))
      return fail("InvalidDeploymentStatusException", fmt::format("'{}' is not a deployment status.", status));
  const auto& range = request.create_time_range;
  if (range && range->start && range->end && *range->start > *range->end)
    return fail("InvalidTimeRangeException", "The specified time range was specified in an invalid format.");
  wire::ListDeploymentsReply reply;
  for (const auto& [id, d] : state_.deployments.rows()) {
    const auto& wanted = request.include_only_statuses;
    bool fits = (!request.application_name || d.info.application_name == *request.application_name) &&
                (!request.deployment_group_name || d.info.deployment_group_name == *request.deployment_group_name) &&
                (wanted.empty() || std::find(wanted.begin(), wanted.end(), d.info.status) != wanted.end()) &&
                (!range || !range->start || d.info.create_time >= *range->start) &&
                (!range || !range->end || d.info.create_time <= *range->end);
    if (fits) reply.deployments.push_back(id);
  }
  TRY(reply.next_token, cut(reply.deployments, request.next_token));
  return reply;
}

Result<wire::StopDeploymentReply> CodeDeploy::stop_deployment(const Call&, const wire::StopDeploymentRequest& request) {
  TRY(const DeploymentRecord* d, deployment_at(request.deployment_id));
  if (is_final(d->info.status))
    return fail("DeploymentAlreadyCompletedException",
                fmt::format("The deployment {} has already been completed.", *request.deployment_id));
  Result<wire::StopDeploymentReply> reply = engine_.stop(*request.deployment_id, request.auto_rollback_enabled);
  kick();
  return reply;
}

Result<wire::ContinueDeploymentReply> CodeDeploy::continue_deployment(const Call&, const wire::ContinueDeploymentRequest& request) {
  TRY(const DeploymentRecord* d, deployment_at(request.deployment_id));
  if (is_final(d->info.status)) return fail("DeploymentAlreadyCompletedException", "The deployment has already been completed.");
  std::string type = request.deployment_wait_type.value_or("READY_WAIT");
  if (type != "READY_WAIT" && type != "TERMINATION_WAIT")
    return fail("InvalidDeploymentWaitTypeException", "The wait type is invalid.");
  bool ready = type == "READY_WAIT";
  if (ready ? d->info.status != "Ready" : d->stage != "bake")
    return fail("DeploymentIsNotInReadyStateException",
                fmt::format("The deployment {} is not waiting ({}).", *request.deployment_id, type));
  state_.deployments.update(*request.deployment_id,
                            [&](DeploymentRecord& record) { (ready ? record.continue_ready : record.continue_bake) = true; });
  kick();
  return aws::Empty{};
}

Result<wire::SkipWaitTimeForInstanceTerminationReply> CodeDeploy::skip_wait_time(
    const Call& call, const wire::SkipWaitTimeForInstanceTerminationRequest& request) {
  return continue_deployment(call, {request.deployment_id, "TERMINATION_WAIT"});
}

Result<wire::PutLifecycleEventHookExecutionStatusReply> CodeDeploy::put_hook_status(
    const Call&, const wire::PutLifecycleEventHookExecutionStatusRequest& request) {
  TRY(const DeploymentRecord* d, deployment_at(request.deployment_id));
  std::string id = request.lifecycle_event_hook_execution_id.value_or(""), status = request.status.value_or("");
  if (status != "Succeeded" && status != "Failed")
    return fail("InvalidLifecycleEventHookExecutionStatusException", "The status must be Succeeded or Failed.");
  CHECK(engine_.hook_ended(d->info.deployment_id, id, status));
  kick();
  return wire::PutLifecycleEventHookExecutionStatusReply{id};
}

}  // namespace pds::cloud
