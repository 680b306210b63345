// A sandbox's output: a file of fixed size that is written round and round by init and read by the cloud, also by the next one.
//
//   header page: magic u64 | capacity u64 | bytes written so far u64        data: capacity bytes; byte n lies at n % capacity
//
// The count is written after the bytes, and at most log_append_bytes_max are written before the count follows. The file has room
// for that many bytes more than are promised, so what a reader gets is whole unless the count, read again afterwards, has moved
// past it.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "sandbox/spec.h"

namespace pds::sandbox {

inline constexpr uint64_t log_header_bytes = 4096;
inline constexpr uint64_t log_append_bytes_max = 64u << 10;
inline constexpr uint64_t log_capacity_bytes = log_bytes_max + log_append_bytes_max;

class LogWriter {
 public:
  explicit LogWriter(int fd) : fd_(fd) {}  // lent; -1: what is written is dropped, and counted
  void append(std::string_view bytes);
  uint64_t written() const { return written_; }

 private:
  void append_part(std::string_view bytes);
  int fd_;
  uint64_t written_ = 0;
};

Result<void> make_log(int fd);      // an empty file becomes an empty log
Result<uint64_t> log_size(int fd);  // bytes written so far
Result<LogChunk> read_log_file(int fd, uint64_t from, size_t bytes_max);

}  // namespace pds::sandbox
