// EC2: instances, how they start and how they end.
#pragma once

#include "aws/shapes/ec2/instance_options.h"

namespace pds::aws::ec2 {

struct InstanceState {
  int code = 0;
  std::string name;
};
PDS_WIRE_SHAPE(InstanceState, FIELD(code, "code"), FIELD(name, "name"))

struct StateReason {
  std::string code, message;
};
PDS_WIRE_SHAPE(StateReason, FIELD(code, "code"), FIELD(message, "message"))

struct Placement {
  std::string availability_zone, tenancy, group_name;
};
PDS_WIRE_SHAPE(Placement, FIELD(availability_zone, "availabilityZone"), FIELD(tenancy, "tenancy"), FIELD(group_name, "groupName"))

struct Monitoring {
  std::string state;
};
PDS_WIRE_SHAPE(Monitoring, FIELD(state, "state"))

struct IamInstanceProfile {
  std::string arn, id;
};
PDS_WIRE_SHAPE(IamInstanceProfile, FIELD(arn, "arn"), FIELD(id, "id"))

struct GroupIdentifier {
  std::string group_id, group_name;
};
PDS_WIRE_SHAPE(GroupIdentifier, FIELD(group_id, "groupId"), FIELD(group_name, "groupName"))

struct InstanceMetadataOptions {
  std::string state, http_tokens;
  int http_put_response_hop_limit = 0;
  std::string http_endpoint, http_protocol_ipv6, instance_metadata_tags;
};
PDS_WIRE_SHAPE(InstanceMetadataOptions, FIELD(state, "state"), FIELD(http_tokens, "httpTokens"),
               FIELD(http_put_response_hop_limit, "httpPutResponseHopLimit"), FIELD(http_endpoint, "httpEndpoint"),
               FIELD(http_protocol_ipv6, "httpProtocolIpv6"), FIELD(instance_metadata_tags, "instanceMetadataTags"))

struct InstanceNetworkInterfaceAttachment {
  Timestamp attach_time;
  std::string attachment_id;
  bool delete_on_termination = false;
  int device_index = 0;
  std::string status;
};
PDS_WIRE_SHAPE(InstanceNetworkInterfaceAttachment, FIELD(attach_time, "attachTime"), FIELD(attachment_id, "attachmentId"),
               FIELD(delete_on_termination, "deleteOnTermination"), FIELD(device_index, "deviceIndex"), FIELD(status, "status"))

struct InstancePrivateIpAddress {
  bool primary = false;
  std::string private_dns_name, private_ip_address;
};
PDS_WIRE_SHAPE(InstancePrivateIpAddress, FIELD(primary, "primary"), FIELD(private_dns_name, "privateDnsName"),
               FIELD(private_ip_address, "privateIpAddress"))

struct InstanceNetworkInterface {
  InstanceNetworkInterfaceAttachment attachment;
  std::string description;
  std::vector<GroupIdentifier> groups;
  std::string mac_address, network_interface_id, owner_id, private_dns_name, private_ip_address;
  std::vector<InstancePrivateIpAddress> private_ip_addresses;
  bool source_dest_check = false;
  std::string status, subnet_id, vpc_id, interface_type;
};
PDS_WIRE_SHAPE(InstanceNetworkInterface, FIELD(attachment, "attachment"), FIELD(description, "description"), FIELD(groups, "groupSet"),
               FIELD(mac_address, "macAddress"), FIELD(network_interface_id, "networkInterfaceId"), FIELD(owner_id, "ownerId"),
               FIELD(private_dns_name, "privateDnsName"), FIELD(private_ip_address, "privateIpAddress"),
               FIELD(private_ip_addresses, "privateIpAddressesSet"), FIELD(source_dest_check, "sourceDestCheck"),
               FIELD(status, "status"), FIELD(subnet_id, "subnetId"), FIELD(vpc_id, "vpcId"), FIELD(interface_type, "interfaceType"))

struct Instance {
  std::string architecture;
  std::optional<std::string> client_token;
  bool ebs_optimized = false, ena_support = false;
  std::string hypervisor;
  std::optional<IamInstanceProfile> iam_instance_profile;
  std::vector<InstanceNetworkInterface> network_interfaces;
  std::string root_device_type;
  std::vector<GroupIdentifier> security_groups;
  bool source_dest_check = false;
  std::optional<StateReason> state_reason;
  std::vector<Tag> tags;
  std::string virtualization_type;
  InstanceMetadataOptions metadata_options;
  std::string platform_details, instance_id, image_id;
  InstanceState state;
  std::string private_dns_name, public_dns_name, state_transition_reason;
  int ami_launch_index = 0;
  std::string instance_type;
  Timestamp launch_time;
  Placement placement;
  Monitoring monitoring;
  std::string subnet_id, vpc_id, private_ip_address;
};
PDS_WIRE_SHAPE(Instance, FIELD(architecture, "architecture"), FIELD(client_token, "clientToken"), FIELD(ebs_optimized, "ebsOptimized"),
               FIELD(ena_support, "enaSupport"), FIELD(hypervisor, "hypervisor"), FIELD(iam_instance_profile, "iamInstanceProfile"),
               FIELD(network_interfaces, "networkInterfaceSet"), FIELD(root_device_type, "rootDeviceType"),
               FIELD(security_groups, "groupSet"), FIELD(source_dest_check, "sourceDestCheck"), FIELD(state_reason, "stateReason"),
               FIELD(tags, "tagSet"), FIELD(virtualization_type, "virtualizationType"), FIELD(metadata_options, "metadataOptions"),
               FIELD(platform_details, "platformDetails"), FIELD(instance_id, "instanceId"), FIELD(image_id, "imageId"),
               FIELD(state, "instanceState"), FIELD(private_dns_name, "privateDnsName"), FIELD(public_dns_name, "dnsName"),
               FIELD(state_transition_reason, "reason"), FIELD(ami_launch_index, "amiLaunchIndex"), FIELD(instance_type, "instanceType"),
               FIELD(launch_time, "launchTime"), FIELD(placement, "placement"), FIELD(monitoring, "monitoring"),
               FIELD(subnet_id, "subnetId"), FIELD(vpc_id, "vpcId"), FIELD(private_ip_address, "privateIpAddress"))

struct Reservation {
  std::string reservation_id, owner_id;
  std::vector<GroupIdentifier> groups;
  std::vector<Instance> instances;
};
PDS_WIRE_SHAPE(Reservation, FIELD(reservation_id, "reservationId"), FIELD(owner_id, "ownerId"), FIELD(groups, "groupSet"),
               FIELD(instances, "instancesSet"))

struct LaunchTemplateSpecification {
  std::optional<std::string> launch_template_id, launch_template_name, version;
};
PDS_WIRE_SHAPE(LaunchTemplateSpecification, FIELD(launch_template_id, "LaunchTemplateId"),
               FIELD(launch_template_name, "LaunchTemplateName"), FIELD(version, "Version"))

struct RunInstancesRequest {
  std::optional<std::string> image_id, instance_type;
  int max_count = 0, min_count = 0;
  std::optional<RunInstancesMonitoringEnabled> monitoring;
  std::optional<PlacementSpecification> placement;
  std::vector<std::string> security_group_ids;
  std::vector<std::string> security_groups;
  std::optional<std::string> subnet_id, user_data;
  std::vector<TagSpecification> tag_specifications;
  std::optional<LaunchTemplateSpecification> launch_template;
  std::optional<MetadataOptions> metadata_options;
  std::optional<bool> dry_run, disable_api_termination;
  std::optional<std::string> instance_initiated_shutdown_behavior, private_ip_address, client_token;
  std::vector<NetworkInterfaceSpecification> network_interfaces;
  std::optional<IamInstanceProfileSpecification> iam_instance_profile;
  std::optional<Unsupported> block_device_mappings, ipv6_address_count, ipv6_addresses, kernel_id, key_name, ramdisk_id,
      elastic_gpu_specification, elastic_inference_accelerators, instance_market_options, credit_specification, cpu_options,
      capacity_reservation_specification, hibernation_options, license_specifications, enclave_options, private_dns_name_options,
      maintenance_options, disable_api_stop, enable_primary_ipv6, network_performance_options, operator_value, secondary_interfaces,
      additional_info, ebs_optimized;
};
PDS_WIRE_SHAPE(RunInstancesRequest, FIELD(image_id, "ImageId"), FIELD(instance_type, "InstanceType"),
               FIELD(max_count, "MaxCount").required(), FIELD(min_count, "MinCount").required(), FIELD(monitoring, "Monitoring"),
               FIELD(placement, "Placement"), FIELD(security_group_ids, "SecurityGroupId"), FIELD(security_groups, "SecurityGroup"),
               FIELD(subnet_id, "SubnetId"), FIELD(user_data, "UserData"), FIELD(tag_specifications, "TagSpecification"),
               FIELD(launch_template, "LaunchTemplate"), FIELD(metadata_options, "MetadataOptions"), FIELD(dry_run, "dryRun"),
               FIELD(disable_api_termination, "disableApiTermination"),
               FIELD(instance_initiated_shutdown_behavior, "instanceInitiatedShutdownBehavior"),
               FIELD(private_ip_address, "privateIpAddress"), FIELD(client_token, "clientToken"),
               FIELD(network_interfaces, "networkInterface"), FIELD(iam_instance_profile, "iamInstanceProfile"),
               FIELD(block_device_mappings, "BlockDeviceMapping"), FIELD(ipv6_address_count, "Ipv6AddressCount"),
               FIELD(ipv6_addresses, "Ipv6Address"), FIELD(kernel_id, "KernelId"), FIELD(key_name, "KeyName"),
               FIELD(ramdisk_id, "RamdiskId"), FIELD(elastic_gpu_specification, "ElasticGpuSpecification"),
               FIELD(elastic_inference_accelerators, "ElasticInferenceAccelerator"),
               FIELD(instance_market_options, "InstanceMarketOptions"), FIELD(credit_specification, "CreditSpecification"),
               FIELD(cpu_options, "CpuOptions"), FIELD(capacity_reservation_specification, "CapacityReservationSpecification"),
               FIELD(hibernation_options, "HibernationOptions"), FIELD(license_specifications, "LicenseSpecification"),
               FIELD(enclave_options, "EnclaveOptions"), FIELD(private_dns_name_options, "PrivateDnsNameOptions"),
               FIELD(maintenance_options, "MaintenanceOptions"), FIELD(disable_api_stop, "DisableApiStop"),
               FIELD(enable_primary_ipv6, "EnablePrimaryIpv6"), FIELD(network_performance_options, "NetworkPerformanceOptions"),
               FIELD(operator_value, "Operator"), FIELD(secondary_interfaces, "SecondaryInterface"),
               FIELD(additional_info, "additionalInfo"), FIELD(ebs_optimized, "ebsOptimized"))

using RunInstancesReply = Reservation;
PDS_OPERATION(RunInstances)

struct DescribeInstancesRequest {
  std::vector<std::string> instance_ids;
  std::optional<bool> dry_run;
  std::vector<Filter> filters;
  std::optional<std::string> next_token;
  std::optional<int> max_results;
  std::optional<Unsupported> include_managed_resources;
};
PDS_WIRE_SHAPE(DescribeInstancesRequest, FIELD(instance_ids, "InstanceId"), FIELD(dry_run, "dryRun"), FIELD(filters, "Filter"),
               FIELD(next_token, "nextToken"), FIELD(max_results, "maxResults"),
               FIELD(include_managed_resources, "IncludeManagedResources"))

struct DescribeInstancesReply {
  std::optional<std::string> next_token;
  std::vector<Reservation> reservations;
};
PDS_WIRE_SHAPE(DescribeInstancesReply, FIELD(next_token, "nextToken"), FIELD(reservations, "reservationSet"))

PDS_OPERATION(DescribeInstances)

struct InstanceStateChange {
  std::string instance_id;
  InstanceState current_state;
  InstanceState previous_state;
};
PDS_WIRE_SHAPE(InstanceStateChange, FIELD(instance_id, "instanceId"), FIELD(current_state, "currentState"),
               FIELD(previous_state, "previousState"))

struct StartInstancesRequest {
  std::vector<std::string> instance_ids;
  std::optional<bool> dry_run;
  std::optional<Unsupported> additional_info;
};
PDS_WIRE_SHAPE(StartInstancesRequest, FIELD(instance_ids, "InstanceId").required(), FIELD(dry_run, "dryRun"),
               FIELD(additional_info, "additionalInfo"))

struct StartInstancesReply {
  std::vector<InstanceStateChange> starting_instances;
};
PDS_WIRE_SHAPE(StartInstancesReply, FIELD(starting_instances, "instancesSet"))

PDS_OPERATION(StartInstances)

struct StopInstancesRequest {
  std::vector<std::string> instance_ids;
  std::optional<bool> dry_run, force;
  std::optional<Unsupported> hibernate, skip_os_shutdown;
};
PDS_WIRE_SHAPE(StopInstancesRequest, FIELD(instance_ids, "InstanceId").required(), FIELD(dry_run, "dryRun"), FIELD(force, "force"),
               FIELD(hibernate, "Hibernate"), FIELD(skip_os_shutdown, "SkipOsShutdown"))

struct StopInstancesReply {
  std::vector<InstanceStateChange> stopping_instances;
};
PDS_WIRE_SHAPE(StopInstancesReply, FIELD(stopping_instances, "instancesSet"))

PDS_OPERATION(StopInstances)

struct RebootInstancesRequest {
  std::vector<std::string> instance_ids;
  std::optional<bool> dry_run;
};
PDS_WIRE_SHAPE(RebootInstancesRequest, FIELD(instance_ids, "InstanceId").required(), FIELD(dry_run, "dryRun"))

using RebootInstancesReply = Empty;
PDS_OPERATION(RebootInstances)

struct TerminateInstancesRequest {
  std::vector<std::string> instance_ids;
  std::optional<bool> dry_run;
  std::optional<Unsupported> force, skip_os_shutdown;
};
PDS_WIRE_SHAPE(TerminateInstancesRequest, FIELD(instance_ids, "InstanceId").required(), FIELD(dry_run, "dryRun"), FIELD(force, "Force"),
               FIELD(skip_os_shutdown, "SkipOsShutdown"))

struct TerminateInstancesReply {
  std::vector<InstanceStateChange> terminating_instances;
};
PDS_WIRE_SHAPE(TerminateInstancesReply, FIELD(terminating_instances, "instancesSet"))

PDS_OPERATION(TerminateInstances)

}  // namespace pds::aws::ec2
