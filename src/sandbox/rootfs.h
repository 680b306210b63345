// The root filesystem of a sandbox, built in two stages: what is the same for all, ahead; what the spec asks for, at the start.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "io/files.h"
#include "sandbox/spec.h"

namespace pds::sandbox {

// Stage one, in the sandbox's own mount namespace: a /dev of harmless devices, and a /proc of its own processes.
struct RootParts {
  io::Fd dev, proc;
};
Result<RootParts> prepare_root();

// The host's side of a spec as detached mounts: the root, the system directories of an instance, the binds. Needs the caller's view
// of the host's files: made by the spawner where it is privileged (`user_namespace`: the sandbox's, for mapped ids), else by init
// (-1).
Result<std::vector<io::Fd>> open_sources(const SandboxSpec& spec, int user_namespace);

// Stage two: puts the root together and moves the calling process into it; the old root is gone afterwards.
Result<void> enter_root(const SandboxSpec& spec, RootParts parts, const std::vector<io::Fd>& sources);

}  // namespace pds::sandbox
