// Attributes of balancers and target groups: which there are, what they are unless changed, and which changes act. One that does
// not act here can only be set to its default; anything else is refused, so that nothing is stored and ignored.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cloud/services/elbv2/state.h"

namespace pds::cloud::elbv2 {

struct AttributeRule {
  std::string_view key, fallback;
  // number_or: a number, or the one text that `choices` is.
  enum class Kind : uint8_t { fixed, boolean, number, number_or, choice, text } kind = Kind::fixed;
  int64_t least = 0, most = 0;  // number; length of text
  std::string_view choices;     // choice: "append|preserve|remove"
  std::string_view refused;     // a choice that AWS has besides, and that does not act here
};

std::span<const AttributeRule> load_balancer_attributes();
std::span<const AttributeRule> target_group_attributes(bool is_function);
std::span<const AttributeRule> listener_attributes();

// What attributes of a target group may not be together.
Result<void> check_target_group_attributes(const Attributes& attributes);
// Those of a listener: that each value is one its header field can have.
Result<void> check_listener_attributes(const Attributes& attributes);

// The response header fields that a listener's attributes set, with their values.
std::vector<std::pair<std::string, std::string>> response_headers(const Attributes& attributes);

// Checks `changes` and applies them to `attributes`: all or none. Errors: InvalidConfigurationRequest, NotImplemented.
Result<void> change_attributes(std::span<const AttributeRule> rules, const std::vector<wire::Attribute>& changes,
                               Attributes& attributes, std::string_view operation);
// Every attribute with its value, as Describe...Attributes answers.
std::vector<wire::Attribute> all_attributes(std::span<const AttributeRule> rules, const Attributes& attributes);

std::string attribute(std::span<const AttributeRule> rules, const Attributes& attributes, std::string_view key);
int64_t number_attribute(std::span<const AttributeRule> rules, const Attributes& attributes, std::string_view key);
// The number of a number_or attribute; 0 when it is the text.
int64_t number_or_zero(std::span<const AttributeRule> rules, const Attributes& attributes, std::string_view key);
bool flag_attribute(std::span<const AttributeRule> rules, const Attributes& attributes, std::string_view key);

}  // namespace pds::cloud::elbv2
