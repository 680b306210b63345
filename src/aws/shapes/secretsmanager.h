// Secrets Manager 2017-10-17: secrets, their versions and their rotation.
#pragma once

#include "aws/shape.h"
#include "aws/unsupported.h"

namespace pds::aws::secretsmanager {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "secretsmanager",
                                .id = "Secrets Manager",
                                .protocol = Protocol::json,
                                .version = "2017-10-17",
                                .target_prefix = "secretsmanager",
                                .json_version = "1.1",
                                .endpoint_prefix = "secretsmanager"};
  return info;
}

struct Tag {
  std::optional<std::string> key, value;
};
PDS_WIRE_SHAPE(Tag, FIELD(key, "Key").bounds(1, 128), FIELD(value, "Value").bounds(0, 256))

struct CreateSecretRequest {
  std::string name;
  std::optional<std::string> client_request_token, description, kms_key_id, secret_string;
  std::optional<Blob> secret_binary;
  std::vector<Tag> tags;
  std::optional<Unsupported> add_replica_regions, force_overwrite_replica_secret, type;
};
PDS_WIRE_SHAPE(CreateSecretRequest, FIELD(name, "Name").required().bounds(1, 512),
               FIELD(client_request_token, "ClientRequestToken").bounds(32, 64), FIELD(description, "Description").bounds(0, 2048),
               FIELD(kms_key_id, "KmsKeyId").bounds(0, 2048), FIELD(secret_binary, "SecretBinary").sensitive(),
               FIELD(secret_string, "SecretString").sensitive().bounds(1, 65536), FIELD(tags, "Tags"),
               FIELD(add_replica_regions, "AddReplicaRegions"), FIELD(force_overwrite_replica_secret, "ForceOverwriteReplicaSecret"),
               FIELD(type, "Type"))

struct CreateSecretReply {
  std::optional<std::string> arn, name, version_id;
};
PDS_WIRE_SHAPE(CreateSecretReply, FIELD(arn, "ARN"), FIELD(name, "Name"), FIELD(version_id, "VersionId"))

PDS_OPERATION(CreateSecret)

struct DescribeSecretRequest {
  std::string secret_id;
};
PDS_WIRE_SHAPE(DescribeSecretRequest, FIELD(secret_id, "SecretId").required().bounds(1, 2048))

struct RotationRulesType {
  std::optional<int64_t> automatically_after_days;
  std::optional<std::string> duration, schedule_expression;
};
PDS_WIRE_SHAPE(RotationRulesType, FIELD(automatically_after_days, "AutomaticallyAfterDays"), FIELD(duration, "Duration"),
               FIELD(schedule_expression, "ScheduleExpression"))

struct DescribeSecretReply {
  std::optional<std::string> arn, name, description, kms_key_id, rotation_lambda_arn;
  std::optional<bool> rotation_enabled;
  std::optional<RotationRulesType> rotation_rules;
  std::optional<Timestamp> last_rotated_date, last_changed_date, last_accessed_date, deleted_date, next_rotation_date, created_date;
  std::vector<Tag> tags;
  std::map<std::string, std::vector<std::string>> version_ids_to_stages;
};
PDS_WIRE_SHAPE(DescribeSecretReply, FIELD(arn, "ARN"), FIELD(name, "Name"), FIELD(description, "Description"),
               FIELD(kms_key_id, "KmsKeyId"), FIELD(rotation_enabled, "RotationEnabled"),
               FIELD(rotation_lambda_arn, "RotationLambdaARN"), FIELD(rotation_rules, "RotationRules"),
               FIELD(last_rotated_date, "LastRotatedDate"), FIELD(last_changed_date, "LastChangedDate"),
               FIELD(last_accessed_date, "LastAccessedDate"), FIELD(deleted_date, "DeletedDate"),
               FIELD(next_rotation_date, "NextRotationDate"), FIELD(tags, "Tags").omit_empty(),
               FIELD(version_ids_to_stages, "VersionIdsToStages").omit_empty(), FIELD(created_date, "CreatedDate"))

PDS_OPERATION(DescribeSecret)

struct GetSecretValueRequest {
  std::string secret_id;
  std::optional<std::string> version_id, version_stage;
};
PDS_WIRE_SHAPE(GetSecretValueRequest, FIELD(secret_id, "SecretId").required().bounds(1, 2048),
               FIELD(version_id, "VersionId").bounds(32, 64), FIELD(version_stage, "VersionStage").bounds(1, 256))

