// KMS 2014-11-01: keys that never leave, and what they seal and sign.
#pragma once

#include "aws/shape.h"
#include "aws/unsupported.h"

namespace pds::aws::kms {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "kms",
                                .id = "KMS",
                                .protocol = Protocol::json,
                                .version = "2014-11-01",
                                .target_prefix = "TrentService",
                                .json_version = "1.1",
                                .endpoint_prefix = "kms"};
  return info;
}

struct Tag {
  std::string tag_key, tag_value;
};
PDS_SHAPE(Tag, FIELD(tag_key, "TagKey").required().bounds(1, 128), FIELD(tag_value, "TagValue").required().bounds(0, 256))

struct CreateKeyRequest {
  std::optional<std::string> policy, description, key_usage, customer_master_key_spec, key_spec, origin;
  std::optional<Unsupported> custom_key_store_id, xks_key_id;
  std::optional<bool> bypass_policy_lockout_safety_check, multi_region;
  std::vector<Tag> tags;
};
PDS_SHAPE(CreateKeyRequest, FIELD(policy, "Policy").bounds(1, 131072), FIELD(description, "Description").bounds(0, 8192),
          FIELD(key_usage, "KeyUsage"), FIELD(customer_master_key_spec, "CustomerMasterKeySpec"), FIELD(key_spec, "KeySpec"),
          FIELD(origin, "Origin"), FIELD(custom_key_store_id, "CustomKeyStoreId"),
          FIELD(bypass_policy_lockout_safety_check, "BypassPolicyLockoutSafetyCheck"), FIELD(tags, "Tags"),
          FIELD(multi_region, "MultiRegion"), FIELD(xks_key_id, "XksKeyId"))

struct KeyMetadata {
  std::optional<std::string> aws_account_id, arn, description, key_usage, key_state, origin, key_manager, customer_master_key_spec,
      key_spec;
  std::string key_id;
  std::optional<Timestamp> creation_date, deletion_date;
  bool enabled = false, multi_region = false;
  std::vector<std::string> encryption_algorithms, signing_algorithms;
};
PDS_SHAPE(KeyMetadata, FIELD(aws_account_id, "AWSAccountId"), FIELD(key_id, "KeyId"), FIELD(arn, "Arn"),
          FIELD(creation_date, "CreationDate"), FIELD(enabled, "Enabled"), FIELD(description, "Description"),
          FIELD(key_usage, "KeyUsage"), FIELD(key_state, "KeyState"), FIELD(deletion_date, "DeletionDate"), FIELD(origin, "Origin"),
          FIELD(key_manager, "KeyManager"), FIELD(customer_master_key_spec, "CustomerMasterKeySpec"), FIELD(key_spec, "KeySpec"),
          FIELD(encryption_algorithms, "EncryptionAlgorithms").omit_empty(),
          FIELD(signing_algorithms, "SigningAlgorithms").omit_empty(), FIELD(multi_region, "MultiRegion"))

struct CreateKeyReply {
  std::optional<KeyMetadata> key_metadata;
};
PDS_SHAPE(CreateKeyReply, FIELD(key_metadata, "KeyMetadata"))

PDS_OPERATION(CreateKey)

struct DescribeKeyRequest {
  std::string key_id;
  std::optional<Unsupported> grant_tokens;
};
PDS_SHAPE(DescribeKeyRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(grant_tokens, "GrantTokens"))

struct DescribeKeyReply {
  std::optional<KeyMetadata> key_metadata;
};
PDS_SHAPE(DescribeKeyReply, FIELD(key_metadata, "KeyMetadata"))

PDS_OPERATION(DescribeKey)

struct ListKeysRequest {
  std::optional<int> limit;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListKeysRequest, FIELD(limit, "Limit").bounds(1, 1000), FIELD(marker, "Marker").bounds(1, 1024))

struct KeyListEntry {
  std::optional<std::string> key_id, key_arn;
};
PDS_SHAPE(KeyListEntry, FIELD(key_id, "KeyId"), FIELD(key_arn, "KeyArn"))

struct ListKeysReply {
  std::vector<KeyListEntry> keys;
  std::optional<std::string> next_marker;
  bool truncated = false;
};
PDS_SHAPE(ListKeysReply, FIELD(keys, "Keys"), FIELD(next_marker, "NextMarker"), FIELD(truncated, "Truncated"))

PDS_OPERATION(ListKeys)

