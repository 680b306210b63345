// Users and their access keys.
#include <algorithm>

#include "cloud/services/iam/rules.h"

namespace pds::cloud::iam {

namespace wire = aws::iam;

Result<const UserRecord*> Iam::user_at(std::string_view name) const {
  const UserRecord* record = users_.find(to_lower(name));
  if (!record) return no_such(fmt::format("The user with name {} cannot be found.", name));
  return record;
}

// Without a name, the user who asks is meant.
Result<std::string> Iam::own_or_named_user(const Call& call, const std::optional<std::string>& name) const {
  if (name) return *name;
  const KeyRecord* key = keys_.find(call.access_key_id);
  if (!key) return fail("ValidationError", "Must specify userName when calling with non-User credentials");
  return key->user_name;
}

Result<wire::CreateUserReply> Iam::create_user(const Call&, const wire::CreateUserRequest& request) {
  CHECK(check_name("userName", request.user_name));
  TRY(std::string path, check_path(request.path));
  CHECK(check_tags(request.tags));
  std::string key = to_lower(request.user_name);
  if (users_.contains(key))
    return fail("EntityAlreadyExists", fmt::format("User with name {} already exists.", request.user_name), 409);
  UserRecord record;
  record.user = {.path = path,
                 .user_name = request.user_name,
                 .user_id = new_id("AIDA", 17),
                 .arn = arn("user", path, request.user_name),
                 .create_date = core_.clock.now(),
                 .tags = request.tags};
  return wire::CreateUserReply{users_.put(key, std::move(record)).user};
}

Result<wire::GetUserReply> Iam::get_user(const Call& call, const wire::GetUserRequest& request) {
  if (!request.user_name && !keys_.contains(call.access_key_id)) {
    wire::GetUserReply root;
    root.user.user_name = "root", root.user.path = "/", root.user.user_id = core_.account, root.user.arn = call.principal_arn;
    return root;
  }
  TRY(std::string name, own_or_named_user(call, request.user_name));
  TRY(const UserRecord* record, user_at(name));
  return wire::GetUserReply{record->user};
}

Result<wire::ListUsersReply> Iam::list_users(const Call&, const wire::ListUsersRequest& request) {
  std::vector<wire::User> users;
  for (const auto& [key, record] : users_.rows()) {
    if (!record.user.path.starts_with(request.path_prefix.value_or("/"))) continue;
    users.push_back(record.user);
    users.back().tags.clear();
  }
  wire::ListUsersReply reply;
  TRY(reply.users, page(std::move(users), request, reply, [](const wire::User& u) { return to_lower(u.user_name); }));
  return reply;
}

Result<wire::DeleteUserReply> Iam::delete_user(const Call&, const wire::DeleteUserRequest& request) {
  TRY(const UserRecord* record, user_at(request.user_name));
  if (!record->grants.attached.empty()) return fail("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409);
  if (!record->grants.inline_policies.empty())
    return fail("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
  for (const auto& [id, key] : keys_.rows()) {
    if (iequals(key.user_name, request.user_name))
      return fail("DeleteConflict", "Cannot delete entity, must delete access keys first.", 409);
  }
  users_.erase(to_lower(request.user_name));
  return wire::DeleteUserReply{};
}

Result<wire::CreateAccessKeyReply> Iam::create_access_key(const Call& call, const wire::CreateAccessKeyRequest& request) {
  TRY(std::string name, own_or_named_user(call, request.user_name));
  TRY(const UserRecord* record, user_at(name));
  auto owned =
      std::count_if(keys_.rows().begin(), keys_.rows().end(), [&](const auto& row) { return iequals(row.second.user_name, name); });
  if (static_cast<size_t>(owned) >= access_keys_per_user_max)
    return fail("LimitExceeded", fmt::format("Cannot exceed quota for AccessKeysPerUser: {}", access_keys_per_user_max), 409);
  std::string id = new_id("AKIA", 16);
  const KeyRecord& key = keys_.put(id, {.user_name = record->user.user_name, .status = "Active", .create_date = core_.clock.now()});
  wire::CreateAccessKeyReply reply;
  reply.access_key = {.user_name = key.user_name,
                      .access_key_id = id,
                      .status = key.status,
                      .secret_access_key = secret_of(id),
                      .create_date = key.create_date};
  return reply;
}

Result<wire::ListAccessKeysReply> Iam::list_access_keys(const Call& call, const wire::ListAccessKeysRequest& request) {
  TRY(std::string name, own_or_named_user(call, request.user_name));
  CHECK(user_at(name));
  std::vector<wire::AccessKeyMetadata> keys;
  for (const auto& [id, key] : keys_.rows()) {
    if (iequals(key.user_name, name))
      keys.push_back({.user_name = key.user_name, .access_key_id = id, .status = key.status, .create_date = key.create_date});
  }
  wire::ListAccessKeysReply reply;
  TRY(reply.access_key_metadata, page(std::move(keys), request, reply, [](const auto& k) { return *k.access_key_id; }));
  return reply;
}

Result<wire::UpdateAccessKeyReply> Iam::update_access_key(const Call& call, const wire::UpdateAccessKeyRequest& request) {
  TRY(std::string name, own_or_named_user(call, request.user_name));
  const KeyRecord* key = keys_.find(request.access_key_id);
  if (!key || !iequals(key->user_name, name))
    return no_such(fmt::format("The Access Key with id {} cannot be found.", request.access_key_id));
  if (request.status != "Active" && request.status != "Inactive")
    return fail("ValidationError",
                "Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]");
  keys_.update(request.access_key_id, [&](KeyRecord& k) { k.status = request.status; });
  return wire::UpdateAccessKeyReply{};
}

Result<wire::DeleteAccessKeyReply> Iam::delete_access_key(const Call& call, const wire::DeleteAccessKeyRequest& request) {
  TRY(std::string name, own_or_named_user(call, request.user_name));
  const KeyRecord* key = keys_.find(request.access_key_id);
  if (!key || !iequals(key->user_name, name))
    return no_such(fmt::format("The Access Key with id {} cannot be found.", request.access_key_id));
  keys_.erase(request.access_key_id);
  return wire::DeleteAccessKeyReply{};
}

Result<wire::PutUserPolicyReply> Iam::put_user_policy(const Call&, const wire::PutUserPolicyRequest& request) {
  CHECK(user_at(request.user_name));
  CHECK(check_name("policyName", request.policy_name));
  CHECK(check_policy_document(request.policy_document, PolicyKind::identity));
  users_.update(to_lower(request.user_name),
                [&](UserRecord& u) { u.grants.inline_policies[request.policy_name] = request.policy_document; });
  return wire::PutUserPolicyReply{};
}

Result<wire::GetUserPolicyReply> Iam::get_user_policy(const Call&, const wire::GetUserPolicyRequest& request) {
  TRY(const UserRecord* record, user_at(request.user_name));
  auto it = record->grants.inline_policies.find(request.policy_name);
  if (it == record->grants.inline_policies.end())
    return no_such(fmt::format("The user policy with name {} cannot be found.", request.policy_name));
  wire::GetUserPolicyReply reply;
  reply.user_name = record->user.user_name, reply.policy_name = it->first, reply.policy_document = percent_encode(it->second);
  return reply;
}

Result<wire::ListUserPoliciesReply> Iam::list_user_policies(const Call&, const wire::ListUserPoliciesRequest& request) {
  TRY(const UserRecord* record, user_at(request.user_name));
  std::vector<std::string> names;
  for (const auto& [name, document] : record->grants.inline_policies) names.push_back(name);
  wire::ListUserPoliciesReply reply;
  TRY(reply.policy_names, page(std::move(names), request, reply, [](const std::string& name) { return name; }));
  return reply;
}

Result<wire::DeleteUserPolicyReply> Iam::delete_user_policy(const Call&, const wire::DeleteUserPolicyRequest& request) {
  TRY(const UserRecord* record, user_at(request.user_name));
  if (!record->grants.inline_policies.contains(request.policy_name))
    return no_such(fmt::format("The user policy with name {} cannot be found.", request.policy_name));
  users_.update(to_lower(request.user_name), [&](UserRecord& u) { u.grants.inline_policies.erase(request.policy_name); });
  return wire::DeleteUserPolicyReply{};
}

Result<wire::AttachUserPolicyReply> Iam::attach_user_policy(const Call&, const wire::AttachUserPolicyRequest& request) {
  TRY(const UserRecord* record, user_at(request.user_name));
  Grants grants = record->grants;
  CHECK(attach(grants, request.policy_arn));
  users_.update(to_lower(request.user_name), [&](UserRecord& u) { u.grants = std::move(grants); });
  return wire::AttachUserPolicyReply{};
}

Result<wire::DetachUserPolicyReply> Iam::detach_user_policy(const Call&, const wire::DetachUserPolicyRequest& request) {
  TRY(const UserRecord* record, user_at(request.user_name));
  const auto& attached = record->grants.attached;
  if (std::find(attached.begin(), attached.end(), request.policy_arn) == attached.end())
    return no_such(fmt::format("Policy {} was not found.", request.policy_arn));
  users_.update(to_lower(request.user_name), [&](UserRecord& u) { std::erase(u.grants.attached, request.policy_arn); });
  return wire::DetachUserPolicyReply{};
}

Result<wire::TagUserReply> Iam::tag_user(const Call&, const wire::TagUserRequest& request) {
  TRY(const UserRecord* record, user_at(request.user_name));
  std::vector<wire::Tag> tags = record->user.tags;
  CHECK(merge_tags(tags, request.tags));
  users_.update(to_lower(request.user_name), [&](UserRecord& u) { u.user.tags = std::move(tags); });
  return wire::TagUserReply{};
}

Result<wire::UntagUserReply> Iam::untag_user(const Call&, const wire::UntagUserRequest& request) {
  CHECK(user_at(request.user_name));
  users_.update(to_lower(request.user_name), [&](UserRecord& u) { remove_tags(u.user.tags, request.tag_keys); });
  return wire::UntagUserReply{};
}

Result<wire::ListUserTagsReply> Iam::list_user_tags(const Call&, const wire::ListUserTagsRequest& request) {
  TRY(const UserRecord* record, user_at(request.user_name));
  std::vector<wire::Tag> tags = record->user.tags;
  std::sort(tags.begin(), tags.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  wire::ListUserTagsReply reply;
  TRY(reply.tags, page(std::move(tags), request, reply, [](const wire::Tag& t) { return t.key; }));
  return reply;
}

}  // namespace pds::cloud::iam
