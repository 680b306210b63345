// podcli, which comes with podinfo: checks, its version, and a WebSocket to type into.
#pragma once

#include <string>
#include <vector>

namespace pds::podinfo {

// `arguments` without the program's name. Exit status: 0 or 1.
int run_podcli(const std::vector<std::string>& arguments, const std::string& version);

}  // namespace pds::podinfo
