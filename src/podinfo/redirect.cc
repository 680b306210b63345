#include "podinfo/redirect.h"

#include <fmt/format.h>

#include "base/text.h"

namespace pds::podinfo {
namespace {

// "/a/./b/../c" is "/a/c", and "/a/.." is "/".
std::string without_dots(std::string_view path) {
  std::vector<std::string_view> kept;
  bool ends_in_folder = true;
  for (std::string_view part : split(path.substr(1), '/')) {
    ends_in_folder = part.empty() || part == "." || part == "..";
    if (part == ".." && !kept.empty()) kept.pop_back();
    if (!ends_in_folder) kept.push_back(part);
  }
  std::string out;
  for (std::string_view part : kept) out.append("/").append(part);
  return ends_in_folder ? out + "/" : out;
}

// What stands in a Location, which may be a part of an address (RFC 3986 5.2).
std::string resolved(const http::Url& from, std::string_view location) {
  location = location.substr(0, location.find('#'));
  size_t scheme_end = location.find("://");
  if (scheme_end != std::string_view::npos && location.find_first_of("/?") > scheme_end) return std::string(location);
  if (location.starts_with("//")) return fmt::format("{}:{}", from.scheme, location);
  std::string_view own_path = std::string_view(from.target).substr(0, from.target.find('?'));
  std::string origin = fmt::format("{}://{}", from.scheme, http::host_field(from));
  if (location.empty()) return origin + from.target;
  if (location[0] == '?') return fmt::format("{}{}{}", origin, own_path, location);
  std::string_view path = location.substr(0, location.find('?')), query = location.substr(path.size());
  std::string whole = location[0] == '/' ? std::string(path) : fmt::format("{}{}", own_path.substr(0, own_path.rfind('/') + 1), path);
  return fmt::format("{}{}{}", origin, without_dots(whole), query);
}

}  // namespace

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

Result<http::Url> follow_location(const http::Url& from, std::string_view location) { return http::parse_url(resolved(from, location)); }

}  // namespace pds::podinfo
