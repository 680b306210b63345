// Managed policies: AWS's own, and those the account makes, with their versions.
#include <algorithm>

#include "cloud/services/iam/rules.h"

namespace pds::cloud::iam {

namespace wire = aws::iam;

namespace {

const wire::PolicyVersion* find_version(const PolicyRecord& record, std::string_view id) {
  for (const wire::PolicyVersion& version : record.versions) {
    if (version.version_id == id) return &version;
  }
  return nullptr;
}

wire::PolicyVersion shown(wire::PolicyVersion version, bool with_document) {
  if (with_document)
    version.document = percent_encode(version.document.value_or(""));
  else
    version.document.reset();
  return version;
}

std::unexpected<Error> no_version(const std::string& arn, const std::string& id) {
  return no_such(fmt::format("Policy {} version {} does not exist or is not attachable.", arn, id));
}

void make_default(PolicyRecord& record, std::string_view id, Timestamp now) {
  for (wire::PolicyVersion& version : record.versions) version.is_default_version = version.version_id == id;
  record.policy.default_version_id = std::string(id);
  record.policy.update_date = now;
}

}  // namespace

Result<const PolicyRecord*> Iam::policy_at(std::string_view arn) const {
  if (const PolicyRecord* record = policies_.find(arn)) return record;
  auto it = aws_policies_.find(arn);
  if (it == aws_policies_.end()) return no_such(fmt::format("Policy {} was not found.", arn));
  return &it->second;
}

const std::string* Iam::document_of(std::string_view policy_arn) const {
  Result<const PolicyRecord*> record = policy_at(policy_arn);
  if (!record) return nullptr;
  const wire::PolicyVersion* version = find_version(**record, *(*record)->policy.default_version_id);
  return version ? &*version->document : nullptr;
}

int Iam::attachments(std::string_view policy_arn) const {
  auto holds = [&](const auto& row) {
    return std::find(row.second.grants.attached.begin(), row.second.grants.attached.end(), policy_arn) !=
           row.second.grants.attached.end();
  };
  return static_cast<int>(std::count_if(roles_.rows().begin(), roles_.rows().end(), holds) +
                          std::count_if(users_.rows().begin(), users_.rows().end(), holds));
}

Result<void> Iam::attach(Grants& grants, const std::string& policy_arn) const {
  Result<const PolicyRecord*> record = policy_at(policy_arn);
  if (!record) return no_such(fmt::format("Policy {} does not exist or is not attachable.", policy_arn));
  if (std::find(grants.attached.begin(), grants.attached.end(), policy_arn) != grants.attached.end()) return {};
  if (grants.attached.size() >= attached_policies_max)
    return fail("LimitExceeded", fmt::format("Cannot exceed quota for PoliciesPerRole: {}", attached_policies_max), 409);
  grants.attached.push_back(policy_arn);
  return {};
}

Result<wire::CreatePolicyReply> Iam::create_policy(const Call&, const wire::CreatePolicyRequest& request) {
  CHECK(check_name("policyName", request.policy_name));
  TRY(std::string path, check_path(request.path));
  CHECK(check_policy_document(request.policy_document, PolicyKind::identity));
  CHECK(check_tags(request.tags));
  std::string policy_arn = arn("policy", path, request.policy_name);
  for (const auto& [other_arn, other] : policies_.rows()) {
    if (iequals(*other.policy.policy_name, request.policy_name))
      return fail("EntityAlreadyExists",
                  fmt::format("A policy called {} already exists. Duplicate names are not allowed.", request.policy_name), 409);
  }
  Timestamp now = core_.clock.now();
  PolicyRecord record;
  record.policy = {.policy_name = request.policy_name,
                   .policy_id = new_id("ANPA", 17),
                   .arn = policy_arn,
                   .path = path,
                   .default_version_id = "v1",
                   .description = request.description,
                   .is_attachable = true,
                   .create_date = now,
                   .update_date = now,
                   .tags = request.tags};
  record.versions.push_back(
      {.document = request.policy_document, .version_id = "v1", .is_default_version = true, .create_date = now});
  record.versions_made = 1;
  wire::Policy policy = policies_.put(policy_arn, std::move(record)).policy;
  policy.attachment_count = 0;
  return wire::CreatePolicyReply{std::move(policy)};
}

Result<wire::GetPolicyReply> Iam::get_policy(const Call&, const wire::GetPolicyRequest& request) {
  TRY(const PolicyRecord* record, policy_at(request.policy_arn));
  wire::Policy policy = record->policy;
  policy.attachment_count = attachments(request.policy_arn);
  return wire::GetPolicyReply{std::move(policy)};
}

Result<wire::ListPoliciesReply> Iam::list_policies(const Call&, const wire::ListPoliciesRequest& request) {
  std::string scope = request.scope.value_or("All");
  if (scope != "All" && scope != "AWS" && scope != "Local")
    return fail("ValidationError",
                "Value at 'scope' failed to satisfy constraint: Member must satisfy enum value set: [All, AWS, Local]");
  std::vector<wire::Policy> policies;
  auto add = [&](const PolicyRecord& record) {
    wire::Policy policy = record.policy;
    policy.attachment_count = attachments(*policy.arn);
    if (request.only_attached.value_or(false) && policy.attachment_count == 0) return;
    if (!policy.path->starts_with(request.path_prefix.value_or("/"))) return;
    policy.tags.clear(), policy.description.reset();
    policies.push_back(std::move(policy));
  };
  if (scope != "Local")
    for (const auto& [key, record] : aws_policies_) add(record);
  if (scope != "AWS")
    for (const auto& [key, record] : policies_.rows()) add(record);
  std::sort(policies.begin(), policies.end(), [](const auto& a, const auto& b) { return *a.arn < *b.arn; });
  wire::ListPoliciesReply reply;
  TRY(reply.policies, page(std::move(policies), request, reply, [](const wire::Policy& p) { return *p.arn; }));
  return reply;
}

Result<wire::DeletePolicyReply> Iam::delete_policy(const Call&, const wire::DeletePolicyRequest& request) {
  TRY(const PolicyRecord* record, policy_at(request.policy_arn));
  if (aws_policies_.contains(request.policy_arn)) return fail("AccessDenied", "AWS managed policies cannot be deleted.", 403);
  if (attachments(request.policy_arn) > 0) return fail("DeleteConflict", "Cannot delete a policy attached to entities.", 409);
  if (record->versions.size() > 1)
    return fail("DeleteConflict",
                "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
                "The default version is deleted with the policy.",
                409);
  policies_.erase(request.policy_arn);
  return wire::DeletePolicyReply{};
}

Result<wire::CreatePolicyVersionReply> Iam::create_policy_version(const Call&, const wire::CreatePolicyVersionRequest& request) {
  TRY(const PolicyRecord* record, policy_at(request.policy_arn));
  if (aws_policies_.contains(request.policy_arn)) return fail("AccessDenied", "AWS managed policies cannot be changed.", 403);
  CHECK(check_policy_document(request.policy_document, PolicyKind::identity));
  if (record->versions.size() >= policy_versions_max)
    return fail("LimitExceeded",
                fmt::format("A managed policy can have up to {} versions. Before you create a new version, you must delete an "
                            "existing version.",
                            policy_versions_max),
                409);
  Timestamp now = core_.clock.now();
  const PolicyRecord& changed = policies_.update(request.policy_arn, [&](PolicyRecord& r) {
    std::string id = fmt::format("v{}", ++r.versions_made);
    r.versions.push_back({.document = request.policy_document, .version_id = id, .is_default_version = false, .create_date = now});
    if (request.set_as_default.value_or(false)) make_default(r, id, now);
  });
  return wire::CreatePolicyVersionReply{shown(changed.versions.back(), false)};
}

Result<wire::GetPolicyVersionReply> Iam::get_policy_version(const Call&, const wire::GetPolicyVersionRequest& request) {
  TRY(const PolicyRecord* record, policy_at(request.policy_arn));
  const wire::PolicyVersion* version = find_version(*record, request.version_id);
  if (!version) return no_version(request.policy_arn, request.version_id);
  return wire::GetPolicyVersionReply{shown(*version, true)};
}

Result<wire::ListPolicyVersionsReply> Iam::list_policy_versions(const Call&, const wire::ListPolicyVersionsRequest& request) {
  TRY(const PolicyRecord* record, policy_at(request.policy_arn));
  std::vector<wire::PolicyVersion> versions;
  for (auto it = record->versions.rbegin(); it != record->versions.rend(); ++it) versions.push_back(shown(*it, false));
  // Newest first; the key counts down so that pages keep that order.
  wire::ListPolicyVersionsReply reply;
  TRY(reply.versions, page(std::move(versions), request, reply, [](const wire::PolicyVersion& v) {
        return fmt::format("{:012}", 999'999'999'999 - parse_int(std::string_view(*v.version_id).substr(1)).value_or(0));
      }));
  return reply;
}

Result<wire::SetDefaultPolicyVersionReply> Iam::set_default_policy_version(const Call&,
                                                                           const wire::SetDefaultPolicyVersionRequest& request) {
  TRY(const PolicyRecord* record, policy_at(request.policy_arn));
  if (!find_version(*record, request.version_id)) return no_version(request.policy_arn, request.version_id);
  if (aws_policies_.contains(request.policy_arn)) return fail("AccessDenied", "AWS managed policies cannot be changed.", 403);
  policies_.update(request.policy_arn, [&](PolicyRecord& r) { make_default(r, request.version_id, core_.clock.now()); });
  return wire::SetDefaultPolicyVersionReply{};
}

Result<wire::DeletePolicyVersionReply> Iam::delete_policy_version(const Call&, const wire::DeletePolicyVersionRequest& request) {
  TRY(const PolicyRecord* record, policy_at(request.policy_arn));
  const wire::PolicyVersion* version = find_version(*record, request.version_id);
  if (!version) return no_version(request.policy_arn, request.version_id);
  if (version->is_default_version.value_or(false))
    return fail("DeleteConflict", "Cannot delete the default version of a policy.", 409);
  policies_.update(request.policy_arn, [&](PolicyRecord& r) {
    std::erase_if(r.versions, [&](const wire::PolicyVersion& v) { return v.version_id == request.version_id; });
  });
  return wire::DeletePolicyVersionReply{};
}

Result<wire::ListAttachedRolePoliciesReply> Iam::list_attached_role_policies(const Call&,
                                                                             const wire::ListAttachedRolePoliciesRequest& request) {
  TRY(const RoleRecord* record, role_at(request.role_name));
  std::vector<wire::AttachedPolicy> attached;
  for (const std::string& policy_arn : record->grants.attached) {
    TRY(const PolicyRecord* policy, policy_at(policy_arn));
    if (policy->policy.path->starts_with(request.path_prefix.value_or("/")))
      attached.push_back({.policy_name = policy->policy.policy_name, .policy_arn = policy_arn});
  }
  std::sort(attached.begin(), attached.end(), [](const auto& a, const auto& b) { return *a.policy_arn < *b.policy_arn; });
  wire::ListAttachedRolePoliciesReply reply;
  TRY(reply.attached_policies, page(std::move(attached), request, reply, [](const auto& p) { return *p.policy_arn; }));
  return reply;
}

Result<wire::ListAttachedUserPoliciesReply> Iam::list_attached_user_policies(const Call&,
                                                                             const wire::ListAttachedUserPoliciesRequest& request) {
  TRY(const UserRecord* record, user_at(request.user_name));
  std::vector<wire::AttachedPolicy> attached;
  for (const std::string& policy_arn : record->grants.attached) {
    TRY(const PolicyRecord* policy, policy_at(policy_arn));
    if (policy->policy.path->starts_with(request.path_prefix.value_or("/")))
      attached.push_back({.policy_name = policy->policy.policy_name, .policy_arn = policy_arn});
  }
  std::sort(attached.begin(), attached.end(), [](const auto& a, const auto& b) { return *a.policy_arn < *b.policy_arn; });
  wire::ListAttachedUserPoliciesReply reply;
  TRY(reply.attached_policies, page(std::move(attached), request, reply, [](const auto& p) { return *p.policy_arn; }));
  return reply;
}

Result<wire::ListEntitiesForPolicyReply> Iam::list_entities_for_policy(const Call&,
                                                                       const wire::ListEntitiesForPolicyRequest& request) {
  CHECK(policy_at(request.policy_arn));
  std::string filter = request.entity_filter.value_or("");
  auto holds = [&](const Grants& grants, const std::string& path) {
    return path.starts_with(request.path_prefix.value_or("/")) &&
           std::find(grants.attached.begin(), grants.attached.end(), request.policy_arn) != grants.attached.end();
  };
  // One page over both kinds: "role/<name>" sorts before "user/<name>".
  struct Entity {
    std::string key, name, id;
  };
  std::vector<Entity> entities;
  for (const auto& [key, r] : roles_.rows()) {
    if ((filter.empty() || filter == "Role") && holds(r.grants, r.role.path))
      entities.push_back({"role/" + key, r.role.role_name, r.role.role_id});
  }
  for (const auto& [key, u] : users_.rows()) {
    if ((filter.empty() || filter == "User") && holds(u.grants, u.user.path))
      entities.push_back({"user/" + key, u.user.user_name, u.user.user_id});
  }
  wire::ListEntitiesForPolicyReply reply;
  TRY(entities, page(std::move(entities), request, reply, [](const Entity& e) { return e.key; }));
  for (const Entity& entity : entities) {
    if (entity.key.starts_with("role/"))
      reply.policy_roles.push_back({.role_name = entity.name, .role_id = entity.id});
    else
      reply.policy_users.push_back({.user_name = entity.name, .user_id = entity.id});
  }
  return reply;
}

Result<wire::TagPolicyReply> Iam::tag_policy(const Call&, const wire::TagPolicyRequest& request) {
  TRY(const PolicyRecord* record, policy_at(request.policy_arn));
  if (!policies_.contains(request.policy_arn)) return fail("AccessDenied", "AWS managed policies cannot be tagged.", 403);
  std::vector<wire::Tag> tags = record->policy.tags;
  CHECK(merge_tags(tags, request.tags));
  policies_.update(request.policy_arn, [&](PolicyRecord& r) { r.policy.tags = std::move(tags); });
  return wire::TagPolicyReply{};
}

Result<wire::UntagPolicyReply> Iam::untag_policy(const Call&, const wire::UntagPolicyRequest& request) {
  CHECK(policy_at(request.policy_arn));
  if (policies_.contains(request.policy_arn))
    policies_.update(request.policy_arn, [&](PolicyRecord& r) { remove_tags(r.policy.tags, request.tag_keys); });
  return wire::UntagPolicyReply{};
}

Result<wire::ListPolicyTagsReply> Iam::list_policy_tags(const Call&, const wire::ListPolicyTagsRequest& request) {
  TRY(const PolicyRecord* record, policy_at(request.policy_arn));
  std::vector<wire::Tag> tags = record->policy.tags;
  std::sort(tags.begin(), tags.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
  wire::ListPolicyTagsReply reply;
  TRY(reply.tags, page(std::move(tags), request, reply, [](const wire::Tag& t) { return t.key; }));
  return reply;
}

}  // namespace pds::cloud::iam
