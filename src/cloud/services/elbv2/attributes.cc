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
    {"client_keep_alive.seconds", "3600"},
    {"connection_logs.s3.enabled", "false"},
    {"connection_logs.s3.bucket", ""},
    {"connection_logs.s3.prefix", ""},
    {"deletion_protection.enabled", "false", Kind::boolean},
    {"idle_timeout.timeout_seconds", "60", Kind::number, 1, 4000},
    {"ipv6.deny_all_igw_traffic", "false"},
    {"load_balancing.cross_zone.enabled", "true"},
    {"routing.http.desync_mitigation_mode", "defensive"},
    {"routing.http.drop_invalid_header_fields.enabled", "false", Kind::boolean},
    {"routing.http.preserve_host_header.enabled", "false"},
    {"routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"},
    {"routing.http.xff_client_port.enabled", "false", Kind::boolean},
    {"routing.http.xff_header_processing.mode", "append", Kind::choice, 0, 0, "append|preserve|remove"},
    {"routing.http2.enabled", "true"},
    {"waf.fail_open.enabled", "false"},
    {"zonal_shift.config.enabled", "false"},
};

constexpr AttributeRule server_rules[] = {
    {"deregistration_delay.timeout_seconds", "300", Kind::number, 0, 3600},
    {"load_balancing.algorithm.anomaly_mitigation", "off"},
    {"load_balancing.algorithm.type", "round_robin", Kind::choice, 0, 0, "round_robin|least_outstanding_requests"},
    {"load_balancing.cross_zone.enabled", "use_load_balancer_configuration"},
    {"slow_start.duration_seconds", "0"},
    {"stickiness.app_cookie.cookie_name", ""},
    {"stickiness.app_cookie.duration_seconds", "86400"},
    {"stickiness.enabled", "false", Kind::boolean},
    {"stickiness.lb_cookie.duration_seconds", "86400", Kind::number, 1, 604800},
    {"stickiness.type", "lb_cookie"},
    {"target_group_health.dns_failover.minimum_healthy_targets.count", "1"},
    {"target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"},
    {"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"},
    {"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"},
};

constexpr AttributeRule function_rules[] = {
    {"lambda.multi_value_headers.enabled", "false", Kind::boolean},
    {"target_group_health.dns_failover.minimum_healthy_targets.count", "1"},
    {"target_group_health.dns_failover.minimum_healthy_targets.percentage", "off"},
    {"target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1"},
    {"target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off"},
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
    case Kind::text:
      if (static_cast<int64_t>(value.size()) <= rule.most) return {};
      return fail("InvalidConfigurationRequest", "The value of '" + name + "' must have at most " + std::to_string(rule.most) + " characters");
    case Kind::choice: {
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

bool flag_attribute(std::span<const AttributeRule> rules, const Attributes& attributes, std::string_view key) {
  return attribute(rules, attributes, key) == "true";
}

}  // namespace pds::cloud::elbv2
