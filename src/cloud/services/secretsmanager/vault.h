// The values, encrypted: each under a data key of its own, which KMS seals for exactly this secret and version. Opened data keys
// stay in memory, so that a read costs one AES-GCM; KMS is still asked each time whether the key may be used.
#pragma once

#include <list>
#include <string>
#include <unordered_map>

#include "cloud/core.h"
#include "cloud/services/kms/service.h"

namespace pds::cloud::secretsmanager {

inline constexpr size_t data_keys_cached_max = 10'000;

struct SealedValue {
  std::string data_key, value;  // base64
  bool is_binary = false;
};
PDS_SHAPE(SealedValue, FIELD(data_key, "DataKey"), FIELD(value, "Value"), FIELD(is_binary, "IsBinary"))

struct Value {
  std::string bytes;
  bool is_binary = false;
};

class Vault {
 public:
  Vault(Core& core, kms::Kms& kms);
  // `kms_key` by any name KMS knows. The ARN of the key comes back.
  Result<std::string> put(const std::string& secret_arn, const std::string& version_id, const std::string& kms_key,
                          const Value& value);
  // Nothing put: ResourceNotFoundException. DecryptionFailure when KMS does not let us.
  Result<Value> get(const std::string& secret_arn, const std::string& version_id);
  void erase(const std::string& secret_arn, const std::string& version_id);

 private:
  struct CachedKey {
    std::string plain, kms_key_id;
  };
  Result<const CachedKey*> data_key(const std::string& secret_arn, const std::string& version_id, const std::string& row,
                                    const SealedValue& sealed);

  Core& core_;
  kms::Kms& kms_;
  Table<SealedValue> values_;  // by "<arn>/<version id>"
  std::unordered_map<std::string, CachedKey> opened_;
};

}  // namespace pds::cloud::secretsmanager
