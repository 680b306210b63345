// Sandbox::run(): a command inside, its output collected outside.
#include <fcntl.h>
#include <sys/socket.h>

#include "sandbox/running_sandbox.h"

namespace pds::sandbox {

namespace {

struct Collected {
  std::unique_ptr<io::Stream> stream;
  std::string text;
  uint64_t dropped = 0;

  void take(std::string_view bytes, size_t bytes_max) {
    size_t kept = std::min(bytes.size(), bytes_max - text.size());
    text.append(bytes.substr(0, kept));
    dropped += bytes.size() - kept;
  }
};

// Until the command (and everybody it gave its output to) has closed its end. The owner cancels it when the command has ended.
io::Task<void> collect(Collected& into, size_t bytes_max) {
  char buffer[16 * 1024];
  for (;;) {
    auto n = co_await io::read_some(*into.stream, buffer, io::never);
    if (!n || *n == 0) co_return;
    into.take({buffer, *n}, bytes_max);
  }
}

// What is there already. A command that has ended has written all it will; a child it left behind may hold the other end for ever.
void drain(Collected& into, size_t bytes_max) {
  char buffer[16 * 1024];
  constexpr int rounds_max = 64;  // more than a socket holds
  for (int i = 0; i < rounds_max; i++) {
    // Past the stream, which waits for the loop to tell of what has come; we know already.
    ssize_t n = recv(into.stream->fd(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (n <= 0) return;
    into.take({buffer, static_cast<size_t>(n)}, bytes_max);
  }
}

Result<io::Fd> make_output(io::Loop& loop, Collected& into) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) return fail_errno("make a socket pair", errno);
  io::Fd ours(pair[0]), theirs(pair[1]);
  if (fcntl(ours.get(), F_SETFL, O_NONBLOCK) < 0) return fail_errno("make a socket non-blocking", errno);
  into.stream = io::adopt_socket(loop, ours.release());
  return theirs;
}

// Kills the command unless it is known to have ended: at the deadline, and when the waiting task is cancelled.
struct KillUnlessEnded {
  std::shared_ptr<Channel> channel;
  uint64_t request;
  bool ended = false;
  ~KillUnlessEnded() {
    if (!ended) channel->tell(MessageType::kill_run, encode_number(request));
  }
};

}  // namespace

io::Task<Result<CommandResult>> RunningSandbox::run(Command command, io::Deadline deadline) {
  if (frozen_) co_return fail("E_SANDBOX_FROZEN", "the sandbox '" + record_.id + "' is frozen");
  if (!channel_ || exited_.is_set()) co_return fail_world("E_SANDBOX_GONE", "the sandbox '" + record_.id + "' has ended", false);
  if (command.arguments.empty()) co_return fail("E_SANDBOX_SPEC", "a command needs at least the program");
  Collected output, errors;
  std::vector<io::Fd> fds;
  for (Collected* stream : {&output, &errors}) {
    CO_TRY(io::Fd theirs, make_output(loop_, *stream));
    fds.push_back(std::move(theirs));
  }
  auto channel = channel_;
  uint64_t request = channel->next_request();
  KillUnlessEnded guard{channel, request};
  io::TaskSet collectors;
  collectors.spawn(collect(output, command.output_bytes_max));
  collectors.spawn(collect(errors, command.output_bytes_max));
  auto answer = co_await Channel::call(channel, MessageType::run, request, encode(command), std::move(fds), deadline);
  collectors.cancel_all();
  if (!answer) {
    guard.ended = answer.error().code != "E_TIMEOUT";
    co_return std::unexpected(answer.error());
  }
  guard.ended = true;
  CommandResult result;
  CO_TRY(result.status, decode_exit(answer->body));
  drain(output, command.output_bytes_max);
  drain(errors, command.output_bytes_max);
  result.output = std::move(output.text);
  result.errors = std::move(errors.text);
  result.dropped_bytes = output.dropped + errors.dropped;
  co_return result;
}

}  // namespace pds::sandbox
