// Elastic Load Balancing v2 2015-12-01: load balancers.
#pragma once

#include "aws/shapes/elbv2/common.h"

namespace pds::aws::elbv2 {

struct LoadBalancerState {
  std::string code;
  std::optional<std::string> reason;
};
PDS_WIRE_SHAPE(LoadBalancerState, FIELD(code, "Code"), FIELD(reason, "Reason"))

struct AvailabilityZone {
  std::string zone_name, subnet_id;
};
PDS_WIRE_SHAPE(AvailabilityZone, FIELD(zone_name, "ZoneName"), FIELD(subnet_id, "SubnetId"))

struct LoadBalancer {
  std::string load_balancer_arn, dns_name, canonical_hosted_zone_id;
  Timestamp created_time;
  std::string load_balancer_name, scheme, vpc_id;
  LoadBalancerState state;
  std::string type;
  std::vector<AvailabilityZone> availability_zones;
  std::vector<std::string> security_groups;
  std::string ip_address_type;
};
PDS_WIRE_SHAPE(LoadBalancer, FIELD(load_balancer_arn, "LoadBalancerArn"), FIELD(dns_name, "DNSName"),
               FIELD(canonical_hosted_zone_id, "CanonicalHostedZoneId"), FIELD(created_time, "CreatedTime"),
               FIELD(load_balancer_name, "LoadBalancerName"), FIELD(scheme, "Scheme"), FIELD(vpc_id, "VpcId"), FIELD(state, "State"),
               FIELD(type, "Type"), FIELD(availability_zones, "AvailabilityZones"), FIELD(security_groups, "SecurityGroups"),
               FIELD(ip_address_type, "IpAddressType"))

struct SubnetMapping {
  std::optional<std::string> subnet_id, allocation_id, private_ipv4_address, ipv6_address;
};
PDS_WIRE_SHAPE(SubnetMapping, FIELD(subnet_id, "SubnetId"), FIELD(allocation_id, "AllocationId"),
               FIELD(private_ipv4_address, "PrivateIPv4Address"), FIELD(ipv6_address, "IPv6Address"))

struct CreateLoadBalancerRequest {
  std::string name;
  std::vector<std::string> subnets;
  std::vector<SubnetMapping> subnet_mappings;
  std::vector<std::string> security_groups;
  std::optional<std::string> scheme;
  std::vector<Tag> tags;
  std::optional<std::string> type, ip_address_type, customer_owned_ipv4_pool;
  std::optional<Unsupported> ipam_pools, enable_prefix_for_ipv6_source_nat;
};
PDS_WIRE_SHAPE(CreateLoadBalancerRequest, FIELD(name, "Name").required(), FIELD(subnets, "Subnets"),
               FIELD(subnet_mappings, "SubnetMappings"), FIELD(security_groups, "SecurityGroups"), FIELD(scheme, "Scheme"),
               FIELD(tags, "Tags"), FIELD(type, "Type"), FIELD(ip_address_type, "IpAddressType"),
               FIELD(customer_owned_ipv4_pool, "CustomerOwnedIpv4Pool"), FIELD(ipam_pools, "IpamPools"),
               FIELD(enable_prefix_for_ipv6_source_nat, "EnablePrefixForIpv6SourceNat"))

struct CreateLoadBalancerReply {
  std::vector<LoadBalancer> load_balancers;
};
PDS_WIRE_SHAPE(CreateLoadBalancerReply, FIELD(load_balancers, "LoadBalancers"))

PDS_OPERATION(CreateLoadBalancer)

struct DescribeLoadBalancersRequest {
  std::vector<std::string> load_balancer_arns, names;
  std::optional<std::string> marker;
  std::optional<int> page_size;
};
PDS_WIRE_SHAPE(DescribeLoadBalancersRequest, FIELD(load_balancer_arns, "LoadBalancerArns"), FIELD(names, "Names"),
          PDS_ELBV2_PAGE_REQUEST)

struct DescribeLoadBalancersReply {
  std::vector<LoadBalancer> load_balancers;
  std::optional<std::string> next_marker;
};
PDS_WIRE_SHAPE(DescribeLoadBalancersReply, FIELD(load_balancers, "LoadBalancers"), FIELD(next_marker, "NextMarker"))

PDS_OPERATION(DescribeLoadBalancers)

struct LoadBalancerArnRequest {
  std::string load_balancer_arn;
};
PDS_WIRE_SHAPE(LoadBalancerArnRequest, FIELD(load_balancer_arn, "LoadBalancerArn").required())

using DeleteLoadBalancerRequest = LoadBalancerArnRequest;
using DeleteLoadBalancerReply = Empty;
PDS_OPERATION(DeleteLoadBalancer)

struct ModifyLoadBalancerAttributesRequest {
  std::string load_balancer_arn;
  std::vector<Attribute> attributes;
};
PDS_WIRE_SHAPE(ModifyLoadBalancerAttributesRequest, FIELD(load_balancer_arn, "LoadBalancerArn").required(),
               FIELD(attributes, "Attributes").required().bounds(1, 20))

using ModifyLoadBalancerAttributesReply = AttributesReply;
PDS_OPERATION(ModifyLoadBalancerAttributes)

using DescribeLoadBalancerAttributesRequest = LoadBalancerArnRequest;
using DescribeLoadBalancerAttributesReply = AttributesReply;
PDS_OPERATION(DescribeLoadBalancerAttributes)

struct SetSecurityGroupsRequest {
  std::string load_balancer_arn;
  std::vector<std::string> security_groups;
  std::optional<Unsupported> enforce_on_private_link;
};
PDS_WIRE_SHAPE(SetSecurityGroupsRequest, FIELD(load_balancer_arn, "LoadBalancerArn").required(),
               FIELD(security_groups, "SecurityGroups").required(),
               FIELD(enforce_on_private_link, "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"))

struct SetSecurityGroupsReply {
  std::vector<std::string> security_group_ids;
};
PDS_WIRE_SHAPE(SetSecurityGroupsReply, FIELD(security_group_ids, "SecurityGroupIds"))

PDS_OPERATION(SetSecurityGroups)

struct SetSubnetsRequest {
  std::string load_balancer_arn;
  std::vector<std::string> subnets;
  std::vector<SubnetMapping> subnet_mappings;
  std::optional<std::string> ip_address_type;
  std::optional<Unsupported> enable_prefix_for_ipv6_source_nat;
};
PDS_WIRE_SHAPE(SetSubnetsRequest, FIELD(load_balancer_arn, "LoadBalancerArn").required(), FIELD(subnets, "Subnets"),
               FIELD(subnet_mappings, "SubnetMappings"), FIELD(ip_address_type, "IpAddressType"),
               FIELD(enable_prefix_for_ipv6_source_nat, "EnablePrefixForIpv6SourceNat"))

struct SetSubnetsReply {
  std::vector<AvailabilityZone> availability_zones;
  std::string ip_address_type;
};
PDS_WIRE_SHAPE(SetSubnetsReply, FIELD(availability_zones, "AvailabilityZones"), FIELD(ip_address_type, "IpAddressType"))

PDS_OPERATION(SetSubnets)

struct SetIpAddressTypeRequest {
  std::string load_balancer_arn, ip_address_type;
};
PDS_WIRE_SHAPE(SetIpAddressTypeRequest, FIELD(load_balancer_arn, "LoadBalancerArn").required(),
               FIELD(ip_address_type, "IpAddressType").required())

struct SetIpAddressTypeReply {
  std::string ip_address_type;
};
PDS_WIRE_SHAPE(SetIpAddressTypeReply, FIELD(ip_address_type, "IpAddressType"))

PDS_OPERATION(SetIpAddressType)

}  // namespace pds::aws::elbv2
