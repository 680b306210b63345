// One hook script: run in a process group of its own, bounded in time, its output logged. Blocking.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"

namespace pds::agent {

inline constexpr size_t log_tail_bytes_max = 2048;

// The codes of AWS's agent.
enum class ScriptCode : int {
  success = 0,
  missing = 1,
  not_executable = 2,
  timed_out = 3,
  failed = 4,
  unknown = 5,
  output_left_open = 6
};

struct ScriptRun {
  std::string path;      // absolute
  std::string location;  // as the AppSpec has it: for messages
  std::string event;
  std::chrono::milliseconds timeout{3'600'000};
  std::optional<std::string> runas;
  std::map<std::string, std::string> environment;  // beside the agent's own
  std::string log_file;                            // appended to
};

struct ScriptResult {
  ScriptCode code = ScriptCode::success;
  std::string message;   // in AWS's words
  std::string log_tail;  // the last log_tail_bytes_max of "[stdout]..." and "[stderr]..." lines
};

ScriptResult run_script(const ScriptRun& run);

}  // namespace pds::agent
