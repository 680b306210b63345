#include "cloud/services/kms/key.h"

#include <fmt/format.h>

#include "aws/arn.h"
#include "base/text.h"

namespace pds::cloud::kms {

namespace {

constexpr char blob_version = 1;
constexpr size_t key_id_bytes = 36, nonce_bytes = 12, tag_bytes = 16;
constexpr size_t header_bytes = 1 + key_id_bytes;

// Every part with its length, so that no two contexts give the same bytes.
std::string associated_data(std::string_view key_id, const Context& context) {
  std::string out(key_id);
  for (const auto& [key, value] : context) out += fmt::format("\n{}:{}{}:{}", key.size(), key, value.size(), value);
  return out;
}

std::unexpected<Error> not_found(const Core& core, std::string_view name) {
  if (name.starts_with("alias/")) return fail("NotFoundException", fmt::format("Alias {} is not found.", core.arn("kms", name)));
  return fail("NotFoundException",
              fmt::format("Key '{}' does not exist",
                          name.starts_with("arn:") ? std::string(name) : core.arn("kms", fmt::format("key/{}", name))));
}

}  // namespace

Result<std::string> key_id_of(std::string_view ciphertext) {
  if (ciphertext.size() < header_bytes + nonce_bytes + tag_bytes || ciphertext[0] != blob_version)
    return fail("InvalidCiphertextException", "");
  return std::string(ciphertext.substr(1, key_id_bytes));
}

KeyRing::KeyRing(Core& core, const MasterKey& master_key)
    : core_(core),
      wrapping_key_(master_key.derive("kms key material")),
      keys_(core.store, core.table("kms", "keys")),
      aliases_(core.store, core.table("kms", "aliases")) {
  drop_deleted();
}

const KeyRecord& KeyRing::create(std::string_view spec, std::string_view manager) {
  KeyRecord key;
  key.key_id = core_.random.uuid();
  key.arn = core_.arn("kms", "key/" + key.key_id);
  key.spec = spec, key.manager = manager, key.state = "Enabled", key.created = core_.clock.now();
  key.usage = spec == ecc_spec ? "SIGN_VERIFY" : "ENCRYPT_DECRYPT";
  std::string plain = spec == ecc_spec ? EcKey::generate().private_pem() : core_.random.bytes(32);
  key.material = to_base64(pds::seal(wrapping_key_, core_.random.bytes(nonce_bytes), plain, key.key_id));
  opened_[key.key_id] = std::move(plain);
  std::string id = key.key_id;
  return keys_.put(id, std::move(key));
}

Result<const KeyRecord*> KeyRing::at(std::string_view name) {
  drop_deleted();
  std::string_view resource = name;
  if (name.starts_with("arn:")) {
    Result<aws::Arn> arn = aws::parse_arn(name);
    if (!arn || arn->service != "kms") return fail("InvalidArnException", fmt::format("Invalid arn {}", name));
    if (arn->region != core_.region || arn->account != core_.account) return not_found(core_, name);
    resource = name.substr(name.size() - arn->resource.size());
    if (resource.starts_with("key/")) resource.remove_prefix(4);
  }
  if (resource.starts_with("alias/")) {
    const AliasRecord* alias = aliases_.find(resource);
    if (!alias && resource.starts_with("alias/aws/")) {
      std::string key_id = create(symmetric_spec, "AWS").key_id;
      keys_.update(key_id, [&](KeyRecord& k) {
        k.description = fmt::format("Default key that protects my {} data when no other key is defined", resource.substr(10));
      });
      alias = &aliases_.put(std::string(resource), {.key_id = key_id, .created = core_.clock.now(), .updated = core_.clock.now()});
    }
    if (!alias) return not_found(core_, resource);
    resource = alias->key_id;
  }
  const KeyRecord* key = keys_.find(resource);
  if (!key) return not_found(core_, name);
  return key;
}

Result<void> KeyRing::check_usable(const KeyRecord& key, std::string_view usage) const {
  if (key.state == "Disabled") return fail("DisabledException", fmt::format("{} is disabled.", key.arn));
  if (key.state != "Enabled") return fail("KMSInvalidStateException", fmt::format("{} is pending deletion.", key.arn));
  if (key.usage != usage)
    return fail("InvalidKeyUsageException",
                fmt::format("{} key usage is {} which is not valid for this operation.", key.arn, key.usage));
  return {};
}

Result<const KeyRecord*> KeyRing::usable_at(std::string_view name, std::string_view usage) {
  TRY(const KeyRecord* key, at(name));
  CHECK(check_usable(*key, usage));
  return key;
}

const std::string& KeyRing::material(const KeyRecord& key) {
  auto it = opened_.find(key.key_id);
  if (it != opened_.end()) return it->second;
  Result<std::string> sealed = from_base64(key.material);
  ASSERT(sealed.has_value());
  Result<std::string> plain = open_sealed(wrapping_key_, *sealed, key.key_id);
  // The store and the master key belong together; with another master key nothing here can be right.
  ASSERT(plain.has_value());
  return opened_.emplace(key.key_id, std::move(*plain)).first->second;
}

std::string KeyRing::seal(const KeyRecord& key, std::string_view plaintext, const Context& context) {
  return std::string(1, blob_version) + key.key_id +
         pds::seal(material(key), core_.random.bytes(nonce_bytes), plaintext, associated_data(key.key_id, context));
}

Result<std::string> KeyRing::open(const KeyRecord& key, std::string_view ciphertext, const Context& context) {
  Result<std::string> plain = open_sealed(material(key), ciphertext.substr(header_bytes), associated_data(key.key_id, context));
  if (!plain) return fail("InvalidCiphertextException", "");
  return plain;
}

const EcKey& KeyRing::signing_key(const KeyRecord& key) {
  auto it = signing_keys_.find(key.key_id);
  if (it != signing_keys_.end()) return it->second;
  Result<EcKey> made = EcKey::from_private_pem(material(key));
  ASSERT(made.has_value());
  return signing_keys_.emplace(key.key_id, std::move(*made)).first->second;
}

void KeyRing::drop_deleted() {
  Timestamp now = core_.clock.now();
  std::vector<std::string> gone;
  for (const auto& [id, key] : keys_.rows()) {
    if (key.deletion_date && *key.deletion_date <= now) gone.push_back(id);
  }
  for (const std::string& id : gone) {
    std::vector<std::string> names;
    for (const auto& [name, alias] : aliases_.rows()) {
      if (alias.key_id == id) names.push_back(name);
    }
    for (const std::string& name : names) aliases_.erase(name);
    keys_.erase(id), opened_.erase(id), signing_keys_.erase(id);
  }
}

}  // namespace pds::cloud::kms
