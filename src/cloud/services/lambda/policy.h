// Resource policies of functions: statements, their JSON form, and what they allow.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "cloud/services/lambda/records.h"

namespace pds::cloud::lambda {

inline constexpr size_t policy_bytes_max = 20 * 1024;  // PolicyLengthExceededException, as Lambda has it

// {"Sid":...,"Effect":"Allow","Principal":...,"Action":...,"Resource":arn,"Condition":{...}}
json::object statement_document(const StatementRecord& statement, const std::string& resource_arn);
std::string policy_text(const PolicyRecord& policy, const std::string& resource_arn);

// One request for access, as far as statements can see it.
struct Access {
  std::string_view action;             // "lambda:InvokeFunction", "lambda:InvokeFunctionUrl"
  std::string_view service_principal;  // "secretsmanager.amazonaws.com"; empty when a person calls
  std::string_view principal_arn;      // empty: anonymous
  std::string_view account;
  std::string_view source_arn;
  std::string_view url_auth_type;  // "NONE", "AWS_IAM"; empty when not through a URL
};
bool allows(const PolicyRecord& policy, const Access& access);

}  // namespace pds::cloud::lambda
