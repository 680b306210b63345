// Lifecycle hooks, and the answers of those who were waited for.
#include <fmt/core.h>

#include <algorithm>

#include "cloud/services/autoscaling/impl.h"

namespace pds::cloud {

using namespace autoscaling;

namespace {

// The action a call is about: by token, or by instance.
template <class Request>
Result<std::pair<std::string, PendingAction>> find_action(const Tables& tables, const Request& request) {
  if (!request.lifecycle_action_token && !request.instance_id)
    return invalid("Either a lifecycle action token or an instance id is required");
  for (const auto& [id, member] : tables.members.rows()) {
    if (member.group != request.auto_scaling_group_name || (request.instance_id && *request.instance_id != id)) continue;
    for (const PendingAction& action : member.actions) {
      bool same = action.hook == request.lifecycle_hook_name && action.result.empty() &&
                  (!request.lifecycle_action_token || *request.lifecycle_action_token == action.token);
      if (same) return std::pair(id, action);
    }
  }
  return invalid(request.instance_id
                     ? fmt::format("No active Lifecycle Action found with instance ID {}", *request.instance_id)
                     : fmt::format("No active Lifecycle Action found with token {}", *request.lifecycle_action_token));
}

void set_action(Tables& tables, const std::string& instance_id, const std::string& token,
                const std::function<void(PendingAction&)>& change) {
  tables.members.update(instance_id, [&](MemberRecord& member) {
    for (PendingAction& action : member.actions)
      if (action.token == token) change(action);
  });
}

}  // namespace

Result<aws::autoscaling::PutLifecycleHookReply> AutoScaling::put_lifecycle_hook(
    const Call&, const aws::autoscaling::PutLifecycleHookRequest& request) {
  CHECK(begin("PutLifecycleHook", request));
  CHECK(impl_->group_at(request.auto_scaling_group_name));
  std::string key = request.auto_scaling_group_name + "/" + request.lifecycle_hook_name;
  const auto* known = impl_->tables.hooks.find(key);
  if (!known && impl_->tables.hooks_of(request.auto_scaling_group_name).size() >= hooks_per_group_max)
    return fail("LimitExceeded", fmt::format("A group has at most {} lifecycle hooks", hooks_per_group_max));
  TRY(auto hook, make_hook(request, known));
  impl_->tables.hooks.put(key, std::move(hook));
  return aws::Empty{};
}

Result<aws::autoscaling::DeleteLifecycleHookReply> AutoScaling::delete_lifecycle_hook(
    const Call&, const aws::autoscaling::DeleteLifecycleHookRequest& request) {
  CHECK(begin("DeleteLifecycleHook", request));
  CHECK(impl_->group_at(request.auto_scaling_group_name));
  std::string key = request.auto_scaling_group_name + "/" + request.lifecycle_hook_name;
  const auto* known = impl_->tables.hooks.find(key);
  if (!known) return invalid(fmt::format("No Lifecycle Hook found with name: {}", request.lifecycle_hook_name));
  // Those who wait for it are let go as AWS does: launches abandoned, terminations continued.
  std::string result = known->lifecycle_transition == "autoscaling:EC2_INSTANCE_LAUNCHING" ? "ABANDON" : "CONTINUE";
  for (const MemberRecord& member : impl_->tables.members_of(request.auto_scaling_group_name))
    for (const PendingAction& action : member.actions)
      if (action.hook == request.lifecycle_hook_name && action.result.empty())
        set_action(impl_->tables, member.instance_id, action.token, [&](PendingAction& changed) { changed.result = result; });
  impl_->tables.hooks.erase(key);
  impl_->kick();
  return aws::Empty{};
}

Result<aws::autoscaling::DescribeLifecycleHooksReply> AutoScaling::describe_lifecycle_hooks(
    const Call&, const aws::autoscaling::DescribeLifecycleHooksRequest& request) {
  CHECK(begin("DescribeLifecycleHooks", request));
  CHECK(impl_->group_at(request.auto_scaling_group_name));
  aws::autoscaling::DescribeLifecycleHooksReply reply;
  const auto& names = request.lifecycle_hook_names;
  for (auto& hook : impl_->tables.hooks_of(request.auto_scaling_group_name))
    if (names.empty() || std::find(names.begin(), names.end(), hook.lifecycle_hook_name) != names.end())
      reply.lifecycle_hooks.push_back(std::move(hook));
  return reply;
}

Result<aws::autoscaling::CompleteLifecycleActionReply> AutoScaling::complete_lifecycle_action(
    const Call&, const aws::autoscaling::CompleteLifecycleActionRequest& request) {
  CHECK(begin("CompleteLifecycleAction", request));
  CHECK(impl_->group_at(request.auto_scaling_group_name));
  if (request.lifecycle_action_result != "CONTINUE" && request.lifecycle_action_result != "ABANDON")
    return invalid(
        fmt::format("Invalid lifecycle action result: {}. It must be CONTINUE or ABANDON", request.lifecycle_action_result));
  TRY(auto found, find_action(impl_->tables, request));
  set_action(impl_->tables, found.first, found.second.token,
             [&](PendingAction& action) { action.result = request.lifecycle_action_result; });
  impl_->kick();
  return aws::Empty{};
}

Result<aws::autoscaling::RecordLifecycleActionHeartbeatReply> AutoScaling::record_lifecycle_action_heartbeat(
    const Call&, const aws::autoscaling::RecordLifecycleActionHeartbeatRequest& request) {
  CHECK(begin("RecordLifecycleActionHeartbeat", request));
  CHECK(impl_->group_at(request.auto_scaling_group_name));
  TRY(auto found, find_action(impl_->tables, request));
  Timestamp deadline = impl_->core.clock.now() + std::chrono::seconds(found.second.heartbeat_seconds);
  set_action(impl_->tables, found.first, found.second.token, [&](PendingAction& action) { action.deadline = deadline; });
  return aws::Empty{};
}

Result<aws::autoscaling::DescribeLifecycleHookTypesReply> AutoScaling::describe_lifecycle_hook_types(
    const Call&, const aws::autoscaling::DescribeLifecycleHookTypesRequest&) {
  return aws::autoscaling::DescribeLifecycleHookTypesReply{
      .lifecycle_hook_types = {"autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"}};
}

}  // namespace pds::cloud
