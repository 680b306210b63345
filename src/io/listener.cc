#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "io/address.h"
#include "io/files.h"
#include "io/handover.h"
#include "io/loopback.h"
#include "io/stream.h"

namespace pds::io {
namespace {

// How long accepting pauses when not even the reserve descriptor helps.
constexpr Duration exhausted_pause = 50ms;

class SocketListener final : public Listener, private FdWatcher {
 public:
  SocketListener(Loop& loop, Fd fd, std::string path) : loop_(loop), fd_(std::move(fd)), path_(std::move(path)) { reserve(); }
  ~SocketListener() override { release(); }
  Result<void> start() { return loop_.watch(fd_.get(), this); }

  Task<Result<std::unique_ptr<Stream>>> accept() override {
    while (fd_) {
      int fd = ::accept4(fd_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) co_return adopt_socket(loop_, fd);
      if (errno == EAGAIN) {
        acceptable_.reset();
        co_await acceptable_.wait();
      } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        // A connection that cannot be held is cut at once, so that its peer learns of it; otherwise it would wait in the backlog,
        // and no edge would ever come for it.
        if (!turn_one_away()) co_await loop_.sleep_for(exhausted_pause);
      } else if (errno == EBADF || errno == EINVAL || errno == ENOTSOCK) {
        co_return fail_errno("accept", errno);
      }
      // Everything else (ECONNABORTED, EPROTO, EINTR, network errors) belongs to the connection that failed, not to the listener.
    }
    co_return fail_world("E_CLOSED", "the listener is closed", false);
  }

  void close() override {
    release();
    acceptable_.set();
  }

  uint16_t port() const override {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    if (getsockname(fd_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
    if (address.ss_family == AF_INET) return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
    if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
    return 0;
  }
  int fd() const override { return fd_.get(); }

 private:
  void on_ready(bool readable, bool) override {
    if (readable) acceptable_.set();
  }
  void reserve() { reserve_ = Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }
  bool turn_one_away() {
    if (!reserve_) return false;
    reserve_ = Fd();
    Fd turned_away(::accept4(fd_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    bool accepted = static_cast<bool>(turned_away);
    turned_away = Fd();
    reserve();
    return accepted;
  }
  void release() {
    if (!fd_) return;
    loop_.unwatch(fd_.get());
    fd_ = Fd();
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  Loop& loop_;
  Fd fd_;
  Fd reserve_;
  std::string path_;  // of a unix socket that we made
  Event acceptable_;
};

Result<std::unique_ptr<Listener>> start_listener(Loop& loop, Fd fd, std::string path) {
  auto listener = std::make_unique<SocketListener>(loop, std::move(fd), std::move(path));
  CHECK(listener->start());
  return listener;
}

Result<socklen_t> fill_tcp_address(const std::string& text, uint16_t port, sockaddr_storage& out) {
  std::string name = text == "localhost" ? "127.0.0.1" : text;
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  auto* in = reinterpret_cast<sockaddr_in*>(&out);
  auto* in6 = reinterpret_cast<sockaddr_in6*>(&out);
  if (inet_pton(AF_INET, name.c_str(), &in->sin_addr) == 1) {
    in->sin_family = AF_INET;
    in->sin_port = htons(port);
    return sizeof *in;
  }
  if (inet_pton(AF_INET6, name.c_str(), &in6->sin6_addr) == 1) {
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons(port);
    return sizeof *in6;
  }
  return fail("E_BAD_ADDRESS", "cannot listen on \"" + text + "\": give an IPv4 or IPv6 address");
}

}  // namespace

Result<std::unique_ptr<Listener>> listen_tcp(Loop& loop, const std::string& address, uint16_t port, ListenOptions options) {
  sockaddr_storage storage{};
  TRY(socklen_t size, fill_tcp_address(address, port, storage));
  std::string where = "listen on " + address + ":" + std::to_string(port);
  if (Fd kept = detail::take_inherited(address_text(storage))) return start_listener(loop, std::move(kept), "");
  Fd fd(::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno(where, errno);
  int one = 1;
  setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (options.share_port && setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) != 0) return fail_errno(where, errno);
  if (is_loopback(storage)) use_plain_congestion_control(fd.get());
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) {
    if (errno == EADDRINUSE) return fail("E_ADDRESS_IN_USE", where + ": another program uses this port");
    return fail_errno(where, errno);
  }
  if (::listen(fd.get(), options.backlog) != 0) return fail_errno(where, errno);
  return start_listener(loop, std::move(fd), "");
}

Result<std::unique_ptr<Listener>> listen_unix(Loop& loop, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail("E_PATH_TOO_LONG", "socket path is too long: " + path);
  memcpy(address.sun_path, path.c_str(), path.size() + 1);
  std::string where = "listen on " + path;
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail_errno(where, errno);
  struct stat found;
  if (::lstat(path.c_str(), &found) == 0) {
    if (!S_ISSOCK(found.st_mode)) return fail("E_ADDRESS_IN_USE", where + ": there is a file that is not a socket");
    // Whoever holds the socket answers a connection; a stale file refuses it.
    Fd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (::connect(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 || errno != ECONNREFUSED) {
      return fail("E_ADDRESS_IN_USE", where + ": another program listens there");
    }
    ::unlink(path.c_str());
  }
  // The mode is set on the socket before it gets its name: bind() takes the file's mode from it, so there is no moment when others
  // may connect.
  ::fchmod(fd.get(), 0600);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return fail_errno(where, errno);
  if (::chmod(path.c_str(), 0600) != 0 || ::listen(fd.get(), 1024) != 0) return fail_errno(where, errno);
  return start_listener(loop, std::move(fd), path);
}

Result<std::unique_ptr<Listener>> adopt_listener(Loop& loop, int fd) { return start_listener(loop, Fd(fd), ""); }

}  // namespace pds::io
