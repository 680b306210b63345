// Starting a process inside a sandbox, from its init.
#pragma once

#include <sys/types.h>

#include <memory>

#include "base/result.h"
#include "io/files.h"
#include "sandbox/spec.h"

namespace pds::sandbox {

struct Launch {
  const std::vector<std::string>& arguments;
  const std::map<std::string, std::string>& environment;
  const std::string& working_directory;
  uint32_t uid, gid;
  const Limits& limits;
  Profile profile;
  bool many_ids;              // the user namespace maps more than one id, so ids can be switched
  bool limit_address_space;   // no cgroup limits memory
  int input, output, errors;  // lent
  // Instances live in a second user and mount namespace inside the sandbox's, so that their root can neither undo the read-only
  // mounts nor touch init. The main process makes it, commands join it (a pidfd of main).
  bool inner_namespaces = false;
  int join = -1;
};

// The pid, as init sees it, after the program was executed. Errors: E_SANDBOX_START naming the step.
Result<pid_t> launch(const Launch& launch);

// The main process of a function or a container, made before anybody knows what it will run. It shares init's memory and root, has
// its streams, has lost what those profiles lose for good, and waits: what the start itself has to do is limits, ids, program.
class WaitingProcess {
 public:
  // `input`, `output`: lent. Errors: E_SANDBOX_START naming the step.
  static Result<WaitingProcess> make(int input, int output);
  // As launch(), but for the streams, which it has; once.
  Result<pid_t> execute(const Launch& launch);

  WaitingProcess(WaitingProcess&&) = default;
  WaitingProcess& operator=(WaitingProcess&&) = default;

 private:
  struct Shared;  // what both processes look at
  WaitingProcess() = default;
  std::shared_ptr<Shared> shared_;
  io::Fd report_, go_;
  pid_t pid_ = -1;
};

}  // namespace pds::sandbox
