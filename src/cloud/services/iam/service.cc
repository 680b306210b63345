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

Api Iam::api() {
  Api api(aws::iam::service_info());
  api.add<aws::iam::CreateRole>(this, &Iam::create_role);
  api.add<aws::iam::GetRole>(this, &Iam::get_role);
  api.add<aws::iam::ListRoles>(this, &Iam::list_roles);
  api.add<aws::iam::UpdateRole>(this, &Iam::update_role);
  api.add<aws::iam::DeleteRole>(this, &Iam::delete_role);
  api.add<aws::iam::UpdateAssumeRolePolicy>(this, &Iam::update_assume_role_policy);
  api.add<aws::iam::CreateInstanceProfile>(this, &Iam::create_instance_profile);
  api.add<aws::iam::GetInstanceProfile>(this, &Iam::get_instance_profile);
  api.add<aws::iam::ListInstanceProfiles>(this, &Iam::list_instance_profiles);
  api.add<aws::iam::DeleteInstanceProfile>(this, &Iam::delete_instance_profile);
  api.add<aws::iam::AddRoleToInstanceProfile>(this, &Iam::add_role_to_instance_profile);
  api.add<aws::iam::RemoveRoleFromInstanceProfile>(this, &Iam::remove_role_from_instance_profile);
  api.add<aws::iam::ListInstanceProfilesForRole>(this, &Iam::list_instance_profiles_for_role);
  api.add<aws::iam::TagRole>(this, &Iam::tag_role);
  api.add<aws::iam::UntagRole>(this, &Iam::untag_role);
  api.add<aws::iam::ListRoleTags>(this, &Iam::list_role_tags);
  api.add<aws::iam::TagInstanceProfile>(this, &Iam::tag_instance_profile);
  api.add<aws::iam::UntagInstanceProfile>(this, &Iam::untag_instance_profile);
  api.add<aws::iam::ListInstanceProfileTags>(this, &Iam::list_instance_profile_tags);
  add_policy_operations(api);
  add_user_operations(api);
  return api;
}

void Iam::add_policy_operations(Api& api) {
  api.add<aws::iam::PutRolePolicy>(this, &Iam::put_role_policy);
  api.add<aws::iam::GetRolePolicy>(this, &Iam::get_role_policy);
  api.add<aws::iam::ListRolePolicies>(this, &Iam::list_role_policies);
  api.add<aws::iam::DeleteRolePolicy>(this, &Iam::delete_role_policy);
  api.add<aws::iam::CreatePolicy>(this, &Iam::create_policy);
  api.add<aws::iam::GetPolicy>(this, &Iam::get_policy);
  api.add<aws::iam::ListPolicies>(this, &Iam::list_policies);
  api.add<aws::iam::DeletePolicy>(this, &Iam::delete_policy);
  api.add<aws::iam::CreatePolicyVersion>(this, &Iam::create_policy_version);
  api.add<aws::iam::GetPolicyVersion>(this, &Iam::get_policy_version);
  api.add<aws::iam::ListPolicyVersions>(this, &Iam::list_policy_versions);
  api.add<aws::iam::SetDefaultPolicyVersion>(this, &Iam::set_default_policy_version);
  api.add<aws::iam::DeletePolicyVersion>(this, &Iam::delete_policy_version);
  api.add<aws::iam::AttachRolePolicy>(this, &Iam::attach_role_policy);
  api.add<aws::iam::DetachRolePolicy>(this, &Iam::detach_role_policy);
  api.add<aws::iam::ListAttachedRolePolicies>(this, &Iam::list_attached_role_policies);
  api.add<aws::iam::ListEntitiesForPolicy>(this, &Iam::list_entities_for_policy);
  api.add<aws::iam::TagPolicy>(this, &Iam::tag_policy);
  api.add<aws::iam::UntagPolicy>(this, &Iam::untag_policy);
  api.add<aws::iam::ListPolicyTags>(this, &Iam::list_policy_tags);
}

void Iam::add_user_operations(Api& api) {
  api.add<aws::iam::CreateUser>(this, &Iam::create_user);
  api.add<aws::iam::GetUser>(this, &Iam::get_user);
  api.add<aws::iam::ListUsers>(this, &Iam::list_users);
  api.add<aws::iam::DeleteUser>(this, &Iam::delete_user);
  api.add<aws::iam::CreateAccessKey>(this, &Iam::create_access_key);
  api.add<aws::iam::ListAccessKeys>(this, &Iam::list_access_keys);
  api.add<aws::iam::UpdateAccessKey>(this, &Iam::update_access_key);
  api.add<aws::iam::DeleteAccessKey>(this, &Iam::delete_access_key);
  api.add<aws::iam::PutUserPolicy>(this, &Iam::put_user_policy);
  api.add<aws::iam::GetUserPolicy>(this, &Iam::get_user_policy);
  api.add<aws::iam::ListUserPolicies>(this, &Iam::list_user_policies);
  api.add<aws::iam::DeleteUserPolicy>(this, &Iam::delete_user_policy);
  api.add<aws::iam::AttachUserPolicy>(this, &Iam::attach_user_policy);
  api.add<aws::iam::DetachUserPolicy>(this, &Iam::detach_user_policy);
  api.add<aws::iam::ListAttachedUserPolicies>(this, &Iam::list_attached_user_policies);
  api.add<aws::iam::TagUser>(this, &Iam::tag_user);
  api.add<aws::iam::UntagUser>(this, &Iam::untag_user);
  api.add<aws::iam::ListUserTags>(this, &Iam::list_user_tags);
}

}  // namespace pds::cloud::iam
