// Connections that never leave the machine have no congestion to control.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <string_view>

namespace pds::io {

inline bool is_loopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) return ntohl(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr) >> 24 == 127;
  return address.ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr);
}

// Before connect() or listen(); what is accepted inherits it. Where the system's choice is one that paces (bbr), each send would arm a
// timer for nothing. Every kernel has reno; one that refuses it keeps its own choice.
inline void use_plain_congestion_control(int fd) {
  constexpr std::string_view plain = "reno";
  [[maybe_unused]] int set = ::setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, plain.data(), plain.size());
}

}  // namespace pds::io
