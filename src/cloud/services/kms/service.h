// KMS: keys that never leave, and what they seal and sign.
#pragma once

#include "cloud/services/kms/key.h"

namespace pds::cloud::kms {

inline constexpr size_t tags_max = 50;

class Kms final : public CloudService {
 public:
  Kms(Core& core, const MasterKey& master_key) : core_(core), ring_(core, master_key) {}
  Api api() override;

  // For other services: encryption under a key by id, ARN or alias ("alias/aws/secretsmanager" is made on first use).
  Result<std::string> seal(std::string_view key, std::string_view plaintext, const Context& context);
  Result<std::string> open(std::string_view ciphertext, const Context& context);
  // Whether this key may encrypt and decrypt now: for callers who hold an opened data key.
  Result<void> check_usable(std::string_view key);
  // The ARN a name stands for.
  Result<std::string> key_arn(std::string_view key);

  Result<aws::kms::CreateKeyReply> create_key(const Call&, const aws::kms::CreateKeyRequest&);
  Result<aws::kms::DescribeKeyReply> describe_key(const Call&, const aws::kms::DescribeKeyRequest&);
  Result<aws::kms::ListKeysReply> list_keys(const Call&, const aws::kms::ListKeysRequest&);
  Result<aws::kms::CreateAliasReply> create_alias(const Call&, const aws::kms::CreateAliasRequest&);
  Result<aws::kms::UpdateAliasReply> update_alias(const Call&, const aws::kms::UpdateAliasRequest&);
  Result<aws::kms::DeleteAliasReply> delete_alias(const Call&, const aws::kms::DeleteAliasRequest&);
  Result<aws::kms::ListAliasesReply> list_aliases(const Call&, const aws::kms::ListAliasesRequest&);
  Result<aws::kms::EncryptReply> encrypt(const Call&, const aws::kms::EncryptRequest&);
  Result<aws::kms::DecryptReply> decrypt(const Call&, const aws::kms::DecryptRequest&);
  Result<aws::kms::ReEncryptReply> re_encrypt(const Call&, const aws::kms::ReEncryptRequest&);
  Result<aws::kms::GenerateDataKeyReply> generate_data_key(const Call&, const aws::kms::GenerateDataKeyRequest&);
  Result<aws::kms::GenerateDataKeyWithoutPlaintextReply> generate_data_key_without_plaintext(
      const Call&, const aws::kms::GenerateDataKeyWithoutPlaintextRequest&);
  Result<aws::kms::GenerateRandomReply> generate_random(const Call&, const aws::kms::GenerateRandomRequest&);
  Result<aws::kms::SignReply> sign(const Call&, const aws::kms::SignRequest&);
  Result<aws::kms::VerifyReply> verify(const Call&, const aws::kms::VerifyRequest&);
  Result<aws::kms::GetPublicKeyReply> get_public_key(const Call&, const aws::kms::GetPublicKeyRequest&);
  Result<aws::kms::EnableKeyReply> enable_key(const Call&, const aws::kms::EnableKeyRequest&);
  Result<aws::kms::DisableKeyReply> disable_key(const Call&, const aws::kms::DisableKeyRequest&);
  Result<aws::kms::ScheduleKeyDeletionReply> schedule_key_deletion(const Call&, const aws::kms::ScheduleKeyDeletionRequest&);
  Result<aws::kms::CancelKeyDeletionReply> cancel_key_deletion(const Call&, const aws::kms::CancelKeyDeletionRequest&);
  Result<aws::kms::TagResourceReply> tag_resource(const Call&, const aws::kms::TagResourceRequest&);
  Result<aws::kms::UntagResourceReply> untag_resource(const Call&, const aws::kms::UntagResourceRequest&);
  Result<aws::kms::ListResourceTagsReply> list_resource_tags(const Call&, const aws::kms::ListResourceTagsRequest&);
  Result<aws::kms::GetKeyPolicyReply> get_key_policy(const Call&, const aws::kms::GetKeyPolicyRequest&);
  Result<aws::kms::PutKeyPolicyReply> put_key_policy(const Call&, const aws::kms::PutKeyPolicyRequest&);
  Result<aws::kms::ListKeyPoliciesReply> list_key_policies(const Call&, const aws::kms::ListKeyPoliciesRequest&);
  Result<aws::kms::UpdateKeyDescriptionReply> update_key_description(const Call&, const aws::kms::UpdateKeyDescriptionRequest&);
  Result<aws::kms::GetKeyRotationStatusReply> get_key_rotation_status(const Call&, const aws::kms::GetKeyRotationStatusRequest&);

 private:
  Core& core_;
  KeyRing ring_;
};

}  // namespace pds::cloud::kms
