#include <fmt/core.h>

#include "aws/shapes/codedeploy.h"
#include "deploy/journal.h"
#include "deploy/stack.h"

namespace pds::deploy {

namespace codedeploy = aws::codedeploy;

io::Task<Result<void>> StackWalk::ensure_bucket() {
  facts_.bucket = names_->bucket;
  Journal journal(client_, names_->bucket);
  CO_TRY(bool exists, co_await journal.exists());
  if (exists || !make(ChangeAction::create, "bucket", names_->bucket)) co_return Result<void>{};
  co_return co_await journal.create_bucket();
}

io::Task<Result<void>> StackWalk::find_released() {
  codedeploy::GetDeploymentGroupRequest request;
  request.application_name = names_->fleet_application;
  request.deployment_group_name = names_->fleet_deployment_group;
  auto found = co_await client_.call<codedeploy::GetDeploymentGroup>(request);
  if (!found) {
    bool absent = found.error().code == "ApplicationDoesNotExistException" || found.error().code == "DeploymentGroupDoesNotExistException";
    if (!absent) co_return std::unexpected(found.error());
    co_return Result<void>{};
  }
  const codedeploy::DeploymentGroupInfo& group = found->deployment_group_info;
  facts_.released = group.last_successful_deployment.has_value();
  if (!group.auto_scaling_groups.empty()) facts_.fleet_group = group.auto_scaling_groups[0].name;
  co_return Result<void>{};
}

namespace {

codedeploy::AutoRollbackConfiguration roll_back_on_failure_or_request() {
  return {.enabled = true, .events = {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_REQUEST"}};
}

codedeploy::GroupSettings fleet_settings(const Config& config, const StackFacts& facts, const StackNames& names) {
  codedeploy::GroupSettings settings;
  // Half of one instance cannot stay healthy: CodeDeploy would refuse every deployment to a fleet of one.
  settings.deployment_config_name = config.integer("fleet.desired") > 1 ? "CodeDeployDefault.HalfAtATime" : "CodeDeployDefault.AllAtOnce";
  settings.service_role_arn = facts.deploy_role_arn;
  settings.auto_scaling_groups = std::vector<std::string>{facts.fleet_group};
  settings.deployment_style = codedeploy::DeploymentStyle{.deployment_type = "BLUE_GREEN", .deployment_option = "WITH_TRAFFIC_CONTROL"};
  settings.auto_rollback_configuration = roll_back_on_failure_or_request();
  codedeploy::BlueGreenDeploymentConfiguration blue_green;
  blue_green.green_fleet_provisioning_option = codedeploy::GreenFleetProvisioningOption{.action = "COPY_AUTO_SCALING_GROUP"};
  blue_green.deployment_ready_option = codedeploy::DeploymentReadyOption{.action_on_timeout = "CONTINUE_DEPLOYMENT"};
  blue_green.terminate_blue_instances_on_deployment_success = codedeploy::BlueInstanceTerminationOption{
      .action = "TERMINATE", .termination_wait_time_in_minutes = static_cast<int>(config.duration("fleet.keep_old") / 1min)};
  settings.blue_green_deployment_configuration = blue_green;
  codedeploy::LoadBalancerInfo balancers;
  balancers.target_group_info_list = {{.name = names.target_group}};
  settings.load_balancer_info = balancers;
  return settings;
}

codedeploy::GroupSettings function_settings(const Config& config, const StackFacts& facts) {
  codedeploy::GroupSettings settings;
  settings.deployment_config_name = config.text("function.strategy");
  settings.service_role_arn = facts.deploy_role_arn;
  settings.deployment_style = codedeploy::DeploymentStyle{.deployment_type = "BLUE_GREEN", .deployment_option = "WITH_TRAFFIC_CONTROL"};
  settings.auto_rollback_configuration = roll_back_on_failure_or_request();
  return settings;
}

// What of a group's settings we look after; the rest may be changed by others.
std::string differs(const codedeploy::DeploymentGroupInfo& present, const codedeploy::GroupSettings& wanted) {
  if (present.deployment_config_name != wanted.deployment_config_name) return "another deployment configuration";
  if (!wanted.blue_green_deployment_configuration) return "";
  const auto& want = wanted.blue_green_deployment_configuration->terminate_blue_instances_on_deployment_success;
  if (!present.blue_green_deployment_configuration) return "no blue/green configuration";
  const auto& have = present.blue_green_deployment_configuration->terminate_blue_instances_on_deployment_success;
  if (!have || have->termination_wait_time_in_minutes != want->termination_wait_time_in_minutes) return "the old fleet stays for another time";
  return "";
}

}  // namespace

io::Task<Result<void>> StackWalk::ensure_delivery() {
  struct Kind {
    std::string application, group, platform;
    codedeploy::GroupSettings settings;
  };
  const Kind kinds[] = {
      {names_->fleet_application, names_->fleet_deployment_group, "Server", fleet_settings(config_, facts_, *names_)},
      {names_->function_application, names_->function_deployment_group, "Lambda", function_settings(config_, facts_)},
  };
  for (const Kind& kind : kinds) {
    codedeploy::GetApplicationRequest by_name;
    by_name.application_name = kind.application;
    auto application = co_await client_.call<codedeploy::GetApplication>(by_name);
    if (!application) {
      if (application.error().code != "ApplicationDoesNotExistException") co_return std::unexpected(application.error());
      if (!make(ChangeAction::create, "CodeDeploy application", kind.application)) {
        make(ChangeAction::create, "deployment group", kind.group);
        continue;
      }
      codedeploy::CreateApplicationRequest request;
      request.application_name = kind.application;
      request.compute_platform = kind.platform;
      request.tags = {{"pds:stack", config_.stack()}};
      CO_CHECK(co_await client_.call<codedeploy::CreateApplication>(request));
    }
    codedeploy::GetDeploymentGroupRequest by_group;
    by_group.application_name = kind.application;
    by_group.deployment_group_name = kind.group;
    auto group = co_await client_.call<codedeploy::GetDeploymentGroup>(by_group);
    if (group) {
      std::string why = differs(group->deployment_group_info, kind.settings);
      if (why.empty() || !make(ChangeAction::update, "deployment group", kind.group, why)) continue;
      codedeploy::UpdateDeploymentGroupRequest request;
      request.application_name = kind.application;
      request.current_deployment_group_name = kind.group;
      request.settings = kind.settings;
      CO_CHECK(co_await client_.call<codedeploy::UpdateDeploymentGroup>(request));
      continue;
    }
    if (group.error().code != "DeploymentGroupDoesNotExistException") co_return std::unexpected(group.error());
    if (!make(ChangeAction::create, "deployment group", kind.group)) continue;
    codedeploy::CreateDeploymentGroupRequest request;
    request.application_name = kind.application;
    request.deployment_group_name = kind.group;
    request.settings = kind.settings;
    request.tags = {{"pds:stack", config_.stack()}};
    CO_CHECK(co_await client_.call<codedeploy::CreateDeploymentGroup>(request));
  }
  co_return Result<void>{};
}

}  // namespace pds::deploy
