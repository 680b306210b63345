// Files: whole-file reads and atomic, durable writes. Blocking: call at start-up, from the CLI, or inside Loop::offload.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pds::io {

inline constexpr size_t file_bytes_max = 1u << 30;

Result<std::string> read_file(const std::string& path, size_t bytes_max = file_bytes_max);
// Temporary file in the same folder, fsync, rename, fsync of the folder: after a crash the old or the new content, never a mixture.
Result<void> write_file_atomically(const std::string& path, std::string_view content, int mode = 0600);
Result<void> make_directories(const std::string& path, int mode = 0700);
Result<void> remove_tree(const std::string& path);   // absent is fine; does not follow symbolic links
Result<std::vector<std::string>> list_directory(const std::string& path);   // names, sorted
bool exists(const std::string& path);

// Exclusive while the object lives (flock). E_LOCKED names the holder's pid, which is kept in the file.
class FileLock {
 public:
  static Result<FileLock> acquire(const std::string& path);
  ~FileLock();
  FileLock(FileLock&&) noexcept;
  FileLock& operator=(FileLock&&) noexcept;

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

// A descriptor that closes itself.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd();
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept;
  int get() const { return fd_; }
  int release() {
    int fd = fd_;
    fd_ = -1;
    return fd;
  }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

}  // namespace pds::io
