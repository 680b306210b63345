// Says when something in a folder has changed: a file written, made, moved or removed. What it was is not said.
#pragma once

#include <memory>
#include <string>

#include "io/files.h"
#include "io/loop.h"

namespace pds::podinfo {

class DirectoryWatch final : private io::FdWatcher {
 public:
  // Errors: E_SYSTEM, where there is no such folder, or no more can be watched.
  static Result<std::unique_ptr<DirectoryWatch>> open(io::Loop& loop, const std::string& path);
  ~DirectoryWatch() override;

  // Resumes after the next change, or at once when there was one since the last call.
  io::Task<void> changed();

 private:
  DirectoryWatch(io::Loop& loop, io::Fd fd) : loop_(loop), fd_(std::move(fd)) {}
  void on_ready(bool readable, bool writable) override;
  io::Loop& loop_;
  io::Fd fd_;
  io::Event changed_;
};

}  // namespace pds::podinfo
