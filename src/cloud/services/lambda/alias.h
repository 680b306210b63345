// Aliases: what they may point at, and which version one invocation gets.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cloud/services/lambda/records.h"

namespace pds::cloud::lambda {

// Lambda's rules for an alias of `primary` with these weights: at most one more version; published ones only; not the primary
// again; each weight from 0 up to, but not including, 1; and both versions with the same execution role. `find` gives a version of
// the function by its name, or null.
Result<void> check_routing(const VersionRecord& primary, const std::map<std::string, double>& weights,
                           const std::function<const VersionRecord*(std::string_view)>& find);

// `draw` is uniform in [0, 1). The additional version gets exactly the draws below its weight.
std::string_view choose_version(const AliasRecord& alias, double draw);

}  // namespace pds::cloud::lambda
