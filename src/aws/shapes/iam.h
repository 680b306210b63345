// IAM 2010-05-08: roles, policies, instance profiles, users and their keys.
#pragma once

#include "aws/shape.h"
#include "aws/unsupported.h"

namespace pds::aws::iam {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "iam",
                                .id = "IAM",
                                .protocol = Protocol::query,
                                .version = "2010-05-08",
                                .xml_namespace = "https://iam.amazonaws.com/doc/2010-05-08/",
                                .endpoint_prefix = "iam",
                                .is_global = true};
  return info;
}

struct Tag {
  std::string key, value;
};
PDS_SHAPE(Tag, FIELD(key, "Key").required().bounds(1, 128), FIELD(value, "Value").required().bounds(0, 256))

struct CreateRoleRequest {
  std::optional<std::string> path, description;
  std::string role_name, assume_role_policy_document;
  std::optional<int> max_session_duration;
  std::optional<Unsupported> permissions_boundary;
  std::vector<Tag> tags;
};
PDS_SHAPE(CreateRoleRequest, FIELD(path, "Path").bounds(1, 512), FIELD(role_name, "RoleName").required().bounds(1, 64),
          FIELD(assume_role_policy_document, "AssumeRolePolicyDocument").required().bounds(1, 131072),
          FIELD(description, "Description").bounds(0, 1000), FIELD(max_session_duration, "MaxSessionDuration").bounds(3600, 43200),
          FIELD(permissions_boundary, "PermissionsBoundary"), FIELD(tags, "Tags").bounds(0, 50))

struct Role {
  std::string path, role_name, role_id, arn;
  Timestamp create_date{};
  std::optional<std::string> assume_role_policy_document, description;
  std::optional<int> max_session_duration;
  std::vector<Tag> tags;
};
PDS_SHAPE(Role, FIELD(path, "Path"), FIELD(role_name, "RoleName"), FIELD(role_id, "RoleId"), FIELD(arn, "Arn"),
          FIELD(create_date, "CreateDate"), FIELD(assume_role_policy_document, "AssumeRolePolicyDocument"),
          FIELD(description, "Description"), FIELD(max_session_duration, "MaxSessionDuration"), FIELD(tags, "Tags"))

struct CreateRoleReply {
  Role role;
};
PDS_SHAPE(CreateRoleReply, FIELD(role, "Role"))

PDS_OPERATION(CreateRole)

struct GetRoleRequest {
  std::string role_name;
};
PDS_SHAPE(GetRoleRequest, FIELD(role_name, "RoleName").required().bounds(1, 64))

struct GetRoleReply {
  Role role;
};
PDS_SHAPE(GetRoleReply, FIELD(role, "Role"))

PDS_OPERATION(GetRole)

struct ListRolesRequest {
  std::optional<std::string> path_prefix, marker;
  std::optional<int> max_items;
};
PDS_SHAPE(ListRolesRequest, FIELD(path_prefix, "PathPrefix").bounds(1, 512), FIELD(marker, "Marker").bounds(1, 320),
          FIELD(max_items, "MaxItems").bounds(1, 1000))

struct ListRolesReply {
  std::vector<Role> roles;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListRolesReply, FIELD(roles, "Roles"), FIELD(is_truncated, "IsTruncated"), FIELD(marker, "Marker"))

PDS_OPERATION(ListRoles)

struct UpdateRoleRequest {
  std::string role_name;
  std::optional<std::string> description;
  std::optional<int> max_session_duration;
};
PDS_SHAPE(UpdateRoleRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
          FIELD(description, "Description").bounds(0, 1000), FIELD(max_session_duration, "MaxSessionDuration").bounds(3600, 43200))

struct UpdateRoleReply {};
PDS_EMPTY_SHAPE(UpdateRoleReply)

PDS_OPERATION(UpdateRole)

struct DeleteRoleRequest {
  std::string role_name;
};
PDS_SHAPE(DeleteRoleRequest, FIELD(role_name, "RoleName").required().bounds(1, 64))

struct DeleteRoleReply {};
PDS_EMPTY_SHAPE(DeleteRoleReply)

PDS_OPERATION(DeleteRole)

struct UpdateAssumeRolePolicyRequest {
  std::string role_name, policy_document;
};
PDS_SHAPE(UpdateAssumeRolePolicyRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
          FIELD(policy_document, "PolicyDocument").required().bounds(1, 131072))

