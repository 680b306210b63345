// Secrets Manager: secrets, their versions, and their rotation by functions.
#pragma once

#include <set>

#include "cloud/functions.h"
#include "cloud/services/secretsmanager/secret.h"
#include "cloud/services/secretsmanager/vault.h"
#include "io/task.h"

namespace pds::cloud::secretsmanager {

class SecretsManager final : public CloudService {
 public:
  SecretsManager(Core& core, kms::Kms& kms, FunctionInvoker& functions);
  ~SecretsManager() override;
  Api api() override;
  // Rotations in flight go on with the step they were in; schedules and deletions run from here.
  void start() override;
  io::Task<void> stop() override;

  // The ARN of a secret by name, ARN, or ARN without its random suffix; the name made into an ARN when there is none.
  std::string secret_arn(std::string_view secret_id) const;
  size_t rotations_running() const { return running_.size(); }

  Result<aws::secretsmanager::CreateSecretReply> create_secret(const Call&, const aws::secretsmanager::CreateSecretRequest&);
  Result<aws::secretsmanager::DescribeSecretReply> describe_secret(const Call&, const aws::secretsmanager::DescribeSecretRequest&);
  Result<aws::secretsmanager::GetSecretValueReply> get_secret_value(const Call&, const aws::secretsmanager::GetSecretValueRequest&);
  Result<aws::secretsmanager::BatchGetSecretValueReply> batch_get_secret_value(
      const Call&, const aws::secretsmanager::BatchGetSecretValueRequest&);
  Result<aws::secretsmanager::PutSecretValueReply> put_secret_value(const Call&, const aws::secretsmanager::PutSecretValueRequest&);
  Result<aws::secretsmanager::UpdateSecretReply> update_secret(const Call&, const aws::secretsmanager::UpdateSecretRequest&);
  Result<aws::secretsmanager::UpdateSecretVersionStageReply> update_secret_version_stage(
      const Call&, const aws::secretsmanager::UpdateSecretVersionStageRequest&);
  Result<aws::secretsmanager::ListSecretsReply> list_secrets(const Call&, const aws::secretsmanager::ListSecretsRequest&);
  Result<aws::secretsmanager::ListSecretVersionIdsReply> list_secret_version_ids(
      const Call&, const aws::secretsmanager::ListSecretVersionIdsRequest&);
  Result<aws::secretsmanager::DeleteSecretReply> delete_secret(const Call&, const aws::secretsmanager::DeleteSecretRequest&);
  Result<aws::secretsmanager::RestoreSecretReply> restore_secret(const Call&, const aws::secretsmanager::RestoreSecretRequest&);
  Result<aws::secretsmanager::RotateSecretReply> rotate_secret(const Call&, const aws::secretsmanager::RotateSecretRequest&);
  Result<aws::secretsmanager::CancelRotateSecretReply> cancel_rotate_secret(const Call&,
                                                                            const aws::secretsmanager::CancelRotateSecretRequest&);
  Result<aws::secretsmanager::TagResourceReply> tag_resource(const Call&, const aws::secretsmanager::TagResourceRequest&);
  Result<aws::secretsmanager::UntagResourceReply> untag_resource(const Call&, const aws::secretsmanager::UntagResourceRequest&);
  Result<aws::secretsmanager::GetRandomPasswordReply> get_random_password(const Call&,
                                                                          const aws::secretsmanager::GetRandomPasswordRequest&);

 private:
  using Rows = std::map<std::string, Secret, std::less<>>;
  const Secret* find(std::string_view secret_id) const;
  Result<const Secret*> at(std::string_view secret_id) const;       // ResourceNotFoundException
  Result<const Secret*> live_at(std::string_view secret_id) const;  // InvalidRequestException when it is being deleted
  Result<const Version*> version_for(const Secret& secret, const std::optional<std::string>& version_id,
                                     const std::optional<std::string>& stage) const;
  // A new version with this value and these labels, or the one that the same token made before.
  Result<std::string> put_value(const Secret& secret, const std::optional<std::string>& token,
                                const std::optional<std::string>& text, const std::optional<aws::Blob>& binary,
                                const std::vector<std::string>& stages);
  Result<void> check_same_value(const Secret& secret, const Version& version, const Value& value);
  Result<void> reseal(const Secret& secret);
  void erase(const Secret& secret);
  void touch(const Secret& secret, const std::string& version_id);
  std::string kms_key_of(const Secret& secret) const { return secret.kms_key_id.value_or("alias/aws/secretsmanager"); }

  // rotation.cc
  Result<void> begin_rotation(const Secret& secret, const std::string& token, bool is_test);
  void tick();  // starts what is due, arms the timer for what is not
  void start_due_rotations(Timestamp now);
  io::Task<void> rotate(std::string name);
  io::Task<Result<void>> run_step(std::string name, Rotation rotation);
  void step_succeeded(const std::string& name, const Rotation& rotation);
  void step_failed(const std::string& name, const Rotation& rotation, const Error& error);
  void end_test(const std::string& name, const std::string& token);
  std::optional<Timestamp> next_moment() const;
  std::optional<Timestamp> next_rotation_of(const Secret& secret, Timestamp after) const;

  Core& core_;
  kms::Kms& kms_;
  FunctionInvoker& functions_;
  Table<Secret> secrets_;  // by name
  Vault vault_;
  std::map<std::string, std::string, std::less<>> names_by_arn_;
  bool started_ = false;
  std::set<std::string> running_;  // names of secrets whose rotation has a task
  io::Timer timer_;
  io::TaskSet tasks_;
};

}  // namespace pds::cloud::secretsmanager
