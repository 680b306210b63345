#include "cloud/policy.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace pds::cloud {

namespace {

using Values = std::vector<std::string>;

// ${aws:username} and its like. A variable without a value, or whose value holds a wildcard, leaves a pattern that matches nothing:
// a name must not widen a policy.
std::optional<std::string> expand(const std::string& pattern, const AccessRequest& request, bool has_variables) {
  if (!has_variables || pattern.find("${") == std::string::npos) return pattern;
  std::string out;
  size_t from = 0;
  for (size_t at = pattern.find("${"); at != std::string::npos; at = pattern.find("${", from)) {
    size_t end = pattern.find('}', at);
    out.append(pattern, from, at - from);
    auto value = request.context.find(to_lower(std::string_view(pattern).substr(at + 2, end - at - 2)));
    if (value == request.context.end() || value->second.size() != 1) return std::nullopt;
    if (value->second[0].find_first_of("*?") != std::string::npos) return std::nullopt;
    out += value->second[0];
    from = end + 1;
  }
  return out.append(pattern, from);
}

bool arn_like(std::string_view pattern, std::string_view arn) {
  for (int part = 0; part < 5; ++part) {
    size_t p = pattern.find(':'), a = arn.find(':');
    if (p == std::string_view::npos || a == std::string_view::npos) return false;
    if (!wildcard_match(pattern.substr(0, p), arn.substr(0, a))) return false;
    pattern.remove_prefix(p + 1), arn.remove_prefix(a + 1);
  }
  return wildcard_match(pattern, arn);
}

std::optional<uint32_t> read_ipv4(std::string_view text) {
  uint32_t out = 0;
  std::vector<std::string_view> parts = split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  for (std::string_view part : parts) {
    auto n = parse_int(part);
    if (!n || *n < 0 || *n > 255) return std::nullopt;
    out = out << 8 | static_cast<uint32_t>(*n);
  }
  return out;
}

bool in_network(std::string_view network, std::string_view address) {
  size_t slash = network.find('/');
  auto base = read_ipv4(network.substr(0, slash));
  auto ip = read_ipv4(address);
  if (!base || !ip) return false;
  int64_t bits = slash == std::string_view::npos ? 32 : parse_int(network.substr(slash + 1)).value_or(32);
  uint32_t mask = bits == 0 ? 0 : ~uint32_t{0} << (32 - bits);
  return (*base & mask) == (*ip & mask);
}

std::optional<double> read_moment(std::string_view text) {
  if (auto seconds = parse_double(text)) return seconds;
  Result<Timestamp> t = parse_iso8601(text);
  if (!t) return std::nullopt;
  return to_epoch_seconds(*t);
}

bool compare(std::string_view relation, double have, double want) {
  if (relation == "equals") return have == want;
  if (relation == "lessthan") return have < want;
  if (relation == "lessthanequals") return have <= want;
  if (relation == "greaterthan") return have > want;
  return have >= want;
}

// The operator without its negation, one value of the request against one of the policy.
bool matches_one(std::string_view operation, const std::string& have, const std::string& want) {
  if (operation == "stringequals") return have == want;
  if (operation == "stringequalsignorecase" || operation == "bool") return iequals(have, want);
  if (operation == "stringlike") return wildcard_match(want, have);
  if (operation.starts_with("arn")) return arn_like(want, have);
  if (operation == "ipaddress") return in_network(want, have);
  if (operation.starts_with("numeric")) {
    auto number = parse_double(have), bound = parse_double(want);
    return number && bound && compare(operation.substr(7), *number, *bound);
  }
  auto moment = read_moment(have), bound = read_moment(want);
  return moment && bound && compare(operation.substr(4), *moment, *bound);
}

bool matches_condition(const PolicyCondition& condition, const AccessRequest& request, bool has_variables) {
  auto found = request.context.find(condition.key);
  bool present = found != request.context.end() && !found->second.empty();
  if (condition.operation == "null") {
    return std::any_of(condition.values.begin(), condition.values.end(),
                       [&](const std::string& v) { return iequals(v, "true") == !present; });
  }
  // "StringNotEquals" -> "stringequals", negated; "NotIpAddress" likewise.
  std::string operation = condition.operation;
  size_t negation = operation.find("not");
  bool negated = negation != std::string::npos;
  if (negated) operation.erase(negation, 3);
  if (!present) {
    // As AWS has it: an absent key fails a positive operator and satisfies a negated one; a set of none satisfies ForAllValues.
    if (condition.set == PolicyCondition::Set::any_value) return condition.if_exists;
    return condition.if_exists || negated || condition.set == PolicyCondition::Set::all_values;
  }
  auto matches_any = [&](const std::string& have) {
    return std::any_of(condition.values.begin(), condition.values.end(), [&](const std::string& pattern) {
      auto want = expand(pattern, request, has_variables);
      return want && matches_one(operation, have, *want);
    });
  };
  const Values& have = found->second;
  auto holds = [&](const std::string& value) { return matches_any(value) != negated; };
  if (condition.set == PolicyCondition::Set::any_value) return std::any_of(have.begin(), have.end(), holds);
  return std::all_of(have.begin(), have.end(), holds);
}

bool names_this(const PolicyPrincipals& principals, const AccessRequest& request) {
  if (!request.service.empty())
    return std::find(principals.services.begin(), principals.services.end(), request.service) != principals.services.end();
  return std::any_of(principals.aws.begin(), principals.aws.end(), [&](const std::string& arn) {
    return arn == request.principal_arn || (!request.principal_role_arn.empty() && arn == request.principal_role_arn);
  });
}

bool matches_principal(const PolicyStatement& statement, const AccessRequest& request) {
  const PolicyPrincipals& principals = statement.principals;
  std::string account_root = "arn:aws:iam::" + request.account + ":root";
  bool matches =
      principals.everyone || names_this(principals, request) ||
      (request.service.empty() && std::find(principals.aws.begin(), principals.aws.end(), account_root) != principals.aws.end());
  return matches != statement.not_principal;
}

bool matches_resource(const PolicyStatement& statement, const AccessRequest& request, bool has_variables) {
  if (statement.resources.empty()) return true;  // a trust policy
  bool matches = std::any_of(statement.resources.begin(), statement.resources.end(), [&](const std::string& pattern) {
    auto want = expand(pattern, request, has_variables);
    return want && wildcard_match(*want, request.resource);
  });
  return matches != statement.not_resource;
}

bool applies(const PolicyStatement& statement, const AccessRequest& request, bool has_variables) {
  std::string action = to_lower(request.action);
  bool action_matches = std::any_of(statement.actions.begin(), statement.actions.end(),
                                    [&](const std::string& pattern) { return wildcard_match(pattern, action); });
  if (action_matches == statement.not_action) return false;
  bool has_principal = statement.principals.everyone || !statement.principals.aws.empty() || !statement.principals.services.empty();
  if (has_principal && !matches_principal(statement, request)) return false;
  if (!matches_resource(statement, request, has_variables)) return false;
  return std::all_of(statement.conditions.begin(), statement.conditions.end(),
                     [&](const PolicyCondition& condition) { return matches_condition(condition, request, has_variables); });
}

}  // namespace

Decision evaluate(const Policy& policy, const AccessRequest& request) {
  Decision decision = Decision::none;
  for (const PolicyStatement& statement : policy.statements) {
    if (!applies(statement, request, policy.has_variables)) continue;
    if (!statement.allow) return Decision::deny;
    decision = Decision::allow;
  }
  return decision;
}

bool names_principal(const Policy& policy, const AccessRequest& request) {
  return std::any_of(policy.statements.begin(), policy.statements.end(), [&](const PolicyStatement& statement) {
    return statement.allow && names_this(statement.principals, request) && applies(statement, request, policy.has_variables);
  });
}

}  // namespace pds::cloud