struct UpdateAssumeRolePolicyReply {};
PDS_EMPTY_SHAPE(UpdateAssumeRolePolicyReply)

PDS_OPERATION(UpdateAssumeRolePolicy)

struct PutRolePolicyRequest {
  std::string role_name, policy_name, policy_document;
};
PDS_SHAPE(PutRolePolicyRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
          FIELD(policy_name, "PolicyName").required().bounds(1, 128),
          FIELD(policy_document, "PolicyDocument").required().bounds(1, 131072))

struct PutRolePolicyReply {};
PDS_EMPTY_SHAPE(PutRolePolicyReply)

PDS_OPERATION(PutRolePolicy)

struct GetRolePolicyRequest {
  std::string role_name, policy_name;
};
PDS_SHAPE(GetRolePolicyRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
          FIELD(policy_name, "PolicyName").required().bounds(1, 128))

struct GetRolePolicyReply {
  std::string role_name, policy_name, policy_document;
};
PDS_SHAPE(GetRolePolicyReply, FIELD(role_name, "RoleName"), FIELD(policy_name, "PolicyName"),
          FIELD(policy_document, "PolicyDocument"))

PDS_OPERATION(GetRolePolicy)

struct ListRolePoliciesRequest {
  std::string role_name;
  std::optional<std::string> marker;
  std::optional<int> max_items;
};
PDS_SHAPE(ListRolePoliciesRequest, FIELD(role_name, "RoleName").required().bounds(1, 64), FIELD(marker, "Marker").bounds(1, 320),
          FIELD(max_items, "MaxItems").bounds(1, 1000))

struct ListRolePoliciesReply {
  std::vector<std::string> policy_names;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListRolePoliciesReply, FIELD(policy_names, "PolicyNames"), FIELD(is_truncated, "IsTruncated"), FIELD(marker, "Marker"))

PDS_OPERATION(ListRolePolicies)

struct DeleteRolePolicyRequest {
  std::string role_name, policy_name;
};
PDS_SHAPE(DeleteRolePolicyRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
          FIELD(policy_name, "PolicyName").required().bounds(1, 128))

struct DeleteRolePolicyReply {};
PDS_EMPTY_SHAPE(DeleteRolePolicyReply)

PDS_OPERATION(DeleteRolePolicy)

struct CreatePolicyRequest {
  std::string policy_name, policy_document;
  std::optional<std::string> path, description;
  std::vector<Tag> tags;
};
PDS_SHAPE(CreatePolicyRequest, FIELD(policy_name, "PolicyName").required().bounds(1, 128), FIELD(path, "Path").bounds(1, 512),
          FIELD(policy_document, "PolicyDocument").required().bounds(1, 131072), FIELD(description, "Description").bounds(0, 1000),
          FIELD(tags, "Tags").bounds(0, 50))

struct Policy {
  std::optional<std::string> policy_name, policy_id, arn, path, default_version_id, description;
  std::optional<int> attachment_count;
  std::optional<bool> is_attachable;
  std::optional<Timestamp> create_date, update_date;
  std::vector<Tag> tags;
};
PDS_SHAPE(Policy, FIELD(policy_name, "PolicyName"), FIELD(policy_id, "PolicyId"), FIELD(arn, "Arn"), FIELD(path, "Path"),
          FIELD(default_version_id, "DefaultVersionId"), FIELD(attachment_count, "AttachmentCount"),
          FIELD(is_attachable, "IsAttachable"), FIELD(description, "Description"), FIELD(create_date, "CreateDate"),
          FIELD(update_date, "UpdateDate"), FIELD(tags, "Tags"))

struct CreatePolicyReply {
  std::optional<Policy> policy;
};
PDS_SHAPE(CreatePolicyReply, FIELD(policy, "Policy"))

PDS_OPERATION(CreatePolicy)

struct GetPolicyRequest {
  std::string policy_arn;
};
PDS_SHAPE(GetPolicyRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048))

struct GetPolicyReply {
  std::optional<Policy> policy;
};
PDS_SHAPE(GetPolicyReply, FIELD(policy, "Policy"))

PDS_OPERATION(GetPolicy)

struct ListPoliciesRequest {
  std::optional<std::string> scope, path_prefix, marker;
  std::optional<bool> only_attached;
  std::optional<Unsupported> policy_usage_filter;
  std::optional<int> max_items;
};
PDS_SHAPE(ListPoliciesRequest, FIELD(scope, "Scope"), FIELD(only_attached, "OnlyAttached"),
          FIELD(path_prefix, "PathPrefix").bounds(1, 512), FIELD(policy_usage_filter, "PolicyUsageFilter"),
          FIELD(marker, "Marker").bounds(1, 320), FIELD(max_items, "MaxItems").bounds(1, 1000))

