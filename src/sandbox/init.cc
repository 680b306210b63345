#include "sandbox/init.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

#include "sandbox/doors.h"
#include "sandbox/init_server.h"
#include "sandbox/launch.h"
#include "sandbox/rootfs.h"
#include "sandbox/start_error.h"

namespace pds::sandbox {

namespace {

void close_all_but(const InitPlan& plan) {
  std::vector<int> kept = {plan.boot, plan.control, plan.log, plan.status, plan.output};
  kept.insert(kept.end(), plan.cgroups.begin(), plan.cgroups.end());
  std::ranges::sort(kept);
  unsigned from = 3;
  for (int fd : kept) {
    if (fd < 3) continue;
    if (static_cast<unsigned>(fd) > from) syscall(SYS_close_range, from, static_cast<unsigned>(fd) - 1, 0);
    from = static_cast<unsigned>(fd) + 1;
  }
  syscall(SYS_close_range, from, ~0u, 0);
}

// What comes in as signals is read from a descriptor. Returns it.
Result<io::Fd> block_signals() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  for (int number : init_signals) sigaddset(&set, number);
  if (sigprocmask(SIG_BLOCK, &set, nullptr) < 0) return failed_step("block signals");
  io::Fd fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return failed_step("make a signal descriptor");
  return fd;
}

Result<void> take_root_id(bool many_ids) {
  if (!many_ids) return {};
  if (syscall(SYS_setgroups, 0, nullptr) != 0 || syscall(SYS_setresgid, 0, 0, 0) != 0 || syscall(SYS_setresuid, 0, 0, 0) != 0)
    return failed_step("become root of the user namespace");
  return {};
}

// After the root is entered, init of all but instances needs to signal, and to switch its children's ids.
Result<void> keep_few_capabilities(Profile profile) {
  if (profile == Profile::instance) return {};
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {};
  data[0].permitted = data[0].effective =
      1u << CAP_KILL | 1u << CAP_SETUID | 1u << CAP_SETGID | 1u << CAP_SETPCAP | 1u << CAP_NET_BIND_SERVICE;
  if (syscall(SYS_capset, &header, data) != 0) return failed_step("reduce init's capabilities");
  return {};
}

const std::string usual_hostname = SandboxSpec{}.hostname;

struct Boot {
  SandboxSpec spec;
  RootParts parts;
  Doors doors;
  std::set<std::string> addresses;
  Belongings belongings;
};

Result<void> open_streams(const InitPlan& plan, Belongings& own) {
  for (int standard : {0, 1, 2}) dup2(own.null.get(), standard);
  if (plan.output >= 0) return {};
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return failed_step("make the output pipe");
  own.output_read = io::Fd(ends[0]);
  own.output_write = io::Fd(ends[1]);
  if (fcntl(own.output_read.get(), F_SETFL, O_NONBLOCK) < 0) return failed_step("make the output pipe");
  return {};
}

Result<void> make_main_process(const InitPlan& plan, Belongings& own) {
  PreferredWhenOutOfMemory children(own.oom_score);
  int output = plan.output >= 0 ? plan.output : own.output_write.get();
  TRY(WaitingProcess process, WaitingProcess::make(own.null.get(), output));
  own.main = std::move(process);
  return {};
}

Result<void> set_hostname(const std::string& name) {
  if (sethostname(name.c_str(), name.size()) < 0) return failed_step("set the host name");
  return {};
}

Result<void> enter_cgroups(const InitPlan& plan) {
  for (int group : plan.cgroups) {
    if (group < 0) continue;
    if (write(group, "0", 1) != 1) return failed_step("enter the control groups");
    close(group);
  }
  return {};
}

Result<void> prepare(const InitPlan& plan, Boot& boot) {
  CHECK(enter_cgroups(plan));
  TRY(boot.belongings.signals, block_signals());
  // While the files in /proc are ours: later init is not dumpable, and they are root's.
  boot.belongings.oom_score = io::Fd(open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC));
  CHECK(set_hostname(usual_hostname));
  if (plan.own_network) {
    CHECK(bring_up_loopback());
    // Ahead, as nearly everybody wants them and the kernel's lock for addresses is one for the whole machine.
    CHECK(add_addresses(SandboxSpec{}.addresses, boot.addresses));
  }
  CHECK(take_root_id(plan.many_ids));
  TRY(boot.parts, prepare_root(plan.confined, plan.confined && plan.sources_passed));
  boot.belongings.null = std::move(boot.parts.null);
  CHECK(open_streams(plan, boot.belongings));
  if (plan.confined) CHECK(make_main_process(plan, boot.belongings));
  return {};
}

Result<void> open_network(const InitPlan& plan, Boot& boot) {
  if (boot.spec.hostname != usual_hostname) CHECK(set_hostname(boot.spec.hostname));
  if (!plan.own_network) return {};
  CHECK(add_addresses(boot.spec.addresses, boot.addresses));
  for (const auto& listener : boot.spec.listeners) CHECK(boot.doors.listen(listener));
  return {};
}

Result<InitServer> start(const InitPlan& plan, Boot& boot, Message message) {
  TRY(boot.spec, decode_spec(message.body));
  if (plan.confined == (boot.spec.profile == Profile::instance))
    return fail("E_SANDBOX_PROTOCOL", "a sandbox made ahead for another profile");
  CHECK(open_network(plan, boot));
  std::vector<io::Fd> sources = std::move(message.fds);
  if (!plan.sources_passed) {
    TRY(sources, open_sources(boot.spec, -1));
  }
  CHECK(enter_root(boot.spec, std::move(boot.parts), sources));
  CHECK(keep_few_capabilities(boot.spec.profile));
  prctl(PR_SET_DUMPABLE, 0);
  InitServer server(plan, std::move(boot.spec), std::move(boot.doors), std::move(boot.belongings));
  CHECK(server.start_main());
  return server;
}

[[noreturn]] void report_failure(const InitPlan& plan, const Error& error) {
  (void)send_message(plan.boot, {.type = MessageType::failed, .body = encode(error)});
  _exit(1);
}

}  // namespace

void run_init(const InitPlan& plan) {
  close_all_but(plan);
  prctl(PR_SET_NAME, "pds-init");
  auto mapped = receive_message(plan.boot);
  if (!mapped || mapped->type != MessageType::done) _exit(1);
  Boot boot;
  if (auto prepared = prepare(plan, boot); !prepared) report_failure(plan, prepared.error());
  (void)send_message(plan.boot, {.type = MessageType::hello});
  auto message = receive_message(plan.boot);
  if (!message || message->type != MessageType::boot) _exit(0);  // a pooled sandbox that is not needed after all
  auto server = start(plan, boot, std::move(*message));
  if (!server) report_failure(plan, server.error());
  // The sockets of the spec's listeners go along, so that nobody has to come back for them.
  (void)send_message(plan.boot, {.type = MessageType::done}, server->listeners());
  close(plan.boot);
  _exit(server->serve());
}

}  // namespace pds::sandbox
