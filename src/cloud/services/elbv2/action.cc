#include "cloud/services/elbv2/action.h"

#include <algorithm>

#include "aws/unsupported.h"
#include "base/check.h"
#include "base/crypto.h"
#include "base/text.h"

namespace pds::cloud::elbv2 {
namespace {

constexpr size_t groups_per_action_max = 5;
constexpr int weight_max = 999;
constexpr int group_stickiness_seconds_max = 604800;

Result<void> check_group(const State& state, const LoadBalancerRecord& balancer, std::string_view protocol, const std::string& arn) {
  TRY(const TargetGroupRecord* group, state.target_group_at(arn));
  const wire::TargetGroup& description = group->description;
  if (description.vpc_id && *description.vpc_id != balancer.description.vpc_id) {
    return fail("InvalidConfigurationRequest",
                "The following target groups have a different VPC than the load balancer: '" + arn + "'");
  }
  if (protocol == "HTTP" && description.protocol_version == "GRPC") {
    return fail("InvalidLoadBalancerAction",
                "Listener protocol 'HTTP' is not supported with a target group with the protocol-version 'GRPC'");
  }
  auto other = state.load_balancer_of(arn);
  if (other && *other != balancer.description.load_balancer_arn) {
    return fail("TargetGroupAssociationLimit",
                "The following target groups cannot be associated with more than one load balancer: " + arn);
  }
  return {};
}

Result<void> check_forward(const State& state, const LoadBalancerRecord& balancer, std::string_view protocol,
                           wire::Action& action) {
  wire::ForwardActionConfig config = action.forward_config.value_or(wire::ForwardActionConfig{});
  if (config.target_groups.empty()) {
    if (!action.target_group_arn) return fail("ValidationError", "A target group ARN must be specified");
    config.target_groups.push_back({*action.target_group_arn, std::nullopt});
  } else if (action.target_group_arn &&
             (config.target_groups.size() != 1 || config.target_groups[0].target_group_arn != *action.target_group_arn)) {
    return fail("InvalidLoadBalancerAction", "You cannot specify both a target group ARN and a forward configuration that differ");
  }
  if (config.target_groups.size() > groups_per_action_max) {
    return fail("TooManyTargetGroups",
                "A forward action can name at most " + std::to_string(groups_per_action_max) + " target groups");
  }
  for (wire::TargetGroupTuple& choice : config.target_groups) {
    if (!choice.weight) choice.weight = 1;
    if (*choice.weight < 0 || *choice.weight > weight_max) {
      return fail("ValidationError", "The weight of a target group must be between 0 and " + std::to_string(weight_max));
    }
    auto same = [&](const wire::TargetGroupTuple& other) { return other.target_group_arn == choice.target_group_arn; };
    if (std::count_if(config.target_groups.begin(), config.target_groups.end(), same) > 1) {
      return fail("ValidationError", "Target group '" + choice.target_group_arn + "' is named twice in one action");
    }
    CHECK(check_group(state, balancer, protocol, choice.target_group_arn));
  }
  wire::TargetGroupStickinessConfig sticky = config.target_group_stickiness_config.value_or(wire::TargetGroupStickinessConfig{});
  if (!sticky.enabled) sticky.enabled = false;
  if (*sticky.enabled && !sticky.duration_seconds) return fail("ValidationError", "Target group stickiness needs a duration");
  if (sticky.duration_seconds && (*sticky.duration_seconds < 1 || *sticky.duration_seconds > group_stickiness_seconds_max)) {
    return fail("ValidationError", "Target group stickiness duration must be between 1 and " +
                                       std::to_string(group_stickiness_seconds_max) + " seconds");
  }
  config.target_group_stickiness_config = sticky;
  action.target_group_arn.reset();
  if (config.target_groups.size() == 1) action.target_group_arn = config.target_groups[0].target_group_arn;
  action.forward_config = std::move(config);
  return {};
}

Result<void> check_redirect(wire::Action& action) {
  if (!action.redirect_config) return fail("ValidationError", "A redirect action needs a RedirectConfig");
  wire::RedirectActionConfig& to = *action.redirect_config;
  if (to.status_code != "HTTP_301" && to.status_code != "HTTP_302") {
    return fail("ValidationError", "The redirect status code must be HTTP_301 or HTTP_302");
  }
  to.protocol = to.protocol.value_or("#{protocol}");
  to.host = to.host.value_or("#{host}");
  to.port = to.port.value_or("#{port}");
  to.path = to.path.value_or("/#{path}");
  to.query = to.query.value_or("#{query}");
  if (*to.protocol != "HTTP" && *to.protocol != "HTTPS" && *to.protocol != "#{protocol}") {
    return fail("ValidationError", "The redirect protocol must be HTTP, HTTPS or #{protocol}");
  }
  if (auto port = parse_int(*to.port); *to.port != "#{port}" && (!port || *port < 1 || *port > 65535)) {
    return fail("ValidationError", "The redirect port must be between 1 and 65535, or #{port}");
  }
  if (!to.path->starts_with('/')) return fail("ValidationError", "The redirect path must start with '/'");
  if (*to.protocol == "#{protocol}" && *to.host == "#{host}" && *to.port == "#{port}" && *to.path == "/#{path}" &&
      *to.query == "#{query}") {
    return fail("InvalidLoadBalancerAction",
                "The redirect must change at least one of protocol, port, host and path, or it would loop");
  }
  for (const std::string& part : {*to.host, *to.path, *to.query}) {
    if (part.find_first_of(std::string_view("\r\n\0 ", 4)) != std::string::npos) {
      return fail("ValidationError", "A redirect cannot have spaces or line breaks");
    }
  }
  return {};
}

Result<void> check_fixed(wire::Action& action) {
  if (!action.fixed_response_config) return fail("ValidationError", "A fixed-response action needs a FixedResponseConfig");
  wire::FixedResponseActionConfig& fixed = *action.fixed_response_config;
  auto status = parse_int(fixed.status_code);
  if (!status || fixed.status_code.size() != 3 || (*status / 100 != 2 && *status / 100 != 4 && *status / 100 != 5)) {
    return fail("ValidationError", "The status code of a fixed response must be 2XX, 4XX or 5XX");
  }
  static constexpr std::string_view types[] = {"text/plain", "text/css", "text/html", "application/javascript", "application/json"};
  fixed.content_type = fixed.content_type.value_or("text/plain");
  if (std::find(std::begin(types), std::end(types), *fixed.content_type) == std::end(types)) {
    return fail(
        "ValidationError",
        "The content type of a fixed response must be text/plain, text/css, text/html, application/javascript or application/json");
  }
  return {};
}

}  // namespace

Result<std::vector<wire::Action>> check_actions(const State& state, const LoadBalancerRecord& balancer, std::string_view protocol,
                                                std::vector<wire::Action> actions, std::string_view operation) {
  if (actions.size() != 1) {
    for (const wire::Action& action : actions) {
      if (action.type.starts_with("authenticate-") || action.type == "jwt-validation") {
        return fail("NotImplemented", std::string(operation) + ": actions of type " + action.type + " are not supported", 501);
      }
    }
    return fail("TooManyActions", "Exactly one action of type forward, redirect or fixed-response must be given");
  }
  wire::Action& action = actions[0];
  if (action.type == "forward") {
    CHECK(check_forward(state, balancer, protocol, action));
  } else if (action.type == "redirect") {
    CHECK(check_redirect(action));
  } else if (action.type == "fixed-response") {
    CHECK(check_fixed(action));
  } else if (action.type == "authenticate-oidc" || action.type == "authenticate-cognito" || action.type == "jwt-validation") {
    return fail("NotImplemented", std::string(operation) + ": actions of type " + action.type + " are not supported", 501);
  } else {
    return fail("ValidationError", "'" + action.type + "' is not a valid action type");
  }
  action.order = action.order.value_or(1);
  return actions;
}

proxy::Action make_action(const std::vector<wire::Action>& actions, const FindGroup& find_group, const std::string& token_key) {
  ASSERT(actions.size() == 1);
  const wire::Action& action = actions[0];
  if (action.redirect_config) {
    const wire::RedirectActionConfig& to = *action.redirect_config;
    return proxy::Redirect{*to.protocol, *to.host, *to.port, *to.path, *to.query, to.status_code == "HTTP_301" ? 301 : 302};
  }
  if (action.fixed_response_config) {
    const wire::FixedResponseActionConfig& fixed = *action.fixed_response_config;
    return proxy::FixedResponse{static_cast<int>(*parse_int(fixed.status_code)), *fixed.content_type,
                                fixed.message_body.value_or("")};
  }
  std::vector<proxy::Forward::Choice> choices;
  for (const wire::TargetGroupTuple& choice : action.forward_config->target_groups) {
    std::string token = to_hex(hmac_sha256(token_key, choice.target_group_arn).substr(0, 16));
    choices.push_back({find_group(choice.target_group_arn), static_cast<uint32_t>(*choice.weight), std::move(token)});
  }
  const wire::TargetGroupStickinessConfig& sticky = *action.forward_config->target_group_stickiness_config;
  return proxy::Forward(std::move(choices), *sticky.enabled ? *sticky.duration_seconds : 0);
}

}  // namespace pds::cloud::elbv2
