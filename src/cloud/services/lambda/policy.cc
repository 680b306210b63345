#include "cloud/services/lambda/policy.h"

#include "base/text.h"

namespace pds::cloud::lambda {

namespace {

bool is_account(std::string_view text) { return text.size() == 12 && parse_int(text).has_value(); }

json::value principal_document(std::string_view principal) {
  if (principal == "*") return json::value("*");
  json::object document;
  if (principal.ends_with(".amazonaws.com"))
    document["Service"] = principal;
  else if (is_account(principal))
    document["AWS"] = "arn:aws:iam::" + std::string(principal) + ":root";
  else
    document["AWS"] = principal;
  return document;
}

bool principal_matches(std::string_view principal, const Access& access) {
  if (principal == "*") return true;
  if (!access.service_principal.empty()) return principal == access.service_principal;
  if (access.principal_arn.empty()) return false;
  if (is_account(principal)) return principal == access.account;
  if (principal.ends_with(":root")) return principal.find(std::string(access.account)) != std::string_view::npos;
  return principal == access.principal_arn;
}

// The account an ARN belongs to.
std::string_view account_of(std::string_view arn) {
  std::vector<std::string_view> parts = split(arn, ':');
  return parts.size() > 4 ? parts[4] : std::string_view{};
}

bool conditions_hold(const StatementRecord& statement, const Access& access) {
  if (statement.source_arn && !wildcard_match(*statement.source_arn, access.source_arn)) return false;
  if (statement.source_account && *statement.source_account != account_of(access.source_arn)) return false;
  if (statement.url_auth_type && *statement.url_auth_type != access.url_auth_type) return false;
  if (statement.invoked_via_url && *statement.invoked_via_url != !access.url_auth_type.empty()) return false;
  // Tokens come from Alexa, which does not call here.
  return !statement.event_source_token;
}

}  // namespace

json::object statement_document(const StatementRecord& statement, const std::string& resource_arn) {
  json::object document;
  document["Sid"] = statement.id;
  document["Effect"] = "Allow";
  document["Principal"] = principal_document(statement.principal);
  document["Action"] = statement.action;
  document["Resource"] = resource_arn;
  json::object condition, equals;
  if (statement.url_auth_type) equals["lambda:FunctionUrlAuthType"] = *statement.url_auth_type;
  if (statement.source_account) equals["AWS:SourceAccount"] = *statement.source_account;
  if (statement.event_source_token) equals["lambda:EventSourceToken"] = *statement.event_source_token;
  if (!equals.empty()) condition["StringEquals"] = std::move(equals);
  if (statement.source_arn) condition["ArnLike"] = json::object{{"AWS:SourceArn", *statement.source_arn}};
  if (statement.invoked_via_url)
    condition["Bool"] = json::object{{"lambda:InvokedViaFunctionUrl", *statement.invoked_via_url ? "true" : "false"}};
  if (!condition.empty()) document["Condition"] = std::move(condition);
  return document;
}

std::string policy_text(const PolicyRecord& policy, const std::string& resource_arn) {
  json::array statements;
  for (const StatementRecord& statement : policy.statements) statements.emplace_back(statement_document(statement, resource_arn));
  json::object document;
  document["Version"] = "2012-10-17";
  document["Id"] = "default";
  document["Statement"] = std::move(statements);
  return to_text(document);
}

bool allows(const PolicyRecord& policy, const Access& access) {
  for (const StatementRecord& statement : policy.statements) {
    if (wildcard_match(statement.action, access.action) && principal_matches(statement.principal, access) &&
        conditions_hold(statement, access))
      return true;
  }
  return false;
}

}  // namespace pds::cloud::lambda
