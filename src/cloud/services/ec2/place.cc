#include "cloud/services/ec2/place.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "cloud/services/ec2/describe.h"

namespace pds::cloud::ec2 {

namespace {

struct RegionInfo {
  std::string_view name, short_name;
};
// Those that need no opting in.
constexpr RegionInfo regions[] = {
    {"ap-northeast-1", "apne1"}, {"ap-northeast-2", "apne2"}, {"ap-northeast-3", "apne3"}, {"ap-south-1", "aps1"},
    {"ap-southeast-1", "apse1"}, {"ap-southeast-2", "apse2"}, {"ca-central-1", "cac1"},    {"eu-central-1", "euc1"},
    {"eu-north-1", "eun1"},      {"eu-west-1", "euw1"},       {"eu-west-2", "euw2"},       {"eu-west-3", "euw3"},
    {"sa-east-1", "sae1"},       {"us-east-1", "use1"},       {"us-east-2", "use2"},       {"us-west-1", "usw1"},
    {"us-west-2", "usw2"},
};

// vCPUs and memory as AWS documents them. Every one is a limit that the instance's sandbox really has.
constexpr InstanceType instance_types[] = {
    {"c5.large", 2, 4096, false},   {"c5.xlarge", 4, 8192, false}, {"m1.small", 1, 1740, false}, {"m5.large", 2, 8192, false},
    {"m5.xlarge", 4, 16384, false}, {"r5.large", 2, 16384, false}, {"t2.large", 2, 8192, true},  {"t2.medium", 2, 4096, true},
    {"t2.micro", 1, 1024, true},    {"t2.nano", 1, 512, true},     {"t2.small", 1, 2048, true},  {"t3.large", 2, 8192, true},
    {"t3.medium", 2, 4096, true},   {"t3.micro", 2, 1024, true},   {"t3.nano", 2, 512, true},    {"t3.small", 2, 2048, true},
    {"t3.xlarge", 4, 16384, true},
};

aws::ec2::AvailabilityZone zone_reply(const std::string& region, const std::string& zone) {
  return {.opt_in_status = "opt-in-not-required",
          .region_name = region,
          .zone_name = zone,
          .zone_id = zone_id(zone),
          .group_name = region + "-zg-1",
          .network_border_group = region,
          .zone_type = "availability-zone",
          .state = "available"};
}

FilterValues zone_filter(const aws::ec2::AvailabilityZone& zone, std::string_view name) {
  if (name == "zone-name") return one_value(zone.zone_name);
  if (name == "zone-id") return one_value(zone.zone_id);
  if (name == "region-name") return one_value(zone.region_name);
  if (name == "state") return one_value(zone.state);
  if (name == "opt-in-status") return one_value(zone.opt_in_status);
  if (name == "zone-type") return one_value(zone.zone_type);
  if (name == "group-name") return one_value(zone.group_name);
  if (name == "message") return std::vector<std::string>{};
  return std::nullopt;
}

aws::ec2::InstanceTypeInfo type_reply(const InstanceType& type) {
  aws::ec2::InstanceTypeInfo info;
  info.instance_type = type.name;
  info.current_generation = !std::string_view(type.name).starts_with("m1.") && !std::string_view(type.name).starts_with("t2.");
  info.free_tier_eligible = info.instance_type == "t2.micro" || info.instance_type == "t3.micro";
  info.supported_usage_classes = {"on-demand"};
  info.supported_root_device_types = {"instance-store"};
  info.supported_virtualization_types = {"hvm"};
  info.hypervisor = "nitro";
  info.processor_info.supported_architectures = {"x86_64"};
  info.v_cpu_info.default_v_cpus = type.vcpus;
  info.memory_info.size_in_mi_b = type.memory_mib;
  info.network_info.maximum_network_interfaces = 1;
  info.network_info.ipv4_addresses_per_interface = 1;
  info.burstable_performance_supported = type.burstable;
  return info;
}

FilterValues type_filter(const aws::ec2::InstanceTypeInfo& info, std::string_view name) {
  if (name == "instance-type") return one_value(info.instance_type);
  if (name == "current-generation") return flag_value(info.current_generation);
  if (name == "free-tier-eligible") return flag_value(info.free_tier_eligible);
  if (name == "burstable-performance-supported") return flag_value(info.burstable_performance_supported);
  if (name == "vcpu-info.default-vcpus") return one_value(std::to_string(info.v_cpu_info.default_v_cpus));
  if (name == "memory-info.size-in-mib") return one_value(std::to_string(info.memory_info.size_in_mi_b));
  if (name == "processor-info.supported-architecture") return info.processor_info.supported_architectures;
  if (name == "supported-usage-class") return info.supported_usage_classes;
  if (name == "bare-metal") return flag_value(false);
  return std::nullopt;
}

}  // namespace

const InstanceType* find_instance_type(std::string_view name) {
  for (const InstanceType& type : instance_types)
    if (name == type.name) return &type;
  return nullptr;
}

std::vector<std::string> zones_of(std::string_view region) {
  std::vector<std::string> zones;
  for (char letter : {'a', 'b', 'c'}) zones.push_back(std::string(region) + letter);
  return zones;
}

std::string default_zone(std::string_view region) { return zones_of(region).front(); }

std::string zone_id(std::string_view zone_name) {
  std::string_view region = zone_name.substr(0, zone_name.size() - 1);
  for (const RegionInfo& info : regions)
    if (info.name == region) return fmt::format("{}-az{}", info.short_name, zone_name.back() - 'a' + 1);
  return fmt::format("{}-az{}", replace_all(std::string(region), "-", ""), zone_name.back() - 'a' + 1);
}

Result<aws::ec2::DescribeAvailabilityZonesReply> Places::describe_availability_zones(
    const Call&, const aws::ec2::DescribeAvailabilityZonesRequest& request) {
  CHECK(begin("DescribeAvailabilityZones", request));
  std::vector<std::string> known = zones_of(state_.core.region);
  for (const std::string& name : request.zone_names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      return invalid_parameter(fmt::format("Invalid availability zone: [{}]", name));
  aws::ec2::DescribeAvailabilityZonesReply reply;
  auto asked_for = [](const std::vector<std::string>& asked, const std::string& value) {
    return asked.empty() || std::find(asked.begin(), asked.end(), value) != asked.end();
  };
  for (const std::string& name : known) {
    auto zone = zone_reply(state_.core.region, name);
    TRY(bool passed, passes(request.filters, {}, [&](std::string_view filter) { return zone_filter(zone, filter); }));
    if (passed && asked_for(request.zone_names, zone.zone_name) && asked_for(request.zone_ids, zone.zone_id))
      reply.availability_zones.push_back(std::move(zone));
  }
  return reply;
}

Result<aws::ec2::DescribeRegionsReply> Places::describe_regions(const Call&, const aws::ec2::DescribeRegionsRequest& request) {
  CHECK(begin("DescribeRegions", request));
  aws::ec2::DescribeRegionsReply reply;
  for (const RegionInfo& info : regions) {
    aws::ec2::Region region{.opt_in_status = "opt-in-not-required",
                            .region_name = std::string(info.name),
                            .endpoint = fmt::format("ec2.{}.amazonaws.com", info.name)};
    TRY(bool passed, passes(request.filters, {}, [&](std::string_view name) -> FilterValues {
          if (name == "region-name") return one_value(region.region_name);
          if (name == "endpoint") return one_value(region.endpoint);
          if (name == "opt-in-status") return one_value("opt-in-not-required");
          return std::nullopt;
        }));
    bool asked = request.region_names.empty() || std::find(request.region_names.begin(), request.region_names.end(),
                                                           region.region_name) != request.region_names.end();
    if (passed && asked) reply.regions.push_back(std::move(region));
  }
  for (const std::string& name : request.region_names)
    if (std::none_of(std::begin(regions), std::end(regions), [&](const RegionInfo& info) { return info.name == name; }))
      return invalid_parameter(fmt::format("The region '{}' does not exist.", name));
  return reply;
}

Result<aws::ec2::DescribeAccountAttributesReply> Places::describe_account_attributes(
    const Call&, const aws::ec2::DescribeAccountAttributesRequest& request) {
  CHECK(begin("DescribeAccountAttributes", request));
  std::string default_vpc = "none";
  for (const auto& [id, record] : state_.vpcs.rows())
    if (record.vpc.is_default) default_vpc = id;
  const std::pair<std::string, std::string> known[] = {{"supported-platforms", "VPC"}, {"default-vpc", default_vpc}};
  aws::ec2::DescribeAccountAttributesReply reply;
  for (const auto& [name, value] : known) {
    bool asked = request.attribute_names.empty() ||
                 std::find(request.attribute_names.begin(), request.attribute_names.end(), name) != request.attribute_names.end();
    if (asked) reply.account_attributes.push_back({.attribute_name = name, .attribute_values = {{.attribute_value = value}}});
  }
  for (const std::string& name : request.attribute_names)
    if (name != known[0].first && name != known[1].first)
      return fail("NotImplemented", fmt::format("DescribeAccountAttributes: the attribute '{}' is not supported", name), 501);
  return reply;
}

Result<aws::ec2::DescribeInstanceTypesReply> Places::describe_instance_types(
    const Call&, const aws::ec2::DescribeInstanceTypesRequest& request) {
  CHECK(begin("DescribeInstanceTypes", request));
  for (const std::string& name : request.instance_types)
    if (!find_instance_type(name))
      return fail("InvalidInstanceType", fmt::format("The following supplied instance types do not exist: [{}]", name));
  aws::ec2::DescribeInstanceTypesReply reply;
  for (const InstanceType& type : instance_types) {
    auto info = type_reply(type);
    TRY(bool passed, passes(request.filters, {}, [&](std::string_view name) { return type_filter(info, name); }));
    bool asked = request.instance_types.empty() ||
                 std::find(request.instance_types.begin(), request.instance_types.end(), type.name) != request.instance_types.end();
    if (passed && asked) reply.instance_types.push_back(std::move(info));
  }
  TRY(reply.next_token, aws::cut_page(
                            reply.instance_types, request.next_token, request.max_results.value_or(0), 100,
                            [](const auto& info) { return info.instance_type; }, "InvalidParameterValue"));
  return reply;
}

Result<aws::ec2::DescribeInstanceTypeOfferingsReply> Places::describe_instance_type_offerings(
    const Call&, const aws::ec2::DescribeInstanceTypeOfferingsRequest& request) {
  CHECK(begin("DescribeInstanceTypeOfferings", request));
  std::string location_type = request.location_type.value_or("region");
  std::vector<std::string> locations = {state_.core.region};
  if (location_type != "region") locations = zones_of(state_.core.region);
  aws::ec2::DescribeInstanceTypeOfferingsReply reply;
  for (const InstanceType& type : instance_types) {
    for (const std::string& zone : locations) {
      aws::ec2::InstanceTypeOffering offering{.instance_type = type.name,
                                              .location_type = location_type,
                                              .location = location_type == "availability-zone-id" ? zone_id(zone) : zone};
      TRY(bool passed, passes(request.filters, {}, [&](std::string_view name) -> FilterValues {
            if (name == "instance-type") return one_value(offering.instance_type);
            if (name == "location") return one_value(offering.location);
            return std::nullopt;
          }));
      if (passed) reply.instance_type_offerings.push_back(std::move(offering));
    }
  }
  TRY(reply.next_token, aws::cut_page(
                            reply.instance_type_offerings, request.next_token, request.max_results.value_or(0), 1000,
                            [](const auto& o) { return o.instance_type + " " + o.location; }, "InvalidParameterValue"));
  return reply;
}

}  // namespace pds::cloud::ec2
