// The single places that credentials come from. The chain (credentials.h) asks them in order.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.h"

namespace pds::aws {

// Nothing: this place has none, ask the next. An error: it should have had some; asking on would hide the mistake.
using Sourced = Result<std::optional<Credentials>>;

Sourced from_environment(EnvironmentReader environment);
// AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, as EKS sets them.
io::Task<Sourced> from_web_identity(io::Loop& loop, EnvironmentReader environment);
// The chosen profile of the shared files (profile_credentials.cc).
io::Task<Sourced> from_shared_files(io::Loop& loop, EnvironmentReader environment);
io::Task<Sourced> from_container(io::Loop& loop, EnvironmentReader environment);
io::Task<Sourced> from_instance(io::Loop& loop, EnvironmentReader environment);
// What an authorization token may be sent to without TLS, as AWS's own clients have it: this machine, and the addresses of ECS and EKS.
// A name that a resolver would have to be asked for is none of these.
bool is_container_host(const std::string& host);
// {"AccessKeyId","SecretAccessKey","Token","Expiration"}: what container and instance endpoints answer. Programs call the token otherwise.
Result<Credentials> parse_credentials_document(std::string_view text, std::string_view token = "Token");

}  // namespace pds::aws
