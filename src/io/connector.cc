#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "io/loopback.h"
#include "io/resolver.h"
#include "io/stream.h"

namespace pds::io {
namespace {

std::unexpected<Error> connect_failed(const std::string& destination, int error) {
  return fail_world("E_CONNECT", "connect to " + destination + ": " + std::strerror(error));
}

Task<Result<std::unique_ptr<Stream>>> connect_address(Loop& loop, SocketAddress address, std::string destination, Deadline deadline) {
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
    std::vector<SocketAddress> addresses = resolve_locally(host_, port_);
    if (addresses.empty()) {
      auto work = [host = host_, port = port_] { return resolve_remotely(host, port); };
      CO_TRY(addresses, co_await loop_.offload(std::move(work)));
    }
    Result<std::unique_ptr<Stream>> outcome = fail_world("E_RESOLVE", host_ + " has no address");
    for (const SocketAddress& address : addresses) {
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
    SocketAddress address;
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
