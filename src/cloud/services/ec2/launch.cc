#include "cloud/services/ec2/launch.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "cloud/services/ec2/cidr.h"
#include "cloud/services/ec2/instance.h"
#include "cloud/services/ec2/place.h"
#include "cloud/services/ec2/tag.h"

namespace pds::cloud::ec2 {

namespace {

using aws::ec2::RunInstancesRequest;

template <class T>
void fill(std::optional<T>& into, const std::optional<T>& from) {
  if (!into) into = from;
}

// Tags of both; the request's win over the template's.
std::vector<aws::ec2::TagSpecification> merge_tags(const std::vector<aws::ec2::TagSpecification>& own,
                                                   const std::vector<aws::ec2::TagSpecification>& base) {
  std::map<std::string, std::map<std::string, std::string>> all;
  for (const auto* list : {&base, &own})
    for (const auto& specification : *list)
      for (const auto& tag : specification.tags) all[specification.resource_type][tag.key] = tag.value;
  std::vector<aws::ec2::TagSpecification> merged;
  for (const auto& [type, tags] : all) {
    auto& specification = merged.emplace_back();
    specification.resource_type = type;
    for (const auto& [key, value] : tags) specification.tags.push_back({.key = key, .value = value});
  }
  return merged;
}

// The one interface an instance may describe, folded into the plain parameters.
Result<void> take_interface(RunInstancesRequest& request) {
  if (request.network_interfaces.empty()) return {};
  if (request.network_interfaces.size() > 1)
    return fail("NotImplemented", "RunInstances: more than one NetworkInterface is not supported: an instance has one address",
                501);
  const auto& interface = request.network_interfaces.front();
  if (interface.device_index.value_or(0) != 0)
    return fail("NotImplemented", "RunInstances: NetworkInterface.DeviceIndex other than 0 is not supported", 501);
  if (interface.associate_public_ip_address.value_or(false))
    return fail(
        "NotImplemented",
        "RunInstances: NetworkInterface.AssociatePublicIpAddress is not supported: instances have private addresses only and are "
        "reached through a load balancer",
        501);
  if (!interface.delete_on_termination.value_or(true))
    return fail("NotImplemented",
                "RunInstances: NetworkInterface.DeleteOnTermination=false is not supported: interfaces belong to instances", 501);
  if (!request.security_group_ids.empty() || !request.security_groups.empty() || (request.subnet_id && interface.subnet_id))
    return fail("InvalidParameterCombination",
                "Network interfaces and an instance-level security groups may not be specified on the same request");
  fill(request.subnet_id, interface.subnet_id);
  fill(request.private_ip_address, interface.private_ip_address);
  request.security_group_ids = interface.groups;
  return {};
}

Result<aws::ec2::InstanceMetadataOptions> metadata_of(const std::optional<aws::ec2::MetadataOptions>& asked) {
  aws::ec2::MetadataOptions options = asked.value_or(aws::ec2::MetadataOptions{});
  aws::ec2::InstanceMetadataOptions result{.state = "applied",
                                           .http_tokens = options.http_tokens.value_or("required"),
                                           .http_put_response_hop_limit = options.http_put_response_hop_limit.value_or(2),
                                           .http_endpoint = options.http_endpoint.value_or("enabled"),
                                           .http_protocol_ipv6 = "disabled",
                                           .instance_metadata_tags = options.instance_metadata_tags.value_or("disabled")};
  CHECK(check_metadata_options(result));
  return result;
}

Result<void> check_counts(const RunInstancesRequest& request) {
  if (request.min_count < 1) return invalid_parameter("Value for parameter minCount is invalid: it must be at least 1");
  if (request.max_count < request.min_count)
    return invalid_parameter(
        fmt::format("Value ({}) for parameter maxCount is invalid: it is less than minCount", request.max_count));
  if (request.min_count > launch_count_max)
    return fail("InstanceLimitExceeded",
                fmt::format("You have requested more instances ({}) than your current instance limit of {} allows.",
                            request.min_count, launch_count_max));
  if (request.private_ip_address && request.max_count > 1)
    return fail("InvalidParameterCombination", "PrivateIpAddress can be given for one instance only");
  return {};
}

}  // namespace

Result<void> check_metadata_options(const aws::ec2::InstanceMetadataOptions& options) {
  if (options.http_tokens != "required" && options.http_tokens != "optional")
    return invalid_parameter(fmt::format("Value ({}) for parameter HttpTokens is invalid", options.http_tokens));
  if (options.http_endpoint != "enabled" && options.http_endpoint != "disabled")
    return invalid_parameter(fmt::format("Value ({}) for parameter HttpEndpoint is invalid", options.http_endpoint));
  if (options.instance_metadata_tags != "enabled" && options.instance_metadata_tags != "disabled")
    return invalid_parameter(
        fmt::format("Value ({}) for parameter InstanceMetadataTags is invalid", options.instance_metadata_tags));
  if (options.http_put_response_hop_limit < 1 || options.http_put_response_hop_limit > 64)
    return invalid_parameter("Value for parameter HttpPutResponseHopLimit is invalid: between 1 and 64");
  return {};
}

Result<void> check_user_data(std::string_view base64) {
  auto decoded = from_base64(base64);
  if (!decoded) return invalid_parameter("Invalid BASE64 encoding of user data.");
  if (decoded->size() > user_data_bytes_max)
    return invalid_parameter(fmt::format("User data is limited to {} bytes", user_data_bytes_max));
  std::string_view text = *decoded;
  if (text.empty() || text.starts_with("#!")) return {};
  std::string_view form = text.starts_with("#cloud-config")                                                 ? "#cloud-config"
                          : text.starts_with("Content-Type: multipart") || text.starts_with("MIME-Version") ? "MIME multipart"
                          : text.starts_with("\x1f\x8b")                                                    ? "gzip"
                          : text.starts_with("#include")                                                    ? "#include"
                                                                                                            : "this form";
  return fail(
      "NotImplemented",
      fmt::format("UserData: {} is not supported: instances run user data that is a script, beginning with #! and its interpreter",
                  form),
      501);
}

RunInstancesRequest merge(RunInstancesRequest request, const aws::ec2::LaunchTemplateData& data) {
  fill(request.image_id, data.image_id);
  fill(request.instance_type, data.instance_type);
  fill(request.monitoring, data.monitoring);
  fill(request.disable_api_termination, data.disable_api_termination);
  fill(request.instance_initiated_shutdown_behavior, data.instance_initiated_shutdown_behavior);
  fill(request.user_data, data.user_data);
  fill(request.metadata_options, data.metadata_options);
  fill(request.iam_instance_profile, data.iam_instance_profile);
  fill(request.placement, data.placement);
  request.tag_specifications = merge_tags(request.tag_specifications, data.tag_specifications);
  if (request.network_interfaces.empty()) request.network_interfaces = data.network_interfaces;
  // The template's interface may carry its groups and leave the subnet to the request.
  bool interface_has_groups = !request.network_interfaces.empty() && !request.network_interfaces.front().groups.empty();
  if (request.security_group_ids.empty() && request.security_groups.empty() && !interface_has_groups) {
    request.security_group_ids = data.security_group_ids;
    request.security_groups = data.security_groups;
  }
  return request;
}

Result<std::string> LaunchResolver::choose_subnet(const RunInstancesRequest& request) const {
  std::string zone = request.placement ? request.placement->availability_zone.value_or("") : "";
  if (request.subnet_id) {
    TRY(const auto* subnet, subnets_.at(*request.subnet_id));
    if (!zone.empty() && zone != subnet->availability_zone)
      return invalid_parameter(fmt::format("The availability zone '{}' is not that of subnet '{}'", zone, *request.subnet_id));
    return subnet->subnet_id;
  }
  auto zones = zones_of(state_.core.region);
  if (!zone.empty() && std::find(zones.begin(), zones.end(), zone) == zones.end())
    return invalid_parameter(fmt::format("Invalid availability zone: [{}]", zone));
  for (const std::string& candidate : zones) {
    if (!zone.empty() && zone != candidate) continue;
    if (const auto* subnet = subnets_.find_default(candidate)) return subnet->subnet_id;
  }
  return fail("MissingInput", "No subnets found for the default VPC. Please specify a subnet.");
}

Result<std::vector<aws::ec2::GroupIdentifier>> LaunchResolver::choose_groups(const RunInstancesRequest& request,
                                                                             const std::string& vpc_id) const {
  std::vector<aws::ec2::GroupIdentifier> groups;
  for (const std::string& id : request.security_group_ids) {
    TRY(const auto* group, security_groups_.at(id));
    if (group->vpc_id != vpc_id)
      return invalid_parameter(fmt::format("Security group {} and the subnet belong to different networks.", id));
    groups.push_back({.group_id = id, .group_name = group->group_name});
  }
  for (const std::string& name : request.security_groups) {
    const auto* group = security_groups_.find_by_name(vpc_id, name);
    if (!group)
      return fail("InvalidGroup.NotFound", fmt::format("The security group '{}' does not exist in VPC '{}'", name, vpc_id));
    groups.push_back({.group_id = group->group_id, .group_name = name});
  }
  if (groups.empty())
    if (const auto* group = security_groups_.find_by_name(vpc_id, "default"))
      groups.push_back({.group_id = group->group_id, .group_name = "default"});
  if (groups.size() > groups_per_instance_max)
    return fail("SecurityGroupsPerInterfaceLimitExceeded",
                fmt::format("An interface has at most {} security groups", groups_per_instance_max));
  return groups;
}

Result<aws::ec2::IamInstanceProfile> find_profile(const RoleSource& roles,
                                                  const aws::ec2::IamInstanceProfileSpecification& specification) {
  std::string wanted = specification.arn.value_or(specification.name.value_or(""));
  auto profile = roles.find_instance_profile(wanted);
  if (!profile)
    return invalid_parameter(specification.arn
                                 ? fmt::format("Value ({}) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance "
                                               "Profile ARN",
                                               wanted)
                                 : fmt::format("Value ({}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance "
                                               "Profile name",
                                               wanted));
  if (profile->role_arn.empty())
    return invalid_parameter(fmt::format("IAM Instance Profile '{}' has no associated IAM Roles", wanted));
  return aws::ec2::IamInstanceProfile{.arn = profile->arn, .id = profile->id};
}

Result<LaunchPlan> LaunchResolver::resolve(const Call& call, const RunInstancesRequest& asked) const {
  CHECK(begin("RunInstances", asked));
  RunInstancesRequest request = asked;
  if (asked.launch_template) {
    TRY(const auto* version, templates_.resolve(choice_of(*asked.launch_template)));
    request = merge(std::move(request), version->launch_template_data);
  }
  CHECK(take_interface(request));
  CHECK(check_counts(request));
  if (!request.image_id) return missing_parameter("ImageId");
  CHECK(images_.check(*request.image_id));
  std::string type = request.instance_type.value_or(instance_type_fallback);
  if (!find_instance_type(type)) return invalid_parameter(fmt::format("Invalid value '{}' for InstanceType.", type));
  if (request.placement && request.placement->tenancy.value_or("default") != "default")
    return fail("NotImplemented", "RunInstances: Placement.Tenancy other than 'default' is not supported", 501);
  if (request.placement && !request.placement->group_name.value_or("").empty())
    return fail("NotImplemented", "RunInstances: Placement.GroupName is not supported: there are no placement groups", 501);
  if (request.user_data) CHECK(check_user_data(*request.user_data));

  LaunchPlan plan;
  TRY(std::string subnet_id, choose_subnet(request));
  const aws::ec2::Subnet& subnet = *state_.subnets.find(subnet_id);
  aws::ec2::Instance& instance = plan.prototype.instance;
  TRY(instance.security_groups, choose_groups(request, subnet.vpc_id));
  TRY(instance.metadata_options, metadata_of(request.metadata_options));
  if (request.iam_instance_profile) {
    TRY(instance.iam_instance_profile, find_profile(roles_, *request.iam_instance_profile));
  }
  plan.prototype.shutdown_behavior = request.instance_initiated_shutdown_behavior.value_or("stop");
  if (plan.prototype.shutdown_behavior != "stop" && plan.prototype.shutdown_behavior != "terminate")
    return invalid_parameter(
        fmt::format("Value ({}) for parameter instanceInitiatedShutdownBehavior is invalid", plan.prototype.shutdown_behavior));
  if (request.private_ip_address) {
    TRY(uint32_t address, parse_ipv4(*request.private_ip_address));
    TRY(Cidr block, parse_cidr(subnet.cidr_block));
    if (address < block.base + subnet_first_free || address >= block.last())
      return invalid_parameter(
          fmt::format("Address {} does not fall within the subnet's address range", *request.private_ip_address));
    if (address_in_use(state_, subnet_id, *request.private_ip_address))
      return fail("InvalidIPAddress.InUse", fmt::format("Address {} is in use.", *request.private_ip_address));
    plan.private_ip = request.private_ip_address;
  }
  TRY(plan.tags, tags_for(request.tag_specifications, "instance", call));
  plan.count_min = request.min_count;
  plan.count_max = std::min(request.max_count, launch_count_max);
  plan.prototype.user_data = request.user_data.value_or("");
  plan.prototype.disable_api_termination = request.disable_api_termination.value_or(false);
  instance.image_id = *request.image_id;
  instance.instance_type = type;
  instance.subnet_id = subnet_id;
  instance.vpc_id = subnet.vpc_id;
  instance.placement = {.availability_zone = subnet.availability_zone, .tenancy = "default", .group_name = ""};
  instance.monitoring.state = request.monitoring && request.monitoring->enabled.value_or(false) ? "enabled" : "disabled";
  instance.client_token = request.client_token;
  instance.architecture = "x86_64";
  instance.hypervisor = "xen";
  instance.virtualization_type = "hvm";
  instance.root_device_type = "instance-store";
  instance.platform_details = "Linux/UNIX";
  instance.source_dest_check = true;
  return plan;
}

}  // namespace pds::cloud::ec2