struct ListPoliciesReply {
  std::vector<Policy> policies;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListPoliciesReply, FIELD(policies, "Policies"), FIELD(is_truncated, "IsTruncated"), FIELD(marker, "Marker"))

PDS_OPERATION(ListPolicies)

struct DeletePolicyRequest {
  std::string policy_arn;
};
PDS_SHAPE(DeletePolicyRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048))

struct DeletePolicyReply {};
PDS_EMPTY_SHAPE(DeletePolicyReply)

PDS_OPERATION(DeletePolicy)

struct CreatePolicyVersionRequest {
  std::string policy_arn, policy_document;
  std::optional<bool> set_as_default;
};
PDS_SHAPE(CreatePolicyVersionRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048),
          FIELD(policy_document, "PolicyDocument").required().bounds(1, 131072), FIELD(set_as_default, "SetAsDefault"))

struct PolicyVersion {
  std::optional<std::string> document, version_id;
  std::optional<bool> is_default_version;
  std::optional<Timestamp> create_date;
};
PDS_SHAPE(PolicyVersion, FIELD(document, "Document"), FIELD(version_id, "VersionId"), FIELD(is_default_version, "IsDefaultVersion"),
          FIELD(create_date, "CreateDate"))

struct CreatePolicyVersionReply {
  std::optional<PolicyVersion> policy_version;
};
PDS_SHAPE(CreatePolicyVersionReply, FIELD(policy_version, "PolicyVersion"))

PDS_OPERATION(CreatePolicyVersion)

struct GetPolicyVersionRequest {
  std::string policy_arn, version_id;
};
PDS_SHAPE(GetPolicyVersionRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048),
          FIELD(version_id, "VersionId").required())

struct GetPolicyVersionReply {
  std::optional<PolicyVersion> policy_version;
};
PDS_SHAPE(GetPolicyVersionReply, FIELD(policy_version, "PolicyVersion"))

PDS_OPERATION(GetPolicyVersion)

struct ListPolicyVersionsRequest {
  std::string policy_arn;
  std::optional<std::string> marker;
  std::optional<int> max_items;
};
PDS_SHAPE(ListPolicyVersionsRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048),
          FIELD(marker, "Marker").bounds(1, 320), FIELD(max_items, "MaxItems").bounds(1, 1000))

struct ListPolicyVersionsReply {
  std::vector<PolicyVersion> versions;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListPolicyVersionsReply, FIELD(versions, "Versions"), FIELD(is_truncated, "IsTruncated"), FIELD(marker, "Marker"))

PDS_OPERATION(ListPolicyVersions)

struct SetDefaultPolicyVersionRequest {
  std::string policy_arn, version_id;
};
PDS_SHAPE(SetDefaultPolicyVersionRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048),
          FIELD(version_id, "VersionId").required())

struct SetDefaultPolicyVersionReply {};
PDS_EMPTY_SHAPE(SetDefaultPolicyVersionReply)

PDS_OPERATION(SetDefaultPolicyVersion)

struct DeletePolicyVersionRequest {
  std::string policy_arn, version_id;
};
PDS_SHAPE(DeletePolicyVersionRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048),
          FIELD(version_id, "VersionId").required())

struct DeletePolicyVersionReply {};
PDS_EMPTY_SHAPE(DeletePolicyVersionReply)

PDS_OPERATION(DeletePolicyVersion)

struct AttachRolePolicyRequest {
  std::string role_name, policy_arn;
};
PDS_SHAPE(AttachRolePolicyRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
          FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048))

struct AttachRolePolicyReply {};
PDS_EMPTY_SHAPE(AttachRolePolicyReply)

PDS_OPERATION(AttachRolePolicy)

struct DetachRolePolicyRequest {
  std::string role_name, policy_arn;
};
PDS_SHAPE(DetachRolePolicyRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
          FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048))

struct DetachRolePolicyReply {};
PDS_EMPTY_SHAPE(DetachRolePolicyReply)

PDS_OPERATION(DetachRolePolicy)

