// Secrets from Secrets Manager.
#pragma once

#include "aws/client.h"
#include "podinfo/secret.h"

namespace pds::podinfo {

// How long Secrets Manager may take. An endpoint that accepts and says nothing would otherwise hold a look for minutes, and nobody would
// be told why there is no secret.
struct SecretPatience {
  Duration connect = 2s, answer = 3s;  // of one attempt
  Duration look = 10s;                 // all attempts of one look, with finding the keys
};

class AwsSecretSource final : public SecretSource {
 public:
  // A secret that is named by its ARN is asked for in the ARN's region, whatever the environment's is.
  AwsSecretSource(io::Loop& loop, aws::ClientConfig config, const std::string& secret_id, SecretPatience patience = {});
  io::Task<Result<Secret>> fetch(const std::string& secret_id) override;

 private:
  io::Task<Result<Secret>> ask(std::string secret_id);
  io::Loop& loop_;
  SecretPatience patience_;
  aws::Client client_;
};

}  // namespace pds::podinfo
