// Functions and their versions.
#pragma once

#include "aws/shapes/lambda/common.h"

namespace pds::aws::lambda {

struct FunctionCode {
  std::optional<std::string> image_uri;
  std::optional<Unsupported> zip_file, s3_bucket, s3_key, s3_object_version, source_kms_key_arn;
};
PDS_WIRE_SHAPE(FunctionCode, FIELD(image_uri, "ImageUri"), FIELD(zip_file, "ZipFile"), FIELD(s3_bucket, "S3Bucket"),
               FIELD(s3_key, "S3Key"), FIELD(s3_object_version, "S3ObjectVersion"), FIELD(source_kms_key_arn, "SourceKMSKeyArn"))

struct Environment {
  std::map<std::string, std::string> variables;
};
PDS_WIRE_SHAPE(Environment, FIELD(variables, "Variables").sensitive())

struct DeadLetterConfig {
  std::optional<std::string> target_arn;
};
PDS_WIRE_SHAPE(DeadLetterConfig, FIELD(target_arn, "TargetArn"))

struct TracingConfig {
  std::optional<std::string> mode;
};
PDS_WIRE_SHAPE(TracingConfig, FIELD(mode, "Mode"))

struct VpcConfig {
  std::vector<std::string> subnet_ids, security_group_ids;
};
PDS_WIRE_SHAPE(VpcConfig, FIELD(subnet_ids, "SubnetIds"), FIELD(security_group_ids, "SecurityGroupIds"))

struct ImageConfig {
  std::optional<std::vector<std::string>> entry_point, command;
  std::optional<std::string> working_directory;
};
PDS_WIRE_SHAPE(ImageConfig, FIELD(entry_point, "EntryPoint").bounds(0, 1500), FIELD(command, "Command").bounds(0, 1500),
               FIELD(working_directory, "WorkingDirectory").bounds(0, 1000))

struct ImageConfigResponse {
  ImageConfig image_config;
};
PDS_WIRE_SHAPE(ImageConfigResponse, FIELD(image_config, "ImageConfig"))

struct EphemeralStorage {
  int size = 512;
};
PDS_WIRE_SHAPE(EphemeralStorage, FIELD(size, "Size").required().bounds(512, 10240))

struct SnapStart {
  std::optional<std::string> apply_on;
};
PDS_WIRE_SHAPE(SnapStart, FIELD(apply_on, "ApplyOn"))

struct SnapStartResponse {
  std::string apply_on, optimization_status;
};
PDS_WIRE_SHAPE(SnapStartResponse, FIELD(apply_on, "ApplyOn"), FIELD(optimization_status, "OptimizationStatus"))

struct LoggingConfig {
  std::optional<std::string> log_format, log_group;
  std::optional<Unsupported> application_log_level, system_log_level;
};
PDS_WIRE_SHAPE(LoggingConfig, FIELD(log_format, "LogFormat"), FIELD(application_log_level, "ApplicationLogLevel"),
               FIELD(system_log_level, "SystemLogLevel"), FIELD(log_group, "LogGroup").bounds(1, 512))

struct FunctionConfiguration {
  std::string function_name, function_arn, role, description, last_modified, code_sha256, version, revision_id, package_type;
  int64_t code_size = 0;
  int timeout = 3, memory_size = 128;
  std::optional<Environment> environment;
  std::optional<ImageConfigResponse> image_config_response;
  TracingConfig tracing_config;
  std::vector<std::string> architectures;
  EphemeralStorage ephemeral_storage;
  SnapStartResponse snap_start;
  LoggingConfig logging_config;
  std::optional<std::string> state, state_reason, state_reason_code;
  std::optional<std::string> last_update_status, last_update_status_reason, last_update_status_reason_code;
};
PDS_WIRE_SHAPE(FunctionConfiguration, FIELD(function_name, "FunctionName"), FIELD(function_arn, "FunctionArn"), FIELD(role, "Role"),
               FIELD(code_size, "CodeSize"), FIELD(description, "Description"), FIELD(timeout, "Timeout"),
               FIELD(memory_size, "MemorySize"), FIELD(last_modified, "LastModified"), FIELD(code_sha256, "CodeSha256"),
               FIELD(version, "Version"), FIELD(environment, "Environment"), FIELD(tracing_config, "TracingConfig"),
               FIELD(revision_id, "RevisionId"), FIELD(state, "State"), FIELD(state_reason, "StateReason"),
               FIELD(state_reason_code, "StateReasonCode"), FIELD(last_update_status, "LastUpdateStatus"),
               FIELD(last_update_status_reason, "LastUpdateStatusReason"),
               FIELD(last_update_status_reason_code, "LastUpdateStatusReasonCode"), FIELD(package_type, "PackageType"),
               FIELD(image_config_response, "ImageConfigResponse"), FIELD(architectures, "Architectures"),
               FIELD(ephemeral_storage, "EphemeralStorage"), FIELD(snap_start, "SnapStart"), FIELD(logging_config, "LoggingConfig"))

struct CreateFunctionRequest {
  std::string function_name, role;
  FunctionCode code;
  std::optional<std::string> package_type, description, code_signing_config_arn;
  std::optional<int> timeout, memory_size;
  std::optional<bool> publish;
  std::optional<Environment> environment;
  std::optional<ImageConfig> image_config;
  std::optional<DeadLetterConfig> dead_letter_config;
  std::optional<TracingConfig> tracing_config;
  std::optional<VpcConfig> vpc_config;
  std::optional<EphemeralStorage> ephemeral_storage;
  std::optional<SnapStart> snap_start;
  std::optional<LoggingConfig> logging_config;
  std::vector<std::string> architectures, layers;
  std::vector<Unsupported> file_system_configs;
  std::map<std::string, std::string> tags;
  std::optional<std::string> runtime, handler, kms_key_arn;
  std::optional<Unsupported> capacity_provider_config, publish_to, durable_config, tenancy_config;
};
PDS_WIRE_SHAPE(CreateFunctionRequest, FIELD(function_name, "FunctionName").required().bounds(1, 140), FIELD(runtime, "Runtime"),
               FIELD(role, "Role").required(), FIELD(handler, "Handler").bounds(0, 128), FIELD(code, "Code").required(),
               FIELD(description, "Description").bounds(0, 256), FIELD(timeout, "Timeout"), FIELD(memory_size, "MemorySize"),
               FIELD(publish, "Publish"), FIELD(vpc_config, "VpcConfig"), FIELD(package_type, "PackageType"),
               FIELD(dead_letter_config, "DeadLetterConfig"), FIELD(environment, "Environment"), FIELD(kms_key_arn, "KMSKeyArn"),
               FIELD(tracing_config, "TracingConfig"), FIELD(tags, "Tags"), FIELD(layers, "Layers"),
               FIELD(file_system_configs, "FileSystemConfigs"), FIELD(image_config, "ImageConfig"),
               FIELD(code_signing_config_arn, "CodeSigningConfigArn"), FIELD(architectures, "Architectures").bounds(0, 1),
               FIELD(ephemeral_storage, "EphemeralStorage"), FIELD(snap_start, "SnapStart"), FIELD(logging_config, "LoggingConfig"),
               FIELD(capacity_provider_config, "CapacityProviderConfig"), FIELD(publish_to, "PublishTo"),
               FIELD(durable_config, "DurableConfig"), FIELD(tenancy_config, "TenancyConfig"))
using CreateFunctionReply = FunctionConfiguration;

using GetFunctionRequest = QualifiedRequest;
struct FunctionCodeLocation {
  std::string repository_type, image_uri, resolved_image_uri;
};
PDS_WIRE_SHAPE(FunctionCodeLocation, FIELD(repository_type, "RepositoryType"), FIELD(image_uri, "ImageUri"),
               FIELD(resolved_image_uri, "ResolvedImageUri"))
struct GetFunctionReply {
  FunctionConfiguration configuration;
  FunctionCodeLocation code;
  std::map<std::string, std::string> tags;
};
PDS_WIRE_SHAPE(GetFunctionReply, FIELD(configuration, "Configuration"), FIELD(code, "Code"), FIELD(tags, "Tags").omit_empty())

using GetFunctionConfigurationRequest = QualifiedRequest;
using GetFunctionConfigurationReply = FunctionConfiguration;

struct ListFunctionsRequest {
  std::optional<std::string> master_region, function_version, marker;
  std::optional<int> max_items;
};
PDS_WIRE_SHAPE(ListFunctionsRequest, FIELD(master_region, "MasterRegion").query("MasterRegion"),
               FIELD(function_version, "FunctionVersion").query("FunctionVersion"), FIELD(marker, "Marker").query("Marker"),
               FIELD(max_items, "MaxItems").query("MaxItems").bounds(1, 10000))
struct ListFunctionsReply {
  std::vector<FunctionConfiguration> functions;
  std::optional<std::string> next_marker;
};
PDS_WIRE_SHAPE(ListFunctionsReply, FIELD(functions, "Functions"), FIELD(next_marker, "NextMarker"))

struct UpdateFunctionCodeRequest {
  std::string function_name;
  std::optional<std::string> image_uri, revision_id;
  std::optional<bool> publish, dry_run;
  std::vector<std::string> architectures;
  std::optional<Unsupported> zip_file, s3_bucket, s3_key, s3_object_version, source_kms_key_arn, publish_to;
};
PDS_WIRE_SHAPE(UpdateFunctionCodeRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 140),
               FIELD(image_uri, "ImageUri"), FIELD(publish, "Publish"), FIELD(dry_run, "DryRun"), FIELD(revision_id, "RevisionId"),
               FIELD(architectures, "Architectures").bounds(0, 1), FIELD(zip_file, "ZipFile"), FIELD(s3_bucket, "S3Bucket"),
               FIELD(s3_key, "S3Key"), FIELD(s3_object_version, "S3ObjectVersion"), FIELD(source_kms_key_arn, "SourceKMSKeyArn"),
               FIELD(publish_to, "PublishTo"))
