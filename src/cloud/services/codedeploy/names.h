// Names and pages, with CodeDeploy's own error codes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace pds::cloud::codedeploy {

inline constexpr size_t name_bytes_max = 100;

// `noun` as it stands in codes and sentences: "ApplicationName" gives ApplicationNameRequiredException,
// InvalidApplicationNameException.
Result<std::string> check_name(const std::optional<std::string>& name, const char* noun);
Result<std::optional<std::string>> cut(std::vector<std::string>& names, const std::optional<std::string>& token);

}  // namespace pds::cloud::codedeploy
