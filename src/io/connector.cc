#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "base/text.h"
#include "io/loopback.h"
#include "io/stream.h"

namespace pds::io {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

Address make_v4(in_addr ip, uint16_t port) {
  Address address;
  auto* in = reinterpret_cast<sockaddr_in*>(&address.storage);
  in->sin_family = AF_INET;
  in->sin_addr = ip;
  in->sin_port = htons(port);
  address.size = sizeof *in;
  return address;
}

Address make_v6(in6_addr ip, uint16_t port) {
  Address address;
  auto* in = reinterpret_cast<sockaddr_in6*>(&address.storage);
  in->sin6_family = AF_INET6;
  in->sin6_addr = ip;
  in->sin6_port = htons(port);
  address.size = sizeof *in;
  return address;
}

// What needs no resolver: addresses, and the names that are loopback by RFC 6761.
std::vector<Address> resolve_locally(std::string_view host, uint16_t port) {
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

// Blocking, for the offload pool.
Result<std::vector<Address>> resolve_remotely(const std::string& host, uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  int status = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (status != 0) return fail_world("E_RESOLVE", "resolve " + host + ": " + gai_strerror(status), status == EAI_AGAIN);
  std::vector<Address> found;
  for (addrinfo* entry = list; entry; entry = entry->ai_next) {
    Address address;
    memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    found.push_back(address);
  }
  freeaddrinfo(list);
  return found;
}

std::unexpected<Error> connect_failed(const std::string& destination, int error) {
  return fail_world("E_CONNECT", "connect to " + destination + ": " + std::strerror(error));
}

Task<Result<std::unique_ptr<Stream>>> connect_address(Loop& loop, Address address, std::string destination, Deadline deadline) {
  int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) co_return fail_errno("socket for " + destination, errno);
  if (is_loopback(address.storage)) use_plain_congestion_control(fd);
  int status = ::connect(fd, reinterpret_cast<sockaddr*>(&address.storage), address.size);
  int error = status == 0 ? 0 : errno;
  if (error != 0 && error != EINPROGRESS) {
    ::close(fd);
    co_return connect_failed(destination, error);
  }
  auto stream = adopt_socket(loop, fd);
  while (error == EINPROGRESS) {
    Wake wake = co_await stream->writable(deadline);
    if (wake == Wake::timed_out) co_return fail_world("E_TIMEOUT", "connect to " + destination + ": timed out");
    socklen_t size = sizeof error;
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) co_return connect_failed(destination, error);
    // No error yet and no peer yet: the wake-up came too early.
    sockaddr_storage peer;
    size = sizeof peer;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0) error = EINPROGRESS;
  }
  co_return std::move(stream);
}

class TcpConnector final : public Connector {
 public:
  TcpConnector(Loop& loop, std::string host, uint16_t port) : loop_(loop), host_(std::move(host)), port_(port) {}

  Task<Result<std::unique_ptr<Stream>>> connect(Deadline deadline) override {
    std::vector<Address> addresses = resolve_locally(host_, port_);
    if (addresses.empty()) {
      auto work = [host = host_, port = port_] { return resolve_remotely(host, port); };
      CO_TRY(addresses, co_await loop_.offload(std::move(work)));
    }
    Result<std::unique_ptr<Stream>> outcome = fail_world("E_RESOLVE", host_ + " has no address");
    for (const Address& address : addresses) {
      outcome = co_await connect_address(loop_, address, destination(), deadline);
      if (outcome || outcome.error().code == "E_TIMEOUT") break;
    }
    co_return std::move(outcome);
  }
  std::string destination() const override { return host_ + ":" + std::to_string(port_); }

 private:
  Loop& loop_;
  std::string host_;
  uint16_t port_;
};

class UnixConnector final : public Connector {
 public:
  UnixConnector(Loop& loop, std::string path) : loop_(loop), path_(std::move(path)) {}

  Task<Result<std::unique_ptr<Stream>>> connect(Deadline deadline) override {
    Address address;
    auto* un = reinterpret_cast<sockaddr_un*>(&address.storage);
    if (path_.size() >= sizeof un->sun_path) co_return fail("E_PATH_TOO_LONG", "socket path is too long: " + path_);
    un->sun_family = AF_UNIX;
    memcpy(un->sun_path, path_.c_str(), path_.size() + 1);
    address.size = sizeof *un;
    Result<std::unique_ptr<Stream>> outcome = co_await connect_address(loop_, address, path_, deadline);
    co_return std::move(outcome);
  }
  std::string destination() const override { return path_; }

 private:
  Loop& loop_;
  std::string path_;
};

}  // namespace

std::unique_ptr<Connector> tcp_connector(Loop& loop, std::string host, uint16_t port) {
  return std::make_unique<TcpConnector>(loop, std::move(host), port);
}

std::unique_ptr<Connector> unix_connector(Loop& loop, std::string path) {
  return std::make_unique<UnixConnector>(loop, std::move(path));
}

}  // namespace pds::io
