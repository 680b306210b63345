// The text of ~/.aws/config and ~/.aws/credentials:
//
//   [profile staging]
//   region = eu-west-1            # a comment
//   services = local
//
//   [services local]
//   secrets_manager =
//     endpoint_url = http://localhost:4566
//
// Nothing that a file says stands in an error, for any line may hold a key: the line's number does.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pds::aws {

inline constexpr size_t profile_file_bytes_max = 1u << 20;

// Names in lower case, for their case means nothing. A nested one has its parent before it: "secrets_manager.endpoint_url".
using Properties = std::map<std::string, std::string>;

// By the section's title, its blanks and quotes made plain: "default", "profile staging". A section that is there twice is one; the
// later value counts.
using Sections = std::map<std::string, Properties>;

// E_PROFILE: "line 3: ...".
Result<Sections> parse_profile_file(std::string_view text);

}  // namespace pds::aws
