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

// What the environment says, in AWS's order: AWS_ACCESS_KEY_ID..., the shared credentials file (AWS_PROFILE), the container endpoint
// (AWS_CONTAINER_CREDENTIALS_FULL_URI), IMDSv2 at AWS_EC2_METADATA_SERVICE_ENDPOINT or http://169.254.169.254.
// `environment` is read through the function, so that tests and the agent can give their own.
using EnvironmentReader = std::string (*)(const char* name);       // "" when unset
std::string process_environment(const char* name);
std::shared_ptr<CredentialsProvider> credentials_chain(io::Loop& loop, EnvironmentReader environment = process_environment);

}  // namespace pds::aws
