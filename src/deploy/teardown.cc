#include <fmt/core.h>

#include <algorithm>

#include "aws/shapes/autoscaling.h"
#include "aws/shapes/codedeploy.h"
#include "aws/shapes/elbv2.h"
#include "aws/shapes/iam.h"
#include "aws/shapes/lambda.h"
#include "aws/shapes/logs.h"
#include "aws/shapes/secretsmanager.h"
#include "aws/shapes/sts.h"
#include "deploy/journal.h"
#include "deploy/stack.h"

namespace pds::deploy {
namespace {

namespace autoscaling = aws::autoscaling;
namespace codedeploy = aws::codedeploy;
namespace ec2 = aws::ec2;
namespace elbv2 = aws::elbv2;
namespace iam = aws::iam;
namespace lambda = aws::lambda;

// Codes that say: it is not there (any more).
bool absent(const Error& error) {
  for (std::string_view code : {"ResourceNotFoundException", "NoSuchEntity", "ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException",
                                "LoadBalancerNotFound", "TargetGroupNotFound", "ListenerNotFound", "ValidationError"})
    if (error.code == code) return true;
  return error.code.ends_with(".NotFound") || error.code.ends_with("NotFoundException");
}

class TearDown {
 public:
  TearDown(io::Loop& loop, aws::Client& client, const Config& config, StackWalk::OnChange on_change)
      : loop_(loop), client_(client), config_(config), on_change_(std::move(on_change)) {}

  io::Task<Result<std::vector<Change>>> run() {
    CO_TRY(auto identity, co_await client_.call<aws::sts::GetCallerIdentity>({}));
    names_.emplace(config_, identity.account);
    CO_CHECK(co_await groups_and_delivery());
    CO_CHECK(co_await functions());
    CO_CHECK(co_await balancer());
    CO_CHECK(co_await secret());
    CO_CHECK(co_await fleet_gone());
    CO_CHECK(co_await launch_template());
    CO_CHECK(co_await identity_things());
    CO_CHECK(co_await network());
    CO_CHECK(co_await bucket());
    co_return changes_;
  }

 private:
  void removed(std::string kind, std::string name) {
    changes_.push_back({ChangeAction::remove, std::move(kind), std::move(name), ""});
    on_change_(changes_.back());
  }

  // Removes one thing; that it is not there is fine.
  template <class Op>
  io::Task<Result<void>> remove(const char* kind, std::string name, typename Op::Request request) {
    auto done = co_await client_.call<Op>(std::move(request));
    if (!done && absent(done.error())) co_return Result<void>{};
    if (!done) co_return std::unexpected(Error{done.error().code, fmt::format("cannot remove the {} {}: {}", kind, name, done.error().message), done.error().http_status, done.error().retryable});
    removed(kind, std::move(name));
    co_return Result<void>{};
  }

  io::Task<Result<std::vector<autoscaling::AutoScalingGroup>>> fleet_groups() {
    autoscaling::DescribeAutoScalingGroupsRequest request;
    request.filters = {{"tag:pds:stack", {config_.stack()}}};
    CO_TRY(auto found, co_await client_.call<autoscaling::DescribeAutoScalingGroups>(request));
    co_return found.auto_scaling_groups;
  }

  io::Task<Result<void>> groups_and_delivery() {
    for (auto [application, group] : {std::pair{names_->fleet_application, names_->fleet_deployment_group}, {names_->function_application, names_->function_deployment_group}}) {
      codedeploy::DeleteDeploymentGroupRequest of_group;
      of_group.application_name = application;
      of_group.deployment_group_name = group;
      CO_CHECK(co_await remove<codedeploy::DeleteDeploymentGroup>("deployment group", group, of_group));
      codedeploy::GetApplicationRequest by_name;
      by_name.application_name = application;
      if (!co_await client_.call<codedeploy::GetApplication>(by_name)) continue;
      codedeploy::DeleteApplicationRequest of_application;
      of_application.application_name = application;
      CO_CHECK(co_await remove<codedeploy::DeleteApplication>("CodeDeploy application", application, of_application));
    }
    // Every group that carries the stack's tag: the one that serves, and any that an interrupted release left.
    CO_TRY(auto groups, co_await fleet_groups());
    for (const auto& group : groups) {
      autoscaling::DeleteAutoScalingGroupRequest request;
      request.auto_scaling_group_name = group.auto_scaling_group_name;
      request.force_delete = true;
      CO_CHECK(co_await remove<autoscaling::DeleteAutoScalingGroup>("Auto Scaling group", group.auto_scaling_group_name, request));
    }
    co_return Result<void>{};
  }

