#include "aws/assume_role.h"

#include <fmt/core.h>

#include "aws/client.h"
#include "aws/shapes/sts.h"
#include "base/text.h"
#include "io/clock.h"
#include "io/files.h"

namespace pds::aws {
namespace {

constexpr size_t token_bytes_max = 20'000;  // STS takes no more

ClientConfig sts_config(io::Loop& loop, EnvironmentReader environment, std::shared_ptr<CredentialsProvider> credentials) {
  ClientConfig config = config_from_environment(loop, environment);
  config.credentials = std::move(credentials);
  config.connect_timeout = 2s;
  config.timeout = 5s;
  config.attempts_max = 3;
  return config;
}

std::string session_name(const Role& role) {
  if (!role.session_name.empty()) return role.session_name;
  return fmt::format("pds-session-{}", static_cast<int64_t>(to_epoch_seconds(io::SystemClock().now())));
}

template <class Reply>
Result<Credentials> credentials_of(Result<Reply> reply, const Role& role) {
  if (!reply) {
    reply.error().message = fmt::format("assume the role {}: {}", role.arn, reply.error().message);
    return std::unexpected(std::move(reply).error());
  }
  sts::RoleCredentials& keys = reply->credentials;
  if (keys.access_key_id.empty() || keys.secret_access_key.empty())
    return fail("E_CREDENTIALS", fmt::format("assume the role {}: STS answered without keys", role.arn));
  return Credentials{std::move(keys.access_key_id), std::move(keys.secret_access_key), std::move(keys.session_token), keys.expiration};
}

}  // namespace

io::Task<Result<Credentials>> assume_role(io::Loop& loop, EnvironmentReader environment, Role role, Credentials source) {
  Client client(loop, sts_config(loop, environment, static_credentials(std::move(source))));
  sts::AssumeRoleRequest request;
  request.role_arn = role.arn;
  request.role_session_name = session_name(role);
  request.duration_seconds = role.duration_seconds;
  if (!role.external_id.empty()) request.external_id = role.external_id;
  auto reply = co_await client.call<sts::AssumeRole>(std::move(request));
  co_return credentials_of(std::move(reply), role);
}

io::Task<Result<Credentials>> assume_role_with_web_identity(io::Loop& loop, EnvironmentReader environment, Role role, std::string token_file) {
  CO_TRY(std::string token, co_await loop.offload([token_file] { return io::read_file(token_file, token_bytes_max); }));
  Client client(loop, sts_config(loop, environment, nullptr));
  sts::AssumeRoleWithWebIdentityRequest request;
  request.role_arn = role.arn;
  request.role_session_name = session_name(role);
  request.duration_seconds = role.duration_seconds;
  request.web_identity_token = trim(token);
  auto reply = co_await client.call<sts::AssumeRoleWithWebIdentity>(std::move(request));
  co_return credentials_of(std::move(reply), role);
}

}  // namespace pds::aws