struct ListAttachedRolePoliciesRequest {
  std::string role_name;
  std::optional<std::string> path_prefix, marker;
  std::optional<int> max_items;
};
PDS_SHAPE(ListAttachedRolePoliciesRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
          FIELD(path_prefix, "PathPrefix").bounds(1, 512), FIELD(marker, "Marker").bounds(1, 320),
          FIELD(max_items, "MaxItems").bounds(1, 1000))

struct AttachedPolicy {
  std::optional<std::string> policy_name, policy_arn;
};
PDS_SHAPE(AttachedPolicy, FIELD(policy_name, "PolicyName"), FIELD(policy_arn, "PolicyArn"))

struct ListAttachedRolePoliciesReply {
  std::vector<AttachedPolicy> attached_policies;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListAttachedRolePoliciesReply, FIELD(attached_policies, "AttachedPolicies"), FIELD(is_truncated, "IsTruncated"),
          FIELD(marker, "Marker"))

PDS_OPERATION(ListAttachedRolePolicies)

struct ListEntitiesForPolicyRequest {
  std::string policy_arn;
  std::optional<std::string> entity_filter, path_prefix, marker;
  std::optional<Unsupported> policy_usage_filter;
  std::optional<int> max_items;
};
PDS_SHAPE(ListEntitiesForPolicyRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048),
          FIELD(entity_filter, "EntityFilter"), FIELD(path_prefix, "PathPrefix").bounds(1, 512),
          FIELD(policy_usage_filter, "PolicyUsageFilter"), FIELD(marker, "Marker").bounds(1, 320),
          FIELD(max_items, "MaxItems").bounds(1, 1000))

struct PolicyUser {
  std::optional<std::string> user_name, user_id;
};
PDS_SHAPE(PolicyUser, FIELD(user_name, "UserName"), FIELD(user_id, "UserId"))

struct PolicyRole {
  std::optional<std::string> role_name, role_id;
};
PDS_SHAPE(PolicyRole, FIELD(role_name, "RoleName"), FIELD(role_id, "RoleId"))

struct ListEntitiesForPolicyReply {
  std::vector<PolicyUser> policy_users;
  std::vector<PolicyRole> policy_roles;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListEntitiesForPolicyReply, FIELD(policy_users, "PolicyUsers"), FIELD(policy_roles, "PolicyRoles"),
          FIELD(is_truncated, "IsTruncated"), FIELD(marker, "Marker"))

PDS_OPERATION(ListEntitiesForPolicy)

struct CreateInstanceProfileRequest {
  std::string instance_profile_name;
  std::optional<std::string> path;
  std::vector<Tag> tags;
};
PDS_SHAPE(CreateInstanceProfileRequest, FIELD(instance_profile_name, "InstanceProfileName").required().bounds(1, 128),
          FIELD(path, "Path").bounds(1, 512), FIELD(tags, "Tags").bounds(0, 50))

struct InstanceProfile {
  std::string path, instance_profile_name, instance_profile_id, arn;
  Timestamp create_date{};
  std::vector<Role> roles;
  std::vector<Tag> tags;
};
PDS_SHAPE(InstanceProfile, FIELD(path, "Path"), FIELD(instance_profile_name, "InstanceProfileName"),
          FIELD(instance_profile_id, "InstanceProfileId"), FIELD(arn, "Arn"), FIELD(create_date, "CreateDate"),
          FIELD(roles, "Roles"), FIELD(tags, "Tags"))

struct CreateInstanceProfileReply {
  InstanceProfile instance_profile;
};
PDS_SHAPE(CreateInstanceProfileReply, FIELD(instance_profile, "InstanceProfile"))

PDS_OPERATION(CreateInstanceProfile)

struct GetInstanceProfileRequest {
  std::string instance_profile_name;
};
PDS_SHAPE(GetInstanceProfileRequest, FIELD(instance_profile_name, "InstanceProfileName").required().bounds(1, 128))

struct GetInstanceProfileReply {
  InstanceProfile instance_profile;
};
PDS_SHAPE(GetInstanceProfileReply, FIELD(instance_profile, "InstanceProfile"))

PDS_OPERATION(GetInstanceProfile)

struct ListInstanceProfilesRequest {
  std::optional<std::string> path_prefix, marker;
  std::optional<int> max_items;
};
PDS_SHAPE(ListInstanceProfilesRequest, FIELD(path_prefix, "PathPrefix").bounds(1, 512), FIELD(marker, "Marker").bounds(1, 320),
          FIELD(max_items, "MaxItems").bounds(1, 1000))