  // Security groups and subnets can only go when no instance uses them.
  io::Task<Result<void>> fleet_gone() {
    while (true) {
      CO_TRY(auto groups, co_await fleet_groups());
      ec2::DescribeInstancesRequest request;
      request.filters = {{"tag:pds:stack", {config_.stack()}}, {"instance-state-name", {"pending", "running", "stopping", "stopped", "shutting-down"}}};
      CO_TRY(auto instances, co_await client_.call<ec2::DescribeInstances>(request));
      if (groups.empty() && instances.reservations.empty()) co_return Result<void>{};
      co_await loop_.sleep_for(100ms);
    }
  }

  io::Task<Result<void>> functions() {
    for (const std::string& name : {names_->function, names_->hook_function, names_->rotation_function}) {
      lambda::DeleteFunctionRequest request;
      request.function_name = name;
      CO_CHECK(co_await remove<lambda::DeleteFunction>("function", name, request));
      aws::logs::DeleteLogGroupRequest logs;
      logs.log_group_name = "/aws/lambda/" + name;
      CO_CHECK(co_await remove<aws::logs::DeleteLogGroup>("log group", logs.log_group_name, logs));
    }
    co_return Result<void>{};
  }

  io::Task<Result<void>> balancer() {
    elbv2::DescribeLoadBalancersRequest by_name;
    by_name.names = {names_->balancer};
    auto found = co_await client_.call<elbv2::DescribeLoadBalancers>(by_name);
    if (!found && !absent(found.error())) co_return std::unexpected(found.error());
    if (found)
      for (const auto& one : found->load_balancers)   // its listeners go with it
        CO_CHECK(co_await remove<elbv2::DeleteLoadBalancer>("load balancer", one.load_balancer_name, {.load_balancer_arn = one.load_balancer_arn}));
    elbv2::DescribeTargetGroupsRequest groups_by_name;
    groups_by_name.names = {names_->target_group};
    auto groups = co_await client_.call<elbv2::DescribeTargetGroups>(groups_by_name);
    if (!groups && !absent(groups.error())) co_return std::unexpected(groups.error());
    if (groups)
      for (const auto& one : groups->target_groups)
        CO_CHECK(co_await remove<elbv2::DeleteTargetGroup>("target group", one.target_group_name, {.target_group_arn = one.target_group_arn}));
    co_return Result<void>{};
  }

  io::Task<Result<void>> secret() {
    aws::secretsmanager::DeleteSecretRequest request;
    request.secret_id = config_.text("secret.name");
    request.force_delete_without_recovery = true;
    co_return co_await remove<aws::secretsmanager::DeleteSecret>("secret", request.secret_id, request);
  }

  io::Task<Result<void>> launch_template() {
    ec2::DeleteLaunchTemplateRequest request;
    request.launch_template_name = names_->launch_template;
    auto done = co_await client_.call<ec2::DeleteLaunchTemplate>(request);
    if (done) removed("launch template", names_->launch_template);
    else if (!done.error().code.starts_with("InvalidLaunchTemplateName.NotFound")) co_return std::unexpected(done.error());
    co_return Result<void>{};
  }

  io::Task<Result<void>> identity_things() {
    iam::RemoveRoleFromInstanceProfileRequest detach;
    detach.instance_profile_name = names_->instance_role;
    detach.role_name = names_->instance_role;
    auto detached = co_await client_.call<iam::RemoveRoleFromInstanceProfile>(detach);
    if (!detached && !absent(detached.error())) co_return std::unexpected(detached.error());
    CO_CHECK(co_await remove<iam::DeleteInstanceProfile>("instance profile", names_->instance_role, {.instance_profile_name = names_->instance_role}));
    for (const std::string& role : {names_->instance_role, names_->function_role, names_->rotation_role, names_->deploy_role}) {
      auto inline_policies = co_await client_.call<iam::ListRolePolicies>({.role_name = role});
      if (!inline_policies) continue;   // no such role
      for (const std::string& policy : inline_policies->policy_names) CO_CHECK(co_await client_.call<iam::DeleteRolePolicy>({.role_name = role, .policy_name = policy}));
      CO_TRY(auto attached, co_await client_.call<iam::ListAttachedRolePolicies>({.role_name = role}));
      for (const auto& policy : attached.attached_policies)
        CO_CHECK(co_await client_.call<iam::DetachRolePolicy>({.role_name = role, .policy_arn = policy.policy_arn.value_or("")}));
      CO_CHECK(co_await remove<iam::DeleteRole>("role", role, {.role_name = role}));
    }
    co_return Result<void>{};
  }

