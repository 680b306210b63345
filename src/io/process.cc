#include "io/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "base/text.h"
#include "io/files.h"

namespace pds::io {
namespace {

struct PipeEnds {
  Fd read, write;
};

Result<PipeEnds> make_pipe() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return fail_errno("make a pipe", errno);
  return PipeEnds{Fd(fds[0]), Fd(fds[1])};
}

int open_pidfd(int pid) { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); }

// Writing to a program that has stopped reading must be an error here, not the end of this process.
class SigpipeBlocked {
 public:
  SigpipeBlocked() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~SigpipeBlocked() {
    timespec none{};
    if (!sigismember(&before_, SIGPIPE)) {
      while (sigtimedwait(&pipe_, nullptr, &none) > 0) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t pipe_, before_;
};

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

Result<int> spawn(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment, int in, int out,
                  int errors) {
  std::vector<std::string> arguments_copy = arguments, variables;
  for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
  auto argv = pointers_to(arguments_copy), envp = pointers_to(variables);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, errors, 2);
  // The program starts with ordinary signals, whatever this process has blocked or ignored.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  int pid = 0;
  int error = posix_spawnp(&pid, argv[0], &actions, &attributes, argv.data(), envp.data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) return fail("E_NOT_FOUND", "run " + arguments[0] + ": no such program");
  if (error != 0) return fail_errno("run " + arguments[0], error);
  return pid;
}

// A running child with its three pipes.
struct Child {
  std::string name;
  int pid = 0;
  Fd pidfd, in, out, errors;
  bool reaped = false;
  int status = 0;

  ~Child() {
    if (reaped || pid == 0) return;
    ::kill(pid, SIGKILL);
    reap();
  }
  void reap() {
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    reaped = true;
  }
};

void feed(Child& child, std::string_view& input) {
  if (!input.empty()) {
    ssize_t put = ::write(child.in.get(), input.data(), input.size());
    if (put > 0) input.remove_prefix(static_cast<size_t>(put));
    if (put < 0 && errno != EAGAIN && errno != EINTR) input = {};  // it reads no more; that is its business
  }
  if (input.empty()) child.in = Fd();
}

// Takes what is there now.
Result<void> drain(Fd& from, std::string& into, const std::string& name, size_t bytes_max) {
  char piece[65536];
  while (from) {
    ssize_t got = ::read(from.get(), piece, sizeof piece);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) {
      from = Fd();
      break;
    }
    if (into.size() + static_cast<size_t>(got) > bytes_max) {
      return fail("E_TOO_LARGE", name + " wrote more than " + std::to_string(bytes_max) + " bytes and was stopped");
    }
    into.append(piece, static_cast<size_t>(got));
  }
  return {};
}

// What is left of the time; -1: there is no end to it.
int wait_ms(MonoTime begin, Duration time) {
  if (time == Duration::max()) return -1;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(begin + time - std::chrono::steady_clock::now());
  return static_cast<int>(std::clamp<int64_t>(left.count(), 0, INT_MAX));
}

// Until the child ends. A grandchild that still holds the pipes does not keep us waiting.
Result<void> converse(Child& child, std::string_view input, const ProcessLimits& limits, ProcessOutput& result) {
  MonoTime begin = std::chrono::steady_clock::now();
  while (!child.reaped) {
    pollfd polled[] = {{child.in ? child.in.get() : -1, POLLOUT, 0},
                       {child.out ? child.out.get() : -1, POLLIN, 0},
                       {child.errors ? child.errors.get() : -1, POLLIN, 0},
                       {child.pidfd.get(), POLLIN, 0}};
    if (::poll(polled, 4, wait_ms(begin, limits.time)) < 0 && errno != EINTR) return fail_errno("wait for " + child.name, errno);
    if (child.in && polled[0].revents) feed(child, input);
    if (polled[3].revents) child.reap();
    CHECK(drain(child.out, result.output, child.name, limits.output_bytes_max));
    CHECK(drain(child.errors, result.errors, child.name, limits.output_bytes_max));
    if (!child.reaped && wait_ms(begin, limits.time) == 0)
      return fail_world("E_TIMEOUT", child.name + " was stopped after " + human_duration(limits.time));
  }
  return {};
}

