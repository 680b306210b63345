// Who may do what: keys, principals and policies, as IAM and STS keep them. The dispatcher asks; IAM answers.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace pds::cloud {

struct Call;

struct Principal {
  std::string arn;
  std::string user_id;
  std::string account;
  std::string secret_access_key;
  std::string session_token;        // must be presented when not empty
  std::optional<Timestamp> expires; // real time
  bool is_root = false;
};

class Authority {
 public:
  virtual ~Authority() = default;
  // Null: unknown key (InvalidClientTokenId / UnrecognizedClientException / InvalidAccessKeyId, as the protocol has it).
  virtual std::optional<Principal> find_principal(std::string_view access_key_id) const = 0;
  // action "secretsmanager:GetSecretValue". Refusal is AccessDenied with AWS's sentence.
  // `call` is where conditions find the caller's address, region and host.
  virtual Result<void> authorize(const Principal& principal, const Call& call, const std::string& action,
                                 const std::string& resource_arn) const = 0;
};

}  // namespace pds::cloud
