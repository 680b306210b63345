// The error of a step while a sandbox is made.
#pragma once

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/result.h"

namespace pds::sandbox {

// "starting the sandbox: mount /proc: Operation not permitted"
inline std::unexpected<Error> failed_step(std::string_view step, int error = errno) {
  return fail_world("E_SANDBOX_START", fmt::format("starting the sandbox: {}: {}", step, strerror(error)), false);
}

}  // namespace pds::sandbox
