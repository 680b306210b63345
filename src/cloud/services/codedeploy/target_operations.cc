#include <fmt/core.h>

#include <algorithm>

#include "cloud/services/codedeploy/names.h"
#include "cloud/services/codedeploy/service.h"

namespace pds::cloud {

using namespace codedeploy;

namespace {

constexpr size_t batch_max = 25, instances_batch_max = 100;

std::string function_target_id(const ShiftRecord& s) { return s.function + ":" + s.alias; }

const TargetRecord* find_target(const DeploymentRecord& d, const std::string& id) {
  for (const TargetRecord& target : d.targets)
    if (target.target_id == id) return &target;
  return nullptr;
}

wire::InstanceSummary summary_of(const DeploymentRecord& d, const TargetRecord& target) {
  return {d.info.deployment_id, target.target_id, target.status, target.last_updated_at, target.events, target.label};
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

wire::DeploymentTarget CodeDeploy::target_of(const DeploymentRecord& d, const TargetRecord& target) const {
  std::string arn = fmt::format("arn:aws:ec2:{}:{}:instance/{}", core_.region, core_.account, target.target_id);
  return {"InstanceTarget",
          wire::InstanceTarget{d.info.deployment_id, target.target_id, arn, target.status, target.last_updated_at, target.events,
                               target.label},
          std::nullopt};
}

wire::DeploymentTarget CodeDeploy::function_target(const DeploymentRecord& d) const {
  const ShiftRecord& s = *d.shift;
  std::string arn = fmt::format("arn:aws:lambda:{}:{}:function:{}:{}", core_.region, core_.account, s.function, s.alias);
  wire::LambdaFunctionInfo info{s.function, s.alias, s.current_version, s.target_version, s.weight};
  return {"LambdaTarget", std::nullopt,
          wire::LambdaTarget{d.info.deployment_id, function_target_id(s), arn, s.status, s.last_updated_at, s.events, info}};
}

Result<wire::GetDeploymentTargetReply> CodeDeploy::get_deployment_target(const Call&,
                                                                         const wire::GetDeploymentTargetRequest& request) {
  TRY(const DeploymentRecord* d, deployment_at(request.deployment_id));
  if (!request.target_id || request.target_id->empty())
    return fail("DeploymentTargetIdRequiredException", "A deployment target ID was not provided.");
  if (d->shift && *request.target_id == function_target_id(*d->shift)) return wire::GetDeploymentTargetReply{function_target(*d)};
  const TargetRecord* target = find_target(*d, *request.target_id);
  if (!target)
    return fail("DeploymentTargetDoesNotExistException",
                fmt::format("The provided target ID {} does not belong to the deployment.", *request.target_id));
  return wire::GetDeploymentTargetReply{target_of(*d, *target)};
}

Result<wire::BatchGetDeploymentTargetsReply> CodeDeploy::batch_get_deployment_targets(
    const Call& call, const wire::BatchGetDeploymentTargetsRequest& request) {
  if (request.target_ids.size() > batch_max)
    return fail("DeploymentTargetListSizeExceededException",
                "The maximum number of targets that can be associated with a request (25) was exceeded.");
  if (request.target_ids.empty()) return fail("DeploymentTargetIdRequiredException", "A deployment target ID was not provided.");
  wire::BatchGetDeploymentTargetsReply reply;
  for (const std::string& id : request.target_ids) {
    TRY(wire::GetDeploymentTargetReply one, get_deployment_target(call, {request.deployment_id, id}));
    reply.deployment_targets.push_back(std::move(one.deployment_target));
  }
  return reply;
}

Result<wire::ListDeploymentTargetsReply> CodeDeploy::list_deployment_targets(const Call&,
                                                                             const wire::ListDeploymentTargetsRequest& request) {
  TRY(const DeploymentRecord* d, deployment_at(request.deployment_id));
  for (const auto& [name, values] : request.target_filters)
    if (name != "TargetStatus" && name != "ServerInstanceLabel")
      return fail("InvalidTargetFilterNameException", "The target filter name is invalid.");
  auto fits = [&](const std::string& status, const std::string& label) {
    auto by_status = request.target_filters.find("TargetStatus"), by_label = request.target_filters.find("ServerInstanceLabel");
    return (by_status == request.target_filters.end() || contains(by_status->second, status)) &&
           (by_label == request.target_filters.end() || contains(by_label->second, label));
  };
  wire::ListDeploymentTargetsReply reply;
  for (const TargetRecord& target : d->targets)
    if (fits(target.status, target.label.value_or(""))) reply.target_ids.push_back(target.target_id);
  if (d->shift && fits(d->shift->status, "")) reply.target_ids.push_back(function_target_id(*d->shift));
  std::sort(reply.target_ids.begin(), reply.target_ids.end());
  TRY(reply.next_token, cut(reply.target_ids, request.next_token));
  return reply;
}

Result<wire::GetDeploymentInstanceReply> CodeDeploy::get_deployment_instance(const Call&,
                                                                             const wire::GetDeploymentInstanceRequest& request) {
  TRY(const DeploymentRecord* d, deployment_at(request.deployment_id));
  if (!request.instance_id || request.instance_id->empty())
    return fail("InstanceIdRequiredException", "The instance ID was not specified.");
  const TargetRecord* target = find_target(*d, *request.instance_id);
  if (!target)
    return fail("InstanceDoesNotExistException",
                fmt::format("The instance {} does not belong to the deployment.", *request.instance_id));
  return wire::GetDeploymentInstanceReply{summary_of(*d, *target)};
}

Result<wire::BatchGetDeploymentInstancesReply> CodeDeploy::batch_get_deployment_instances(
    const Call& call, const wire::BatchGetDeploymentInstancesRequest& request) {
  if (request.instance_ids.size() > instances_batch_max)
    return fail("BatchLimitExceededException", "The maximum number of names or IDs allowed for this request (100) was exceeded.");
  wire::BatchGetDeploymentInstancesReply reply;
  for (const std::string& id : request.instance_ids) {
    TRY(wire::GetDeploymentInstanceReply one, get_deployment_instance(call, {request.deployment_id, id}));
    reply.instances_summary.push_back(std::move(one.instance_summary));
  }
  return reply;
}

Result<wire::ListDeploymentInstancesReply> CodeDeploy::list_deployment_instances(
    const Call&, const wire::ListDeploymentInstancesRequest& request) {
  TRY(const DeploymentRecord* d, deployment_at(request.deployment_id));
  wire::ListDeploymentInstancesReply reply;
  for (const TargetRecord& target : d->targets) {
    bool fits = (request.instance_status_filter.empty() || contains(request.instance_status_filter, target.status)) &&
                (request.instance_type_filter.empty() || contains(request.instance_type_filter, target.label.value_or("")));
    if (fits) reply.instances_list.push_back(target.target_id);
  }
  std::sort(reply.instances_list.begin(), reply.instances_list.end());
  TRY(reply.next_token, cut(reply.instances_list, request.next_token));
  return reply;
}

}  // namespace pds::cloud
