// Control groups: who enforces a sandbox's limits, freezes it and counts what it uses. Version 1, version 2, both (hybrid), or
// none, as the machine has it. Groups lie under "pds-<name>" in each hierarchy, one group per sandbox.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/files.h"
#include "sandbox/spec.h"
#include "sandbox/support.h"

namespace pds::sandbox {

// The directories of one sandbox's group, one per hierarchy; plain texts, so that they can be written down for the next cloud.
struct Cgroup {
  std::string memory, pids, cpu, cpuacct;  // version 1
  std::string unified;                     // version 2: limits when nothing of version 1 is there, freeze and kill always
  bool unified_limits = false;
  bool limits_memory() const { return !memory.empty() || unified_limits; }
  bool freezes() const { return !unified.empty(); }
  std::vector<std::string> directories() const;
};

// What this process may use. Reads and probes files; makes nothing.
class CgroupRoot {
 public:
  static CgroupRoot find(const std::string& name);
  CgroupKind kind() const;
  bool can_freeze() const { return !unified_.empty(); }
  const std::string& why_not() const { return why_not_; }

  Result<Cgroup> make(const std::string& name) const;
  // Removes groups below ours that no process is in, and ours when none is left.
  void remove_empty() const;

 private:
  std::string memory_, pids_, cpu_, cpuacct_, unified_;  // our parent directories; empty: not usable
  bool unified_limits_ = false;
  std::string why_not_;
};

// The files that a process writes "0" to in order to join. Who opens them is who must be allowed to.
Result<std::vector<io::Fd>> open_members(const Cgroup& cgroup);
// Opened ahead, as looking up their names takes longer than writing them. Those that this kernel lacks stay closed.
struct LimitFiles {
  io::Fd memory, memory_and_swap, swap, processes, cpu_quota, cpu_quota_and_period;
};
Result<LimitFiles> open_limits(const Cgroup& cgroup);
Result<void> set_limits(const LimitFiles& files, const Limits& limits);
Result<void> set_frozen(const Cgroup& cgroup, bool frozen);
std::optional<bool> read_frozen(const Cgroup& cgroup);
// Times the kernel killed a process inside for its memory limit.
uint64_t out_of_memory_kills(const Cgroup& cgroup);
std::optional<Usage> read_usage(const Cgroup& cgroup);  // nothing when not counted here
void kill_all(const Cgroup& cgroup);                    // where the kernel can
// True when all are gone. False: processes are still leaving; try again.
bool remove(const Cgroup& cgroup);

}  // namespace pds::sandbox
