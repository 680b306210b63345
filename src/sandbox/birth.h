// Making a sandbox's init: namespaces, id maps, and nothing of what the spec says yet. Used by the spawner and by run_container().
#pragma once

#include "base/result.h"
#include "io/files.h"
#include "sandbox/init.h"
#include "sandbox/spec.h"

namespace pds::sandbox {

// Which ids a new user namespace can have, as this process may say.
struct IdRange {
  bool many = false;           // 0..65535 inside
  uint32_t outside_first = 0;  // what 0 inside is outside, when many
  bool mount_here = false;     // this process may make detached mounts itself, with ids mapped
};
IdRange find_id_range();

struct Birth {
  int pid = -1;
  io::Fd pidfd;
  io::Fd user_namespace;  // for mapped mounts; only when IdRange::mount_here
};

struct BirthOptions {
  InitPlan plan;  // its descriptors stay the caller's: the child has copies
  IdRange ids;
  uint32_t uid = 0, gid = 0;  // the one id inside, when not many
  bool as_sibling = false;    // a child of our parent instead of ours
  int cgroup = -1;            // a version 2 group to be born in
};

// Init then waits for `done` on its boot socket, which the caller sends when it has put it where it belongs (control groups).
// Errors: E_SANDBOX_UNSUPPORTED when the kernel forbids it.
Result<Birth> give_birth(const BirthOptions& options);

}  // namespace pds::sandbox
