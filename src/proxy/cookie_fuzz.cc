// Cookie fields of any bytes: what is found is part of the field, a cookie that was set is found again, and no bytes open as a
// stickiness cookie that were not closed with the key.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "proxy/forwarding.h"
#include "proxy/stickiness.h"

using namespace pds;
using namespace pds::proxy;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view input{reinterpret_cast<const char*>(data), size};
  const Timestamp now = from_epoch_seconds(1'800'000'000);
  static const CookieSeal seal("a key");
  static const std::string token = seal.token("i-1:80"), closed = seal.close(token, now + 60s);

  http::Headers headers;
  headers.add("Cookie", input);
  std::string_view found = cookie(headers, target_cookie);
  if (!found.empty() && input.find(std::string(target_cookie) + "=" + std::string(found)) == std::string_view::npos) abort();
  if (!found.empty() && found.find(';') != std::string_view::npos) abort();
  if (!seal.open(found, now).empty() && found != closed) abort();
  if (!seal.open(input, now).empty() && input != closed) abort();

  // Ours is found behind whatever else a client sends, unless that has one of the same name before it.
  http::Headers both;
  both.add("Cookie", std::string(input) + "; AWSALBTG=" + closed);
  std::string_view ours = cookie(both, group_cookie);
  if (ours != closed && input.find("AWSALBTG=") == std::string_view::npos) abort();
  if (seal.open(closed, now) != token) abort();

  http::Headers answer;
  answer.add("Set-Cookie", input);
  size_t end = input.find('=');
  bool sets = sets_cookie(answer, "session");
  if (sets && (end == std::string_view::npos || input.find("session") == std::string_view::npos)) abort();
  return 0;
}
