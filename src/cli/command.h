// A command is data plus one function: the table drives parsing, --help and shell completion.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace pds::cli {

class Context;

// Exit codes, the same for every command (docs/operations.md has the table).
enum Exit : int {
  exit_ok = 0,
  exit_failed = 1,
  exit_usage = 2,
  exit_changes = 3,
  exit_refused = 4,
  exit_rolled_back = 5,
  exit_needs_person = 6,
  exit_locked = 7,
  exit_timed_out = 8,
  exit_not_found = 9,
  exit_threshold = 99,
  exit_interrupted = 130,
};

struct Flag {
  std::string name;            // "--rate"; with a short form: "-y,--yes"
  std::string value;           // what the value is called in help; empty: a switch
  std::string help;
  std::string fallback = {};
  bool repeated = false;
};

struct Positional {
  std::string name;
  std::string help;
  bool required = false;
  bool repeated = false;
};

class Args {
 public:
  bool has(const std::string& name) const { return values_.contains(name); }
  std::string get(const std::string& name, const std::string& fallback = "") const;
  const std::vector<std::string>& all(const std::string& name) const;
  void set(const std::string& name, std::vector<std::string> values) { values_[name] = std::move(values); }

 private:
  std::map<std::string, std::vector<std::string>> values_;   // by long name without dashes, or positional name
};

struct Command {
  std::string name;                       // "cloud start": a word of its parent
  std::string summary;                    // one line
  std::string description = {};           // more, for --help
  std::vector<Flag> flags = {};
  std::vector<Positional> positionals = {};
  std::function<int(Context&, const Args&)> run = {};
  std::vector<Command> children = {};
  bool hidden = false;
};

// Parses and runs. Usage errors are explained on standard error and give exit_usage.
int run_command_line(const std::vector<Command>& commands, int argc, char** argv, Context& context);

// A completion script; shell is bash, zsh or fish.
Result<std::string> completion_script(const std::vector<Command>& commands, const std::string& shell);

}  // namespace pds::cli
