#include "base/result.h"

#include <cerrno>
#include <cstring>

namespace pds {

std::unexpected<Error> fail_errno(std::string what, int errno_value) {
  bool again = errno_value == EINTR || errno_value == EAGAIN || errno_value == ECONNREFUSED || errno_value == ECONNRESET ||
               errno_value == EPIPE || errno_value == ETIMEDOUT || errno_value == EMFILE || errno_value == ENOSPC;
  return std::unexpected(Error{errno_value == ENOSPC ? "E_DISK_FULL" : "E_SYSTEM",
                               std::move(what) + ": " + std::strerror(errno_value), 500, again});
}

}  // namespace pds
