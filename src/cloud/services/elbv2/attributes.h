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
  enum class Kind : uint8_t { fixed, boolean, number, choice, text } kind = Kind::fixed;
  int64_t least = 0, most = 0;  // number; of text, the number of characters
  std::string_view choices;     // choice: "append|preserve|remove"
};

std::span<const AttributeRule> load_balancer_attributes();
std::span<const AttributeRule> target_group_attributes(bool is_function);

// Checks `changes` and applies them to `attributes`: all or none. Errors: InvalidConfigurationRequest, NotImplemented.
Result<void> change_attributes(std::span<const AttributeRule> rules, const std::vector<wire::Attribute>& changes,
                               Attributes& attributes, std::string_view operation);
// Every attribute with its value, as Describe...Attributes answers.
std::vector<wire::Attribute> all_attributes(std::span<const AttributeRule> rules, const Attributes& attributes);

std::string attribute(std::span<const AttributeRule> rules, const Attributes& attributes, std::string_view key);
int64_t number_attribute(std::span<const AttributeRule> rules, const Attributes& attributes, std::string_view key);
bool flag_attribute(std::span<const AttributeRule> rules, const Attributes& attributes, std::string_view key);

}  // namespace pds::cloud::elbv2