struct CreateAliasRequest {
  std::string alias_name, target_key_id;
};
PDS_SHAPE(CreateAliasRequest, FIELD(alias_name, "AliasName").required().bounds(1, 256),
          FIELD(target_key_id, "TargetKeyId").required().bounds(1, 2048))

struct CreateAliasReply {};
PDS_EMPTY_SHAPE(CreateAliasReply)

PDS_OPERATION(CreateAlias)

struct UpdateAliasRequest {
  std::string alias_name, target_key_id;
};
PDS_SHAPE(UpdateAliasRequest, FIELD(alias_name, "AliasName").required().bounds(1, 256),
          FIELD(target_key_id, "TargetKeyId").required().bounds(1, 2048))

struct UpdateAliasReply {};
PDS_EMPTY_SHAPE(UpdateAliasReply)

PDS_OPERATION(UpdateAlias)

struct DeleteAliasRequest {
  std::string alias_name;
};
PDS_SHAPE(DeleteAliasRequest, FIELD(alias_name, "AliasName").required().bounds(1, 256))

struct DeleteAliasReply {};
PDS_EMPTY_SHAPE(DeleteAliasReply)

PDS_OPERATION(DeleteAlias)

struct ListAliasesRequest {
  std::optional<std::string> key_id, marker;
  std::optional<int> limit;
};
PDS_SHAPE(ListAliasesRequest, FIELD(key_id, "KeyId").bounds(1, 2048), FIELD(limit, "Limit").bounds(1, 1000),
          FIELD(marker, "Marker").bounds(1, 1024))

struct AliasListEntry {
  std::optional<std::string> alias_name, alias_arn, target_key_id;
  std::optional<Timestamp> creation_date, last_updated_date;
};
PDS_SHAPE(AliasListEntry, FIELD(alias_name, "AliasName"), FIELD(alias_arn, "AliasArn"), FIELD(target_key_id, "TargetKeyId"),
          FIELD(creation_date, "CreationDate"), FIELD(last_updated_date, "LastUpdatedDate"))

struct ListAliasesReply {
  std::vector<AliasListEntry> aliases;
  std::optional<std::string> next_marker;
  bool truncated = false;
};
PDS_SHAPE(ListAliasesReply, FIELD(aliases, "Aliases"), FIELD(next_marker, "NextMarker"), FIELD(truncated, "Truncated"))

PDS_OPERATION(ListAliases)

struct EncryptRequest {
  std::string key_id;
  Blob plaintext;
  std::map<std::string, std::string> encryption_context;
  std::optional<Unsupported> grant_tokens, dry_run;
  std::optional<std::string> encryption_algorithm;
};
PDS_SHAPE(EncryptRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(plaintext, "Plaintext").required().sensitive(),
          FIELD(encryption_context, "EncryptionContext"), FIELD(grant_tokens, "GrantTokens"),
          FIELD(encryption_algorithm, "EncryptionAlgorithm"), FIELD(dry_run, "DryRun"))

struct EncryptReply {
  std::optional<Blob> ciphertext_blob;
  std::optional<std::string> key_id, encryption_algorithm;
};
PDS_SHAPE(EncryptReply, FIELD(ciphertext_blob, "CiphertextBlob"), FIELD(key_id, "KeyId"),
          FIELD(encryption_algorithm, "EncryptionAlgorithm"))

PDS_OPERATION(Encrypt)

struct DecryptRequest {
  std::optional<Blob> ciphertext_blob;
  std::map<std::string, std::string> encryption_context;
  std::optional<Unsupported> grant_tokens, recipient, dry_run, dry_run_modifiers;
  std::optional<std::string> key_id, encryption_algorithm;
};
PDS_SHAPE(DecryptRequest, FIELD(ciphertext_blob, "CiphertextBlob"), FIELD(encryption_context, "EncryptionContext"),
          FIELD(grant_tokens, "GrantTokens"), FIELD(key_id, "KeyId").bounds(1, 2048),
          FIELD(encryption_algorithm, "EncryptionAlgorithm"), FIELD(recipient, "Recipient"), FIELD(dry_run, "DryRun"),
          FIELD(dry_run_modifiers, "DryRunModifiers"))

