#include "cloud/services/iam/service.h"

#include "base/text.h"
#include "cloud/services/iam/aws_managed.h"

namespace pds::cloud::iam {

Iam::Iam(Core& core, const MasterKey& master_key, const Clock& real_time, std::string root_access_key_id, Principal root)
    : core_(core),
      master_key_(master_key),
      real_time_(real_time),
      root_access_key_id_(std::move(root_access_key_id)),
      root_(std::move(root)),
      roles_(core.store, core.table("iam", "roles")),
      users_(core.store, core.table("iam", "users")),
      policies_(core.store, core.table("iam", "policies")),
      profiles_(core.store, core.table("iam", "instance_profiles")),
      keys_(core.store, core.table("iam", "access_keys")),
      sessions_(core.store, core.table("iam", "sessions")) {
  add_aws_managed_policies();
}

void Iam::add_aws_managed_policies() {
  constexpr Timestamp since = std::chrono::sys_days(std::chrono::year(2015) / 2 / 6);
  for (const AwsManagedPolicy& source : aws_managed_policies()) {
    PolicyRecord record;
    aws::iam::Policy& policy = record.policy;
    policy.policy_name = source.name, policy.path = source.path, policy.description = source.description;
    policy.arn = "arn:aws:iam::aws:policy" + std::string(source.path) + std::string(source.name);
    policy.policy_id = "ANPA" + to_hex(sha256(*policy.arn)).substr(0, 17);
    for (char& c : *policy.policy_id) c = c >= 'a' ? static_cast<char>(c - 32) : c;
    policy.default_version_id = "v1", policy.is_attachable = true, policy.create_date = policy.update_date = since;
    record.versions.push_back(
        {.document = std::string(source.document), .version_id = "v1", .is_default_version = true, .create_date = since});
    aws_policies_.emplace(*policy.arn, std::move(record));
  }
}

// What a request is about, by the member that names it: a profile before its role, a role before the policy that is attached to it.
std::function<std::string(const Call&, const void*)> Iam::named_by(const aws::Operation& operation) const {
  static constexpr std::string_view names[] = {"InstanceProfileName", "RoleName", "UserName", "PolicyArn", "PolicyName"};
  const aws::Member* found = nullptr;
  for (std::string_view name : names) {
    for (const aws::Member& member : operation.input().members) {
      if (!found && name == member.name) found = &member;
    }
  }
  ASSERT(found != nullptr);
  return [this, found](const Call&, const void* request) {
    const void* value = static_cast<const char*>(request) + found->offset;
    if (found->type->kind == aws::Kind::optional) value = found->type->optional_get(value);
    return value ? arn_named(found->name, *static_cast<const std::string*>(value)) : std::string("*");
  };
}

std::string Iam::arn_named(std::string_view member, const std::string& name) const {
  if (member == "PolicyArn") return name;
  if (member == "PolicyName") return arn("policy", "/", name);
  if (member == "InstanceProfileName") {
    const ProfileRecord* profile = profiles_.find(to_lower(name));
    return profile ? profile->profile.arn : arn("instance-profile", "/", name);
  }
  if (member == "UserName") {
    const UserRecord* user = users_.find(to_lower(name));
    return user ? user->user.arn : arn("user", "/", name);
  }
  const RoleRecord* role = roles_.find(to_lower(name));
  return role ? role->role.arn : arn("role", "/", name);
}

Api Iam::api() {
  Api api(aws::iam::service_info());
  api.add<aws::iam::CreateRole>(this, &Iam::create_role).resource = named_by(aws::iam::CreateRole::info());
  api.add<aws::iam::GetRole>(this, &Iam::get_role).resource = named_by(aws::iam::GetRole::info());
  api.add<aws::iam::ListRoles>(this, &Iam::list_roles);
  api.add<aws::iam::UpdateRole>(this, &Iam::update_role).resource = named_by(aws::iam::UpdateRole::info());
  api.add<aws::iam::DeleteRole>(this, &Iam::delete_role).resource = named_by(aws::iam::DeleteRole::info());
  api.add<aws::iam::UpdateAssumeRolePolicy>(this, &Iam::update_assume_role_policy).resource =
      named_by(aws::iam::UpdateAssumeRolePolicy::info());
  api.add<aws::iam::CreateInstanceProfile>(this, &Iam::create_instance_profile).resource =
      named_by(aws::iam::CreateInstanceProfile::info());
  api.add<aws::iam::GetInstanceProfile>(this, &Iam::get_instance_profile).resource = named_by(aws::iam::GetInstanceProfile::info());
  api.add<aws::iam::ListInstanceProfiles>(this, &Iam::list_instance_profiles);
  api.add<aws::iam::DeleteInstanceProfile>(this, &Iam::delete_instance_profile).resource =
      named_by(aws::iam::DeleteInstanceProfile::info());
  Api::Entry& add_role = api.add<aws::iam::AddRoleToInstanceProfile>(this, &Iam::add_role_to_instance_profile);
  add_role.resource = named_by(aws::iam::AddRoleToInstanceProfile::info());
  add_role.passed_roles = [this](const Call&, const void* request) -> std::vector<PassedRole> {
    const RoleRecord* role =
        roles_.find(to_lower(static_cast<const aws::iam::AddRoleToInstanceProfileRequest*>(request)->role_name));
    if (!role) return {};
    return {{.role_arn = role->role.arn, .service = "ec2.amazonaws.com", .refusal = ""}};
  };
  api.add<aws::iam::RemoveRoleFromInstanceProfile>(this, &Iam::remove_role_from_instance_profile).resource =
      named_by(aws::iam::RemoveRoleFromInstanceProfile::info());
  api.add<aws::iam::ListInstanceProfilesForRole>(this, &Iam::list_instance_profiles_for_role).resource =
      named_by(aws::iam::ListInstanceProfilesForRole::info());
  api.add<aws::iam::TagRole>(this, &Iam::tag_role).resource = named_by(aws::iam::TagRole::info());
  api.add<aws::iam::UntagRole>(this, &Iam::untag_role).resource = named_by(aws::iam::UntagRole::info());
  api.add<aws::iam::ListRoleTags>(this, &Iam::list_role_tags).resource = named_by(aws::iam::ListRoleTags::info());
  api.add<aws::iam::TagInstanceProfile>(this, &Iam::tag_instance_profile).resource = named_by(aws::iam::TagInstanceProfile::info());
  api.add<aws::iam::UntagInstanceProfile>(this, &Iam::untag_instance_profile).resource =
      named_by(aws::iam::UntagInstanceProfile::info());
  api.add<aws::iam::ListInstanceProfileTags>(this, &Iam::list_instance_profile_tags).resource =
      named_by(aws::iam::ListInstanceProfileTags::info());
  add_policy_operations(api);
  add_user_operations(api);
  return api;
}

void Iam::add_policy_operations(Api& api) {
  api.add<aws::iam::PutRolePolicy>(this, &Iam::put_role_policy).resource = named_by(aws::iam::PutRolePolicy::info());
  api.add<aws::iam::GetRolePolicy>(this, &Iam::get_role_policy).resource = named_by(aws::iam::GetRolePolicy::info());
  api.add<aws::iam::ListRolePolicies>(this, &Iam::list_role_policies).resource = named_by(aws::iam::ListRolePolicies::info());
  api.add<aws::iam::DeleteRolePolicy>(this, &Iam::delete_role_policy).resource = named_by(aws::iam::DeleteRolePolicy::info());
  api.add<aws::iam::CreatePolicy>(this, &Iam::create_policy).resource = named_by(aws::iam::CreatePolicy::info());
  api.add<aws::iam::GetPolicy>(this, &Iam::get_policy).resource = named_by(aws::iam::GetPolicy::info());
  api.add<aws::iam::ListPolicies>(this, &Iam::list_policies);
  api.add<aws::iam::DeletePolicy>(this, &Iam::delete_policy).resource = named_by(aws::iam::DeletePolicy::info());
  api.add<aws::iam::CreatePolicyVersion>(this, &Iam::create_policy_version).resource =
      named_by(aws::iam::CreatePolicyVersion::info());
  api.add<aws::iam::GetPolicyVersion>(this, &Iam::get_policy_version).resource = named_by(aws::iam::GetPolicyVersion::info());
  api.add<aws::iam::ListPolicyVersions>(this, &Iam::list_policy_versions).resource = named_by(aws::iam::ListPolicyVersions::info());
  api.add<aws::iam::SetDefaultPolicyVersion>(this, &Iam::set_default_policy_version).resource =
      named_by(aws::iam::SetDefaultPolicyVersion::info());
  api.add<aws::iam::DeletePolicyVersion>(this, &Iam::delete_policy_version).resource =
      named_by(aws::iam::DeletePolicyVersion::info());
  api.add<aws::iam::AttachRolePolicy>(this, &Iam::attach_role_policy).resource = named_by(aws::iam::AttachRolePolicy::info());
  api.add<aws::iam::DetachRolePolicy>(this, &Iam::detach_role_policy).resource = named_by(aws::iam::DetachRolePolicy::info());
  api.add<aws::iam::ListAttachedRolePolicies>(this, &Iam::list_attached_role_policies).resource =
      named_by(aws::iam::ListAttachedRolePolicies::info());
  api.add<aws::iam::ListEntitiesForPolicy>(this, &Iam::list_entities_for_policy).resource =
      named_by(aws::iam::ListEntitiesForPolicy::info());
  api.add<aws::iam::TagPolicy>(this, &Iam::tag_policy).resource = named_by(aws::iam::TagPolicy::info());
  api.add<aws::iam::UntagPolicy>(this, &Iam::untag_policy).resource = named_by(aws::iam::UntagPolicy::info());
  api.add<aws::iam::ListPolicyTags>(this, &Iam::list_policy_tags).resource = named_by(aws::iam::ListPolicyTags::info());
}

void Iam::add_user_operations(Api& api) {
  api.add<aws::iam::CreateUser>(this, &Iam::create_user).resource = named_by(aws::iam::CreateUser::info());
  api.add<aws::iam::GetUser>(this, &Iam::get_user).resource = named_by(aws::iam::GetUser::info());
  api.add<aws::iam::ListUsers>(this, &Iam::list_users);
  api.add<aws::iam::DeleteUser>(this, &Iam::delete_user).resource = named_by(aws::iam::DeleteUser::info());
  api.add<aws::iam::CreateAccessKey>(this, &Iam::create_access_key).resource = named_by(aws::iam::CreateAccessKey::info());
  api.add<aws::iam::ListAccessKeys>(this, &Iam::list_access_keys).resource = named_by(aws::iam::ListAccessKeys::info());
  api.add<aws::iam::UpdateAccessKey>(this, &Iam::update_access_key).resource = named_by(aws::iam::UpdateAccessKey::info());
  api.add<aws::iam::DeleteAccessKey>(this, &Iam::delete_access_key).resource = named_by(aws::iam::DeleteAccessKey::info());
  api.add<aws::iam::PutUserPolicy>(this, &Iam::put_user_policy).resource = named_by(aws::iam::PutUserPolicy::info());
  api.add<aws::iam::GetUserPolicy>(this, &Iam::get_user_policy).resource = named_by(aws::iam::GetUserPolicy::info());
  api.add<aws::iam::ListUserPolicies>(this, &Iam::list_user_policies).resource = named_by(aws::iam::ListUserPolicies::info());
  api.add<aws::iam::DeleteUserPolicy>(this, &Iam::delete_user_policy).resource = named_by(aws::iam::DeleteUserPolicy::info());
  api.add<aws::iam::AttachUserPolicy>(this, &Iam::attach_user_policy).resource = named_by(aws::iam::AttachUserPolicy::info());
  api.add<aws::iam::DetachUserPolicy>(this, &Iam::detach_user_policy).resource = named_by(aws::iam::DetachUserPolicy::info());
  api.add<aws::iam::ListAttachedUserPolicies>(this, &Iam::list_attached_user_policies).resource =
      named_by(aws::iam::ListAttachedUserPolicies::info());
  api.add<aws::iam::TagUser>(this, &Iam::tag_user).resource = named_by(aws::iam::TagUser::info());
  api.add<aws::iam::UntagUser>(this, &Iam::untag_user).resource = named_by(aws::iam::UntagUser::info());
  api.add<aws::iam::ListUserTags>(this, &Iam::list_user_tags).resource = named_by(aws::iam::ListUserTags::info());
}

}  // namespace pds::cloud::iam
