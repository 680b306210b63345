// Who may come in, and through which door: permissions, function URLs; then tags and the account.
#include <fmt/core.h>

#include <algorithm>

#include "aws/paging.h"
#include "base/text.h"
#include "cloud/services/lambda/cors.h"
#include "cloud/services/lambda/service.h"
#include "cloud/services/lambda/settings.h"

namespace pds::cloud::lambda {

namespace {

constexpr const char* not_there = "The resource you requested does not exist.";

std::unexpected<Error> invalid(std::string message) { return fail("InvalidParameterValueException", std::move(message)); }
std::unexpected<Error> not_found() { return fail("ResourceNotFoundException", not_there, 404); }

Result<void> check_revision(const std::optional<std::string>& given, const std::string& current) {
  if (!given || *given == current) return {};
  return fail(
      "PreconditionFailedException",
      "The RevisionId provided does not match the latest RevisionId. Call the GetPolicy API to retrieve the latest RevisionId",
      412);
}

bool is_action(std::string_view action) {
  if (action == "*" || action == "lambda:*") return true;
  std::string_view name = action.starts_with("lambda:") ? action.substr(7) : std::string_view{};
  return !name.empty() && std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

Result<void> check_statement(const wire::AddPermissionRequest& request) {
  if (request.principal_org_id)
    return fail("NotImplemented", "AddPermission: PrincipalOrgID is not supported: there are no organizations", 501);
  if (!is_action(request.action))
    return fail(
        "ValidationException",
        fmt::format("1 validation error detected: Value '{}' at 'action' failed to satisfy constraint: Member must satisfy regular "
                    "expression pattern: (lambda:[*]|lambda:[a-zA-Z]+|[*])",
                    request.action));
  bool word = std::ranges::all_of(request.statement_id,
                                  [](char c) { return isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_'; });
  if (!word)
    return fail(
        "ValidationException",
        fmt::format("1 validation error detected: Value '{}' at 'statementId' failed to satisfy constraint: Member must satisfy "
                    "regular expression pattern: ([a-zA-Z0-9-_]+)",
                    request.statement_id));
  if (request.function_url_auth_type && *request.function_url_auth_type != "NONE" && *request.function_url_auth_type != "AWS_IAM")
    return invalid("FunctionUrlAuthType must be NONE or AWS_IAM");
  if (request.function_url_auth_type && request.action != "lambda:InvokeFunctionUrl")
    return invalid("FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action");
  return {};
}

}  // namespace

// ---- permissions ----

Result<wire::AddPermissionReply> Lambda::add_permission(const Call&, const wire::AddPermissionRequest& request) {
  TRY(FunctionName name, existing(request.function_name, request.qualifier));
  if (name.qualifier == latest) return invalid("We currently do not support adding policies for $LATEST.");
  CHECK(check_statement(request));
  std::string key = qualified_key(name.name, name.qualifier);
  PolicyRecord policy{.function = name.name, .qualifier = name.qualifier};
  if (const PolicyRecord* before = catalog_.policies.find(key)) policy = *before;
  CHECK(check_revision(request.revision_id, policy.revision_id));
  for (const StatementRecord& statement : policy.statements)
    if (statement.id == request.statement_id)
      return fail(
          "ResourceConflictException",
          fmt::format("The statement id ({}) provided already exists. Please provide a new statement id, or remove the existing "
                      "statement.",
                      request.statement_id),
          409);
  StatementRecord statement{.id = request.statement_id,
                            .action = request.action,
                            .principal = request.principal,
                            .source_arn = request.source_arn,
                            .source_account = request.source_account,
                            .event_source_token = request.event_source_token,
                            .url_auth_type = request.function_url_auth_type,
                            .invoked_via_url = request.invoked_via_function_url};
  std::string arn = catalog_.arn(name.name, name.qualifier);
  wire::AddPermissionReply reply{to_text(statement_document(statement, arn))};
  policy.statements.push_back(std::move(statement));
  policy.revision_id = new_id();
  if (size_t bytes = policy_text(policy, arn).size(); bytes > policy_bytes_max)
    return fail("PolicyLengthExceededException",
                fmt::format("The final policy size ({}) is bigger than the limit ({}).", bytes, policy_bytes_max));
  catalog_.policies.put(key, std::move(policy));
  return reply;
}

Result<aws::Empty> Lambda::remove_permission(const Call&, const wire::RemovePermissionRequest& request) {
  TRY(FunctionName name, existing(request.function_name, request.qualifier));
  std::string key = qualified_key(name.name, name.qualifier);
  const PolicyRecord* before = catalog_.policies.find(key);
  if (!before) return fail("ResourceNotFoundException", "No policy is associated with the given resource.", 404);
  CHECK(check_revision(request.revision_id, before->revision_id));
  PolicyRecord policy = *before;
  if (std::erase_if(policy.statements, [&](const StatementRecord& statement) { return statement.id == request.statement_id; }) == 0)
    return fail("ResourceNotFoundException", fmt::format("Statement {} is not found in resource policy.", request.statement_id),
                404);
  policy.revision_id = new_id();
  if (policy.statements.empty())
    catalog_.policies.erase(key);
  else
    catalog_.policies.put(key, std::move(policy));
  return aws::Empty{};
}

Result<wire::GetPolicyReply> Lambda::get_policy(const Call&, const wire::GetPolicyRequest& request) {
  TRY(FunctionName name, existing(request.function_name, request.qualifier));
  const PolicyRecord* policy = catalog_.policies.find(qualified_key(name.name, name.qualifier));
  if (!policy) return not_found();
  return wire::GetPolicyReply{policy_text(*policy, catalog_.arn(name.name, name.qualifier)), policy->revision_id};
}

// ---- URLs ----

wire::FunctionUrlConfig Lambda::url_configuration(const UrlRecord& url, const Call& call) const {
  wire::FunctionUrlConfig out;
  // The port is the one the caller came to, so that the URL works from where he is.
  size_t colon = call.host.rfind(':');
  std::string port = colon == std::string::npos ? fmt::format(":{}", core_.endpoint_port) : call.host.substr(colon);
  if (parse_int(port.substr(1)).value_or(0) == 0) port = fmt::format(":{}", core_.endpoint_port);
  out.function_url = fmt::format("http://{}.lambda-url.{}.localhost{}/", url.url_id, core_.region, port);
  out.function_arn = catalog_.arn(url.function, url.qualifier);
  out.auth_type = url.auth_type;
  out.creation_time = to_iso8601_millis(url.created);
  out.last_modified_time = to_iso8601_millis(url.modified);
  out.invoke_mode = url.streams ? "RESPONSE_STREAM" : "BUFFERED";
  out.cors = url.cors;
  return out;
}

namespace {

Result<void> check_url(const std::optional<std::string>& auth_type, const std::optional<std::string>& invoke_mode,
                       const std::optional<wire::Cors>& cors) {
  if (auth_type && *auth_type != "NONE" && *auth_type != "AWS_IAM")
    return fail("ValidationException",
                fmt::format("1 validation error detected: Value '{}' at 'authType' failed to satisfy constraint: Member "
                            "must satisfy enum value set: [NONE, AWS_IAM]",
                            *auth_type));
  if (invoke_mode && *invoke_mode != "BUFFERED" && *invoke_mode != "RESPONSE_STREAM")
    return fail("ValidationException",
                fmt::format("1 validation error detected: Value '{}' at 'invokeMode' failed to satisfy constraint: Member "
                            "must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]",
                            *invoke_mode));
  if (cors) return check_cors(*cors);
  return {};
}

}  // namespace

Result<wire::FunctionUrlConfig> Lambda::create_url(const Call& call, const wire::CreateFunctionUrlConfigRequest& request) {
  TRY(FunctionName name, existing(request.function_name, request.qualifier));
  if (!name.qualifier.empty() && !is_alias_name(name.qualifier)) return invalid("A function URL belongs to $LATEST or to an alias");
  CHECK(check_url(request.auth_type, request.invoke_mode, request.cors));
  if (catalog_.find_url(name.name, name.qualifier))
    return fail(
        "ResourceConflictException",
        fmt::format(
            "Failed to create function url config for [functionArn = {}]. Error message:  FunctionUrlConfig exists for this "
            "Lambda function",
            catalog_.arn(name.name, name.qualifier)),
        409);
  UrlRecord url{.url_id = core_.random.text(32, "abcdefghijklmnopqrstuvwxyz234567"),
                .function = name.name,
                .qualifier = name.qualifier,
                .auth_type = request.auth_type,
                .cors = request.cors,
                .created = core_.clock.now(),
                .modified = core_.clock.now(),
                .streams = request.invoke_mode == "RESPONSE_STREAM"};
  return url_configuration(catalog_.urls.put(std::string(url.url_id), std::move(url)), call);
}

Result<wire::FunctionUrlConfig> Lambda::get_url(const Call& call, const wire::QualifiedRequest& request) {
  TRY(FunctionName name, catalog_.parse(request.function_name, request.qualifier.value_or("")));
  const UrlRecord* url = catalog_.find_url(name.name, name.qualifier);
  if (!url) return not_found();
  return url_configuration(*url, call);
}

Result<wire::FunctionUrlConfig> Lambda::update_url(const Call& call, const wire::UpdateFunctionUrlConfigRequest& request) {
  TRY(FunctionName name, catalog_.parse(request.function_name, request.qualifier.value_or("")));
  const UrlRecord* before = catalog_.find_url(name.name, name.qualifier);
  if (!before) return not_found();
  CHECK(check_url(request.auth_type, request.invoke_mode, request.cors));
  UrlRecord url = *before;
  if (request.auth_type) url.auth_type = *request.auth_type;
  if (request.cors) url.cors = request.cors;
  if (request.invoke_mode) url.streams = *request.invoke_mode == "RESPONSE_STREAM";
  url.modified = core_.clock.now();
  return url_configuration(catalog_.urls.put(std::string(url.url_id), std::move(url)), call);
}

Result<aws::Empty> Lambda::delete_url(const Call&, const wire::QualifiedRequest& request) {
  TRY(FunctionName name, catalog_.parse(request.function_name, request.qualifier.value_or("")));
  const UrlRecord* url = catalog_.find_url(name.name, name.qualifier);
  if (!url) return not_found();
  catalog_.urls.erase(std::string(url->url_id));
  return aws::Empty{};
}

Result<wire::ListFunctionUrlConfigsReply> Lambda::list_urls(const Call& call, const wire::PagedFunctionRequest& request) {
  TRY(FunctionName name, existing(request.function_name, std::nullopt));
  std::vector<const UrlRecord*> found;
  for (const auto& [id, url] : catalog_.urls.rows())
    if (url.function == name.name) found.push_back(&url);
  TRY(std::optional<std::string> next, aws::cut_page(
                                           found, request.marker, request.max_items.value_or(0), 50,
                                           [](const UrlRecord* url) { return url->url_id; }, "InvalidParameterValueException"));
  wire::ListFunctionUrlConfigsReply reply;
  reply.next_marker = next;
  for (const UrlRecord* url : found) reply.function_url_configs.push_back(url_configuration(*url, call));
  return reply;
}

// ---- tags, the account, and what nobody configured ----

namespace {

Result<std::string> tagged_function(const Catalog& catalog, const std::string& resource) {
  TRY(FunctionName name, catalog.parse(resource));
  if (!resource.starts_with("arn:")) return invalid(fmt::format("{} is not the ARN of a function", resource));
  if (!name.qualifier.empty())
    return invalid("Tags on function aliases and versions are not supported. Please specify a function ARN.");
  CHECK(catalog.function_at(name.name));
  return name.name;
}

}  // namespace

Result<aws::Empty> Lambda::tag_resource(const Call&, const wire::TagResourceRequest& request) {
  TRY(std::string function, tagged_function(catalog_, request.resource));
  std::map<std::string, std::string> tags = catalog_.functions.find(function)->tags;
  for (const auto& [key, value] : request.tags) tags[key] = value;
  CHECK(check_tags(tags));
  catalog_.functions.update(function, [&](FunctionRecord& record) { record.tags = std::move(tags); });
  return aws::Empty{};
}

Result<aws::Empty> Lambda::untag_resource(const Call&, const wire::UntagResourceRequest& request) {
  TRY(std::string function, tagged_function(catalog_, request.resource));
  catalog_.functions.update(function, [&](FunctionRecord& record) {
    for (const std::string& key : request.tag_keys) record.tags.erase(key);
  });
  return aws::Empty{};
}

Result<wire::ListTagsReply> Lambda::list_tags(const Call&, const wire::ListTagsRequest& request) {
  TRY(std::string function, tagged_function(catalog_, request.resource));
  return wire::ListTagsReply{catalog_.functions.find(function)->tags};
}

Result<wire::GetAccountSettingsReply> Lambda::get_account_settings(const Call&, const wire::GetAccountSettingsRequest&) {
  wire::GetAccountSettingsReply reply;
  reply.account_limit = {.total_code_size = 80'530'636'800,
                         .code_size_unzipped = 262'144'000,
                         .code_size_zipped = 52'428'800,
                         .concurrent_executions = account_concurrency_max,
                         .unreserved_concurrent_executions = account_concurrency_max};
  reply.account_usage.function_count = static_cast<int64_t>(catalog_.functions.size());
  return reply;
}

Result<wire::GetFunctionCodeSigningConfigReply> Lambda::get_code_signing(const Call&, const wire::FunctionNameRequest& request) {
  TRY(FunctionName name, existing(request.function_name, std::nullopt));
  wire::GetFunctionCodeSigningConfigReply reply;
  reply.function_name = name.name;
  return reply;
}

Result<wire::GetFunctionConcurrencyReply> Lambda::get_concurrency(const Call&, const wire::FunctionNameRequest& request) {
  CHECK(existing(request.function_name, std::nullopt));
  return wire::GetFunctionConcurrencyReply{};
}

}  // namespace pds::cloud::lambda
