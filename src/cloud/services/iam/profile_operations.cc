// Instance profiles: what hands a role to instances.
#include <algorithm>

#include "cloud/services/iam/rules.h"

namespace pds::cloud::iam {

namespace wire = aws::iam;

Result<const ProfileRecord*> Iam::profile_at(std::string_view name) const {
  const ProfileRecord* record = profiles_.find(to_lower(name));
  if (!record) return no_such(fmt::format("Instance Profile {} cannot be found.", name));
  return record;
}

wire::InstanceProfile Iam::complete(const ProfileRecord& record) const {
  wire::InstanceProfile profile = record.profile;
  if (const RoleRecord* role = roles_.find(to_lower(record.role_name))) {
    profile.roles.push_back(role->role);
    profile.roles.back().assume_role_policy_document = percent_encode(role->role.assume_role_policy_document.value_or(""));
  }
  return profile;
}

std::optional<RoleSource::InstanceProfile> Iam::find_instance_profile(std::string_view name_or_arn) const {
  std::string_view name = name_or_arn;
  if (name.starts_with("arn:")) name = name.substr(name.rfind('/') + 1);
  const ProfileRecord* record = profiles_.find(to_lower(name));
  if (!record || (name_or_arn.starts_with("arn:") && record->profile.arn != name_or_arn)) return std::nullopt;
  InstanceProfile out{.arn = record->profile.arn, .id = record->profile.instance_profile_id};
  if (const RoleRecord* role = roles_.find(to_lower(record->role_name)))
    out.role_arn = role->role.arn, out.role_name = role->role.role_name;
  return out;
}

Result<wire::CreateInstanceProfileReply> Iam::create_instance_profile(const Call&,
                                                                      const wire::CreateInstanceProfileRequest& request) {
  CHECK(check_name("instanceProfileName", request.instance_profile_name));
  TRY(std::string path, check_path(request.path));
  CHECK(check_tags(request.tags));
  std::string key = to_lower(request.instance_profile_name);
  if (profiles_.contains(key))
    return fail("EntityAlreadyExists", fmt::format("Instance Profile {} already exists.", request.instance_profile_name), 409);
  ProfileRecord record;
  record.profile = {.path = path,
                    .instance_profile_name = request.instance_profile_name,
                    .instance_profile_id = new_id("AIPA", 17),
                    .arn = arn("instance-profile", path, request.instance_profile_name),
                    .create_date = core_.clock.now(),
                    .tags = request.tags};
  return wire::CreateInstanceProfileReply{complete(profiles_.put(key, std::move(record)))};
}

Result<wire::GetInstanceProfileReply> Iam::get_instance_profile(const Call&, const wire::GetInstanceProfileRequest& request) {
  TRY(const ProfileRecord* record, profile_at(request.instance_profile_name));
  return wire::GetInstanceProfileReply{complete(*record)};
}

Result<wire::ListInstanceProfilesReply> Iam::list_instance_profiles(const Call&, const wire::ListInstanceProfilesRequest& request) {
  std::vector<wire::InstanceProfile> profiles;
  for (const auto& [key, record] : profiles_.rows()) {
    if (record.profile.path.starts_with(request.path_prefix.value_or("/"))) profiles.push_back(complete(record));
  }
  wire::ListInstanceProfilesReply reply;
  TRY(reply.instance_profiles,
      page(std::move(profiles), request, reply, [](const wire::InstanceProfile& p) { return to_lower(p.instance_profile_name); }));
  return reply;
}

Result<wire::ListInstanceProfilesForRoleReply> Iam::list_instance_profiles_for_role(
    const Call&, const wire::ListInstanceProfilesForRoleRequest& request) {
  CHECK(role_at(request.role_name));
  std::vector<wire::InstanceProfile> profiles;
  for (const auto& [key, record] : profiles_.rows()) {
    if (iequals(record.role_name, request.role_name)) profiles.push_back(complete(record));
  }
  wire::ListInstanceProfilesForRoleReply reply;
  TRY(reply.instance_profiles,
      page(std::move(profiles), request, reply, [](const wire::InstanceProfile& p) { return to_lower(p.instance_profile_name); }));
  return reply;
}

Result<wire::DeleteInstanceProfileReply> Iam::delete_instance_profile(const Call&,
                                                                      const wire::DeleteInstanceProfileRequest& request) {
  TRY(const ProfileRecord* record, profile_at(request.instance_profile_name));
  if (!record->role_name.empty())
    return fail("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.", 409);
  profiles_.erase(to_lower(request.instance_profile_name));
  return wire::DeleteInstanceProfileReply{};
}

Result<wire::AddRoleToInstanceProfileReply> Iam::add_role_to_instance_profile(
    const Call&, const wire::AddRoleToInstanceProfileRequest& request) {
  TRY(const ProfileRecord* record, profile_at(request.instance_profile_name));
  TRY(const RoleRecord* role, role_at(request.role_name));
  if (!record->role_name.empty())
    return fail("LimitExceeded", "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1", 409);
  profiles_.update(to_lower(request.instance_profile_name), [&](ProfileRecord& p) { p.role_name = role->role.role_name; });
  return wire::AddRoleToInstanceProfileReply{};
}

Result<wire::RemoveRoleFromInstanceProfileReply> Iam::remove_role_from_instance_profile(
    const Call&, const wire::RemoveRoleFromInstanceProfileRequest& request) {
  TRY(const ProfileRecord* record, profile_at(request.instance_profile_name));
  if (!iequals(record->role_name, request.role_name))
    return no_such(
        fmt::format("Role {} in instance profile {} cannot be found.", request.role_name, request.instance_profile_name));
  profiles_.update(to_lower(request.instance_profile_name), [](ProfileRecord& p) { p.role_name.clear(); });
  return wire::RemoveRoleFromInstanceProfileReply{};
}

Result<wire::TagInstanceProfileReply> Iam::tag_instance_profile(const Call&, const wire::TagInstanceProfileRequest& request) {
  TRY(const ProfileRecord* record, profile_at(request.instance_profile_name));
  std::vector<wire::Tag> tags = record->profile.tags;
  CHECK(merge_tags(tags, request.tags));
  profiles_.update(to_lower(request.instance_profile_name), [&](ProfileRecord& p) { p.profile.tags = std::move(tags); });
  return wire::TagInstanceProfileReply{};
}

Result<wire::UntagInstanceProfileReply> Iam::untag_instance_profile(const Call&, const wire::UntagInstanceProfileRequest& request) {
  CHECK(profile_at(request.instance_profile_name));
  profiles_.update(to_lower(request.instance_profile_name),
                   [&](ProfileRecord& p) { remove_tags(p.profile.tags, request.tag_keys); });
  return wire::UntagInstanceProfileReply{};
}

Result<wire::ListInstanceProfileTagsReply> Iam::list_instance_profile_tags(const Call&,
                                                                           const wire::ListInstanceProfileTagsRequest& request) {
  TRY(const ProfileRecord* record, profile_at(request.instance_profile_name));
  std::vector<wire::Tag> tags = record->profile.tags;
  std::sort(tags.begin(), tags.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  wire::ListInstanceProfileTagsReply reply;
  TRY(reply.tags, page(std::move(tags), request, reply, [](const wire::Tag& t) { return t.key; }));
  return reply;
}

}  // namespace pds::cloud::iam
