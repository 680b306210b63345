#include "cloud/services/kms/service.h"

namespace pds::cloud::kms {

namespace {

// What a policy is asked about: the key, by ARN. A name that means nothing is left to the handler to refuse.
template <class Request>
auto key_of(Kms& kms) {
  return [&kms](const Call&, const void* request) -> std::string {
    return kms.key_arn(static_cast<const Request*>(request)->key_id).value_or("*");
  };
}

}  // namespace

Api Kms::api() {
  namespace wire = aws::kms;
  Api api(wire::service_info());
  api.add<aws::kms::CreateKey>(this, &Kms::create_key);
  api.add<aws::kms::DescribeKey>(this, &Kms::describe_key).resource = key_of<aws::kms::DescribeKeyRequest>(*this);
  api.add<aws::kms::ListKeys>(this, &Kms::list_keys);
  api.add<aws::kms::ListAliases>(this, &Kms::list_aliases);
  api.add<aws::kms::Encrypt>(this, &Kms::encrypt).resource = key_of<aws::kms::EncryptRequest>(*this);
  api.add<aws::kms::GenerateDataKey>(this, &Kms::generate_data_key).resource = key_of<aws::kms::GenerateDataKeyRequest>(*this);
  api.add<aws::kms::GenerateDataKeyWithoutPlaintext>(this, &Kms::generate_data_key_without_plaintext).resource =
      key_of<aws::kms::GenerateDataKeyWithoutPlaintextRequest>(*this);
  api.add<aws::kms::GenerateRandom>(this, &Kms::generate_random);
  api.add<aws::kms::Sign>(this, &Kms::sign).resource = key_of<aws::kms::SignRequest>(*this);
  api.add<aws::kms::Verify>(this, &Kms::verify).resource = key_of<aws::kms::VerifyRequest>(*this);
  api.add<aws::kms::GetPublicKey>(this, &Kms::get_public_key).resource = key_of<aws::kms::GetPublicKeyRequest>(*this);
  api.add<aws::kms::EnableKey>(this, &Kms::enable_key).resource = key_of<aws::kms::EnableKeyRequest>(*this);
  api.add<aws::kms::DisableKey>(this, &Kms::disable_key).resource = key_of<aws::kms::DisableKeyRequest>(*this);
  api.add<aws::kms::ScheduleKeyDeletion>(this, &Kms::schedule_key_deletion).resource =
      key_of<aws::kms::ScheduleKeyDeletionRequest>(*this);
  api.add<aws::kms::CancelKeyDeletion>(this, &Kms::cancel_key_deletion).resource =
      key_of<aws::kms::CancelKeyDeletionRequest>(*this);
  api.add<aws::kms::TagResource>(this, &Kms::tag_resource).resource = key_of<aws::kms::TagResourceRequest>(*this);
  api.add<aws::kms::UntagResource>(this, &Kms::untag_resource).resource = key_of<aws::kms::UntagResourceRequest>(*this);
  api.add<aws::kms::ListResourceTags>(this, &Kms::list_resource_tags).resource = key_of<aws::kms::ListResourceTagsRequest>(*this);
  api.add<aws::kms::GetKeyPolicy>(this, &Kms::get_key_policy).resource = key_of<aws::kms::GetKeyPolicyRequest>(*this);
  api.add<aws::kms::PutKeyPolicy>(this, &Kms::put_key_policy).resource = key_of<aws::kms::PutKeyPolicyRequest>(*this);
  api.add<aws::kms::ListKeyPolicies>(this, &Kms::list_key_policies).resource = key_of<aws::kms::ListKeyPoliciesRequest>(*this);
  api.add<aws::kms::UpdateKeyDescription>(this, &Kms::update_key_description).resource =
      key_of<aws::kms::UpdateKeyDescriptionRequest>(*this);
  api.add<aws::kms::GetKeyRotationStatus>(this, &Kms::get_key_rotation_status).resource =
      key_of<aws::kms::GetKeyRotationStatusRequest>(*this);
  api.add<wire::CreateAlias>(this, &Kms::create_alias).resource = [this](const Call&, const void* request) -> std::string {
    return key_arn(static_cast<const wire::CreateAliasRequest*>(request)->target_key_id).value_or("*");
  };
  api.add<wire::UpdateAlias>(this, &Kms::update_alias).resource = [this](const Call&, const void* request) -> std::string {
    return key_arn(static_cast<const wire::UpdateAliasRequest*>(request)->target_key_id).value_or("*");
  };
  api.add<wire::DeleteAlias>(this, &Kms::delete_alias);
  api.add<wire::Decrypt>(this, &Kms::decrypt).resource = [this](const Call&, const void* request) -> std::string {
    const auto& blob = static_cast<const wire::DecryptRequest*>(request)->ciphertext_blob;
    Result<std::string> id = key_id_of(blob ? blob->bytes : "");
    return id ? key_arn(*id).value_or("*") : "*";
  };
  api.add<wire::ReEncrypt>(this, &Kms::re_encrypt).resource = [this](const Call&, const void* request) -> std::string {
    return key_arn(static_cast<const wire::ReEncryptRequest*>(request)->destination_key_id).value_or("*");
  };
  return api;
}

}  // namespace pds::cloud::kms
