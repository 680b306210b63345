#include "cloud/services/autoscaling/reconciler.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "cloud/services/ec2/instance.h"

namespace pds::cloud::autoscaling {

namespace {

using Kind = Action::Kind;

ec2::TemplateChoice choice_of(const aws::autoscaling::LaunchTemplateSpecification& specification) {
  // The name is what people read; the id is what stays.
  return {.id = specification.launch_template_id, .name = std::nullopt, .version = specification.version.value_or("$Default")};
}

}  // namespace

int64_t Reconciler::current_version(const GroupRecord& group) const {
  auto version = ec2_.launch_templates().resolve(choice_of(group.group.launch_template));
  return version ? (*version)->version_number : 0;
}

Facts Reconciler::look(const GroupRecord& group) const {
  Facts facts;
  for (const MemberRecord& member : tables_.members_of(group.group.auto_scaling_group_name))
    if (auto instance = ec2_.find_instance(member.instance_id)) facts.instances[member.instance_id] = instance->state;
  for (const auto* arns : {&group.group.target_group_arns, &group.detaching_target_groups})
    for (const std::string& arn : *arns) facts.targets[arn] = targets_.health(arn);
  facts.current_template_version = current_version(group);
  return facts;
}

bool Reconciler::reconcile(const std::string& name) {
  bool changed = false;
  for (int step = 0; step < steps_per_turn_max; ++step) {
    const GroupRecord* group = tables_.groups.find(name);
    if (!group) return changed;
    auto actions = plan_group(*group, tables_.members_of(name), tables_.hooks_of(name), look(*group), core_.clock.now());
    bool moved = false;
    for (const Action& action : actions) moved = apply(name, action) || moved;
    changed = changed || moved;
    if (!moved) break;
  }
  finish_group(name);
  return changed;
}

// True when it changed something: what the balancers refuse, for example, is tried again at the next turn, not in this one.
bool Reconciler::apply(const std::string& name, const Action& action) {
  const GroupRecord& group = *tables_.groups.find(name);
  if (action.kind == Kind::launch) {
    launch(name, action);
    return true;
  }
  const MemberRecord* found = tables_.members.find(action.instance_id);
  if (!found) return false;
  MemberRecord member = *found;
  Timestamp now = core_.clock.now();
  switch (action.kind) {
    case Kind::begin_wait:
      begin_wait(member);
      return true;
    case Kind::proceed:
      proceed(member);
      return true;
    case Kind::expire:
      tables_.members.update(member.instance_id, [&](MemberRecord& m) {
        for (PendingAction& pending : m.actions)
          if (pending.hook == action.detail) pending.result = pending.default_result;
      });
      return true;
    case Kind::enter_service:
      enter_service(group, member);
      return true;
    case Kind::register_target:
      register_in(member, action.detail);
      return true;
    case Kind::deregister_target:
      return targets_.deregister_instance(action.detail, member.instance_id).has_value();
    case Kind::left_target:
      tables_.members.update(member.instance_id, [&](MemberRecord& m) { std::erase(m.registered_in, action.detail); });
      return true;
    case Kind::fail_launch:
      fail_launch(group, member, action.detail);
      return true;
    case Kind::mark_unhealthy:
      tables_.members.update(member.instance_id, [&](MemberRecord& m) { m.healthy = false, m.unhealthy_because = action.detail; });
      return true;
    case Kind::terminate: {
      int from = capacity_of(name);
      start_termination(member.instance_id, cause_of_termination(group, now, action.detail, from, from - 1, member.instance_id));
      return true;
    }
    case Kind::end_instance: {
      aws::ec2::TerminateInstancesRequest request;
      request.instance_ids = {member.instance_id};
      auto ended = ec2_.instances().terminate_instances(core_.internal_call(), request);
      activities_.progress(member.activity_id, "InProgress", 80);
      return ended.has_value();
    }
    case Kind::rest:
      move(member.instance_id, "Standby");
      activities_.close(member.activity_id, "Successful");
      return true;
    case Kind::forget:
      remove_member(member.instance_id);
      return true;
    case Kind::launch:
      break;
  }
  return false;
}

int Reconciler::capacity_of(const std::string& group) const {
  int count = 0;
  for (const auto& [id, member] : tables_.members.rows()) count += member.group == group && counts_as_capacity(member) ? 1 : 0;
  return count;
}

void Reconciler::move(const std::string& instance_id, std::string state) {
  Timestamp now = core_.clock.now();
  tables_.members.update(instance_id, [&](MemberRecord& member) { member.state = std::move(state), member.state_since = now; });
}

std::string Reconciler::choose_subnet(const GroupRecord& group, const std::string& zone) const {
  std::string best;
  size_t fewest = SIZE_MAX;
  auto members = tables_.members_of(group.group.auto_scaling_group_name);
  for (std::string_view id : split(group.group.vpc_zone_identifier, ',')) {
    auto subnet = ec2_.find_subnet(trim(id));
    if (!subnet || subnet->availability_zone != zone) continue;
    size_t used = static_cast<size_t>(
        std::count_if(members.begin(), members.end(), [&](const auto& m) { return m.subnet_id == subnet->subnet_id; }));
    if (used < fewest) best = subnet->subnet_id, fewest = used;
  }
  if (best.empty() && group.group.vpc_zone_identifier.empty())
    if (const auto* subnet = ec2_.subnets().find_default(zone)) best = subnet->subnet_id;
  return best;
}

Result<aws::ec2::Instance> Reconciler::run_instance(const GroupRecord& group, const std::string& subnet_id) {
  if (subnet_id.empty()) return fail("InvalidSubnetID.NotFound", "The group has no subnet in this Availability Zone");
  TRY(const auto* version, ec2_.launch_templates().resolve(choice_of(group.group.launch_template)));
  aws::ec2::RunInstancesRequest request;
  request.min_count = request.max_count = 1;
  request.launch_template = {.launch_template_id = version->launch_template_id,
                             .launch_template_name = std::nullopt,
                             .version = std::to_string(version->version_number)};
  request.subnet_id = subnet_id;
  auto& tags = request.tag_specifications.emplace_back();
  tags.resource_type = "instance";
  for (const auto& tag : group.group.tags)
    if (tag.propagate_at_launch) tags.tags.push_back({.key = tag.key, .value = tag.value});
  tags.tags.push_back({.key = "aws:autoscaling:groupName", .value = group.group.auto_scaling_group_name});
  tags.tags.push_back({.key = "aws:ec2launchtemplate:id", .value = version->launch_template_id});
  tags.tags.push_back({.key = "aws:ec2launchtemplate:version", .value = std::to_string(version->version_number)});
  TRY(auto reply, ec2_.instances().run_instances(core_.internal_call(), request));
  return reply.instances.front();
}

void Reconciler::launch(const std::string& name, const Action& action) {
  GroupRecord group = *tables_.groups.find(name);
  if (core_.clock.now() < group.launch_after) return;  // another launch of this very plan has failed
  Timestamp now = core_.clock.now();
  int from = capacity_of(name);
  std::string subnet = choose_subnet(group, action.zone);
  std::string cause = cause_of_launch(group, now, from, from + 1, action.rebalancing);
  auto instance = run_instance(group, subnet);
  if (!instance) {
    std::string activity = activities_.open(group, "Launching a new EC2 instance", cause, subnet, action.zone);
    return launch_failed(name, activity, fmt::format("{}. Launching EC2 instance failed.", instance.error().message));
  }
  MemberRecord member;
  member.instance_id = instance->instance_id;
  member.group = name;
  member.subnet_id = subnet;
  member.availability_zone = action.zone;
  member.instance_type = instance->instance_type;
  member.image_id = instance->image_id;
  member.launch_template = {.launch_template_id = group.group.launch_template.launch_template_id,
                            .launch_template_name = group.group.launch_template.launch_template_name,
                            .version = std::to_string(current_version(group))};
  member.state = "Pending";
  member.is_protected = group.group.new_instances_protected_from_scale_in;
  member.rebalancing = action.rebalancing;
  member.launched_at = member.state_since = now;
  member.activity_id = activities_.open(group, "Launching a new EC2 instance: " + member.instance_id, cause, subnet, action.zone,
                                        "PreInService", 30);
  tables_.members.put(instance->instance_id, std::move(member));
}

void Reconciler::launch_failed(const std::string& name, const std::string& activity_id, const std::string& why) {
  activities_.close(activity_id, "Failed", why);
  Timestamp now = core_.clock.now();
  const GroupRecord& group = tables_.groups.update(name, [&](GroupRecord& changed) {
    Duration pause = launch_backoff_least * (1 << std::min(changed.launch_failures, 10));
    changed.launch_after = now + std::min(pause, launch_backoff_most);
    ++changed.launch_failures;
  });
  core_.log.warn("a launch failed", {{"group", name}, {"why", why}, {"failures", group.launch_failures}});
}

void Reconciler::fail_launch(const GroupRecord& group, const MemberRecord& member, const std::string& why) {
  std::string name = group.group.auto_scaling_group_name;
  std::string reason = why;
  if (const auto* record = ec2_.instance_record(member.instance_id); record && record->instance.state_reason)
    reason += ": " + record->instance.state_reason->message;
  launch_failed(name, member.activity_id, fmt::format("{}. Launching EC2 instance failed.", reason));
  start_termination(member.instance_id, fmt::format("At {} an instance was taken out of service because its launch failed: {}.",
                                                    to_iso8601(core_.clock.now()), why));
}

void Reconciler::begin_wait(const MemberRecord& member) {
  bool launching = member.state == "Pending";
  std::string_view transition = launching ? "autoscaling:EC2_INSTANCE_LAUNCHING" : "autoscaling:EC2_INSTANCE_TERMINATING";
  Timestamp now = core_.clock.now();
  std::vector<PendingAction> actions;
  for (const auto& hook : tables_.hooks_of(member.group)) {
    if (hook.lifecycle_transition != transition) continue;
    actions.push_back({.hook = hook.lifecycle_hook_name,
                       .token = core_.random.uuid(),
                       .deadline = now + std::chrono::seconds(hook.heartbeat_timeout),
                       .global_deadline = now + std::chrono::seconds(hook.global_timeout),
                       .heartbeat_seconds = hook.heartbeat_timeout,
                       .default_result = hook.default_result,
                       .result = ""});
  }
  tables_.members.update(member.instance_id, [&](MemberRecord& changed) { changed.actions = std::move(actions); });
  move(member.instance_id, launching ? "Pending:Wait" : "Terminating:Wait");
  activities_.progress(member.activity_id, "MidLifecycleAction", launching ? 60 : 60);
}

void Reconciler::proceed(const MemberRecord& member) {
  tables_.members.update(member.instance_id, [](MemberRecord& changed) { changed.actions.clear(); });
  move(member.instance_id, member.state.starts_with("Pending") ? "Pending:Proceed" : "Terminating:Proceed");
}

void Reconciler::register_in(const MemberRecord& member, const std::string& arn) {
  auto done = targets_.register_instance(arn, member.instance_id);
  if (!done)
    core_.log.warn("an instance was not registered",
                   {{"instance", member.instance_id}, {"target_group", arn}, {"error", done.error().message}});
  // Once each, whatever came of it: whoever takes a target out by hand, as a deployment does, wants it to stay out.
  tables_.members.update(member.instance_id, [&](MemberRecord& changed) { changed.registered_in.push_back(arn); });
}

void Reconciler::enter_service(const GroupRecord& group, const MemberRecord& member) {
  if (!is_suspended(group, "AddToLoadBalancer"))
    for (const std::string& arn : group.group.target_group_arns)
      if (std::find(member.registered_in.begin(), member.registered_in.end(), arn) == member.registered_in.end())
        register_in(member, arn);
  Timestamp now = core_.clock.now();
  tables_.members.update(member.instance_id, [&](MemberRecord& changed) { changed.in_service_since = now; });
  move(member.instance_id, "InService");
  activities_.close(member.activity_id, "Successful");
  tables_.groups.update(group.group.auto_scaling_group_name, [](GroupRecord& changed) { changed.launch_failures = 0; });
}

void Reconciler::start_termination(const std::string& instance_id, const std::string& cause) {
  const MemberRecord& member = *tables_.members.find(instance_id);
  const GroupRecord& group = *tables_.groups.find(member.group);
  if (member.state.starts_with("Terminating")) return;
  // A launch that is cut short ends as cancelled; one that failed has been closed already.
  if (member.state.starts_with("Pending"))
    if (const ActivityRecord* open = activities_.find(member.activity_id); open && !open->activity.end_time)
      activities_.close(member.activity_id, "Cancelled");
  bool targets = !member.registered_in.empty();
  std::string activity = activities_.open(group, "Terminating EC2 instance: " + instance_id, cause, member.subnet_id,
                                          member.availability_zone, targets ? "WaitingForELBConnectionDraining" : "InProgress", 0);
  tables_.members.update(instance_id, [&](MemberRecord& changed) { changed.activity_id = activity, changed.actions.clear(); });
  move(instance_id, "Terminating");
}

void Reconciler::remove_member(const std::string& instance_id) {
  const MemberRecord& member = *tables_.members.find(instance_id);
  activities_.close(member.activity_id, "Successful");
  tables_.members.erase(instance_id);
}

// A target group that nobody is in any more has been detached; a group that is being deleted and has nobody is gone.
void Reconciler::finish_group(const std::string& name) {
  const GroupRecord* group = tables_.groups.find(name);
  auto members = tables_.members_of(name);
  auto in_use = [&](const std::string& arn) {
    return std::any_of(members.begin(), members.end(), [&](const MemberRecord& member) {
      return std::find(member.registered_in.begin(), member.registered_in.end(), arn) != member.registered_in.end();
    });
  };
  std::vector<std::string> left;
  for (const std::string& arn : group->detaching_target_groups)
    if (in_use(arn)) left.push_back(arn);
  if (left.size() != group->detaching_target_groups.size())
    tables_.groups.update(name, [&](GroupRecord& changed) { changed.detaching_target_groups = left; });
  // What was asked for has been begun: whatever is launched or ended from now on has other reasons.
  if (!group->cause.empty() && !group->deleting && capacity_of(name) == group->group.desired_capacity)
    tables_.groups.update(name, [](GroupRecord& changed) { changed.cause.clear(); });
  if (!group->deleting || !members.empty()) return;
  for (const auto& hook : tables_.hooks_of(name)) tables_.hooks.erase(name + "/" + hook.lifecycle_hook_name);
  activities_.forget_group(name);
  tables_.groups.erase(name);
}

}  // namespace pds::cloud::autoscaling
