#include "cloud/services/elbv2/attributes.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace pds::cloud::elbv2 {
namespace {

using Kind = AttributeRule::Kind;

constexpr AttributeRule load_balancer_rules[] = {
    {"access_logs.s3.enabled", "false", Kind::boolean},
    {"access_logs.s3.bucket", "", Kind::text, 0, 63},
    {"access_logs.s3.prefix", "", Kind::text, 0, 512},
    {"client_keep_alive.seconds", "3600", Kind::number, 60, 604800},
    {"connection_logs.s3.enabled", "false"},
    {"connection_logs.s3.bucket", ""},
    {"connection_logs.s3.prefix", ""},
    {"deletion_protection.enabled", "false", Kind::boolean},
    {"idle_timeout.timeout_seconds", "60", Kind::number, 1, 4000},
    {"ipv6.deny_all_igw_traffic", "false"},
    {"load_balancing.cross_zone.enabled", "true", Kind::choice, 0, 0, "true"},  // an application load balancer's cannot be changed
    {"routing.http.desync_mitigation_mode", "defensive", Kind::choice, 0, 0, "defensive|strictest", "monitor"},
    {"routing.http.drop_invalid_header_fields.enabled", "false", Kind::boolean},
    {"routing.http.preserve_host_header.enabled", "false", Kind::boolean},
    {"routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", Kind::boolean},
    {"routing.http.xff_client_port.enabled", "false", Kind::boolean},
    {"routing.http.xff_header_processing.mode", "append", Kind::choice, 0, 0, "append|preserve|remove"},
    {"routing.http2.enabled", "true", Kind::boolean},
    {"waf.fail_open.enabled", "false"},
    {"zonal_shift.config.enabled", "false"},
};

constexpr int64_t targets_max = 1000;
constexpr int64_t stickiness_seconds_max = 604800;

#define TARGET_GROUP_HEALTH_RULES                                                                                       \
  {"target_group_health.dns_failover.minimum_healthy_targets.count", "1", Kind::number_or, 1, targets_max, "off"},      \
      {"target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", Kind::number_or, 1, 100, "off"},   \
      {"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1", Kind::number, 1, targets_max}, \
      {"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off", Kind::number_or, 1, 100, "off"},

constexpr AttributeRule server_rules[] = {
    {"deregistration_delay.timeout_seconds", "300", Kind::number, 0, 3600},
    {"load_balancing.algorithm.anomaly_mitigation", "off", Kind::choice, 0, 0, "on|off"},
    {"load_balancing.algorithm.type", "round_robin", Kind::choice, 0, 0, "round_robin|least_outstanding_requests|weighted_random"},
    {"load_balancing.cross_zone.enabled", "use_load_balancer_configuration", Kind::choice, 0, 0,
     "true|false|use_load_balancer_configuration"},
    {"slow_start.duration_seconds", "0", Kind::number, 0, 900},
    {"stickiness.app_cookie.cookie_name", "", Kind::text, 0, 256},
    {"stickiness.app_cookie.duration_seconds", "86400", Kind::number, 1, stickiness_seconds_max},
    {"stickiness.enabled", "false", Kind::boolean},
    {"stickiness.lb_cookie.duration_seconds", "86400", Kind::number, 1, stickiness_seconds_max},
    {"stickiness.type", "lb_cookie", Kind::choice, 0, 0, "lb_cookie|app_cookie"},
    TARGET_GROUP_HEALTH_RULES};

constexpr AttributeRule function_rules[] = {{"lambda.multi_value_headers.enabled", "false", Kind::boolean},
                                            TARGET_GROUP_HEALTH_RULES};

#undef TARGET_GROUP_HEALTH_RULES

constexpr int64_t header_value_bytes_max = 1024;

// Renaming what HTTPS listeners say of certificates and TLS: only under its own name.
constexpr AttributeRule listener_rules[] = {
    {"routing.http.request.x_amzn_mtls_clientcert.header_name", ""},
    {"routing.http.request.x_amzn_mtls_clientcert_issuer.header_name", ""},
    {"routing.http.request.x_amzn_mtls_clientcert_leaf.header_name", ""},
    {"routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name", ""},
    {"routing.http.request.x_amzn_mtls_clientcert_subject.header_name", ""},
    {"routing.http.request.x_amzn_mtls_clientcert_validity.header_name", ""},
    {"routing.http.request.x_amzn_tls_cipher_suite.header_name", ""},
    {"routing.http.request.x_amzn_tls_version.header_name", ""},
    {"routing.http.response.access_control_allow_credentials.header_value", "", Kind::choice, 0, 0, "|true"},
    {"routing.http.response.access_control_allow_headers.header_value", "", Kind::text, 0, header_value_bytes_max},
    {"routing.http.response.access_control_allow_methods.header_value", "", Kind::text, 0, header_value_bytes_max},
    {"routing.http.response.access_control_allow_origin.header_value", "", Kind::text, 0, header_value_bytes_max},
    {"routing.http.response.access_control_expose_headers.header_value", "", Kind::text, 0, header_value_bytes_max},
    {"routing.http.response.access_control_max_age.header_value", "", Kind::number_or, 0, 86400, ""},
    {"routing.http.response.content_security_policy.header_value", "", Kind::text, 0, header_value_bytes_max},
    {"routing.http.response.server.enabled", "true", Kind::boolean},
    {"routing.http.response.strict_transport_security.header_value", "", Kind::text, 0, header_value_bytes_max},
    {"routing.http.response.x_content_type_options.header_value", "", Kind::choice, 0, 0, "|nosniff"},
    {"routing.http.response.x_frame_options.header_value", "", Kind::choice, 0, 0, "|DENY|SAMEORIGIN"},
};

struct ResponseHeader {
  std::string_view attribute, field;
};
constexpr ResponseHeader response_header_names[] = {
    {"routing.http.response.access_control_allow_credentials.header_value", "Access-Control-Allow-Credentials"},
    {"routing.http.response.access_control_allow_headers.header_value", "Access-Control-Allow-Headers"},
    {"routing.http.response.access_control_allow_methods.header_value", "Access-Control-Allow-Methods"},
    {"routing.http.response.access_control_allow_origin.header_value", "Access-Control-Allow-Origin"},
    {"routing.http.response.access_control_expose_headers.header_value", "Access-Control-Expose-Headers"},
    {"routing.http.response.access_control_max_age.header_value", "Access-Control-Max-Age"},
    {"routing.http.response.content_security_policy.header_value", "Content-Security-Policy"},
    {"routing.http.response.strict_transport_security.header_value", "Strict-Transport-Security"},
    {"routing.http.response.x_content_type_options.header_value", "X-Content-Type-Options"},
    {"routing.http.response.x_frame_options.header_value", "X-Frame-Options"},
};

const AttributeRule* find_rule(std::span<const AttributeRule> rules, std::string_view key) {
  auto it = std::find_if(rules.begin(), rules.end(), [&](const AttributeRule& r) { return r.key == key; });
  return it == rules.end() ? nullptr : &*it;
}

Result<void> check_value(const AttributeRule& rule, const std::string& value, std::string_view operation) {
  std::string name(rule.key);
  switch (rule.kind) {
    case Kind::boolean:
      if (value == "true" || value == "false") return {};
      return fail("InvalidConfigurationRequest", "The value of '" + name + "' must be 'true' or 'false'");
    case Kind::number: {
      auto number = parse_int(value);
      if (number && *number >= rule.least && *number <= rule.most) return {};
      return fail("InvalidConfigurationRequest", "The value of '" + name + "' must be between " + std::to_string(rule.least) +
                                                     " and " + std::to_string(rule.most) + " inclusive");
    }
    case Kind::number_or: {
      auto number = parse_int(value);
      if (value == rule.choices || (number && *number >= rule.least && *number <= rule.most)) return {};
      return fail("InvalidConfigurationRequest", "The value of '" + name + "' must be '" + std::string(rule.choices) +
                                                     "' or between " + std::to_string(rule.least) + " and " +
                                                     std::to_string(rule.most) + " inclusive");
    }
    case Kind::text:
      if (static_cast<int64_t>(value.size()) <= rule.most) return {};
      return fail("InvalidConfigurationRequest",
                  "The value of '" + name + "' can have at most " + std::to_string(rule.most) + " characters");
    case Kind::choice: {
      if (!value.empty() && value == rule.refused)
        return fail("NotImplemented", std::string(operation) + ": " + name + " " + value + " is not supported", 501);
      auto choices = split(rule.choices, '|');
      if (std::find(choices.begin(), choices.end(), value) != choices.end()) return {};
      return fail("InvalidConfigurationRequest",
                  "The value of '" + name + "' must be one of " + replace_all(std::string(rule.choices), "|", ", "));
    }
    case Kind::fixed:
      if (value == rule.fallback) return {};
      return fail("NotImplemented",
                  std::string(operation) + ": " + name + " is not supported: only '" + std::string(rule.fallback) + "' is", 501);
  }
  return {};
}

}  // namespace

