// Keys, and where they come from.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "io/loop.h"

namespace pds::aws {

struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;      // never logged
  std::string session_token;          // empty for long-term keys
  std::optional<Timestamp> expires;
  // An instance's keys: where they cannot be renewed the old ones are used on, for AWS may take them while its metadata service has
  // trouble, and nothing is lost when it does not.
  bool outlive_expiry = false;
};

class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;
  virtual io::Task<Result<Credentials>> get() = 0;     // cached; renewed five minutes before they expire
  // A service has refused these as expired or unknown. True: get() gives others now, or asks anew where they come from. False: it has
  // done so just now, or they are all there are.
  virtual bool forget(const Credentials& refused) = 0;
};

std::shared_ptr<CredentialsProvider> static_credentials(Credentials credentials);

// What the environment says, in the order of AWS's SDKs:
//   1. AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN; AWS_PROFILE does not change that they come first
//   2. AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN, for STS's AssumeRoleWithWebIdentity
//   3. the profile (AWS_PROFILE, else default) of ~/.aws/config and ~/.aws/credentials: role_arn with web_identity_token_file,
//      source_profile or credential_source; keys; credential_process. A profile that is named must be there; one that says nothing of
//      keys is passed over
//   4. the container's endpoint: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI
//   5. the instance's metadata, IMDSv2
// A place that should have keys and cannot give them is an error, and none is asked after it: others' keys would hide the mistake.
// `environment` is read through the function, so that tests and the agent can give their own.
using EnvironmentReader = std::string (*)(const char* name);       // "" when unset
std::string process_environment(const char* name);
std::shared_ptr<CredentialsProvider> credentials_chain(io::Loop& loop, EnvironmentReader environment = process_environment);

}  // namespace pds::aws
