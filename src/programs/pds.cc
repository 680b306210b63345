// pds: the command line, the embedded cloud, and the agent. The only place where all of them meet.
#include "base/crypto.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "daemon/commands.h"
#include "io/loop.h"
#include "sandbox/container.h"

int main(int argc, char** argv) {
  using namespace pds;
  // Hidden entry points: processes of our own, not commands.
  if (auto code = sandbox::run_hidden_command(argc, argv)) return *code;

  io::Loop loop;
  SystemRandom random;
  cli::Context context(loop, random, PDS_VERSION);
  std::vector<cli::Command> commands;
  commands.push_back(daemon::cloud_command());
  commands.push_back(daemon::env_command());
  for (cli::Command& command : cli::stack_commands()) commands.push_back(std::move(command));
  return cli::run_command_line(commands, argc, argv, context);
}
