// The rotation function of podinfo's secret: what Secrets Manager calls four times, once per step, to replace a secret's value.
//
// The secret is a token (or a JSON object with a "password") that podinfo itself checks, so there is no other system in which
// setSecret would have to set it: podinfo accepts the new value as soon as it holds it. Every step can be called again and does no
// harm then.
#pragma once

#include "aws/client.h"
#include "base/log.h"
#include "podinfo/lambda_runtime.h"

namespace pds::podinfo {

class Rotator {
 public:
  Rotator(aws::Client& client, const Logger& logger) : client_(client), logger_(logger) {}
  // {"Step":"createSecret","SecretId":"arn...","ClientRequestToken":"..."}
  io::Task<Result<std::string>> handle(Invocation invocation);

 private:
  struct Step {
    std::string name, secret_id, token;
  };
  static Result<Step> parse(std::string_view event);
  // Whether the step has anything to do: the token must be a version that is waiting to become current.
  io::Task<Result<bool>> is_pending(const Step& step);
  io::Task<Result<void>> create_secret(const Step& step);
  io::Task<Result<void>> set_secret(const Step& step);
  io::Task<Result<void>> test_secret(const Step& step);
  io::Task<Result<void>> finish_secret(const Step& step);
  io::Task<Result<std::string>> value_of(const std::string& secret_id, const std::string& stage, const std::string& version_id);
  io::Task<Result<std::string>> new_value_like(std::string current);

  aws::Client& client_;
  const Logger& logger_;
};

}  // namespace pds::podinfo
