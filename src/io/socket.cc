// Sockets as streams, whatever their family and wherever they were made.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "io/address.h"
#include "io/stream.h"

namespace pds::io {
namespace {

std::string describe_peer(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "unknown";
  return address_text(address);
}

class SocketStream final : public Stream, private FdWatcher {
 public:
  SocketStream(Loop& loop, int fd) : Stream(loop), fd_(fd) {
    int one = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);  // fails harmlessly where it means nothing
    // A descriptor that cannot be watched fails at its first use.
    if (!loop.watch(fd_, this)) close_descriptor();
  }
  ~SocketStream() override { close_descriptor(); }

  IoResult try_read(std::span<char> into) override {
    if (size_t again = read_again(into)) return {.status = IoResult::ok, .bytes = again};
    if (!may_read_) return {.status = IoResult::would_block};
    while (true) {
      ssize_t got = ::recv(fd_, into.data(), into.size(), 0);
      if (got > 0) {
        // A short read has emptied the socket: the next edge tells of more. Not so once the peer has ended, which comes without
        // another edge.
        if (static_cast<size_t>(got) < into.size() && !hung_up_) may_read_ = false;
        return {.status = IoResult::ok, .bytes = static_cast<size_t>(got)};
      }
      if (got == 0) return {.status = into.empty() ? IoResult::ok : IoResult::end};
      if (errno == EINTR) continue;
      if (errno != EAGAIN) return {.status = IoResult::failed, .error = errno};
      may_read_ = false;
      return {.status = IoResult::would_block};
    }
  }

  bool has_input() override {
    char byte;
    return ::recv(fd_, &byte, 1, MSG_PEEK) >= 0 || errno != EAGAIN;
  }

  IoResult try_write(std::span<const iovec> parts) override {
    while (true) {
      ssize_t put = send_parts(parts);
      if (put >= 0) return {.status = IoResult::ok, .bytes = static_cast<size_t>(put)};
      if (errno == EINTR) continue;
      if (errno == EAGAIN) return {.status = IoResult::would_block};
      return {.status = IoResult::failed, .error = errno};
    }
  }

  void shutdown_write() override { ::shutdown(fd_, SHUT_WR); }
  void close() override {
    close_descriptor();
    may_read_ = true;  // so that a read finds out
    wake_soon();
  }
  std::string peer_address() const override {
    if (peer_.empty()) peer_ = fd_ >= 0 ? describe_peer(fd_) : "closed";
    return peer_;
  }
  int fd() const override { return fd_; }

 private:
  void on_ready(bool readable, bool writable) override {
    may_read_ |= readable;
    wake(readable, writable);
  }
  void on_hang_up() override { hung_up_ = true; }
  // One part is the usual case, and costs the kernel less as such.
  ssize_t send_parts(std::span<const iovec> parts) {
    if (parts.size() == 1) return ::send(fd_, parts[0].iov_base, parts[0].iov_len, MSG_NOSIGNAL);
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(parts.data());
    message.msg_iovlen = parts.size();
    return ::sendmsg(fd_, &message, MSG_NOSIGNAL);
  }
  void close_descriptor() {
    if (fd_ < 0) return;
    loop().unwatch(fd_);
    ::close(fd_);
    fd_ = -1;
  }

  int fd_;
  bool may_read_ = true;
  bool hung_up_ = false;
  mutable std::string peer_;
};

}  // namespace

std::unique_ptr<Stream> adopt_socket(Loop& loop, int fd) { return std::make_unique<SocketStream>(loop, fd); }

}  // namespace pds::io
