// How gRPC frames a message: whether it is compressed, its length in four bytes, and itself.
#pragma once

#include <string>
#include <string_view>

namespace pds::podinfo::trace {

inline constexpr size_t grpc_frame_header_bytes = 5;

inline std::string grpc_frame(std::string_view message, bool compressed) {
  std::string out(1, compressed ? '\1' : '\0');
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(message.size() >> shift);
  return out.append(message);
}

}  // namespace pds::podinfo::trace
