#include "sandbox/launch.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/files.h"
#include "sandbox/seccomp.h"
#include "sandbox/start_error.h"

namespace pds::sandbox {

namespace {

// Everything the child needs, made before it exists: it shares our memory (or is a copy of a process in the middle of things), so
// it calls the kernel and nothing else.
struct Plan {
  const Launch* launch;
  std::vector<char*> arguments, environment;
  FilterView filter;
  int report;                     // the child's end: says which step failed; closed by a successful exec
  int maps_wanted, maps_written;  // instances: the child asks init to write its id maps
};

enum Step : int {
  step_session,
  step_stdio,
  step_limits,
  step_namespaces,
  step_ids,
  step_capabilities,
  step_directory,
  step_filter,
  step_execute
};
constexpr const char* step_names[] = {"start a session",
                                      "connect standard streams",
                                      "set limits",
                                      "enter the inner namespaces",
                                      "switch to the user",
                                      "drop capabilities",
                                      "enter the working directory",
                                      "install the system call filter",
                                      "execute the program"};

struct Failure {
  int step;
  int error;
};

[[noreturn]] void give_up(const Plan& plan, Step step, int error = errno) {
  Failure failure{step, error};
  (void)!write(plan.report, &failure, sizeof failure);
  _exit(127);
}

void reset_signals() {
  struct sigaction normal{};
  normal.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &normal, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

bool connect_stdio(const Launch& launch) {
  // The sources lie above 2 (init keeps 0 to 2 open), so no step overwrites a later one's source.
  if (dup2(launch.input, 0) < 0 || dup2(launch.output, 1) < 0 || dup2(launch.errors, 2) < 0) return false;
  return syscall(SYS_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC) == 0;
}

bool set_limits(const Launch& launch) {
  auto set = [](int what, uint64_t value) {
    rlimit limit{value, value};
    return setrlimit(static_cast<__rlimit_resource_t>(what), &limit) == 0;
  };
  if (!set(RLIMIT_CORE, 0) || !set(RLIMIT_NOFILE, launch.limits.open_files) || !set(RLIMIT_NPROC, launch.limits.processes))
    return false;
  return !launch.limit_address_space || launch.limits.memory_bytes == 0 || set(RLIMIT_AS, launch.limits.memory_bytes);
}

bool enter_inner_namespaces(const Plan& plan) {
  const Launch& launch = *plan.launch;
  if (launch.join >= 0) return setns(launch.join, CLONE_NEWUSER | CLONE_NEWNS) == 0;
  if (!launch.inner_namespaces) return true;
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) return false;
  char byte = 'm';
  return write(plan.maps_wanted, &byte, 1) == 1 && read(plan.maps_written, &byte, 1) == 1;
}

// The library's functions would tell all threads of the process, which is not ours alone: raw calls.
bool switch_ids(const Launch& launch) {
  if (!launch.many_ids) return true;
  return syscall(SYS_setgroups, 0, nullptr) == 0 && syscall(SYS_setresgid, launch.gid, launch.gid, launch.gid) == 0;
}

bool drop_capabilities(const Launch& launch) {
  bool keep = launch.profile == Profile::instance;
  if (!keep)
    for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) continue;
  if (launch.many_ids && syscall(SYS_setresuid, launch.uid, launch.uid, launch.uid) != 0) return false;
  if (!keep) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[2] = {};
    if (syscall(SYS_capset, &header, none) != 0) return false;
  }
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

int child_main(void* argument) {
  const Plan& plan = *static_cast<const Plan*>(argument);
  const Launch& launch = *plan.launch;
  reset_signals();
  if (setsid() < 0) give_up(plan, step_session);
  if (!connect_stdio(launch)) give_up(plan, step_stdio);
  umask(022);
  if (!set_limits(launch)) give_up(plan, step_limits);
  if (!enter_inner_namespaces(plan)) give_up(plan, step_namespaces);
  if (!switch_ids(launch)) give_up(plan, step_ids);
  if (!drop_capabilities(launch)) give_up(plan, step_capabilities);
  if (chdir(launch.working_directory.c_str()) < 0) give_up(plan, step_directory);
  if (int error = install_filter(plan.filter)) give_up(plan, step_filter, error);
  execve(plan.arguments[0], plan.arguments.data(), plan.environment.data());
  give_up(plan, step_execute);
}

Result<void> write_map(const std::string& path, const std::string& text) {
  io::Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return failed_step(fmt::format("write {}", path));
  return {};
}

// The same ids once more: what is 5 outside the inner user namespace is 5 inside.
Result<void> write_inner_maps(const Launch& launch, pid_t pid) {
  std::string users = launch.many_ids ? "0 0 65536" : fmt::format("{0} {0} 1", launch.uid);
  std::string groups = launch.many_ids ? "0 0 65536" : fmt::format("{0} {0} 1", launch.gid);
  CHECK(write_map(fmt::format("/proc/{}/uid_map", pid), users));
  if (!launch.many_ids)
    (void)write_map(fmt::format("/proc/{}/setgroups", pid), "deny");  // denied above already: then it is so here
  return write_map(fmt::format("/proc/{}/gid_map", pid), groups);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  for (const auto& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

struct Pipe {
  io::Fd read, write;
};
Result<Pipe> make_pipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) < 0) return failed_step("make a pipe");
  return Pipe{io::Fd(fds[0]), io::Fd(fds[1])};
}

