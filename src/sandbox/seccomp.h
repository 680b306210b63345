// The system calls a sandbox may not make: a deny list, answered with EPERM, in hand-written BPF.
//
// A deny list, because what runs inside is somebody's program which must just work. Namespaces, ids and mounts are the walls; the
// list takes away what reaches the kernel beside them (modules, kexec, bpf, keyrings, clocks, ...), and, for all but instances, the
// calls that make namespaces and mounts, which is where kernel bugs have let people out of walls like these.
#pragma once

#include "sandbox/spec.h"

struct sock_filter;

namespace pds::sandbox {

struct FilterView {
  const sock_filter* instructions = nullptr;
  unsigned short length = 0;
};
// Built at first use, kept for ever. Empty on a machine type we have no numbers for (then probe_support() says so).
FilterView filter_for(Profile profile);

// Puts it on the calling thread, which must have no_new_privs. Async-signal-safe. 0 or errno.
int install_filter(FilterView filter);

}  // namespace pds::sandbox