// Tells when a pidfd becomes readable, which is when its process has ended.
class ExitWatcher final : public FdWatcher {
 public:
  ExitWatcher(Loop& loop, Fd pidfd) : loop_(loop), pidfd_(std::move(pidfd)) {}
  ~ExitWatcher() override { loop_.unwatch(pidfd_.get()); }
  Result<void> start() { return loop_.watch(pidfd_.get(), this); }
  Event ended;

 private:
  void on_ready(bool readable, bool) override {
    if (readable) ended.set();
  }
  Loop& loop_;
  Fd pidfd_;
};

}  // namespace

Result<ProcessOutput> run_process(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
                                  const std::string& input, const ProcessLimits& limits) {
  ASSERT(!arguments.empty());
  TRY(PipeEnds in, make_pipe());
  TRY(PipeEnds out, make_pipe());
  TRY(PipeEnds errors, make_pipe());
  SigpipeBlocked guard;
  Child child;
  child.name = arguments[0];
  TRY(child.pid, spawn(arguments, environment, in.read.get(), out.write.get(), errors.write.get()));
  child.pidfd = Fd(open_pidfd(child.pid));
  if (!child.pidfd) return fail_errno("watch " + arguments[0], errno);
  child.in = std::move(in.write);
  child.out = std::move(out.read);
  child.errors = std::move(errors.read);
  out.write = Fd();
  errors.write = Fd();
  for (int fd : {child.in.get(), child.out.get(), child.errors.get()}) ::fcntl(fd, F_SETFL, O_NONBLOCK);
  ProcessOutput result;
  CHECK(converse(child, input, limits, result));
  result.exit_code = WIFSIGNALED(child.status) ? 128 + WTERMSIG(child.status) : WEXITSTATUS(child.status);
  return result;
}

namespace {

struct ProcessStat {
  char state = 0;
  uint64_t start_ticks = 0;
};

Result<ProcessStat> read_stat(int pid) {
  TRY(std::string text, read_file("/proc/" + std::to_string(pid) + "/stat", 4096));
  // The name, in parentheses, may hold anything: fields are counted from its end. State is field 3, the start time field 22.
  size_t name_end = text.rfind(')');
  if (name_end == std::string::npos || name_end + 2 >= text.size())
    return fail("E_NOT_FOUND", "process " + std::to_string(pid) + " has no stat");
  auto fields = split(std::string_view(text).substr(name_end + 2), ' ');
  std::optional<int64_t> start = fields.size() > 19 ? parse_int(fields[19]) : std::nullopt;
  if (!start) return fail("E_NOT_FOUND", "process " + std::to_string(pid) + " has no start time");
  return ProcessStat{fields[0].empty() ? 'X' : fields[0][0], static_cast<uint64_t>(*start)};
}

// A pidfd of exactly this process, or nothing when it is gone. Opened before the identity is compared: afterwards it cannot change.
Fd pidfd_of(const ProcessIdentity& identity) {
  Fd pidfd(open_pidfd(identity.pid));
  if (!pidfd) return {};
  Result<ProcessStat> stat = read_stat(identity.pid);
  if (!stat || stat->start_ticks != identity.start_ticks) return {};
  return pidfd;
}

}  // namespace

Result<ProcessIdentity> identify_process(int pid) {
  TRY(ProcessStat stat, read_stat(pid));
  return ProcessIdentity{pid, stat.start_ticks};
}

bool is_alive(const ProcessIdentity& identity) {
  Result<ProcessStat> stat = read_stat(identity.pid);
  return stat && stat->start_ticks == identity.start_ticks && stat->state != 'Z' && stat->state != 'X';
}

void signal_process(const ProcessIdentity& identity, int signal) {
  Fd pidfd = pidfd_of(identity);
  if (pidfd) ::syscall(SYS_pidfd_send_signal, pidfd.get(), signal, nullptr, 0);
}

Task<void> wait_for_exit(Loop& loop, ProcessIdentity identity) {
  Fd pidfd = pidfd_of(identity);
  if (!pidfd) co_return;
  ExitWatcher watcher(loop, std::move(pidfd));
  ASSERT(watcher.start());
  co_await watcher.ended.wait();
}

}  // namespace pds::io
