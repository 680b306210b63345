// Elbv2 as the target groups of Auto Scaling: its own operations, called in process.
#pragma once

#include "cloud/core.h"
#include "cloud/services/autoscaling/target_groups.h"
#include "cloud/services/elbv2/service.h"

namespace pds::cloud::autoscaling {

class Elbv2TargetGroups final : public TargetGroups {
 public:
  Elbv2TargetGroups(Core& core, Elbv2& balancers) : core_(core), balancers_(balancers) {}
  bool exists(const std::string& target_group_arn) override;
  Result<void> register_instance(const std::string& target_group_arn, const std::string& instance_id) override;
  Result<void> deregister_instance(const std::string& target_group_arn, const std::string& instance_id) override;
  std::map<std::string, std::string> health(const std::string& target_group_arn) override;

 private:
  Core& core_;
  Elbv2& balancers_;
};

}  // namespace pds::cloud::autoscaling
