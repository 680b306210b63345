// Reading policy documents. Everything that evaluate() relies on is checked here.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"
#include "cloud/policy.h"

namespace pds::cloud {

namespace {

constexpr std::array<std::string_view, 25> known_operations = {"stringequals",
                                                               "stringnotequals",
                                                               "stringequalsignorecase",
                                                               "stringnotequalsignorecase",
                                                               "stringlike",
                                                               "stringnotlike",
                                                               "numericequals",
                                                               "numericnotequals",
                                                               "numericlessthan",
                                                               "numericlessthanequals",
                                                               "numericgreaterthan",
                                                               "numericgreaterthanequals",
                                                               "dateequals",
                                                               "datenotequals",
                                                               "datelessthan",
                                                               "datelessthanequals",
                                                               "dategreaterthan",
                                                               "dategreaterthanequals",
                                                               "bool",
                                                               "ipaddress",
                                                               "notipaddress",
                                                               "arnequals",
                                                               "arnlike",
                                                               "arnnotequals",
                                                               "arnnotlike"};

constexpr std::array<std::string_view, 16> known_keys = {
    "aws:currenttime",    "aws:epochtime",     "aws:principalarn", "aws:principalaccount", "aws:principaltype",
    "aws:userid",         "aws:username",      "aws:sourceip",     "aws:securetransport",  "aws:requestedregion",
    "aws:sourcearn",      "aws:sourceaccount", "sts:externalid",   "sts:rolesessionname",  "aws:principalisawsservice",
    "iam:passedtoservice"};

std::unexpected<Error> malformed(std::string message) { return fail("MalformedPolicyDocument", std::move(message)); }

// "x" or ["x", "y"]; booleans and numbers count as their text, as IAM reads them.
Result<std::vector<std::string>> read_values(const json::value& value, std::string_view where) {
  std::vector<std::string> out;
  auto add = [&](const json::value& one) {
    if (one.is_string())
      out.emplace_back(one.as_string());
    else if (one.is_bool() || one.is_number())
      out.push_back(to_text(one));
    else
      return false;
    return true;
  };
  const json::array* list = value.if_array();
  bool good = list ? std::all_of(list->begin(), list->end(), add) : add(value);
  if (!good || out.size() > policy_values_max)
    return malformed(fmt::format("{} must be a string or a list of at most {} strings.", where, policy_values_max));
  return out;
}

Result<void> check_variables(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    for (size_t at = text.find("${"); at != std::string::npos; at = text.find("${", at + 2)) {
      size_t end = text.find('}', at);
      if (end == std::string::npos) return malformed(fmt::format("'{}' has a policy variable without its end.", text));
      std::string name = to_lower(std::string_view(text).substr(at + 2, end - at - 2));
      if (!is_policy_context_key(name)) return malformed(fmt::format("The policy variable '{}' cannot be evaluated here.", name));
    }
  }
  return {};
}

bool is_action(std::string_view action) {
  if (action == "*") return true;
  size_t colon = action.find(':');
  return colon != std::string_view::npos && colon > 0 && colon + 1 < action.size() && action.find(' ') == std::string_view::npos;
}

Result<void> read_actions(const json::object& object, PolicyStatement& statement) {
  const json::value* actions = object.if_contains("Action");
  const json::value* not_actions = object.if_contains("NotAction");
  if (!actions == !not_actions) return malformed("A policy statement must contain either Action or NotAction.");
  statement.not_action = not_actions != nullptr;
  TRY(statement.actions, read_values(actions ? *actions : *not_actions, "Action"));
  for (std::string& action : statement.actions) {
    if (!is_action(action)) return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
    action = to_lower(action);
  }
  if (statement.actions.empty()) return malformed("Policy statement must contain actions.");
  return {};
}

Result<void> read_resources(const json::object& object, PolicyKind kind, PolicyStatement& statement) {
  const json::value* resources = object.if_contains("Resource");
  const json::value* not_resources = object.if_contains("NotResource");
  if (kind == PolicyKind::trust) {
    if (resources || not_resources) return malformed("Has prohibited field Resource.");
    return {};
  }
  if (!resources == !not_resources) return malformed("Policy statement must contain resources.");
  statement.not_resource = not_resources != nullptr;
  TRY(statement.resources, read_values(resources ? *resources : *not_resources, "Resource"));
  if (statement.resources.empty()) return malformed("Policy statement must contain resources.");
  for (const std::string& resource : statement.resources) {
    if (resource != "*" && !resource.starts_with("arn:") && !resource.starts_with("*"))
      return malformed(fmt::format("Resource {} must be in ARN format or \"*\".", resource));
  }
  return check_variables(statement.resources);
}

bool is_account(std::string_view text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

Result<void> read_principal_map(const json::object& map, PolicyPrincipals& principals) {
  for (const auto& [kind, value] : map) {
    TRY(std::vector<std::string> values, read_values(value, "Principal"));
    if (kind == "AWS") {
      for (std::string& name : values) {
        if (name == "*")
          principals.everyone = true;
        else if (is_account(name))
          principals.aws.push_back("arn:aws:iam::" + name + ":root");
        else if (name.starts_with("arn:aws:") && name.find('*') == std::string::npos)
          principals.aws.push_back(std::move(name));
        else
          return malformed(fmt::format("Invalid principal in policy: \"AWS\":\"{}\"", name));
      }
    } else if (kind == "Service") {
      for (std::string& name : values) {
        if (!name.ends_with(".amazonaws.com"))
          return malformed(fmt::format("Invalid principal in policy: \"SERVICE\":\"{}\"", name));
        principals.services.push_back(std::move(name));
      }
    } else {
      return malformed(
          fmt::format("Principals of the kind {} cannot be evaluated here: use AWS or Service.", std::string_view(kind)));
    }
  }
  return {};
}

Result<void> read_principals(const json::object& object, PolicyKind kind, PolicyStatement& statement) {
  const json::value* principal = object.if_contains("Principal");
  const json::value* not_principal = object.if_contains("NotPrincipal");
  if (kind == PolicyKind::identity) {
    if (principal || not_principal) return malformed("Policy document should not specify a principal.");
    return {};
  }
  if (!principal == !not_principal) return malformed("A policy statement must contain either Principal or NotPrincipal.");
  statement.not_principal = not_principal != nullptr;
  if (statement.not_principal && statement.allow)
    return malformed("NotPrincipal with an Effect of Allow is not accepted: name the principals.");
  const json::value& value = principal ? *principal : *not_principal;
  if (value.is_string() && value.as_string() == "*") {
    statement.principals.everyone = true;
    return {};
  }
  const json::object* map = value.if_object();
  if (!map || map->empty()) return malformed("Principal must be \"*\" or a map.");
  return read_principal_map(*map, statement.principals);
}

Result<void> check_condition_values(const PolicyCondition& condition) {
  for (const std::string& value : condition.values) {
    bool good = true;
    if (condition.operation.starts_with("numeric")) good = parse_double(value).has_value();
    if (condition.operation.starts_with("date")) good = parse_iso8601(value).has_value() || parse_double(value).has_value();
    if (condition.operation == "bool" || condition.operation == "null") good = iequals(value, "true") || iequals(value, "false");
    if (condition.operation.ends_with("ipaddress")) {
      std::vector<std::string_view> parts = split(split(value, '/')[0], '.');
      good = parts.size() == 4 && std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
               auto n = parse_int(part);
               return n && *n >= 0 && *n <= 255;
             });
      if (size_t slash = value.find('/'); good && slash != std::string::npos) {
        auto bits = parse_int(std::string_view(value).substr(slash + 1));
        good = bits && *bits >= 0 && *bits <= 32;
      }
    }
    if (!good) return malformed(fmt::format("The value '{}' does not fit the condition operator {}.", value, condition.operation));
  }
  return check_variables(condition.values);
}

