#include "cloud/services/s3/bucket_policy.h"

#include <fmt/core.h>

#include "base/text.h"

namespace pds::cloud::s3 {
namespace {

std::unexpected<Error> malformed(std::string message) { return fail("MalformedPolicy", std::move(message)); }

Result<void> check_principals(const PolicyStatement& statement, std::string_view own_account) {
  auto refused = [](std::string_view who) {
    return fail("NotImplemented",
                fmt::format("PutBucketPolicy: the principal {} is not supported: bucket policies here are for services and for other "
                            "accounts, what users of this one may do is said by IAM policies",
                            who),
                501);
  };
  if (statement.not_principal) return refused("NotPrincipal");
  if (statement.principals.everyone) return refused("*");
  for (const std::string& arn : statement.principals.aws) {
    if (arn.find(fmt::format(":{}:", own_account)) != std::string::npos) return refused(arn);
  }
  return {};
}

Result<void> check_resources(const PolicyStatement& statement, const std::string& bucket_arn) {
  if (statement.not_resource) return malformed("Policy has invalid resource");
  for (const std::string& resource : statement.resources) {
    if (resource != bucket_arn && !resource.starts_with(bucket_arn + "/")) return malformed("Policy has invalid resource");
  }
  return {};
}

AccessRequest request_of(const Delivery& delivery, const std::string& own_account) {
  AccessRequest request;
  request.action = "s3:PutObject";
  request.resource = "arn:aws:s3:::" + delivery.bucket + "/" + delivery.key;
  request.context["aws:sourceaccount"] = {own_account};
  request.context["aws:sourcearn"] = {delivery.source_arn};
  request.context["aws:securetransport"] = {"true"};  // nothing leaves the process
  return request;
}

}  // namespace

Result<Policy> parse_bucket_policy(std::string_view text, std::string_view bucket, std::string_view own_account) {
  if (text.size() > bucket_policy_bytes_max) return malformed("Policies must be at most 20 KB in size");
  Result<Policy> policy = parse_policy(text, PolicyKind::resource);
  if (!policy) return malformed(policy.error().message);
  std::string bucket_arn = "arn:aws:s3:::" + std::string(bucket);
  for (const PolicyStatement& statement : policy->statements) {
    CHECK(check_principals(statement, own_account));
    CHECK(check_resources(statement, bucket_arn));
  }
  return policy;
}

bool allows_delivery(const Policy& policy, const Delivery& delivery, const std::string& own_account) {
  AccessRequest by_name = request_of(delivery, own_account);
  by_name.service = delivery.service_principal;
  by_name.context["aws:principalisawsservice"] = {"true"};
  Decision named = evaluate(policy, by_name), by_its_account = Decision::none;
  if (!delivery.account.empty()) {
    AccessRequest older = request_of(delivery, own_account);
    older.account = delivery.account;
    older.principal_arn = "arn:aws:iam::" + delivery.account + ":root";
    older.context["aws:principalarn"] = {older.principal_arn};
    older.context["aws:principalaccount"] = {delivery.account};
    by_its_account = evaluate(policy, older);
  }
  if (named == Decision::deny || by_its_account == Decision::deny) return false;
  return named == Decision::allow || by_its_account == Decision::allow;
}

}  // namespace pds::cloud::s3