struct DecryptReply {
  std::optional<std::string> key_id, encryption_algorithm;
  std::optional<Blob> plaintext;
};
PDS_SHAPE(DecryptReply, FIELD(key_id, "KeyId"), FIELD(plaintext, "Plaintext").sensitive(),
          FIELD(encryption_algorithm, "EncryptionAlgorithm"))

PDS_OPERATION(Decrypt)

struct ReEncryptRequest {
  std::optional<Blob> ciphertext_blob;
  std::map<std::string, std::string> source_encryption_context, destination_encryption_context;
  std::optional<std::string> source_key_id, source_encryption_algorithm, destination_encryption_algorithm;
  std::string destination_key_id;
  std::optional<Unsupported> grant_tokens, dry_run, dry_run_modifiers;
};
PDS_SHAPE(ReEncryptRequest, FIELD(ciphertext_blob, "CiphertextBlob"), FIELD(source_encryption_context, "SourceEncryptionContext"),
          FIELD(source_key_id, "SourceKeyId").bounds(1, 2048),
          FIELD(destination_key_id, "DestinationKeyId").required().bounds(1, 2048),
          FIELD(destination_encryption_context, "DestinationEncryptionContext"),
          FIELD(source_encryption_algorithm, "SourceEncryptionAlgorithm"),
          FIELD(destination_encryption_algorithm, "DestinationEncryptionAlgorithm"), FIELD(grant_tokens, "GrantTokens"),
          FIELD(dry_run, "DryRun"), FIELD(dry_run_modifiers, "DryRunModifiers"))

struct ReEncryptReply {
  std::optional<Blob> ciphertext_blob;
  std::optional<std::string> source_key_id, key_id, source_encryption_algorithm, destination_encryption_algorithm;
};
PDS_SHAPE(ReEncryptReply, FIELD(ciphertext_blob, "CiphertextBlob"), FIELD(source_key_id, "SourceKeyId"), FIELD(key_id, "KeyId"),
          FIELD(source_encryption_algorithm, "SourceEncryptionAlgorithm"),
          FIELD(destination_encryption_algorithm, "DestinationEncryptionAlgorithm"))

PDS_OPERATION(ReEncrypt)

struct GenerateDataKeyRequest {
  std::string key_id;
  std::map<std::string, std::string> encryption_context;
  std::optional<int> number_of_bytes;
  std::optional<std::string> key_spec;
  std::optional<Unsupported> grant_tokens, recipient, dry_run;
};
PDS_SHAPE(GenerateDataKeyRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(encryption_context, "EncryptionContext"),
          FIELD(number_of_bytes, "NumberOfBytes").bounds(1, 1024), FIELD(key_spec, "KeySpec"), FIELD(grant_tokens, "GrantTokens"),
          FIELD(recipient, "Recipient"), FIELD(dry_run, "DryRun"))

struct GenerateDataKeyReply {
  std::optional<Blob> ciphertext_blob, plaintext;
  std::optional<std::string> key_id;
};
PDS_SHAPE(GenerateDataKeyReply, FIELD(ciphertext_blob, "CiphertextBlob"), FIELD(plaintext, "Plaintext").sensitive(),
          FIELD(key_id, "KeyId"))

PDS_OPERATION(GenerateDataKey)

struct GenerateDataKeyWithoutPlaintextRequest {
  std::string key_id;
  std::map<std::string, std::string> encryption_context;
  std::optional<std::string> key_spec;
  std::optional<int> number_of_bytes;
  std::optional<Unsupported> grant_tokens, dry_run;
};
PDS_SHAPE(GenerateDataKeyWithoutPlaintextRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048),
          FIELD(encryption_context, "EncryptionContext"), FIELD(key_spec, "KeySpec"),
          FIELD(number_of_bytes, "NumberOfBytes").bounds(1, 1024), FIELD(grant_tokens, "GrantTokens"), FIELD(dry_run, "DryRun"))

struct GenerateDataKeyWithoutPlaintextReply {
  std::optional<Blob> ciphertext_blob;
  std::optional<std::string> key_id;
};
PDS_SHAPE(GenerateDataKeyWithoutPlaintextReply, FIELD(ciphertext_blob, "CiphertextBlob"), FIELD(key_id, "KeyId"))

PDS_OPERATION(GenerateDataKeyWithoutPlaintext)

