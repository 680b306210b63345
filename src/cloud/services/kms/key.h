// Keys: their records, their material, and what they seal and sign. No wire.
//
// A ciphertext names its key: version (1) || key id (36) || nonce (12) || AES-256-GCM ciphertext || tag (16). The key id and the
// encryption context are authenticated with it, so a blob moved under another key or context does not open.
#pragma once

#include <map>
#include <string>

#include "aws/shapes/kms.h"
#include "base/crypto.h"
#include "cloud/core.h"
#include "cloud/master_key.h"

namespace pds::cloud::kms {

using Context = std::map<std::string, std::string>;

inline constexpr std::string_view symmetric_spec = "SYMMETRIC_DEFAULT";
inline constexpr std::string_view ecc_spec = "ECC_NIST_P256";
inline constexpr size_t plaintext_bytes_max = 4096;  // of Encrypt; also a message to Sign
inline constexpr size_t ciphertext_bytes_max = 6144;

struct KeyRecord {
  std::string key_id, arn, description, spec, usage, manager;  // manager: CUSTOMER or AWS
  std::string state;                                           // Enabled, Disabled, PendingDeletion
  Timestamp created{};
  std::optional<Timestamp> deletion_date;
  std::vector<aws::kms::Tag> tags;
  std::string material;  // 32 bytes, or a private key as PEM, sealed under the master key; base64
};
PDS_SHAPE(KeyRecord, FIELD(key_id, "KeyId"), FIELD(arn, "Arn"), FIELD(description, "Description"), FIELD(spec, "Spec"),
          FIELD(usage, "Usage"), FIELD(manager, "Manager"), FIELD(state, "State"), FIELD(created, "Created"),
          FIELD(deletion_date, "DeletionDate"), FIELD(tags, "Tags"), FIELD(material, "Material").sensitive())

struct AliasRecord {
  std::string key_id;
  Timestamp created{}, updated{};
};
PDS_SHAPE(AliasRecord, FIELD(key_id, "KeyId"), FIELD(created, "Created"), FIELD(updated, "Updated"))

// What a ciphertext says about itself; InvalidCiphertextException when it is none.
Result<std::string> key_id_of(std::string_view ciphertext);

class KeyRing {
 public:
  KeyRing(Core& core, const MasterKey& master_key);

  Table<KeyRecord>& keys() { return keys_; }
  Table<AliasRecord>& aliases() { return aliases_; }

  const KeyRecord& create(std::string_view spec, std::string_view manager);
  // By key id, key ARN, alias name or alias ARN. AWS's own aliases (alias/aws/...) get their key on first use. NotFoundException.
  Result<const KeyRecord*> at(std::string_view name);
  // The same, ready for use: not disabled, not about to be deleted, of this usage.
  Result<const KeyRecord*> usable_at(std::string_view name, std::string_view usage);
  Result<void> check_usable(const KeyRecord& key, std::string_view usage) const;

  std::string seal(const KeyRecord& key, std::string_view plaintext, const Context& context);
  Result<std::string> open(const KeyRecord& key, std::string_view ciphertext, const Context& context);
  const EcKey& signing_key(const KeyRecord& key);

  // Keys whose waiting time is over are gone, with their aliases.
  void drop_deleted();

 private:
  const std::string& material(const KeyRecord& key);

  Core& core_;
  std::string wrapping_key_;
  Table<KeyRecord> keys_;                                   // by key id
  Table<AliasRecord> aliases_;                              // by "alias/name"
  std::map<std::string, std::string, std::less<>> opened_;  // material in memory, by key id
  std::map<std::string, EcKey, std::less<>> signing_keys_;
};

}  // namespace pds::cloud::kms
