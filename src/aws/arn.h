// Amazon Resource Names: arn:aws:<service>:<region>:<account>:<resource>.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pds::aws {

struct Arn {
  std::string partition = "aws";
  std::string service;
  std::string region;
  std::string account;
  std::string resource;     // may contain ':' and '/'
  std::string to_string() const;
};
Result<Arn> parse_arn(std::string_view text);
bool looks_like_arn(std::string_view text);
std::string make_arn(std::string_view service, std::string_view region, std::string_view account, std::string_view resource);

}  // namespace pds::aws