struct ListInstanceProfilesReply {
  std::vector<InstanceProfile> instance_profiles;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListInstanceProfilesReply, FIELD(instance_profiles, "InstanceProfiles"), FIELD(is_truncated, "IsTruncated"),
          FIELD(marker, "Marker"))

PDS_OPERATION(ListInstanceProfiles)

struct DeleteInstanceProfileRequest {
  std::string instance_profile_name;
};
PDS_SHAPE(DeleteInstanceProfileRequest, FIELD(instance_profile_name, "InstanceProfileName").required().bounds(1, 128))

struct DeleteInstanceProfileReply {};
PDS_EMPTY_SHAPE(DeleteInstanceProfileReply)

PDS_OPERATION(DeleteInstanceProfile)

struct AddRoleToInstanceProfileRequest {
  std::string instance_profile_name, role_name;
};
PDS_SHAPE(AddRoleToInstanceProfileRequest, FIELD(instance_profile_name, "InstanceProfileName").required().bounds(1, 128),
          FIELD(role_name, "RoleName").required().bounds(1, 64))

struct AddRoleToInstanceProfileReply {};
PDS_EMPTY_SHAPE(AddRoleToInstanceProfileReply)

PDS_OPERATION(AddRoleToInstanceProfile)

struct RemoveRoleFromInstanceProfileRequest {
  std::string instance_profile_name, role_name;
};
PDS_SHAPE(RemoveRoleFromInstanceProfileRequest, FIELD(instance_profile_name, "InstanceProfileName").required().bounds(1, 128),
          FIELD(role_name, "RoleName").required().bounds(1, 64))

struct RemoveRoleFromInstanceProfileReply {};
PDS_EMPTY_SHAPE(RemoveRoleFromInstanceProfileReply)

PDS_OPERATION(RemoveRoleFromInstanceProfile)

struct ListInstanceProfilesForRoleRequest {
  std::string role_name;
  std::optional<std::string> marker;
  std::optional<int> max_items;
};
PDS_SHAPE(ListInstanceProfilesForRoleRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
          FIELD(marker, "Marker").bounds(1, 320), FIELD(max_items, "MaxItems").bounds(1, 1000))

struct ListInstanceProfilesForRoleReply {
  std::vector<InstanceProfile> instance_profiles;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListInstanceProfilesForRoleReply, FIELD(instance_profiles, "InstanceProfiles"), FIELD(is_truncated, "IsTruncated"),
          FIELD(marker, "Marker"))

PDS_OPERATION(ListInstanceProfilesForRole)

struct TagRoleRequest {
  std::string role_name;
  std::vector<Tag> tags;
};
PDS_SHAPE(TagRoleRequest, FIELD(role_name, "RoleName").required().bounds(1, 64), FIELD(tags, "Tags").required().bounds(0, 50))

struct TagRoleReply {};
PDS_EMPTY_SHAPE(TagRoleReply)

PDS_OPERATION(TagRole)

struct UntagRoleRequest {
  std::string role_name;
  std::vector<std::string> tag_keys;
};
PDS_SHAPE(UntagRoleRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
          FIELD(tag_keys, "TagKeys").required().bounds(0, 50))

struct UntagRoleReply {};
PDS_EMPTY_SHAPE(UntagRoleReply)

PDS_OPERATION(UntagRole)

struct ListRoleTagsRequest {
  std::string role_name;
  std::optional<std::string> marker;
  std::optional<int> max_items;
};
PDS_SHAPE(ListRoleTagsRequest, FIELD(role_name, "RoleName").required().bounds(1, 64), FIELD(marker, "Marker").bounds(1, 320),
          FIELD(max_items, "MaxItems").bounds(1, 1000))

struct ListRoleTagsReply {
  std::vector<Tag> tags;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListRoleTagsReply, FIELD(tags, "Tags"), FIELD(is_truncated, "IsTruncated"), FIELD(marker, "Marker"))

PDS_OPERATION(ListRoleTags)

struct TagPolicyRequest {
  std::string policy_arn;
  std::vector<Tag> tags;
};
PDS_SHAPE(TagPolicyRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048),
          FIELD(tags, "Tags").required().bounds(0, 50))

struct TagPolicyReply {};
PDS_EMPTY_SHAPE(TagPolicyReply)

PDS_OPERATION(TagPolicy)

