// Asks a service once whether it is well, as a probe would.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "io/loop.h"
#include "podinfo/check_options.h"

namespace pds::podinfo {

// What is told beside "check succeed": names and values, in order.
using CheckFacts = std::vector<std::pair<std::string, std::string>>;
inline constexpr int check_redirects_max = 10;

// One attempt. `now` is real time: certificates end.
io::Task<Result<CheckFacts>> check(io::Loop& loop, const CheckOptions& options, Timestamp now);

// `podinfo check`: attempts with their pauses and lines on stderr. Exit status: 0 passed, 1 for anything else.
int run_check(const std::vector<std::string>& arguments);

}  // namespace pds::podinfo
