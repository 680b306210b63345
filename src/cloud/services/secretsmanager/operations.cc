// What the wire asks of one secret. Lists are in list_operations.cc, rotation in rotation.cc.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cloud/services/secretsmanager/password.h"
#include "cloud/services/secretsmanager/service.h"

namespace pds::cloud::secretsmanager {

namespace wire = aws::secretsmanager;

namespace {

constexpr std::string_view suffix_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr size_t suffix_length = 7;  // with its '-'

Result<void> check_name(const std::string& name) {
  bool good = !name.empty() && name.size() <= 512 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/_+=.@-").find(c) != std::string_view::npos;
  });
  if (good) return {};
  return fail("ValidationException",
              "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!");
}

Result<void> check_tags(const std::vector<wire::Tag>& tags) {
  if (tags.size() > tags_max) return fail("InvalidParameterException", fmt::format("A secret has at most {} tags.", tags_max));
  for (size_t i = 0; i < tags.size(); ++i) {
    if (!tags[i].key || tags[i].key->empty() || tags[i].key->size() > 128 || tags[i].value.value_or("").size() > 256)
      return fail("InvalidParameterException", "A tag key has 1 to 128 characters, a tag value at most 256.");
    if (tags[i].key->starts_with("aws:")) return fail("InvalidParameterException", "Tag keys that start with aws: are reserved.");
    for (size_t j = 0; j < i; ++j) {
      if (tags[i].key == tags[j].key)
        return fail("InvalidParameterException", fmt::format("The tag key {} is given twice.", *tags[i].key));
    }
  }
  return {};
}

Result<std::optional<Value>> read_value(const std::optional<std::string>& text, const std::optional<aws::Blob>& binary) {
  if (text && binary)
    return fail("InvalidParameterException",
                "You can't specify both a binary secret value and a string secret value in the same secret.");
  if (!text && !binary) return std::optional<Value>{};
  Value value{text ? *text : binary->bytes, !text};
  if (value.bytes.size() > value_bytes_max)
    return fail("InvalidParameterException",
                fmt::format("The secret value is {} bytes; at most {} are allowed.", value.bytes.size(), value_bytes_max));
  return std::optional<Value>(std::move(value));
}

// AWS keeps the date only, which also spares a write on every read.
Timestamp date_of(Timestamp t) { return std::chrono::floor<std::chrono::days>(t); }

}  // namespace

const Secret* SecretsManager::find(std::string_view secret_id) const {
  if (!secret_id.starts_with("arn:")) return secrets_.find(secret_id);
  if (auto it = names_by_arn_.find(secret_id); it != names_by_arn_.end()) return secrets_.find(it->second);
  // An ARN without the random suffix: only when exactly one secret fits.
  std::string prefix = core_.arn("secretsmanager", "secret:");
  if (!secret_id.starts_with(prefix)) return nullptr;
  return secrets_.find(secret_id.substr(prefix.size()));
}

