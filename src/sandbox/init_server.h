// Init after the start: serves control connections, copies output into the log, reaps, and ends with the main process.
#pragma once

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sandbox/doors.h"
#include "sandbox/init.h"
#include "sandbox/launch.h"
#include "sandbox/log_ring.h"
#include "sandbox/wire.h"

namespace pds::sandbox {

inline constexpr int init_signals[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGQUIT};
inline constexpr size_t controllers_max = 8;
inline constexpr size_t commands_max = 32;  // at once

// What init opened before it knew its spec.
struct Belongings {
  io::Fd signals, oom_score;
  io::Fd null, output_read, output_write;  // no pipe for containers, whose output goes elsewhere
  std::optional<WaitingProcess> main;      // of a function or container
};

// Children made meanwhile are the ones whom the kernel prefers when memory runs out. Raising needs no privilege.
class PreferredWhenOutOfMemory {
 public:
  explicit PreferredWhenOutOfMemory(const io::Fd& score) : score_(score) { set("500"); }
  ~PreferredWhenOutOfMemory() { set("0"); }

 private:
  void set(std::string_view value) {
    if (score_) (void)!pwrite(score_.get(), value.data(), value.size(), 0);
  }
  const io::Fd& score_;
};

class InitServer {
 public:
  InitServer(const InitPlan& plan, SandboxSpec spec, Doors doors, Belongings belongings);
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

  Launch launch_of(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
                   const std::string& directory, uint32_t uid, uint32_t gid) const;
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
  Belongings own_;
  io::Fd main_pidfd_;  // of an instance: commands join its namespaces
  LogWriter log_;
  std::vector<std::unique_ptr<Controller>> controllers_;
  std::map<pid_t, RunningCommand> commands_;
  pid_t main_ = -1;
  bool main_ended_ = false;
  ExitStatus status_;
};

}  // namespace pds::sandbox
