#include "podinfo/aws_secret.h"

#include "aws/arn.h"
#include "aws/shapes/secretsmanager.h"
#include "io/time_limit.h"

namespace pds::podinfo {
namespace {

aws::ClientConfig config_for(aws::ClientConfig config, const std::string& secret_id, const SecretPatience& patience) {
  config.connect_timeout = patience.connect;
  config.timeout = patience.answer;
  Result<aws::Arn> arn = aws::parse_arn(secret_id);
  if (arn && !arn->region.empty()) config.region = arn->region;
  return config;
}

}  // namespace

AwsSecretSource::AwsSecretSource(io::Loop& loop, aws::ClientConfig config, const std::string& secret_id, SecretPatience patience)
    : loop_(loop), patience_(patience), client_(loop, config_for(std::move(config), secret_id, patience)) {}

io::Task<Result<Secret>> AwsSecretSource::fetch(const std::string& secret_id) {
  co_return co_await io::within(loop_, loop_.exact_now() + patience_.look, ask(secret_id));
}

io::Task<Result<Secret>> AwsSecretSource::ask(std::string secret_id) {
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
