// Where a Redis server is, as --cache-server says it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pds::podinfo {

struct RedisAddress {
  std::string host;
  uint16_t port = 6379;
  std::string user, password;  // empty password: no AUTH
  int database = 0;
  bool secure = false;         // rediss://
};

// "host:port", "tcp://[[user]:password@]host[:port]", "redis://...[/database]", "rediss://..."; credentials are percent-decoded. Errors
// (E_ADDRESS) do not repeat the text: it may hold a password.
Result<RedisAddress> parse_redis_address(std::string_view text);

}  // namespace pds::podinfo
