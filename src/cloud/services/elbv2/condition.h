// Conditions of rules: checked, brought into the form AWS answers with, and turned into what the data plane evaluates.
#pragma once

#include <vector>

#include "cloud/services/elbv2/state.h"
#include "proxy/condition.h"

namespace pds::cloud::elbv2 {

inline constexpr size_t condition_values_max = 5;  // in one rule, all conditions together
inline constexpr size_t wildcards_max = 6;         // in one rule

Result<std::vector<wire::RuleCondition>> check_conditions(std::vector<wire::RuleCondition> conditions, std::string_view operation);
// Of checked conditions.
std::vector<proxy::Condition> make_conditions(const std::vector<wire::RuleCondition>& conditions);

}  // namespace pds::cloud::elbv2
