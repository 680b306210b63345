// One log stream's events, in a file of lines "<timestamp> <ingestion> <JSON text>\n", appended as they come. A stream keeps at least its
// last stream_bytes_max bytes: when the file reaches them it becomes the older half and a new one begins. The folder is made when it is
// missing. Blocking, on page-cached files.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/files.h"

namespace pds::cloud::logs {

inline constexpr uint64_t stream_bytes_max = 32u << 20;
inline constexpr size_t message_bytes_max = 256 * 1024;

struct Event {
  int64_t timestamp = 0, ingestion = 0;     // milliseconds
  std::string message;
};

class StreamFile {
 public:
  explicit StreamFile(std::string path) : path_(std::move(path)) {}
  Result<void> append(const Event& event) const { return append(std::span(&event, 1)); }
  // All of them with one write.
  Result<void> append(std::span<const Event> events) const;
  // Every event in the order it came; stops when `visit` says false. A line cut short by a crash is passed over.
  void read(const std::function<bool(const Event&)>& visit) const;
  void remove() const;

 private:
  io::Fd open_to_append() const;
  std::string path_;
};

}  // namespace pds::cloud::logs
