#include "sandbox/running_sandbox.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sandbox/log_ring.h"

namespace pds::sandbox {

namespace {

// Requests that init answers at once; more means that it is stuck, which the caller should hear of.
io::Deadline soon() { return std::chrono::steady_clock::now() + 10s; }

class DoorConnector final : public io::Connector {
 public:
  DoorConnector(std::weak_ptr<RunningSandbox*> sandbox, std::string id, std::string address, uint16_t port)
      : sandbox_(std::move(sandbox)), id_(std::move(id)), address_(std::move(address)), port_(port) {}

  io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline deadline) override {
    auto sandbox = sandbox_.lock();
    if (!sandbox) co_return fail_world("E_SANDBOX_GONE", fmt::format("the sandbox '{}' is gone", id_), false);
    co_return co_await (*sandbox)->connect(address_, port_, deadline);
  }
  std::string destination() const override { return fmt::format("{}:{} in {}", address_, port_, id_); }

 private:
  std::weak_ptr<RunningSandbox*> sandbox_;
  std::string id_, address_;
  uint16_t port_;
};

int pending_error(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? errno : error;
}

bool is_connected(int socket) {
  sockaddr_storage peer;
  socklen_t size = sizeof peer;
  return getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

}  // namespace

RunningSandbox::RunningSandbox(io::Loop& loop, Undertaker& host, std::string directory, Record record)
    : loop_(loop),
      host_(host),
      directory_(std::move(directory)),
      record_(std::move(record)),
      self_(std::make_shared<RunningSandbox*>(this)) {}

RunningSandbox::~RunningSandbox() {
  if (channel_) channel_->detach();
  host_.forget_sandbox(record_.id);
}

Result<std::unique_ptr<RunningSandbox>> RunningSandbox::open(io::Loop& loop, Undertaker& host, std::string directory, Record record,
                                                             bool fresh) {
  auto sandbox = std::make_unique<RunningSandbox>(loop, host, directory, std::move(record));
  sandbox->log_ = io::Fd(::open((directory + "/log").c_str(), O_RDONLY | O_CLOEXEC));
  if (!fresh) sandbox->frozen_ = read_frozen(sandbox->record_.cgroup).value_or(false);
  // A status is written when all is over but for init's own end.
  bool running = fresh || (!read_status(directory) && io::is_alive(sandbox->record_.init));
  auto socket = running ? connect_control(directory + "/control") : Result<io::Fd>(fail("E_ABSENT", ""));
  if (!socket && socket.error().code != "E_ABSENT") return std::unexpected(socket.error());
  if (!socket) {
    sandbox->on_closed();
    return sandbox;
  }
  RunningSandbox* raw = sandbox.get();
  TRY(sandbox->channel_,
      Channel::open(loop, std::move(*socket), [raw](Message message) { raw->on_message(message); }, [raw] { raw->on_closed(); }));
  return sandbox;
}

void RunningSandbox::on_message(const Message& message) {
  if (message.type != MessageType::exited) return;  // hello: of our own version, or its replies would not be understood either
  if (auto status = decode_exit(message.body)) ended(*status);
}

void RunningSandbox::on_closed() {
  if (exited_.is_set()) return;
  std::optional<ExitStatus> status = destroying_ ? ExitStatus{.code = 137, .signal = SIGKILL} : read_status(directory_);
  ended(status ? *status : ExitStatus{.code = 137, .signal = SIGKILL, .known = false});
}

void RunningSandbox::ended(ExitStatus status) {
  if (exited_.is_set()) return;
  status_ = status;
  status_.out_of_memory = status.code != 0 && out_of_memory_kills(record_.cgroup) > 0;
  exited_.set();
}

io::Task<Result<Message>> RunningSandbox::ask(MessageType type, std::string body, io::Deadline deadline) {
  if (frozen_ && record_.cgroup.freezes())
    co_return fail("E_SANDBOX_FROZEN", fmt::format("the sandbox '{}' is frozen", record_.id));
  if (!channel_ || exited_.is_set())
    co_return fail_world("E_SANDBOX_GONE", fmt::format("the sandbox '{}' has ended", record_.id), false);
  uint64_t request = channel_->next_request();
  co_return co_await Channel::call(channel_, type, request, std::move(body), {}, deadline);
}

io::Task<Result<io::Fd>> RunningSandbox::ask_descriptor(MessageType type, Endpoint endpoint, io::Deadline deadline) {
  CO_TRY(Message answer, co_await ask(type, encode(endpoint), deadline));
  if (answer.fds.size() != 1) co_return fail("E_SANDBOX_PROTOCOL", "init answered without a descriptor");
  co_return std::move(answer.fds[0]);
}

io::Task<Result<std::unique_ptr<io::Stream>>> RunningSandbox::connect(std::string address, uint16_t port, io::Deadline deadline) {
  if (frozen_) co_return fail("E_SANDBOX_FROZEN", fmt::format("the sandbox '{}' is frozen", record_.id));
  io::Loop& loop = loop_;  // the sandbox may be gone after a wait
  CO_TRY(io::Fd socket, co_await ask_descriptor(MessageType::connect, {address, port}, deadline));
  int fd = socket.get();
  auto stream = io::adopt_socket(loop, socket.release());
  // Loopback connects at once, unless the server's queue is full.
  while (!is_connected(fd)) {
    int error = pending_error(fd);
    std::string what = fmt::format("connect to {}:{} inside the sandbox", address, port);
    if (error == ECONNREFUSED) co_return fail_world("E_CONNECTION_REFUSED", what + ": connection refused");
    if (error) co_return fail_errno(what, error);
    io::Wake wake = co_await stream->writable(deadline);
    if (wake == io::Wake::timed_out) co_return fail_world("E_TIMEOUT", what + ": timed out");
  }
  co_return stream;
}

io::Task<Result<std::unique_ptr<io::Listener>>> RunningSandbox::listen(std::string address, uint16_t port) {
  for (auto it = kept_.begin(); it != kept_.end(); ++it) {
    if (it->first.address != address || it->first.port != port) continue;
    io::Fd socket = std::move(it->second);
    kept_.erase(it);
    co_return io::adopt_listener(loop_, socket.release());
  }
  io::Loop& loop = loop_;
  CO_TRY(io::Fd socket, co_await ask_descriptor(MessageType::listen, {address, port}, soon()));
  co_return io::adopt_listener(loop, socket.release());
}

io::Task<Result<io::Fd>> RunningSandbox::open_udp(std::string address, uint16_t port) {
  return ask_descriptor(MessageType::open_udp, {std::move(address), port}, soon());
}

std::shared_ptr<io::Connector> RunningSandbox::connector(std::string address, uint16_t port) {
  return std::make_shared<DoorConnector>(self_, record_.id, std::move(address), port);
}

io::Task<Result<void>> RunningSandbox::signal(int signal_number) {
  if (exited_.is_set()) co_return Result<void>{};
  auto sent = co_await ask(MessageType::signal, encode_number(static_cast<uint64_t>(signal_number)), soon());
  if (!sent && sent.error().code != "E_SANDBOX_GONE") co_return std::unexpected(sent.error());
  co_return Result<void>{};
}

io::Task<ExitStatus> RunningSandbox::wait_exit() {
  co_await exited_.wait();
  co_return status_;
}

io::Task<Result<void>> RunningSandbox::set_frozen(bool frozen) {
  if (exited_.is_set()) co_return fail_world("E_SANDBOX_GONE", fmt::format("the sandbox '{}' has ended", record_.id), false);
  if (record_.cgroup.freezes()) {
    CO_CHECK(sandbox::set_frozen(record_.cgroup, frozen));
  } else {
    CO_CHECK(co_await ask(frozen ? MessageType::stop_all : MessageType::continue_all, "", soon()));
  }
  frozen_ = frozen;
  co_return Result<void>{};
}

io::Task<Result<Usage>> RunningSandbox::usage() {
  if (auto counted = read_usage(record_.cgroup)) co_return *counted;
  CO_TRY(Message answer, co_await ask(MessageType::usage, "", soon()));
  co_return decode_usage(answer.body);
}

Result<LogChunk> RunningSandbox::read_log(uint64_t from, size_t bytes_max) {
  if (!log_) return fail("E_SANDBOX_LOG", fmt::format("the sandbox '{}' has no log", record_.id));
  return read_log_file(log_.get(), from, bytes_max);
}

io::Task<Result<void>> RunningSandbox::wait_log(uint64_t from) {
  if (exited_.is_set()) co_return Result<void>{};
  auto grown = co_await ask(MessageType::wait_log, encode_number(from), io::never);
  if (!grown && grown.error().code != "E_SANDBOX_GONE") co_return std::unexpected(grown.error());
  co_return Result<void>{};
}

io::Task<Result<uint64_t>> RunningSandbox::flush_log() {
  if (exited_.is_set()) co_return log_size(log_.get());  // init drained everything before it said so
  CO_TRY(Message answer, co_await ask(MessageType::flush_log, "", soon()));
  co_return decode_number(answer.body);
}

io::Task<Result<void>> RunningSandbox::destroy() {
  std::string id = record_.id;
  destroying_ = true;
  CO_CHECK(co_await host_.destroy_sandbox(id));
  ended({.code = 137, .signal = SIGKILL});
  co_return Result<void>{};
}

}  // namespace pds::sandbox
