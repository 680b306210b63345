#include "podinfo/host_addresses.h"

#include <fmt/format.h>
#include <netdb.h>

#include "io/resolver.h"
#include "io/time_limit.h"

namespace pds::podinfo {
namespace {

using Found = Result<std::vector<io::SocketAddress>>;

io::Task<Found> ask_resolver(io::Loop& loop, std::string host) {
  co_return co_await loop.offload([host] { return io::resolve_remotely(host, 0); });
}

}  // namespace

io::Task<Result<std::vector<std::string>>> find_host_addresses(io::Loop& loop, std::string host, io::Deadline deadline) {
  std::vector<io::SocketAddress> found = io::resolve_locally(host, 0);
  if (found.empty()) {
    CO_TRY(found, co_await io::within(loop, deadline, ask_resolver(loop, host)));
  }
  std::vector<std::string> texts;
  for (size_t i = 0; i < found.size() && texts.size() < host_addresses_max; ++i) {
    char text[NI_MAXHOST];
    auto* address = reinterpret_cast<const sockaddr*>(&found[i].storage);
    if (::getnameinfo(address, found[i].size, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) texts.emplace_back(text);
  }
  if (texts.empty()) co_return fail_world("E_RESOLVE", fmt::format("{} has no address", host));
  co_return texts;
}

}  // namespace pds::podinfo