using UpdateFunctionCodeReply = FunctionConfiguration;

struct UpdateFunctionConfigurationRequest {
  std::string function_name;
  std::optional<std::string> role, description, revision_id, runtime, handler, kms_key_arn;
  std::optional<int> timeout, memory_size;
  std::optional<Environment> environment;
  std::optional<ImageConfig> image_config;
  std::optional<DeadLetterConfig> dead_letter_config;
  std::optional<TracingConfig> tracing_config;
  std::optional<VpcConfig> vpc_config;
  std::optional<EphemeralStorage> ephemeral_storage;
  std::optional<SnapStart> snap_start;
  std::optional<LoggingConfig> logging_config;
  std::vector<std::string> layers;
  std::vector<Unsupported> file_system_configs;
  std::optional<Unsupported> capacity_provider_config, durable_config;
};
PDS_WIRE_SHAPE(UpdateFunctionConfigurationRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 140),
               FIELD(role, "Role"), FIELD(handler, "Handler").bounds(0, 128), FIELD(description, "Description").bounds(0, 256),
               FIELD(timeout, "Timeout"), FIELD(memory_size, "MemorySize"), FIELD(vpc_config, "VpcConfig"),
               FIELD(environment, "Environment"), FIELD(runtime, "Runtime"), FIELD(dead_letter_config, "DeadLetterConfig"),
               FIELD(kms_key_arn, "KMSKeyArn"), FIELD(tracing_config, "TracingConfig"), FIELD(revision_id, "RevisionId"),
               FIELD(layers, "Layers"), FIELD(file_system_configs, "FileSystemConfigs"), FIELD(image_config, "ImageConfig"),
               FIELD(ephemeral_storage, "EphemeralStorage"), FIELD(snap_start, "SnapStart"), FIELD(logging_config, "LoggingConfig"),
               FIELD(capacity_provider_config, "CapacityProviderConfig"), FIELD(durable_config, "DurableConfig"))