std::span<const AttributeRule> load_balancer_attributes() { return load_balancer_rules; }
std::span<const AttributeRule> target_group_attributes(bool is_function) {
  return is_function ? std::span<const AttributeRule>(function_rules) : std::span<const AttributeRule>(server_rules);
}
std::span<const AttributeRule> listener_attributes() { return listener_rules; }

Result<void> change_attributes(std::span<const AttributeRule> rules, const std::vector<wire::Attribute>& changes,
                               Attributes& attributes, std::string_view operation) {
  Attributes changed = attributes;
  for (const wire::Attribute& change : changes) {
    const AttributeRule* rule = find_rule(rules, change.key);
    if (!rule) return fail("InvalidConfigurationRequest", "Attribute key '" + change.key + "' is not recognized");
    CHECK(check_value(*rule, change.value, operation));
    changed[change.key] = change.value;
  }
  attributes = std::move(changed);
  return {};
}

namespace {

bool is_cookie_name(std::string_view name) {
  static constexpr std::string_view separators = "()<>@,;:\\\"/[]?={} \t";
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](char c) { return c > ' ' && c < 0x7f && separators.find(c) == std::string_view::npos; });
}

Result<void> check_app_cookie(const std::string& name) {
  // AWSALBAPP and AWSALBTG begin like that too.
  if (name.starts_with("AWSALB")) {
    return fail("InvalidConfigurationRequest",
                "The name of the application cookie cannot begin with AWSALB, AWSALBAPP or AWSALBTG: they are reserved");
  }
  if (!name.empty() && !is_cookie_name(name))
    return fail("InvalidConfigurationRequest", "'" + name + "' is not a valid cookie name");
  return {};
}

