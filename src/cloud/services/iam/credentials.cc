// Keys, sessions, and the decision who may do what.
#include "cloud/services/iam/rules.h"

namespace pds::cloud::iam {

namespace {

constexpr std::string_view id_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string source_ip(const Call& call) { return call.source_address.substr(0, call.source_address.rfind(':')); }

}  // namespace

std::string Iam::new_id(std::string_view prefix, size_t length) {
  return std::string(prefix) + core_.random.text(length, id_alphabet);
}

std::string Iam::arn(std::string_view kind, std::string_view path, std::string_view name) const {
  return fmt::format("arn:aws:iam::{}:{}{}{}", core_.account, kind, path, name);
}

// 40 characters, as AWS has them.
std::string Iam::secret_of(std::string_view access_key_id) const {
  return to_base64(master_key_.derive("iam secret access key " + std::string(access_key_id)).substr(0, 30));
}
std::string Iam::session_token_of(std::string_view access_key_id) const {
  return "FwoGZXIvYXdz" + to_base64(master_key_.derive("iam session token " + std::string(access_key_id)));
}

std::optional<Principal> Iam::find_principal(std::string_view access_key_id) const {
  if (access_key_id == root_access_key_id_) return root_;
  Principal principal;
  principal.account = core_.account;
  principal.secret_access_key = secret_of(access_key_id);
  if (const KeyRecord* key = keys_.find(access_key_id)) {
    const UserRecord* user = users_.find(to_lower(key->user_name));
    if (key->status != "Active" || !user) return std::nullopt;
    principal.arn = user->user.arn, principal.user_id = user->user.user_id;
    return principal;
  }
  const SessionRecord* session = sessions_.find(access_key_id);
  if (!session) return std::nullopt;
  principal.arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", core_.account, session->role_name, session->session_name);
  principal.user_id = session->role_id + ":" + session->session_name;
  principal.session_token = session_token_of(access_key_id);
  principal.expires = session->expires;
  return principal;
}

// A session whose role was deleted, or deleted and made again under the same name, may do nothing.
const Grants* Iam::grants_of(const Principal& principal) const {
  size_t session = principal.arn.find(":assumed-role/");
  if (session == std::string::npos) {
    const UserRecord* user = users_.find(to_lower(principal.arn.substr(principal.arn.rfind('/') + 1)));
    return user && user->user.user_id == principal.user_id ? &user->grants : nullptr;
  }
  size_t begin = session + 14;
  const RoleRecord* role = roles_.find(to_lower(principal.arn.substr(begin, principal.arn.find('/', begin) - begin)));
  return role && principal.user_id.starts_with(role->role.role_id + ":") ? &role->grants : nullptr;
}

AccessRequest Iam::describe_caller(const Principal& principal, const Call& call) const {
  AccessRequest request;
  request.principal_arn = principal.arn;
  request.account = principal.account;
  size_t session = principal.arn.find(":assumed-role/");
  bool is_session = session != std::string::npos;
  if (is_session) {
    size_t begin = session + 14;
    if (const RoleRecord* role = roles_.find(to_lower(principal.arn.substr(begin, principal.arn.find('/', begin) - begin))))
      request.principal_role_arn = role->role.arn;
  }
  Timestamp now = real_time_.now();
  auto& context = request.context;
  context["aws:currenttime"] = {to_iso8601(now)};
  context["aws:epochtime"] = {fmt::format("{}", std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count())};
  context["aws:principalarn"] = {is_session ? request.principal_role_arn : principal.arn};
  context["aws:principalaccount"] = {principal.account};
  context["aws:principaltype"] = {principal.is_root ? "Account" : is_session ? "AssumedRole" : "User"};
  context["aws:principalisawsservice"] = {"false"};
  context["aws:userid"] = {principal.user_id};
  if (!is_session && !principal.is_root) context["aws:username"] = {principal.arn.substr(principal.arn.rfind('/') + 1)};
  if (!call.source_address.empty()) context["aws:sourceip"] = {source_ip(call)};
  context["aws:securetransport"] = {"false"};
  context["aws:requestedregion"] = {call.region};
  if (!call.passed_to_service.empty()) context["iam:passedtoservice"] = {call.passed_to_service};
  return request;
}

std::shared_ptr<const Policy> Iam::parsed(const std::string& document, PolicyKind kind) const {
  std::string key = static_cast<char>('0' + static_cast<int>(kind)) + document;
  if (auto it = parsed_.find(key); it != parsed_.end()) return it->second;
  Result<Policy> policy = parse_policy(document, kind);
  ASSERT(policy.has_value());  // checked when it was put
  if (parsed_.size() >= parsed_policies_max) parsed_.clear();
  return parsed_.emplace(std::move(key), std::make_shared<const Policy>(std::move(*policy))).first->second;
}

Decision Iam::decide(const Grants& grants, const AccessRequest& request) const {
  Decision decision = Decision::none;
  for (const auto& [name, document] : grants.inline_policies)
    decision = std::max(decision, evaluate(*parsed(document, PolicyKind::identity), request));
  for (const std::string& policy_arn : grants.attached) {
    if (const std::string* document = document_of(policy_arn))
      decision = std::max(decision, evaluate(*parsed(*document, PolicyKind::identity), request));
  }
  return decision;
}

Result<void> Iam::authorize(const Principal& principal, const Call& call, const std::string& action,
                            const std::string& resource_arn) const {
  // Whoever holds keys may ask who they are.
  if (principal.is_root || action == "sts:GetCallerIdentity") return {};
  AccessRequest request = describe_caller(principal, call);
  request.action = action, request.resource = resource_arn;
  const Grants* grants = grants_of(principal);
  Decision decision = grants ? decide(*grants, request) : Decision::none;
  if (decision == Decision::allow) return {};
  if (action == "sts:AssumeRole" && decision == Decision::none) {
    // A trust policy that names the caller itself is permission enough within an account.
    const RoleRecord* role = find_role_by_arn(resource_arn);
    if (role && names_principal(*parsed(*role->role.assume_role_policy_document, PolicyKind::trust), request)) return {};
  }
  return fail(
      "AccessDenied",
      fmt::format("User: {} is not authorized to perform: {}{} {}", principal.arn, action,
                  resource_arn == "*" ? "" : fmt::format(" on resource: {}", resource_arn),
                  decision == Decision::deny ? "with an explicit deny in an identity-based policy"
                                             : fmt::format("because no identity-based policy allows the {} action", action)),
      403);
}

const RoleRecord* Iam::find_role_by_arn(std::string_view role_arn) const {
  const RoleRecord* role = roles_.find(to_lower(role_arn.substr(role_arn.rfind('/') + 1)));
  return role && role->role.arn == role_arn ? role : nullptr;
}

bool Iam::trusts(const RoleRecord& role, const AccessRequest& request) const {
  return evaluate(*parsed(role.role.assume_role_policy_document.value_or(""), PolicyKind::trust), request) == Decision::allow;
}

Result<void> Iam::check_trust(const std::string& role_arn, const std::string& service_principal) const {
  const RoleRecord* role = find_role_by_arn(role_arn);
  if (!role) return fail("InvalidParameterValue", fmt::format("The role {} does not exist.", role_arn));
  AccessRequest request;
  request.action = "sts:AssumeRole", request.service = service_principal, request.account = core_.account;
  request.context["aws:sourceaccount"] = {core_.account};
  request.context["aws:principalisawsservice"] = {"true"};
  Timestamp now = real_time_.now();
  request.context["aws:currenttime"] = {to_iso8601(now)};
  request.context["aws:epochtime"] = {
      fmt::format("{}", std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count())};
  if (trusts(*role, request)) return {};
  return fail("InvalidParameterValue",
              fmt::format("The role {} cannot be assumed by {}: its trust policy does not allow it.", role_arn, service_principal));
}

Result<aws::Credentials> Iam::issue(const std::string& role_arn, const std::string& session_name,
                                    const std::string& service_principal, std::chrono::seconds valid_for) {
  CHECK(check_trust(role_arn, service_principal));
  return open_session(*find_role_by_arn(role_arn), session_name, valid_for);
}

Result<aws::Credentials> Iam::open_session(const RoleRecord& role, const std::string& session_name,
                                           std::chrono::seconds valid_for) {
  drop_expired_sessions();
  if (sessions_.size() >= sessions_max)
    return fail("LimitExceeded", fmt::format("{} sessions are open: wait until some have expired.", sessions_max), 409);
  std::string id = new_id("ASIA", 16);
  Timestamp expires = real_time_.now() + valid_for;
  sessions_.put(id,
                {.role_name = role.role.role_name, .role_id = role.role.role_id, .session_name = session_name, .expires = expires});
  return aws::Credentials{
      .access_key_id = id, .secret_access_key = secret_of(id), .session_token = session_token_of(id), .expires = expires};
}

// Kept for an hour after they expired, so that their use is answered "expired" and not "unknown".
void Iam::drop_expired_sessions() {
  Timestamp before = real_time_.now() - std::chrono::hours(1);
  std::vector<std::string> gone;
  for (const auto& [id, session] : sessions_.rows()) {
    if (session.expires < before) gone.push_back(id);
  }
  for (const std::string& id : gone) sessions_.erase(id);
}

}  // namespace pds::cloud::iam
