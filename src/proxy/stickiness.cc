#include "proxy/stickiness.h"

#include <charconv>

#include "base/crypto.h"
#include "base/text.h"

namespace pds::proxy {
namespace {

constexpr size_t token_digits = 32, second_digits = 10, seal_digits = 32;
constexpr size_t cookie_bytes_max = 256;

int64_t seconds_of(Timestamp t) { return std::chrono::floor<std::chrono::seconds>(t.time_since_epoch()).count(); }

std::string hex_of_second(int64_t second) {
  std::string bytes(second_digits / 2, '\0');
  for (size_t i = bytes.size(); i > 0; --i, second >>= 8) bytes[i - 1] = static_cast<char>(second & 0xff);
  return to_hex(bytes);
}

// Whoever tries seals learns nothing from how long a comparison took.
bool same_seal(std::string_view a, std::string_view b) {
  unsigned differs = a.size() != b.size();
  for (size_t i = 0; i < a.size() && i < b.size(); ++i)
    differs |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return differs == 0;
}

}  // namespace

std::string CookieSeal::token(std::string_view what) const { return to_hex(hmac_sha256(key_, what).substr(0, token_digits / 2)); }

std::string CookieSeal::seal_of(std::string_view content) const {
  return to_hex(hmac_sha256(key_, "cookie " + std::string(content)).substr(0, seal_digits / 2));
}

std::string CookieSeal::close(std::string_view token, Timestamp until) const {
  std::string content = std::string(token) + hex_of_second(seconds_of(until));
  return content + seal_of(content);
}

std::string_view CookieSeal::open(std::string_view cookie, Timestamp now) const {
  if (cookie.size() <= second_digits + seal_digits || cookie.size() > cookie_bytes_max) return {};
  std::string_view content = cookie.substr(0, cookie.size() - seal_digits);
  if (!same_seal(seal_of(content), cookie.substr(content.size()))) return {};
  std::string_view token = content.substr(0, content.size() - second_digits);
  int64_t until = 0;
  std::from_chars(content.data() + token.size(), content.data() + content.size(), until, 16);
  return until > seconds_of(now) ? token : std::string_view{};
}

const std::string& StickyCookie::value(const CookieSeal& seal, Timestamp until) {
  if (int64_t second = seconds_of(until); second != until_second_) {
    until_second_ = second;
    value_ = seal.close(token_, until);
  }
  return value_;
}

}  // namespace pds::proxy
