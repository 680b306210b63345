// EC2: what can be changed of an instance, and its console.
#pragma once

#include "aws/shapes/ec2/instance.h"

namespace pds::aws::ec2 {

struct DescribeInstanceAttributeRequest {
  std::optional<bool> dry_run;
  std::string instance_id, attribute;
};
PDS_WIRE_SHAPE(DescribeInstanceAttributeRequest, FIELD(dry_run, "dryRun"), FIELD(instance_id, "instanceId").required(),
               FIELD(attribute, "attribute").required())

struct DescribeInstanceAttributeReply {
  std::string instance_id;
  std::optional<AttributeValue> instance_type;
  std::optional<AttributeBooleanValue> disable_api_termination;
  std::optional<AttributeValue> instance_initiated_shutdown_behavior;
  std::optional<AttributeValue> user_data;
  std::optional<AttributeBooleanValue> source_dest_check;
  std::optional<AttributeBooleanValue> ebs_optimized;
  std::optional<AttributeBooleanValue> disable_api_stop;
  std::vector<GroupIdentifier> groups;
};
PDS_WIRE_SHAPE(DescribeInstanceAttributeReply, FIELD(instance_id, "instanceId"), FIELD(instance_type, "instanceType"),
               FIELD(disable_api_termination, "disableApiTermination"),
               FIELD(instance_initiated_shutdown_behavior, "instanceInitiatedShutdownBehavior"), FIELD(user_data, "userData"),
               FIELD(source_dest_check, "sourceDestCheck"), FIELD(ebs_optimized, "ebsOptimized"),
               FIELD(disable_api_stop, "disableApiStop"), FIELD(groups, "groupSet").omit_empty())

PDS_OPERATION(DescribeInstanceAttribute)

struct ModifyInstanceAttributeRequest {
  std::optional<bool> dry_run;
  std::string instance_id;
  std::optional<std::string> attribute, value;
  std::optional<AttributeBooleanValue> disable_api_termination;
  std::optional<AttributeValue> instance_type;
  std::optional<AttributeValue> user_data;
  std::optional<AttributeValue> instance_initiated_shutdown_behavior;
  std::vector<std::string> groups;
  std::optional<Unsupported> source_dest_check, disable_api_stop, block_device_mappings, kernel, ramdisk, ebs_optimized,
      sriov_net_support, ena_support;
};
PDS_WIRE_SHAPE(ModifyInstanceAttributeRequest, FIELD(dry_run, "dryRun"), FIELD(instance_id, "instanceId").required(),
               FIELD(attribute, "attribute"), FIELD(value, "value"), FIELD(disable_api_termination, "disableApiTermination"),
               FIELD(instance_type, "instanceType"), FIELD(user_data, "userData"),
               FIELD(instance_initiated_shutdown_behavior, "instanceInitiatedShutdownBehavior"), FIELD(groups, "GroupId"),
               FIELD(source_dest_check, "SourceDestCheck"), FIELD(disable_api_stop, "DisableApiStop"),
               FIELD(block_device_mappings, "blockDeviceMapping"), FIELD(kernel, "kernel"), FIELD(ramdisk, "ramdisk"),
               FIELD(ebs_optimized, "ebsOptimized"), FIELD(sriov_net_support, "sriovNetSupport"), FIELD(ena_support, "enaSupport"))

using ModifyInstanceAttributeReply = Empty;
PDS_OPERATION(ModifyInstanceAttribute)

struct ModifyInstanceMetadataOptionsRequest {
  std::string instance_id;
  std::optional<std::string> http_tokens;
  std::optional<int> http_put_response_hop_limit;
  std::optional<std::string> http_endpoint;
  std::optional<bool> dry_run;
  std::optional<std::string> instance_metadata_tags;
  std::optional<Unsupported> http_protocol_ipv6;
};
PDS_WIRE_SHAPE(ModifyInstanceMetadataOptionsRequest, FIELD(instance_id, "InstanceId").required(), FIELD(http_tokens, "HttpTokens"),
               FIELD(http_put_response_hop_limit, "HttpPutResponseHopLimit"), FIELD(http_endpoint, "HttpEndpoint"),
               FIELD(dry_run, "DryRun"), FIELD(instance_metadata_tags, "InstanceMetadataTags"),
               FIELD(http_protocol_ipv6, "HttpProtocolIpv6"))

struct ModifyInstanceMetadataOptionsReply {
  std::string instance_id;
  InstanceMetadataOptions instance_metadata_options;
};
PDS_WIRE_SHAPE(ModifyInstanceMetadataOptionsReply, FIELD(instance_id, "instanceId"),
               FIELD(instance_metadata_options, "instanceMetadataOptions"))

PDS_OPERATION(ModifyInstanceMetadataOptions)

struct GetConsoleOutputRequest {
  std::string instance_id;
  std::optional<bool> latest, dry_run;
};
PDS_WIRE_SHAPE(GetConsoleOutputRequest, FIELD(instance_id, "InstanceId").required(), FIELD(latest, "Latest"), FIELD(dry_run, "dryRun"))

struct GetConsoleOutputReply {
  std::string instance_id;
  Timestamp timestamp;
  std::string output;
};
PDS_WIRE_SHAPE(GetConsoleOutputReply, FIELD(instance_id, "instanceId"), FIELD(timestamp, "timestamp"), FIELD(output, "output"))

PDS_OPERATION(GetConsoleOutput)

}  // namespace pds::aws::ec2
