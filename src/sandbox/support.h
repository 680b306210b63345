// What this machine allows a sandbox to be; for `pds doctor`, and for errors that say what to do.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace pds::sandbox {

enum class CgroupKind : uint8_t { none, v1, v2 };

struct SupportItem {
  std::string name;  // "user namespaces"
  bool available = false;
  bool required = false;
  std::string detail;     // what was found, or why it is missing
  std::string next_step;  // what to run or change; empty when available
};

struct SandboxSupport {
  bool usable = false;                   // everything required is there
  bool id_range = false;                 // many ids per sandbox (root); else one
  CgroupKind limits = CgroupKind::none;  // who enforces memory, process and cpu limits
  bool cgroup_freeze = false;            // else SIGSTOP
  std::vector<SupportItem> items;
  // One sentence naming what is missing and the next step; empty when usable.
  std::string problem() const;
};

// Tries it, in a short-lived child. Blocking, a few milliseconds.
Result<SandboxSupport> probe_support();

}  // namespace pds::sandbox