struct GenerateRandomRequest {
  std::optional<int> number_of_bytes;
  std::optional<std::string> custom_key_store_id;
  std::optional<Unsupported> recipient;
};
PDS_SHAPE(GenerateRandomRequest, FIELD(number_of_bytes, "NumberOfBytes").bounds(1, 1024),
          FIELD(custom_key_store_id, "CustomKeyStoreId").bounds(1, 64), FIELD(recipient, "Recipient"))

struct GenerateRandomReply {
  std::optional<Blob> plaintext;
};
PDS_SHAPE(GenerateRandomReply, FIELD(plaintext, "Plaintext").sensitive())

PDS_OPERATION(GenerateRandom)

struct SignRequest {
  std::string key_id, signing_algorithm;
  Blob message;
  std::optional<std::string> message_type;
  std::optional<Unsupported> grant_tokens, dry_run;
};
PDS_SHAPE(SignRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(message, "Message").required(),
          FIELD(message_type, "MessageType"), FIELD(grant_tokens, "GrantTokens"),
          FIELD(signing_algorithm, "SigningAlgorithm").required(), FIELD(dry_run, "DryRun"))

struct SignReply {
  std::optional<std::string> key_id, signing_algorithm;
  std::optional<Blob> signature;
};
PDS_SHAPE(SignReply, FIELD(key_id, "KeyId"), FIELD(signature, "Signature"), FIELD(signing_algorithm, "SigningAlgorithm"))

PDS_OPERATION(Sign)

struct VerifyRequest {
  std::string key_id, signing_algorithm;
  Blob message, signature;
  std::optional<std::string> message_type;
  std::optional<Unsupported> grant_tokens, dry_run;
};
PDS_SHAPE(VerifyRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(message, "Message").required(),
          FIELD(message_type, "MessageType"), FIELD(signature, "Signature").required(),
          FIELD(signing_algorithm, "SigningAlgorithm").required(), FIELD(grant_tokens, "GrantTokens"), FIELD(dry_run, "DryRun"))

struct VerifyReply {
  std::optional<std::string> key_id, signing_algorithm;
  bool signature_valid = false;
};
PDS_SHAPE(VerifyReply, FIELD(key_id, "KeyId"), FIELD(signature_valid, "SignatureValid"),
          FIELD(signing_algorithm, "SigningAlgorithm"))

PDS_OPERATION(Verify)

struct GetPublicKeyRequest {
  std::string key_id;
  std::optional<Unsupported> grant_tokens;
};
PDS_SHAPE(GetPublicKeyRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(grant_tokens, "GrantTokens"))

struct GetPublicKeyReply {
  std::optional<std::string> key_id, customer_master_key_spec, key_spec, key_usage;
  std::optional<Blob> public_key;
  std::vector<std::string> encryption_algorithms, signing_algorithms;
};
PDS_SHAPE(GetPublicKeyReply, FIELD(key_id, "KeyId"), FIELD(public_key, "PublicKey"),
          FIELD(customer_master_key_spec, "CustomerMasterKeySpec"), FIELD(key_spec, "KeySpec"), FIELD(key_usage, "KeyUsage"),
          FIELD(encryption_algorithms, "EncryptionAlgorithms").omit_empty(),
          FIELD(signing_algorithms, "SigningAlgorithms").omit_empty())

PDS_OPERATION(GetPublicKey)

struct EnableKeyRequest {
  std::string key_id;
};
PDS_SHAPE(EnableKeyRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048))

struct EnableKeyReply {};
PDS_EMPTY_SHAPE(EnableKeyReply)

PDS_OPERATION(EnableKey)

struct DisableKeyRequest {
  std::string key_id;
};
PDS_SHAPE(DisableKeyRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048))

struct DisableKeyReply {};
PDS_EMPTY_SHAPE(DisableKeyReply)

PDS_OPERATION(DisableKey)

struct ScheduleKeyDeletionRequest {
  std::string key_id;
  std::optional<int> pending_window_in_days;
};
PDS_SHAPE(ScheduleKeyDeletionRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048),
          FIELD(pending_window_in_days, "PendingWindowInDays").bounds(1, 365))

struct ScheduleKeyDeletionReply {
  std::optional<std::string> key_id, key_state;
  std::optional<Timestamp> deletion_date;
  std::optional<int> pending_window_in_days;
};
PDS_SHAPE(ScheduleKeyDeletionReply, FIELD(key_id, "KeyId"), FIELD(deletion_date, "DeletionDate"), FIELD(key_state, "KeyState"),
          FIELD(pending_window_in_days, "PendingWindowInDays"))

