#include "agent/script.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "io/files.h"

extern char** environ;

namespace pds::agent {
namespace {

using Clock = std::chrono::steady_clock;

// How long a script's children may keep its outputs open after it has ended: what a shell pipeline needs, not what a daemon takes.
constexpr std::chrono::seconds drain_after_exit{5};
// Between SIGTERM and SIGKILL to what timed out.
constexpr std::chrono::seconds term_grace{2};

// Lines of both outputs, prefixed, to the log file and into the tail.
class Log {
 public:
  explicit Log(const std::string& path) : fd_(open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {}
  void line(std::string_view prefix, std::string_view text) {
    std::string whole = fmt::format("{}{}\n", prefix, text);
    if (fd_ && write(fd_.get(), whole.data(), whole.size()) < 0) return;  // a full disk must not fail the script
    tail_ += whole;
    if (tail_.size() > 2 * log_tail_bytes_max) tail_.erase(0, tail_.size() - log_tail_bytes_max);
  }
  std::string tail() const { return tail_.size() > log_tail_bytes_max ? tail_.substr(tail_.size() - log_tail_bytes_max) : tail_; }

 private:
  io::Fd fd_;
  std::string tail_;
};

struct Output {
  io::Fd fd;
  const char* prefix;
  std::string partial;
  static constexpr size_t line_bytes_max = 16 << 10;

  // False at the end.
  bool drain(Log& log) {
    char buffer[8192];
    while (true) {
      ssize_t n = read(fd.get(), buffer, sizeof buffer);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return true;
      if (n == 0) break;
      partial.append(buffer, static_cast<size_t>(n));
      for (size_t end; (end = partial.find('\n')) != std::string::npos; partial.erase(0, end + 1))
        log.line(prefix, partial.substr(0, end));
      if (partial.size() > line_bytes_max) log.line(prefix, std::exchange(partial, {}));
    }
    if (!partial.empty()) log.line(prefix, std::exchange(partial, {}));
    fd = io::Fd();
    return false;
  }
};

struct User {
  uid_t uid;
  gid_t gid;
  std::string name, home;
};

// All that the child needs, made before the fork: between fork and exec nothing may allocate.
struct Prepared {
  std::vector<std::string> environment;
  std::vector<char*> envp;
  std::optional<User> user;
};

Prepared prepare(const ScriptRun& run, std::optional<User> user) {
  std::map<std::string, std::string> variables;
  for (char** e = environ; *e; ++e)
    if (const char* equals = std::strchr(*e, '=')) variables[std::string(*e, static_cast<size_t>(equals - *e))] = equals + 1;
  for (const auto& [name, value] : run.environment) variables[name] = value;
  if (user) variables["HOME"] = user->home, variables["USER"] = user->name;
  Prepared p;
  p.user = std::move(user);
  for (const auto& [name, value] : variables) p.environment.push_back(name + "=" + value);
  for (std::string& e : p.environment) p.envp.push_back(e.data());
  p.envp.push_back(nullptr);
  return p;
}

[[noreturn]] void child(const ScriptRun& run, const Prepared& p, int out, int err) {
  setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  int null = open("/dev/null", O_RDONLY);
  dup2(null, 0), dup2(out, 1), dup2(err, 2);
  if (p.user && (initgroups(p.user->name.c_str(), p.user->gid) != 0 || setgid(p.user->gid) != 0 || setuid(p.user->uid) != 0))
    _exit(126);
  if (chdir("/") != 0) _exit(126);
  char* arguments[] = {const_cast<char*>(run.path.c_str()), nullptr};
  execve(run.path.c_str(), arguments, p.envp.data());
  if (errno == ENOEXEC) {  // no "#!": a shell runs it, as it would from a command line
    char shell[] = "/bin/sh";
    char* with_shell[] = {shell, const_cast<char*>(run.path.c_str()), nullptr};
    execve(shell, with_shell, p.envp.data());
  }
  _exit(errno == ENOENT ? 127 : 126);
}

ScriptResult result(ScriptCode code, std::string message, const Log& log) { return {code, std::move(message), log.tail()}; }

class Running {
 public:
  Running(const ScriptRun& run, pid_t pid, io::Fd out, io::Fd err, Log& log)
      : run_(run), pid_(pid), out_{std::move(out), "[stdout]", {}}, err_{std::move(err), "[stderr]", {}}, log_(log) {}

