// Child processes of the CLI and the daemon itself (never sandboxes: those are made by src/sandbox).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/loop.h"

namespace pds::io {

struct ProcessOutput {
  int exit_code = 0;        // 128 + signal when killed by one
  std::string output;       // standard output
  std::string errors;       // standard error, likewise
};

struct ProcessLimits {
  size_t output_bytes_max = 16u << 20;  // of each of the two
  Duration time = Duration::max();      // for the whole of it
};

// Runs a program without a shell and waits for it. Blocking. The program is looked for in our PATH; `environment` is all that it gets.
// E_NOT_FOUND when there is no such program; E_TOO_LARGE when it writes more than the limit, E_TIMEOUT when it takes longer, after killing it.
Result<ProcessOutput> run_process(const std::vector<std::string>& arguments, const std::map<std::string, std::string>& environment,
                                  const std::string& input = "", const ProcessLimits& limits = {});

// Waits for a process that need not be our child. Identity is pid + start time, so that a recycled pid is never taken for it.
struct ProcessIdentity {
  int pid = 0;
  uint64_t start_ticks = 0;   // field 22 of /proc/<pid>/stat
};
Result<ProcessIdentity> identify_process(int pid);
bool is_alive(const ProcessIdentity& identity);
void signal_process(const ProcessIdentity& identity, int signal);   // through a pidfd; nothing happens when it is gone
Task<void> wait_for_exit(Loop& loop, ProcessIdentity identity);      // through a pidfd

}  // namespace pds::io
