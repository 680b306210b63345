// IAM 2010-05-08: managed policies and their versions.
#pragma once

#include "aws/shapes/iam/common.h"

namespace pds::aws::iam {

struct CreatePolicyRequest {
  std::string policy_name, policy_document;
  std::optional<std::string> path, description;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(CreatePolicyRequest, FIELD(policy_name, "PolicyName").required().bounds(1, 128), FIELD(path, "Path").bounds(1, 512),
               FIELD(policy_document, "PolicyDocument").required().bounds(1, 131072), FIELD(description, "Description").bounds(0, 1000),
               FIELD(tags, "Tags").bounds(0, 50))

struct Policy {
  std::optional<std::string> policy_name, policy_id, arn, path, default_version_id, description;
  std::optional<int> attachment_count;
  std::optional<bool> is_attachable;
  std::optional<Timestamp> create_date, update_date;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(Policy, FIELD(policy_name, "PolicyName"), FIELD(policy_id, "PolicyId"), FIELD(arn, "Arn"), FIELD(path, "Path"),
               FIELD(default_version_id, "DefaultVersionId"), FIELD(attachment_count, "AttachmentCount"),
               FIELD(is_attachable, "IsAttachable"), FIELD(description, "Description"), FIELD(create_date, "CreateDate"),
               FIELD(update_date, "UpdateDate"), FIELD(tags, "Tags"))

struct PolicyReply {
  std::optional<Policy> policy;
};
PDS_WIRE_SHAPE(PolicyReply, FIELD(policy, "Policy"))

using CreatePolicyReply = PolicyReply;
PDS_OPERATION(CreatePolicy)

struct PolicyArnRequest {
  std::string policy_arn;
};
PDS_WIRE_SHAPE(PolicyArnRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048))

using GetPolicyRequest = PolicyArnRequest;
using GetPolicyReply = PolicyReply;
PDS_OPERATION(GetPolicy)

struct ListPoliciesRequest {
  std::optional<std::string> scope, path_prefix, marker;
  std::optional<bool> only_attached;
  std::optional<Unsupported> policy_usage_filter;
  std::optional<int> max_items;
};
PDS_WIRE_SHAPE(ListPoliciesRequest, FIELD(scope, "Scope"), FIELD(only_attached, "OnlyAttached"),
               FIELD(path_prefix, "PathPrefix").bounds(1, 512), FIELD(policy_usage_filter, "PolicyUsageFilter"), PDS_IAM_PAGE_REQUEST)

struct ListPoliciesReply {
  std::vector<Policy> policies;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_WIRE_SHAPE(ListPoliciesReply, FIELD(policies, "Policies"), PDS_IAM_PAGE_REPLY)

PDS_OPERATION(ListPolicies)

using DeletePolicyRequest = PolicyArnRequest;
using DeletePolicyReply = Empty;
PDS_OPERATION(DeletePolicy)

struct CreatePolicyVersionRequest {
  std::string policy_arn, policy_document;
  std::optional<bool> set_as_default;
};
PDS_WIRE_SHAPE(CreatePolicyVersionRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048),
               FIELD(policy_document, "PolicyDocument").required().bounds(1, 131072), FIELD(set_as_default, "SetAsDefault"))

struct PolicyVersion {
  std::optional<std::string> document, version_id;
  std::optional<bool> is_default_version;
  std::optional<Timestamp> create_date;
};
PDS_WIRE_SHAPE(PolicyVersion, FIELD(document, "Document"), FIELD(version_id, "VersionId"), FIELD(is_default_version, "IsDefaultVersion"),
               FIELD(create_date, "CreateDate"))

struct PolicyVersionReply {
  std::optional<PolicyVersion> policy_version;
};
PDS_WIRE_SHAPE(PolicyVersionReply, FIELD(policy_version, "PolicyVersion"))

using CreatePolicyVersionReply = PolicyVersionReply;
PDS_OPERATION(CreatePolicyVersion)

// One version of a policy.
struct PolicyVersionRequest {
  std::string policy_arn, version_id;
};
PDS_WIRE_SHAPE(PolicyVersionRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048),
               FIELD(version_id, "VersionId").required())

using GetPolicyVersionRequest = PolicyVersionRequest;
using GetPolicyVersionReply = PolicyVersionReply;
PDS_OPERATION(GetPolicyVersion)

// A page of what belongs to a policy.
struct PolicyPageRequest {
  std::string policy_arn;
  std::optional<std::string> marker;
  std::optional<int> max_items;
};
PDS_WIRE_SHAPE(PolicyPageRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048), PDS_IAM_PAGE_REQUEST)

using ListPolicyVersionsRequest = PolicyPageRequest;

struct ListPolicyVersionsReply {
  std::vector<PolicyVersion> versions;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_WIRE_SHAPE(ListPolicyVersionsReply, FIELD(versions, "Versions"), PDS_IAM_PAGE_REPLY)

PDS_OPERATION(ListPolicyVersions)

using SetDefaultPolicyVersionRequest = PolicyVersionRequest;
using SetDefaultPolicyVersionReply = Empty;
PDS_OPERATION(SetDefaultPolicyVersion)

using DeletePolicyVersionRequest = PolicyVersionRequest;
using DeletePolicyVersionReply = Empty;
PDS_OPERATION(DeletePolicyVersion)

struct ListEntitiesForPolicyRequest {
  std::string policy_arn;
  std::optional<std::string> entity_filter, path_prefix, marker;
  std::optional<Unsupported> policy_usage_filter;
  std::optional<int> max_items;
};
PDS_WIRE_SHAPE(ListEntitiesForPolicyRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048),
               FIELD(entity_filter, "EntityFilter"), FIELD(path_prefix, "PathPrefix").bounds(1, 512),
               FIELD(policy_usage_filter, "PolicyUsageFilter"), PDS_IAM_PAGE_REQUEST)

struct PolicyUser {
  std::optional<std::string> user_name, user_id;
};
PDS_WIRE_SHAPE(PolicyUser, FIELD(user_name, "UserName"), FIELD(user_id, "UserId"))

struct PolicyRole {
  std::optional<std::string> role_name, role_id;
};
PDS_WIRE_SHAPE(PolicyRole, FIELD(role_name, "RoleName"), FIELD(role_id, "RoleId"))

struct ListEntitiesForPolicyReply {
  std::vector<PolicyUser> policy_users;
  std::vector<PolicyRole> policy_roles;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_WIRE_SHAPE(ListEntitiesForPolicyReply, FIELD(policy_users, "PolicyUsers"), FIELD(policy_roles, "PolicyRoles"), PDS_IAM_PAGE_REPLY)

PDS_OPERATION(ListEntitiesForPolicy)

struct TagPolicyRequest {
  std::string policy_arn;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(TagPolicyRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048),
               FIELD(tags, "Tags").required().bounds(0, 50))

using TagPolicyReply = Empty;
PDS_OPERATION(TagPolicy)

struct UntagPolicyRequest {
  std::string policy_arn;
  std::vector<std::string> tag_keys;
};
PDS_WIRE_SHAPE(UntagPolicyRequest, FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048),
               FIELD(tag_keys, "TagKeys").required().bounds(0, 50))

using UntagPolicyReply = Empty;
PDS_OPERATION(UntagPolicy)

using ListPolicyTagsRequest = PolicyPageRequest;
using ListPolicyTagsReply = TagsReply;
PDS_OPERATION(ListPolicyTags)

}  // namespace pds::aws::iam