using UpdateFunctionConfigurationReply = FunctionConfiguration;

using DeleteFunctionRequest = QualifiedRequest;
using DeleteFunctionReply = Empty;

struct PublishVersionRequest {
  std::string function_name;
  std::optional<std::string> code_sha256, description, revision_id;
  std::optional<Unsupported> publish_to;
};
PDS_WIRE_SHAPE(PublishVersionRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 140),
               FIELD(code_sha256, "CodeSha256"), FIELD(description, "Description").bounds(0, 256), FIELD(revision_id, "RevisionId"),
               FIELD(publish_to, "PublishTo"))
using PublishVersionReply = FunctionConfiguration;

using ListVersionsByFunctionRequest = PagedFunctionRequest;
struct ListVersionsByFunctionReply {
  std::vector<FunctionConfiguration> versions;
  std::optional<std::string> next_marker;
};
PDS_WIRE_SHAPE(ListVersionsByFunctionReply, FIELD(versions, "Versions"), FIELD(next_marker, "NextMarker"))

PDS_REST_OPERATION(CreateFunction, "POST", "/2015-03-31/functions", 201)
PDS_REST_OPERATION(GetFunction, "GET", "/2015-03-31/functions/{FunctionName}", 200)
PDS_REST_OPERATION(GetFunctionConfiguration, "GET", "/2015-03-31/functions/{FunctionName}/configuration", 200)
PDS_REST_OPERATION(ListFunctions, "GET", "/2015-03-31/functions", 200)
PDS_REST_OPERATION(UpdateFunctionCode, "PUT", "/2015-03-31/functions/{FunctionName}/code", 200)
PDS_REST_OPERATION(UpdateFunctionConfiguration, "PUT", "/2015-03-31/functions/{FunctionName}/configuration", 200)
PDS_REST_OPERATION(DeleteFunction, "DELETE", "/2015-03-31/functions/{FunctionName}", 204)
PDS_REST_OPERATION(PublishVersion, "POST", "/2015-03-31/functions/{FunctionName}/versions", 201)
PDS_REST_OPERATION(ListVersionsByFunction, "GET", "/2015-03-31/functions/{FunctionName}/versions", 200)

}  // namespace pds::aws::lambda
