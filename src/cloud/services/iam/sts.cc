#include "cloud/services/iam/sts.h"

#include "cloud/services/iam/rules.h"

namespace pds::cloud::iam {

namespace wire = aws::sts;

Api Sts::api() {
  Api api(wire::service_info());
  api.add<wire::GetCallerIdentity>(this, &Sts::get_caller_identity);
  Api::Entry& assume = api.add<wire::AssumeRole>(this, &Sts::assume_role);
  assume.resource = [](const Call&, const void* request) { return static_cast<const wire::AssumeRoleRequest*>(request)->role_arn; };
  assume.missing = "session policies, session tags, MFA and source identity are refused";
  return api;
}

Principal Sts::caller(const Call& call) const {
  if (std::optional<Principal> known = iam_.find_principal(call.access_key_id)) return *known;
  Principal root;
  root.arn = call.principal_arn, root.account = root.user_id = call.account, root.is_root = true;
  return root;
}

Result<wire::GetCallerIdentityReply> Sts::get_caller_identity(const Call& call, const wire::GetCallerIdentityRequest&) {
  Principal principal = caller(call);
  wire::GetCallerIdentityReply reply;
  reply.arn = principal.arn, reply.user_id = principal.user_id, reply.account = principal.account;
  return reply;
}

Result<wire::AssumeRoleReply> Sts::assume_role(const Call& call, const wire::AssumeRoleRequest& request) {
  CHECK(check_name("roleSessionName", request.role_session_name));
  Principal principal = caller(call);
  AccessRequest access = iam_.describe_caller(principal, call);
  access.action = "sts:AssumeRole";
  access.context["sts:rolesessionname"] = {request.role_session_name};
  if (request.external_id) access.context["sts:externalid"] = {*request.external_id};
  const RoleRecord* role = iam_.find_role_by_arn(request.role_arn);
  // A role that does not exist and one that does not trust the caller are answered alike: names are not to be found by trying.
  if (!role || !iam_.trusts(*role, access))
    return fail(
        "AccessDenied",
        fmt::format("User: {} is not authorized to perform: sts:AssumeRole on resource: {}", principal.arn, request.role_arn), 403);
  std::chrono::seconds duration(request.duration_seconds.value_or(3600));
  if (duration.count() > role->role.max_session_duration.value_or(3600))
    return fail("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
  if (principal.expires && duration > std::chrono::hours(1))
    return fail("ValidationError",
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.");
  TRY(aws::Credentials credentials, iam_.open_session(*role, request.role_session_name, duration));
  wire::AssumeRoleReply reply;
  reply.credentials = {.access_key_id = credentials.access_key_id,
                       .secret_access_key = credentials.secret_access_key,
                       .session_token = credentials.session_token,
                       .expiration = *credentials.expires};
  reply.assumed_role_user = {
      .assumed_role_id = role->role.role_id + ":" + request.role_session_name,
      .arn = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", core_.account, role->role.role_name, request.role_session_name)};
  return reply;
}

}  // namespace pds::cloud::iam
