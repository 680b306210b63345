// EC2: launch templates and their versions.
#pragma once

#include "aws/shapes/ec2/instance_options.h"

namespace pds::aws::ec2 {

struct LaunchTemplateData {
  std::optional<std::string> image_id, instance_type;
  std::optional<RunInstancesMonitoringEnabled> monitoring;
  std::optional<bool> disable_api_termination;
  std::optional<std::string> instance_initiated_shutdown_behavior, user_data;
  std::vector<TagSpecification> tag_specifications;
  std::vector<std::string> security_group_ids;
  std::vector<std::string> security_groups;
  std::optional<MetadataOptions> metadata_options;
  std::optional<IamInstanceProfileSpecification> iam_instance_profile;
  std::optional<PlacementSpecification> placement;
  std::vector<NetworkInterfaceSpecification> network_interfaces;
  std::optional<Unsupported> kernel_id, ebs_optimized, block_device_mappings, key_name, ram_disk_id, elastic_gpu_specifications,
      elastic_inference_accelerators, instance_market_options, credit_specification, cpu_options,
      capacity_reservation_specification, license_specifications, hibernation_options, enclave_options, instance_requirements,
      private_dns_name_options, maintenance_options, disable_api_stop, operator_value, network_performance_options,
      secondary_interfaces;
};
PDS_WIRE_SHAPE(LaunchTemplateData, FIELD(image_id, "imageId"), FIELD(instance_type, "instanceType"), FIELD(monitoring, "monitoring"),
               FIELD(disable_api_termination, "disableApiTermination"),
               FIELD(instance_initiated_shutdown_behavior, "instanceInitiatedShutdownBehavior"), FIELD(user_data, "userData"),
               FIELD(tag_specifications, "tagSpecificationSet").parameter("TagSpecification").omit_empty(),
               FIELD(security_group_ids, "securityGroupIdSet").parameter("SecurityGroupId").omit_empty(),
               FIELD(security_groups, "securityGroupSet").parameter("SecurityGroup").omit_empty(),
               FIELD(metadata_options, "metadataOptions"), FIELD(iam_instance_profile, "iamInstanceProfile"),
               FIELD(placement, "placement"),
               FIELD(network_interfaces, "networkInterfaceSet").parameter("NetworkInterface").omit_empty(), FIELD(kernel_id, "KernelId"),
               FIELD(ebs_optimized, "EbsOptimized"), FIELD(block_device_mappings, "BlockDeviceMapping"), FIELD(key_name, "KeyName"),
               FIELD(ram_disk_id, "RamDiskId"), FIELD(elastic_gpu_specifications, "ElasticGpuSpecification"),
               FIELD(elastic_inference_accelerators, "ElasticInferenceAccelerator"),
               FIELD(instance_market_options, "InstanceMarketOptions"), FIELD(credit_specification, "CreditSpecification"),
               FIELD(cpu_options, "CpuOptions"), FIELD(capacity_reservation_specification, "CapacityReservationSpecification"),
               FIELD(license_specifications, "LicenseSpecification"), FIELD(hibernation_options, "HibernationOptions"),
               FIELD(enclave_options, "EnclaveOptions"), FIELD(instance_requirements, "InstanceRequirements"),
               FIELD(private_dns_name_options, "PrivateDnsNameOptions"), FIELD(maintenance_options, "MaintenanceOptions"),
               FIELD(disable_api_stop, "DisableApiStop"), FIELD(operator_value, "Operator"),
               FIELD(network_performance_options, "NetworkPerformanceOptions"), FIELD(secondary_interfaces, "SecondaryInterface"))

struct LaunchTemplate {
  std::string launch_template_id, launch_template_name;
  Timestamp create_time;
  std::string created_by;
  int64_t default_version_number = 0;
  int64_t latest_version_number = 0;
  std::vector<Tag> tags;
};
PDS_WIRE_SHAPE(LaunchTemplate, FIELD(launch_template_id, "launchTemplateId"), FIELD(launch_template_name, "launchTemplateName"),
               FIELD(create_time, "createTime"), FIELD(created_by, "createdBy"), FIELD(default_version_number, "defaultVersionNumber"),
               FIELD(latest_version_number, "latestVersionNumber"), FIELD(tags, "tagSet"))

struct LaunchTemplateVersion {
  std::string launch_template_id, launch_template_name;
  int64_t version_number = 0;
  std::optional<std::string> version_description;
  Timestamp create_time;
  std::string created_by;
  bool default_version = false;
  LaunchTemplateData launch_template_data;
};
PDS_WIRE_SHAPE(LaunchTemplateVersion, FIELD(launch_template_id, "launchTemplateId"), FIELD(launch_template_name, "launchTemplateName"),
               FIELD(version_number, "versionNumber"), FIELD(version_description, "versionDescription"),
               FIELD(create_time, "createTime"), FIELD(created_by, "createdBy"), FIELD(default_version, "defaultVersion"),
               FIELD(launch_template_data, "launchTemplateData"))

struct CreateLaunchTemplateRequest {
  std::optional<bool> dry_run;
  std::optional<std::string> client_token;
  std::string launch_template_name;
  std::optional<std::string> version_description;
  LaunchTemplateData launch_template_data;
  std::vector<TagSpecification> tag_specifications;
  std::optional<Unsupported> operator_value;
};
PDS_WIRE_SHAPE(CreateLaunchTemplateRequest, FIELD(dry_run, "DryRun"), FIELD(client_token, "ClientToken"),
               FIELD(launch_template_name, "LaunchTemplateName").required(), FIELD(version_description, "VersionDescription"),
               FIELD(launch_template_data, "LaunchTemplateData").required(), FIELD(tag_specifications, "TagSpecification"),
               FIELD(operator_value, "Operator"))

struct CreateLaunchTemplateReply {
  LaunchTemplate launch_template;
};
PDS_WIRE_SHAPE(CreateLaunchTemplateReply, FIELD(launch_template, "launchTemplate"))

PDS_OPERATION(CreateLaunchTemplate)

struct CreateLaunchTemplateVersionRequest {
  std::optional<bool> dry_run;
  std::optional<std::string> client_token, launch_template_id, launch_template_name, source_version, version_description;
  LaunchTemplateData launch_template_data;
  std::optional<Unsupported> resolve_alias;
};
PDS_WIRE_SHAPE(CreateLaunchTemplateVersionRequest, FIELD(dry_run, "DryRun"), FIELD(client_token, "ClientToken"),
               FIELD(launch_template_id, "LaunchTemplateId"), FIELD(launch_template_name, "LaunchTemplateName"),
               FIELD(source_version, "SourceVersion"), FIELD(version_description, "VersionDescription"),
               FIELD(launch_template_data, "LaunchTemplateData").required(), FIELD(resolve_alias, "ResolveAlias"))

struct CreateLaunchTemplateVersionReply {
  LaunchTemplateVersion launch_template_version;
};
PDS_WIRE_SHAPE(CreateLaunchTemplateVersionReply, FIELD(launch_template_version, "launchTemplateVersion"))

PDS_OPERATION(CreateLaunchTemplateVersion)

struct DeleteLaunchTemplateRequest {
  std::optional<bool> dry_run;
  std::optional<std::string> launch_template_id, launch_template_name;
};
PDS_WIRE_SHAPE(DeleteLaunchTemplateRequest, FIELD(dry_run, "DryRun"), FIELD(launch_template_id, "LaunchTemplateId"),
               FIELD(launch_template_name, "LaunchTemplateName"))

struct DeleteLaunchTemplateReply {
  LaunchTemplate launch_template;
};
PDS_WIRE_SHAPE(DeleteLaunchTemplateReply, FIELD(launch_template, "launchTemplate"))

PDS_OPERATION(DeleteLaunchTemplate)

struct DeleteLaunchTemplateVersionsResponseSuccessItem {
  std::string launch_template_id, launch_template_name;
  int64_t version_number = 0;
};
PDS_WIRE_SHAPE(DeleteLaunchTemplateVersionsResponseSuccessItem, FIELD(launch_template_id, "launchTemplateId"),
               FIELD(launch_template_name, "launchTemplateName"), FIELD(version_number, "versionNumber"))

struct ResponseError {
  std::string code, message;
};
PDS_WIRE_SHAPE(ResponseError, FIELD(code, "code"), FIELD(message, "message"))

struct DeleteLaunchTemplateVersionsResponseErrorItem {
  std::string launch_template_id, launch_template_name;
  int64_t version_number = 0;
  ResponseError response_error;
};
PDS_WIRE_SHAPE(DeleteLaunchTemplateVersionsResponseErrorItem, FIELD(launch_template_id, "launchTemplateId"),
               FIELD(launch_template_name, "launchTemplateName"), FIELD(version_number, "versionNumber"),
               FIELD(response_error, "responseError"))

struct DeleteLaunchTemplateVersionsRequest {
  std::optional<bool> dry_run;
  std::optional<std::string> launch_template_id, launch_template_name;
  std::vector<std::string> versions;
};
PDS_WIRE_SHAPE(DeleteLaunchTemplateVersionsRequest, FIELD(dry_run, "DryRun"), FIELD(launch_template_id, "LaunchTemplateId"),
               FIELD(launch_template_name, "LaunchTemplateName"), FIELD(versions, "LaunchTemplateVersion").required())

struct DeleteLaunchTemplateVersionsReply {
  std::vector<DeleteLaunchTemplateVersionsResponseSuccessItem> successfully_deleted_launch_template_versions;
  std::vector<DeleteLaunchTemplateVersionsResponseErrorItem> unsuccessfully_deleted_launch_template_versions;
};
PDS_WIRE_SHAPE(DeleteLaunchTemplateVersionsReply,
               FIELD(successfully_deleted_launch_template_versions, "successfullyDeletedLaunchTemplateVersionSet"),
               FIELD(unsuccessfully_deleted_launch_template_versions, "unsuccessfullyDeletedLaunchTemplateVersionSet"))

PDS_OPERATION(DeleteLaunchTemplateVersions)

struct DescribeLaunchTemplatesRequest {
  std::optional<bool> dry_run;
  std::vector<std::string> launch_template_ids;
  std::vector<std::string> launch_template_names;
  std::vector<Filter> filters;
  std::optional<std::string> next_token;
  std::optional<int> max_results;
  std::optional<Unsupported> include_managed_resources;
};
PDS_WIRE_SHAPE(DescribeLaunchTemplatesRequest, FIELD(dry_run, "DryRun"), FIELD(launch_template_ids, "LaunchTemplateId"),
               FIELD(launch_template_names, "LaunchTemplateName"), FIELD(filters, "Filter"), FIELD(next_token, "NextToken"),
               FIELD(max_results, "MaxResults"), FIELD(include_managed_resources, "IncludeManagedResources"))

struct DescribeLaunchTemplatesReply {
  std::vector<LaunchTemplate> launch_templates;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeLaunchTemplatesReply, FIELD(launch_templates, "launchTemplates"), FIELD(next_token, "nextToken"))

PDS_OPERATION(DescribeLaunchTemplates)

struct DescribeLaunchTemplateVersionsRequest {
  std::optional<bool> dry_run;
  std::optional<std::string> launch_template_id, launch_template_name;
  std::vector<std::string> versions;
  std::optional<std::string> min_version, max_version, next_token;
  std::optional<int> max_results;
  std::vector<Filter> filters;
  std::optional<bool> resolve_alias;
  std::optional<Unsupported> include_managed_resources;
};
PDS_WIRE_SHAPE(DescribeLaunchTemplateVersionsRequest, FIELD(dry_run, "DryRun"), FIELD(launch_template_id, "LaunchTemplateId"),
               FIELD(launch_template_name, "LaunchTemplateName"), FIELD(versions, "LaunchTemplateVersion"),
               FIELD(min_version, "MinVersion"), FIELD(max_version, "MaxVersion"), FIELD(next_token, "NextToken"),
               FIELD(max_results, "MaxResults"), FIELD(filters, "Filter"), FIELD(resolve_alias, "ResolveAlias"),
               FIELD(include_managed_resources, "IncludeManagedResources"))

struct DescribeLaunchTemplateVersionsReply {
  std::vector<LaunchTemplateVersion> launch_template_versions;
  std::optional<std::string> next_token;
};
PDS_WIRE_SHAPE(DescribeLaunchTemplateVersionsReply, FIELD(launch_template_versions, "launchTemplateVersionSet"),
               FIELD(next_token, "nextToken"))

PDS_OPERATION(DescribeLaunchTemplateVersions)

struct ModifyLaunchTemplateRequest {
  std::optional<bool> dry_run;
  std::optional<std::string> client_token, launch_template_id, launch_template_name, default_version;
};
PDS_WIRE_SHAPE(ModifyLaunchTemplateRequest, FIELD(dry_run, "DryRun"), FIELD(client_token, "ClientToken"),
               FIELD(launch_template_id, "LaunchTemplateId"), FIELD(launch_template_name, "LaunchTemplateName"),
               FIELD(default_version, "SetDefaultVersion"))

struct ModifyLaunchTemplateReply {
  LaunchTemplate launch_template;
};
PDS_WIRE_SHAPE(ModifyLaunchTemplateReply, FIELD(launch_template, "launchTemplate"))

PDS_OPERATION(ModifyLaunchTemplate)

}  // namespace pds::aws::ec2