  std::vector<ec2::Filter> ours() const { return {{"tag:pds:stack", {config_.stack()}}}; }

  io::Task<Result<void>> network() {
    CO_TRY(auto groups, co_await client_.call<ec2::DescribeSecurityGroups>({.filters = ours()}));
    // The instances' group names the balancer's: it goes first.
    std::sort(groups.security_groups.begin(), groups.security_groups.end(),
              [&](const auto& a, const auto& b) { return (a.group_name == names_->instance_group) > (b.group_name == names_->instance_group); });
    for (const auto& group : groups.security_groups) {
      ec2::DeleteSecurityGroupRequest request;
      request.group_id = group.group_id;
      CO_CHECK(co_await remove<ec2::DeleteSecurityGroup>("security group", group.group_name, request));
    }
    CO_TRY(auto tables, co_await client_.call<ec2::DescribeRouteTables>({.filters = ours()}));
    for (const auto& table : tables.route_tables) {
      for (const auto& association : table.associations)
        if (!association.main) CO_CHECK(co_await client_.call<ec2::DisassociateRouteTable>({.association_id = association.route_table_association_id}));
      CO_CHECK(co_await remove<ec2::DeleteRouteTable>("route table", names_->route_table, {.route_table_id = table.route_table_id}));
    }
    CO_TRY(auto subnets, co_await client_.call<ec2::DescribeSubnets>({.filters = ours()}));
    for (const auto& subnet : subnets.subnets) CO_CHECK(co_await remove<ec2::DeleteSubnet>("subnet", subnet.availability_zone, {.subnet_id = subnet.subnet_id}));
    CO_TRY(auto gateways, co_await client_.call<ec2::DescribeInternetGateways>({.filters = ours()}));
    for (const auto& gateway : gateways.internet_gateways) {
      for (const auto& attachment : gateway.attachments) {
        ec2::DetachInternetGatewayRequest request;
        request.internet_gateway_id = gateway.internet_gateway_id;
        request.vpc_id = attachment.vpc_id;
        CO_CHECK(co_await client_.call<ec2::DetachInternetGateway>(request));
      }
      CO_CHECK(co_await remove<ec2::DeleteInternetGateway>("internet gateway", names_->gateway, {.internet_gateway_id = gateway.internet_gateway_id}));
    }
    CO_TRY(auto vpcs, co_await client_.call<ec2::DescribeVpcs>({.filters = ours()}));
    for (const auto& vpc : vpcs.vpcs) CO_CHECK(co_await remove<ec2::DeleteVpc>("VPC", names_->vpc, {.vpc_id = vpc.vpc_id}));
    co_return Result<void>{};
  }

  io::Task<Result<void>> bucket() {
    Journal journal(client_, names_->bucket);
    CO_TRY(bool exists, co_await journal.exists());
    if (!exists) co_return Result<void>{};
    CO_CHECK(co_await journal.delete_bucket());
    removed("bucket", names_->bucket);
    co_return Result<void>{};
  }

  io::Loop& loop_;
  aws::Client& client_;
  const Config& config_;
  StackWalk::OnChange on_change_;
  std::optional<StackNames> names_;
  std::vector<Change> changes_;
};

io::Task<Result<std::vector<Change>>> run(TearDown tear_down) { co_return co_await tear_down.run(); }

}  // namespace

io::Task<Result<std::vector<Change>>> tear_down(io::Loop& loop, aws::Client& client, const Config& config, StackWalk::OnChange on_change) {
  return run(TearDown(loop, client, config, std::move(on_change)));
}

}  // namespace pds::deploy