PDS_OPERATION(ScheduleKeyDeletion)

struct CancelKeyDeletionRequest {
  std::string key_id;
};
PDS_SHAPE(CancelKeyDeletionRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048))

struct CancelKeyDeletionReply {
  std::optional<std::string> key_id;
};
PDS_SHAPE(CancelKeyDeletionReply, FIELD(key_id, "KeyId"))

PDS_OPERATION(CancelKeyDeletion)

struct TagResourceRequest {
  std::string key_id;
  std::vector<Tag> tags;
};
PDS_SHAPE(TagResourceRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(tags, "Tags").required())

struct TagResourceReply {};
PDS_EMPTY_SHAPE(TagResourceReply)

PDS_OPERATION(TagResource)

struct UntagResourceRequest {
  std::string key_id;
  std::vector<std::string> tag_keys;
};
PDS_SHAPE(UntagResourceRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(tag_keys, "TagKeys").required())

struct UntagResourceReply {};
PDS_EMPTY_SHAPE(UntagResourceReply)

PDS_OPERATION(UntagResource)

struct ListResourceTagsRequest {
  std::string key_id;
  std::optional<int> limit;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListResourceTagsRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(limit, "Limit").bounds(1, 1000),
          FIELD(marker, "Marker").bounds(1, 1024))

struct ListResourceTagsReply {
  std::vector<Tag> tags;
  std::optional<std::string> next_marker;
  bool truncated = false;
};
PDS_SHAPE(ListResourceTagsReply, FIELD(tags, "Tags"), FIELD(next_marker, "NextMarker"), FIELD(truncated, "Truncated"))

PDS_OPERATION(ListResourceTags)

struct GetKeyPolicyRequest {
  std::string key_id;
  std::optional<std::string> policy_name;
};
PDS_SHAPE(GetKeyPolicyRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(policy_name, "PolicyName").bounds(1, 128))

struct GetKeyPolicyReply {
  std::optional<std::string> policy, policy_name;
};
PDS_SHAPE(GetKeyPolicyReply, FIELD(policy, "Policy"), FIELD(policy_name, "PolicyName"))

PDS_OPERATION(GetKeyPolicy)

struct PutKeyPolicyRequest {
  std::string key_id, policy;
  std::optional<std::string> policy_name;
  std::optional<bool> bypass_policy_lockout_safety_check;
};
PDS_SHAPE(PutKeyPolicyRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(policy_name, "PolicyName").bounds(1, 128),
          FIELD(policy, "Policy").required().bounds(1, 131072),
          FIELD(bypass_policy_lockout_safety_check, "BypassPolicyLockoutSafetyCheck"))

struct PutKeyPolicyReply {};
PDS_EMPTY_SHAPE(PutKeyPolicyReply)

PDS_OPERATION(PutKeyPolicy)

struct ListKeyPoliciesRequest {
  std::string key_id;
  std::optional<int> limit;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListKeyPoliciesRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(limit, "Limit").bounds(1, 1000),
          FIELD(marker, "Marker").bounds(1, 1024))

struct ListKeyPoliciesReply {
  std::vector<std::string> policy_names;
  std::optional<std::string> next_marker;
  bool truncated = false;
};
PDS_SHAPE(ListKeyPoliciesReply, FIELD(policy_names, "PolicyNames"), FIELD(next_marker, "NextMarker"), FIELD(truncated, "Truncated"))

PDS_OPERATION(ListKeyPolicies)

struct UpdateKeyDescriptionRequest {
  std::string key_id, description;
};
PDS_SHAPE(UpdateKeyDescriptionRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048),
          FIELD(description, "Description").required().bounds(0, 8192))

struct UpdateKeyDescriptionReply {};
PDS_EMPTY_SHAPE(UpdateKeyDescriptionReply)

PDS_OPERATION(UpdateKeyDescription)

struct GetKeyRotationStatusRequest {
  std::string key_id;
};
PDS_SHAPE(GetKeyRotationStatusRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048))

struct GetKeyRotationStatusReply {
  bool key_rotation_enabled = false;
  std::optional<std::string> key_id;
};
PDS_SHAPE(GetKeyRotationStatusReply, FIELD(key_rotation_enabled, "KeyRotationEnabled"), FIELD(key_id, "KeyId"))

PDS_OPERATION(GetKeyRotationStatus)

}  // namespace pds::aws::kms
