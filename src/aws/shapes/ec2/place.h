// EC2: regions, zones, instance types, account attributes.
#pragma once

#include "aws/shapes/ec2/common.h"

namespace pds::aws::ec2 {

struct AvailabilityZone {
  std::string opt_in_status, region_name, zone_name, zone_id, group_name, network_border_group, zone_type, state;
};
PDS_WIRE_SHAPE(AvailabilityZone, FIELD(opt_in_status, "optInStatus"), FIELD(region_name, "regionName"), FIELD(zone_name, "zoneName"),
               FIELD(zone_id, "zoneId"), FIELD(group_name, "groupName"), FIELD(network_border_group, "networkBorderGroup"),
               FIELD(zone_type, "zoneType"), FIELD(state, "zoneState"))

struct Region {
  std::optional<std::string> opt_in_status;
  std::string region_name, endpoint;
};
PDS_WIRE_SHAPE(Region, FIELD(opt_in_status, "optInStatus"), FIELD(region_name, "regionName"), FIELD(endpoint, "regionEndpoint"))

struct DescribeAvailabilityZonesRequest {
  std::vector<std::string> zone_names;
  std::vector<std::string> zone_ids;
  std::optional<bool> all_availability_zones, dry_run;
  std::vector<Filter> filters;
};
PDS_WIRE_SHAPE(DescribeAvailabilityZonesRequest, FIELD(zone_names, "ZoneName"), FIELD(zone_ids, "ZoneId"),
               FIELD(all_availability_zones, "AllAvailabilityZones"), FIELD(dry_run, "dryRun"), FIELD(filters, "Filter"))

struct DescribeAvailabilityZonesReply {
  std::vector<AvailabilityZone> availability_zones;
};
PDS_WIRE_SHAPE(DescribeAvailabilityZonesReply, FIELD(availability_zones, "availabilityZoneInfo"))

PDS_OPERATION(DescribeAvailabilityZones)

struct DescribeRegionsRequest {
  std::vector<std::string> region_names;
  std::optional<bool> dry_run;
  std::vector<Filter> filters;
  std::optional<bool> all_regions;
};
PDS_WIRE_SHAPE(DescribeRegionsRequest, FIELD(region_names, "RegionName"), FIELD(dry_run, "dryRun"), FIELD(filters, "Filter"),
               FIELD(all_regions, "AllRegions"))

struct DescribeRegionsReply {
  std::vector<Region> regions;
};
PDS_WIRE_SHAPE(DescribeRegionsReply, FIELD(regions, "regionInfo"))

PDS_OPERATION(DescribeRegions)

struct AccountAttributeValue {
  std::string attribute_value;
};
PDS_WIRE_SHAPE(AccountAttributeValue, FIELD(attribute_value, "attributeValue"))

struct AccountAttribute {
  std::string attribute_name;
  std::vector<AccountAttributeValue> attribute_values;
};
PDS_WIRE_SHAPE(AccountAttribute, FIELD(attribute_name, "attributeName"), FIELD(attribute_values, "attributeValueSet"))

struct DescribeAccountAttributesRequest {
  std::optional<bool> dry_run;
  std::vector<std::string> attribute_names;
};
PDS_WIRE_SHAPE(DescribeAccountAttributesRequest, FIELD(dry_run, "dryRun"), FIELD(attribute_names, "attributeName"))

struct DescribeAccountAttributesReply {
  std::vector<AccountAttribute> account_attributes;
};
PDS_WIRE_SHAPE(DescribeAccountAttributesReply, FIELD(account_attributes, "accountAttributeSet"))

PDS_OPERATION(DescribeAccountAttributes)

struct ProcessorInfo {
  std::vector<std::string> supported_architectures;
};
PDS_WIRE_SHAPE(ProcessorInfo, FIELD(supported_architectures, "supportedArchitectures"))

struct VCpuInfo {
  int default_v_cpus = 0;
};
PDS_WIRE_SHAPE(VCpuInfo, FIELD(default_v_cpus, "defaultVCpus"))

struct MemoryInfo {
  int64_t size_in_mi_b = 0;
};
PDS_WIRE_SHAPE(MemoryInfo, FIELD(size_in_mi_b, "sizeInMiB"))

struct NetworkInfo {
  int maximum_network_interfaces = 0, ipv4_addresses_per_interface = 0;
};
PDS_WIRE_SHAPE(NetworkInfo, FIELD(maximum_network_interfaces, "maximumNetworkInterfaces"),
               FIELD(ipv4_addresses_per_interface, "ipv4AddressesPerInterface"))

struct InstanceTypeInfo {
  std::string instance_type;
  bool current_generation = false, free_tier_eligible = false;
  std::vector<std::string> supported_usage_classes;
  std::vector<std::string> supported_root_device_types;
  std::vector<std::string> supported_virtualization_types;
  bool bare_metal = false;
  std::string hypervisor;
  ProcessorInfo processor_info;
  VCpuInfo v_cpu_info;
  MemoryInfo memory_info;
  bool instance_storage_supported = false;
  NetworkInfo network_info;
  bool burstable_performance_supported = false;
};
PDS_WIRE_SHAPE(InstanceTypeInfo, FIELD(instance_type, "instanceType"), FIELD(current_generation, "currentGeneration"),
               FIELD(free_tier_eligible, "freeTierEligible"), FIELD(supported_usage_classes, "supportedUsageClasses"),
               FIELD(supported_root_device_types, "supportedRootDeviceTypes"),
               FIELD(supported_virtualization_types, "supportedVirtualizationTypes"), FIELD(bare_metal, "bareMetal"),
               FIELD(hypervisor, "hypervisor"), FIELD(processor_info, "processorInfo"), FIELD(v_cpu_info, "vCpuInfo"),
               FIELD(memory_info, "memoryInfo"), FIELD(instance_storage_supported, "instanceStorageSupported"),
               FIELD(network_info, "networkInfo"), FIELD(burstable_performance_supported, "burstablePerformanceSupported"))

struct DescribeInstanceTypesRequest {
  std::optional<bool> dry_run;
  std::vector<std::string> instance_types;
  std::vector<Filter> filters;
  std::optional<int> max_results;
  std::optional<std::string> next_token;
  std::optional<Unsupported> include_unsupported_in_region;
};
PDS_WIRE_SHAPE(DescribeInstanceTypesRequest, FIELD(dry_run, "DryRun"), FIELD(instance_types, "InstanceType"), FIELD(filters, "Filter"),
               FIELD(max_results, "MaxResults"), FIELD(next_token, "NextToken"),
               FIELD(include_unsupported_in_region, "IncludeUnsupportedInRegion"))

struct DescribeInstanceTypesReply {
  std::vector<InstanceTypeInfo> instance_types;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeInstanceTypesReply, FIELD(instance_types, "instanceTypeSet"), FIELD(next_token, "nextToken"))

PDS_OPERATION(DescribeInstanceTypes)

struct InstanceTypeOffering {
  std::string instance_type, location_type, location;
};
PDS_WIRE_SHAPE(InstanceTypeOffering, FIELD(instance_type, "instanceType"), FIELD(location_type, "locationType"),
               FIELD(location, "location"))

struct DescribeInstanceTypeOfferingsRequest {
  std::optional<bool> dry_run;
  std::optional<std::string> location_type;
  std::vector<Filter> filters;
  std::optional<int> max_results;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeInstanceTypeOfferingsRequest, FIELD(dry_run, "DryRun"), FIELD(location_type, "LocationType"),
               FIELD(filters, "Filter"), FIELD(max_results, "MaxResults"), FIELD(next_token, "NextToken"))

struct DescribeInstanceTypeOfferingsReply {
  std::vector<InstanceTypeOffering> instance_type_offerings;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeInstanceTypeOfferingsReply, FIELD(instance_type_offerings, "instanceTypeOfferingSet"),
               FIELD(next_token, "nextToken"))

PDS_OPERATION(DescribeInstanceTypeOfferings)

}  // namespace pds::aws::ec2
