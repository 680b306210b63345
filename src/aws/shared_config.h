// What ~/.aws/config (AWS_CONFIG_FILE) and ~/.aws/credentials (AWS_SHARED_CREDENTIALS_FILE) say together. A file that is not there says
// nothing.
#pragma once

#include <map>
#include <string>

#include "aws/credentials.h"
#include "aws/profile_file.h"

namespace pds::aws {

struct SharedConfig {
  std::string profile_name;                     // AWS_PROFILE, or "default"
  std::map<std::string, Properties> profiles;   // the credentials file's values before the config file's
  std::map<std::string, Properties> services;   // [services name]
  // "" where the chosen profile does not say.
  std::string value(const std::string& name) const;
};

// "" when the map does not have it.
std::string value_of(const Properties& properties, const std::string& name);

// The sections of both files as one. A profile of the config file is [profile x], of the credentials file [x] or [profile x].
SharedConfig merge(std::string profile_name, const Sections& config, const Sections& credentials);
// E_PROFILE: a file that cannot be understood, or AWS_PROFILE names a profile that is in neither.
io::Task<Result<SharedConfig>> load_shared_config(io::Loop& loop, EnvironmentReader environment);

}  // namespace pds::aws
