// One secret: its versions and the staging labels that move between them. The rules only; no wire, no encryption, no clock of its
// own.
//
// A version is in use while it has a label; without one it is deprecated and may be dropped when there are too many. AWSCURRENT is
// on exactly one version once a value exists; whenever it moves, AWSPREVIOUS goes to where it was.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/shapes/secretsmanager.h"

namespace pds::cloud::secretsmanager {

inline constexpr std::string_view current = "AWSCURRENT", previous = "AWSPREVIOUS", pending = "AWSPENDING";
inline constexpr size_t stages_per_version_max = 20;
inline constexpr size_t versions_max = 100;
inline constexpr size_t value_bytes_max = 65'536;
inline constexpr size_t tags_max = 50;

struct Version {
  std::string version_id;
  std::vector<std::string> stages;
  bool has_value = false;  // false: made by a rotation whose createSecret has not put one yet
  Timestamp created{};
  std::optional<Timestamp> last_accessed;
  std::string kms_key_arn;
};
PDS_SHAPE(Version, FIELD(version_id, "VersionId"), FIELD(stages, "Stages"), FIELD(has_value, "HasValue"), FIELD(created, "Created"),
          FIELD(last_accessed, "LastAccessed"), FIELD(kms_key_arn, "KmsKeyArn"))

// A rotation in progress: the journal from which it goes on after a crash.
struct Rotation {
  std::string token;
  int step = 0;          // the next of createSecret, setSecret, testSecret, finishSecret
  int attempt = 0;       // failures of that step so far
  bool is_test = false;  // RotateImmediately=false: only testSecret, on a copy
  std::optional<Timestamp> retry_at;
};
PDS_SHAPE(Rotation, FIELD(token, "Token"), FIELD(step, "Step"), FIELD(attempt, "Attempt"), FIELD(is_test, "IsTest"),
          FIELD(retry_at, "RetryAt"))

struct Secret {
  std::string arn, name, description;
  std::optional<std::string> kms_key_id;  // as given; absent: alias/aws/secretsmanager
  std::vector<aws::secretsmanager::Tag> tags;
  std::vector<Version> versions;  // oldest first
  Timestamp created{}, changed{};
  std::optional<Timestamp> accessed, deleted, purge_at, rotated, next_rotation;
  bool rotation_enabled = false;
  std::optional<std::string> rotation_function;
  std::optional<aws::secretsmanager::RotationRulesType> rotation_rules;
  std::optional<Rotation> rotation;
};
PDS_SHAPE(Secret, FIELD(arn, "Arn"), FIELD(name, "Name"), FIELD(description, "Description"), FIELD(kms_key_id, "KmsKeyId"),
          FIELD(tags, "Tags"), FIELD(versions, "Versions"), FIELD(created, "Created"), FIELD(changed, "Changed"),
          FIELD(accessed, "Accessed"), FIELD(deleted, "Deleted"), FIELD(purge_at, "PurgeAt"), FIELD(rotated, "Rotated"),
          FIELD(next_rotation, "NextRotation"), FIELD(rotation_enabled, "RotationEnabled"),
          FIELD(rotation_function, "RotationFunction"), FIELD(rotation_rules, "RotationRules"), FIELD(rotation, "Rotation"))

Version* find_version(Secret& secret, std::string_view version_id);
const Version* find_version(const Secret& secret, std::string_view version_id);
const Version* find_staged(const Secret& secret, std::string_view stage);
bool has_stage(const Version& version, std::string_view stage);

// Puts the label on that version, which must exist, and takes it from where it was.
void move_stage(Secret& secret, std::string_view stage, const std::string& version_id);
void drop_stage(Secret& secret, std::string_view stage);
Result<void> check_stages(const std::vector<std::string>& stages);
// UpdateSecretVersionStage.
Result<void> update_stage(Secret& secret, const aws::secretsmanager::UpdateSecretVersionStageRequest& request);
// The ids of deprecated versions that are over versions_max, oldest first, taken out of the secret.
std::vector<std::string> drop_old_versions(Secret& secret);
std::map<std::string, std::vector<std::string>> stages_by_version(const Secret& secret);

}  // namespace pds::cloud::secretsmanager
