// EC2: network interfaces, as the instances have them; and key pairs, of which there are none.
#pragma once

#include "aws/shapes/ec2/instance.h"

namespace pds::aws::ec2 {

struct NetworkInterfaceAttachment {
  Timestamp attach_time;
  std::string attachment_id;
  bool delete_on_termination = false;
  int device_index = 0;
  std::string instance_id, instance_owner_id, status;
};
PDS_WIRE_SHAPE(NetworkInterfaceAttachment, FIELD(attach_time, "attachTime"), FIELD(attachment_id, "attachmentId"),
               FIELD(delete_on_termination, "deleteOnTermination"), FIELD(device_index, "deviceIndex"), FIELD(instance_id, "instanceId"),
               FIELD(instance_owner_id, "instanceOwnerId"), FIELD(status, "status"))

struct NetworkInterfacePrivateIpAddress {
  bool primary = false;
  std::string private_dns_name, private_ip_address;
};
PDS_WIRE_SHAPE(NetworkInterfacePrivateIpAddress, FIELD(primary, "primary"), FIELD(private_dns_name, "privateDnsName"),
               FIELD(private_ip_address, "privateIpAddress"))

struct NetworkInterface {
  NetworkInterfaceAttachment attachment;
  std::string availability_zone, description;
  std::vector<GroupIdentifier> groups;
  std::string interface_type, mac_address, network_interface_id, owner_id, private_dns_name, private_ip_address;
  std::vector<NetworkInterfacePrivateIpAddress> private_ip_addresses;
  bool requester_managed = false, source_dest_check = false;
  std::string status, subnet_id;
  std::vector<Tag> tag_set;
  std::string vpc_id;
};
PDS_WIRE_SHAPE(NetworkInterface, FIELD(attachment, "attachment"), FIELD(availability_zone, "availabilityZone"),
               FIELD(description, "description"), FIELD(groups, "groupSet"), FIELD(interface_type, "interfaceType"),
               FIELD(mac_address, "macAddress"), FIELD(network_interface_id, "networkInterfaceId"), FIELD(owner_id, "ownerId"),
               FIELD(private_dns_name, "privateDnsName"), FIELD(private_ip_address, "privateIpAddress"),
               FIELD(private_ip_addresses, "privateIpAddressesSet"), FIELD(requester_managed, "requesterManaged"),
               FIELD(source_dest_check, "sourceDestCheck"), FIELD(status, "status"), FIELD(subnet_id, "subnetId"),
               FIELD(tag_set, "tagSet"), FIELD(vpc_id, "vpcId"))

struct DescribeNetworkInterfacesRequest {
  std::optional<std::string> next_token;
  std::optional<int> max_results;
  std::optional<bool> dry_run;
  std::vector<std::string> network_interface_ids;
  std::vector<Filter> filters;
  std::optional<Unsupported> include_managed_resources;
};
PDS_WIRE_SHAPE(DescribeNetworkInterfacesRequest, FIELD(next_token, "NextToken"), FIELD(max_results, "MaxResults"),
               FIELD(dry_run, "dryRun"), FIELD(network_interface_ids, "NetworkInterfaceId"), FIELD(filters, "filter"),
               FIELD(include_managed_resources, "IncludeManagedResources"))

struct DescribeNetworkInterfacesReply {
  std::vector<NetworkInterface> network_interfaces;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeNetworkInterfacesReply, FIELD(network_interfaces, "networkInterfaceSet"), FIELD(next_token, "nextToken"))

PDS_OPERATION(DescribeNetworkInterfaces)

struct KeyPairInfo {
  std::string key_pair_id, key_name, key_fingerprint;
};
PDS_WIRE_SHAPE(KeyPairInfo, FIELD(key_pair_id, "keyPairId"), FIELD(key_name, "keyName"), FIELD(key_fingerprint, "keyFingerprint"))

struct DescribeKeyPairsRequest {
  std::vector<std::string> key_names;
  std::vector<std::string> key_pair_ids;
  std::optional<bool> dry_run;
  std::vector<Filter> filters;
  std::optional<Unsupported> include_public_key;
};
PDS_WIRE_SHAPE(DescribeKeyPairsRequest, FIELD(key_names, "KeyName"), FIELD(key_pair_ids, "KeyPairId"), FIELD(dry_run, "dryRun"),
               FIELD(filters, "Filter"), FIELD(include_public_key, "IncludePublicKey"))

struct DescribeKeyPairsReply {
  std::vector<KeyPairInfo> key_pairs;
};
PDS_WIRE_SHAPE(DescribeKeyPairsReply, FIELD(key_pairs, "keySet"))

PDS_OPERATION(DescribeKeyPairs)

struct Address {
  std::string public_ip, allocation_id;
};
PDS_WIRE_SHAPE(Address, FIELD(public_ip, "publicIp"), FIELD(allocation_id, "allocationId"))

struct DescribeAddressesRequest {
  std::vector<std::string> public_ips;
  std::optional<bool> dry_run;
  std::vector<Filter> filters;
  std::vector<std::string> allocation_ids;
};
PDS_WIRE_SHAPE(DescribeAddressesRequest, FIELD(public_ips, "PublicIp"), FIELD(dry_run, "dryRun"), FIELD(filters, "Filter"),
               FIELD(allocation_ids, "AllocationId"))

struct DescribeAddressesReply {
  std::vector<Address> addresses;
};
PDS_WIRE_SHAPE(DescribeAddressesReply, FIELD(addresses, "addressesSet"))

PDS_OPERATION(DescribeAddresses)

struct PrefixList {
  std::vector<std::string> cidrs;
  std::string prefix_list_id, prefix_list_name;
};
PDS_WIRE_SHAPE(PrefixList, FIELD(cidrs, "cidrSet"), FIELD(prefix_list_id, "prefixListId"), FIELD(prefix_list_name, "prefixListName"))

struct DescribePrefixListsRequest {
  std::optional<bool> dry_run;
  std::vector<Filter> filters;
  std::optional<int> max_results;
  std::optional<std::string> next_token;
  std::vector<std::string> prefix_list_ids;
};
PDS_WIRE_SHAPE(DescribePrefixListsRequest, FIELD(dry_run, "DryRun"), FIELD(filters, "Filter"), FIELD(max_results, "MaxResults"),
               FIELD(next_token, "NextToken"), FIELD(prefix_list_ids, "PrefixListId"))

struct DescribePrefixListsReply {
  std::optional<std::string> next_token;
  std::vector<PrefixList> prefix_lists;
};
PDS_WIRE_SHAPE(DescribePrefixListsReply, FIELD(next_token, "nextToken"), FIELD(prefix_lists, "prefixListSet"))

PDS_OPERATION(DescribePrefixLists)

}  // namespace pds::aws::ec2
