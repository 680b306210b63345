// KMS 2014-11-01: keys and their states.
#pragma once

#include "aws/shapes/kms/common.h"

namespace pds::aws::kms {

struct CreateKeyRequest {
  std::optional<std::string> policy, description, key_usage, customer_master_key_spec, key_spec, origin;
  std::optional<Unsupported> custom_key_store_id, xks_key_id;
  std::optional<bool> bypass_policy_lockout_safety_check, multi_region;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(CreateKeyRequest, FIELD(policy, "Policy").bounds(1, 131072), FIELD(description, "Description").bounds(0, 8192),
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
PDS_WIRE_SHAPE(KeyMetadata, FIELD(aws_account_id, "AWSAccountId"), FIELD(key_id, "KeyId"), FIELD(arn, "Arn"),
               FIELD(creation_date, "CreationDate"), FIELD(enabled, "Enabled"), FIELD(description, "Description"),
               FIELD(key_usage, "KeyUsage"), FIELD(key_state, "KeyState"), FIELD(deletion_date, "DeletionDate"), FIELD(origin, "Origin"),
               FIELD(key_manager, "KeyManager"), FIELD(customer_master_key_spec, "CustomerMasterKeySpec"), FIELD(key_spec, "KeySpec"),
               FIELD(encryption_algorithms, "EncryptionAlgorithms").omit_empty(),
               FIELD(signing_algorithms, "SigningAlgorithms").omit_empty(), FIELD(multi_region, "MultiRegion"))

struct KeyMetadataReply {
  std::optional<KeyMetadata> key_metadata;
};
PDS_WIRE_SHAPE(KeyMetadataReply, FIELD(key_metadata, "KeyMetadata"))

using CreateKeyReply = KeyMetadataReply;
PDS_OPERATION(CreateKey)

struct GrantedKeyRequest {
  std::string key_id;
  std::optional<Unsupported> grant_tokens;
};
PDS_WIRE_SHAPE(GrantedKeyRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048), FIELD(grant_tokens, "GrantTokens"))

using DescribeKeyRequest = GrantedKeyRequest;
using DescribeKeyReply = KeyMetadataReply;
PDS_OPERATION(DescribeKey)

struct ListKeysRequest {
  std::optional<int> limit;
  std::optional<std::string> marker;
};
PDS_WIRE_SHAPE(ListKeysRequest, PDS_KMS_PAGE_REQUEST)

struct KeyListEntry {
  std::optional<std::string> key_id, key_arn;
};
PDS_WIRE_SHAPE(KeyListEntry, FIELD(key_id, "KeyId"), FIELD(key_arn, "KeyArn"))

struct ListKeysReply {
  std::vector<KeyListEntry> keys;
  std::optional<std::string> next_marker;
  bool truncated = false;
};
PDS_WIRE_SHAPE(ListKeysReply, FIELD(keys, "Keys"), PDS_KMS_PAGE_REPLY)

PDS_OPERATION(ListKeys)

using GetPublicKeyRequest = GrantedKeyRequest;

struct GetPublicKeyReply {
  std::optional<std::string> key_id, customer_master_key_spec, key_spec, key_usage;
  std::optional<Blob> public_key;
  std::vector<std::string> encryption_algorithms, signing_algorithms;
};
PDS_WIRE_SHAPE(GetPublicKeyReply, FIELD(key_id, "KeyId"), FIELD(public_key, "PublicKey"),
               FIELD(customer_master_key_spec, "CustomerMasterKeySpec"), FIELD(key_spec, "KeySpec"), FIELD(key_usage, "KeyUsage"),
               FIELD(encryption_algorithms, "EncryptionAlgorithms").omit_empty(),
               FIELD(signing_algorithms, "SigningAlgorithms").omit_empty())

PDS_OPERATION(GetPublicKey)

// The request names one key and nothing else.
struct KeyIdRequest {
  std::string key_id;
};
PDS_WIRE_SHAPE(KeyIdRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048))

using EnableKeyRequest = KeyIdRequest;
using EnableKeyReply = Empty;
PDS_OPERATION(EnableKey)

using DisableKeyRequest = KeyIdRequest;
using DisableKeyReply = Empty;
PDS_OPERATION(DisableKey)

struct ScheduleKeyDeletionRequest {
  std::string key_id;
  std::optional<int> pending_window_in_days;
};
PDS_WIRE_SHAPE(ScheduleKeyDeletionRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048),
               FIELD(pending_window_in_days, "PendingWindowInDays").bounds(1, 365))

struct ScheduleKeyDeletionReply {
  std::optional<std::string> key_id, key_state;
  std::optional<Timestamp> deletion_date;
  std::optional<int> pending_window_in_days;
};
PDS_WIRE_SHAPE(ScheduleKeyDeletionReply, FIELD(key_id, "KeyId"), FIELD(deletion_date, "DeletionDate"), FIELD(key_state, "KeyState"),
               FIELD(pending_window_in_days, "PendingWindowInDays"))

PDS_OPERATION(ScheduleKeyDeletion)

using CancelKeyDeletionRequest = KeyIdRequest;

struct CancelKeyDeletionReply {
  std::optional<std::string> key_id;
};
PDS_WIRE_SHAPE(CancelKeyDeletionReply, FIELD(key_id, "KeyId"))

PDS_OPERATION(CancelKeyDeletion)

struct UpdateKeyDescriptionRequest {
  std::string key_id, description;
};
PDS_WIRE_SHAPE(UpdateKeyDescriptionRequest, FIELD(key_id, "KeyId").required().bounds(1, 2048),
               FIELD(description, "Description").required().bounds(0, 8192))

using UpdateKeyDescriptionReply = Empty;
PDS_OPERATION(UpdateKeyDescription)

using GetKeyRotationStatusRequest = KeyIdRequest;

struct GetKeyRotationStatusReply {
  bool key_rotation_enabled = false;
  std::optional<std::string> key_id;
};
PDS_WIRE_SHAPE(GetKeyRotationStatusReply, FIELD(key_rotation_enabled, "KeyRotationEnabled"), FIELD(key_id, "KeyId"))

PDS_OPERATION(GetKeyRotationStatus)

}  // namespace pds::aws::kms
