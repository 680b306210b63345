// IAM 2010-05-08: roles and their policies.
#pragma once

#include "aws/shapes/iam/common.h"

namespace pds::aws::iam {

struct CreateRoleRequest {
  std::optional<std::string> path, description;
  std::string role_name, assume_role_policy_document;
  std::optional<int> max_session_duration;
  std::optional<Unsupported> permissions_boundary;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(CreateRoleRequest, FIELD(path, "Path").bounds(1, 512), FIELD(role_name, "RoleName").required().bounds(1, 64),
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
PDS_WIRE_SHAPE(Role, FIELD(path, "Path"), FIELD(role_name, "RoleName"), FIELD(role_id, "RoleId"), FIELD(arn, "Arn"),
               FIELD(create_date, "CreateDate"), FIELD(assume_role_policy_document, "AssumeRolePolicyDocument"),
               FIELD(description, "Description"), FIELD(max_session_duration, "MaxSessionDuration"), FIELD(tags, "Tags"))

struct RoleReply {
  Role role;
};
PDS_WIRE_SHAPE(RoleReply, FIELD(role, "Role"))

using CreateRoleReply = RoleReply;
PDS_OPERATION(CreateRole)

// The request names one role and nothing else.
struct RoleNameRequest {
  std::string role_name;
};
PDS_WIRE_SHAPE(RoleNameRequest, FIELD(role_name, "RoleName").required().bounds(1, 64))

using GetRoleRequest = RoleNameRequest;
using GetRoleReply = RoleReply;
PDS_OPERATION(GetRole)

using ListRolesRequest = PathPageRequest;

struct ListRolesReply {
  std::vector<Role> roles;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_WIRE_SHAPE(ListRolesReply, FIELD(roles, "Roles"), PDS_IAM_PAGE_REPLY)

PDS_OPERATION(ListRoles)

struct UpdateRoleRequest {
  std::string role_name;
  std::optional<std::string> description;
  std::optional<int> max_session_duration;
};
PDS_WIRE_SHAPE(UpdateRoleRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
               FIELD(description, "Description").bounds(0, 1000), FIELD(max_session_duration, "MaxSessionDuration").bounds(3600, 43200))

using UpdateRoleReply = Empty;
PDS_OPERATION(UpdateRole)

using DeleteRoleRequest = RoleNameRequest;
using DeleteRoleReply = Empty;
PDS_OPERATION(DeleteRole)

struct UpdateAssumeRolePolicyRequest {
  std::string role_name, policy_document;
};
PDS_WIRE_SHAPE(UpdateAssumeRolePolicyRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
               FIELD(policy_document, "PolicyDocument").required().bounds(1, 131072))

using UpdateAssumeRolePolicyReply = Empty;
PDS_OPERATION(UpdateAssumeRolePolicy)

struct PutRolePolicyRequest {
  std::string role_name, policy_name, policy_document;
};
PDS_WIRE_SHAPE(PutRolePolicyRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
               FIELD(policy_name, "PolicyName").required().bounds(1, 128),
               FIELD(policy_document, "PolicyDocument").required().bounds(1, 131072))

using PutRolePolicyReply = Empty;
PDS_OPERATION(PutRolePolicy)

// One inline policy of a role.
struct RolePolicyRequest {
  std::string role_name, policy_name;
};
PDS_WIRE_SHAPE(RolePolicyRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
               FIELD(policy_name, "PolicyName").required().bounds(1, 128))

using GetRolePolicyRequest = RolePolicyRequest;

struct GetRolePolicyReply {
  std::string role_name, policy_name, policy_document;
};
PDS_WIRE_SHAPE(GetRolePolicyReply, FIELD(role_name, "RoleName"), FIELD(policy_name, "PolicyName"),
               FIELD(policy_document, "PolicyDocument"))

PDS_OPERATION(GetRolePolicy)

// A page of what belongs to a role.
struct RolePageRequest {
  std::string role_name;
  std::optional<std::string> marker;
  std::optional<int> max_items;
};
PDS_WIRE_SHAPE(RolePageRequest, FIELD(role_name, "RoleName").required().bounds(1, 64), PDS_IAM_PAGE_REQUEST)

using ListRolePoliciesRequest = RolePageRequest;
using ListRolePoliciesReply = PolicyNamesReply;
PDS_OPERATION(ListRolePolicies)

using DeleteRolePolicyRequest = RolePolicyRequest;
using DeleteRolePolicyReply = Empty;
PDS_OPERATION(DeleteRolePolicy)

struct RoleAttachmentRequest {
  std::string role_name, policy_arn;
};
PDS_WIRE_SHAPE(RoleAttachmentRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
               FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048))

using AttachRolePolicyRequest = RoleAttachmentRequest;
using AttachRolePolicyReply = Empty;
PDS_OPERATION(AttachRolePolicy)

using DetachRolePolicyRequest = RoleAttachmentRequest;
using DetachRolePolicyReply = Empty;
PDS_OPERATION(DetachRolePolicy)

struct ListAttachedRolePoliciesRequest {
  std::string role_name;
  std::optional<std::string> path_prefix, marker;
  std::optional<int> max_items;
};
PDS_WIRE_SHAPE(ListAttachedRolePoliciesRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
               FIELD(path_prefix, "PathPrefix").bounds(1, 512), PDS_IAM_PAGE_REQUEST)

using ListAttachedRolePoliciesReply = AttachedPoliciesReply;
PDS_OPERATION(ListAttachedRolePolicies)

struct TagRoleRequest {
  std::string role_name;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(TagRoleRequest, FIELD(role_name, "RoleName").required().bounds(1, 64), FIELD(tags, "Tags").required().bounds(0, 50))

using TagRoleReply = Empty;
PDS_OPERATION(TagRole)

struct UntagRoleRequest {
  std::string role_name;
  std::vector<std::string> tag_keys;
};
PDS_WIRE_SHAPE(UntagRoleRequest, FIELD(role_name, "RoleName").required().bounds(1, 64),
               FIELD(tag_keys, "TagKeys").required().bounds(0, 50))

using UntagRoleReply = Empty;
PDS_OPERATION(UntagRole)

using ListRoleTagsRequest = RolePageRequest;
using ListRoleTagsReply = TagsReply;
PDS_OPERATION(ListRoleTags)

}  // namespace pds::aws::iam
