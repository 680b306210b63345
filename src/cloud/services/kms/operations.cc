// What the wire asks of keys, in the order of the API reference.
#include <fmt/format.h>

#include <algorithm>

#include "aws/paging.h"
#include "base/text.h"
#include "cloud/services/kms/service.h"

namespace pds::cloud::kms {

namespace wire = aws::kms;

namespace {

constexpr std::string_view symmetric_algorithm = "SYMMETRIC_DEFAULT", ecdsa = "ECDSA_SHA_256";

std::unexpected<Error> not_supported(std::string_view operation, std::string_view what) {
  return fail("NotImplemented", fmt::format("{}: {} is not supported", operation, what), 501);
}

Result<void> check_algorithm(std::string_view operation, const std::optional<std::string>& algorithm) {
  if (algorithm.value_or(std::string(symmetric_algorithm)) != symmetric_algorithm)
    return fail("InvalidKeyUsageException", fmt::format("{}: the algorithm {} does not fit the key.", operation, *algorithm));
  return {};
}

Result<void> check_size(std::string_view member, const std::string& bytes, size_t most) {
  if (!bytes.empty() && bytes.size() <= most) return {};
  return fail("ValidationException",
              fmt::format("1 validation error detected: Value at '{}' failed to satisfy constraint: Member must have length "
                          "between 1 and {}",
                          member, most));
}

wire::KeyMetadata metadata(const Core& core, const KeyRecord& key) {
  wire::KeyMetadata m;
  m.aws_account_id = core.account, m.arn = key.arn, m.key_id = key.key_id, m.description = key.description;
  m.key_usage = key.usage, m.key_state = key.state, m.enabled = key.state == "Enabled", m.origin = "AWS_KMS";
  m.key_manager = key.manager, m.customer_master_key_spec = m.key_spec = key.spec;
  m.creation_date = key.created, m.deletion_date = key.deletion_date;
  if (key.spec == ecc_spec)
    m.signing_algorithms = {std::string(ecdsa)};
  else
    m.encryption_algorithms = {std::string(symmetric_algorithm)};
  return m;
}

std::string default_policy(const Core& core) {
  return fmt::format(
      R"({{"Version":"2012-10-17","Id":"key-default-1","Statement":[{{"Sid":"Enable IAM User Permissions","Effect":"Allow",)"
      R"("Principal":{{"AWS":"arn:aws:iam::{}:root"}},"Action":"kms:*","Resource":"*"}}]}})",
      core.account);
}

// Only the default key policy, "IAM decides", is what this cloud does; others would be stored and not enforced.
Result<void> check_key_policy(const Core& core, std::string_view operation, const std::string& text) {
  Result<json::value> given = parse_json(text);
  if (!given) return fail("MalformedPolicyDocumentException", "The new key policy is not JSON.");
  if (*given == *parse_json(default_policy(core))) return {};
  return not_supported(operation, "a key policy other than the default");
}

Result<void> check_alias_name(const std::string& name, bool changes) {
  bool good =
      name.starts_with("alias/") && name.size() > 6 && name.size() <= 256 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' || c == '-';
      });
  if (!good)
    return fail("ValidationException", "Alias must start with the prefix \"alias/\" and hold letters, digits, '/', '_' and '-'.");
  if (changes && name.starts_with("alias/aws/")) return fail("NotAuthorizedException", "alias/aws/ is reserved for AWS services.");
  return {};
}

Result<void> check_customer_managed(const KeyRecord& key) {
  if (key.manager == "CUSTOMER") return {};
  return fail("AccessDeniedException", fmt::format("{} is managed by AWS and cannot be changed.", key.arn));
}

Result<void> merge_tags(std::vector<wire::Tag>& tags, const std::vector<wire::Tag>& added) {
  for (const wire::Tag& tag : added) {
    if (tag.tag_key.starts_with("aws:")) return fail("TagException", "Tags beginning with aws: are reserved.");
    std::erase_if(tags, [&](const wire::Tag& t) { return t.tag_key == tag.tag_key; });
    tags.push_back(tag);
  }
  if (tags.size() > tags_max) return fail("LimitExceededException", fmt::format("A key has at most {} tags.", tags_max));
  return {};
}

