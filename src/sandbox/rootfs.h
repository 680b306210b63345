// The root filesystem of a sandbox, built in two stages: what is the same for all, ahead; what the spec asks for, at the start.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "io/files.h"
#include "sandbox/spec.h"

namespace pds::sandbox {

// Stage one, in the sandbox's own mount namespace: a /dev of harmless devices, a /proc of its own processes, and for all but
// instances a /tmp.
struct RootParts {
  io::Fd dev, proc, tmp;
  io::Fd null;             // /dev/null, open
  bool host_left = false;  // nothing of the host's root is in the namespace any more
};
// `leave_host`: where the host's side of every spec will come as detached mounts. Leaving costs a wait for all processors of the
// machine, which must not happen during a start.
Result<RootParts> prepare_root(bool confined, bool leave_host);

// The host's side of a spec as detached mounts: the root, the system directories of an instance, the binds. Needs the caller's view
// of the host's files: made by the spawner where it is privileged (`user_namespace`: the sandbox's, for mapped ids), else by init
// (-1).
Result<std::vector<io::Fd>> open_sources(const SandboxSpec& spec, int user_namespace);

// Stage two: puts the root together and moves the calling process into it; the old root is gone, or covered and empty, afterwards.
Result<void> enter_root(const SandboxSpec& spec, RootParts parts, const std::vector<io::Fd>& sources);

}  // namespace pds::sandbox
