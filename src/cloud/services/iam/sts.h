// STS: who is calling, and sessions in roles.
#pragma once

#include "aws/shapes/sts.h"
#include "cloud/services/iam/service.h"

namespace pds::cloud::iam {

class Sts final : public CloudService {
 public:
  Sts(Core& core, Iam& iam) : core_(core), iam_(iam) {}
  Api api() override;

  Result<aws::sts::GetCallerIdentityReply> get_caller_identity(const Call& call, const aws::sts::GetCallerIdentityRequest& request);
  Result<aws::sts::AssumeRoleReply> assume_role(const Call& call, const aws::sts::AssumeRoleRequest& request);

 private:
  // The caller as IAM knows it; in permissive mode unknown keys are the root of the account.
  Principal caller(const Call& call) const;
  Core& core_;
  Iam& iam_;
};

}  // namespace pds::cloud::iam
