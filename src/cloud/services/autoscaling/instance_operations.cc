// Instances of groups: described, attached, detached, put aside, judged.
#include <fmt/core.h>

#include <algorithm>

#include "cloud/services/autoscaling/impl.h"
#include "cloud/services/ec2/instance.h"

namespace pds::cloud {

using namespace autoscaling;

namespace {

std::unexpected<Error> no_member(const std::string& id) {
  return invalid(fmt::format("Instance Id not found - No managed instance found for instance ID: {}", id));
}

aws::autoscaling::AutoScalingInstanceDetails details_of(const MemberRecord& member) {
  return {.instance_id = member.instance_id,
          .instance_type = member.instance_type,
          .auto_scaling_group_name = member.group,
          .availability_zone = member.availability_zone,
          .lifecycle_state = member.state,
          .health_status = member.healthy ? "HEALTHY" : "UNHEALTHY",
          .launch_template = member.launch_template,
          .image_id = member.image_id,
          .protected_from_scale_in = member.is_protected};
}

// A desired capacity lower by `count`, if the group allows it.
Result<void> decrement(GroupRecord& record, int count) {
  auto& group = record.group;
  if (group.desired_capacity - count < group.min_size)
    return invalid(
        fmt::format("AutoScalingGroup {} has min-size={}, max-size={}, and desired-size={}. To place into standby, detach or "
                    "terminate {} more instance(s), update the group so that min-size allows a desired capacity of {}",
                    group.auto_scaling_group_name, group.min_size, group.max_size, group.desired_capacity, count,
                    group.desired_capacity - count));
  group.desired_capacity -= count;
  return {};
}

Result<void> increment(GroupRecord& record, int count) {
  auto& group = record.group;
  if (group.desired_capacity + count > group.max_size)
    return invalid(fmt::format(
        "AutoScalingGroup {} has min-size={}, max-size={}, and desired-size={}. Adding {} more instance(s) would exceed "
        "its max-size",
        group.auto_scaling_group_name, group.min_size, group.max_size, group.desired_capacity, count));
  group.desired_capacity += count;
  return {};
}

}  // namespace

Result<std::vector<MemberRecord>> AutoScaling::Impl::members_at(const std::string& group,
                                                                const std::vector<std::string>& instance_ids) const {
  if (instance_ids.empty()) return invalid("At least one instance id is required");
  std::vector<MemberRecord> members;
  for (const std::string& id : instance_ids) {
    const MemberRecord* member = tables.members.find(id);
    if (!member) return no_member(id);
    if (member->group != group) return invalid(fmt::format("The instance {} is not part of Auto Scaling group {}.", id, group));
    members.push_back(*member);
  }
  return members;
}

Result<aws::autoscaling::DescribeAutoScalingInstancesReply> AutoScaling::describe_auto_scaling_instances(
    const Call&, const aws::autoscaling::DescribeAutoScalingInstancesRequest& request) {
  CHECK(begin("DescribeAutoScalingInstances", request));
  aws::autoscaling::DescribeAutoScalingInstancesReply reply;
  for (const auto& [id, member] : impl_->tables.members.rows()) {
    const auto& ids = request.instance_ids;
    if (ids.empty() || std::find(ids.begin(), ids.end(), id) != ids.end())
      reply.auto_scaling_instances.push_back(details_of(member));
  }
  TRY(reply.next_token, aws::cut_page(reply.auto_scaling_instances, request.next_token, request.max_records.value_or(0), 50,
                                      [](const auto& one) { return one.instance_id; }));
  return reply;
}

Result<aws::autoscaling::AttachInstancesReply> AutoScaling::attach_instances(
    const Call&, const aws::autoscaling::AttachInstancesRequest& request) {
  CHECK(begin("AttachInstances", request));
  TRY(const GroupRecord* known, impl_->group_at(request.auto_scaling_group_name));
  if (request.instance_ids.empty()) return invalid("At least one instance id is required");
  const auto& zones = known->group.availability_zones;
  for (const std::string& id : request.instance_ids) {
    const auto* record = impl_->ec2.instance_record(id);
    if (!record) return invalid(fmt::format("Invalid Instance ID(s): {} specified.", id));
    if (impl_->tables.members.contains(id))
      return invalid(fmt::format("Instance {} is already part of AutoScalingGroup:{}", id, impl_->tables.members.find(id)->group));
    if (ec2::state_of(record->instance) != InstanceState::running)
      return invalid(fmt::format("Instance {} is not in correct state: it must be running.", id));
    if (std::find(zones.begin(), zones.end(), record->instance.placement.availability_zone) == zones.end())
      return invalid(fmt::format("Instance {} is not in an Availability Zone of the group", id));
  }
  CHECK(impl_->change_group(request.auto_scaling_group_name,
                            [&](GroupRecord& record) { return increment(record, static_cast<int>(request.instance_ids.size())); }));
  const GroupRecord& group = *impl_->tables.groups.find(request.auto_scaling_group_name);
  Timestamp now = impl_->core.clock.now();
  for (const std::string& id : request.instance_ids) {
    const aws::ec2::Instance& instance = impl_->ec2.instance_record(id)->instance;
    MemberRecord member;
    member.instance_id = id;
    member.group = request.auto_scaling_group_name;
    member.subnet_id = instance.subnet_id;
    member.availability_zone = instance.placement.availability_zone;
    member.instance_type = instance.instance_type;
    member.image_id = instance.image_id;
    member.state = "Pending";
    member.launched_at = instance.launch_time;
    member.state_since = now;
    member.activity_id =
        impl_->activities.open(group, "Attaching an existing EC2 instance: " + id,
                               fmt::format("At {} an instance was attached in response to a user request.", to_iso8601(now)),
                               member.subnet_id, member.availability_zone);
    impl_->tables.members.put(id, std::move(member));
    aws::ec2::CreateTagsRequest tags;
    tags.resources = {id};
    tags.tags = {{.key = "aws:autoscaling:groupName", .value = request.auto_scaling_group_name}};
    CHECK(impl_->ec2.tags().create_tags(impl_->core.internal_call(), tags));
  }
  return aws::Empty{};
}

Result<aws::autoscaling::DetachInstancesReply> AutoScaling::detach_instances(
    const Call&, const aws::autoscaling::DetachInstancesRequest& request) {
  CHECK(begin("DetachInstances", request));
  TRY(auto members, impl_->members_at(request.auto_scaling_group_name, request.instance_ids));
  for (const MemberRecord& member : members)
    if (member.state != "InService" && member.state != "Standby")
      return invalid(fmt::format("The instance {} is not in InService or Standby.", member.instance_id));
  int counted = static_cast<int>(std::count_if(members.begin(), members.end(), counts_as_capacity));
  CHECK(impl_->change_group(request.auto_scaling_group_name, [&](GroupRecord& record) {
    return request.should_decrement_desired_capacity ? decrement(record, counted) : Result<void>{};
  }));
  const GroupRecord& group = *impl_->tables.groups.find(request.auto_scaling_group_name);
  aws::autoscaling::DetachInstancesReply reply;
  for (const MemberRecord& member : members) {
    std::string cause = fmt::format("At {} instance {} was detached in response to a user request.",
                                    to_iso8601(impl_->core.clock.now()), member.instance_id);
    std::string activity = impl_->activities.open(group, "Detaching EC2 instance: " + member.instance_id, cause, member.subnet_id,
                                                  member.availability_zone, "InProgress", 50);
    impl_->tables.members.update(member.instance_id, [&](MemberRecord& changed) { changed.activity_id = activity; });
    impl_->reconciler.move(member.instance_id, "Detaching");
    aws::ec2::DeleteTagsRequest tags;
    tags.resources = {member.instance_id};
    tags.tags = {{.key = "aws:autoscaling:groupName", .value = ""}};
    (void)impl_->ec2.tags().delete_tags(impl_->core.internal_call(), tags);  // an instance that EC2 has forgotten has no tags
    reply.activities.push_back(impl_->activity(activity));
  }
  return reply;
}

Result<aws::autoscaling::EnterStandbyReply> AutoScaling::enter_standby(const Call&,
                                                                       const aws::autoscaling::EnterStandbyRequest& request) {
  CHECK(begin("EnterStandby", request));
  TRY(auto members, impl_->members_at(request.auto_scaling_group_name, request.instance_ids));
  for (const MemberRecord& member : members)
    if (member.state != "InService") return invalid(fmt::format("The instance {} is not in InService.", member.instance_id));
  CHECK(impl_->change_group(request.auto_scaling_group_name, [&](GroupRecord& record) {
    return request.should_decrement_desired_capacity ? decrement(record, static_cast<int>(members.size())) : Result<void>{};
  }));
  const GroupRecord& group = *impl_->tables.groups.find(request.auto_scaling_group_name);
  aws::autoscaling::EnterStandbyReply reply;
  for (const MemberRecord& member : members) {
    std::string cause = fmt::format("At {} instance {} was moved to standby in response to a user request.",
                                    to_iso8601(impl_->core.clock.now()), member.instance_id);
    std::string activity = impl_->activities.open(group, "Moving EC2 instance to Standby: " + member.instance_id, cause,
                                                  member.subnet_id, member.availability_zone, "InProgress", 50);
    impl_->tables.members.update(member.instance_id, [&](MemberRecord& changed) { changed.activity_id = activity; });
    impl_->reconciler.move(member.instance_id, "EnteringStandby");
    reply.activities.push_back(impl_->activity(activity));
  }
  return reply;
}

Result<aws::autoscaling::ExitStandbyReply> AutoScaling::exit_standby(const Call&,
                                                                     const aws::autoscaling::ExitStandbyRequest& request) {
  CHECK(begin("ExitStandby", request));
  TRY(auto members, impl_->members_at(request.auto_scaling_group_name, request.instance_ids));
  for (const MemberRecord& member : members)
    if (member.state != "Standby") return invalid(fmt::format("The instance {} is not in Standby.", member.instance_id));
  CHECK(impl_->change_group(request.auto_scaling_group_name,
                            [&](GroupRecord& record) { return increment(record, static_cast<int>(members.size())); }));
  const GroupRecord& group = *impl_->tables.groups.find(request.auto_scaling_group_name);
  aws::autoscaling::ExitStandbyReply reply;
  for (const MemberRecord& member : members) {
    std::string cause = fmt::format("At {} instance {} was moved out of standby in response to a user request.",
                                    to_iso8601(impl_->core.clock.now()), member.instance_id);
    std::string activity = impl_->activities.open(group, "Moving EC2 instance out of Standby: " + member.instance_id, cause,
                                                  member.subnet_id, member.availability_zone, "PreInService", 30);
    impl_->tables.members.update(member.instance_id, [&](MemberRecord& changed) { changed.activity_id = activity; });
    impl_->reconciler.move(member.instance_id, "Pending");
    reply.activities.push_back(impl_->activity(activity));
  }
  return reply;
}

Result<aws::autoscaling::SetInstanceHealthReply> AutoScaling::set_instance_health(
    const Call&, const aws::autoscaling::SetInstanceHealthRequest& request) {
  CHECK(begin("SetInstanceHealth", request));
  const MemberRecord* member = impl_->tables.members.find(request.instance_id);
  if (!member) return no_member(request.instance_id);
  bool healthy = request.health_status == "Healthy";
  if (!healthy && request.health_status != "Unhealthy")
    return invalid(fmt::format("Invalid health status: {}. Valid values are Healthy and Unhealthy", request.health_status));
  const GroupRecord& group = *impl_->tables.groups.find(member->group);
  bool in_grace = member->state != "InService" ||
                  impl_->core.clock.now() < member->in_service_since + std::chrono::seconds(group.group.health_check_grace_period);
  if (!healthy && in_grace && request.should_respect_grace_period.value_or(true)) return aws::Empty{};
  impl_->tables.members.update(request.instance_id, [&](MemberRecord& changed) {
    changed.healthy = healthy;
    changed.unhealthy_because = healthy ? "" : "a user health-check";
  });
  impl_->kick();
  return aws::Empty{};
}

Result<aws::autoscaling::SetInstanceProtectionReply> AutoScaling::set_instance_protection(
    const Call&, const aws::autoscaling::SetInstanceProtectionRequest& request) {
  CHECK(begin("SetInstanceProtection", request));
  CHECK(impl_->group_at(request.auto_scaling_group_name));
  TRY(auto members, impl_->members_at(request.auto_scaling_group_name, request.instance_ids));
  for (const MemberRecord& member : members)
    if (member.state.starts_with("Terminating"))
      return invalid(fmt::format("The instance {} is not in InService or EnteringStandby or Standby.", member.instance_id));
  for (const MemberRecord& member : members)
    impl_->tables.members.update(member.instance_id,
                                 [&](MemberRecord& changed) { changed.is_protected = request.protected_from_scale_in; });
  impl_->kick();
  return aws::Empty{};
}

Result<aws::autoscaling::TerminateInstanceInAutoScalingGroupReply> AutoScaling::terminate_instance_in_auto_scaling_group(
    const Call&, const aws::autoscaling::TerminateInstanceInAutoScalingGroupRequest& request) {
  CHECK(begin("TerminateInstanceInAutoScalingGroup", request));
  const MemberRecord* member = impl_->tables.members.find(request.instance_id);
  if (!member) return no_member(request.instance_id);
  bool counts = counts_as_capacity(*member);
  if (!member->state.starts_with("Terminating")) {
    if (request.should_decrement_desired_capacity && counts)
      CHECK(impl_->change_group(member->group, [](GroupRecord& record) { return decrement(record, 1); }));
    impl_->reconciler.start_termination(request.instance_id,
                                        fmt::format("At {} instance {} was taken out of service in response to a user request.",
                                                    to_iso8601(impl_->core.clock.now()), request.instance_id));
  }
  impl_->kick();
  return aws::autoscaling::TerminateInstanceInAutoScalingGroupReply{
      .activity = impl_->activity(impl_->tables.members.find(request.instance_id)->activity_id)};
}

}  // namespace pds::cloud
