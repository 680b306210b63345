#include <fmt/core.h>

#include "aws/shapes/elbv2.h"
#include "deploy/stack.h"

namespace pds::deploy {

namespace elbv2 = aws::elbv2;

namespace {

// Looked for by name; the API answers a name it does not know with an error instead of an empty list.
template <class Reply>
Result<Reply> absent_is_empty(Result<Reply> result, std::string_view code) {
  if (!result && result.error().code == code) return Reply{};
  return result;
}

int seconds(Duration d) { return static_cast<int>(d / 1s); }

}  // namespace

io::Task<Result<void>> StackWalk::ensure_target_group() {
  elbv2::DescribeTargetGroupsRequest by_name;
  by_name.names = {names_->target_group};
  CO_TRY(auto found, absent_is_empty(co_await client_.call<elbv2::DescribeTargetGroups>(by_name), "TargetGroupNotFound"));
  int interval = seconds(config_.duration("fleet.health_interval"));
  const std::string& path = config_.text("fleet.health_path");
  if (found.target_groups.empty()) {
    if (!make(ChangeAction::create, "target group", names_->target_group)) co_return Result<void>{};
    elbv2::CreateTargetGroupRequest request;
    request.name = names_->target_group;
    request.protocol = "HTTP";
    request.port = static_cast<int>(config_.integer("fleet.port"));
    request.vpc_id = facts_.vpc_id;
    request.target_type = "instance";
    request.health_check_path = path;
    request.health_check_interval_seconds = interval;
    request.health_check_timeout_seconds = std::max(2, interval / 2);
    request.healthy_threshold_count = 2;
    request.unhealthy_threshold_count = 2;
    request.matcher = elbv2::Matcher{.http_code = "200"};
    request.tags = {{"pds:stack", config_.stack()}};
    CO_TRY(auto made, co_await client_.call<elbv2::CreateTargetGroup>(request));
    facts_.target_group_arn = made.target_groups[0].target_group_arn;
  } else {
    const elbv2::TargetGroup& group = found.target_groups[0];
    facts_.target_group_arn = group.target_group_arn;
    bool same = group.health_check_path == path && group.health_check_interval_seconds == interval;
    if (!same && make(ChangeAction::update, "target group", names_->target_group, "its health check differs")) {
      elbv2::ModifyTargetGroupRequest request;
      request.target_group_arn = group.target_group_arn;
      request.health_check_path = path;
      request.health_check_interval_seconds = interval;
      request.health_check_timeout_seconds = std::max(2, interval / 2);
      CO_CHECK(co_await client_.call<elbv2::ModifyTargetGroup>(request));
    }
  }

  std::string drain = std::to_string(seconds(config_.duration("fleet.drain")));
  CO_TRY(auto attributes, co_await client_.call<elbv2::DescribeTargetGroupAttributes>({.target_group_arn = facts_.target_group_arn}));
  for (const elbv2::Attribute& attribute : attributes.attributes) {
    if (attribute.key != "deregistration_delay.timeout_seconds" || attribute.value == drain) continue;
    if (!found.target_groups.empty() && !make(ChangeAction::update, "target group", names_->target_group, "its drain time differs")) continue;
    elbv2::ModifyTargetGroupAttributesRequest request;
    request.target_group_arn = facts_.target_group_arn;
    request.attributes = {{"deregistration_delay.timeout_seconds", drain}};
    CO_CHECK(co_await client_.call<elbv2::ModifyTargetGroupAttributes>(request));
  }
  co_return Result<void>{};
}

io::Task<Result<void>> StackWalk::ensure_balancer() {
  elbv2::DescribeLoadBalancersRequest by_name;
  by_name.names = {names_->balancer};
  CO_TRY(auto found, absent_is_empty(co_await client_.call<elbv2::DescribeLoadBalancers>(by_name), "LoadBalancerNotFound"));
  elbv2::LoadBalancer balancer;
  if (!found.load_balancers.empty()) {
    balancer = found.load_balancers[0];
  } else {
    if (!make(ChangeAction::create, "load balancer", names_->balancer)) co_return Result<void>{};
    elbv2::CreateLoadBalancerRequest request;
    request.name = names_->balancer;
    request.subnets = facts_.subnet_ids;
    request.security_groups = {facts_.balancer_group_id};
    request.scheme = "internet-facing";
    request.type = "application";
    request.tags = {{"pds:stack", config_.stack()}};
    CO_TRY(auto made, co_await client_.call<elbv2::CreateLoadBalancer>(request));
    balancer = made.load_balancers[0];
  }
  facts_.balancer_arn = balancer.load_balancer_arn;
  facts_.balancer_dns = balancer.dns_name;
  co_return Result<void>{};
}

io::Task<Result<void>> StackWalk::ensure_listener() {
  int port = static_cast<int>(config_.integer("balancer.port"));
  std::string name = fmt::format("{}:{}", names_->balancer, port);
  if (!facts_.balancer_arn.empty()) {
    elbv2::DescribeListenersRequest request;
    request.load_balancer_arn = facts_.balancer_arn;
    CO_TRY(auto found, co_await client_.call<elbv2::DescribeListeners>(request));
    for (const elbv2::Listener& listener : found.listeners)
      if (listener.port == port) facts_.listener_arn = listener.listener_arn;
    if (!facts_.listener_arn.empty()) co_return Result<void>{};
  }
  if (!make(ChangeAction::create, "listener", name)) co_return Result<void>{};
  elbv2::Action forward;
  forward.type = "forward";
  forward.target_group_arn = facts_.target_group_arn;
  elbv2::CreateListenerRequest request;
  request.load_balancer_arn = facts_.balancer_arn;
  request.protocol = "HTTP";
  request.port = port;
  request.default_actions = {forward};
  CO_TRY(auto made, co_await client_.call<elbv2::CreateListener>(request));
  facts_.listener_arn = made.listeners[0].listener_arn;
  co_return Result<void>{};
}

}  // namespace pds::deploy
