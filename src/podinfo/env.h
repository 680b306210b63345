// What podinfo shows of its environment.
#pragma once

#include <string>
#include <vector>

namespace pds::podinfo {

// Of "NAME=value" each, in order: "NAME=***" where the name promises a secret.
std::vector<std::string> shown_environment(const std::vector<std::string>& environment);

}  // namespace pds::podinfo
