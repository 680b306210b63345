// The first process of a sandbox: makes it ready, moves it into its root, starts the main process, and then serves the cloud and
// reaps.
#pragma once

#include <array>
#include <cstdint>

namespace pds::sandbox {

// Descriptors are above 2, and owned by init. -1: absent (containers have neither control socket nor log).
struct InitPlan {
  int boot = -1;     // SEQPACKET to whoever made us: "ids are mapped" comes in, then `boot`; `done` or `failed` goes out
  int control = -1;  // listening SEQPACKET for the cloud
  int log = -1;
  int status = -1;  // file for the exit status, so that a cloud that was away finds it
  int output = -1;  // containers: where the main process's output goes instead of the log
  // cgroup.procs files that init puts itself into: the kernel may take ten milliseconds for that, in which the spawner has others
  // to serve.
  std::array<int, 5> cgroups = {-1, -1, -1, -1, -1};
  bool many_ids = false;        // id 0 is mapped and can be taken
  bool own_network = true;      // false: shares its maker's
  bool sources_passed = false;  // mounts come with `boot`; else init makes them itself
  bool memory_limited = false;  // by a cgroup
  bool confined = false;        // for a function or a container: what those lose is lost, and their process made, ahead
};

// Runs in the new namespaces and does not return.
[[noreturn]] void run_init(const InitPlan& plan);

}  // namespace pds::sandbox
