// A role's keys, from STS.
#pragma once

#include <optional>
#include <string>

#include "aws/credentials.h"

namespace pds::aws {

struct Role {
  std::string arn;
  std::string session_name;           // empty: one of our own making
  std::string external_id;            // empty: none
  std::optional<int> duration_seconds;
};

// Signed with `source`.
io::Task<Result<Credentials>> assume_role(io::Loop& loop, EnvironmentReader environment, Role role, Credentials source);
// For a token that somebody else vouches for; not signed. The file is read at each call, for it is replaced before the token ends.
io::Task<Result<Credentials>> assume_role_with_web_identity(io::Loop& loop, EnvironmentReader environment, Role role, std::string token_file);

}  // namespace pds::aws
