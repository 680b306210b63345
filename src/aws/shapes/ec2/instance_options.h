// EC2: what an instance is told at launch, by RunInstances or by a launch template.
#pragma once

#include "aws/shapes/ec2/common.h"

namespace pds::aws::ec2 {

struct IamInstanceProfileSpecification {
  std::optional<std::string> arn, name;
};
PDS_WIRE_SHAPE(IamInstanceProfileSpecification, FIELD(arn, "arn"), FIELD(name, "name"))

struct RunInstancesMonitoringEnabled {
  std::optional<bool> enabled;
};
PDS_WIRE_SHAPE(RunInstancesMonitoringEnabled, FIELD(enabled, "enabled"))

struct MetadataOptions {
  std::optional<std::string> http_tokens;
  std::optional<int> http_put_response_hop_limit;
  std::optional<std::string> http_endpoint, instance_metadata_tags;
  std::optional<Unsupported> http_protocol_ipv6;
};
PDS_WIRE_SHAPE(MetadataOptions, FIELD(http_tokens, "httpTokens"), FIELD(http_put_response_hop_limit, "httpPutResponseHopLimit"),
               FIELD(http_endpoint, "httpEndpoint"), FIELD(instance_metadata_tags, "instanceMetadataTags"),
               FIELD(http_protocol_ipv6, "HttpProtocolIpv6"))

struct PlacementSpecification {
  std::optional<std::string> availability_zone, tenancy, group_name;
  std::optional<Unsupported> availability_zone_id, affinity, partition_number, host_id, spread_domain, host_resource_group_arn,
      group_id;
};
PDS_WIRE_SHAPE(PlacementSpecification, FIELD(availability_zone, "availabilityZone"), FIELD(tenancy, "tenancy"),
               FIELD(group_name, "groupName"), FIELD(availability_zone_id, "availabilityZoneId"), FIELD(affinity, "affinity"),
               FIELD(partition_number, "partitionNumber"), FIELD(host_id, "hostId"), FIELD(spread_domain, "spreadDomain"),
               FIELD(host_resource_group_arn, "hostResourceGroupArn"), FIELD(group_id, "groupId"))

struct NetworkInterfaceSpecification {
  std::optional<bool> associate_public_ip_address, delete_on_termination;
  std::optional<int> device_index;
  std::vector<std::string> groups;
  std::optional<std::string> subnet_id, private_ip_address;
  std::optional<Unsupported> associate_carrier_ip_address, description, interface_type, ipv6_address_count, ipv6_addresses,
      network_interface_id, private_ip_addresses, secondary_private_ip_address_count, network_card_index, ipv4_prefixes,
      ipv4_prefix_count, ipv6_prefixes, ipv6_prefix_count, primary_ipv6, ena_srd_specification, connection_tracking_specification,
      ena_queue_count;
};
PDS_WIRE_SHAPE(NetworkInterfaceSpecification, FIELD(associate_public_ip_address, "associatePublicIpAddress"),
               FIELD(delete_on_termination, "deleteOnTermination"), FIELD(device_index, "deviceIndex"),
               FIELD(groups, "groupSet").parameter("SecurityGroupId").omit_empty(), FIELD(subnet_id, "subnetId"),
               FIELD(private_ip_address, "privateIpAddress"), FIELD(associate_carrier_ip_address, "AssociateCarrierIpAddress"),
               FIELD(description, "description"), FIELD(interface_type, "InterfaceType"), FIELD(ipv6_address_count, "ipv6AddressCount"),
               FIELD(ipv6_addresses, "ipv6AddressesSet").parameter("Ipv6Addresses"), FIELD(network_interface_id, "networkInterfaceId"),
               FIELD(private_ip_addresses, "privateIpAddressesSet").parameter("PrivateIpAddresses"),
               FIELD(secondary_private_ip_address_count, "secondaryPrivateIpAddressCount"),
               FIELD(network_card_index, "NetworkCardIndex"), FIELD(ipv4_prefixes, "Ipv4Prefix"),
               FIELD(ipv4_prefix_count, "Ipv4PrefixCount"), FIELD(ipv6_prefixes, "Ipv6Prefix"),
               FIELD(ipv6_prefix_count, "Ipv6PrefixCount"), FIELD(primary_ipv6, "PrimaryIpv6"),
               FIELD(ena_srd_specification, "EnaSrdSpecification"),
               FIELD(connection_tracking_specification, "ConnectionTrackingSpecification"), FIELD(ena_queue_count, "EnaQueueCount"))

}  // namespace pds::aws::ec2
