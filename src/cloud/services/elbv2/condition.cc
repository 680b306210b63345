#include "cloud/services/elbv2/condition.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/ip_address.h"
#include "base/text.h"

namespace pds::cloud::elbv2 {
namespace {

constexpr size_t value_bytes_max = 128;

// Where the values of a condition of this field are; null for the fields that have another form.
std::optional<wire::ConditionValues>* simple_config(wire::RuleCondition& condition) {
  if (condition.field == "host-header") return &condition.host_header_config;
  if (condition.field == "path-pattern") return &condition.path_pattern_config;
  if (condition.field == "http-request-method") return &condition.http_request_method_config;
  if (condition.field == "source-ip") return &condition.source_ip_config;
  return nullptr;
}

// Those behind a backslash are none.
size_t count_wildcards(std::string_view value) {
  size_t count = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    if (value[i] == '\\') {
      ++i;
    } else {
      count += value[i] == '*' || value[i] == '?';
    }
  }
  return count;
}

struct Totals {
  size_t values = 0, wildcards = 0;
  std::set<std::string> once;  // fields that may occur once per rule
};

Result<void> check_text(const std::string& value, Totals& totals) {
  if (value.empty() || value.size() > value_bytes_max) {
    return fail("ValidationError", "A condition value must have between 1 and " + std::to_string(value_bytes_max) + " characters");
  }
  ++totals.values;
  totals.wildcards += count_wildcards(value);
  return {};
}

Result<void> check_simple(wire::RuleCondition& condition, std::optional<wire::ConditionValues>& config, Totals& totals) {
  if (!config) config = wire::ConditionValues{condition.values, {}};
  if (config->values.empty()) return fail("ValidationError", "A condition of field '" + *condition.field + "' needs values");
  for (const std::string& value : config->values) {
    CHECK(check_text(value, totals));
    if (condition.field == "source-ip") CHECK(parse_range(value));
    if (condition.field == "http-request-method" &&
        !std::all_of(value.begin(), value.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '-' || c == '_'; })) {
      return fail("ValidationError", "'" + value + "' is not a valid HTTP request method");
    }
  }
  if (!totals.once.insert(*condition.field).second) {
    return fail("ValidationError", "A rule can have only one '" + *condition.field + "' condition");
  }
  // The old form, Values beside Field, is said back for the two fields that had it.
  condition.values.clear();
  if (condition.field == "host-header" || condition.field == "path-pattern") condition.values = config->values;
  return {};
}

Result<void> check_header(wire::RuleCondition& condition, Totals& totals) {
  auto& config = condition.http_header_config;
  if (!config || !config->http_header_name)
    return fail("ValidationError", "A condition of field 'http-header' needs an HttpHeaderName");
  static constexpr std::string_view more = "!#$%&'*+-.^_`|~";
  const std::string& name = *config->http_header_name;
  bool is_token = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || more.find(c) != std::string_view::npos;
  });
  if (!is_token) return fail("ValidationError", "'" + name + "' is not a valid HTTP header name");
  if (iequals(name, "host"))
    return fail("ValidationError", "An http-header condition cannot be on the host header: use a condition of field 'host-header'");
  if (config->values.empty()) return fail("ValidationError", "A condition of field 'http-header' needs values");
  for (const std::string& value : config->values) CHECK(check_text(value, totals));
  return {};
}

Result<void> check_query(wire::RuleCondition& condition, Totals& totals) {
  auto& config = condition.query_string_config;
  if (!config || config->values.empty()) return fail("ValidationError", "A condition of field 'query-string' needs values");
  for (const wire::QueryStringKeyValuePair& pair : config->values) {
    if (!pair.value) return fail("ValidationError", "A query-string condition needs a Value");
    CHECK(check_text(*pair.value, totals));
    if (!pair.key) continue;
    if (pair.key->size() > value_bytes_max) {
      return fail("ValidationError", "A condition key can have at most " + std::to_string(value_bytes_max) + " characters");
    }
    totals.wildcards += count_wildcards(*pair.key);
  }
  return {};
}

Result<void> check_one(wire::RuleCondition& condition, Totals& totals, std::string_view operation) {
  if (!condition.field || condition.field->empty()) return fail("ValidationError", "A condition field must be specified");
  auto* simple = simple_config(condition);
  bool regex = !condition.regex_values.empty() || (simple && *simple && !(*simple)->regex_values.empty()) ||
               (condition.http_header_config && !condition.http_header_config->regex_values.empty());
  if (regex)
    return fail("NotImplemented", std::string(operation) + ": RegexValues is not supported: use Values with wildcards", 501);
  if (simple) return check_simple(condition, *simple, totals);
  if (condition.field == "http-header") return check_header(condition, totals);
  if (condition.field == "query-string") return check_query(condition, totals);
  return fail("ValidationError",
              "Condition field '" + *condition.field +
                  "' must be one of [path-pattern, host-header, http-header, http-request-method, query-string, source-ip]");
}

proxy::Condition make_one(const wire::RuleCondition& from) {
  using Field = proxy::Condition::Field;
  proxy::Condition to;
  auto patterns = [&](Field field, const std::vector<std::string>& values, proxy::Case letters) {
    to.field = field;
    for (const std::string& value : values) to.patterns.emplace_back(value, letters);
  };
  if (from.field == "host-header") patterns(Field::host, from.host_header_config->values, proxy::Case::insensitive);
  if (from.field == "path-pattern") patterns(Field::path, from.path_pattern_config->values, proxy::Case::sensitive);
  if (from.field == "http-header") {
    to.header_name = *from.http_header_config->http_header_name;
    patterns(Field::header, from.http_header_config->values, proxy::Case::insensitive);
  }
  if (from.field == "http-request-method") to.field = Field::method, to.methods = from.http_request_method_config->values;
  if (from.field == "source-ip") {
    to.field = Field::source;
    for (const std::string& value : from.source_ip_config->values) {
      Result<IpRange> range = parse_range(value);
      ASSERT(range.has_value());  // checked when the rule was made
      to.ranges.push_back(*range);
    }
  }
  if (from.field == "query-string") {
    to.field = Field::query;
    for (const wire::QueryStringKeyValuePair& pair : from.query_string_config->values) {
      std::optional<proxy::Pattern> key;
      if (pair.key && !pair.key->empty()) key.emplace(*pair.key, proxy::Case::insensitive);
      to.query_values.push_back({std::move(key), proxy::Pattern(*pair.value, proxy::Case::insensitive)});
    }
  }
  return to;
}

}  // namespace

Result<std::vector<wire::RuleCondition>> check_conditions(std::vector<wire::RuleCondition> conditions, std::string_view operation) {
  if (conditions.empty()) return fail("ValidationError", "A condition must be specified");
  Totals totals;
  for (wire::RuleCondition& condition : conditions) CHECK(check_one(condition, totals, operation));
  if (totals.values > condition_values_max) {
    return fail("ValidationError", "A rule can have at most " + std::to_string(condition_values_max) + " condition values");
  }
  if (totals.wildcards > wildcards_max) {
    return fail("ValidationError", "A rule can have at most " + std::to_string(wildcards_max) + " wildcards");
  }
  return conditions;
}

std::vector<proxy::Condition> make_conditions(const std::vector<wire::RuleCondition>& conditions) {
  std::vector<proxy::Condition> made;
  for (const wire::RuleCondition& condition : conditions) made.push_back(make_one(condition));
  return made;
}

}  // namespace pds::cloud::elbv2