// AWS: a zone leaves DNS before (or when) its node sends to unhealthy targets, not after.
Result<void> check_minimums(const Attributes& attributes, std::string_view kind) {
  auto rules = target_group_attributes(true);
  std::string tail = ".minimum_healthy_targets." + std::string(kind);
  int64_t dns = number_or_zero(rules, attributes, "target_group_health.dns_failover" + tail);
  int64_t routing = number_or_zero(rules, attributes, "target_group_health.unhealthy_state_routing" + tail);
  if (dns == 0 || routing <= dns) return {};
  return fail(
      "InvalidConfigurationRequest",
      "The minimum " + std::string(kind) + " of healthy targets for unhealthy state routing cannot be above that for DNS failover");
}

}  // namespace

Result<void> check_target_group_attributes(const Attributes& attributes) {
  auto rules = target_group_attributes(false);
  auto value = [&](std::string_view key) { return attribute(rules, attributes, key); };
  std::string algorithm = value("load_balancing.algorithm.type");
  int64_t slow_start = number_attribute(rules, attributes, "slow_start.duration_seconds");
  if (slow_start != 0 && slow_start < 30)
    return fail("InvalidConfigurationRequest",
                "The value of 'slow_start.duration_seconds' must be 0 or between 30 and 900 inclusive");
  if (slow_start != 0 && algorithm != "round_robin") {
    return fail("InvalidConfigurationRequest", "Slow start cannot be used with the routing algorithm " + algorithm);
  }
  if (value("load_balancing.algorithm.anomaly_mitigation") == "on" && algorithm != "weighted_random") {
    return fail("InvalidConfigurationRequest", "Anomaly mitigation can only be used with the routing algorithm weighted_random");
  }
  bool is_sticky = flag_attribute(rules, attributes, "stickiness.enabled");
  if (is_sticky && value("load_balancing.cross_zone.enabled") == "false") {
    return fail("InvalidConfigurationRequest", "Stickiness cannot be used when cross-zone load balancing is off");
  }
  std::string cookie = value("stickiness.app_cookie.cookie_name");
  CHECK(check_app_cookie(cookie));
  if (is_sticky && value("stickiness.type") == "app_cookie" && cookie.empty()) {
    return fail("InvalidConfigurationRequest", "A cookie name must be specified for stickiness of type app_cookie");
  }
  CHECK(check_minimums(attributes, "count"));
  return check_minimums(attributes, "percentage");
}

Result<void> check_listener_attributes(const Attributes& attributes) {
  for (const auto& [field, value] : response_headers(attributes)) {
    bool plain = std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c < 0x7f; });
    if (!plain || value.front() == ' ' || value.back() == ' ')
      return fail("InvalidConfigurationRequest",
                  "The value of header " + field + " must be printable ASCII without spaces around it");
  }
  return {};
}

std::vector<std::pair<std::string, std::string>> response_headers(const Attributes& attributes) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (const ResponseHeader& header : response_header_names) {
    std::string value = attribute(listener_rules, attributes, header.attribute);
    if (!value.empty()) headers.emplace_back(header.field, std::move(value));
  }
  return headers;
}

std::vector<wire::Attribute> all_attributes(std::span<const AttributeRule> rules, const Attributes& attributes) {
  std::vector<wire::Attribute> all;
  for (const AttributeRule& rule : rules) all.push_back({std::string(rule.key), attribute(rules, attributes, rule.key)});
  return all;
}

std::string attribute(std::span<const AttributeRule> rules, const Attributes& attributes, std::string_view key) {
  if (auto it = attributes.find(std::string(key)); it != attributes.end()) return it->second;
  const AttributeRule* rule = find_rule(rules, key);
  ASSERT(rule != nullptr);
  return std::string(rule->fallback);
}

int64_t number_attribute(std::span<const AttributeRule> rules, const Attributes& attributes, std::string_view key) {
  auto number = parse_int(attribute(rules, attributes, key));
  ASSERT(number.has_value());  // checked when it was set
  return *number;
}

int64_t number_or_zero(std::span<const AttributeRule> rules, const Attributes& attributes, std::string_view key) {
  return parse_int(attribute(rules, attributes, key)).value_or(0);
}

bool flag_attribute(std::span<const AttributeRule> rules, const Attributes& attributes, std::string_view key) {
  return attribute(rules, attributes, key) == "true";
}

}  // namespace pds::cloud::elbv2
