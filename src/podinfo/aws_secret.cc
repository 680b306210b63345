#include "podinfo/aws_secret.h"

#include "aws/shapes/secretsmanager.h"

namespace pds::podinfo {

io::Task<Result<Secret>> AwsSecretSource::fetch(const std::string& secret_id) {
  aws::secretsmanager::GetSecretValueRequest request;
  request.secret_id = secret_id;
  CO_TRY(auto reply, co_await client_.call<aws::secretsmanager::GetSecretValue>(std::move(request)));
  Secret secret;
  secret.name = reply.name.value_or(secret_id);
  secret.arn = reply.arn.value_or("");
  secret.version_id = reply.version_id.value_or("");
  if (reply.secret_string) secret.value = *std::move(reply.secret_string);
  if (reply.secret_binary) secret.value = std::move(reply.secret_binary->bytes);
  if (secret.version_id.empty()) co_return fail_world("E_BAD_MESSAGE", "Secrets Manager answered without a version id", false);
  co_return secret;
}

}  // namespace pds::podinfo
