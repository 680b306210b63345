// The loop's end of a control socket: requests that wait for their replies, and what comes unasked.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "io/loop.h"
#include "sandbox/wire.h"

namespace pds::sandbox {

class Channel final : public io::FdWatcher, public std::enable_shared_from_this<Channel> {
 public:
  // `unasked` gets messages that answer nothing; `closed` is called once, when the peer is gone or has broken the protocol. Neither
  // is called after detach().
  static Result<std::shared_ptr<Channel>> open(io::Loop& loop, io::Fd socket, std::function<void(Message)> unasked,
                                               std::function<void()> closed);
  Channel(io::Loop& loop, io::Fd socket);
  ~Channel() override;

  uint64_t next_request() { return ++requests_; }
  // The reply's message, or the error it carries. E_TIMEOUT; E_SANDBOX_GONE when the peer goes away first.
  static io::Task<Result<Message>> call(std::shared_ptr<Channel> channel, MessageType type, uint64_t request, std::string body,
                                        std::vector<io::Fd> fds, io::Deadline deadline);
  // Without a reply; dropped when the peer is gone or does not read.
  void tell(MessageType type, std::string body);
  bool is_closed() const { return !socket_; }
  void detach();

  void on_ready(bool readable, bool writable) override;

 private:
  struct Waiter {
    io::Event event;
    bool expired = false;
    std::unique_ptr<Result<Message>> reply;
  };
  struct Registration;
  void deliver(Message message);
  void close();

  io::Loop& loop_;
  io::Fd socket_;
  std::function<void(Message)> unasked_;
  std::function<void()> closed_;
  std::map<uint64_t, std::shared_ptr<Waiter>> waiters_;
  io::Event writable_;
  uint64_t requests_ = 0;
};

}  // namespace pds::sandbox
