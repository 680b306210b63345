#include "sandbox/doors.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/loopback.h"
#include "sandbox/start_error.h"

namespace pds::sandbox {

namespace {

Result<sockaddr_in> to_sockaddr(const Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  if (endpoint.port == 0 || inet_pton(AF_INET, endpoint.address.c_str(), &address.sin_addr) != 1)
    return fail("E_SANDBOX_SPEC", fmt::format("'{}:{}' is not an IPv4 address and a port", endpoint.address, endpoint.port));
  return address;
}

void name_interface(ifreq& request, const std::string& name) { strncpy(request.ifr_name, name.c_str(), IFNAMSIZ - 1); }

Result<void> set_flags_up(int socket, const std::string& name) {
  ifreq request{};
  name_interface(request, name);
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(socket, SIOCSIFFLAGS, &request) < 0) return failed_step("bring up loopback");
  return {};
}

Result<void> set_address(int socket, const std::string& label, const std::string& address) {
  ifreq request{};
  name_interface(request, label);
  sockaddr_in in{};
  in.sin_family = AF_INET;
  inet_pton(AF_INET, address.c_str(), &in.sin_addr);
  memcpy(&request.ifr_addr, &in, sizeof in);
  if (ioctl(socket, SIOCSIFADDR, &request) < 0) return failed_step(fmt::format("add address {}", address));
  in.sin_addr.s_addr = INADDR_BROADCAST;  // the mask of a single address
  memcpy(&request.ifr_netmask, &in, sizeof in);
  if (ioctl(socket, SIOCSIFNETMASK, &request) < 0) return failed_step(fmt::format("set the mask of {}", address));
  return {};
}

// Kernels that lack the setting keep their own behaviour.
void set_if_known(const char* setting, std::string_view value) {
  io::Fd file(open(fmt::format("/proc/sys/net/ipv4/{}", setting).c_str(), O_WRONLY | O_CLOEXEC));
  if (file) (void)!write(file.get(), value.data(), value.size());
}

}  // namespace

Result<void> bring_up_loopback() {
  io::Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return failed_step("open a socket in the network namespace");
  CHECK(set_flags_up(socket.get(), "lo"));
  // As containers have it: an image that listens on 80 as an ordinary user works.
  set_if_known("ip_unprivileged_port_start", "0");
  // What connects inside goes no further than this device: see io/loopback.h.
  set_if_known("tcp_congestion_control", "reno");
  return {};
}

Result<void> add_addresses(const std::vector<std::string>& addresses, std::set<std::string>& present) {
  io::Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket) return failed_step("open a socket in the network namespace");
  for (const auto& address : addresses) {
    if (!present.insert(address).second) continue;
    CHECK(set_address(socket.get(), fmt::format("lo:{}", present.size()), address));
  }
  return {};
}

Result<io::Fd> Doors::connect(const Endpoint& to) {
  TRY(sockaddr_in address, to_sockaddr(to));
  io::Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("socket", errno);
  int on = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  io::use_plain_congestion_control(socket.get());
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0 && errno != EINPROGRESS) {
    std::string what = fmt::format("connect to {}:{} inside the sandbox", to.address, to.port);
    if (errno == ECONNREFUSED) return fail_world("E_CONNECTION_REFUSED", what + ": connection refused");
    return fail_errno(what, errno);
  }
  return socket;
}

Result<int> Doors::serve(const Endpoint& at, int type) {
  TRY(sockaddr_in address, to_sockaddr(at));
  std::string key = fmt::format("{} {}:{}", type, at.address, at.port);
  if (auto found = servers_.find(key); found != servers_.end()) return found->second.get();
  if (servers_.size() >= servers_max)
    return fail("E_SANDBOX_LIMIT", fmt::format("a sandbox keeps at most {} server sockets", servers_max));
  io::Fd socket(::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return fail_errno("socket", errno);
  int on = 1;
  if (type == SOCK_STREAM) {
    setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    io::use_plain_congestion_control(socket.get());  // a sandbox's network is its loopback device
  }
  std::string what = fmt::format("{} {}:{} inside the sandbox", type == SOCK_STREAM ? "listen on" : "bind", at.address, at.port);
  if (bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) < 0) return fail_errno(what, errno);
  if (type == SOCK_STREAM && ::listen(socket.get(), 1024) < 0) return fail_errno(what, errno);
  return servers_.emplace(key, std::move(socket)).first->second.get();
}

Result<int> Doors::listen(const Endpoint& at) { return serve(at, SOCK_STREAM); }
Result<int> Doors::open_udp(const Endpoint& at) { return serve(at, SOCK_DGRAM); }

}  // namespace pds::sandbox
