// Policies: what IAM's JSON policy language says about one request. Pure: a document and a request in, a decision out.
//
// A document is read once (parse_policy) and refused then when it holds anything that could not be evaluated later: an unknown
// element, operator or condition key is never carried along in silence, because a condition that is skipped is a door left open.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace pds::cloud {

// Which grammar: identity policies have no Principal, the other two must have one; trust policies have no Resource.
enum class PolicyKind : uint8_t { identity, trust, resource };

inline constexpr size_t policy_statements_max = 200;
inline constexpr size_t policy_values_max = 2000;  // actions, resources and condition values of one statement together

struct PolicyPrincipals {
  bool everyone = false;
  std::vector<std::string> aws;       // ARNs, "arn:aws:iam::<account>:root" for a whole account
  std::vector<std::string> services;  // "ec2.amazonaws.com"
};

struct PolicyCondition {
  enum class Set : uint8_t { single, any_value, all_values };
  std::string operation;  // without its set prefix and "IfExists", lower case: "stringlike"
  std::string key;        // lower case
  std::vector<std::string> values;
  Set set = Set::single;
  bool if_exists = false;
};

struct PolicyStatement {
  std::string sid;
  bool allow = false;
  bool not_action = false, not_resource = false, not_principal = false;
  std::vector<std::string> actions, resources;
  PolicyPrincipals principals;
  std::vector<PolicyCondition> conditions;
};

struct Policy {
  bool has_variables = false;  // Version 2012-10-17: ${aws:username} is replaced
  std::vector<PolicyStatement> statements;
};

// Errors: MalformedPolicyDocument, naming the statement and what is wrong or cannot be evaluated.
Result<Policy> parse_policy(std::string_view text, PolicyKind kind);

// What is asked. `context` keys are lower case; policy_context_keys() lists those a condition may name.
struct AccessRequest {
  std::string action;  // "secretsmanager:GetSecretValue"
  std::string resource = "*";
  std::string principal_arn;       // an assumed role's session: ".../assumed-role/<role>/<session>"
  std::string principal_role_arn;  // that session's role; empty for others
  std::string account;             // the principal's
  std::string service;             // when a service asks: "ec2.amazonaws.com"; principal_arn is then empty
  std::map<std::string, std::vector<std::string>, std::less<>> context;
};

bool is_policy_context_key(std::string_view lower_case_key);

enum class Decision : uint8_t { none, allow, deny };  // ordered: the strongest wins
Decision evaluate(const Policy& policy, const AccessRequest& request);
// Whether an allowing statement of a trust or resource policy names the very principal (not its account): then no identity policy
// is needed within the account.
bool names_principal(const Policy& policy, const AccessRequest& request);

}  // namespace pds::cloud
