#include "podinfo/redirect.h"

#include <fmt/format.h>

namespace pds::podinfo {

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

Result<http::Url> follow_location(const http::Url& from, std::string_view location) {
  if (location.starts_with('/') && !location.starts_with("//"))
    return http::parse_url(fmt::format("{}://{}{}", from.scheme, http::host_field(from), location));
  return http::parse_url(location);
}

}  // namespace pds::podinfo