struct UntagPolicyRequest {
  std::string policy_arn;
  std::vector<std::string> tag_keys;
};
PDS_SHAPE(UntagPolicyRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048),
          FIELD(tag_keys, "TagKeys").required().bounds(0, 50))

struct UntagPolicyReply {};
PDS_EMPTY_SHAPE(UntagPolicyReply)

PDS_OPERATION(UntagPolicy)

struct ListPolicyTagsRequest {
  std::string policy_arn;
  std::optional<std::string> marker;
  std::optional<int> max_items;
};
PDS_SHAPE(ListPolicyTagsRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048), FIELD(marker, "Marker").bounds(1, 320),
          FIELD(max_items, "MaxItems").bounds(1, 1000))

struct ListPolicyTagsReply {
  std::vector<Tag> tags;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListPolicyTagsReply, FIELD(tags, "Tags"), FIELD(is_truncated, "IsTruncated"), FIELD(marker, "Marker"))

PDS_OPERATION(ListPolicyTags)

struct TagInstanceProfileRequest {
  std::string instance_profile_name;
  std::vector<Tag> tags;
};
PDS_SHAPE(TagInstanceProfileRequest, FIELD(instance_profile_name, "InstanceProfileName").required().bounds(1, 128),
          FIELD(tags, "Tags").required().bounds(0, 50))

struct TagInstanceProfileReply {};
PDS_EMPTY_SHAPE(TagInstanceProfileReply)

PDS_OPERATION(TagInstanceProfile)

struct UntagInstanceProfileRequest {
  std::string instance_profile_name;
  std::vector<std::string> tag_keys;
};
PDS_SHAPE(UntagInstanceProfileRequest, FIELD(instance_profile_name, "InstanceProfileName").required().bounds(1, 128),
          FIELD(tag_keys, "TagKeys").required().bounds(0, 50))

struct UntagInstanceProfileReply {};
PDS_EMPTY_SHAPE(UntagInstanceProfileReply)

PDS_OPERATION(UntagInstanceProfile)

struct ListInstanceProfileTagsRequest {
  std::string instance_profile_name;
  std::optional<std::string> marker;
  std::optional<int> max_items;
};
PDS_SHAPE(ListInstanceProfileTagsRequest, FIELD(instance_profile_name, "InstanceProfileName").required().bounds(1, 128),
          FIELD(marker, "Marker").bounds(1, 320), FIELD(max_items, "MaxItems").bounds(1, 1000))

struct ListInstanceProfileTagsReply {
  std::vector<Tag> tags;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListInstanceProfileTagsReply, FIELD(tags, "Tags"), FIELD(is_truncated, "IsTruncated"), FIELD(marker, "Marker"))

PDS_OPERATION(ListInstanceProfileTags)

struct CreateUserRequest {
  std::optional<std::string> path;
  std::string user_name;
  std::optional<Unsupported> permissions_boundary;
  std::vector<Tag> tags;
};
PDS_SHAPE(CreateUserRequest, FIELD(path, "Path").bounds(1, 512), FIELD(user_name, "UserName").required().bounds(1, 64),
          FIELD(permissions_boundary, "PermissionsBoundary"), FIELD(tags, "Tags").bounds(0, 50))

struct User {
  std::string path, user_name, user_id, arn;
  Timestamp create_date{};
  std::vector<Tag> tags;
};
PDS_SHAPE(User, FIELD(path, "Path"), FIELD(user_name, "UserName"), FIELD(user_id, "UserId"), FIELD(arn, "Arn"),
          FIELD(create_date, "CreateDate"), FIELD(tags, "Tags"))

struct CreateUserReply {
  std::optional<User> user;
};
PDS_SHAPE(CreateUserReply, FIELD(user, "User"))

PDS_OPERATION(CreateUser)

struct GetUserRequest {
  std::optional<std::string> user_name;
};
PDS_SHAPE(GetUserRequest, FIELD(user_name, "UserName").bounds(1, 128))

struct GetUserReply {
  User user;
};
PDS_SHAPE(GetUserReply, FIELD(user, "User"))

PDS_OPERATION(GetUser)

struct ListUsersRequest {
  std::optional<std::string> path_prefix, marker;
  std::optional<int> max_items;
};
PDS_SHAPE(ListUsersRequest, FIELD(path_prefix, "PathPrefix").bounds(1, 512), FIELD(marker, "Marker").bounds(1, 320),
          FIELD(max_items, "MaxItems").bounds(1, 1000))

