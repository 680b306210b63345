#include "base/text.h"
#include "cloud/services/elbv2/impl.h"
#include "proxy/health.h"

namespace pds::cloud {

using namespace elbv2;

namespace {

wire::TargetGroup describe(const State& state, const TargetGroupRecord& record) {
  wire::TargetGroup described = record.description;
  if (auto balancer = state.load_balancer_of(described.target_group_arn)) described.load_balancer_arns = {*balancer};
  return described;
}

Result<void> take_matcher(const wire::Matcher& given, wire::TargetGroup& group) {
  bool grpc = group.protocol_version == "GRPC";
  if (grpc && given.http_code) return fail("ValidationError", "An HttpCode matcher cannot be used with protocol version GRPC");
  if (!grpc && given.grpc_code)
    return fail("ValidationError", "A GrpcCode matcher can only be used with protocol version GRPC");
  if (given.grpc_code) CHECK(proxy::StatusMatcher::parse_grpc(*given.grpc_code));
  if (given.http_code) CHECK(proxy::StatusMatcher::parse(*given.http_code));
  if (given.grpc_code || given.http_code) group.matcher = given;
  return {};
}

// The part of CreateTargetGroup and ModifyTargetGroup that is the same: what is given replaces what was.
template <class Request>
Result<void> take_health_settings(const Request& request, wire::TargetGroup& group) {
  if (request.health_check_protocol) {
    if (*request.health_check_protocol != "HTTP" && *request.health_check_protocol != "HTTPS") {
      return fail("ValidationError", "Health check protocol '" + *request.health_check_protocol + "' must be one of 'HTTP, HTTPS'");
    }
    group.health_check_protocol = *request.health_check_protocol;
  }
  if (request.health_check_port) {
    auto port = parse_int(*request.health_check_port);
    if (*request.health_check_port != "traffic-port" && (!port || *port < 1 || *port > 65535)) {
      return fail("ValidationError",
                  "Health check port '" + *request.health_check_port + "' must be 'traffic-port' or in the range 1-65535");
    }
    group.health_check_port = *request.health_check_port;
  }
  if (request.health_check_path) {
    const std::string& path = *request.health_check_path;
    bool plain = std::all_of(path.begin(), path.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (!path.starts_with('/') || !plain)
      return fail("ValidationError", "Health check path '" + path + "' must begin with a '/' character");
    group.health_check_path = path;
  }
  if (request.health_check_enabled) group.health_check_enabled = *request.health_check_enabled;
  if (request.health_check_interval_seconds) group.health_check_interval_seconds = *request.health_check_interval_seconds;
  if (request.health_check_timeout_seconds) group.health_check_timeout_seconds = *request.health_check_timeout_seconds;
  if (request.healthy_threshold_count) group.healthy_threshold_count = *request.healthy_threshold_count;
  if (request.unhealthy_threshold_count) group.unhealthy_threshold_count = *request.unhealthy_threshold_count;
  if (group.health_check_timeout_seconds >= group.health_check_interval_seconds) {
    return fail("ValidationError", "Health check interval must be greater than the timeout");
  }
  if (request.matcher) CHECK(take_matcher(*request.matcher, group));
  return {};
}

Result<wire::TargetGroup> new_function_group(const wire::CreateTargetGroupRequest& request) {
  if (request.protocol || request.port || request.vpc_id || request.protocol_version) {
    return fail("ValidationError",
                "Protocol, port, VPC and protocol version cannot be specified for target groups with target type 'lambda'");
  }
  if (request.health_check_protocol || request.health_check_port) {
    return fail("ValidationError",
                "Health check protocol and port cannot be specified for target groups with target type 'lambda'");
  }
  wire::TargetGroup group;
  group.target_type = "lambda";
  group.health_check_enabled = false;  // unless asked for: each check is an invocation
  group.health_check_interval_seconds = 35;
  group.health_check_timeout_seconds = 30;
  group.health_check_path = "/";
  group.matcher = wire::Matcher{"200", std::nullopt};
  CHECK(take_health_settings(request, group));
  return group;
}

Result<wire::TargetGroup> new_server_group(const wire::CreateTargetGroupRequest& request, const InstanceReach& instances) {
  if (!request.protocol) return fail("ValidationError", "A protocol must be specified");
  if (*request.protocol != "HTTP" && *request.protocol != "HTTPS")
    return not_supported("CreateTargetGroup", "protocol " + *request.protocol + " is not supported");
  std::string version = request.protocol_version.value_or("HTTP1");
  bool grpc = version == "GRPC";
  if (!grpc && version != "HTTP1" && version != "HTTP2")
    return fail("ValidationError", "Protocol version '" + version + "' must be one of 'HTTP1, HTTP2, GRPC'");
  if (!request.port) return fail("ValidationError", "A port must be specified");
  if (!request.vpc_id) return fail("ValidationError", "A VPC ID must be specified");
  if (!instances.has_vpc(*request.vpc_id)) return fail("ValidationError", "The VPC ID '" + *request.vpc_id + "' is not found");
  if (request.ip_address_type.value_or("ipv4") != "ipv4") {
    return not_supported("CreateTargetGroup", "IpAddressType " + *request.ip_address_type + " is not supported");
  }
  if (!request.health_check_enabled.value_or(true)) {
    return fail("ValidationError", "Health check enabled must be true for target groups with target type '" +
                                       request.target_type.value_or("instance") + "'");
  }
  wire::TargetGroup group;
  group.target_type = request.target_type.value_or("instance");
  group.protocol = *request.protocol;
  group.protocol_version = version;
  group.port = request.port;
  group.vpc_id = request.vpc_id;
  group.ip_address_type = "ipv4";
  group.health_check_protocol = "HTTP";
  group.health_check_port = "traffic-port";
  group.health_check_path = grpc ? "/AWS.ALB/healthcheck" : "/";
  group.matcher = grpc ? wire::Matcher{std::nullopt, "12"} : wire::Matcher{"200", std::nullopt};
  CHECK(take_health_settings(request, group));
  return group;
}

bool same_settings(const wire::TargetGroup& a, const wire::TargetGroup& b) {
  return a.health_check_enabled == b.health_check_enabled && a.protocol == b.protocol &&
         a.health_check_protocol == b.health_check_protocol && a.port == b.port && a.vpc_id == b.vpc_id &&
         a.target_type == b.target_type && a.health_check_port == b.health_check_port &&
         a.health_check_path == b.health_check_path && a.health_check_interval_seconds == b.health_check_interval_seconds &&
         a.health_check_timeout_seconds == b.health_check_timeout_seconds &&
         a.healthy_threshold_count == b.healthy_threshold_count && a.unhealthy_threshold_count == b.unhealthy_threshold_count &&
         a.protocol_version == b.protocol_version && a.matcher->http_code == b.matcher->http_code &&
         a.matcher->grpc_code == b.matcher->grpc_code;
}

}  // namespace

Result<aws::elbv2::CreateTargetGroupReply> Elbv2::create_target_group(const Call&,
                                                                      const aws::elbv2::CreateTargetGroupRequest& request) {
  CHECK(refuse_unsupported("CreateTargetGroup", request));
  CHECK(check_name("Target group", request.name));
  std::string type = request.target_type.value_or("instance");
  if (type == "alb") return not_supported("CreateTargetGroup", "target type alb is not supported");
  if (type != "instance" && type != "ip" && type != "lambda")
    return fail("ValidationError", "'" + type + "' is not a valid target type");
  if (type == "lambda" && !impl_->functions)
    return not_supported("CreateTargetGroup", "target type lambda is not supported without functions");
  if (request.target_control_port) return not_supported("CreateTargetGroup", "TargetControlPort is not supported");
  TRY(wire::TargetGroup group, type == "lambda" ? new_function_group(request) : new_server_group(request, impl_->instances));
  TRY(Tags tags, check_tags(request.tags));

  for (const auto& [arn, there] : impl_->state.target_groups.rows()) {
    if (there.description.target_group_name != request.name) continue;
    if (!same_settings(there.description, group)) {
      return fail("DuplicateTargetGroupName",
                  "A target group with the same name '" + request.name + "' exists, but with different settings");
    }
    return aws::elbv2::CreateTargetGroupReply{{describe(impl_->state, there)}};
  }
  if (impl_->state.target_groups.size() >= target_groups_max) {
    return fail("TooManyTargetGroups", "The maximum number of target groups has been reached");
  }
  group.target_group_name = request.name;
  group.target_group_arn = impl_->core.arn("elasticloadbalancing", "targetgroup/" + request.name + "/" + impl_->new_id());
  TargetGroupRecord record{group, impl_->core.random.text(32, "0123456789abcdef"), {}, std::move(tags)};
  const TargetGroupRecord& stored = impl_->state.target_groups.put(group.target_group_arn, std::move(record));
  impl_->front.reconcile();
  return aws::elbv2::CreateTargetGroupReply{{describe(impl_->state, stored)}};
}

Result<aws::elbv2::ModifyTargetGroupReply> Elbv2::modify_target_group(const Call&,
                                                                      const aws::elbv2::ModifyTargetGroupRequest& request) {
  TRY(const TargetGroupRecord* record, impl_->state.target_group_at(request.target_group_arn));
  wire::TargetGroup changed = record->description;
  bool is_function = changed.target_type == "lambda";
  if (is_function && (request.health_check_protocol || request.health_check_port)) {
    return fail("ValidationError",
                "Health check protocol and port cannot be specified for target groups with target type 'lambda'");
  }
  if (!is_function && !request.health_check_enabled.value_or(true)) {
    return fail("ValidationError",
                "Health check enabled must be true for target groups with target type '" + changed.target_type + "'");
  }
  CHECK(take_health_settings(request, changed));
  const TargetGroupRecord& stored =
      impl_->state.target_groups.update(request.target_group_arn, [&](TargetGroupRecord& g) { g.description = changed; });
  impl_->front.reconcile();
  return aws::elbv2::ModifyTargetGroupReply{{describe(impl_->state, stored)}};
}

Result<aws::elbv2::DeleteTargetGroupReply> Elbv2::delete_target_group(const Call&,
                                                                      const aws::elbv2::DeleteTargetGroupRequest& request) {
  const std::string arn = request.target_group_arn;
  if (!impl_->state.target_groups.contains(arn)) return aws::elbv2::DeleteTargetGroupReply{};  // deleting twice succeeds
  if (impl_->state.load_balancer_of(arn)) {
    return fail("ResourceInUse", "Target group '" + arn + "' is currently in use by a listener or a rule");
  }
  for (const TargetRecord* target : impl_->state.targets_of(arn))
    impl_->state.targets.erase(target_key(arn, target->id, target->port));
  impl_->state.target_groups.erase(arn);
  impl_->front.reconcile();
  return aws::elbv2::DeleteTargetGroupReply{};
}

Result<aws::elbv2::DescribeTargetGroupsReply> Elbv2::describe_target_groups(
    const Call&, const aws::elbv2::DescribeTargetGroupsRequest& request) {
  aws::elbv2::DescribeTargetGroupsReply reply;
  int selectors =
      (request.load_balancer_arn ? 1 : 0) + (request.target_group_arns.empty() ? 0 : 1) + (request.names.empty() ? 0 : 1);
  if (selectors > 1) return fail("ValidationError", "You must specify only one of load balancer ARN, target group ARNs and names");
  if (request.load_balancer_arn) {
    CHECK(impl_->state.load_balancer_at(*request.load_balancer_arn));
    for (const std::string& arn : impl_->state.target_groups_of(*request.load_balancer_arn)) {
      if (const auto* record = impl_->state.target_groups.find(arn)) reply.target_groups.push_back(describe(impl_->state, *record));
    }
  }
  for (const std::string& arn : request.target_group_arns) {
    if (!impl_->state.target_groups.contains(arn)) return fail("TargetGroupNotFound", "One or more target groups not found");
    reply.target_groups.push_back(describe(impl_->state, *impl_->state.target_groups.find(arn)));
  }
  for (const auto& [arn, record] : impl_->state.target_groups.rows()) {
    bool named = std::find(request.names.begin(), request.names.end(), record.description.target_group_name) != request.names.end();
    if (selectors == 0 || named) reply.target_groups.push_back(describe(impl_->state, record));
  }
  if (!request.names.empty() && reply.target_groups.size() < request.names.size()) {
    return fail("TargetGroupNotFound", "One or more target groups not found");
  }
  TRY(reply.next_marker, aws::cut_page(
                             reply.target_groups, request.marker, request.page_size.value_or(0), page_size_default,
                             [](const wire::TargetGroup& g) { return g.target_group_arn; }, "ValidationError"));
  return reply;
}

Result<aws::elbv2::DescribeTargetGroupAttributesReply> Elbv2::describe_target_group_attributes(
    const Call&, const aws::elbv2::DescribeTargetGroupAttributesRequest& request) {
  TRY(const TargetGroupRecord* record, impl_->state.target_group_at(request.target_group_arn));
  auto rules = target_group_attributes(record->description.target_type == "lambda");
  return aws::elbv2::DescribeTargetGroupAttributesReply{all_attributes(rules, record->attributes)};
}

Result<aws::elbv2::ModifyTargetGroupAttributesReply> Elbv2::modify_target_group_attributes(
    const Call&, const aws::elbv2::ModifyTargetGroupAttributesRequest& request) {
  TRY(const TargetGroupRecord* record, impl_->state.target_group_at(request.target_group_arn));
  auto rules = target_group_attributes(record->description.target_type == "lambda");
  Attributes attributes = record->attributes;
  CHECK(change_attributes(rules, request.attributes, attributes, "ModifyTargetGroupAttributes"));
  CHECK(check_target_group_attributes(attributes));
  impl_->state.target_groups.update(request.target_group_arn, [&](TargetGroupRecord& g) { g.attributes = attributes; });
  impl_->front.reconcile();
  return aws::elbv2::ModifyTargetGroupAttributesReply{all_attributes(rules, attributes)};
}

}  // namespace pds::cloud
