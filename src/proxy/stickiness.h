// What stickiness cookies hold: where a client was sent, until when that holds, and a seal without which neither counts.
//
// The browser's copy lives for seven days, as AWS's does; how long a client stays where it was is up to the time inside.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace pds::proxy {

inline constexpr Duration sticky_cookie_lifetime = 7 * 24h;

class CookieSeal {
 public:
  explicit CookieSeal(std::string key) : key_(std::move(key)) {}

  // A name for `what` that says nothing about it: 32 hexadecimal digits.
  std::string token(std::string_view what) const;
  // A cookie's value. Tokens are given by token(), or are any other hexadecimal digits.
  std::string close(std::string_view token, Timestamp until) const;
  // The token in a cookie that was closed with this key and whose time has not passed; empty otherwise. A view into `cookie`.
  std::string_view open(std::string_view cookie, Timestamp now) const;

 private:
  std::string seal_of(std::string_view content) const;
  std::string key_;
};

// A cookie's value for one token, made anew once a second at most: busy clients are answered with the same text.
class StickyCookie {
 public:
  explicit StickyCookie(std::string token) : token_(std::move(token)) {}
  const std::string& token() const { return token_; }
  const std::string& value(const CookieSeal& seal, Timestamp until);

 private:
  std::string token_, value_;
  int64_t until_second_ = -1;
};

}  // namespace pds::proxy
