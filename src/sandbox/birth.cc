#include "sandbox/birth.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "sandbox/start_error.h"

namespace pds::sandbox {

namespace {

constexpr uint32_t ids_inside = 65536;
// Far from people's accounts, and from what /etc/subuid and systemd hand out.
constexpr uint32_t ids_outside_first = 1'900'000'000;
constexpr uint64_t ids_of_the_machine = 4294967295;

bool has_capabilities(std::initializer_list<int> wanted) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  for (int capability : wanted)
    if (!(data[capability / 32].effective & 1u << (capability % 32))) return false;
  return true;
}

Result<void> write_file(const std::string& path, const std::string& text) {
  io::Fd file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file || write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    return failed_step(fmt::format("write {}", path));
  return {};
}

Result<void> write_maps(int pid, const BirthOptions& options) {
  std::string directory = fmt::format("/proc/{}/", pid);
  if (options.ids.many) {
    std::string map = fmt::format("0 {} {}", options.ids.outside_first, ids_inside);
    CHECK(write_file(directory + "uid_map", map));
    return write_file(directory + "gid_map", map);
  }
  CHECK(write_file(directory + "uid_map", fmt::format("{} {} 1", options.uid, geteuid())));
  CHECK(write_file(directory + "setgroups", "deny"));
  return write_file(directory + "gid_map", fmt::format("{} {} 1", options.gid, getegid()));
}

std::unexpected<Error> refused(int error) {
  std::string why = fmt::format("the kernel does not let this user make namespaces: {}", strerror(error));
  if (error == EPERM || error == EACCES)
    why +=
        "; 'sysctl kernel.unprivileged_userns_clone=1' and, on Ubuntu, 'sysctl kernel.apparmor_restrict_unprivileged_userns=0' "
        "allow it, or run as root";
  if (error == ENOSPC)
    why += "; raise 'sysctl user.max_user_namespaces' (and max_mnt_namespaces, max_net_namespaces, max_pid_namespaces)";
  if (error == EUSERS) why += "; too many nested user namespaces";
  return fail("E_SANDBOX_UNSUPPORTED", why);
}

}  // namespace

IdRange find_id_range() {
  IdRange range;
  auto text = io::read_file("/proc/self/uid_map", 4096);
  if (!text || !has_capabilities({CAP_SETUID, CAP_SETGID, CAP_SYS_ADMIN})) return range;
  std::vector<uint64_t> numbers;  // of the first line: inside, outside, length
  for (std::string_view word : split(std::string_view(*text).substr(0, text->find('\n')), ' '))
    if (auto number = parse_int(word)) numbers.push_back(static_cast<uint64_t>(*number));
  if (numbers.size() != 3 || numbers[0] != 0) return range;
  range.many = numbers[2] >= ids_inside;
  range.outside_first = numbers[2] == ids_of_the_machine ? ids_outside_first : 0;
  range.mount_here = range.many;
  return range;
}

HostIds host_ids(uint32_t uid, uint32_t gid) {
  IdRange range = find_id_range();
  if (!range.many) return {geteuid(), getegid()};
  return {range.outside_first + uid, range.outside_first + gid};
}

Result<Birth> give_birth(const BirthOptions& options) {
  Birth birth;
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_PIDFD;
  if (options.plan.own_network) arguments.flags |= CLONE_NEWNET;
  if (options.as_sibling) arguments.flags |= CLONE_PARENT;
  if (options.cgroup >= 0) {
    arguments.flags |= CLONE_INTO_CGROUP;
    arguments.cgroup = static_cast<uint64_t>(options.cgroup);
  }
  arguments.exit_signal = options.as_sibling ? 0 : SIGCHLD;  // a sibling inherits it
  arguments.pidfd = reinterpret_cast<uint64_t>(&pidfd);
  long pid = syscall(SYS_clone3, &arguments, sizeof arguments);
  if (pid < 0) return refused(errno);
  if (pid == 0) run_init(options.plan);
  birth.pid = static_cast<int>(pid);
  birth.pidfd = io::Fd(pidfd);
  auto maps = write_maps(birth.pid, options);
  if (maps && options.ids.mount_here) {
    birth.user_namespace = io::Fd(open(fmt::format("/proc/{}/ns/user", pid).c_str(), O_RDONLY | O_CLOEXEC));
    if (!birth.user_namespace) maps = failed_step("open the new user namespace");
  }
  if (!maps) {
    kill(birth.pid, SIGKILL);
    if (!options.as_sibling) waitpid(birth.pid, nullptr, 0);
    return std::unexpected(maps.error());
  }
  return birth;
}

}  // namespace pds::sandbox
