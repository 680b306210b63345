#include "podinfo/redis_address.h"

#include <fmt/format.h>

#include "base/text.h"

namespace pds::podinfo {
namespace {

constexpr int databases_max = 16'384;

std::unexpected<Error> refuse(std::string_view why) { return fail("E_ADDRESS", fmt::format("--cache-server: {}; it is host:port, redis://[[user]:password@]host:port or rediss://...", why)); }

// A user alone is none: without a password nobody is authenticated.
Result<void> take_credentials(std::string_view text, RedisAddress& address) {
  size_t colon = text.find(':');
  if (colon == std::string_view::npos) return {};
  Result<std::string> decoded_user = percent_decode(text.substr(0, colon)), password = percent_decode(text.substr(colon + 1));
  if (!decoded_user || !password) return refuse("the credentials have an invalid percent escape");
  address.user = *std::move(decoded_user);
  address.password = *std::move(password);
  return {};
}

Result<void> take_host(std::string_view text, RedisAddress& address) {
  size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  size_t colon = bracket == std::string_view::npos ? std::string_view::npos : text.find(':', bracket);
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty()) return refuse("no host is named");
  address.host = host;
  if (colon == std::string_view::npos) return {};
  std::optional<int64_t> port = parse_int(text.substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) return refuse("the port is no number from 1 to 65535");
  address.port = static_cast<uint16_t>(*port);
  return {};
}

}  // namespace

Result<RedisAddress> parse_redis_address(std::string_view text) {
  RedisAddress address;
  size_t scheme_end = text.find("://");
  std::string_view scheme = scheme_end == std::string_view::npos ? "tcp" : text.substr(0, scheme_end);
  std::string_view rest = scheme_end == std::string_view::npos ? text : text.substr(scheme_end + 3);
  address.secure = scheme == "rediss";
  size_t slash = rest.find('/');
  // The original takes any scheme and ignores the path; a database is what redis:// means by it.
  if (slash != std::string_view::npos && slash + 1 < rest.size() && (scheme == "redis" || scheme == "rediss")) {
    std::optional<int64_t> database = parse_int(rest.substr(slash + 1));
    if (!database || *database < 0 || *database >= databases_max) return refuse("the database is no number");
    address.database = static_cast<int>(*database);
  }
  rest = rest.substr(0, slash);
  if (size_t at = rest.rfind('@'); at != std::string_view::npos) {
    CHECK(take_credentials(rest.substr(0, at), address));
    rest.remove_prefix(at + 1);
  }
  CHECK(take_host(rest, address));
  return address;
}

}  // namespace pds::podinfo
