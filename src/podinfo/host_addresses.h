// The addresses of a host, for a library that would block the loop while it asks a resolver.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "io/loop.h"

namespace pds::podinfo {

inline constexpr size_t host_addresses_max = 8;  // of one name; more are not looked at

// Numeric, in the order in which they are to be tried. An address is its own; "localhost" needs no resolver. Errors: E_RESOLVE, E_TIMEOUT.
io::Task<Result<std::vector<std::string>>> find_host_addresses(io::Loop& loop, std::string host, io::Deadline deadline);

}  // namespace pds::podinfo
