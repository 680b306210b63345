#include "sandbox/channel.h"

namespace pds::sandbox {

namespace {
std::unexpected<Error> gone() { return fail_world("E_SANDBOX_GONE", "the sandbox (or its spawner) has ended", false); }
}  // namespace

Channel::Channel(io::Loop& loop, io::Fd socket) : loop_(loop), socket_(std::move(socket)) {}

Channel::~Channel() {
  if (socket_) loop_.unwatch(socket_.get());
}

Result<std::shared_ptr<Channel>> Channel::open(io::Loop& loop, io::Fd socket, std::function<void(Message)> unasked,
                                               std::function<void()> closed) {
  auto channel = std::make_shared<Channel>(loop, std::move(socket));
  channel->unasked_ = std::move(unasked);
  channel->closed_ = std::move(closed);
  CHECK(loop.watch(channel->socket_.get(), channel.get()));
  return channel;
}

// Takes the waiter out again when its task is cancelled.
struct Channel::Registration {
  std::shared_ptr<Channel> channel;
  uint64_t request;
  ~Registration() { channel->waiters_.erase(request); }
};

io::Task<Result<Message>> Channel::call(std::shared_ptr<Channel> channel, MessageType type, uint64_t request, std::string body,
                                        std::vector<io::Fd> fds, io::Deadline deadline) {
  auto waiter = std::make_shared<Waiter>();
  channel->waiters_[request] = waiter;
  Registration registration{channel, request};
  io::Timer timer(channel->loop_, [waiter, channel] {
    // Waking the task may end it, and this timer with it: what is used afterwards is ours.
    auto told = waiter;
    auto sending = channel;
    told->expired = true;
    told->event.set();
    sending->writable_.set();
  });
  if (deadline != io::never) timer.start(deadline);

  Message message{.type = type, .request = request, .body = std::move(body), .fds = {}};
  std::vector<int> lent;
  for (const auto& fd : fds) lent.push_back(fd.get());
  for (;;) {
    if (channel->is_closed()) co_return gone();
    auto sent = send_message(channel->socket_.get(), message, lent);
    if (sent) break;
    if (sent.error().code == "E_CLOSED") co_return gone();
    if (sent.error().code != "E_WOULD_BLOCK") co_return std::unexpected(sent.error());
    channel->writable_.reset();
    co_await channel->writable_.wait();
    if (waiter->expired) co_return fail_world("E_TIMEOUT", "the sandbox does not read its control socket");
  }
  co_await waiter->event.wait();
  if (waiter->reply) co_return std::move(*waiter->reply);
  co_return fail_world("E_TIMEOUT", "the sandbox did not answer in time");
}

void Channel::tell(MessageType type, std::string body) {
  if (socket_) (void)send_message(socket_.get(), {.type = type, .request = next_request(), .body = std::move(body), .fds = {}});
}

void Channel::detach() {
  unasked_ = nullptr;
  closed_ = nullptr;
}

void Channel::on_ready(bool readable, bool writable) {
  auto self = shared_from_this();  // whoever is woken may let go of us
  if (writable) writable_.set();
  while (readable && socket_) {
    auto message = receive_message(socket_.get());
    if (message)
      deliver(std::move(*message));
    else if (message.error().code == "E_WOULD_BLOCK")
      return;
    else
      close();
  }
}

void Channel::deliver(Message message) {
  auto found = waiters_.find(message.request);
  if (found == waiters_.end()) {
    auto handler = unasked_;  // a copy: it may lead to detach()
    if (handler && message.request == 0) handler(std::move(message));
    return;
  }
  auto waiter = found->second;
  waiters_.erase(found);
  if (message.type == MessageType::failed)
    waiter->reply = std::make_unique<Result<Message>>(std::unexpected(decode_error(message.body)));
  else
    waiter->reply = std::make_unique<Result<Message>>(std::move(message));
  waiter->event.set();
}

void Channel::close() {
  loop_.unwatch(socket_.get());
  socket_ = io::Fd();
  auto waiters = std::move(waiters_);
  waiters_.clear();
  for (auto& [request, waiter] : waiters) {
    waiter->reply = std::make_unique<Result<Message>>(gone());
    waiter->event.set();
  }
  writable_.set();
  if (closed_) std::exchange(closed_, nullptr)();
}

}  // namespace pds::sandbox
