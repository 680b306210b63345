#include <fmt/core.h>

#include <algorithm>

#include "cloud/services/codedeploy/names.h"
#include "cloud/services/codedeploy/service.h"

namespace pds::cloud {

using namespace codedeploy;

namespace {

constexpr size_t groups_max = 1000;  // of one application
constexpr size_t configs_max = 200;  // custom ones
constexpr size_t list_max = 10;      // Auto Scaling groups, alarms, target groups of one deployment group
constexpr size_t batch_max = 100;
constexpr int wait_minutes_max = 2880;

std::string key_of(const std::string& application, const std::string& group) { return application + "/" + group; }

std::unexpected<Error> refuse(const char* operation, const char* parameter, const char* why) {
  return fail("NotImplemented", fmt::format("{}: {} is not supported: {}", operation, parameter, why), 501);
}

template <class T>
bool says_something(const std::optional<std::vector<T>>& list) {
  return list && !list->empty();
}

// What we do not do is refused by name; empty lists, which some clients always send, say nothing.
Result<void> check_supported(const wire::GroupSettings& s, const char* operation) {
  if (says_something(s.ec2_tag_filters) || s.ec2_tag_set)
    return refuse(operation, "ec2TagFilters", "instances are found by their Auto Scaling group");
  if (says_something(s.on_premises_instance_tag_filters) || s.on_premises_tag_set)
    return refuse(operation, "onPremisesInstanceTagFilters", "on-premises instances do not exist here");
  if (says_something(s.trigger_configurations)) return refuse(operation, "triggerConfigurations", "there is no SNS here yet");
  if (says_something(s.ecs_services)) return refuse(operation, "ecsServices", "there is no ECS here yet");
  if (s.alarm_configuration && s.alarm_configuration->enabled.value_or(false))
    return refuse(operation, "alarmConfiguration", "alarms are not evaluated yet");
  if (s.termination_hook_enabled.value_or(false))
    return refuse(operation, "terminationHookEnabled", "instances end without a deployment");
  if (s.load_balancer_info &&
      (says_something(s.load_balancer_info->elb_info_list) || says_something(s.load_balancer_info->target_group_pair_info_list)))
    return refuse(operation, "loadBalancerInfo", "only targetGroupInfoList is");
  return {};
}

Result<void> check_style(const wire::DeploymentStyle& style, const std::string& platform) {
  std::string type = style.deployment_type.value_or("IN_PLACE"),
              option = style.deployment_option.value_or("WITHOUT_TRAFFIC_CONTROL");
  if (type != "IN_PLACE" && type != "BLUE_GREEN")
    return fail("InvalidDeploymentStyleException", "The deploymentType must be IN_PLACE or BLUE_GREEN.");
  if (option != "WITH_TRAFFIC_CONTROL" && option != "WITHOUT_TRAFFIC_CONTROL")
    return fail("InvalidDeploymentStyleException", "The deploymentOption must be WITH_TRAFFIC_CONTROL or WITHOUT_TRAFFIC_CONTROL.");
  if (type == "BLUE_GREEN" && option != "WITH_TRAFFIC_CONTROL")
    return fail("InvalidDeploymentStyleException", "A BLUE_GREEN deployment must be WITH_TRAFFIC_CONTROL.");
  if (platform == "Lambda" && type != "BLUE_GREEN")
    return fail("InvalidDeploymentStyleException",
                "For the Lambda compute platform, the deployment style must be BLUE_GREEN WITH_TRAFFIC_CONTROL.");
  if (type == "IN_PLACE" && option == "WITH_TRAFFIC_CONTROL")
    return fail("NotImplemented",
                "deploymentStyle: IN_PLACE WITH_TRAFFIC_CONTROL is not supported: use BLUE_GREEN, or WITHOUT_TRAFFIC_CONTROL", 501);
  return {};
}

Result<void> check_blue_green(const wire::BlueGreenDeploymentConfiguration& c) {
  auto bad = [](const char* message) { return fail("InvalidBlueGreenDeploymentConfigurationException", message); };
  if (const auto& green = c.green_fleet_provisioning_option; green && green->action == "DISCOVER_EXISTING")
    return fail("NotImplemented", "greenFleetProvisioningOption: DISCOVER_EXISTING is not supported: use COPY_AUTO_SCALING_GROUP",
                501);
  else if (green && green->action != "COPY_AUTO_SCALING_GROUP")
    return bad("The action of greenFleetProvisioningOption is not valid.");
  if (const auto& ready = c.deployment_ready_option) {
    if (ready->action_on_timeout != "CONTINUE_DEPLOYMENT" && ready->action_on_timeout != "STOP_DEPLOYMENT")
      return bad("The actionOnTimeout is not valid.");
    if (int minutes = ready->wait_time_in_minutes.value_or(0); minutes < 0 || minutes > wait_minutes_max)
      return bad("The waitTimeInMinutes must be between 0 and 2880.");
    if (ready->action_on_timeout == "STOP_DEPLOYMENT" && ready->wait_time_in_minutes.value_or(0) == 0)
      return bad("STOP_DEPLOYMENT needs a waitTimeInMinutes.");
  }
  if (const auto& end = c.terminate_blue_instances_on_deployment_success) {
    if (end->action && end->action != "TERMINATE" && end->action != "KEEP_ALIVE")
      return bad("The action of terminateBlueInstancesOnDeploymentSuccess is not valid.");
    if (int minutes = end->termination_wait_time_in_minutes.value_or(0); minutes < 0 || minutes > wait_minutes_max)
      return bad("The terminationWaitTimeInMinutes must be between 0 and 2880.");
  }
  return {};
}

Result<void> check_rollback(const wire::AutoRollbackConfiguration& c) {
  for (const std::string& event : c.events)
    if (event != "DEPLOYMENT_FAILURE" && event != "DEPLOYMENT_STOP_ON_ALARM" && event != "DEPLOYMENT_STOP_ON_REQUEST")
      return fail("InvalidAutoRollbackConfigException", fmt::format("'{}' is not an event of automatic rollback.", event));
  if (c.enabled.value_or(false) && c.events.empty())
    return fail("InvalidAutoRollbackConfigException", "An enabled automatic rollback needs events.");
  return {};
}

}  // namespace

Result<const GroupRecord*> CodeDeploy::group_at(const std::optional<std::string>& application,
                                                const std::optional<std::string>& given) const {
  TRY(const ApplicationRecord* owner, application_at(application));
  TRY(std::string name, check_name(given, "DeploymentGroupName"));
  const GroupRecord* found = state_.groups.find(key_of(owner->info.application_name, name));
  if (!found) return fail("DeploymentGroupDoesNotExistException", fmt::format("No Deployment Group found for name: {}", name));
  return found;
}

Result<void> CodeDeploy::check_settings(const wire::GroupSettings& s, const std::string& platform, const char* operation) const {
  CHECK(check_supported(s, operation));
  if (s.deployment_config_name) {
    const wire::DeploymentConfigInfo* config = state_.find_config(*s.deployment_config_name);
    if (!config)
      return fail("DeploymentConfigDoesNotExistException",
                  fmt::format("No deployment configuration found for name: {}", *s.deployment_config_name));
    if (config->compute_platform != platform)
      return fail("InvalidDeploymentConfigNameException", "The deployment configuration is for another compute platform.");
  }
  if (s.deployment_style) CHECK(check_style(*s.deployment_style, platform));
  if (s.blue_green_deployment_configuration) CHECK(check_blue_green(*s.blue_green_deployment_configuration));
  if (s.auto_rollback_configuration) CHECK(check_rollback(*s.auto_rollback_configuration));
  if (s.outdated_instances_strategy && s.outdated_instances_strategy != "UPDATE" && s.outdated_instances_strategy != "IGNORE")
    return fail("InvalidInputException", "The outdatedInstancesStrategy must be UPDATE or IGNORE.");
  if (s.service_role_arn && dependencies_.roles) {
    Result<void> trusted = dependencies_.roles->check_trust(*s.service_role_arn, "codedeploy.amazonaws.com");
    if (!trusted)
      return fail("InvalidRoleException",
                  fmt::format("AWS CodeDeploy does not have the permissions required to assume the role {}.", *s.service_role_arn));
  }
  for (const std::string& name : s.auto_scaling_groups.value_or(std::vector<std::string>{}))
    if (!dependencies_.fleet.find_group(name))
      return fail("InvalidAutoScalingGroupException", fmt::format("The Auto Scaling group {} does not exist.", name));
  if (s.auto_scaling_groups && s.auto_scaling_groups->size() > list_max)
    return fail("InvalidAutoScalingGroupException", "At most 10 Auto Scaling groups are allowed.");
  if (!s.load_balancer_info) return {};
  if (s.load_balancer_info->target_group_info_list.size() > list_max)
    return fail("InvalidLoadBalancerInfoException", "At most 10 target groups are allowed.");
  for (const wire::TargetGroupInfo& info : s.load_balancer_info->target_group_info_list)
    if (!info.name || !dependencies_.fleet.target_group_arn(*info.name))
      return fail("InvalidLoadBalancerInfoException", fmt::format("The target group {} does not exist.", info.name.value_or("")));
  return {};
}

void CodeDeploy::apply_settings(const wire::GroupSettings& s, wire::DeploymentGroupInfo& group) const {
  auto take = [](auto& into, const auto& from) {
    if (from) into = *from;
  };
  take(group.deployment_config_name, s.deployment_config_name);
  take(group.service_role_arn, s.service_role_arn);
  if (s.auto_scaling_groups) {
    std::vector<wire::AutoScalingGroup> watched;
    for (const std::string& name : *s.auto_scaling_groups) {
      auto known = std::find_if(group.auto_scaling_groups.begin(), group.auto_scaling_groups.end(),
                                [&](const auto& g) { return g.name == name; });
      watched.push_back(known != group.auto_scaling_groups.end() ? *known : wire::AutoScalingGroup{name, std::nullopt});
    }
    group.auto_scaling_groups = std::move(watched);
  }
  if (s.outdated_instances_strategy) group.outdated_instances_strategy = s.outdated_instances_strategy;
  if (s.alarm_configuration) group.alarm_configuration = s.alarm_configuration;
  if (s.auto_rollback_configuration) group.auto_rollback_configuration = s.auto_rollback_configuration;
  if (s.deployment_style) group.deployment_style = s.deployment_style;
  if (s.blue_green_deployment_configuration) group.blue_green_deployment_configuration = s.blue_green_deployment_configuration;
  if (s.load_balancer_info) group.load_balancer_info = s.load_balancer_info;
}

Result<wire::CreateDeploymentGroupReply> CodeDeploy::create_deployment_group(const Call&,
                                                                             const wire::CreateDeploymentGroupRequest& request) {
  TRY(const ApplicationRecord* application, application_at(request.application_name));
  TRY(std::string name, check_name(request.deployment_group_name, "DeploymentGroupName"));
  const std::string &owner = application->info.application_name, &platform = application->info.compute_platform;
  if (state_.groups.contains(key_of(owner, name)))
    return fail("DeploymentGroupAlreadyExistsException", fmt::format("Deployment group already exists with name: {}", name));
  if (!request.settings.service_role_arn || request.settings.service_role_arn->empty())
    return fail("RoleRequiredException", "The role ARN must be specified.");
  CHECK(check_settings(request.settings, platform, "CreateDeploymentGroup"));
  size_t siblings = 0;
  for (const auto& [key, group] : state_.groups.rows()) siblings += group.info.application_name == owner;
  if (siblings >= groups_max) return fail("DeploymentGroupLimitExceededException", "The deployment groups limit was exceeded.");
  GroupRecord record;
  record.tags = request.tags;
  wire::DeploymentGroupInfo& info = record.info;
  info.application_name = owner, info.deployment_group_name = name, info.deployment_group_id = core_.random.uuid(),
  info.compute_platform = platform;
  info.deployment_config_name = platform == "Lambda" ? "CodeDeployDefault.LambdaAllAtOnce" : "CodeDeployDefault.OneAtATime";
  info.deployment_style = platform == "Lambda" ? wire::DeploymentStyle{"BLUE_GREEN", "WITH_TRAFFIC_CONTROL"}
                                               : wire::DeploymentStyle{"IN_PLACE", "WITHOUT_TRAFFIC_CONTROL"};
  info.outdated_instances_strategy = "UPDATE";
  apply_settings(request.settings, info);
  if (platform == "Lambda") CHECK(check_style(*info.deployment_style, platform));
  CHECK(engine_.watch_launches(info));
  kick();
  return wire::CreateDeploymentGroupReply{state_.groups.put(key_of(owner, name), std::move(record)).info.deployment_group_id};
}

Result<wire::GetDeploymentGroupReply> CodeDeploy::get_deployment_group(const Call&,
                                                                       const wire::GetDeploymentGroupRequest& request) {
  TRY(const GroupRecord* group, group_at(request.application_name, request.deployment_group_name));
  return wire::GetDeploymentGroupReply{group->info};
}

Result<wire::ListDeploymentGroupsReply> CodeDeploy::list_deployment_groups(const Call&,
                                                                           const wire::ListDeploymentGroupsRequest& request) {
  TRY(const ApplicationRecord* application, application_at(request.application_name));
  wire::ListDeploymentGroupsReply reply;
  reply.application_name = application->info.application_name;
  for (const auto& [key, group] : state_.groups.rows())
    if (group.info.application_name == reply.application_name) reply.deployment_groups.push_back(group.info.deployment_group_name);
  TRY(reply.next_token, cut(reply.deployment_groups, request.next_token));
  return reply;
}

Result<wire::BatchGetDeploymentGroupsReply> CodeDeploy::batch_get_deployment_groups(
    const Call&, const wire::BatchGetDeploymentGroupsRequest& request) {
  TRY(const ApplicationRecord* application, application_at(request.application_name));
  if (request.deployment_group_names.size() > batch_max)
    return fail("BatchLimitExceededException", "The maximum number of names or IDs allowed for this request (100) was exceeded.");
  wire::BatchGetDeploymentGroupsReply reply;
  for (const std::string& name : request.deployment_group_names) {
    const GroupRecord* group = state_.groups.find(key_of(application->info.application_name, name));
    if (group)
      reply.deployment_groups_info.push_back(group->info);
    else
      reply.error_message = fmt::format("No Deployment Group found for name: {}", name);
  }
  return reply;
}

Result<wire::UpdateDeploymentGroupReply> CodeDeploy::update_deployment_group(const Call&,
                                                                             const wire::UpdateDeploymentGroupRequest& request) {
  TRY(const GroupRecord* found, group_at(request.application_name, request.current_deployment_group_name));
  CHECK(check_settings(request.settings, found->info.compute_platform, "UpdateDeploymentGroup"));
  GroupRecord record = *found;
  std::string old_key = key_of(record.info.application_name, record.info.deployment_group_name);
  for (const auto& [id, d] : state_.deployments.rows())
    if (d.group_id == record.info.deployment_group_id && !is_final(d.info.status) &&
        (request.settings.auto_scaling_groups || request.new_deployment_group_name))
      return fail(
          "InvalidInputException",
          fmt::format(
              "The deployment group has the deployment {} in progress: its name and its Auto Scaling groups cannot be changed now.",
              id));
  wire::DeploymentGroupInfo before = record.info;
  if (request.new_deployment_group_name && *request.new_deployment_group_name != record.info.deployment_group_name) {
    TRY(record.info.deployment_group_name, check_name(request.new_deployment_group_name, "DeploymentGroupName"));
    if (state_.groups.contains(key_of(record.info.application_name, record.info.deployment_group_name)))
      return fail("DeploymentGroupAlreadyExistsException",
                  fmt::format("Deployment group already exists with name: {}", record.info.deployment_group_name));
  }
  apply_settings(request.settings, record.info);
  wire::DeploymentGroupInfo dropped = before;
  std::erase_if(dropped.auto_scaling_groups, [&](const auto& g) {
    return std::any_of(record.info.auto_scaling_groups.begin(), record.info.auto_scaling_groups.end(),
                       [&](const auto& kept) { return kept.name == g.name; });
  });
  CHECK(engine_.unwatch_launches(dropped));
  CHECK(engine_.watch_launches(record.info));
  state_.groups.erase(old_key);
  state_.groups.put(key_of(record.info.application_name, record.info.deployment_group_name), std::move(record));
  kick();
  return wire::UpdateDeploymentGroupReply{};
}

Result<wire::DeleteDeploymentGroupReply> CodeDeploy::delete_deployment_group(const Call&,
                                                                             const wire::DeleteDeploymentGroupRequest& request) {
  TRY(std::string application, check_name(request.application_name, "ApplicationName"));
  TRY(std::string name, check_name(request.deployment_group_name, "DeploymentGroupName"));
  const GroupRecord* found = state_.groups.find(key_of(application, name));
  if (!found) return wire::DeleteDeploymentGroupReply{};
  std::vector<std::string> active;
  for (const auto& [id, d] : state_.deployments.rows())
    if (d.group_id == found->info.deployment_group_id && !is_final(d.info.status)) active.push_back(id);
  for (const std::string& id : active) CHECK(engine_.stop(id, false));
  CHECK(engine_.unwatch_launches(state_.groups.find(key_of(application, name))->info));
  state_.groups.erase(key_of(application, name));
  return wire::DeleteDeploymentGroupReply{};
}

// ---- configurations ----

Result<wire::CreateDeploymentConfigReply> CodeDeploy::create_deployment_config(const Call&,
                                                                               const wire::CreateDeploymentConfigRequest& request) {
  TRY(std::string name, check_name(request.deployment_config_name, "DeploymentConfigName"));
  if (name.starts_with("CodeDeployDefault."))
    return fail("InvalidDeploymentConfigNameException", "Names that start with CodeDeployDefault. are reserved.");
  CHECK(check_config(request));
  if (state_.find_config(name))
    return fail("DeploymentConfigAlreadyExistsException",
                fmt::format("Deployment configuration already exists with name: {}", name));
  if (state_.configs.size() >= configs_max)
    return fail("DeploymentConfigLimitExceededException", "The deployment configurations limit was exceeded.");
  wire::DeploymentConfigInfo info;
  info.deployment_config_id = core_.random.uuid(), info.deployment_config_name = name, info.create_time = core_.clock.now();
  info.minimum_healthy_hosts = request.minimum_healthy_hosts, info.compute_platform = request.compute_platform.value_or("Server");
  info.traffic_routing_config = request.traffic_routing_config;
  return wire::CreateDeploymentConfigReply{state_.configs.put(name, std::move(info)).deployment_config_id};
}

Result<wire::GetDeploymentConfigReply> CodeDeploy::get_deployment_config(const Call&,
                                                                         const wire::GetDeploymentConfigRequest& request) {
  TRY(std::string name, check_name(request.deployment_config_name, "DeploymentConfigName"));
  const wire::DeploymentConfigInfo* config = state_.find_config(name);
  if (!config)
    return fail("DeploymentConfigDoesNotExistException", fmt::format("No deployment configuration found for name: {}", name));
  return wire::GetDeploymentConfigReply{*config};
}

Result<wire::ListDeploymentConfigsReply> CodeDeploy::list_deployment_configs(const Call&,
                                                                             const wire::ListDeploymentConfigsRequest& request) {
  wire::ListDeploymentConfigsReply reply;
  for (const wire::DeploymentConfigInfo& config : built_in_configs())
    reply.deployment_configs_list.push_back(config.deployment_config_name);
  for (const auto& [name, config] : state_.configs.rows()) reply.deployment_configs_list.push_back(name);
  std::sort(reply.deployment_configs_list.begin(), reply.deployment_configs_list.end());
  TRY(reply.next_token, cut(reply.deployment_configs_list, request.next_token));
  return reply;
}

Result<wire::DeleteDeploymentConfigReply> CodeDeploy::delete_deployment_config(const Call&,
                                                                               const wire::DeleteDeploymentConfigRequest& request) {
  TRY(std::string name, check_name(request.deployment_config_name, "DeploymentConfigName"));
  if (name.starts_with("CodeDeployDefault."))
    return fail("InvalidOperationException", "A predefined deployment configuration cannot be deleted.");
  for (const auto& [key, group] : state_.groups.rows())
    if (group.info.deployment_config_name == name)
      return fail("DeploymentConfigInUseException", "The deployment configuration is still in use.");
  for (const auto& [id, d] : state_.deployments.rows())
    if (d.info.deployment_config_name == name && !is_final(d.info.status))
      return fail("DeploymentConfigInUseException", "The deployment configuration is still in use.");
  state_.configs.erase(name);
  return aws::Empty{};
}

}  // namespace pds::cloud
