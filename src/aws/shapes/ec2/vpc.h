// EC2: VPCs, subnets and their attributes.
#pragma once

#include "aws/shapes/ec2/common.h"

namespace pds::aws::ec2 {

struct VpcCidrBlockState {
  std::string state;
};
PDS_WIRE_SHAPE(VpcCidrBlockState, FIELD(state, "state"))

struct VpcCidrBlockAssociation {
  std::string association_id, cidr_block;
  VpcCidrBlockState cidr_block_state;
};
PDS_WIRE_SHAPE(VpcCidrBlockAssociation, FIELD(association_id, "associationId"), FIELD(cidr_block, "cidrBlock"),
               FIELD(cidr_block_state, "cidrBlockState"))

struct Vpc {
  std::string owner_id, instance_tenancy;
  std::vector<VpcCidrBlockAssociation> cidr_block_association_set;
  bool is_default = false;
  std::vector<Tag> tags;
  std::string vpc_id, state, cidr_block, dhcp_options_id;
};
PDS_WIRE_SHAPE(Vpc, FIELD(owner_id, "ownerId"), FIELD(instance_tenancy, "instanceTenancy"),
               FIELD(cidr_block_association_set, "cidrBlockAssociationSet"), FIELD(is_default, "isDefault"), FIELD(tags, "tagSet"),
               FIELD(vpc_id, "vpcId"), FIELD(state, "state"), FIELD(cidr_block, "cidrBlock"), FIELD(dhcp_options_id, "dhcpOptionsId"))

struct Subnet {
  std::string availability_zone_id;
  bool map_customer_owned_ip_on_launch = false;
  std::string owner_id;
  bool assign_ipv6_address_on_creation = false;
  std::vector<Tag> tags;
  std::string subnet_arn;
  bool enable_dns64 = false, ipv6_native = false;
  std::string subnet_id, state, vpc_id, cidr_block;
  int available_ip_address_count = 0;
  std::string availability_zone;
  bool default_for_az = false, map_public_ip_on_launch = false;
};
PDS_WIRE_SHAPE(Subnet, FIELD(availability_zone_id, "availabilityZoneId"),
               FIELD(map_customer_owned_ip_on_launch, "mapCustomerOwnedIpOnLaunch"), FIELD(owner_id, "ownerId"),
               FIELD(assign_ipv6_address_on_creation, "assignIpv6AddressOnCreation"), FIELD(tags, "tagSet"),
               FIELD(subnet_arn, "subnetArn"), FIELD(enable_dns64, "enableDns64"), FIELD(ipv6_native, "ipv6Native"),
               FIELD(subnet_id, "subnetId"), FIELD(state, "state"), FIELD(vpc_id, "vpcId"), FIELD(cidr_block, "cidrBlock"),
               FIELD(available_ip_address_count, "availableIpAddressCount"), FIELD(availability_zone, "availabilityZone"),
               FIELD(default_for_az, "defaultForAz"), FIELD(map_public_ip_on_launch, "mapPublicIpOnLaunch"))

struct CreateVpcRequest {
  std::optional<std::string> cidr_block, instance_tenancy;
  std::vector<TagSpecification> tag_specifications;
  std::optional<bool> dry_run, amazon_provided_ipv6_cidr_block;
  std::optional<Unsupported> ipv6_pool, ipv6_cidr_block, ipv4_ipam_pool_id, ipv4_netmask_length, ipv6_ipam_pool_id,
      ipv6_netmask_length, ipv6_cidr_block_network_border_group, vpc_encryption_control;
};
PDS_WIRE_SHAPE(CreateVpcRequest, FIELD(cidr_block, "CidrBlock"), FIELD(instance_tenancy, "instanceTenancy"),
               FIELD(tag_specifications, "TagSpecification"), FIELD(dry_run, "dryRun"),
               FIELD(amazon_provided_ipv6_cidr_block, "amazonProvidedIpv6CidrBlock"), FIELD(ipv6_pool, "Ipv6Pool"),
               FIELD(ipv6_cidr_block, "Ipv6CidrBlock"), FIELD(ipv4_ipam_pool_id, "Ipv4IpamPoolId"),
               FIELD(ipv4_netmask_length, "Ipv4NetmaskLength"), FIELD(ipv6_ipam_pool_id, "Ipv6IpamPoolId"),
               FIELD(ipv6_netmask_length, "Ipv6NetmaskLength"),
               FIELD(ipv6_cidr_block_network_border_group, "Ipv6CidrBlockNetworkBorderGroup"),
               FIELD(vpc_encryption_control, "VpcEncryptionControl"))

struct CreateVpcReply {
  Vpc vpc;
};
PDS_WIRE_SHAPE(CreateVpcReply, FIELD(vpc, "vpc"))

PDS_OPERATION(CreateVpc)

struct CreateDefaultVpcRequest {
  std::optional<bool> dry_run;
};
PDS_WIRE_SHAPE(CreateDefaultVpcRequest, FIELD(dry_run, "DryRun"))

struct CreateDefaultVpcReply {
  Vpc vpc;
};
PDS_WIRE_SHAPE(CreateDefaultVpcReply, FIELD(vpc, "vpc"))

PDS_OPERATION(CreateDefaultVpc)

struct DeleteVpcRequest {
  std::string vpc_id;
  std::optional<bool> dry_run;
};
PDS_WIRE_SHAPE(DeleteVpcRequest, FIELD(vpc_id, "VpcId").required(), FIELD(dry_run, "dryRun"))

using DeleteVpcReply = Empty;
PDS_OPERATION(DeleteVpc)

struct DescribeVpcsRequest {
  std::vector<Filter> filters;
  std::vector<std::string> vpc_ids;
  std::optional<std::string> next_token;
  std::optional<int> max_results;
  std::optional<bool> dry_run;
};
PDS_WIRE_SHAPE(DescribeVpcsRequest, FIELD(filters, "Filter"), FIELD(vpc_ids, "VpcId"), FIELD(next_token, "NextToken"),
               FIELD(max_results, "MaxResults"), FIELD(dry_run, "dryRun"))

struct DescribeVpcsReply {
  std::optional<std::string> next_token;
  std::vector<Vpc> vpcs;
};
PDS_WIRE_SHAPE(DescribeVpcsReply, FIELD(next_token, "nextToken"), FIELD(vpcs, "vpcSet"))

PDS_OPERATION(DescribeVpcs)

struct DescribeVpcAttributeRequest {
  std::string attribute, vpc_id;
  std::optional<bool> dry_run;
};
PDS_WIRE_SHAPE(DescribeVpcAttributeRequest, FIELD(attribute, "Attribute").required(), FIELD(vpc_id, "VpcId").required(),
               FIELD(dry_run, "dryRun"))

struct DescribeVpcAttributeReply {
  std::optional<AttributeBooleanValue> enable_dns_hostnames;
  std::optional<AttributeBooleanValue> enable_dns_support;
  std::optional<AttributeBooleanValue> enable_network_address_usage_metrics;
  std::string vpc_id;
};
PDS_WIRE_SHAPE(DescribeVpcAttributeReply, FIELD(enable_dns_hostnames, "enableDnsHostnames"),
               FIELD(enable_dns_support, "enableDnsSupport"),
               FIELD(enable_network_address_usage_metrics, "enableNetworkAddressUsageMetrics"), FIELD(vpc_id, "vpcId"))

PDS_OPERATION(DescribeVpcAttribute)

struct ModifyVpcAttributeRequest {
  std::optional<AttributeBooleanValue> enable_dns_hostnames;
  std::optional<AttributeBooleanValue> enable_dns_support;
  std::string vpc_id;
  std::optional<Unsupported> enable_network_address_usage_metrics;
};
PDS_WIRE_SHAPE(ModifyVpcAttributeRequest, FIELD(enable_dns_hostnames, "EnableDnsHostnames"),
               FIELD(enable_dns_support, "EnableDnsSupport"), FIELD(vpc_id, "vpcId").required(),
               FIELD(enable_network_address_usage_metrics, "EnableNetworkAddressUsageMetrics"))

using ModifyVpcAttributeReply = Empty;
PDS_OPERATION(ModifyVpcAttribute)

struct CreateSubnetRequest {
  std::vector<TagSpecification> tag_specifications;
  std::optional<std::string> availability_zone, availability_zone_id, cidr_block;
  std::string vpc_id;
  std::optional<bool> dry_run;
  std::optional<Unsupported> ipv6_cidr_block, outpost_arn, ipv6_native, ipv4_ipam_pool_id, ipv4_netmask_length, ipv6_ipam_pool_id,
      ipv6_netmask_length;
};
PDS_WIRE_SHAPE(CreateSubnetRequest, FIELD(tag_specifications, "TagSpecification"), FIELD(availability_zone, "AvailabilityZone"),
               FIELD(availability_zone_id, "AvailabilityZoneId"), FIELD(cidr_block, "CidrBlock"), FIELD(vpc_id, "VpcId").required(),
               FIELD(dry_run, "dryRun"), FIELD(ipv6_cidr_block, "Ipv6CidrBlock"), FIELD(outpost_arn, "OutpostArn"),
               FIELD(ipv6_native, "Ipv6Native"), FIELD(ipv4_ipam_pool_id, "Ipv4IpamPoolId"),
               FIELD(ipv4_netmask_length, "Ipv4NetmaskLength"), FIELD(ipv6_ipam_pool_id, "Ipv6IpamPoolId"),
               FIELD(ipv6_netmask_length, "Ipv6NetmaskLength"))

struct CreateSubnetReply {
  Subnet subnet;
};
PDS_WIRE_SHAPE(CreateSubnetReply, FIELD(subnet, "subnet"))

PDS_OPERATION(CreateSubnet)

struct DeleteSubnetRequest {
  std::string subnet_id;
  std::optional<bool> dry_run;
};
PDS_WIRE_SHAPE(DeleteSubnetRequest, FIELD(subnet_id, "SubnetId").required(), FIELD(dry_run, "dryRun"))

using DeleteSubnetReply = Empty;
PDS_OPERATION(DeleteSubnet)

struct DescribeSubnetsRequest {
  std::vector<Filter> filters;
  std::vector<std::string> subnet_ids;
  std::optional<std::string> next_token;
  std::optional<int> max_results;
  std::optional<bool> dry_run;
};
PDS_WIRE_SHAPE(DescribeSubnetsRequest, FIELD(filters, "Filter"), FIELD(subnet_ids, "SubnetId"), FIELD(next_token, "NextToken"),
               FIELD(max_results, "MaxResults"), FIELD(dry_run, "dryRun"))

struct DescribeSubnetsReply {
  std::optional<std::string> next_token;
  std::vector<Subnet> subnets;
};
PDS_WIRE_SHAPE(DescribeSubnetsReply, FIELD(next_token, "nextToken"), FIELD(subnets, "subnetSet"))

PDS_OPERATION(DescribeSubnets)

struct ModifySubnetAttributeRequest {
  std::string subnet_id;
  std::optional<AttributeBooleanValue> map_public_ip_on_launch;
  std::optional<AttributeBooleanValue> assign_ipv6_address_on_creation;
  std::optional<Unsupported> map_customer_owned_ip_on_launch, customer_owned_ipv4_pool, enable_dns64,
      private_dns_hostname_type_on_launch, enable_resource_name_dns_a_record_on_launch,
      enable_resource_name_dns_aaaa_record_on_launch, enable_lni_at_device_index, disable_lni_at_device_index;
};
PDS_WIRE_SHAPE(ModifySubnetAttributeRequest, FIELD(subnet_id, "subnetId").required(),
               FIELD(map_public_ip_on_launch, "MapPublicIpOnLaunch"),
               FIELD(assign_ipv6_address_on_creation, "AssignIpv6AddressOnCreation"),
               FIELD(map_customer_owned_ip_on_launch, "MapCustomerOwnedIpOnLaunch"),
               FIELD(customer_owned_ipv4_pool, "CustomerOwnedIpv4Pool"), FIELD(enable_dns64, "EnableDns64"),
               FIELD(private_dns_hostname_type_on_launch, "PrivateDnsHostnameTypeOnLaunch"),
               FIELD(enable_resource_name_dns_a_record_on_launch, "EnableResourceNameDnsARecordOnLaunch"),
               FIELD(enable_resource_name_dns_aaaa_record_on_launch, "EnableResourceNameDnsAAAARecordOnLaunch"),
               FIELD(enable_lni_at_device_index, "EnableLniAtDeviceIndex"),
               FIELD(disable_lni_at_device_index, "DisableLniAtDeviceIndex"))

using ModifySubnetAttributeReply = Empty;
PDS_OPERATION(ModifySubnetAttribute)

}  // namespace pds::aws::ec2
