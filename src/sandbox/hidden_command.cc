#include <fcntl.h>
#include <fmt/format.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#include "base/crypto.h"
#include "sandbox/container.h"
#include "sandbox/container_helper.h"
#include "sandbox/spawner.h"

namespace pds::sandbox {

namespace {

// Nothing of whoever started us is kept: not its terminal, not its descriptors, not its working directory.
Result<void> detach(const std::string& run_directory) {
  syscall(SYS_close_range, 3, ~0u, 0);
  umask(077);
  std::string log = run_directory + "/.spawner.log";
  io::Fd null(open("/dev/null", O_RDWR)), file(open(log.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_APPEND, 0600));
  if (!null || !file) return fail_errno(fmt::format("open '{}'", log), errno);
  dup2(null.get(), 0);
  dup2(file.get(), 1);
  dup2(file.get(), 2);
  if (chdir("/") < 0) return fail_errno("chdir /", errno);
  setsid();
  prctl(PR_SET_NAME, "pds-spawner");
  return {};
}

Result<io::Fd> watch_children() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, nullptr);
  io::Fd fd(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return fail_errno("make a signal descriptor", errno);
  return fd;
}

Result<int> serve(const std::string& run_directory, int ready) {
  TRY(io::FileLock lock, io::FileLock::acquire(run_directory + "/.lock"));
  TRY(io::Fd listener, listen_control(spawner_socket_path(run_directory)));
  TRY(io::Fd signals, watch_children());
  // Named after the run directory, so that two clouds on one machine keep apart and a new spawner finds the old one's groups.
  CgroupRoot cgroups = CgroupRoot::find("pds-" + sha256_hex(run_directory).substr(0, 12));
  (void)!write(ready, "+", 1);
  close(ready);
  int code = Spawner(run_directory, std::move(cgroups), std::move(listener), std::move(signals)).serve();
  unlink(spawner_socket_path(run_directory).c_str());
  return code;
}

// Returns in the caller's child when its child, the spawner, is ready (0) or could not start (1).
int spawner_main(const std::string& run_directory) {
  auto detached = detach(run_directory);
  if (!detached) {
    fmt::print(stderr, "pds __spawner: {}\n", detached.error().message);
    return 1;
  }
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) return 1;
  pid_t pid = fork();
  if (pid < 0) return 1;
  if (pid > 0) {
    close(ends[1]);
    char byte;
    return read(ends[0], &byte, 1) == 1 ? 0 : 1;
  }
  close(ends[0]);
  auto served = serve(run_directory, ends[1]);
  if (served) return *served;
  fmt::print(stderr, "pds __spawner: {}\n", served.error().message);
  return 1;
}

}  // namespace

std::optional<int> run_hidden_command(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "__spawner") == 0) return spawner_main(argv[2]);
  if (argc == 2 && std::strcmp(argv[1], "__container") == 0) return container_helper_main();
  return std::nullopt;
}

}  // namespace pds::sandbox
