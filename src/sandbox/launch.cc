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

#include <optional>

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
  step_execute,
  step_wait  // not a failure: what can be done ahead is done
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

[[noreturn]] void give_up(int report, Step step, int error = errno) {
  Failure failure{step, error};
  (void)!write(report, &failure, sizeof failure);
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

bool connect_stdio(int input, int output, int errors) {
  // The sources lie above 2 (init keeps 0 to 2 open), so no step overwrites a later one's source.
  if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(errors, 2) < 0) return false;
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

// What no program executed from here can get back.
bool bound_privileges(bool keep_capabilities) {
  if (!keep_capabilities)
    for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++) continue;
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

bool become_user(const Launch& launch) {
  if (launch.many_ids && syscall(SYS_setresuid, launch.uid, launch.uid, launch.uid) != 0) return false;
  if (launch.profile == Profile::instance) return true;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[2] = {};
  return syscall(SYS_capset, &header, none) == 0;
}

int child_main(void* argument) {
  const Plan& plan = *static_cast<const Plan*>(argument);
  const Launch& launch = *plan.launch;
  reset_signals();
  if (setsid() < 0) give_up(plan.report, step_session);
  if (!connect_stdio(launch.input, launch.output, launch.errors)) give_up(plan.report, step_stdio);
  umask(022);
  if (!set_limits(launch)) give_up(plan.report, step_limits);
  if (!enter_inner_namespaces(plan)) give_up(plan.report, step_namespaces);
  if (!switch_ids(launch)) give_up(plan.report, step_ids);
  if (!bound_privileges(launch.profile == Profile::instance) || !become_user(launch)) give_up(plan.report, step_capabilities);
  if (chdir(launch.working_directory.c_str()) < 0) give_up(plan.report, step_directory);
  if (int error = install_filter(plan.filter)) give_up(plan.report, step_filter, error);
  execve(plan.arguments[0], plan.arguments.data(), plan.environment.data());
  give_up(plan.report, step_execute);
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

std::vector<std::string> variables_of(const Launch& launch) {
  std::vector<std::string> variables;
  for (const auto& [name, value] : launch.environment) variables.push_back(name + "=" + value);
  return variables;
}

struct Pipe {
  io::Fd read, write;
};
Result<Pipe> make_pipe() {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) < 0) return failed_step("make a pipe");
  return Pipe{io::Fd(fds[0]), io::Fd(fds[1])};
}

// The child's next word; nothing at the end of its report, which a successful exec closes.
Result<std::optional<Failure>> read_report(int report) {
  Failure failure{};
  ssize_t n;
  while ((n = read(report, &failure, sizeof failure)) < 0 && errno == EINTR) continue;
  if (n == 0) return std::optional<Failure>();
  if (n != sizeof failure || failure.step < 0 || failure.step > step_wait)
    return fail("E_SANDBOX_START", "starting the sandbox: the main process vanished before it was executed");
  return std::optional<Failure>(failure);
}

std::unexpected<Error> failed(const Failure& failure, std::string_view program) {
  if (failure.step == step_execute) return failed_step(fmt::format("execute '{}'", program), failure.error);
  return failed_step(step_names[failure.step], failure.error);
}

Result<void> await_execution(const Launch& launch, pid_t pid, int report) {
  auto word = read_report(report);
  if (word && !*word) return {};
  waitpid(pid, nullptr, 0);
  if (!word) return std::unexpected(word.error());
  return failed(**word, launch.arguments[0]);
}

// Init has one thread and starts one process at a time; a waiting one has left this before there is another.
alignas(16) char child_stack[64 * 1024];

}  // namespace

Result<pid_t> launch(const Launch& launch) {
  std::vector<std::string> variables = variables_of(launch);
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
  // Sharing memory saves copying page tables; a child that waits for us while we wait for it cannot.
  int flags = makes_namespaces ? SIGCHLD : CLONE_VM | CLONE_VFORK | SIGCHLD;
  // The child inherits this until it executes; its maps could not be written otherwise. We take it back before it goes on.
  if (makes_namespaces) prctl(PR_SET_DUMPABLE, 1);
  pid_t pid = clone(child_main, child_stack + sizeof child_stack, flags, &plan);
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
  report.write = io::Fd();
  CHECK(await_execution(launch, pid, report.read.get()));
  return pid;
}

// Written by the one process while the other waits in a system call, never by both at once.
struct WaitingProcess::Shared {
  int input, output, go;
  FilterView filter;
  Plan plan{};  // filled in before the word to go is given

  static int main(void* argument) {
    const Shared& shared = *static_cast<const Shared*>(argument);
    int report = shared.plan.report;
    prctl(PR_SET_NAME, "pds-waiting");
    reset_signals();
    if (setsid() < 0) give_up(report, step_session);
    if (!connect_stdio(shared.input, shared.output, shared.output)) give_up(report, step_stdio);
    umask(022);  // init's, too, which makes nothing any more that others could see
    if (!bound_privileges(false)) give_up(report, step_capabilities);
    if (int error = install_filter(shared.filter)) give_up(report, step_filter, error);
    Failure ahead{step_wait, 0};
    char byte;
    if (write(report, &ahead, sizeof ahead) != sizeof ahead || read(shared.go, &byte, 1) != 1) _exit(127);
    const Plan& plan = shared.plan;
    const Launch& launch = *plan.launch;
    if (!set_limits(launch)) give_up(report, step_limits);
    if (!switch_ids(launch)) give_up(report, step_ids);
    if (!become_user(launch)) give_up(report, step_capabilities);
    if (chdir(launch.working_directory.c_str()) < 0) give_up(report, step_directory);
    execve(plan.arguments[0], plan.arguments.data(), plan.environment.data());
    give_up(report, step_execute);
  }
};

Result<WaitingProcess> WaitingProcess::make(int input, int output) {
  WaitingProcess process;
  TRY(Pipe report, make_pipe());
  TRY(Pipe go, make_pipe());
  process.shared_ = std::make_shared<Shared>(
      Shared{.input = input, .output = output, .go = go.read.get(), .filter = filter_for(Profile::function)});
  process.shared_->plan.report = report.write.get();
  // Its root is init's, wherever that moves. Descriptors are its own, so that its streams are.
  process.pid_ = clone(Shared::main, child_stack + sizeof child_stack, CLONE_VM | CLONE_FS | SIGCHLD, process.shared_.get());
  if (process.pid_ < 0) return failed_step("make a process");
  report.write = io::Fd();
  TRY(std::optional<Failure> word, read_report(report.read.get()));
  if (!word) return fail("E_SANDBOX_START", "starting the sandbox: the main process vanished before it was needed");
  if (word->step != step_wait) return failed(*word, "");
  process.report_ = std::move(report.read);
  process.go_ = std::move(go.write);
  return process;
}

Result<pid_t> WaitingProcess::execute(const Launch& launch) {
  std::vector<std::string> variables = variables_of(launch);
  Plan& plan = shared_->plan;
  plan.launch = &launch;
  plan.arguments = pointers(launch.arguments);
  plan.environment = pointers(variables);
  // From here on its working directory and its file mode mask are its own.
  if (unshare(CLONE_FS) < 0) return failed_step("part from the main process");
  if (write(go_.get(), "", 1) != 1) return failed_step("let the main process go");
  CHECK(await_execution(launch, pid_, report_.get()));
  return pid_;
}

}  // namespace pds::sandbox
