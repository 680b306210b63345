// A client of Redis: hiredis writes and reads the protocol, the bytes travel over the repository's own streams.
//
// Connections are made when they are needed and kept for the next command; there are never more than redis_connections_max. Every command
// is one that may be sent twice: where a kept connection turns out to be dead, it is sent once more on a fresh one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "io/stream.h"
#include "podinfo/redis_address.h"

namespace pds::http {
class TlsClientContext;
}

namespace pds::podinfo {

inline constexpr size_t redis_connections_max = 32;       // above: E_OVERLOADED
inline constexpr size_t redis_idle_max = 3;
inline constexpr Duration redis_idle_time = 240s;
inline constexpr Duration redis_connect_timeout = 30s;
inline constexpr Duration redis_timeout = 10s;            // for a command's answer
inline constexpr size_t redis_reply_bytes_max = 64u << 20;  // above: E_TOO_LARGE

struct RedisReply {
  enum class Kind : uint8_t { nil, number, text };
  Kind kind = Kind::nil;
  int64_t number = 0;
  std::string text;
};

class Redis {
 public:
  Redis(io::Loop& loop, RedisAddress address);
  ~Redis();

  // Errors: E_REDIS (the server's own), E_CLOSED, E_CONNECT, E_TIMEOUT, E_OVERLOADED, E_TOO_LARGE. The words must live until it is done.
  io::Task<Result<RedisReply>> command(std::vector<std::string_view> words);
  const RedisAddress& address() const { return address_; }
  size_t idle_connections() const { return idle_.size(); }

 private:
  class Connection;
  io::Task<Result<std::unique_ptr<Connection>>> connect();
  std::unique_ptr<Connection> take_idle();
  void keep(std::unique_ptr<Connection> connection);

  io::Loop& loop_;
  RedisAddress address_;
  std::vector<std::unique_ptr<Connection>> idle_;  // the last used last
  size_t in_use_ = 0;
  std::shared_ptr<const http::TlsClientContext> tls_;  // made for the first connection, where the address asks for it
};

}  // namespace pds::podinfo