Result<size_t> data_key_bytes(const std::optional<std::string>& spec, const std::optional<int>& bytes) {
  if (spec.has_value() == bytes.has_value())
    return fail("ValidationException", "Please specify either number of bytes or key spec.");
  if (bytes) return static_cast<size_t>(*bytes);
  if (*spec == "AES_256") return size_t{32};
  if (*spec == "AES_128") return size_t{16};
  return fail("ValidationException",
              "Value at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [AES_256, AES_128]");
}

}  // namespace

Result<std::string> Kms::seal(std::string_view key_name, std::string_view plaintext, const Context& context) {
  TRY(const KeyRecord* key, ring_.usable_at(key_name, "ENCRYPT_DECRYPT"));
  return ring_.seal(*key, plaintext, context);
}

Result<std::string> Kms::open(std::string_view ciphertext, const Context& context) {
  TRY(std::string key_id, key_id_of(ciphertext));
  Result<const KeyRecord*> key = ring_.at(key_id);
  if (!key) return fail("InvalidCiphertextException", "");
  CHECK(ring_.check_usable(**key, "ENCRYPT_DECRYPT"));
  return ring_.open(**key, ciphertext, context);
}

Result<void> Kms::check_usable(std::string_view name) {
  TRY([[maybe_unused]] const KeyRecord* key, ring_.usable_at(name, "ENCRYPT_DECRYPT"));
  return {};
}

Result<std::string> Kms::key_arn(std::string_view name) {
  TRY(const KeyRecord* key, ring_.at(name));
  return key->arn;
}

Result<wire::CreateKeyReply> Kms::create_key(const Call&, const wire::CreateKeyRequest& request) {
  std::string spec = request.key_spec.value_or(request.customer_master_key_spec.value_or(std::string(symmetric_spec)));
  if (spec != symmetric_spec && spec != ecc_spec) return not_supported("CreateKey", "KeySpec " + spec);
  std::string usage = spec == ecc_spec ? "SIGN_VERIFY" : "ENCRYPT_DECRYPT";
  if (spec == ecc_spec && !request.key_usage)
    return fail("ValidationException", "You must specify a KeyUsage value for an asymmetric KMS key.");
  if (request.key_usage.value_or(usage) != usage)
    return fail("ValidationException", fmt::format("KeyUsage {} is not compatible with KeySpec {}", *request.key_usage, spec));
  if (request.origin.value_or("AWS_KMS") != "AWS_KMS") return not_supported("CreateKey", "Origin " + *request.origin);
  if (request.multi_region.value_or(false)) return not_supported("CreateKey", "MultiRegion");
  if (request.policy) CHECK(check_key_policy(core_, "CreateKey", *request.policy));
  std::vector<wire::Tag> tags;
  CHECK(merge_tags(tags, request.tags));
  std::string id = ring_.create(spec, "CUSTOMER").key_id;
  const KeyRecord& key =
      ring_.keys().update(id, [&](KeyRecord& k) { k.description = request.description.value_or(""), k.tags = std::move(tags); });
  return wire::CreateKeyReply{metadata(core_, key)};
}

Result<wire::DescribeKeyReply> Kms::describe_key(const Call&, const wire::DescribeKeyRequest& request) {
  TRY(const KeyRecord* key, ring_.at(request.key_id));
  return wire::DescribeKeyReply{metadata(core_, *key)};
}

Result<wire::ListKeysReply> Kms::list_keys(const Call&, const wire::ListKeysRequest& request) {
  ring_.drop_deleted();
  wire::ListKeysReply reply;
  for (const auto& [id, key] : ring_.keys().rows()) reply.keys.push_back({.key_id = id, .key_arn = key.arn});
  TRY(reply.next_marker, aws::cut_page(
                             reply.keys, request.marker, request.limit.value_or(0), 100, [](const auto& k) { return *k.key_id; },
                             "InvalidMarkerException"));
  reply.truncated = reply.next_marker.has_value();
  return reply;
}

