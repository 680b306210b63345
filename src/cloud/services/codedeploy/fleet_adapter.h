// CodeDeploy's fleets are Auto Scaling groups behind target groups of this region.
#pragma once

#include "cloud/core.h"
#include "cloud/services/autoscaling/service.h"
#include "cloud/services/codedeploy/ports.h"
#include "cloud/services/elbv2/service.h"

namespace pds::cloud::codedeploy {

class FleetAdapter final : public FleetPort {
 public:
  FleetAdapter(Core& core, AutoScaling& groups, Elbv2& balancers) : core_(core), groups_(groups), balancers_(balancers) {}

  std::optional<FleetGroup> find_group(const std::string& name) override;
  Result<void> copy_group(const std::string& source, const std::string& name, int count) override;
  Result<void> attach(const std::string& group, const std::string& like,
                      const std::vector<std::string>& target_group_arns) override;
  Result<void> detach(const std::string& group, const std::vector<std::string>& target_group_arns) override;
  Result<void> delete_group(const std::string& name) override;
  Result<std::string> target_group_arn(const std::string& name_or_arn) override;
  Result<void> register_target(const std::string& target_group_arn, const std::string& instance_id) override;
  Result<void> deregister_target(const std::string& target_group_arn, const std::string& instance_id) override;
  std::string target_health(const std::string& target_group_arn, const std::string& instance_id) override;
  Result<void> put_launch_hook(const std::string& group, const std::string& hook) override;
  Result<void> delete_launch_hook(const std::string& group, const std::string& hook) override;
  Result<void> heartbeat(const std::string& group, const std::string& hook, const std::string& instance_id) override;
  Result<void> complete_launch(const std::string& group, const std::string& hook, const std::string& instance_id,
                               bool keep) override;

 private:
  std::optional<aws::autoscaling::AutoScalingGroup> describe(const std::string& name);
  Result<void> copy_switches(const aws::autoscaling::AutoScalingGroup& from, const std::string& name);
  Core& core_;
  AutoScaling& groups_;
  Elbv2& balancers_;
};

}  // namespace pds::cloud::codedeploy
