#include "sandbox/seccomp.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <vector>

namespace pds::sandbox {

namespace {

#if defined(__x86_64__)
constexpr uint32_t our_machine = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t our_machine = AUDIT_ARCH_AARCH64;
#else
constexpr uint32_t our_machine = 0;
#endif

// Numbers that older headers lack are the same on every machine type.
constexpr uint32_t call_io_uring_setup = 425, call_clone3 = 435, call_open_tree = 428, call_move_mount = 429, call_fsopen = 430,
                   call_fsconfig = 431, call_fsmount = 432, call_fspick = 433, call_mount_setattr = 442;

constexpr uint32_t denied_to_all[] = {
    // the kernel itself
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
    SYS_kexec_file_load,
    SYS_reboot,
    SYS_syslog,
    // programs in the kernel, and watching others through it
    SYS_bpf,
    SYS_perf_event_open,
    SYS_userfaultfd,
    call_io_uring_setup,
    SYS_fanotify_init,
    SYS_lookup_dcookie,
    // not divided by namespaces: keyrings, clocks, swap, accounting, quotas, file handles
    SYS_add_key,
    SYS_request_key,
    SYS_keyctl,
    SYS_settimeofday,
    SYS_clock_settime,
    SYS_adjtimex,
    SYS_clock_adjtime,
    SYS_swapon,
    SYS_swapoff,
    SYS_acct,
    SYS_quotactl,
    SYS_open_by_handle_at,
    SYS_vhangup,
    SYS_nfsservctl,
    // memory of others, and placing it
    SYS_process_vm_writev,
    SYS_kcmp,
    SYS_move_pages,
    SYS_migrate_pages,
    SYS_mbind,
    SYS_set_mempolicy,
#if defined(__x86_64__)
    SYS_iopl,
    SYS_ioperm,
    SYS_modify_ldt,
    SYS_uselib,
    SYS__sysctl,
    SYS_create_module,
    SYS_get_kernel_syms,
    SYS_query_module,
    SYS_ustat,
    SYS_sysfs,
#endif
};

constexpr uint32_t denied_without_namespaces[] = {
    SYS_unshare,          SYS_setns,      SYS_mount,       SYS_umount2, SYS_pivot_root, SYS_chroot,   SYS_ptrace,
    SYS_process_vm_readv, call_open_tree, call_move_mount, call_fsopen, call_fsconfig,  call_fsmount, call_fspick,
    call_mount_setattr,
};

constexpr uint32_t namespace_flags =
    CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;

constexpr sock_filter load(size_t offset) { return BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<uint32_t>(offset)); }
constexpr sock_filter answer(uint32_t what) { return BPF_STMT(BPF_RET | BPF_K, what); }
constexpr uint32_t refuse(int error) { return SECCOMP_RET_ERRNO | static_cast<uint32_t>(error); }

// if the loaded word is `value`, return `what`
void answer_if(std::vector<sock_filter>& out, uint32_t value, uint32_t what) {
  out.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1));
  out.push_back(answer(what));
}

constexpr size_t argument(int n) { return offsetof(seccomp_data, args) + 8 * static_cast<size_t>(n); }  // its low half

std::vector<sock_filter> build(Profile profile) {
  std::vector<sock_filter> out;
  // A 32-bit process on a 64-bit kernel has other numbers for the same calls: it is ended, as nothing we start is one.
  out.push_back(load(offsetof(seccomp_data, arch)));
  out.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, our_machine, 1, 0));
  out.push_back(answer(SECCOMP_RET_KILL_PROCESS));
  out.push_back(load(offsetof(seccomp_data, nr)));
#if defined(__x86_64__)
  out.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1));  // the x32 numbers
  out.push_back(answer(refuse(EPERM)));
#endif
  for (uint32_t call : denied_to_all) answer_if(out, call, refuse(EPERM));
  if (profile != Profile::instance) {
    for (uint32_t call : denied_without_namespaces) answer_if(out, call, refuse(EPERM));
    // clone3 keeps its flags in memory, where a filter cannot look: "not implemented" sends libraries back to clone.
    answer_if(out, call_clone3, refuse(ENOSYS));
    out.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 0, 4));
    out.push_back(load(argument(0)));
    out.push_back(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, namespace_flags, 0, 1));
    out.push_back(answer(refuse(EPERM)));
    out.push_back(load(offsetof(seccomp_data, nr)));
  }
  // Pushing characters into a terminal's input is a way out when the terminal is the host's.
  out.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 5));
  out.push_back(load(argument(1)));
  answer_if(out, TIOCSTI, refuse(EPERM));
  answer_if(out, 0x541C, refuse(EPERM));  // TIOCLINUX
  out.push_back(answer(SECCOMP_RET_ALLOW));
  return out;
}

}  // namespace

FilterView filter_for(Profile profile) {
  if (our_machine == 0) return {};
  static const std::vector<sock_filter> closed = build(Profile::function), open = build(Profile::instance);
  const auto& filter = profile == Profile::instance ? open : closed;
  return {filter.data(), static_cast<unsigned short>(filter.size())};
}

int install_filter(FilterView filter) {
  sock_fprog program{filter.length, const_cast<sock_filter*>(filter.instructions)};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0 ? 0 : errno;
}

}  // namespace pds::sandbox
