#include "io/resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>

#include "base/text.h"

namespace pds::io {
namespace {

SocketAddress make_v4(in_addr ip, uint16_t port) {
  SocketAddress address;
  auto* in = reinterpret_cast<sockaddr_in*>(&address.storage);
  in->sin_family = AF_INET;
  in->sin_addr = ip;
  in->sin_port = htons(port);
  address.size = sizeof *in;
  return address;
}

SocketAddress make_v6(in6_addr ip, uint16_t port) {
  SocketAddress address;
  auto* in = reinterpret_cast<sockaddr_in6*>(&address.storage);
  in->sin6_family = AF_INET6;
  in->sin6_addr = ip;
  in->sin6_port = htons(port);
  address.size = sizeof *in;
  return address;
}

}  // namespace

std::vector<SocketAddress> resolve_locally(std::string_view host, uint16_t port) {
  std::string name = to_lower(host);
  if (name.ends_with('.')) name.pop_back();
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  in_addr v4{};
  in6_addr v6{};
  if (name == "localhost" || name.ends_with(".localhost")) {
    v4.s_addr = htonl(INADDR_LOOPBACK);
    return {make_v4(v4, port), make_v6(in6addr_loopback, port)};
  }
  if (inet_pton(AF_INET, name.c_str(), &v4) == 1) return {make_v4(v4, port)};
  if (inet_pton(AF_INET6, name.c_str(), &v6) == 1) return {make_v6(v6, port)};
  return {};
}

Result<std::vector<SocketAddress>> resolve_remotely(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  int status = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (status != 0) return fail_world("E_RESOLVE", "resolve " + host + ": " + gai_strerror(status), status == EAI_AGAIN);
  std::vector<SocketAddress> found;
  for (addrinfo* entry = list; entry; entry = entry->ai_next) {
    SocketAddress address;
    memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    found.push_back(address);
  }
  freeaddrinfo(list);
  return found;
}

}  // namespace pds::io
