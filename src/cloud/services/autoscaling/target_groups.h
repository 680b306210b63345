// What Auto Scaling asks of balancers: three questions, answered at once. Elbv2 answers them in the cloud.
#pragma once

#include <map>
#include <string>

#include "base/result.h"

namespace pds::cloud::autoscaling {

class TargetGroups {
 public:
  virtual ~TargetGroups() = default;
  virtual bool exists(const std::string& target_group_arn) = 0;
  virtual Result<void> register_instance(const std::string& target_group_arn, const std::string& instance_id) = 0;
  virtual Result<void> deregister_instance(const std::string& target_group_arn, const std::string& instance_id) = 0;
  // "initial", "healthy", "unhealthy", "unused", "draining", "unavailable", by instance. Empty when there is no such group.
  virtual std::map<std::string, std::string> health(const std::string& target_group_arn) = 0;
};

}  // namespace pds::cloud::autoscaling