struct GetSecretValueReply {
  std::optional<std::string> arn, name, version_id, secret_string;
  std::optional<Blob> secret_binary;
  std::vector<std::string> version_stages;
  std::optional<Timestamp> created_date;
};
PDS_WIRE_SHAPE(GetSecretValueReply, FIELD(arn, "ARN"), FIELD(name, "Name"), FIELD(version_id, "VersionId"),
               FIELD(secret_binary, "SecretBinary").sensitive(), FIELD(secret_string, "SecretString").sensitive(),
               FIELD(version_stages, "VersionStages").omit_empty(), FIELD(created_date, "CreatedDate"))

PDS_OPERATION(GetSecretValue)

struct Filter {
  std::optional<std::string> key;
  std::vector<std::string> values;
};
PDS_WIRE_SHAPE(Filter, FIELD(key, "Key"), FIELD(values, "Values").bounds(1, 10))

struct BatchGetSecretValueRequest {
  std::vector<std::string> secret_id_list;
  std::vector<Filter> filters;
  std::optional<int> max_results;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(BatchGetSecretValueRequest, FIELD(secret_id_list, "SecretIdList").bounds(1, 20), FIELD(filters, "Filters").bounds(0, 10),
               FIELD(max_results, "MaxResults").bounds(1, 20), FIELD(next_token, "NextToken").bounds(1, 4096))

struct SecretValueEntry {
  std::optional<std::string> arn, name, version_id, secret_string;
  std::optional<Blob> secret_binary;
  std::vector<std::string> version_stages;
  std::optional<Timestamp> created_date;
};
PDS_WIRE_SHAPE(SecretValueEntry, FIELD(arn, "ARN"), FIELD(name, "Name"), FIELD(version_id, "VersionId"),
               FIELD(secret_binary, "SecretBinary").sensitive(), FIELD(secret_string, "SecretString").sensitive(),
               FIELD(version_stages, "VersionStages").omit_empty(), FIELD(created_date, "CreatedDate"))

struct APIErrorType {
  std::optional<std::string> secret_id, error_code, message;
};
PDS_WIRE_SHAPE(APIErrorType, FIELD(secret_id, "SecretId"), FIELD(error_code, "ErrorCode"), FIELD(message, "Message"))

struct BatchGetSecretValueReply {
  std::vector<SecretValueEntry> secret_values;
  std::optional<std::string> next_token;
  std::vector<APIErrorType> errors;
};
PDS_WIRE_SHAPE(BatchGetSecretValueReply, FIELD(secret_values, "SecretValues"), FIELD(next_token, "NextToken"), FIELD(errors, "Errors"))

PDS_OPERATION(BatchGetSecretValue)

struct PutSecretValueRequest {
  std::string secret_id;
  std::optional<std::string> client_request_token, secret_string;
  std::optional<Blob> secret_binary;
  std::vector<std::string> version_stages;
  std::optional<Unsupported> rotation_token;
};
PDS_WIRE_SHAPE(PutSecretValueRequest, FIELD(secret_id, "SecretId").required().bounds(1, 2048),
               FIELD(client_request_token, "ClientRequestToken").bounds(32, 64), FIELD(secret_binary, "SecretBinary").sensitive(),
               FIELD(secret_string, "SecretString").sensitive().bounds(1, 65536), FIELD(version_stages, "VersionStages").bounds(1, 20),
               FIELD(rotation_token, "RotationToken"))

struct PutSecretValueReply {
  std::optional<std::string> arn, name, version_id;
  std::vector<std::string> version_stages;
};
PDS_WIRE_SHAPE(PutSecretValueReply, FIELD(arn, "ARN"), FIELD(name, "Name"), FIELD(version_id, "VersionId"),
               FIELD(version_stages, "VersionStages").omit_empty())

PDS_OPERATION(PutSecretValue)

struct UpdateSecretRequest {
  std::string secret_id;
  std::optional<std::string> client_request_token, description, kms_key_id, secret_string;
  std::optional<Blob> secret_binary;
  std::optional<Unsupported> type;
};
PDS_WIRE_SHAPE(UpdateSecretRequest, FIELD(secret_id, "SecretId").required().bounds(1, 2048),
               FIELD(client_request_token, "ClientRequestToken").bounds(32, 64), FIELD(description, "Description").bounds(0, 2048),
               FIELD(kms_key_id, "KmsKeyId").bounds(0, 2048), FIELD(secret_binary, "SecretBinary").sensitive(),
               FIELD(secret_string, "SecretString").sensitive().bounds(1, 65536), FIELD(type, "Type"))

struct UpdateSecretReply {
  std::optional<std::string> arn, name, version_id;
};
PDS_WIRE_SHAPE(UpdateSecretReply, FIELD(arn, "ARN"), FIELD(name, "Name"), FIELD(version_id, "VersionId"))

PDS_OPERATION(UpdateSecret)

struct UpdateSecretVersionStageRequest {
  std::string secret_id, version_stage;
  std::optional<std::string> remove_from_version_id, move_to_version_id;
};
PDS_WIRE_SHAPE(UpdateSecretVersionStageRequest, FIELD(secret_id, "SecretId").required().bounds(1, 2048),
               FIELD(version_stage, "VersionStage").required().bounds(1, 256),
               FIELD(remove_from_version_id, "RemoveFromVersionId").bounds(32, 64),
               FIELD(move_to_version_id, "MoveToVersionId").bounds(32, 64))

struct UpdateSecretVersionStageReply {
  std::optional<std::string> arn, name;
};
PDS_WIRE_SHAPE(UpdateSecretVersionStageReply, FIELD(arn, "ARN"), FIELD(name, "Name"))

PDS_OPERATION(UpdateSecretVersionStage)

struct ListSecretsRequest {
  std::optional<bool> include_planned_deletion;
  std::optional<int> max_results;
  std::optional<std::string> next_token, sort_order;
  std::vector<Filter> filters;
  std::optional<Unsupported> sort_by;
};
PDS_WIRE_SHAPE(ListSecretsRequest, FIELD(include_planned_deletion, "IncludePlannedDeletion"),
               FIELD(max_results, "MaxResults").bounds(1, 100), FIELD(next_token, "NextToken").bounds(1, 4096),
               FIELD(filters, "Filters").bounds(0, 10), FIELD(sort_order, "SortOrder"), FIELD(sort_by, "SortBy"))

struct SecretListEntry {
  std::optional<std::string> arn, name, description, kms_key_id, rotation_lambda_arn;
  std::optional<bool> rotation_enabled;
  std::optional<RotationRulesType> rotation_rules;
  std::optional<Timestamp> last_rotated_date, last_changed_date, last_accessed_date, deleted_date, next_rotation_date, created_date;
  std::vector<Tag> tags;
  std::map<std::string, std::vector<std::string>> secret_versions_to_stages;
};
PDS_WIRE_SHAPE(SecretListEntry, FIELD(arn, "ARN"), FIELD(name, "Name"), FIELD(description, "Description"), FIELD(kms_key_id, "KmsKeyId"),
               FIELD(rotation_enabled, "RotationEnabled"), FIELD(rotation_lambda_arn, "RotationLambdaARN"),
               FIELD(rotation_rules, "RotationRules"), FIELD(last_rotated_date, "LastRotatedDate"),
               FIELD(last_changed_date, "LastChangedDate"), FIELD(last_accessed_date, "LastAccessedDate"),
               FIELD(deleted_date, "DeletedDate"), FIELD(next_rotation_date, "NextRotationDate"), FIELD(tags, "Tags").omit_empty(),
               FIELD(secret_versions_to_stages, "SecretVersionsToStages").omit_empty(), FIELD(created_date, "CreatedDate"))

struct ListSecretsReply {
  std::vector<SecretListEntry> secret_list;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(ListSecretsReply, FIELD(secret_list, "SecretList"), FIELD(next_token, "NextToken"))

PDS_OPERATION(ListSecrets)

struct ListSecretVersionIdsRequest {
  std::string secret_id;
  std::optional<int> max_results;
  std::optional<std::string> next_token;
  std::optional<bool> include_deprecated;
};
PDS_WIRE_SHAPE(ListSecretVersionIdsRequest, FIELD(secret_id, "SecretId").required().bounds(1, 2048),
               FIELD(max_results, "MaxResults").bounds(1, 100), FIELD(next_token, "NextToken").bounds(1, 4096),
               FIELD(include_deprecated, "IncludeDeprecated"))

struct SecretVersionsListEntry {
  std::optional<std::string> version_id;
  std::vector<std::string> version_stages, kms_key_ids;
  std::optional<Timestamp> last_accessed_date, created_date;
};
PDS_WIRE_SHAPE(SecretVersionsListEntry, FIELD(version_id, "VersionId"), FIELD(version_stages, "VersionStages").omit_empty(),
               FIELD(last_accessed_date, "LastAccessedDate"), FIELD(created_date, "CreatedDate"),
               FIELD(kms_key_ids, "KmsKeyIds").omit_empty())

struct ListSecretVersionIdsReply {
  std::vector<SecretVersionsListEntry> versions;
  std::optional<std::string> next_token, arn, name;
};
PDS_WIRE_SHAPE(ListSecretVersionIdsReply, FIELD(versions, "Versions").omit_empty(), FIELD(next_token, "NextToken"), FIELD(arn, "ARN"),
               FIELD(name, "Name"))

PDS_OPERATION(ListSecretVersionIds)

struct DeleteSecretRequest {
  std::string secret_id;
  std::optional<int64_t> recovery_window_in_days;
  std::optional<bool> force_delete_without_recovery;
};
PDS_WIRE_SHAPE(DeleteSecretRequest, FIELD(secret_id, "SecretId").required().bounds(1, 2048),
               FIELD(recovery_window_in_days, "RecoveryWindowInDays"),
               FIELD(force_delete_without_recovery, "ForceDeleteWithoutRecovery"))

struct DeleteSecretReply {
  std::optional<std::string> arn, name;
  std::optional<Timestamp> deletion_date;
};
PDS_WIRE_SHAPE(DeleteSecretReply, FIELD(arn, "ARN"), FIELD(name, "Name"), FIELD(deletion_date, "DeletionDate"))

PDS_OPERATION(DeleteSecret)

struct RestoreSecretRequest {
  std::string secret_id;
};
PDS_WIRE_SHAPE(RestoreSecretRequest, FIELD(secret_id, "SecretId").required().bounds(1, 2048))

struct RestoreSecretReply {
  std::optional<std::string> arn, name;
};
PDS_WIRE_SHAPE(RestoreSecretReply, FIELD(arn, "ARN"), FIELD(name, "Name"))

PDS_OPERATION(RestoreSecret)

struct RotateSecretRequest {
  std::string secret_id;
  std::optional<std::string> client_request_token, rotation_lambda_arn;
  std::optional<RotationRulesType> rotation_rules;
  std::optional<bool> rotate_immediately;
  std::optional<Unsupported> external_secret_rotation_metadata, external_secret_rotation_role_arn;
};
PDS_WIRE_SHAPE(RotateSecretRequest, FIELD(secret_id, "SecretId").required().bounds(1, 2048),
               FIELD(client_request_token, "ClientRequestToken").bounds(32, 64),
               FIELD(rotation_lambda_arn, "RotationLambdaARN").bounds(0, 2048), FIELD(rotation_rules, "RotationRules"),
               FIELD(rotate_immediately, "RotateImmediately"),
               FIELD(external_secret_rotation_metadata, "ExternalSecretRotationMetadata"),
               FIELD(external_secret_rotation_role_arn, "ExternalSecretRotationRoleArn"))

struct RotateSecretReply {
  std::optional<std::string> arn, name, version_id;
};
PDS_WIRE_SHAPE(RotateSecretReply, FIELD(arn, "ARN"), FIELD(name, "Name"), FIELD(version_id, "VersionId"))

PDS_OPERATION(RotateSecret)

struct CancelRotateSecretRequest {
  std::string secret_id;
};
PDS_WIRE_SHAPE(CancelRotateSecretRequest, FIELD(secret_id, "SecretId").required().bounds(1, 2048))

struct CancelRotateSecretReply {
  std::optional<std::string> arn, name, version_id;
};
PDS_WIRE_SHAPE(CancelRotateSecretReply, FIELD(arn, "ARN"), FIELD(name, "Name"), FIELD(version_id, "VersionId"))

PDS_OPERATION(CancelRotateSecret)

struct TagResourceRequest {
  std::string secret_id;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(TagResourceRequest, FIELD(secret_id, "SecretId").required().bounds(1, 2048), FIELD(tags, "Tags").required())

struct TagResourceReply {};
PDS_EMPTY_WIRE_SHAPE(TagResourceReply)

PDS_OPERATION(TagResource)

struct UntagResourceRequest {
  std::string secret_id;
  std::vector<std::string> tag_keys;
};
PDS_WIRE_SHAPE(UntagResourceRequest, FIELD(secret_id, "SecretId").required().bounds(1, 2048), FIELD(tag_keys, "TagKeys").required())

struct UntagResourceReply {};
PDS_EMPTY_WIRE_SHAPE(UntagResourceReply)

PDS_OPERATION(UntagResource)

struct GetRandomPasswordRequest {
  std::optional<int64_t> password_length;
  std::optional<std::string> exclude_characters;
  std::optional<bool> exclude_numbers, exclude_punctuation, exclude_uppercase, exclude_lowercase, include_space,
      require_each_included_type;
};
PDS_WIRE_SHAPE(GetRandomPasswordRequest, FIELD(password_length, "PasswordLength").bounds(1, 4096),
               FIELD(exclude_characters, "ExcludeCharacters").bounds(0, 4096), FIELD(exclude_numbers, "ExcludeNumbers"),
               FIELD(exclude_punctuation, "ExcludePunctuation"), FIELD(exclude_uppercase, "ExcludeUppercase"),
               FIELD(exclude_lowercase, "ExcludeLowercase"), FIELD(include_space, "IncludeSpace"),
               FIELD(require_each_included_type, "RequireEachIncludedType"))

struct GetRandomPasswordReply {
  std::optional<std::string> random_password;
};
PDS_WIRE_SHAPE(GetRandomPasswordReply, FIELD(random_password, "RandomPassword").sensitive())

PDS_OPERATION(GetRandomPassword)

}  // namespace pds::aws::secretsmanager
