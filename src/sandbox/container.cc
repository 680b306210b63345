#include "sandbox/container.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/birth.h"
#include "sandbox/container_helper.h"
#include "sandbox/rootfs.h"
#include "sandbox/wire.h"

extern char** environ;

namespace pds::sandbox {

namespace {

SandboxSpec to_sandbox_spec(const ContainerSpec& container) {
  SandboxSpec spec;
  spec.id = "container";
  spec.profile = Profile::container;
  spec.image_root = container.image_root;
  spec.arguments = container.arguments;
  spec.environment = container.environment;
  spec.working_directory = container.working_directory;
  spec.uid = container.uid;
  spec.gid = container.gid;
  spec.hostname = container.hostname;
  spec.limits = container.limits;
  spec.limits.memory_bytes = 0;  // the instance's limit holds for all in it
  spec.binds = container.binds;
  spec.scratch = container.scratch;
  spec.addresses.clear();
  return spec;
}

// `socket` must not be helper_socket already: it would keep its close-on-exec mark.
Result<pid_t> spawn_helper(int socket) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, socket, helper_socket);
  char name[] = "pds", command[] = "__container";
  char* arguments[] = {name, command, nullptr};
  pid_t pid = -1;
  int error = posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error) return fail_errno("start the container's helper", error);
  return pid;
}

Result<io::Fd> copy_above(int fd) {
  io::Fd copy(fcntl(fd, F_DUPFD_CLOEXEC, 16));
  if (!copy) return fail_errno("copy a descriptor", errno);
  return copy;
}

// The helper tells the pid of the container's init as soon as there is one, since it is our child, to reap whatever happens; then
// that it runs, or why it does not.
Result<void> converse(int socket, const SandboxSpec& spec, int output_fd, pid_t& init) {
  std::vector<int> lent;
  if (output_fd >= 0) lent.push_back(output_fd);
  CHECK(send_message(socket, {.type = MessageType::create, .body = encode(spec)}, lent));
  for (;;) {
    TRY(Message answer, receive_message(socket));
    if (answer.type == MessageType::failed) return std::unexpected(decode_error(answer.body));
    if (answer.type == MessageType::done) return {};
    TRY(uint64_t pid, decode_number(answer.body));
    init = static_cast<pid_t>(pid);
  }
}

Result<void> make_container(int boot_end, int init_end) {
  TRY(Message request, receive_message(helper_socket));
  TRY(SandboxSpec spec, decode_spec(request.body));
  CHECK(validate(spec));
  IdRange ids = find_id_range();
  // A copy also of our own output, as init gives its standard streams away.
  io::Fd output = request.fds.empty() ? io::Fd(fcntl(1, F_DUPFD_CLOEXEC, 3)) : std::move(request.fds[0]);
  InitPlan plan{.boot = init_end,
                .output = output.get(),
                .many_ids = ids.many,
                .own_network = false,
                .sources_passed = ids.mount_here,
                .memory_limited = true,
                .confined = true};
  TRY(Birth birth, give_birth({.plan = plan, .ids = ids, .uid = spec.uid, .gid = spec.gid, .as_sibling = true}));
  CHECK(send_message(helper_socket, {.type = MessageType::hello, .body = encode_number(static_cast<uint64_t>(birth.pid))}));
  close(init_end);  // so that init's end is seen
  CHECK(send_message(boot_end, {.type = MessageType::done}));
  std::vector<io::Fd> sources;
  if (ids.mount_here) {
    TRY(sources, open_sources(spec, birth.user_namespace.get()));
  }
  std::vector<int> lent;
  for (const auto& source : sources) lent.push_back(source.get());
  CHECK(send_message(boot_end, {.type = MessageType::boot, .body = encode(spec)}, lent));
  for (;;) {
    TRY(Message answer, receive_message(boot_end));
    if (answer.type == MessageType::done) return {};
    if (answer.type == MessageType::failed) return std::unexpected(decode_error(answer.body));
  }
}

void reap(pid_t pid) {
  int status;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
}

}  // namespace

int container_helper_main() {
  fcntl(helper_socket, F_SETFD, FD_CLOEXEC);
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return 1;
  auto made = make_container(pair[0], pair[1]);
  Message answer{.type = made ? MessageType::done : MessageType::failed, .body = made ? "" : encode(made.error())};
  return send_message(helper_socket, answer) ? 0 : 1;
}

Result<io::ProcessIdentity> run_container(const ContainerSpec& container) {
  SandboxSpec spec = to_sandbox_spec(container);
  CHECK(validate(spec));
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0) return fail_errno("make a socket pair", errno);
  io::Fd ours(pair[0]), theirs(pair[1]);
  TRY(io::Fd helper_end, copy_above(theirs.get()));
  theirs = io::Fd();
  TRY(pid_t helper, spawn_helper(helper_end.get()));
  helper_end = io::Fd();
  pid_t init = -1;
  auto running = converse(ours.get(), spec, container.output_fd, init);
  reap(helper);
  if (!running) {
    if (init > 0) {
      kill(init, SIGKILL);
      reap(init);
    }
    return std::unexpected(running.error());
  }
  auto identity = io::identify_process(init);
  if (!identity) return fail("E_SANDBOX_START", "the container ended at once: " + identity.error().message);
  return *identity;
}

Result<ExitStatus> wait_container(const io::ProcessIdentity& container) {
  int status;
  while (waitpid(container.pid, &status, 0) < 0)
    if (errno != EINTR) return fail_errno(fmt::format("wait for container {}", container.pid), errno);
  ExitStatus exit;
  exit.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  exit.code = exit.signal ? 128 + exit.signal : WEXITSTATUS(status);
  // Init passes on a main process's end by a signal as 128 + its number.
  if (!exit.signal && exit.code > 128 && exit.code < 128 + NSIG) exit.signal = exit.code - 128;
  return exit;
}

}  // namespace pds::sandbox
