// IAM 2010-05-08: instance profiles.
#pragma once

#include "aws/shapes/iam/role.h"

namespace pds::aws::iam {

struct CreateInstanceProfileRequest {
  std::string instance_profile_name;
  std::optional<std::string> path;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(CreateInstanceProfileRequest, FIELD(instance_profile_name, "InstanceProfileName").required().bounds(1, 128),
               FIELD(path, "Path").bounds(1, 512), FIELD(tags, "Tags").bounds(0, 50))

struct InstanceProfile {
  std::string path, instance_profile_name, instance_profile_id, arn;
  Timestamp create_date{};
  std::vector<Role> roles;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(InstanceProfile, FIELD(path, "Path"), FIELD(instance_profile_name, "InstanceProfileName"),
               FIELD(instance_profile_id, "InstanceProfileId"), FIELD(arn, "Arn"), FIELD(create_date, "CreateDate"),
               FIELD(roles, "Roles"), FIELD(tags, "Tags"))

struct InstanceProfileReply {
  InstanceProfile instance_profile;
};
PDS_WIRE_SHAPE(InstanceProfileReply, FIELD(instance_profile, "InstanceProfile"))

using CreateInstanceProfileReply = InstanceProfileReply;
PDS_OPERATION(CreateInstanceProfile)

struct InstanceProfileNameRequest {
  std::string instance_profile_name;
};
PDS_WIRE_SHAPE(InstanceProfileNameRequest, FIELD(instance_profile_name, "InstanceProfileName").required().bounds(1, 128))

using GetInstanceProfileRequest = InstanceProfileNameRequest;
using GetInstanceProfileReply = InstanceProfileReply;
PDS_OPERATION(GetInstanceProfile)

using ListInstanceProfilesRequest = PathPageRequest;

struct InstanceProfilesReply {
  std::vector<InstanceProfile> instance_profiles;
  bool is_truncated = false;
  std::optional<std::string> marker;
};
PDS_WIRE_SHAPE(InstanceProfilesReply, FIELD(instance_profiles, "InstanceProfiles"), PDS_IAM_PAGE_REPLY)

using ListInstanceProfilesReply = InstanceProfilesReply;
PDS_OPERATION(ListInstanceProfiles)

using DeleteInstanceProfileRequest = InstanceProfileNameRequest;
using DeleteInstanceProfileReply = Empty;
PDS_OPERATION(DeleteInstanceProfile)

struct InstanceProfileRoleRequest {
  std::string instance_profile_name, role_name;
};
PDS_WIRE_SHAPE(InstanceProfileRoleRequest, FIELD(instance_profile_name, "InstanceProfileName").required().bounds(1, 128),
               FIELD(role_name, "RoleName").required().bounds(1, 64))

using AddRoleToInstanceProfileRequest = InstanceProfileRoleRequest;
using AddRoleToInstanceProfileReply = Empty;
PDS_OPERATION(AddRoleToInstanceProfile)

using RemoveRoleFromInstanceProfileRequest = InstanceProfileRoleRequest;
using RemoveRoleFromInstanceProfileReply = Empty;
PDS_OPERATION(RemoveRoleFromInstanceProfile)

using ListInstanceProfilesForRoleRequest = RolePageRequest;
using ListInstanceProfilesForRoleReply = InstanceProfilesReply;
PDS_OPERATION(ListInstanceProfilesForRole)

struct TagInstanceProfileRequest {
  std::string instance_profile_name;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(TagInstanceProfileRequest, FIELD(instance_profile_name, "InstanceProfileName").required().bounds(1, 128),
               FIELD(tags, "Tags").required().bounds(0, 50))

using TagInstanceProfileReply = Empty;
PDS_OPERATION(TagInstanceProfile)

struct UntagInstanceProfileRequest {
  std::string instance_profile_name;
  std::vector<std::string> tag_keys;
};
PDS_WIRE_SHAPE(UntagInstanceProfileRequest, FIELD(instance_profile_name, "InstanceProfileName").required().bounds(1, 128),
               FIELD(tag_keys, "TagKeys").required().bounds(0, 50))

using UntagInstanceProfileReply = Empty;
PDS_OPERATION(UntagInstanceProfile)

struct ListInstanceProfileTagsRequest {
  std::string instance_profile_name;
  std::optional<std::string> marker;
  std::optional<int> max_items;
};
PDS_WIRE_SHAPE(ListInstanceProfileTagsRequest, FIELD(instance_profile_name, "InstanceProfileName").required().bounds(1, 128),
          PDS_IAM_PAGE_REQUEST)

using ListInstanceProfileTagsReply = TagsReply;
PDS_OPERATION(ListInstanceProfileTags)

}  // namespace pds::aws::iam
