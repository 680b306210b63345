#include "cloud/services/secretsmanager/service.h"

namespace pds::cloud::secretsmanager {

namespace wire = aws::secretsmanager;

namespace {
template <class Request>
auto secret_of(const SecretsManager& service) {
  return
      [&service](const Call&, const void* request) { return service.secret_arn(static_cast<const Request*>(request)->secret_id); };
}
}  // namespace

SecretsManager::SecretsManager(Core& core, kms::Kms& kms, FunctionInvoker& functions)
    : core_(core),
      kms_(kms),
      functions_(functions),
      secrets_(core.store, core.table("secretsmanager", "secrets")),
      vault_(core, kms),
      timer_(core.loop, [this] { tick(); }) {
  for (const auto& [name, secret] : secrets_.rows()) names_by_arn_[secret.arn] = name;
}

SecretsManager::~SecretsManager() = default;

void SecretsManager::start() {
  started_ = true;
  tick();
}

io::Task<void> SecretsManager::stop() {
  started_ = false;
  timer_.cancel();
  // A step that is under way is run again after the next start: steps are idempotent by contract.
  tasks_.cancel_all();
  running_.clear();
  co_return;
}

Api SecretsManager::api() {
  Api api(wire::service_info());
  api.add<wire::CreateSecret>(this, &SecretsManager::create_secret).resource = [this](const Call&, const void* request) {
    return core_.arn("secretsmanager", "secret:" + static_cast<const wire::CreateSecretRequest*>(request)->name + "-??????");
  };
  api.add<wire::DescribeSecret>(this, &SecretsManager::describe_secret).resource = secret_of<wire::DescribeSecretRequest>(*this);
  api.add<wire::GetSecretValue>(this, &SecretsManager::get_secret_value).resource = secret_of<wire::GetSecretValueRequest>(*this);
  api.add<wire::BatchGetSecretValue>(this, &SecretsManager::batch_get_secret_value);
  api.add<wire::PutSecretValue>(this, &SecretsManager::put_secret_value).resource = secret_of<wire::PutSecretValueRequest>(*this);
  api.add<wire::UpdateSecret>(this, &SecretsManager::update_secret).resource = secret_of<wire::UpdateSecretRequest>(*this);
  api.add<wire::UpdateSecretVersionStage>(this, &SecretsManager::update_secret_version_stage).resource =
      secret_of<wire::UpdateSecretVersionStageRequest>(*this);
  api.add<wire::ListSecrets>(this, &SecretsManager::list_secrets);
  api.add<wire::ListSecretVersionIds>(this, &SecretsManager::list_secret_version_ids).resource =
      secret_of<wire::ListSecretVersionIdsRequest>(*this);
  api.add<wire::DeleteSecret>(this, &SecretsManager::delete_secret).resource = secret_of<wire::DeleteSecretRequest>(*this);
  api.add<wire::RestoreSecret>(this, &SecretsManager::restore_secret).resource = secret_of<wire::RestoreSecretRequest>(*this);
  api.add<wire::RotateSecret>(this, &SecretsManager::rotate_secret).resource = secret_of<wire::RotateSecretRequest>(*this);
  api.add<wire::CancelRotateSecret>(this, &SecretsManager::cancel_rotate_secret).resource =
      secret_of<wire::CancelRotateSecretRequest>(*this);
  api.add<wire::TagResource>(this, &SecretsManager::tag_resource).resource = secret_of<wire::TagResourceRequest>(*this);
  api.add<wire::UntagResource>(this, &SecretsManager::untag_resource).resource = secret_of<wire::UntagResourceRequest>(*this);
  api.add<wire::GetRandomPassword>(this, &SecretsManager::get_random_password);
  return api;
}

}  // namespace pds::cloud::secretsmanager
