// Temporary credentials for services that act in a role: instances, functions, CodeDeploy. IAM and STS implement this.
#pragma once

#include <optional>
#include <string>

#include "aws/credentials.h"
#include "base/result.h"

namespace pds::cloud {

class RoleSource {
 public:
  virtual ~RoleSource() = default;
  // The role must exist and trust `service_principal` ("ec2.amazonaws.com", "lambda.amazonaws.com"): InvalidParameterValue otherwise.
  virtual Result<aws::Credentials> issue(const std::string& role_arn, const std::string& session_name, const std::string& service_principal,
                                         std::chrono::seconds valid_for) = 0;
  virtual Result<void> check_trust(const std::string& role_arn, const std::string& service_principal) const = 0;
  struct InstanceProfile {
    std::string arn, id, role_arn, role_name;     // role_* empty when the profile has no role
  };
  // By name or ARN.
  virtual std::optional<InstanceProfile> find_instance_profile(std::string_view name_or_arn) const = 0;
};

}  // namespace pds::cloud
