#include "base/text.h"
#include "http/client.h"
#include "http/parser.h"

namespace pds::http {

Result<Url> parse_url(std::string_view text) {
  auto malformed = [&](std::string_view why) {
    return fail("E_BAD_URL", "\"" + std::string(text) + "\" is not a URL: " + std::string(why));
  };
  size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return malformed("it has no scheme");
  Url url;
  url.scheme = to_lower(text.substr(0, scheme_end));
  if (url.scheme != "http" && url.scheme != "https") return malformed("its scheme is neither http nor https");
  url.port = url.scheme == "https" ? 443 : 80;
  std::string_view rest = text.substr(scheme_end + 3);
  size_t authority_end = std::min(rest.find_first_of("/?#"), rest.size());
  std::string_view authority = rest.substr(0, authority_end), target = rest.substr(authority_end);
  if (authority.find('@') != std::string_view::npos) return malformed("credentials in a URL would end up in logs");

  size_t host_end = authority.starts_with('[') ? authority.find(']') : authority.find(':');
  if (authority.starts_with('[')) {
    if (host_end == std::string_view::npos) return malformed("the IPv6 address is not closed");
    ++host_end;
  }
  std::string_view host = authority.substr(0, host_end);
  if (host.empty()) return malformed("it has no host");
  for (char c : host) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\\' || c == 0x7f)
      return malformed("the host holds characters that do not belong there");
  }
  url.host = to_lower(host);
  std::string_view port = host_end < authority.size() ? authority.substr(host_end) : std::string_view();
  if (!port.empty()) {
    std::optional<int64_t> number = port.starts_with(':') ? parse_int(port.substr(1)) : std::nullopt;
    if (!number || *number < 1 || *number > 65535 || port[1] == '+') return malformed("the port is not a number from 1 to 65535");
    url.port = static_cast<uint16_t>(*number);
  }
  target = target.substr(0, target.find('#'));
  url.target = target.empty() || target[0] != '/' ? "/" + std::string(target) : std::string(target);
  for (char c : url.target) {
    if (static_cast<unsigned char>(c) <= ' ' || c == 0x7f)
      return malformed("blanks and control characters must be percent-encoded");
  }
  return url;
}

std::string host_field(const Url& url) {
  bool usual = url.port == (url.scheme == "https" ? 443 : 80);
  return usual ? url.host : url.host + ":" + std::to_string(url.port);
}

}  // namespace pds::http
