// Init after the start: serves control connections, copies output into the log, reaps, and ends with the main process.
#pragma once

#include <signal.h>
#include <sys/signalfd.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sandbox/doors.h"
#include "sandbox/init.h"
#include "sandbox/log_ring.h"
#include "sandbox/wire.h"

namespace pds::sandbox {

inline constexpr int init_signals[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGQUIT};
inline constexpr size_t controllers_max = 8;
inline constexpr size_t commands_max = 32;  // at once

class InitServer {
 public:
  InitServer(const InitPlan& plan, SandboxSpec spec, Doors doors, io::Fd signals, io::Fd oom_score);
  InitServer(InitServer&&) = default;

  bool is_instance() const { return spec_.profile == Profile::instance; }
  Result<void> start_main();
  std::vector<int> listeners();  // of the spec, in its order; lent
  // Until the main process has ended and everything else inside is dead. Returns the exit code (128 + signal).
  int serve();

 private:
  struct Controller {
    io::Fd socket;
    std::vector<std::pair<uint64_t, uint64_t>> log_waits;  // request, from
  };
  struct RunningCommand {
    int controller;  // descriptor number of its connection; -1 when that has closed
    uint64_t request;
    bool main;
  };

  Result<pid_t> start(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
                      const std::string& directory, uint32_t uid, uint32_t gid, int output, int errors, int join);
  void accept_controller();
  bool read_controller(Controller& controller);  // false: the connection is over
  void close_controller(size_t index);
  void answer(Controller& controller, Message& message);
  void reply(Controller& controller, uint64_t request, const Result<std::string>& result, int fd = -1);
  void run_command(Controller& controller, Message& message);
  void kill_command(Controller& controller, uint64_t request);
  void read_signals();
  void reap();
  void ended(pid_t pid, int wait_status);
  bool read_output();  // false: nothing more now
  void drain_output();
  void tell_log_waiters();
  void finish();
  Usage count_usage() const;

  InitPlan plan_;
  SandboxSpec spec_;
  Doors doors_;
  io::Fd signals_, oom_score_, null_, output_read_, output_write_, main_pidfd_;
  LogWriter log_;
  std::vector<std::unique_ptr<Controller>> controllers_;
  std::map<pid_t, RunningCommand> commands_;
  pid_t main_ = -1;
  bool main_ended_ = false;
  ExitStatus status_;
};

}  // namespace pds::sandbox
