// IAM 2010-05-08: users and their policies.
#pragma once

#include "aws/shapes/iam/common.h"

namespace pds::aws::iam {

struct CreateUserRequest {
  std::optional<std::string> path;
  std::string user_name;
  std::optional<Unsupported> permissions_boundary;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(CreateUserRequest, FIELD(path, "Path").bounds(1, 512), FIELD(user_name, "UserName").required().bounds(1, 64),
               FIELD(permissions_boundary, "PermissionsBoundary"), FIELD(tags, "Tags").bounds(0, 50))

struct User {
  std::string path, user_name, user_id, arn;
  Timestamp create_date{};
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(User, FIELD(path, "Path"), FIELD(user_name, "UserName"), FIELD(user_id, "UserId"), FIELD(arn, "Arn"),
               FIELD(create_date, "CreateDate"), FIELD(tags, "Tags"))

struct CreateUserReply {
  std::optional<User> user;
};
PDS_WIRE_SHAPE(CreateUserReply, FIELD(user, "User"))

PDS_OPERATION(CreateUser)

// Without a name it is about the caller's own user.
struct CallersUserRequest {
  std::optional<std::string> user_name;
};
PDS_WIRE_SHAPE(CallersUserRequest, FIELD(user_name, "UserName").bounds(1, 128))

using GetUserRequest = CallersUserRequest;

struct GetUserReply {
  User user;
};
PDS_WIRE_SHAPE(GetUserReply, FIELD(user, "User"))

PDS_OPERATION(GetUser)

using ListUsersRequest = PathPageRequest;

struct ListUsersReply {
  std::vector<User> users;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_WIRE_SHAPE(ListUsersReply, FIELD(users, "Users"), PDS_IAM_PAGE_REPLY)

PDS_OPERATION(ListUsers)

struct DeleteUserRequest {
  std::string user_name;
};
PDS_WIRE_SHAPE(DeleteUserRequest, FIELD(user_name, "UserName").required().bounds(1, 128))

using DeleteUserReply = Empty;
PDS_OPERATION(DeleteUser)

struct PutUserPolicyRequest {
  std::string user_name, policy_name, policy_document;
};
PDS_WIRE_SHAPE(PutUserPolicyRequest, FIELD(user_name, "UserName").required().bounds(1, 128),
               FIELD(policy_name, "PolicyName").required().bounds(1, 128),
               FIELD(policy_document, "PolicyDocument").required().bounds(1, 131072))

using PutUserPolicyReply = Empty;
PDS_OPERATION(PutUserPolicy)

// One inline policy of a user.
struct UserPolicyRequest {
  std::string user_name, policy_name;
};
PDS_WIRE_SHAPE(UserPolicyRequest, FIELD(user_name, "UserName").required().bounds(1, 128),
               FIELD(policy_name, "PolicyName").required().bounds(1, 128))

using GetUserPolicyRequest = UserPolicyRequest;

struct GetUserPolicyReply {
  std::string user_name, policy_name, policy_document;
};
PDS_WIRE_SHAPE(GetUserPolicyReply, FIELD(user_name, "UserName"), FIELD(policy_name, "PolicyName"),
               FIELD(policy_document, "PolicyDocument"))

PDS_OPERATION(GetUserPolicy)

// A page of what belongs to a user.
struct UserPageRequest {
  std::string user_name;
  std::optional<std::string> marker;
  std::optional<int> max_items;
};
PDS_WIRE_SHAPE(UserPageRequest, FIELD(user_name, "UserName").required().bounds(1, 128), PDS_IAM_PAGE_REQUEST)

using ListUserPoliciesRequest = UserPageRequest;
using ListUserPoliciesReply = PolicyNamesReply;
PDS_OPERATION(ListUserPolicies)

using DeleteUserPolicyRequest = UserPolicyRequest;
using DeleteUserPolicyReply = Empty;
PDS_OPERATION(DeleteUserPolicy)

struct UserAttachmentRequest {
  std::string user_name, policy_arn;
};
PDS_WIRE_SHAPE(UserAttachmentRequest, FIELD(user_name, "UserName").required().bounds(1, 64),
               FIELD(policy_arn, "PolicyArn").required().bounds(20, 2048))

using AttachUserPolicyRequest = UserAttachmentRequest;
using AttachUserPolicyReply = Empty;
PDS_OPERATION(AttachUserPolicy)

using DetachUserPolicyRequest = UserAttachmentRequest;
using DetachUserPolicyReply = Empty;
PDS_OPERATION(DetachUserPolicy)

struct ListAttachedUserPoliciesRequest {
  std::string user_name;
  std::optional<std::string> path_prefix, marker;
  std::optional<int> max_items;
};
PDS_WIRE_SHAPE(ListAttachedUserPoliciesRequest, FIELD(user_name, "UserName").required().bounds(1, 64),
               FIELD(path_prefix, "PathPrefix").bounds(1, 512), PDS_IAM_PAGE_REQUEST)

using ListAttachedUserPoliciesReply = AttachedPoliciesReply;
PDS_OPERATION(ListAttachedUserPolicies)

struct TagUserRequest {
  std::string user_name;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(TagUserRequest, FIELD(user_name, "UserName").required().bounds(1, 128), FIELD(tags, "Tags").required().bounds(0, 50))

using TagUserReply = Empty;
PDS_OPERATION(TagUser)

struct UntagUserRequest {
  std::string user_name;
  std::vector<std::string> tag_keys;
};
PDS_WIRE_SHAPE(UntagUserRequest, FIELD(user_name, "UserName").required().bounds(1, 128),
               FIELD(tag_keys, "TagKeys").required().bounds(0, 50))

using UntagUserReply = Empty;
PDS_OPERATION(UntagUser)

using ListUserTagsRequest = UserPageRequest;
using ListUserTagsReply = TagsReply;
PDS_OPERATION(ListUserTags)

}  // namespace pds::aws::iam