Result<void> await_execution(const Launch& launch, pid_t pid, Pipe& report) {
  report.write = io::Fd();
  Failure failure{};
  ssize_t n;
  while ((n = read(report.read.get(), &failure, sizeof failure)) < 0 && errno == EINTR) continue;
  if (n == 0) return {};
  waitpid(pid, nullptr, 0);
  if (n != sizeof failure || failure.step < 0 || failure.step > step_execute)
    return fail("E_SANDBOX_START", "starting the sandbox: the main process vanished before it was executed");
  if (failure.step == step_execute) return failed_step(fmt::format("execute '{}'", launch.arguments[0]), failure.error);
  return failed_step(step_names[failure.step], failure.error);
}

}  // namespace

Result<pid_t> launch(const Launch& launch) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : launch.environment) variables.push_back(name + "=" + value);
  Plan plan{.launch = &launch,
            .arguments = pointers(launch.arguments),
            .environment = pointers(variables),
            .filter = filter_for(launch.profile),
            .report = -1,
            .maps_wanted = -1,
            .maps_written = -1};
  TRY(Pipe report, make_pipe());
  TRY(Pipe wanted, make_pipe());
  TRY(Pipe written, make_pipe());
  plan.report = report.write.get();
  plan.maps_wanted = wanted.write.get();
  plan.maps_written = written.read.get();

  bool makes_namespaces = launch.inner_namespaces && launch.join < 0;
  alignas(16) static char stack[64 * 1024];  // init has one thread
  // Sharing memory saves copying page tables; a child that waits for us while we wait for it cannot.
  int flags = makes_namespaces ? SIGCHLD : CLONE_VM | CLONE_VFORK | SIGCHLD;
  // The child inherits this until it executes; its maps could not be written otherwise. We take it back before it goes on.
  if (makes_namespaces) prctl(PR_SET_DUMPABLE, 1);
  pid_t pid = clone(child_main, stack + sizeof stack, flags, &plan);
  int clone_error = errno;
  if (makes_namespaces && pid < 0) prctl(PR_SET_DUMPABLE, 0);
  if (pid < 0) return failed_step("make a process", clone_error);
  if (makes_namespaces) {
    wanted.write = io::Fd();
    char byte;
    if (read(wanted.read.get(), &byte, 1) == 1) {
      auto maps = write_inner_maps(launch, pid);
      prctl(PR_SET_DUMPABLE, 0);
      if (!maps) {
        kill(pid, SIGKILL);
        waitpid(pid, nullptr, 0);
        return std::unexpected(maps.error());
      }
      (void)!write(written.write.get(), &byte, 1);
    }
  }
  CHECK(await_execution(launch, pid, report));
  return pid;
}

}  // namespace pds::sandbox