Result<PolicyCondition> read_operation(std::string_view name) {
  PolicyCondition condition;
  std::string text = to_lower(name);
  auto strip = [&](std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.erase(0, prefix.size());
    return true;
  };
  if (strip("foranyvalue:"))
    condition.set = PolicyCondition::Set::any_value;
  else if (strip("forallvalues:"))
    condition.set = PolicyCondition::Set::all_values;
  if (text != "null" && text.ends_with("ifexists")) {
    condition.if_exists = true;
    text.resize(text.size() - 8);
  }
  if (text != "null" && std::find(known_operations.begin(), known_operations.end(), text) == known_operations.end())
    return malformed(fmt::format("Invalid Condition type : {}.", name));
  condition.operation = std::move(text);
  return condition;
}

Result<void> read_conditions(const json::object& object, PolicyStatement& statement) {
  const json::value* conditions = object.if_contains("Condition");
  if (!conditions) return {};
  const json::object* by_operation = conditions->if_object();
  if (!by_operation) return malformed("Condition must be a map of operators.");
  for (const auto& [operation, keys] : *by_operation) {
    TRY(PolicyCondition prototype, read_operation(operation));
    const json::object* by_key = keys.if_object();
    if (!by_key) return malformed(fmt::format("The condition {} must be a map of keys.", std::string_view(operation)));
    for (const auto& [key, values] : *by_key) {
      PolicyCondition condition = prototype;
      condition.key = to_lower(key);
      if (!is_policy_context_key(condition.key))
        return malformed(fmt::format("The condition key {} cannot be evaluated here.", std::string_view(key)));
      TRY(condition.values, read_values(values, "Condition"));
      CHECK(check_condition_values(condition));
      statement.conditions.push_back(std::move(condition));
    }
  }
  return {};
}

