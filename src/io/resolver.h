// The socket addresses of a host.
#pragma once

#include <sys/socket.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pds::io {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

// What needs no resolver: addresses, and the names that are loopback by RFC 6761. Empty: none of these.
std::vector<SocketAddress> resolve_locally(std::string_view host, uint16_t port);
// Blocking, for the offload pool. E_RESOLVE.
Result<std::vector<SocketAddress>> resolve_remotely(const std::string& host, uint16_t port);

}  // namespace pds::io