Result<wire::CreateAliasReply> Kms::create_alias(const Call&, const wire::CreateAliasRequest& request) {
  CHECK(check_alias_name(request.alias_name, true));
  TRY(const KeyRecord* key, ring_.at(request.target_key_id));
  if (key->state == "PendingDeletion") return fail("KMSInvalidStateException", fmt::format("{} is pending deletion.", key->arn));
  if (ring_.aliases().contains(request.alias_name))
    return fail("AlreadyExistsException",
                fmt::format("An alias with the name {} already exists", core_.arn("kms", request.alias_name)));
  ring_.aliases().put(request.alias_name, {.key_id = key->key_id, .created = core_.clock.now(), .updated = core_.clock.now()});
  return wire::CreateAliasReply{};
}

Result<wire::UpdateAliasReply> Kms::update_alias(const Call&, const wire::UpdateAliasRequest& request) {
  CHECK(check_alias_name(request.alias_name, true));
  TRY(const KeyRecord* target, ring_.at(request.target_key_id));
  TRY(const KeyRecord* current, ring_.at(request.alias_name));
  if (target->usage != current->usage)
    return fail("ValidationException", "The target key's usage must be that of the current key.");
  ring_.aliases().update(request.alias_name, [&](AliasRecord& a) { a.key_id = target->key_id, a.updated = core_.clock.now(); });
  return wire::UpdateAliasReply{};
}

Result<wire::DeleteAliasReply> Kms::delete_alias(const Call&, const wire::DeleteAliasRequest& request) {
  CHECK(check_alias_name(request.alias_name, true));
  if (!ring_.aliases().contains(request.alias_name))
    return fail("NotFoundException", fmt::format("Alias {} is not found.", core_.arn("kms", request.alias_name)));
  ring_.aliases().erase(request.alias_name);
  return wire::DeleteAliasReply{};
}

Result<wire::ListAliasesReply> Kms::list_aliases(const Call&, const wire::ListAliasesRequest& request) {
  std::string only;
  if (request.key_id) {
    TRY(const KeyRecord* key, ring_.at(*request.key_id));
    only = key->key_id;
  }
  wire::ListAliasesReply reply;
  for (const auto& [name, alias] : ring_.aliases().rows()) {
    if (!only.empty() && alias.key_id != only) continue;
    reply.aliases.push_back({.alias_name = name,
                             .alias_arn = core_.arn("kms", name),
                             .target_key_id = alias.key_id,
                             .creation_date = alias.created,
                             .last_updated_date = alias.updated});
  }
  TRY(reply.next_marker, aws::cut_page(
                             reply.aliases, request.marker, request.limit.value_or(0), 50,
                             [](const auto& a) { return *a.alias_name; }, "InvalidMarkerException"));
  reply.truncated = reply.next_marker.has_value();
  return reply;
}

Result<wire::EncryptReply> Kms::encrypt(const Call&, const wire::EncryptRequest& request) {
  CHECK(check_algorithm("Encrypt", request.encryption_algorithm));
  CHECK(check_size("plaintext", request.plaintext.bytes, plaintext_bytes_max));
  TRY(const KeyRecord* key, ring_.usable_at(request.key_id, "ENCRYPT_DECRYPT"));
  wire::EncryptReply reply;
  reply.ciphertext_blob = aws::Blob{ring_.seal(*key, request.plaintext.bytes, request.encryption_context)};
  reply.key_id = key->arn, reply.encryption_algorithm = symmetric_algorithm;
  return reply;
}

Result<wire::DecryptReply> Kms::decrypt(const Call&, const wire::DecryptRequest& request) {
  CHECK(check_algorithm("Decrypt", request.encryption_algorithm));
  if (!request.ciphertext_blob) return fail("ValidationException", "CiphertextBlob is required.");
  CHECK(check_size("ciphertextBlob", request.ciphertext_blob->bytes, ciphertext_bytes_max));
  TRY(std::string key_id, key_id_of(request.ciphertext_blob->bytes));
  if (request.key_id) {
    TRY(const KeyRecord* named, ring_.at(*request.key_id));
    if (named->key_id != key_id)
      return fail("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.");
  }
  TRY(std::string plaintext, open(request.ciphertext_blob->bytes, request.encryption_context));
  wire::DecryptReply reply;
  reply.key_id = core_.arn("kms", "key/" + key_id), reply.encryption_algorithm = symmetric_algorithm,
  reply.plaintext = aws::Blob{std::move(plaintext)};
  return reply;
}

