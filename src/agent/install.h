// The Install event: files of a bundle to where the AppSpec says, with the permissions it says. Blocking.
#pragma once

#include <string>

#include "agent/appspec.h"

namespace pds::agent {

struct InstallPlan {
  std::string archive;       // the unpacked bundle
  std::string cleanup_file;  // lists what the last installation put; rewritten by this one
  FileExists behavior = FileExists::disallow;
};

// Removes what the last installation put, copies, and sets permissions. Errors in the words of AWS's agent: E_FILE_EXISTS
// ("The deployment failed because a specified file already exists at this location: X"), E_APPSPEC, E_SYSTEM.
Result<void> install(const AppSpec& spec, const InstallPlan& plan);

}  // namespace pds::agent
