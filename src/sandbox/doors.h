// The network of a sandbox, seen from inside: loopback, addresses on it, and the sockets that are passed out.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/files.h"
#include "sandbox/spec.h"

namespace pds::sandbox {

// In the calling process's network namespace, which must be its own.
Result<void> bring_up_loopback();  // and lets every user bind every port
// Each /32. `present` counts those that are there already; what is in it is not added again.
Result<void> add_addresses(const std::vector<std::string>& addresses, std::set<std::string>& present);

// Sockets made in this namespace. Servers are kept, so that asking again gives the same socket.
class Doors {
 public:
  // A non-blocking socket that is connected or connecting.
  Result<io::Fd> connect(const Endpoint& to);
  // Lent: valid as long as this object.
  Result<int> listen(const Endpoint& at);
  Result<int> open_udp(const Endpoint& at);

 private:
  Result<int> serve(const Endpoint& at, int type);
  std::map<std::string, io::Fd> servers_;  // "tcp 127.0.0.1:80"
};

inline constexpr size_t servers_max = 64;

}  // namespace pds::sandbox
