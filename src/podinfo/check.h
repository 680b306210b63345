// Asks a service once whether it is well, as a probe would: podcli's checks.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "io/loop.h"
#include "podinfo/check_options.h"

namespace pds::podinfo {

// What is told beside "check succeed": names and values, in order.
using CheckFacts = json::object;
inline constexpr int check_redirects_max = 10;

// One attempt. `now` is real time: certificates end.
io::Task<Result<CheckFacts>> check(io::Loop& loop, const CheckOptions& options, Timestamp now);

// What follows `check`: attempts with their pauses and lines on stderr. Exit status: 0 passed or only asked for help, 1 for anything else.
int run_check(const std::vector<std::string>& arguments);

}  // namespace pds::podinfo