Result<PolicyStatement> read_statement(const json::value& value, PolicyKind kind) {
  static constexpr std::array<std::string_view, 9> elements = {"Sid",         "Effect",    "Action",       "NotAction", "Resource",
                                                               "NotResource", "Principal", "NotPrincipal", "Condition"};
  const json::object* object = value.if_object();
  if (!object) return malformed("Each statement must be an object.");
  for (const auto& [name, unused] : *object) {
    if (std::find(elements.begin(), elements.end(), std::string_view(name)) == elements.end())
      return malformed(fmt::format("Syntax errors in policy: unknown element {}.", std::string_view(name)));
  }
  PolicyStatement statement;
  statement.sid = get_string(*object, "Sid");
  std::string effect = get_string(*object, "Effect");
  if (effect != "Allow" && effect != "Deny") return malformed("Syntax errors in policy: Effect must be Allow or Deny.");
  statement.allow = effect == "Allow";
  CHECK(read_actions(*object, statement));
  CHECK(read_resources(*object, kind, statement));
  CHECK(read_principals(*object, kind, statement));
  CHECK(read_conditions(*object, statement));
  return statement;
}

Result<void> check_top_level(const json::object& object) {
  for (const auto& [name, unused] : object) {
    if (name != "Version" && name != "Id" && name != "Statement")
      return malformed(fmt::format("Syntax errors in policy: unknown element {}.", std::string_view(name)));
  }
  std::string version = get_string(object, "Version", "2008-10-17");
  if (version != "2012-10-17" && version != "2008-10-17")
    return malformed("The policy must contain a valid version string: 2012-10-17 or 2008-10-17.");
  return {};
}

}  // namespace

bool is_policy_context_key(std::string_view key) {
  return std::find(known_keys.begin(), known_keys.end(), key) != known_keys.end();
}

Result<Policy> parse_policy(std::string_view text, PolicyKind kind) {
  Result<json::value> document = parse_json(text);
  const json::object* object = document ? document->if_object() : nullptr;
  if (!object) return malformed(kind == PolicyKind::identity ? "Syntax errors in policy." : "This policy contains invalid Json");
  CHECK(check_top_level(*object));
  Policy policy;
  policy.has_variables = get_string(*object, "Version") == "2012-10-17";
  const json::value* statements = object->if_contains("Statement");
  if (!statements) return malformed("Syntax errors in policy: Statement is missing.");
  const json::array* list = statements->if_array();
  if (list && (list->empty() || list->size() > policy_statements_max))
    return malformed(fmt::format("Syntax errors in policy: 1 to {} statements are expected.", policy_statements_max));
  size_t count = list ? list->size() : 1;
  for (size_t i = 0; i < count; ++i) {
    TRY(PolicyStatement statement, read_statement(list ? (*list)[i] : *statements, kind));
    bool repeated = !statement.sid.empty() && std::any_of(policy.statements.begin(), policy.statements.end(),
                                                          [&](const PolicyStatement& other) { return other.sid == statement.sid; });
    if (repeated) return malformed("Statement IDs (SID) in a single policy must be unique.");
    policy.statements.push_back(std::move(statement));
  }
  return policy;
}

}  // namespace pds::cloud
