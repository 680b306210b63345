// IAM: who exists, what they may do, and the keys they sign with. Global: one instance for all regions.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <unordered_map>

#include "cloud/authority.h"
#include "cloud/core.h"
#include "cloud/master_key.h"
#include "cloud/policy.h"
#include "cloud/roles.h"
#include "cloud/services/iam/records.h"

namespace pds::cloud::iam {

inline constexpr size_t tags_max = 50;
inline constexpr size_t access_keys_per_user_max = 2;
inline constexpr size_t policy_versions_max = 5;
inline constexpr size_t attached_policies_max = 10;
inline constexpr size_t sessions_max = 50'000;  // then the request for another is answered LimitExceeded
inline constexpr size_t parsed_policies_max = 1'000;

class Iam final : public CloudService, public Authority, public RoleSource {
 public:
  // `root` is the account's own key pair, which has all rights. `real_time` is the clock that credentials expire on: signatures are
  // made outside, where no scaled clock runs.
  Iam(Core& core, const MasterKey& master_key, const Clock& real_time, std::string root_access_key_id, Principal root);

  Api api() override;

  // Authority
  std::optional<Principal> find_principal(std::string_view access_key_id) const override;
  Result<void> authorize(const Principal& principal, const Call& call, const std::string& action,
                         const std::string& resource_arn) const override;

  // RoleSource
  Result<aws::Credentials> issue(const std::string& role_arn, const std::string& session_name, const std::string& service_principal,
                                 std::chrono::seconds valid_for) override;
  Result<void> check_trust(const std::string& role_arn, const std::string& service_principal) const override;
  std::optional<InstanceProfile> find_instance_profile(std::string_view name_or_arn) const override;

  // For STS: the role's record by ARN (null when there is none), whether its trust policy lets this caller in, and a new session.
  const RoleRecord* find_role_by_arn(std::string_view arn) const;
  bool trusts(const RoleRecord& role, const AccessRequest& request) const;
  Result<aws::Credentials> open_session(const RoleRecord& role, const std::string& session_name, std::chrono::seconds valid_for);
  // What conditions may ask about a caller.
  AccessRequest describe_caller(const Principal& principal, const Call& call) const;