struct ListUsersReply {
  std::vector<User> users;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListUsersReply, FIELD(users, "Users"), FIELD(is_truncated, "IsTruncated"), FIELD(marker, "Marker"))

PDS_OPERATION(ListUsers)

struct DeleteUserRequest {
  std::string user_name;
};
PDS_SHAPE(DeleteUserRequest, FIELD(user_name, "UserName").required().bounds(1, 128))

struct DeleteUserReply {};
PDS_EMPTY_SHAPE(DeleteUserReply)

PDS_OPERATION(DeleteUser)

struct CreateAccessKeyRequest {
  std::optional<std::string> user_name;
};
PDS_SHAPE(CreateAccessKeyRequest, FIELD(user_name, "UserName").bounds(1, 128))

struct AccessKey {
  std::string user_name, access_key_id, status, secret_access_key;
  std::optional<Timestamp> create_date;
};
PDS_SHAPE(AccessKey, FIELD(user_name, "UserName"), FIELD(access_key_id, "AccessKeyId"), FIELD(status, "Status"),
          FIELD(secret_access_key, "SecretAccessKey").sensitive(), FIELD(create_date, "CreateDate"))

struct CreateAccessKeyReply {
  AccessKey access_key;
};
PDS_SHAPE(CreateAccessKeyReply, FIELD(access_key, "AccessKey"))

PDS_OPERATION(CreateAccessKey)

struct ListAccessKeysRequest {
  std::optional<std::string> user_name, marker;
  std::optional<int> max_items;
};
PDS_SHAPE(ListAccessKeysRequest, FIELD(user_name, "UserName").bounds(1, 128), FIELD(marker, "Marker").bounds(1, 320),
          FIELD(max_items, "MaxItems").bounds(1, 1000))

struct AccessKeyMetadata {
  std::optional<std::string> user_name, access_key_id, status;
  std::optional<Timestamp> create_date;
};
PDS_SHAPE(AccessKeyMetadata, FIELD(user_name, "UserName"), FIELD(access_key_id, "AccessKeyId"), FIELD(status, "Status"),
          FIELD(create_date, "CreateDate"))

struct ListAccessKeysReply {
  std::vector<AccessKeyMetadata> access_key_metadata;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListAccessKeysReply, FIELD(access_key_metadata, "AccessKeyMetadata"), FIELD(is_truncated, "IsTruncated"),
          FIELD(marker, "Marker"))

PDS_OPERATION(ListAccessKeys)

struct UpdateAccessKeyRequest {
  std::optional<std::string> user_name;
  std::string access_key_id, status;
};
PDS_SHAPE(UpdateAccessKeyRequest, FIELD(user_name, "UserName").bounds(1, 128),
          FIELD(access_key_id, "AccessKeyId").required().bounds(16, 128), FIELD(status, "Status").required())

struct UpdateAccessKeyReply {};
PDS_EMPTY_SHAPE(UpdateAccessKeyReply)

PDS_OPERATION(UpdateAccessKey)

struct DeleteAccessKeyRequest {
  std::optional<std::string> user_name;
  std::string access_key_id;
};
PDS_SHAPE(DeleteAccessKeyRequest, FIELD(user_name, "UserName").bounds(1, 128),
          FIELD(access_key_id, "AccessKeyId").required().bounds(16, 128))

struct DeleteAccessKeyReply {};
PDS_EMPTY_SHAPE(DeleteAccessKeyReply)

PDS_OPERATION(DeleteAccessKey)

struct PutUserPolicyRequest {
  std::string user_name, policy_name, policy_document;
};
PDS_SHAPE(PutUserPolicyRequest, FIELD(user_name, "UserName").required().bounds(1, 128),
          FIELD(policy_name, "PolicyName").required().bounds(1, 128),
          FIELD(policy_document, "PolicyDocument").required().bounds(1, 131072))

struct PutUserPolicyReply {};
PDS_EMPTY_SHAPE(PutUserPolicyReply)

PDS_OPERATION(PutUserPolicy)

struct GetUserPolicyRequest {
  std::string user_name, policy_name;
};
PDS_SHAPE(GetUserPolicyRequest, FIELD(user_name, "UserName").required().bounds(1, 128),
          FIELD(policy_name, "PolicyName").required().bounds(1, 128))

struct GetUserPolicyReply {
  std::string user_name, policy_name, policy_document;
};
PDS_SHAPE(GetUserPolicyReply, FIELD(user_name, "UserName"), FIELD(policy_name, "PolicyName"),
          FIELD(policy_document, "PolicyDocument"))

