// Actions of listeners and rules: checked and brought into one form before they are stored, and turned into routes.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "cloud/services/elbv2/state.h"
#include "proxy/routes.h"

namespace pds::cloud::elbv2 {

// One routing action, in the form AWS answers with: a forward has its ForwardConfig, and TargetGroupArn too when it names one
// group. The groups must exist, be of the balancer's VPC, belong to no other balancer, and suit the listener's protocol.
Result<std::vector<wire::Action>> check_actions(const State& state, const LoadBalancerRecord& balancer, std::string_view protocol,
                                                std::vector<wire::Action> actions, std::string_view operation);

using FindGroup = std::function<std::shared_ptr<proxy::TargetGroup>(const std::string& arn)>;
// Of checked actions. `token_key` makes the tokens of group cookies.
proxy::Action make_action(const std::vector<wire::Action>& actions, const FindGroup& find_group, const std::string& token_key);

}  // namespace pds::cloud::elbv2
