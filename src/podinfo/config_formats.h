// The config file's formats as JSON: what podinfo's flags are set from does not depend on how it is written.
#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace pds::podinfo {

// The first document. Scalars are texts, as they are written; null is null. Errors: E_CONFIG, with the line.
Result<json::value> parse_yaml(std::string_view text);
Result<json::value> parse_toml(std::string_view text);
// NAME=value lines, `export` before them or not; quotes, and comments behind a blank and "#".
Result<json::value> parse_dotenv(std::string_view text);

}  // namespace pds::podinfo
