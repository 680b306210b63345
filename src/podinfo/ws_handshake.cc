#include "podinfo/ws_handshake.h"

#include "base/text.h"
#include "http/websocket.h"

namespace pds::podinfo {
namespace {

// Of "https://user@example.com:8080?x"; empty where it is no address, which is nobody's.
std::string_view host_of(std::string_view origin) {
  size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos) return {};
  origin.remove_prefix(scheme + 3);
  origin = origin.substr(0, origin.find_first_of("/?#"));
  return origin.substr(origin.rfind('@') + 1);
}

}  // namespace

Result<http::ResponseHead> check_handshake(const http::RequestHead& head) {
  auto refuse = [](int status, const char* why) { return fail("E_BAD_MESSAGE", why, status); };
  const http::Headers& headers = head.headers;
  if (!headers.has_token("connection", "upgrade")) return refuse(400, "'upgrade' token not found in 'Connection' header");
  if (!headers.has_token("upgrade", "websocket")) return refuse(400, "'websocket' token not found in 'Upgrade' header");
  if (head.method != "GET") return refuse(405, "request method is not GET");
  if (!headers.has_token("sec-websocket-version", "13")) return refuse(400, "13 not found in 'Sec-Websocket-Version' header");
  std::optional<std::string_view> origin = headers.find("origin");
  if (origin && !iequals(host_of(*origin), head.host())) return refuse(403, "request origin not allowed");
  Result<http::ResponseHead> answer = http::answer_handshake(head);
  if (!answer) return fail("E_BAD_MESSAGE", answer.error().message, 400);
  return answer;
}

}  // namespace pds::podinfo
