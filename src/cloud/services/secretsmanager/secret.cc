#include "cloud/services/secretsmanager/secret.h"

#include <fmt/format.h>

#include <algorithm>

namespace pds::cloud::secretsmanager {

Version* find_version(Secret& secret, std::string_view version_id) {
  for (Version& version : secret.versions) {
    if (version.version_id == version_id) return &version;
  }
  return nullptr;
}
const Version* find_version(const Secret& secret, std::string_view version_id) {
  return find_version(const_cast<Secret&>(secret), version_id);
}

bool has_stage(const Version& version, std::string_view stage) {
  return std::find(version.stages.begin(), version.stages.end(), stage) != version.stages.end();
}

const Version* find_staged(const Secret& secret, std::string_view stage) {
  for (const Version& version : secret.versions) {
    if (has_stage(version, stage)) return &version;
  }
  return nullptr;
}

void drop_stage(Secret& secret, std::string_view stage) {
  for (Version& version : secret.versions) std::erase(version.stages, stage);
}

void move_stage(Secret& secret, std::string_view stage, const std::string& version_id) {
  const Version* holder = find_staged(secret, stage);
  if (holder && holder->version_id == version_id) return;
  std::string from = holder ? holder->version_id : "";
  drop_stage(secret, stage);
  find_version(secret, version_id)->stages.emplace_back(stage);
  if (stage == current && !from.empty()) {
    drop_stage(secret, previous);
    find_version(secret, from)->stages.emplace_back(previous);
  }
}

Result<void> check_stages(const std::vector<std::string>& stages) {
  if (stages.size() > stages_per_version_max)
    return fail("LimitExceededException", fmt::format("A version can have at most {} staging labels.", stages_per_version_max));
  for (const std::string& stage : stages) {
    if (stage.empty() || stage.size() > 256) return fail("InvalidParameterException", "A staging label has 1 to 256 characters.");
  }
  return {};
}

Result<void> update_stage(Secret& secret, const aws::secretsmanager::UpdateSecretVersionStageRequest& request) {
  const std::string& stage = request.version_stage;
  CHECK(check_stages({stage}));
  const Version* holder = find_staged(secret, stage);
  for (const auto& id : {request.remove_from_version_id, request.move_to_version_id}) {
    if (id && !find_version(secret, *id))
      return fail("ResourceNotFoundException", fmt::format("Secrets Manager can't find the specified secret version: {}.", *id));
  }
  if (request.remove_from_version_id && (!holder || holder->version_id != *request.remove_from_version_id))
    return fail("InvalidParameterException",
                fmt::format("The staging label {} isn't attached to version {}.", stage, *request.remove_from_version_id));
  if (!request.move_to_version_id) {
    if (stage == current)
      return fail("InvalidParameterException",
                  "You can't remove the staging label AWSCURRENT from a version without moving it to another.");
    if (!request.remove_from_version_id)
      return fail("InvalidParameterException", "Give MoveToVersionId, RemoveFromVersionId, or both.");
    drop_stage(secret, stage);
    return {};
  }
  if (holder && holder->version_id == *request.move_to_version_id) return {};
  if (holder && !request.remove_from_version_id)
    return fail(
        "InvalidParameterException",
        fmt::format(
            "The parameter RemoveFromVersionId can't be empty. Staging label {} is currently attached to version {}, so you must "
            "explicitly reference that version in RemoveFromVersionId.",
            stage, holder->version_id));
  if (find_version(secret, *request.move_to_version_id)->stages.size() >= stages_per_version_max)
    return fail("LimitExceededException", fmt::format("A version can have at most {} staging labels.", stages_per_version_max));
  move_stage(secret, stage, *request.move_to_version_id);
  return {};
}

std::vector<std::string> drop_old_versions(Secret& secret) {
  std::vector<std::string> gone;
  for (size_t i = 0; i < secret.versions.size() && secret.versions.size() > versions_max;) {
    if (!secret.versions[i].stages.empty()) {
      ++i;
      continue;
    }
    gone.push_back(secret.versions[i].version_id);
    secret.versions.erase(secret.versions.begin() + static_cast<ptrdiff_t>(i));
  }
  return gone;
}

std::map<std::string, std::vector<std::string>> stages_by_version(const Secret& secret) {
  std::map<std::string, std::vector<std::string>> out;
  for (const Version& version : secret.versions) {
    if (!version.stages.empty()) out[version.version_id] = version.stages;
  }
  return out;
}

}  // namespace pds::cloud::secretsmanager
