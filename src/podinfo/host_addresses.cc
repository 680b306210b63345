#include "podinfo/host_addresses.h"

#include "io/time_limit.h"
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>


namespace pds::podinfo {
namespace {

using Addresses = std::vector<std::string>;

bool is_address(const std::string& host) {
  in6_addr unused{};
  return ::inet_pton(AF_INET, host.c_str(), &unused) == 1 || ::inet_pton(AF_INET6, host.c_str(), &unused) == 1;
}

// Blocking, for the offload pool.
Result<Addresses> ask_resolver(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  int status = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (status != 0) return fail_world("E_RESOLVE", fmt::format("resolve {}: {}", host, ::gai_strerror(status)));
  Addresses found;
  for (addrinfo* entry = list; entry && found.size() < host_addresses_max; entry = entry->ai_next) {
    char text[NI_MAXHOST];
    if (::getnameinfo(entry->ai_addr, entry->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) found.emplace_back(text);
  }
  ::freeaddrinfo(list);
  if (found.empty()) return fail_world("E_RESOLVE", fmt::format("{} has no address", host));
  return found;
}

}  // namespace

io::Task<Result<Addresses>> find_host_addresses(io::Loop& loop, std::string host, io::Deadline deadline) {
  if (is_address(host)) co_return Addresses{host};
  if (host == "localhost" || host.ends_with(".localhost")) co_return Addresses{"127.0.0.1", "::1"};  // RFC 6761
  auto work = [&loop](std::string name) -> io::Task<Result<Addresses>> {
    co_return co_await loop.offload([name] { return ask_resolver(name); });
  };
  co_return co_await io::within(loop, deadline, work(host));
}

}  // namespace pds::podinfo
