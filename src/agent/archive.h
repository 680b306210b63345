// Bundles: tar, tgz and zip, unpacked into a directory and nowhere else.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace pds::agent {

struct BundleLimits {
  uint64_t bytes_max = 2ull << 30;  // unpacked
  size_t entries_max = 100'000;
  size_t path_bytes_max = 1024;
};

// `type` is tar, tgz or zip. Entries that would leave the directory (by "..", an absolute name, or through a symbolic link), links
// that point out of it, and devices are refused: E_BUNDLE_UNSAFE names the entry. E_BUNDLE_INVALID, E_TOO_LARGE. Blocking; what was
// written before an error stays for the caller to remove.
Result<void> unpack_bundle(const std::string& archive, const std::string& type, const std::string& directory,
                           const BundleLimits& limits = {});

}  // namespace pds::agent