  Result<aws::iam::CreateRoleReply> create_role(const Call&, const aws::iam::CreateRoleRequest&);
  Result<aws::iam::GetRoleReply> get_role(const Call&, const aws::iam::GetRoleRequest&);
  Result<aws::iam::ListRolesReply> list_roles(const Call&, const aws::iam::ListRolesRequest&);
  Result<aws::iam::UpdateRoleReply> update_role(const Call&, const aws::iam::UpdateRoleRequest&);
  Result<aws::iam::DeleteRoleReply> delete_role(const Call&, const aws::iam::DeleteRoleRequest&);
  Result<aws::iam::UpdateAssumeRolePolicyReply> update_assume_role_policy(const Call&,
                                                                          const aws::iam::UpdateAssumeRolePolicyRequest&);
  Result<aws::iam::PutRolePolicyReply> put_role_policy(const Call&, const aws::iam::PutRolePolicyRequest&);
  Result<aws::iam::GetRolePolicyReply> get_role_policy(const Call&, const aws::iam::GetRolePolicyRequest&);
  Result<aws::iam::ListRolePoliciesReply> list_role_policies(const Call&, const aws::iam::ListRolePoliciesRequest&);
  Result<aws::iam::DeleteRolePolicyReply> delete_role_policy(const Call&, const aws::iam::DeleteRolePolicyRequest&);
  Result<aws::iam::CreatePolicyReply> create_policy(const Call&, const aws::iam::CreatePolicyRequest&);
  Result<aws::iam::GetPolicyReply> get_policy(const Call&, const aws::iam::GetPolicyRequest&);
  Result<aws::iam::ListPoliciesReply> list_policies(const Call&, const aws::iam::ListPoliciesRequest&);
  Result<aws::iam::DeletePolicyReply> delete_policy(const Call&, const aws::iam::DeletePolicyRequest&);
  Result<aws::iam::CreatePolicyVersionReply> create_policy_version(const Call&, const aws::iam::CreatePolicyVersionRequest&);
  Result<aws::iam::GetPolicyVersionReply> get_policy_version(const Call&, const aws::iam::GetPolicyVersionRequest&);
  Result<aws::iam::ListPolicyVersionsReply> list_policy_versions(const Call&, const aws::iam::ListPolicyVersionsRequest&);
  Result<aws::iam::SetDefaultPolicyVersionReply> set_default_policy_version(const Call&,
                                                                            const aws::iam::SetDefaultPolicyVersionRequest&);
  Result<aws::iam::DeletePolicyVersionReply> delete_policy_version(const Call&, const aws::iam::DeletePolicyVersionRequest&);
  Result<aws::iam::AttachRolePolicyReply> attach_role_policy(const Call&, const aws::iam::AttachRolePolicyRequest&);
  Result<aws::iam::DetachRolePolicyReply> detach_role_policy(const Call&, const aws::iam::DetachRolePolicyRequest&);
  Result<aws::iam::ListAttachedRolePoliciesReply> list_attached_role_policies(const Call&,
                                                                              const aws::iam::ListAttachedRolePoliciesRequest&);
  Result<aws::iam::ListEntitiesForPolicyReply> list_entities_for_policy(const Call&, const aws::iam::ListEntitiesForPolicyRequest&);
  Result<aws::iam::CreateInstanceProfileReply> create_instance_profile(const Call&, const aws::iam::CreateInstanceProfileRequest&);
  Result<aws::iam::GetInstanceProfileReply> get_instance_profile(const Call&, const aws::iam::GetInstanceProfileRequest&);
  Result<aws::iam::ListInstanceProfilesReply> list_instance_profiles(const Call&, const aws::iam::ListInstanceProfilesRequest&);
  Result<aws::iam::DeleteInstanceProfileReply> delete_instance_profile(const Call&, const aws::iam::DeleteInstanceProfileRequest&);
  Result<aws::iam::AddRoleToInstanceProfileReply> add_role_to_instance_profile(const Call&,
                                                                               const aws::iam::AddRoleToInstanceProfileRequest&);
  Result<aws::iam::RemoveRoleFromInstanceProfileReply> remove_role_from_instance_profile(
      const Call&, const aws::iam::RemoveRoleFromInstanceProfileRequest&);
  Result<aws::iam::ListInstanceProfilesForRoleReply> list_instance_profiles_for_role(
      const Call&, const aws::iam::ListInstanceProfilesForRoleRequest&);
  Result<aws::iam::TagRoleReply> tag_role(const Call&, const aws::iam::TagRoleRequest&);
  Result<aws::iam::UntagRoleReply> untag_role(const Call&, const aws::iam::UntagRoleRequest&);
  Result<aws::iam::ListRoleTagsReply> list_role_tags(const Call&, const aws::iam::ListRoleTagsRequest&);
  Result<aws::iam::TagPolicyReply> tag_policy(const Call&, const aws::iam::TagPolicyRequest&);
  Result<aws::iam::UntagPolicyReply> untag_policy(const Call&, const aws::iam::UntagPolicyRequest&);
  Result<aws::iam::ListPolicyTagsReply> list_policy_tags(const Call&, const aws::iam::ListPolicyTagsRequest&);
  Result<aws::iam::TagInstanceProfileReply> tag_instance_profile(const Call&, const aws::iam::TagInstanceProfileRequest&);
  Result<aws::iam::UntagInstanceProfileReply> untag_instance_profile(const Call&, const aws::iam::UntagInstanceProfileRequest&);
  Result<aws::iam::ListInstanceProfileTagsReply> list_instance_profile_tags(const Call&,
                                                                            const aws::iam::ListInstanceProfileTagsRequest&);
  Result<aws::iam::CreateUserReply> create_user(const Call&, const aws::iam::CreateUserRequest&);
  Result<aws::iam::GetUserReply> get_user(const Call&, const aws::iam::GetUserRequest&);
  Result<aws::iam::ListUsersReply> list_users(const Call&, const aws::iam::ListUsersRequest&);
  Result<aws::iam::DeleteUserReply> delete_user(const Call&, const aws::iam::DeleteUserRequest&);
  Result<aws::iam::CreateAccessKeyReply> create_access_key(const Call&, const aws::iam::CreateAccessKeyRequest&);
  Result<aws::iam::ListAccessKeysReply> list_access_keys(const Call&, const aws::iam::ListAccessKeysRequest&);
  Result<aws::iam::UpdateAccessKeyReply> update_access_key(const Call&, const aws::iam::UpdateAccessKeyRequest&);
  Result<aws::iam::DeleteAccessKeyReply> delete_access_key(const Call&, const aws::iam::DeleteAccessKeyRequest&);
  Result<aws::iam::PutUserPolicyReply> put_user_policy(const Call&, const aws::iam::PutUserPolicyRequest&);
  Result<aws::iam::GetUserPolicyReply> get_user_policy(const Call&, const aws::iam::GetUserPolicyRequest&);
  Result<aws::iam::ListUserPoliciesReply> list_user_policies(const Call&, const aws::iam::ListUserPoliciesRequest&);
  Result<aws::iam::DeleteUserPolicyReply> delete_user_policy(const Call&, const aws::iam::DeleteUserPolicyRequest&);
  Result<aws::iam::AttachUserPolicyReply> attach_user_policy(const Call&, const aws::iam::AttachUserPolicyRequest&);
  Result<aws::iam::DetachUserPolicyReply> detach_user_policy(const Call&, const aws::iam::DetachUserPolicyRequest&);
  Result<aws::iam::ListAttachedUserPoliciesReply> list_attached_user_policies(const Call&,
                                                                              const aws::iam::ListAttachedUserPoliciesRequest&);
  Result<aws::iam::TagUserReply> tag_user(const Call&, const aws::iam::TagUserRequest&);
  Result<aws::iam::UntagUserReply> untag_user(const Call&, const aws::iam::UntagUserRequest&);
  Result<aws::iam::ListUserTagsReply> list_user_tags(const Call&, const aws::iam::ListUserTagsRequest&);

