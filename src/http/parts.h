// Several pieces that are written as one.
#pragma once

#include <sys/uio.h>

#include <span>
#include <string_view>

namespace pds::http {

inline iovec part_of(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }

// Takes what has been written off the front; empty when that was all.
inline std::span<iovec> without_front(std::span<iovec> parts, size_t written) {
  while (!parts.empty() && written >= parts[0].iov_len) {
    written -= parts[0].iov_len;
    parts = parts.subspan(1);
  }
  if (parts.empty()) return parts;
  parts[0].iov_base = static_cast<char*>(parts[0].iov_base) + written;
  parts[0].iov_len -= written;
  return parts;
}

}  // namespace pds::http