Result<wire::ReEncryptReply> Kms::re_encrypt(const Call& call, const wire::ReEncryptRequest& request) {
  CHECK(check_algorithm("ReEncrypt", request.destination_encryption_algorithm));
  TRY(wire::DecryptReply opened, decrypt(call, {.ciphertext_blob = request.ciphertext_blob,
                                                .encryption_context = request.source_encryption_context,
                                                .key_id = request.source_key_id,
                                                .encryption_algorithm = request.source_encryption_algorithm}));
  TRY(wire::EncryptReply sealed, encrypt(call, {.key_id = request.destination_key_id,
                                                .plaintext = *opened.plaintext,
                                                .encryption_context = request.destination_encryption_context}));
  wire::ReEncryptReply reply;
  reply.ciphertext_blob = std::move(sealed.ciphertext_blob), reply.source_key_id = opened.key_id, reply.key_id = sealed.key_id;
  reply.source_encryption_algorithm = reply.destination_encryption_algorithm = symmetric_algorithm;
  return reply;
}

Result<wire::GenerateDataKeyReply> Kms::generate_data_key(const Call&, const wire::GenerateDataKeyRequest& request) {
  TRY(size_t bytes, data_key_bytes(request.key_spec, request.number_of_bytes));
  TRY(const KeyRecord* key, ring_.usable_at(request.key_id, "ENCRYPT_DECRYPT"));
  wire::GenerateDataKeyReply reply;
  reply.plaintext = aws::Blob{core_.random.bytes(bytes)};
  reply.ciphertext_blob = aws::Blob{ring_.seal(*key, reply.plaintext->bytes, request.encryption_context)};
  reply.key_id = key->arn;
  return reply;
}

Result<wire::GenerateDataKeyWithoutPlaintextReply> Kms::generate_data_key_without_plaintext(
    const Call& call, const wire::GenerateDataKeyWithoutPlaintextRequest& request) {
  TRY(wire::GenerateDataKeyReply made, generate_data_key(call, {.key_id = request.key_id,
                                                                .encryption_context = request.encryption_context,
                                                                .number_of_bytes = request.number_of_bytes,
                                                                .key_spec = request.key_spec}));
  wire::GenerateDataKeyWithoutPlaintextReply reply;
  reply.ciphertext_blob = std::move(made.ciphertext_blob), reply.key_id = made.key_id;
  return reply;
}

Result<wire::GenerateRandomReply> Kms::generate_random(const Call&, const wire::GenerateRandomRequest& request) {
  if (request.custom_key_store_id) return not_supported("GenerateRandom", "CustomKeyStoreId");
  if (!request.number_of_bytes) return fail("ValidationException", "NumberOfBytes is required.");
  wire::GenerateRandomReply reply;
  reply.plaintext = aws::Blob{core_.random.bytes(static_cast<size_t>(*request.number_of_bytes))};
  return reply;
}

namespace {
Result<bool> is_digest(const std::optional<std::string>& message_type, const std::string& message) {
  std::string type = message_type.value_or("RAW");
  if (type == "RAW") return false;
  if (type != "DIGEST") return not_supported("Sign", "MessageType " + type);
  if (message.size() != 32) return fail("ValidationException", "Digest is invalid length for algorithm ECDSA_SHA_256.");
  return true;
}
Result<void> check_signing_algorithm(const KeyRecord& key, const std::string& algorithm) {
  if (algorithm == ecdsa) return {};
  return fail("InvalidKeyUsageException", fmt::format("Algorithm {} is incompatible with key spec {}.", algorithm, key.spec));
}
}  // namespace

Result<wire::SignReply> Kms::sign(const Call&, const wire::SignRequest& request) {
  CHECK(check_size("message", request.message.bytes, plaintext_bytes_max));
  TRY(const KeyRecord* key, ring_.usable_at(request.key_id, "SIGN_VERIFY"));
  CHECK(check_signing_algorithm(*key, request.signing_algorithm));
  TRY(bool digest, is_digest(request.message_type, request.message.bytes));
  const EcKey& ec = ring_.signing_key(*key);
  TRY(std::string signature, digest ? ec.sign_digest(request.message.bytes) : ec.sign(request.message.bytes));
  wire::SignReply reply;
  reply.key_id = key->arn, reply.signing_algorithm = ecdsa, reply.signature = aws::Blob{std::move(signature)};
  return reply;
}

