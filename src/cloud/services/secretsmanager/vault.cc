#include "cloud/services/secretsmanager/vault.h"

#include <fmt/format.h>

#include "base/text.h"

namespace pds::cloud::secretsmanager {

namespace {

std::string row_of(const std::string& secret_arn, const std::string& version_id) { return secret_arn + "/" + version_id; }

kms::Context context_of(const std::string& secret_arn, const std::string& version_id) {
  return {{"SecretARN", secret_arn}, {"SecretVersionId", version_id}};
}

std::string decoded(const std::string& base64) {
  Result<std::string> bytes = from_base64(base64);
  ASSERT(bytes.has_value());  // written by us
  return std::move(*bytes);
}

}  // namespace

Vault::Vault(Core& core, kms::Kms& kms) : core_(core), kms_(kms), values_(core.store, core.table("secretsmanager", "values")) {}

Result<std::string> Vault::put(const std::string& secret_arn, const std::string& version_id, const std::string& kms_key,
                               const Value& value) {
  std::string row = row_of(secret_arn, version_id);
  std::string data_key = core_.random.bytes(32);
  Result<std::string> sealed_key = kms_.seal(kms_key, data_key, context_of(secret_arn, version_id));
  if (!sealed_key)
    return fail("EncryptionFailure", fmt::format("Secrets Manager can't encrypt the secret value: {}", sealed_key.error().message));
  values_.put(row, {.data_key = to_base64(*sealed_key),
                    .value = to_base64(pds::seal(data_key, core_.random.bytes(12), value.bytes, row)),
                    .is_binary = value.is_binary});
  opened_.erase(row);
  return kms_.key_arn(*kms::key_id_of(*sealed_key));
}

Result<const Vault::CachedKey*> Vault::data_key(const std::string& secret_arn, const std::string& version_id, const std::string& row,
                                                const SealedValue& sealed) {
  if (auto it = opened_.find(row); it != opened_.end()) {
    CHECK(kms_.check_usable(it->second.kms_key_id));
    return &it->second;
  }
  std::string blob = decoded(sealed.data_key);
  TRY(std::string plain, kms_.open(blob, context_of(secret_arn, version_id)));
  if (opened_.size() >= data_keys_cached_max) opened_.clear();
  return &opened_.emplace(row, CachedKey{std::move(plain), *kms::key_id_of(blob)}).first->second;
}

Result<Value> Vault::get(const std::string& secret_arn, const std::string& version_id) {
  std::string row = row_of(secret_arn, version_id);
  const SealedValue* sealed = values_.find(row);
  if (!sealed)
    return fail("ResourceNotFoundException",
                fmt::format("Secrets Manager can't find the specified secret value for VersionId: {}", version_id));
  Result<const CachedKey*> key = data_key(secret_arn, version_id, row, *sealed);
  if (!key)
    return fail("DecryptionFailure", fmt::format("Secrets Manager can't decrypt the secret value: {}", key.error().message));
  Result<std::string> bytes = open_sealed((*key)->plain, decoded(sealed->value), row);
  if (!bytes) return fail("DecryptionFailure", "Secrets Manager can't decrypt the secret value: its stored form has been changed.");
  return Value{std::move(*bytes), sealed->is_binary};
}

void Vault::erase(const std::string& secret_arn, const std::string& version_id) {
  std::string row = row_of(secret_arn, version_id);
  values_.erase(row);
  opened_.erase(row);
}

}  // namespace pds::cloud::secretsmanager