Result<const Secret*> SecretsManager::at(std::string_view secret_id) const {
  const Secret* secret = find(secret_id);
  if (secret && secret->purge_at && *secret->purge_at <= core_.clock.now()) secret = nullptr;
  if (!secret) return fail("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  return secret;
}

Result<const Secret*> SecretsManager::live_at(std::string_view secret_id) const {
  TRY(const Secret* secret, at(secret_id));
  if (secret->deleted)
    return fail("InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion.");
  return secret;
}

std::string SecretsManager::secret_arn(std::string_view secret_id) const {
  if (const Secret* secret = find(secret_id)) return secret->arn;
  return secret_id.starts_with("arn:") ? std::string(secret_id)
                                       : core_.arn("secretsmanager", "secret:" + std::string(secret_id) + "-??????");
}

void SecretsManager::erase(const Secret& secret) {
  for (const Version& version : secret.versions) vault_.erase(secret.arn, version.version_id);
  std::string name = secret.name;
  names_by_arn_.erase(secret.arn);
  secrets_.erase(name);
}

Result<void> SecretsManager::check_same_value(const Secret& secret, const Version& version, const Value& value) {
  TRY(Value stored, vault_.get(secret.arn, version.version_id));
  if (stored.is_binary == value.is_binary && constant_time_equal(stored.bytes, value.bytes)) return {};
  return fail("ResourceExistsException",
              fmt::format("You can't use ClientRequestToken {} because that value is already in use for a version of secret {}.",
                          version.version_id, secret.arn));
}

Result<std::string> SecretsManager::put_value(const Secret& secret, const std::optional<std::string>& token,
                                              const std::optional<std::string>& text, const std::optional<aws::Blob>& binary,
                                              const std::vector<std::string>& stages) {
  TRY(std::optional<Value> value, read_value(text, binary));
  if (!value) return fail("InvalidRequestException", "You must provide either SecretString or SecretBinary.");
  CHECK(check_stages(stages));
  std::string version_id = token.value_or(core_.random.uuid());
  const Version* same = find_version(secret, version_id);
  if (same && same->has_value) {
    CHECK(check_same_value(secret, *same, *value));
    return version_id;
  }
  TRY(std::string kms_key_arn, vault_.put(secret.arn, version_id, kms_key_of(secret), *value));
  std::vector<std::string> dropped;
  secrets_.update(secret.name, [&](Secret& s) {
    if (!find_version(s, version_id)) s.versions.push_back({.version_id = version_id, .created = core_.clock.now()});
    Version* version = find_version(s, version_id);
    version->has_value = true, version->kms_key_arn = kms_key_arn;
    for (const std::string& stage : stages) move_stage(s, stage, version_id);
    // The first value is the current one, whatever labels were asked for.
    if (!find_staged(s, current)) move_stage(s, current, version_id);
    s.changed = core_.clock.now();
    dropped = drop_old_versions(s);
  });
  for (const std::string& id : dropped) vault_.erase(secret.arn, id);
  return version_id;
}

Result<wire::CreateSecretReply> SecretsManager::create_secret(const Call&, const wire::CreateSecretRequest& request) {
  CHECK(check_name(request.name));
  CHECK(check_tags(request.tags));
  TRY(std::optional<Value> value, read_value(request.secret_string, request.secret_binary));
  tick();
  wire::CreateSecretReply reply;
  if (const Secret* existing = secrets_.find(request.name)) {
    if (existing->deleted)
      return fail("InvalidRequestException",
                  "You can't create this secret because a secret with this name is already scheduled for deletion.");
    const Version* same = request.client_request_token ? find_version(*existing, *request.client_request_token) : nullptr;
    if (!same || !value || !check_same_value(*existing, *same, *value))
      return fail("ResourceExistsException",
                  fmt::format("The operation failed because the secret {} already exists.", request.name));
    reply.arn = existing->arn, reply.name = existing->name, reply.version_id = same->version_id;
    return reply;
  }
  if (request.kms_key_id) {
    Result<std::string> key = kms_.key_arn(*request.kms_key_id);
    if (!key)
      return fail("EncryptionFailure", fmt::format("Secrets Manager can't encrypt with the KMS key: {}", key.error().message));
  }
  Secret secret;
  secret.name = request.name, secret.description = request.description.value_or(""), secret.kms_key_id = request.kms_key_id;
  secret.arn = core_.arn("secretsmanager", "secret:" + request.name + "-" + core_.random.text(suffix_length - 1, suffix_alphabet));
  secret.tags = request.tags, secret.created = secret.changed = core_.clock.now();
  names_by_arn_[secret.arn] = secret.name;
  const Secret& stored = secrets_.put(request.name, std::move(secret));
  reply.arn = stored.arn, reply.name = stored.name;
  if (!value) return reply;
  Result<std::string> version_id =
      put_value(stored, request.client_request_token, request.secret_string, request.secret_binary, {std::string(current)});
  if (!version_id) {
    erase(stored);
    return std::unexpected(version_id.error());
  }
  reply.version_id = *version_id;
  return reply;
}

Result<wire::DescribeSecretReply> SecretsManager::describe_secret(const Call&, const wire::DescribeSecretRequest& request) {
  TRY(const Secret* secret, at(request.secret_id));
  wire::DescribeSecretReply reply;
  reply.arn = secret->arn, reply.name = secret->name, reply.kms_key_id = secret->kms_key_id;
  if (!secret->description.empty()) reply.description = secret->description;
  if (secret->rotation_enabled || secret->rotation_function) {
    reply.rotation_enabled = secret->rotation_enabled;
    reply.rotation_lambda_arn = secret->rotation_function, reply.rotation_rules = secret->rotation_rules;
    if (secret->rotation_enabled) reply.next_rotation_date = secret->next_rotation;
  }
  reply.last_rotated_date = secret->rotated, reply.last_changed_date = secret->changed, reply.last_accessed_date = secret->accessed;
  reply.deleted_date = secret->deleted, reply.created_date = secret->created, reply.tags = secret->tags;
  reply.version_ids_to_stages = stages_by_version(*secret);
  return reply;
}

Result<const Version*> SecretsManager::version_for(const Secret& secret, const std::optional<std::string>& version_id,
                                                   const std::optional<std::string>& stage) const {
  const Version* version =
      version_id ? find_version(secret, *version_id) : find_staged(secret, stage.value_or(std::string(current)));
  if (version && version_id && stage && !has_stage(*version, *stage))
    return fail("ResourceNotFoundException",
                fmt::format("You provided a VersionStage that is not associated to the provided VersionId: {}.", *version_id));
  if (version && version->has_value) return version;
  std::string which = version_id ? "VersionId: " + *version_id : "staging label: " + stage.value_or(std::string(current));
  return fail("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for " + which);
}

void SecretsManager::touch(const Secret& secret, const std::string& version_id) {
  Timestamp today = date_of(core_.clock.now());
  if (secret.accessed == today && find_version(secret, version_id)->last_accessed == today) return;
  secrets_.update(secret.name, [&](Secret& s) { s.accessed = find_version(s, version_id)->last_accessed = today; });
}

Result<wire::GetSecretValueReply> SecretsManager::get_secret_value(const Call&, const wire::GetSecretValueRequest& request) {
  TRY(const Secret* secret, live_at(request.secret_id));
  TRY(const Version* version, version_for(*secret, request.version_id, request.version_stage));
  TRY(Value value, vault_.get(secret->arn, version->version_id));
  wire::GetSecretValueReply reply;
  reply.arn = secret->arn, reply.name = secret->name, reply.version_id = version->version_id;
  if (value.is_binary)
    reply.secret_binary = aws::Blob{std::move(value.bytes)};
  else
    reply.secret_string = std::move(value.bytes);
  reply.version_stages = version->stages, reply.created_date = version->created;
  touch(*secret, version->version_id);
  return reply;
}

Result<wire::PutSecretValueReply> SecretsManager::put_secret_value(const Call&, const wire::PutSecretValueRequest& request) {
  TRY(const Secret* secret, live_at(request.secret_id));
  std::vector<std::string> stages = request.version_stages;
  if (stages.empty()) stages = {std::string(current)};
  TRY(std::string version_id,
      put_value(*secret, request.client_request_token, request.secret_string, request.secret_binary, stages));
  wire::PutSecretValueReply reply;
  reply.arn = secret->arn, reply.name = secret->name, reply.version_id = version_id;
  reply.version_stages = find_version(*secret, version_id)->stages;
  return reply;
}

// The versions in use move under the secret's present key.
Result<void> SecretsManager::reseal(const Secret& secret) {
  std::map<std::string, std::string> arns;
  for (const Version& version : secret.versions) {
    if (!version.has_value || version.stages.empty()) continue;
    TRY(Value value, vault_.get(secret.arn, version.version_id));
    TRY(arns[version.version_id], vault_.put(secret.arn, version.version_id, kms_key_of(secret), value));
  }
  secrets_.update(secret.name, [&](Secret& s) {
    for (auto& [id, arn] : arns) find_version(s, id)->kms_key_arn = arn;
  });
  return {};
}

Result<wire::UpdateSecretReply> SecretsManager::update_secret(const Call&, const wire::UpdateSecretRequest& request) {
  TRY(const Secret* secret, live_at(request.secret_id));
  TRY(std::optional<Value> value, read_value(request.secret_string, request.secret_binary));
  wire::UpdateSecretReply reply;
  reply.arn = secret->arn, reply.name = secret->name;
  if (request.kms_key_id && request.kms_key_id != secret->kms_key_id) {
    Result<void> usable = kms_.check_usable(*request.kms_key_id);
    if (!usable)
      return fail("EncryptionFailure", fmt::format("Secrets Manager can't encrypt with the KMS key: {}", usable.error().message));
    secrets_.update(secret->name, [&](Secret& s) { s.kms_key_id = request.kms_key_id, s.changed = core_.clock.now(); });
    CHECK(reseal(*secret));
  }
  if (value) {
    TRY(reply.version_id,
        put_value(*secret, request.client_request_token, request.secret_string, request.secret_binary, {std::string(current)}));
  }
  if (request.description)
    secrets_.update(secret->name, [&](Secret& s) { s.description = *request.description, s.changed = core_.clock.now(); });
  return reply;
}

Result<wire::UpdateSecretVersionStageReply> SecretsManager::update_secret_version_stage(
    const Call&, const wire::UpdateSecretVersionStageRequest& request) {
  TRY(const Secret* secret, live_at(request.secret_id));
  Secret changed = *secret;
  CHECK(update_stage(changed, request));
  changed.changed = core_.clock.now();
  const Secret& stored = secrets_.put(secret->name, std::move(changed));
  wire::UpdateSecretVersionStageReply reply;
  reply.arn = stored.arn, reply.name = stored.name;
  return reply;
}

Result<wire::DeleteSecretReply> SecretsManager::delete_secret(const Call&, const wire::DeleteSecretRequest& request) {
  bool force = request.force_delete_without_recovery.value_or(false);
  if (force && request.recovery_window_in_days)
    return fail("InvalidParameterException", "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  int64_t days = request.recovery_window_in_days.value_or(30);
  if (days < 7 || days > 30)
    return fail("InvalidParameterException", "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).");
  Timestamp now = core_.clock.now();
  wire::DeleteSecretReply reply;
  Result<const Secret*> secret = at(request.secret_id);
  if (!secret) {
    // As AWS has it, deleting by force what is not there succeeds.
    if (!force) return std::unexpected(secret.error());
    reply.arn = secret_arn(request.secret_id), reply.name = request.secret_id, reply.deletion_date = now;
    return reply;
  }
  if (!force && (*secret)->deleted)
    return fail("InvalidRequestException",
                "You can't perform this operation on the secret because it was already scheduled for deletion.");
  reply.arn = (*secret)->arn, reply.name = (*secret)->name;
  reply.deletion_date = force ? now : now + std::chrono::days(days);
  if (force) {
    erase(**secret);
  } else {
    secrets_.update(*reply.name, [&](Secret& s) { s.deleted = now, s.purge_at = reply.deletion_date, s.rotation.reset(); });
  }
  tick();
  return reply;
}

Result<wire::RestoreSecretReply> SecretsManager::restore_secret(const Call&, const wire::RestoreSecretRequest& request) {
  TRY(const Secret* secret, at(request.secret_id));
  secrets_.update(secret->name, [](Secret& s) { s.deleted.reset(), s.purge_at.reset(); });
  wire::RestoreSecretReply reply;
  reply.arn = secret->arn, reply.name = secret->name;
  tick();
  return reply;
}

Result<wire::TagResourceReply> SecretsManager::tag_resource(const Call&, const wire::TagResourceRequest& request) {
  TRY(const Secret* secret, live_at(request.secret_id));
  CHECK(check_tags(request.tags));
  std::vector<wire::Tag> tags = secret->tags;
  for (const wire::Tag& tag : request.tags) {
    std::erase_if(tags, [&](const wire::Tag& t) { return t.key == tag.key; });
    tags.push_back(tag);
  }
  CHECK(check_tags(tags));
  secrets_.update(secret->name, [&](Secret& s) { s.tags = std::move(tags), s.changed = core_.clock.now(); });
  return wire::TagResourceReply{};
}

Result<wire::UntagResourceReply> SecretsManager::untag_resource(const Call&, const wire::UntagResourceRequest& request) {
  TRY(const Secret* secret, live_at(request.secret_id));
  secrets_.update(secret->name, [&](Secret& s) {
    for (const std::string& key : request.tag_keys) std::erase_if(s.tags, [&](const wire::Tag& t) { return t.key == key; });
    s.changed = core_.clock.now();
  });
  return wire::UntagResourceReply{};
}

Result<wire::GetRandomPasswordReply> SecretsManager::get_random_password(const Call&,
                                                                         const wire::GetRandomPasswordRequest& request) {
  wire::GetRandomPasswordReply reply;
  TRY(reply.random_password, make_password(request, core_.random));
  return reply;
}

}  // namespace pds::cloud::secretsmanager