Result<wire::VerifyReply> Kms::verify(const Call&, const wire::VerifyRequest& request) {
  CHECK(check_size("message", request.message.bytes, plaintext_bytes_max));
  TRY(const KeyRecord* key, ring_.usable_at(request.key_id, "SIGN_VERIFY"));
  CHECK(check_signing_algorithm(*key, request.signing_algorithm));
  TRY(bool digest, is_digest(request.message_type, request.message.bytes));
  const EcKey& ec = ring_.signing_key(*key);
  bool valid = digest ? ec.verify_digest(request.message.bytes, request.signature.bytes)
                      : ec.verify(request.message.bytes, request.signature.bytes);
  if (!valid) return fail("KMSInvalidSignatureException", "");
  wire::VerifyReply reply;
  reply.key_id = key->arn, reply.signing_algorithm = ecdsa, reply.signature_valid = true;
  return reply;
}

Result<wire::GetPublicKeyReply> Kms::get_public_key(const Call&, const wire::GetPublicKeyRequest& request) {
  TRY(const KeyRecord* key, ring_.at(request.key_id));
  if (key->spec != ecc_spec)
    return fail("UnsupportedOperationException", fmt::format("{} has no public key: it is symmetric.", key->arn));
  CHECK(ring_.check_usable(*key, "SIGN_VERIFY"));
  wire::GetPublicKeyReply reply;
  reply.key_id = key->arn, reply.public_key = aws::Blob{ring_.signing_key(*key).public_der()};
  reply.customer_master_key_spec = reply.key_spec = key->spec, reply.key_usage = key->usage,
  reply.signing_algorithms = {std::string(ecdsa)};
  return reply;
}

namespace {
Result<void> check_can_change_state(const KeyRecord& key) {
  CHECK(check_customer_managed(key));
  if (key.state == "PendingDeletion") return fail("KMSInvalidStateException", fmt::format("{} is pending deletion.", key.arn));
  return {};
}
}  // namespace

Result<wire::EnableKeyReply> Kms::enable_key(const Call&, const wire::EnableKeyRequest& request) {
  TRY(const KeyRecord* key, ring_.at(request.key_id));
  CHECK(check_can_change_state(*key));
  ring_.keys().update(key->key_id, [](KeyRecord& k) { k.state = "Enabled"; });
  return wire::EnableKeyReply{};
}

Result<wire::DisableKeyReply> Kms::disable_key(const Call&, const wire::DisableKeyRequest& request) {
  TRY(const KeyRecord* key, ring_.at(request.key_id));
  CHECK(check_can_change_state(*key));
  ring_.keys().update(key->key_id, [](KeyRecord& k) { k.state = "Disabled"; });
  return wire::DisableKeyReply{};
}

Result<wire::ScheduleKeyDeletionReply> Kms::schedule_key_deletion(const Call&, const wire::ScheduleKeyDeletionRequest& request) {
  TRY(const KeyRecord* key, ring_.at(request.key_id));
  CHECK(check_can_change_state(*key));
  int days = request.pending_window_in_days.value_or(30);
  if (days < 7 || days > 30) return fail("ValidationException", "PendingWindowInDays must be between 7 and 30.");
  const KeyRecord& changed = ring_.keys().update(key->key_id, [&](KeyRecord& k) {
    k.state = "PendingDeletion", k.deletion_date = core_.clock.now() + std::chrono::days(days);
  });
  wire::ScheduleKeyDeletionReply reply;
  reply.key_id = changed.arn, reply.key_state = changed.state, reply.deletion_date = changed.deletion_date,
  reply.pending_window_in_days = days;
  return reply;
}

