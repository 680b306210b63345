// Roles and what is written directly into them.
#include <algorithm>

#include "cloud/services/iam/rules.h"

namespace pds::cloud::iam {

namespace wire = aws::iam;

namespace {
// Documents travel percent-encoded in replies, as IAM sends them.
wire::Role shown(wire::Role role) {
  role.assume_role_policy_document = percent_encode(role.assume_role_policy_document.value_or(""));
  return role;
}
}  // namespace

Result<const RoleRecord*> Iam::role_at(std::string_view name) const {
  const RoleRecord* record = roles_.find(to_lower(name));
  if (!record) return no_such(fmt::format("The role with name {} cannot be found.", name));
  return record;
}

Result<wire::CreateRoleReply> Iam::create_role(const Call&, const wire::CreateRoleRequest& request) {
  CHECK(check_name("roleName", request.role_name));
  TRY(std::string path, check_path(request.path));
  CHECK(check_policy_document(request.assume_role_policy_document, PolicyKind::trust));
  CHECK(check_tags(request.tags));
  std::string key = to_lower(request.role_name);
  if (roles_.contains(key))
    return fail("EntityAlreadyExists", fmt::format("Role with name {} already exists.", request.role_name), 409);
  RoleRecord record;
  record.role = {.path = path,
                 .role_name = request.role_name,
                 .role_id = new_id("AROA", 17),
                 .arn = arn("role", path, request.role_name),
                 .create_date = core_.clock.now(),
                 .assume_role_policy_document = request.assume_role_policy_document,
                 .description = request.description,
                 .max_session_duration = request.max_session_duration.value_or(3600),
                 .tags = request.tags};
  return wire::CreateRoleReply{shown(roles_.put(key, std::move(record)).role)};
}

Result<wire::GetRoleReply> Iam::get_role(const Call&, const wire::GetRoleRequest& request) {
  TRY(const RoleRecord* record, role_at(request.role_name));
  return wire::GetRoleReply{shown(record->role)};
}

Result<wire::ListRolesReply> Iam::list_roles(const Call&, const wire::ListRolesRequest& request) {
  std::vector<wire::Role> roles;
  for (const auto& [key, record] : roles_.rows()) {
    if (!record.role.path.starts_with(request.path_prefix.value_or("/"))) continue;
    roles.push_back(shown(record.role));
    roles.back().tags.clear();
  }
  wire::ListRolesReply reply;
  TRY(reply.roles, page(std::move(roles), request, reply, [](const wire::Role& r) { return to_lower(r.role_name); }));
  return reply;
}

Result<wire::UpdateRoleReply> Iam::update_role(const Call&, const wire::UpdateRoleRequest& request) {
  TRY(const RoleRecord* record, role_at(request.role_name));
  roles_.update(to_lower(record->role.role_name), [&](RoleRecord& r) {
    if (request.description) r.role.description = request.description;
    r.role.max_session_duration = request.max_session_duration.value_or(3600);
  });
  return wire::UpdateRoleReply{};
}

Result<wire::DeleteRoleReply> Iam::delete_role(const Call&, const wire::DeleteRoleRequest& request) {
  TRY(const RoleRecord* record, role_at(request.role_name));
  std::string key = to_lower(request.role_name);
  if (!record->grants.attached.empty()) return fail("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409);
  if (!record->grants.inline_policies.empty())
    return fail("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
  for (const auto& [name, profile] : profiles_.rows()) {
    if (to_lower(profile.role_name) == key)
      return fail("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.", 409);
  }
  roles_.erase(key);
  return wire::DeleteRoleReply{};
}

Result<wire::UpdateAssumeRolePolicyReply> Iam::update_assume_role_policy(const Call&,
                                                                         const wire::UpdateAssumeRolePolicyRequest& request) {
  CHECK(role_at(request.role_name));
  CHECK(check_policy_document(request.policy_document, PolicyKind::trust));
  roles_.update(to_lower(request.role_name), [&](RoleRecord& r) { r.role.assume_role_policy_document = request.policy_document; });
  return wire::UpdateAssumeRolePolicyReply{};
}

Result<wire::PutRolePolicyReply> Iam::put_role_policy(const Call&, const wire::PutRolePolicyRequest& request) {
  CHECK(role_at(request.role_name));
  CHECK(check_name("policyName", request.policy_name));
  CHECK(check_policy_document(request.policy_document, PolicyKind::identity));
  roles_.update(to_lower(request.role_name),
                [&](RoleRecord& r) { r.grants.inline_policies[request.policy_name] = request.policy_document; });
  return wire::PutRolePolicyReply{};
}

Result<wire::GetRolePolicyReply> Iam::get_role_policy(const Call&, const wire::GetRolePolicyRequest& request) {
  TRY(const RoleRecord* record, role_at(request.role_name));
  auto it = record->grants.inline_policies.find(request.policy_name);
  if (it == record->grants.inline_policies.end())
    return no_such(fmt::format("The role policy with name {} cannot be found.", request.policy_name));
  wire::GetRolePolicyReply reply;
  reply.role_name = record->role.role_name, reply.policy_name = it->first, reply.policy_document = percent_encode(it->second);
  return reply;
}

Result<wire::ListRolePoliciesReply> Iam::list_role_policies(const Call&, const wire::ListRolePoliciesRequest& request) {
  TRY(const RoleRecord* record, role_at(request.role_name));
  std::vector<std::string> names;
  for (const auto& [name, document] : record->grants.inline_policies) names.push_back(name);
  wire::ListRolePoliciesReply reply;
  TRY(reply.policy_names, page(std::move(names), request, reply, [](const std::string& name) { return name; }));
  return reply;
}

Result<wire::DeleteRolePolicyReply> Iam::delete_role_policy(const Call&, const wire::DeleteRolePolicyRequest& request) {
  TRY(const RoleRecord* record, role_at(request.role_name));
  if (!record->grants.inline_policies.contains(request.policy_name))
    return no_such(fmt::format("The role policy with name {} cannot be found.", request.policy_name));
  roles_.update(to_lower(request.role_name), [&](RoleRecord& r) { r.grants.inline_policies.erase(request.policy_name); });
  return wire::DeleteRolePolicyReply{};
}

Result<wire::AttachRolePolicyReply> Iam::attach_role_policy(const Call&, const wire::AttachRolePolicyRequest& request) {
  TRY(const RoleRecord* record, role_at(request.role_name));
  Grants grants = record->grants;
  CHECK(attach(grants, request.policy_arn));
  roles_.update(to_lower(request.role_name), [&](RoleRecord& r) { r.grants = std::move(grants); });
  return wire::AttachRolePolicyReply{};
}

Result<wire::DetachRolePolicyReply> Iam::detach_role_policy(const Call&, const wire::DetachRolePolicyRequest& request) {
  TRY(const RoleRecord* record, role_at(request.role_name));
  const auto& attached = record->grants.attached;
  if (std::find(attached.begin(), attached.end(), request.policy_arn) == attached.end())
    return no_such(fmt::format("Policy {} was not found.", request.policy_arn));
  roles_.update(to_lower(request.role_name), [&](RoleRecord& r) { std::erase(r.grants.attached, request.policy_arn); });
  return wire::DetachRolePolicyReply{};
}

Result<wire::TagRoleReply> Iam::tag_role(const Call&, const wire::TagRoleRequest& request) {
  TRY(const RoleRecord* record, role_at(request.role_name));
  std::vector<wire::Tag> tags = record->role.tags;
  CHECK(merge_tags(tags, request.tags));
  roles_.update(to_lower(request.role_name), [&](RoleRecord& r) { r.role.tags = std::move(tags); });
  return wire::TagRoleReply{};
}

Result<wire::UntagRoleReply> Iam::untag_role(const Call&, const wire::UntagRoleRequest& request) {
  CHECK(role_at(request.role_name));
  roles_.update(to_lower(request.role_name), [&](RoleRecord& r) { remove_tags(r.role.tags, request.tag_keys); });
  return wire::UntagRoleReply{};
}

Result<wire::ListRoleTagsReply> Iam::list_role_tags(const Call&, const wire::ListRoleTagsRequest& request) {
  TRY(const RoleRecord* record, role_at(request.role_name));
  std::vector<wire::Tag> tags = record->role.tags;
  std::sort(tags.begin(), tags.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  wire::ListRoleTagsReply reply;
  TRY(reply.tags, page(std::move(tags), request, reply, [](const wire::Tag& t) { return t.key; }));
  return reply;
}

}  // namespace pds::cloud::iam
