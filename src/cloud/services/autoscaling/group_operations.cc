// Groups: made, changed, deleted, described.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "cloud/services/autoscaling/impl.h"
#include "cloud/services/ec2/place.h"

namespace pds::cloud {

using namespace autoscaling;

namespace {

// Subnets decide the zones; without subnets, the default ones of the zones named.
Result<void> place_group(Ec2& ec2, const Core& core, aws::autoscaling::AutoScalingGroup& group) {
  if (group.vpc_zone_identifier.empty()) {
    if (group.availability_zones.empty()) return invalid("At least one Availability Zone or VPC Subnet is required.");
    auto known = ec2::zones_of(core.region);
    for (const std::string& zone : group.availability_zones) {
      if (std::find(known.begin(), known.end(), zone) == known.end())
        return invalid(fmt::format("Invalid Availability Zone: [{}]", zone));
      if (!ec2.subnets().find_default(zone)) return invalid(fmt::format("No default subnet for availability zone: '{}'.", zone));
    }
    return {};
  }
  std::set<std::string> zones;
  std::string vpc;
  for (std::string_view id : split(group.vpc_zone_identifier, ',')) {
    auto subnet = ec2.find_subnet(trim(id));
    if (!subnet) return invalid(fmt::format("The subnet ID '{}' does not exist", trim(id)));
    if (!vpc.empty() && vpc != subnet->vpc_id) return invalid("The subnets must be of one VPC");
    vpc = subnet->vpc_id;
    zones.insert(subnet->availability_zone);
  }
  for (const std::string& zone : group.availability_zones)
    if (!zones.count(zone))
      return invalid("The availability zones of the specified subnets and the Auto Scaling group do not match");
  group.availability_zones.assign(zones.begin(), zones.end());
  return {};
}

Result<aws::autoscaling::LaunchTemplateSpecification> pin_template(Ec2& ec2,
                                                                   const aws::autoscaling::LaunchTemplateSpecification& asked) {
  if (!asked.launch_template_id && !asked.launch_template_name)
    return invalid("Valid requests must contain either launchTemplateId or LaunchTemplateName");
  auto version = ec2.launch_templates().resolve(
      {.id = asked.launch_template_id, .name = asked.launch_template_name, .version = asked.version.value_or("$Default")});
  if (!version) return invalid(version.error().message);
  if (!(*version)->launch_template_data.image_id)
    return invalid("You must use a valid fully-formed launch template. The request must contain the parameter ImageId");
  return aws::autoscaling::LaunchTemplateSpecification{.launch_template_id = (*version)->launch_template_id,
                                                       .launch_template_name = (*version)->launch_template_name,
                                                       .version = asked.version.value_or("$Default")};
}

Result<void> check_group(const aws::autoscaling::AutoScalingGroup& group) {
  CHECK(check_sizes(group.min_size, group.max_size, group.desired_capacity));
  CHECK(check_health_check_type(group.health_check_type));
  CHECK(check_termination_policies(group.termination_policies));
  CHECK(check_lifetime(group.max_instance_lifetime.value_or(0)));
  if (group.health_check_grace_period < 0 || group.default_cooldown < 0)
    return invalid("Periods must be greater than or equal to 0");
  return {};
}

bool passes(const aws::autoscaling::AutoScalingGroup& group, const std::vector<aws::autoscaling::Filter>& filters,
            std::string& unknown) {
  for (const auto& filter : filters) {
    bool any = false;
    bool by_key = filter.name == "tag-key", by_value = filter.name == "tag-value", of_key = filter.name.starts_with("tag:");
    if (!by_key && !by_value && !of_key) unknown = filter.name;
    for (const auto& tag : group.tags)
      for (const std::string& value : filter.values)
        any = any || (by_key && tag.key == value) || (by_value && tag.value == value) ||
              (of_key && tag.key == filter.name.substr(4) && tag.value == value);
    if (!any) return false;
  }
  return true;
}

}  // namespace

Result<const GroupRecord*> AutoScaling::Impl::group_at(const std::string& name) const {
  const GroupRecord* record = tables.groups.find(name);
  if (!record || record->deleting)
    return invalid(fmt::format("AutoScalingGroup name not found - AutoScalingGroup: {} not found", name));
  return record;
}

Result<void> AutoScaling::Impl::change_group(const std::string& name, const std::function<Result<void>(GroupRecord&)>& change) {
  TRY(const GroupRecord* known, group_at(name));
  GroupRecord changed = *known;
  CHECK(change(changed));
  tables.groups.put(name, std::move(changed));
  kick();
  return {};
}

aws::autoscaling::AutoScalingGroup AutoScaling::Impl::describe(const GroupRecord& record, bool with_instances) const {
  aws::autoscaling::AutoScalingGroup group = record.group;
  for (const std::string& arn : group.target_group_arns) group.traffic_sources.push_back({.identifier = arn, .type = "elbv2"});
  if (record.deleting) group.status = "Delete in progress";
  if (!with_instances) return group;
  for (const MemberRecord& member : tables.members_of(group.auto_scaling_group_name))
    group.instances.push_back({.instance_id = member.instance_id,
                               .instance_type = member.instance_type,
                               .availability_zone = member.availability_zone,
                               .lifecycle_state = member.state,
                               .health_status = member.healthy ? "Healthy" : "Unhealthy",
                               .launch_template = member.launch_template,
                               .image_id = member.image_id,
                               .protected_from_scale_in = member.is_protected});
  return group;
}

Result<aws::autoscaling::CreateAutoScalingGroupReply> AutoScaling::create_auto_scaling_group(
    const Call& call, const aws::autoscaling::CreateAutoScalingGroupRequest& request) {
  CHECK(begin("CreateAutoScalingGroup", request));
  CHECK(check_group_name(request.auto_scaling_group_name));
  const std::string& name = request.auto_scaling_group_name;
  if (const GroupRecord* known = impl_->tables.groups.find(name))
    return fail("AlreadyExists",
                known->deleting
                    ? fmt::format("AutoScalingGroup by this name already exists and is pending delete - {}", name)
                    : fmt::format("AutoScalingGroup by this name already exists - A group with the name {} already exists", name));
  if (impl_->tables.groups.size() >= groups_max)
    return fail("LimitExceeded", fmt::format("You may have at most {} groups", groups_max));
  if (!request.launch_template)
    return invalid(
        "Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy "
        "parameter.");
  GroupRecord record;
  auto& group = record.group;
  group.auto_scaling_group_name = name;
  group.auto_scaling_group_arn =
      impl_->core.arn("autoscaling", fmt::format("autoScalingGroup:{}:autoScalingGroupName/{}", impl_->core.random.uuid(), name));
  TRY(group.launch_template, pin_template(impl_->ec2, *request.launch_template));
  group.min_size = request.min_size;
  group.max_size = request.max_size;
  group.desired_capacity = request.desired_capacity.value_or(request.min_size);
  group.default_cooldown = request.default_cooldown.value_or(300);
  group.availability_zones = request.availability_zones;
  group.vpc_zone_identifier = request.vpc_zone_identifier.value_or("");
  group.health_check_type = request.health_check_type.value_or("EC2");
  group.health_check_grace_period = request.health_check_grace_period.value_or(0);
  group.created_time = impl_->core.clock.now();
  group.termination_policies =
      request.termination_policies.empty() ? std::vector<std::string>{"Default"} : request.termination_policies;
  group.new_instances_protected_from_scale_in = request.new_instances_protected_from_scale_in.value_or(false);
  group.service_linked_role_arn = fmt::format(
      "arn:aws:iam::{}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling", impl_->core.account);
  if (request.max_instance_lifetime.value_or(0) > 0) group.max_instance_lifetime = request.max_instance_lifetime;
  CHECK(place_group(impl_->ec2, impl_->core, group));
  CHECK(check_group(group));
  group.target_group_arns = request.target_group_arns;
  TRY(auto sources, target_groups_in("CreateAutoScalingGroup", request.traffic_sources));
  group.target_group_arns.insert(group.target_group_arns.end(), sources.begin(), sources.end());
  if (group.target_group_arns.size() > target_groups_per_group_max)
    return fail("LimitExceeded", fmt::format("A group has at most {} target groups", target_groups_per_group_max));
  for (const std::string& arn : group.target_group_arns)
    if (!impl_->targets.exists(arn))
      return invalid(fmt::format("Provided Target Groups may not be valid. Please ensure they exist and try again. ({})", arn));
  for (const auto& tag : request.tags) CHECK(set_tag(group.tags, name, tag, call.internal));
  std::vector<aws::autoscaling::LifecycleHook> hooks;
  for (const auto& specification : request.lifecycle_hook_specification_list) {
    aws::autoscaling::PutLifecycleHookRequest hook;
    hook.auto_scaling_group_name = name;
    hook.lifecycle_hook_name = specification.lifecycle_hook_name;
    hook.lifecycle_transition = specification.lifecycle_transition;
    hook.notification_metadata = specification.notification_metadata;
    hook.heartbeat_timeout = specification.heartbeat_timeout;
    hook.default_result = specification.default_result;
    TRY(auto made, make_hook(hook, nullptr));
    hooks.push_back(std::move(made));
  }
  record.cause = fmt::format("At {} a user request created an AutoScalingGroup changing the desired capacity from 0 to {}.  ",
                             to_iso8601(group.created_time), group.desired_capacity);
  for (auto& hook : hooks) impl_->tables.hooks.put(name + "/" + hook.lifecycle_hook_name, std::move(hook));
  impl_->tables.groups.put(name, std::move(record));
  impl_->kick();
  return aws::Empty{};
}

Result<aws::autoscaling::UpdateAutoScalingGroupReply> AutoScaling::update_auto_scaling_group(
    const Call&, const aws::autoscaling::UpdateAutoScalingGroupRequest& request) {
  CHECK(begin("UpdateAutoScalingGroup", request));
  CHECK(impl_->change_group(request.auto_scaling_group_name, [&](GroupRecord& record) -> Result<void> {
    auto& group = record.group;
    int before = group.desired_capacity;
    if (request.launch_template) {
      TRY(group.launch_template, pin_template(impl_->ec2, *request.launch_template));
    }
    group.min_size = request.min_size.value_or(group.min_size);
    group.max_size = request.max_size.value_or(group.max_size);
    // Bounds that move past the desired capacity take it along, unless it is given.
    group.desired_capacity =
        request.desired_capacity.value_or(std::max(group.min_size, std::min(group.max_size, group.desired_capacity)));
    group.default_cooldown = request.default_cooldown.value_or(group.default_cooldown);
    group.health_check_type = request.health_check_type.value_or(group.health_check_type);
    group.health_check_grace_period = request.health_check_grace_period.value_or(group.health_check_grace_period);
    if (!request.termination_policies.empty()) group.termination_policies = request.termination_policies;
    group.new_instances_protected_from_scale_in =
        request.new_instances_protected_from_scale_in.value_or(group.new_instances_protected_from_scale_in);
    if (request.max_instance_lifetime)
      group.max_instance_lifetime = *request.max_instance_lifetime == 0 ? std::nullopt : request.max_instance_lifetime;
    if (request.vpc_zone_identifier || !request.availability_zones.empty()) {
      group.vpc_zone_identifier = request.vpc_zone_identifier.value_or(group.vpc_zone_identifier);
      group.availability_zones = request.availability_zones;
      CHECK(place_group(impl_->ec2, impl_->core, group));
    }
    CHECK(check_group(group));
    record.launch_after = {}, record.launch_failures = 0;  // what was wrong may be mended now
    if (group.desired_capacity != before)
      record.cause = fmt::format(
          "At {} a user request update of AutoScalingGroup constraints to min: {}, max: {}, desired: {} changing the "
          "desired capacity from {} to {}.  ",
          to_iso8601(impl_->core.clock.now()), group.min_size, group.max_size, group.desired_capacity, before,
          group.desired_capacity);
    return {};
  }));
  return aws::Empty{};
}

Result<aws::autoscaling::DeleteAutoScalingGroupReply> AutoScaling::delete_auto_scaling_group(
    const Call&, const aws::autoscaling::DeleteAutoScalingGroupRequest& request) {
  CHECK(begin("DeleteAutoScalingGroup", request));
  const std::string& name = request.auto_scaling_group_name;
  TRY(const GroupRecord* known, impl_->group_at(name));
  bool force = request.force_delete.value_or(false);
  if (!force && !impl_->tables.members_of(name).empty())
    return fail(
        "ResourceInUse",
        "You cannot delete an AutoScalingGroup while there are instances or pending scaling activities still in the group.");
  std::string cause =
      fmt::format("At {} a user request force deleted the AutoScalingGroup changing the desired capacity from {} to 0.  ",
                  to_iso8601(impl_->core.clock.now()), known->group.desired_capacity);
  impl_->tables.groups.update(name, [&](GroupRecord& record) {
    record.deleting = true, record.cause = cause;
    record.group.min_size = record.group.max_size = record.group.desired_capacity = 0;
  });
  for (const MemberRecord& member : impl_->tables.members_of(name))
    if (!counts_as_capacity(member)) impl_->reconciler.start_termination(member.instance_id, cause);
  if (impl_->tables.members_of(name).empty()) impl_->reconciler.reconcile(name);
  impl_->kick();
  return aws::Empty{};
}

Result<aws::autoscaling::DescribeAutoScalingGroupsReply> AutoScaling::describe_auto_scaling_groups(
    const Call&, const aws::autoscaling::DescribeAutoScalingGroupsRequest& request) {
  CHECK(begin("DescribeAutoScalingGroups", request));
  aws::autoscaling::DescribeAutoScalingGroupsReply reply;
  std::string unknown;
  for (const auto& [name, record] : impl_->tables.groups.rows()) {
    const auto& names = request.auto_scaling_group_names;
    bool asked = names.empty() || std::find(names.begin(), names.end(), name) != names.end();
    if (asked && passes(record.group, request.filters, unknown))
      reply.auto_scaling_groups.push_back(impl_->describe(record, request.include_instances.value_or(true)));
  }
  if (!unknown.empty())
    return invalid(fmt::format("Filter type {} is not correct. Allowed Filter types are: tag-key, tag-value, tag:<key>", unknown));
  TRY(reply.next_token, aws::cut_page(reply.auto_scaling_groups, request.next_token, request.max_records.value_or(0), 50,
                                      [](const auto& group) { return group.auto_scaling_group_name; }));
  return reply;
}

Result<aws::autoscaling::SetDesiredCapacityReply> AutoScaling::set_desired_capacity(
    const Call&, const aws::autoscaling::SetDesiredCapacityRequest& request) {
  CHECK(begin("SetDesiredCapacity", request));
  CHECK(impl_->change_group(request.auto_scaling_group_name, [&](GroupRecord& record) -> Result<void> {
    auto& group = record.group;
    int wanted = request.desired_capacity, before = group.desired_capacity;
    if (wanted > group.max_size)
      return invalid(
          fmt::format("New SetDesiredCapacity value {} is above max value {} for the AutoScalingGroup.", wanted, group.max_size));
    if (wanted < group.min_size)
      return invalid(
          fmt::format("New SetDesiredCapacity value {} is below min value {} for the AutoScalingGroup.", wanted, group.min_size));
    Timestamp now = impl_->core.clock.now();
    if (request.honor_cooldown.value_or(false) && now < record.cooled_down_at)
      return fail("ScalingActivityInProgress",
                  fmt::format("The group is in its cooldown period until {}", to_iso8601(record.cooled_down_at)));
    if (wanted == before) return {};
    group.desired_capacity = wanted;
    record.cooled_down_at = now + std::chrono::seconds(group.default_cooldown);
    record.cause =
        fmt::format("At {} a user request explicitly set group desired capacity changing the desired capacity from {} to {}.  ",
                    to_iso8601(now), before, wanted);
    return {};
  }));
  return aws::Empty{};
}

}  // namespace pds::cloud
