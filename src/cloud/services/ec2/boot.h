// What an instance boots from: its directory on this machine, and its sandbox's specification.
//
//   <data>/ec2/<region>/<instance id>/
//     layer/         what the instance writes; its root filesystem lies on it
//     boot/          seen inside, read-only, as /var/lib/cloud/instance: init, user-data, hosts
//     console.log    the end of what it printed, once its sandbox is gone
#pragma once

#include <string>

#include "cloud/services/ec2/state.h"
#include "sandbox/spec.h"

namespace pds::cloud::ec2 {

inline constexpr const char* metadata_address = "169.254.169.254";
inline constexpr const char* endpoint_address = "169.254.169.253";

struct BootPlan {
  std::string directory;
  std::string init;       // the script that is the instance's main process
  std::string user_data;  // decoded; empty: nothing to run at this boot
  std::string hosts;
  sandbox::SandboxSpec spec;
};

// "ec2-us-east-1-": sandboxes of this region.
std::string sandbox_prefix(const Core& core);
// One id per boot, so that a sandbox found after a crash tells which boot it is of.
std::string sandbox_id(const Core& core, const InstanceRecord& record, int boot);
std::string instance_directory(const Core& core, std::string_view instance_id);

BootPlan plan_boot(const Core& core, const InstanceRecord& record);
// Writes the files. Blocking. `plan` is by value: the work runs on another thread.
Result<void> prepare_boot(BootPlan plan);

}  // namespace pds::cloud::ec2
