#include "cloud/services/autoscaling/elbv2_target_groups.h"

namespace pds::cloud::autoscaling {

bool Elbv2TargetGroups::exists(const std::string& arn) {
  aws::elbv2::DescribeTargetGroupsRequest request;
  request.target_group_arns = {arn};
  return balancers_.describe_target_groups(core_.internal_call(), request).has_value();
}

Result<void> Elbv2TargetGroups::register_instance(const std::string& arn, const std::string& instance_id) {
  aws::elbv2::RegisterTargetsRequest request;
  request.target_group_arn = arn;
  request.targets.emplace_back().id = instance_id;
  CHECK(balancers_.register_targets(core_.internal_call(), request));
  return {};
}

Result<void> Elbv2TargetGroups::deregister_instance(const std::string& arn, const std::string& instance_id) {
  aws::elbv2::DeregisterTargetsRequest request;
  request.target_group_arn = arn;
  request.targets.emplace_back().id = instance_id;
  CHECK(balancers_.deregister_targets(core_.internal_call(), request));
  return {};
}

std::map<std::string, std::string> Elbv2TargetGroups::health(const std::string& arn) {
  aws::elbv2::DescribeTargetHealthRequest request;
  request.target_group_arn = arn;
  std::map<std::string, std::string> states;
  auto reply = balancers_.describe_target_health(core_.internal_call(), request);
  if (!reply) return states;
  for (const auto& one : reply->target_health_descriptions) {
    // An instance may be a target on several ports: the worst of its states counts.
    std::string& state = states[one.target.id];
    if (state.empty() || one.target_health.state == "unhealthy") state = one.target_health.state;
  }
  return states;
}

}  // namespace pds::cloud::autoscaling
