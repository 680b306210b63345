// What commands share: the outside world, the configuration, and how to speak to the person.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "aws/client.h"
#include "base/crypto.h"
#include "base/json.h"
#include "cli/command.h"
#include "deploy/config.h"
#include "io/loop.h"

namespace pds::cli {

// Results go to standard output, progress to standard error: redrawn on a terminal, one line per change elsewhere, NDJSON on request.
class Output {
 public:
  Output();
  void set_json(bool on) { json_ = on; }
  bool json() const { return json_; }
  bool terminal() const { return terminal_; }

  void result(const json::object& document, const std::string& for_people);   // the command's answer
  void line(const std::string& text);                                         // part of an answer, for people only
  // A table that changes: replaces the one before on a terminal, elsewhere it is written once for each `change`.
  void redraw(const std::vector<std::string>& lines, const std::string& change);
  void event(const std::string& kind, const json::object& fields, const std::string& for_people);   // something changed
  // What is being waited for; replaced by the next on a terminal, printed once per distinct text elsewhere.
  void waiting(const std::string& text);
  void error(const Error& error, const std::string& next_step);
  std::string paint(std::string_view text, std::string_view colour) const;    // "green", "red", "yellow", "dim", "bold"

 private:
  void clear_waiting();
  bool json_ = false, terminal_ = false, colour_ = false;
  std::string waiting_;
  size_t drawn_lines_ = 0;
  std::string drawn_;
};

class Context {
 public:
  Context(io::Loop& loop, Random& random, std::string version);
  io::Loop& loop() { return loop_; }
  Random& random() { return random_; }
  Output& out() { return out_; }
  const std::string& version() const { return version_; }
  // All commands, for completion; set by run_command_line.
  const std::vector<Command>& commands() const { return *commands_; }
  void set_commands(const std::vector<Command>& commands) { commands_ = &commands; }

  // --file and --environment of the command, or their defaults.
  Result<deploy::Config> config(const Args& args) const;
  // For the stack's region; explains what to do when there are no credentials or no endpoint.
  Result<std::unique_ptr<aws::Client>> client(const deploy::Config& config);
  // The local cloud's data directory: --data, $PDS_DATA, ~/.local/share/pds.
  static std::string data_dir(const Args& args);
  // Where this machine's local cloud answers, from its data directory, when $AWS_ENDPOINT_URL does not say otherwise.
  Result<std::string> endpoint_url() const;

  // Runs a task to its end. Ctrl-C is noticed: `on_interrupt` is called on the loop; a second one ends the process.
  template <class T>
  T run(io::Task<T> task) {
    return io::run_until_done(loop_, std::move(task));
  }
  // Prints the error with what to run next, and says which exit code it deserves.
  int fail(const Error& error, const std::string& next_step = "");

 private:
  io::Loop& loop_;
  Random& random_;
  std::string version_;
  const std::vector<Command>* commands_ = nullptr;
  Output out_;
};

// Flags that many commands take.
std::vector<Flag> with_config_flags(std::vector<Flag> flags);    // --file, --environment, --output
std::vector<Flag> with_output_flag(std::vector<Flag> flags);     // --output
Flag sysroot_flag();                                            // --sysroot
// Applies --output; every command calls it first.
Result<void> apply_output(Context& context, const Args& args);

}  // namespace pds::cli
