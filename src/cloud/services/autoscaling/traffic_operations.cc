// Which target groups a group's instances are in.
#include <fmt/core.h>

#include <algorithm>

#include "cloud/services/autoscaling/impl.h"

namespace pds::cloud {

using namespace autoscaling;

namespace {

bool contains(const std::vector<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

Result<void> attach(TargetGroups& targets, GroupRecord& record, const std::vector<std::string>& arns) {
  for (const std::string& arn : arns) {
    if (!targets.exists(arn))
      return invalid(fmt::format("Provided Target Groups may not be valid. Please ensure they exist and try again. ({})", arn));
    std::erase(record.detaching_target_groups, arn);
    if (!contains(record.group.target_group_arns, arn)) record.group.target_group_arns.push_back(arn);
  }
  if (record.group.target_group_arns.size() > target_groups_per_group_max)
    return fail("LimitExceeded", fmt::format("A group has at most {} target groups", target_groups_per_group_max));
  return {};
}

Result<void> detach(GroupRecord& record, const std::vector<std::string>& arns) {
  for (const std::string& arn : arns) {
    if (!contains(record.group.target_group_arns, arn))
      return invalid(fmt::format("The target group {} is not attached to the group", arn));
    std::erase(record.group.target_group_arns, arn);
    record.detaching_target_groups.push_back(arn);
  }
  return {};
}

// "Adding", "Added" (all registered), "InService" (one is healthy), "Removing".
std::vector<std::pair<std::string, std::string>> states_of(const Tables& tables, TargetGroups& targets, const GroupRecord& record) {
  std::vector<std::pair<std::string, std::string>> states;
  auto members = tables.members_of(record.group.auto_scaling_group_name);
  for (const std::string& arn : record.group.target_group_arns) {
    bool all = true, healthy = false;
    auto health = targets.health(arn);
    for (const MemberRecord& member : members) {
      all = all && (member.state != "InService" || contains(member.registered_in, arn));
      auto it = health.find(member.instance_id);
      healthy = healthy || (it != health.end() && it->second == "healthy");
    }
    states.emplace_back(arn, !all ? "Adding" : healthy ? "InService" : "Added");
  }
  for (const std::string& arn : record.detaching_target_groups) states.emplace_back(arn, "Removing");
  std::sort(states.begin(), states.end());
  return states;
}

}  // namespace

Result<aws::autoscaling::AttachLoadBalancerTargetGroupsReply> AutoScaling::attach_load_balancer_target_groups(
    const Call&, const aws::autoscaling::AttachLoadBalancerTargetGroupsRequest& request) {
  CHECK(begin("AttachLoadBalancerTargetGroups", request));
  CHECK(impl_->change_group(request.auto_scaling_group_name,
                            [&](GroupRecord& record) { return attach(impl_->targets, record, request.target_group_arns); }));
  return aws::Empty{};
}

Result<aws::autoscaling::DetachLoadBalancerTargetGroupsReply> AutoScaling::detach_load_balancer_target_groups(
    const Call&, const aws::autoscaling::DetachLoadBalancerTargetGroupsRequest& request) {
  CHECK(begin("DetachLoadBalancerTargetGroups", request));
  CHECK(impl_->change_group(request.auto_scaling_group_name,
                            [&](GroupRecord& record) { return detach(record, request.target_group_arns); }));
  return aws::Empty{};
}

Result<aws::autoscaling::DescribeLoadBalancerTargetGroupsReply> AutoScaling::describe_load_balancer_target_groups(
    const Call&, const aws::autoscaling::DescribeLoadBalancerTargetGroupsRequest& request) {
  CHECK(begin("DescribeLoadBalancerTargetGroups", request));
  TRY(const GroupRecord* record, impl_->group_at(request.auto_scaling_group_name));
  aws::autoscaling::DescribeLoadBalancerTargetGroupsReply reply;
  for (auto& [arn, state] : states_of(impl_->tables, impl_->targets, *record))
    reply.load_balancer_target_groups.push_back({.load_balancer_target_group_arn = arn, .state = state});
  TRY(reply.next_token, aws::cut_page(reply.load_balancer_target_groups, request.next_token, request.max_records.value_or(0), 100,
                                      [](const auto& one) { return one.load_balancer_target_group_arn; }));
  return reply;
}

Result<aws::autoscaling::AttachTrafficSourcesReply> AutoScaling::attach_traffic_sources(
    const Call&, const aws::autoscaling::AttachTrafficSourcesRequest& request) {
  CHECK(begin("AttachTrafficSources", request));
  TRY(auto arns, target_groups_in("AttachTrafficSources", request.traffic_sources));
  CHECK(impl_->change_group(request.auto_scaling_group_name,
                            [&](GroupRecord& record) { return attach(impl_->targets, record, arns); }));
  return aws::Empty{};
}

Result<aws::autoscaling::DetachTrafficSourcesReply> AutoScaling::detach_traffic_sources(
    const Call&, const aws::autoscaling::DetachTrafficSourcesRequest& request) {
  CHECK(begin("DetachTrafficSources", request));
  TRY(auto arns, target_groups_in("DetachTrafficSources", request.traffic_sources));
  CHECK(impl_->change_group(request.auto_scaling_group_name, [&](GroupRecord& record) { return detach(record, arns); }));
  return aws::Empty{};
}

Result<aws::autoscaling::DescribeTrafficSourcesReply> AutoScaling::describe_traffic_sources(
    const Call&, const aws::autoscaling::DescribeTrafficSourcesRequest& request) {
  CHECK(begin("DescribeTrafficSources", request));
  TRY(const GroupRecord* record, impl_->group_at(request.auto_scaling_group_name));
  aws::autoscaling::DescribeTrafficSourcesReply reply;
  bool asked = request.traffic_source_type.value_or("elbv2") == "elbv2";
  for (auto& [arn, state] : states_of(impl_->tables, impl_->targets, *record))
    if (asked) reply.traffic_sources.push_back({.state = state, .identifier = arn, .type = "elbv2"});
  TRY(reply.next_token, aws::cut_page(reply.traffic_sources, request.next_token, request.max_records.value_or(0), 50,
                                      [](const auto& one) { return one.identifier; }));
  return reply;
}

}  // namespace pds::cloud
