// For tests of this folder and its users: a temporary directory, and a clock that stands still.
#pragma once

#include <stdlib.h>

#include <string>

#include "base/check.h"
#include "base/time.h"
#include "io/files.h"

namespace pds::oci {

class TemporaryDirectory {
 public:
  TemporaryDirectory() { ASSERT(::mkdtemp(path_.data()) != nullptr); }
  ~TemporaryDirectory() { (void)io::remove_tree(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_ = "/tmp/pds-test-XXXXXX";
};

class StillClock final : public Clock {
 public:
  Timestamp now() const override { return Timestamp(1'700'000'000s) + passed; }
  Duration to_real(Duration) const override { return Duration{0}; }
  Duration passed{0};
};

}  // namespace pds::oci
