// Containers inside an instance, and the hidden entry points of the pds binary. Blocking; no loop, no spawner.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/files.h"
#include "io/process.h"
#include "sandbox/spec.h"

namespace pds::sandbox {

// The hidden commands of the binary (`pds __spawner <run directory>`, `pds __container`). main() asks before it does anything else,
// and returns the code when there is one. Sandboxes are started through these, so a program that starts some must do this.
std::optional<int> run_hidden_command(int argc, char** argv);

// A container: the same isolation as a function, but it shares the network namespace of its caller (the instance), so its ports are
// the instance's ports. Memory and process limits are those of the instance around it; open_files and tmp_bytes are its own.
struct ContainerSpec {
  std::string image_root;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
  std::string working_directory = "/";
  uint32_t uid = 65532;
  uint32_t gid = 65532;
  std::string hostname = "localhost";
  Limits limits;
  std::vector<Bind> binds;
  std::vector<Scratch> scratch;
  int output_fd = -1;  // stdout and stderr of the container; borrowed. -1: inherited from the caller
};

// Starts it and returns when its main process has been executed. The identity is that of the container's init as the caller sees
// it: killing it ends the whole container; it ends by itself, with the main process's exit code (128 + signal), when that ends, and
// passes SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 and SIGQUIT on to it. It is a child of the caller: reap it with
// wait_container(), or from a SIGCHLD handler. It does not die with the caller. Errors as SandboxHost::create().
Result<io::ProcessIdentity> run_container(const ContainerSpec& spec);

// Waits (blocking) for a container that this process started.
Result<ExitStatus> wait_container(const io::ProcessIdentity& container);

}  // namespace pds::sandbox
