// The AppSpec of a function's deployment: which alias moves from which version to which, and which functions judge it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pds::cloud::codedeploy {

inline constexpr size_t function_appspec_bytes_max = 256 << 10;

struct FunctionAppSpec {
  std::string function, alias, current_version, target_version;
  std::optional<std::string> before_allow_traffic, after_allow_traffic;
};

// YAML or JSON (which YAML includes). InvalidRevisionException saying what is wrong.
Result<FunctionAppSpec> parse_function_appspec(std::string_view text);

}  // namespace pds::cloud::codedeploy