PDS_OPERATION(GetUserPolicy)

struct ListUserPoliciesRequest {
  std::string user_name;
  std::optional<std::string> marker;
  std::optional<int> max_items;
};
PDS_SHAPE(ListUserPoliciesRequest, FIELD(user_name, "UserName").required().bounds(1, 128), FIELD(marker, "Marker").bounds(1, 320),
          FIELD(max_items, "MaxItems").bounds(1, 1000))

struct ListUserPoliciesReply {
  std::vector<std::string> policy_names;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListUserPoliciesReply, FIELD(policy_names, "PolicyNames"), FIELD(is_truncated, "IsTruncated"), FIELD(marker, "Marker"))

PDS_OPERATION(ListUserPolicies)

struct DeleteUserPolicyRequest {
  std::string user_name, policy_name;
};
PDS_SHAPE(DeleteUserPolicyRequest, FIELD(user_name, "UserName").required().bounds(1, 128),
          FIELD(policy_name, "PolicyName").required().bounds(1, 128))

struct DeleteUserPolicyReply {};
PDS_EMPTY_SHAPE(DeleteUserPolicyReply)

PDS_OPERATION(DeleteUserPolicy)

struct AttachUserPolicyRequest {
  std::string user_name, policy_arn;
};
PDS_SHAPE(AttachUserPolicyRequest, FIELD(user_name, "UserName").required().bounds(1, 64),
          FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048))

struct AttachUserPolicyReply {};
PDS_EMPTY_SHAPE(AttachUserPolicyReply)

PDS_OPERATION(AttachUserPolicy)

struct DetachUserPolicyRequest {
  std::string user_name, policy_arn;
};
PDS_SHAPE(DetachUserPolicyRequest, FIELD(user_name, "UserName").required().bounds(1, 64),
          FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048))

struct DetachUserPolicyReply {};
PDS_EMPTY_SHAPE(DetachUserPolicyReply)

PDS_OPERATION(DetachUserPolicy)

struct ListAttachedUserPoliciesRequest {
  std::string user_name;
  std::optional<std::string> path_prefix, marker;
  std::optional<int> max_items;
};
PDS_SHAPE(ListAttachedUserPoliciesRequest, FIELD(user_name, "UserName").required().bounds(1, 64),
          FIELD(path_prefix, "PathPrefix").bounds(1, 512), FIELD(marker, "Marker").bounds(1, 320),
          FIELD(max_items, "MaxItems").bounds(1, 1000))

struct ListAttachedUserPoliciesReply {
  std::vector<AttachedPolicy> attached_policies;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListAttachedUserPoliciesReply, FIELD(attached_policies, "AttachedPolicies"), FIELD(is_truncated, "IsTruncated"),
          FIELD(marker, "Marker"))

PDS_OPERATION(ListAttachedUserPolicies)

struct TagUserRequest {
  std::string user_name;
  std::vector<Tag> tags;
};
PDS_SHAPE(TagUserRequest, FIELD(user_name, "UserName").required().bounds(1, 128), FIELD(tags, "Tags").required().bounds(0, 50))

struct TagUserReply {};
PDS_EMPTY_SHAPE(TagUserReply)

PDS_OPERATION(TagUser)

struct UntagUserRequest {
  std::string user_name;
  std::vector<std::string> tag_keys;
};
PDS_SHAPE(UntagUserRequest, FIELD(user_name, "UserName").required().bounds(1, 128),
          FIELD(tag_keys, "TagKeys").required().bounds(0, 50))

struct UntagUserReply {};
PDS_EMPTY_SHAPE(UntagUserReply)

PDS_OPERATION(UntagUser)

struct ListUserTagsRequest {
  std::string user_name;
  std::optional<std::string> marker;
  std::optional<int> max_items;
};
PDS_SHAPE(ListUserTagsRequest, FIELD(user_name, "UserName").required().bounds(1, 128), FIELD(marker, "Marker").bounds(1, 320),
          FIELD(max_items, "MaxItems").bounds(1, 1000))

struct ListUserTagsReply {
  std::vector<Tag> tags;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_SHAPE(ListUserTagsReply, FIELD(tags, "Tags"), FIELD(is_truncated, "IsTruncated"), FIELD(marker, "Marker"))

PDS_OPERATION(ListUserTags)

}  // namespace pds::aws::iam