 private:
  Result<const RoleRecord*> role_at(std::string_view name) const;
  Result<const UserRecord*> user_at(std::string_view name) const;
  Result<const PolicyRecord*> policy_at(std::string_view arn) const;
  Result<const ProfileRecord*> profile_at(std::string_view name) const;
  Result<std::string> own_or_named_user(const Call& call, const std::optional<std::string>& name) const;
  std::string new_id(std::string_view prefix, size_t length);
  std::string arn(std::string_view kind, std::string_view path, std::string_view name) const;
  const std::string* document_of(std::string_view policy_arn) const;
  std::shared_ptr<const Policy> parsed(const std::string& document, PolicyKind kind) const;
  Decision decide(const Grants& grants, const AccessRequest& request) const;
  const Grants* grants_of(const Principal& principal) const;
  int attachments(std::string_view policy_arn) const;
  Result<void> attach(Grants& grants, const std::string& policy_arn) const;
  aws::iam::InstanceProfile complete(const ProfileRecord& record) const;
  std::string secret_of(std::string_view access_key_id) const;
  std::string session_token_of(std::string_view access_key_id) const;
  void drop_expired_sessions();
  void add_aws_managed_policies();
  std::function<std::string(const Call&, const void*)> named_by(const aws::Operation& operation) const;
  std::string arn_named(std::string_view member, const std::string& name) const;
  void add_user_operations(Api& api);
  void add_policy_operations(Api& api);

  Core& core_;
  const MasterKey& master_key_;
  const Clock& real_time_;
  std::string root_access_key_id_;
  Principal root_;
  Table<RoleRecord> roles_;  // by lower-case name, as are users and profiles: names differ in more than case
  Table<UserRecord> users_;
  Table<PolicyRecord> policies_;  // by ARN
  Table<ProfileRecord> profiles_;
  Table<KeyRecord> keys_;                                          // by access key id
  Table<SessionRecord> sessions_;                                  // by access key id
  std::map<std::string, PolicyRecord, std::less<>> aws_policies_;  // by ARN; the same in every account, so not stored
  mutable std::unordered_map<std::string, std::shared_ptr<const Policy>> parsed_;
};

}  // namespace pds::cloud::iam
