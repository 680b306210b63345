#include <fmt/core.h>

#include "aws/shapes/autoscaling.h"
#include "base/text.h"
#include "deploy/stack.h"

namespace pds::deploy {

namespace autoscaling = aws::autoscaling;
namespace ec2 = aws::ec2;

std::string user_data(const Config& config) {
  // The agent is all that an instance runs of its own; what it serves comes with a deployment.
  return fmt::format(
      "#!/bin/sh\n"
      "set -eu\n"
      "export AWS_REGION={}\n"
      "exec /usr/local/bin/pds agent run\n",
      config.region());
}

io::Task<Result<void>> StackWalk::ensure_template() {
  std::string image_id = config_.text("fleet.image_id");
  if (image_id.empty()) {
    ec2::DescribeImagesRequest request;
    request.owners = {"self", "amazon"};
    request.filters = {{"name", {"pds-*"}}};
    CO_TRY(auto images, co_await client_.call<ec2::DescribeImages>(request));
    if (images.images.empty())
      co_return fail("E_CONFIG", "fleet.image_id is not set, and this cloud has no image of its own: name an AMI that has `pds` installed");
    image_id = images.images[0].image_id;
  }
  ec2::LaunchTemplateData wanted;
  wanted.image_id = image_id;
  wanted.instance_type = config_.text("fleet.instance_type");
  wanted.user_data = to_base64(user_data(config_));
  wanted.security_group_ids = {facts_.instance_group_id};
  wanted.iam_instance_profile = ec2::IamInstanceProfileSpecification{.arn = facts_.instance_profile_arn};
  wanted.metadata_options = ec2::MetadataOptions{.http_tokens = "required", .http_endpoint = "enabled"};
  wanted.tag_specifications = {{.resource_type = "instance", .tags = {{"pds:stack", config_.stack()}}}};

  ec2::DescribeLaunchTemplatesRequest by_tag;
  by_tag.filters = {{"launch-template-name", {names_->launch_template}}};
  CO_TRY(auto found, co_await client_.call<ec2::DescribeLaunchTemplates>(by_tag));
  if (found.launch_templates.empty()) {
    if (!make(ChangeAction::create, "launch template", names_->launch_template)) co_return Result<void>{};
    ec2::CreateLaunchTemplateRequest request;
    request.launch_template_name = names_->launch_template;
    request.launch_template_data = wanted;
    request.tag_specifications = tags_for("launch-template", names_->launch_template);
    CO_TRY(auto made, co_await client_.call<ec2::CreateLaunchTemplate>(request));
    facts_.template_id = made.launch_template.launch_template_id;
    facts_.template_version = made.launch_template.latest_version_number;
    co_return Result<void>{};
  }
  facts_.template_id = found.launch_templates[0].launch_template_id;
  facts_.template_version = found.launch_templates[0].latest_version_number;
  ec2::DescribeLaunchTemplateVersionsRequest latest;
  latest.launch_template_id = facts_.template_id;
  latest.versions = {"$Latest"};
  CO_TRY(auto versions, co_await client_.call<ec2::DescribeLaunchTemplateVersions>(latest));
  if (versions.launch_template_versions.empty()) co_return fail("E_STACK", fmt::format("launch template {} has no versions", facts_.template_id));
  const ec2::LaunchTemplateData& present = versions.launch_template_versions[0].launch_template_data;
  std::string differs = present.image_id != wanted.image_id             ? "another image"
                        : present.instance_type != wanted.instance_type ? "another instance type"
                        : present.user_data != wanted.user_data         ? "other user data"
                                                                        : "";
  if (differs.empty() || !make(ChangeAction::update, "launch template", names_->launch_template, differs)) co_return Result<void>{};
  ec2::CreateLaunchTemplateVersionRequest request;
  request.launch_template_id = facts_.template_id;
  request.launch_template_data = wanted;
  CO_TRY(auto made, co_await client_.call<ec2::CreateLaunchTemplateVersion>(request));
  facts_.template_version = made.launch_template_version.version_number;
  co_return Result<void>{};
}

io::Task<Result<void>> StackWalk::ensure_fleet() {
  // Blue/green replaces the group under another name; the deployment group knows which one serves (find_released).
  std::string group_name = facts_.fleet_group.empty() ? names_->fleet_group : facts_.fleet_group;
  // An instance without the application is unhealthy to the balancer by definition: until the first release its own health counts.
  std::string health = facts_.released ? "ELB" : "EC2";
  auto number = [&](const char* key) { return static_cast<int>(config_.integer(key)); };
  int grace = static_cast<int>(config_.duration("fleet.health_grace") / 1s);

  autoscaling::DescribeAutoScalingGroupsRequest by_name;
  by_name.auto_scaling_group_names = {group_name};
  CO_TRY(auto found, co_await client_.call<autoscaling::DescribeAutoScalingGroups>(by_name));
  facts_.fleet_group = group_name;
  autoscaling::LaunchTemplateSpecification launch_template;
  launch_template.launch_template_id = facts_.template_id;
  launch_template.version = "$Latest";
  if (found.auto_scaling_groups.empty()) {
    if (!make(ChangeAction::create, "Auto Scaling group", group_name)) co_return Result<void>{};
    autoscaling::CreateAutoScalingGroupRequest request;
    request.auto_scaling_group_name = group_name;
    request.launch_template = launch_template;
    request.min_size = number("fleet.min");
    request.max_size = number("fleet.max");
    request.desired_capacity = number("fleet.desired");
    request.target_group_arns = {facts_.target_group_arn};
    request.health_check_type = health;
    request.health_check_grace_period = grace;
    request.vpc_zone_identifier = join(facts_.subnet_ids, ",");
    request.tags = {{.key = "pds:stack", .value = config_.stack(), .propagate_at_launch = true},
                    {.key = "Name", .value = names_->fleet_group, .propagate_at_launch = true}};
    CO_CHECK(co_await client_.call<autoscaling::CreateAutoScalingGroup>(request));
    co_return Result<void>{};
  }
  const autoscaling::AutoScalingGroup& group = found.auto_scaling_groups[0];
  std::string differs;
  auto compare = [&](const char* what, auto present, auto wanted) {
    if (present != wanted) differs += fmt::format("{}{} {} instead of {}", differs.empty() ? "" : ", ", what, present, wanted);
  };
  compare("min", group.min_size, number("fleet.min"));
  compare("max", group.max_size, number("fleet.max"));
  compare("desired", group.desired_capacity, number("fleet.desired"));
  compare("health check", group.health_check_type, health);
  compare("health grace", group.health_check_grace_period, grace);
  if (differs.empty() || !make(ChangeAction::update, "Auto Scaling group", group_name, differs)) co_return Result<void>{};
  autoscaling::UpdateAutoScalingGroupRequest request;
  request.auto_scaling_group_name = group_name;
  request.min_size = number("fleet.min");
  request.max_size = number("fleet.max");
  request.desired_capacity = number("fleet.desired");
  request.health_check_type = health;
  request.health_check_grace_period = grace;
  CO_CHECK(co_await client_.call<autoscaling::UpdateAutoScalingGroup>(request));
  co_return Result<void>{};
}

}  // namespace pds::deploy
