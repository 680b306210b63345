// The tokens of /token: JSON Web Tokens, signed with a shared secret.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace pds::podinfo {

struct TokenClaims {
  std::string name;
  int64_t expires = 0;  // Unix seconds
};

// What a token for this name says that is made now: good for a minute.
TokenClaims claims_for(std::string name, Timestamp now);

// HS256, issued by "podinfo".
std::string sign_token(const TokenClaims& claims, std::string_view secret);

// What a token says, once it has been found to be podinfo's and good. HS384 and HS512 are taken, too, as podinfo's library does.
// The error's message is what podinfo's clients know; the first of: its form, its header, its payload, its algorithm, its
// signature, its times, its issuer. Its code is E_TOKEN, or one of these.
inline constexpr std::string_view token_expired = "E_TOKEN_EXPIRED", token_forged = "E_TOKEN_FORGED", token_of_another_issuer = "E_TOKEN_ISSUER";
Result<TokenClaims> verify_token(std::string_view token, std::string_view secret, Timestamp now);

}  // namespace pds::podinfo
