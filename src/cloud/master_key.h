// The key under all keys: 32 random bytes in the data directory (0600), made at first start. What it protects (secret access keys,
// KMS key material) is useless without it, so the store may be copied around and this file may not.
#pragma once

#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/result.h"

namespace pds::cloud {

class MasterKey {
 public:
  // For tests: the key itself, 32 bytes.
  explicit MasterKey(std::string bytes) : bytes_(std::move(bytes)) {}
  // Blocking, at start-up. E_MASTER_KEY when the file is not one of ours: nothing is overwritten then.
  static Result<MasterKey> load_or_create(const std::string& path, Random& random);

  // 32 bytes for one purpose; purposes do not reveal each other or the master key.
  std::string derive(std::string_view purpose) const { return hmac_sha256(bytes_, purpose); }

 private:
  std::string bytes_;
};

}  // namespace pds::cloud
