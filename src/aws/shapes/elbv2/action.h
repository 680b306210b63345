// Elastic Load Balancing v2 2015-12-01: what a listener or a rule does with a request.
#pragma once

#include "aws/shapes/elbv2/common.h"

namespace pds::aws::elbv2 {

struct TargetGroupTuple {
  std::string target_group_arn;
  std::optional<int> weight;
};
PDS_WIRE_SHAPE(TargetGroupTuple, FIELD(target_group_arn, "TargetGroupArn"), FIELD(weight, "Weight"))

struct TargetGroupStickinessConfig {
  std::optional<bool> enabled;
  std::optional<int> duration_seconds;
};
PDS_WIRE_SHAPE(TargetGroupStickinessConfig, FIELD(enabled, "Enabled"), FIELD(duration_seconds, "DurationSeconds"))

struct ForwardActionConfig {
  std::vector<TargetGroupTuple> target_groups;
  std::optional<TargetGroupStickinessConfig> target_group_stickiness_config;
};
PDS_WIRE_SHAPE(ForwardActionConfig, FIELD(target_groups, "TargetGroups"),
               FIELD(target_group_stickiness_config, "TargetGroupStickinessConfig"))

struct RedirectActionConfig {
  std::optional<std::string> protocol, port, host, path, query;
  std::string status_code;
};
PDS_WIRE_SHAPE(RedirectActionConfig, FIELD(protocol, "Protocol"), FIELD(port, "Port"), FIELD(host, "Host").bounds(1, 128),
               FIELD(path, "Path").bounds(1, 128), FIELD(query, "Query").bounds(0, 128), FIELD(status_code, "StatusCode").required())

struct FixedResponseActionConfig {
  std::optional<std::string> message_body;
  std::string status_code;
  std::optional<std::string> content_type;
};
PDS_WIRE_SHAPE(FixedResponseActionConfig, FIELD(message_body, "MessageBody").bounds(0, 1024),
               FIELD(status_code, "StatusCode").required(), FIELD(content_type, "ContentType").bounds(0, 32))

struct Action {
  std::string type;
  std::optional<std::string> target_group_arn;
  std::optional<int> order;
  std::optional<RedirectActionConfig> redirect_config;
  std::optional<FixedResponseActionConfig> fixed_response_config;
  std::optional<ForwardActionConfig> forward_config;
  std::optional<Unsupported> authenticate_oidc_config, authenticate_cognito_config, jwt_validation_config;
};
PDS_WIRE_SHAPE(Action, FIELD(type, "Type").required(), FIELD(target_group_arn, "TargetGroupArn"), FIELD(order, "Order").bounds(1, 50000),
               FIELD(redirect_config, "RedirectConfig"), FIELD(fixed_response_config, "FixedResponseConfig"),
               FIELD(forward_config, "ForwardConfig"), FIELD(authenticate_oidc_config, "AuthenticateOidcConfig"),
               FIELD(authenticate_cognito_config, "AuthenticateCognitoConfig"), FIELD(jwt_validation_config, "JwtValidationConfig"))

}  // namespace pds::aws::elbv2
