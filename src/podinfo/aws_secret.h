// Secrets from Secrets Manager.
#pragma once

#include "aws/client.h"
#include "podinfo/secret.h"

namespace pds::podinfo {

class AwsSecretSource final : public SecretSource {
 public:
  explicit AwsSecretSource(aws::Client& client) : client_(client) {}
  io::Task<Result<Secret>> fetch(const std::string& secret_id) override;

 private:
  aws::Client& client_;
};

}  // namespace pds::podinfo