  ScriptResult wait() {
    Clock::time_point deadline = Clock::now() + run_.timeout;
    while (!ended_ || out_.fd || err_.fd) {
      if (!ended_ && Clock::now() >= deadline) return time_out();
      if (ended_ && Clock::now() >= ended_at_ + drain_after_exit) return left_open();
      pump(20);
      reap();
    }
    if (WIFEXITED(status_) && WEXITSTATUS(status_) == 0) return result(ScriptCode::success, "Succeeded", log_);
    int code = WIFEXITED(status_) ? WEXITSTATUS(status_) : 128 + WTERMSIG(status_);
    return result(ScriptCode::failed, fmt::format("Script at specified location: {} failed with exit code {}", run_.location, code),
                  log_);
  }

 private:
  void pump(int milliseconds) {
    pollfd fds[2] = {{out_.fd ? out_.fd.get() : -1, POLLIN, 0}, {err_.fd ? err_.fd.get() : -1, POLLIN, 0}};
    poll(fds, 2, milliseconds);
    if (fds[0].revents && out_.fd) out_.drain(log_);
    if (fds[1].revents && err_.fd) err_.drain(log_);
  }
  void reap() {
    if (ended_ || waitpid(pid_, &status_, WNOHANG) != pid_) return;
    ended_ = true;
    ended_at_ = Clock::now();
  }

  ScriptResult time_out() {
    kill(-pid_, SIGTERM);
    for (Clock::time_point end = Clock::now() + term_grace; !ended_ && Clock::now() < end;) pump(20), reap();
    kill(-pid_, SIGKILL);
    if (!ended_) waitpid(pid_, &status_, 0);
    ended_ = true;
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(run_.timeout).count();
    return result(ScriptCode::timed_out,
                  fmt::format("Script at specified location: {} failed to complete in {} seconds", run_.location, seconds), log_);
  }

  // The script is done, but a process it left behind holds its output: AWS's agent fails it, for it would wait for ever.
  ScriptResult left_open() {
    const char* which = out_.fd ? "STDOUT" : "STDERR";
    return result(ScriptCode::output_left_open,
                  fmt::format("Script at specified location: {} failed to close {}", run_.location, which), log_);
  }

  const ScriptRun& run_;
  pid_t pid_;
  Output out_, err_;
  Log& log_;
  int status_ = 0;
  bool ended_ = false;
  Clock::time_point ended_at_;
};

Result<std::optional<User>> find_user(const ScriptRun& run) {
  if (!run.runas) return std::nullopt;
  const passwd* found = getpwnam(run.runas->c_str());
  if (!found) return fail("E_APPSPEC", fmt::format("there is no user '{}' to run {} as", *run.runas, run.location));
  return User{found->pw_uid, found->pw_gid, found->pw_name, found->pw_dir};
}

}  // namespace

ScriptResult run_script(const ScriptRun& run) {
  Log log(run.log_file);
  struct stat found{};
  if (stat(run.path.c_str(), &found) != 0 || !S_ISREG(found.st_mode))
    return result(ScriptCode::missing, fmt::format("Script does not exist at specified location: {}", run.location), log);
  if (!(found.st_mode & 0100)) {
    log.line("", fmt::format("Script at specified location: {} is not executable. Trying to make it executable.", run.location));
    if (chmod(run.path.c_str(), (found.st_mode & 0777) | 0111) != 0)
      return result(ScriptCode::not_executable,
                    fmt::format("Unable to set script at specified location: {} as executable", run.location), log);
  }
  Result<std::optional<User>> user = find_user(run);
  if (!user) return result(ScriptCode::failed, user.error().message, log);
  int out[2], err[2];
  if (pipe2(out, O_CLOEXEC | O_NONBLOCK) != 0) return result(ScriptCode::unknown, fail_errno("pipe", errno).error().message, log);
  io::Fd out_read(out[0]), out_write(out[1]);
  if (pipe2(err, O_CLOEXEC | O_NONBLOCK) != 0) return result(ScriptCode::unknown, fail_errno("pipe", errno).error().message, log);
  io::Fd err_read(err[0]), err_write(err[1]);
  // Only our ends are non-blocking: programs do not expect it of theirs.
  fcntl(out[1], F_SETFL, 0), fcntl(err[1], F_SETFL, 0);
  log.line("", fmt::format("LifecycleEvent - {}\nScript - {}", run.event, run.location));
  Prepared prepared = prepare(run, std::move(*user));
  pid_t pid = fork();
  if (pid < 0) return result(ScriptCode::unknown, fail_errno("fork", errno).error().message, log);
  if (pid == 0) child(run, prepared, out[1], err[1]);
  setpgid(pid, pid);
  out_write = io::Fd(), err_write = io::Fd();
  return Running(run, pid, std::move(out_read), std::move(err_read), log).wait();
}

}  // namespace pds::agent