Result<wire::CancelKeyDeletionReply> Kms::cancel_key_deletion(const Call&, const wire::CancelKeyDeletionRequest& request) {
  TRY(const KeyRecord* key, ring_.at(request.key_id));
  if (key->state != "PendingDeletion")
    return fail("KMSInvalidStateException", fmt::format("{} is not pending deletion.", key->arn));
  // As AWS has it, a key that was saved is disabled: whoever saved it decides when it is used again.
  ring_.keys().update(key->key_id, [](KeyRecord& k) { k.state = "Disabled", k.deletion_date.reset(); });
  wire::CancelKeyDeletionReply reply;
  reply.key_id = key->arn;
  return reply;
}

Result<wire::TagResourceReply> Kms::tag_resource(const Call&, const wire::TagResourceRequest& request) {
  TRY(const KeyRecord* key, ring_.at(request.key_id));
  CHECK(check_can_change_state(*key));
  std::vector<wire::Tag> tags = key->tags;
  CHECK(merge_tags(tags, request.tags));
  ring_.keys().update(key->key_id, [&](KeyRecord& k) { k.tags = std::move(tags); });
  return wire::TagResourceReply{};
}

Result<wire::UntagResourceReply> Kms::untag_resource(const Call&, const wire::UntagResourceRequest& request) {
  TRY(const KeyRecord* key, ring_.at(request.key_id));
  CHECK(check_can_change_state(*key));
  ring_.keys().update(key->key_id, [&](KeyRecord& k) {
    for (const std::string& name : request.tag_keys) std::erase_if(k.tags, [&](const wire::Tag& t) { return t.tag_key == name; });
  });
  return wire::UntagResourceReply{};
}

Result<wire::ListResourceTagsReply> Kms::list_resource_tags(const Call&, const wire::ListResourceTagsRequest& request) {
  TRY(const KeyRecord* key, ring_.at(request.key_id));
  wire::ListResourceTagsReply reply;
  reply.tags = key->tags;
  std::sort(reply.tags.begin(), reply.tags.end(), [](const auto& a, const auto& b) { return a.tag_key < b.tag_key; });
  TRY(reply.next_marker, aws::cut_page(
                             reply.tags, request.marker, request.limit.value_or(0), 50, [](const auto& t) { return t.tag_key; },
                             "InvalidMarkerException"));
  reply.truncated = reply.next_marker.has_value();
  return reply;
}

Result<wire::GetKeyPolicyReply> Kms::get_key_policy(const Call&, const wire::GetKeyPolicyRequest& request) {
  CHECK(ring_.at(request.key_id));
  if (request.policy_name.value_or("default") != "default")
    return fail("NotFoundException", fmt::format("No such policy exists: {}", *request.policy_name));
  wire::GetKeyPolicyReply reply;
  reply.policy = default_policy(core_), reply.policy_name = "default";
  return reply;
}

Result<wire::PutKeyPolicyReply> Kms::put_key_policy(const Call&, const wire::PutKeyPolicyRequest& request) {
  TRY(const KeyRecord* key, ring_.at(request.key_id));
  CHECK(check_can_change_state(*key));
  CHECK(check_key_policy(core_, "PutKeyPolicy", request.policy));
  return wire::PutKeyPolicyReply{};
}

Result<wire::ListKeyPoliciesReply> Kms::list_key_policies(const Call&, const wire::ListKeyPoliciesRequest& request) {
  CHECK(ring_.at(request.key_id));
  wire::ListKeyPoliciesReply reply;
  reply.policy_names = {"default"};
  return reply;
}

Result<wire::UpdateKeyDescriptionReply> Kms::update_key_description(const Call&, const wire::UpdateKeyDescriptionRequest& request) {
  TRY(const KeyRecord* key, ring_.at(request.key_id));
  CHECK(check_can_change_state(*key));
  ring_.keys().update(key->key_id, [&](KeyRecord& k) { k.description = request.description; });
  return wire::UpdateKeyDescriptionReply{};
}

Result<wire::GetKeyRotationStatusReply> Kms::get_key_rotation_status(const Call&,
                                                                     const wire::GetKeyRotationStatusRequest& request) {
  TRY(const KeyRecord* key, ring_.at(request.key_id));
  wire::GetKeyRotationStatusReply reply;
  reply.key_id = key->arn;  // automatic rotation cannot be turned on here: EnableKeyRotation is refused
  return reply;
}

}  // namespace pds::cloud::kms
