#include "sandbox/support.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "io/files.h"
#include "sandbox/birth.h"
#include "sandbox/cgroup.h"
#include "sandbox/seccomp.h"

namespace pds::sandbox {

namespace {

constexpr size_t stack_bytes = 64 * 1024;

struct Probe {
  int users = 0, mounts = 0, processes = 0, names = 0, network = 0, mount_calls = 0;  // errno of each; 0: works
};

// In a child that shares the memory of a program with many threads: system calls only.
int try_namespaces(void* argument) {
  int report = *static_cast<int*>(argument);
  auto attempt = [](int flags) { return unshare(flags) == 0 ? 0 : errno; };
  Probe probe;
  probe.users = attempt(CLONE_NEWUSER);
  probe.mounts = attempt(CLONE_NEWNS);
  probe.processes = attempt(CLONE_NEWPID);
  probe.names = attempt(CLONE_NEWIPC | CLONE_NEWUTS);
  probe.network = attempt(CLONE_NEWNET);
  int tree = open_tree(AT_FDCWD, "/usr", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_RDONLY;
  if (tree < 0 || mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes, sizeof attributes) < 0)
    probe.mount_calls = errno;
  (void)!write(report, &probe, sizeof probe);
  _exit(0);
}

Result<Probe> run_probe() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return fail_errno("make a pipe", errno);
  io::Fd read_end(ends[0]), write_end(ends[1]);
  // Not fork(), which would make the program copy each page that it writes to next: this happens while it starts.
  auto stack = std::make_unique_for_overwrite<char[]>(stack_bytes);
  char* top = stack.get() + stack_bytes;
  top -= reinterpret_cast<uintptr_t>(top) % 16;
  int report = write_end.get();
  pid_t pid = clone(try_namespaces, top, CLONE_VM | CLONE_VFORK | SIGCHLD, &report);
  if (pid < 0) return fail_errno("make a process", errno);
  write_end = io::Fd();
  Probe probe;
  ssize_t n = read(read_end.get(), &probe, sizeof probe);
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) continue;
  if (n != sizeof probe) return fail_world("E_SYSTEM", "the probe for namespaces ended without a word");
  return probe;
}

std::string next_step_for(int error) {
  if (error == ENOSPC) return "raise the limits under /proc/sys/user (max_user_namespaces and the like)";
  if (error == ENOSYS || error == EINVAL) return "use a kernel of version 5.12 or later with namespaces enabled";
  return "run as root, or allow it: 'sysctl kernel.unprivileged_userns_clone=1'; on Ubuntu 'sysctl "
         "kernel.apparmor_restrict_unprivileged_userns=0'; "
         "inside a container, start that container with a seccomp profile that allows unshare and mount";
}

SupportItem item(std::string name, int error, std::string what_for) {
  SupportItem out{
      .name = std::move(name), .available = error == 0, .required = true, .detail = std::move(what_for), .next_step = {}};
  if (error == 0) return out;
  out.detail = fmt::format("refused: {}", strerror(error));
  out.next_step = next_step_for(error);
  return out;
}

SupportItem seccomp_item() {
  uint32_t action = SECCOMP_RET_ERRNO;
  int error = syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0 ? 0 : errno;
  SupportItem out = item("system call filter", error, "dangerous system calls are refused inside");
  if (error == 0 && filter_for(Profile::function).length == 0) {
    out.available = false;
    out.detail = "this program has no filter for this type of machine";
    out.next_step = "use an x86-64 or arm64 machine";
  }
  return out;
}

SupportItem limits_item(const CgroupRoot& cgroups) {
  SupportItem out{.name = "memory, process and cpu limits",
                  .available = cgroups.kind() != CgroupKind::none,
                  .required = false,
                  .detail = {},
                  .next_step = {}};
  if (out.available) {
    out.detail = cgroups.kind() == CgroupKind::v1 ? "by control groups, version 1" : "by control groups, version 2";
    return out;
  }
  out.detail =
      cgroups.why_not() + "; memory is limited per process by its address space, processes by count per sandbox, cpu not at all";
  out.next_step = "run as root, or under 'systemd-run --user --scope -p Delegate=yes'";
  return out;
}

}  // namespace

std::string SandboxSupport::problem() const {
  for (const auto& item : items)
    if (item.required && !item.available)
      return fmt::format("this machine cannot isolate processes: {}: {}; {}", item.name, item.detail, item.next_step);
  return "";
}

Result<SandboxSupport> probe_support() {
  TRY(Probe probe, run_probe());
  CgroupRoot cgroups = CgroupRoot::find("pds-probe");
  SandboxSupport support;
  support.id_range = find_id_range().many;
  support.limits = cgroups.kind();
  support.cgroup_freeze = cgroups.can_freeze();
  support.items = {
      item("user namespaces", probe.users, "a sandbox has ids of its own"),
      item("mount namespaces", probe.mounts, "a sandbox has files of its own"),
      item("pid namespaces", probe.processes, "a sandbox sees its own processes only"),
      item("ipc and uts namespaces", probe.names, "a sandbox has its own names and shared memory"),
      item("network namespaces", probe.network, "a sandbox has its own loopback and no other network"),
      item("mounts by descriptor", probe.mount_calls, "files are shown read-only without races"),
      seccomp_item(),
      limits_item(cgroups),
      {.name = "freezing by control group",
       .available = support.cgroup_freeze,
       .required = false,
       .detail = support.cgroup_freeze ? "cgroup.freeze"
                                       : "not available; processes are stopped with SIGSTOP, which works as well but not as fast",
       .next_step = {}},
      {.name = "many ids per sandbox",
       .available = support.id_range,
       .required = false,
       .detail = support.id_range
                     ? "0 to 65533"
                     : "an ordinary user can lend a sandbox one id only: everything inside runs as the user the spec names",
       .next_step = {}},
  };
  support.usable = support.problem().empty();
  return support;
}

}  // namespace pds::sandbox
