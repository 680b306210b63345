// CodeDeployCommandService_v20141006: what the agent on an instance asks and tells.
#pragma once

#include "aws/shape.h"

namespace pds::aws::codedeploy_commands {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "codedeploy-commands",
                                .id = "CodeDeployCommands",
                                .protocol = Protocol::json,
                                .version = "2014-10-06",
                                .target_prefix = "CodeDeployCommandService_v20141006",
                                .json_version = "1.1",
                                .endpoint_prefix = "codedeploy-commands"};
  return info;
}

struct HostCommand {
  std::string host_command_identifier, host_identifier, deployment_execution_id, command_name;
  int nonce = 0;
};
PDS_WIRE_SHAPE(HostCommand, FIELD(host_command_identifier, "HostCommandIdentifier"), FIELD(host_identifier, "HostIdentifier"),
               FIELD(deployment_execution_id, "DeploymentExecutionId"), FIELD(command_name, "CommandName"), FIELD(nonce, "Nonce"))

struct Envelope {
  std::string format, payload;
};
PDS_WIRE_SHAPE(Envelope, FIELD(format, "Format"), FIELD(payload, "Payload"))

struct PollHostCommandRequest {
  std::string host_identifier;  // the instance's ARN
};
PDS_WIRE_SHAPE(PollHostCommandRequest, FIELD(host_identifier, "HostIdentifier").required())
struct PollHostCommandReply {
  std::optional<HostCommand> host_command;  // none: ask again
};
PDS_WIRE_SHAPE(PollHostCommandReply, FIELD(host_command, "HostCommand"))
PDS_OPERATION(PollHostCommand)

struct CommandReport {
  std::string host_command_identifier;
  std::optional<Envelope> diagnostics;
};
PDS_WIRE_SHAPE(CommandReport, FIELD(host_command_identifier, "HostCommandIdentifier").required(), FIELD(diagnostics, "Diagnostics"))
struct CommandState {
  std::string command_status;  // Pending, InProgress, Succeeded, Failed
};
PDS_WIRE_SHAPE(CommandState, FIELD(command_status, "CommandStatus"))

using PutHostCommandAcknowledgementRequest = CommandReport;
using PutHostCommandAcknowledgementReply = CommandState;
PDS_OPERATION(PutHostCommandAcknowledgement)

struct GetDeploymentSpecificationRequest {
  std::string deployment_execution_id, host_identifier;
};
PDS_WIRE_SHAPE(GetDeploymentSpecificationRequest, FIELD(deployment_execution_id, "DeploymentExecutionId").required(),
               FIELD(host_identifier, "HostIdentifier").required())
struct DeploymentSpecification {
  Envelope generic_envelope;
  std::optional<std::string> variant_id;
  std::optional<Envelope> variant_envelope;
};
PDS_WIRE_SHAPE(DeploymentSpecification, FIELD(generic_envelope, "GenericEnvelope"), FIELD(variant_id, "VariantId"),
               FIELD(variant_envelope, "VariantEnvelope"))
struct GetDeploymentSpecificationReply {
  std::string deployment_system;  // "CodeDeploy"
  DeploymentSpecification deployment_specification;
};
PDS_WIRE_SHAPE(GetDeploymentSpecificationReply, FIELD(deployment_system, "DeploymentSystem"),
               FIELD(deployment_specification, "DeploymentSpecification"))
PDS_OPERATION(GetDeploymentSpecification)

struct PostHostCommandUpdateRequest {
  std::string host_command_identifier;
  std::optional<Timestamp> estimated_completion_time;
  std::optional<Envelope> diagnostics;
};
PDS_WIRE_SHAPE(PostHostCommandUpdateRequest, FIELD(host_command_identifier, "HostCommandIdentifier").required(),
               FIELD(estimated_completion_time, "EstimatedCompletionTime"), FIELD(diagnostics, "Diagnostics"))
using PostHostCommandUpdateReply = CommandState;
PDS_OPERATION(PostHostCommandUpdate)

struct PutHostCommandCompleteRequest {
  std::string host_command_identifier, command_status;
  std::optional<Envelope> diagnostics;
};
PDS_WIRE_SHAPE(PutHostCommandCompleteRequest, FIELD(host_command_identifier, "HostCommandIdentifier").required(),
               FIELD(command_status, "CommandStatus").required(), FIELD(diagnostics, "Diagnostics"))
using PutHostCommandCompleteReply = Empty;
PDS_OPERATION(PutHostCommandComplete)

// ---- what the envelopes hold ----

struct RevisionS3 {
  std::string bucket, key, bundle_type;
  std::optional<std::string> version, e_tag;
};
PDS_WIRE_SHAPE(RevisionS3, FIELD(bucket, "Bucket"), FIELD(key, "Key"), FIELD(bundle_type, "BundleType"), FIELD(version, "Version"),
               FIELD(e_tag, "ETag"))

struct Revision {
  std::string revision_type;  // "S3"
  std::optional<RevisionS3> s3_revision;
};
PDS_WIRE_SHAPE(Revision, FIELD(revision_type, "RevisionType"), FIELD(s3_revision, "S3Revision"))

struct AgentOverrides {
  std::optional<std::string> file_exists_behavior;
};
PDS_WIRE_SHAPE(AgentOverrides, FIELD(file_exists_behavior, "FileExistsBehavior"))
struct AgentActionOverrides {
  std::optional<AgentOverrides> agent_overrides;
};
PDS_WIRE_SHAPE(AgentActionOverrides, FIELD(agent_overrides, "AgentOverrides"))

// GenericEnvelope of a specification, as JSON.
struct Specification {
  std::string deployment_id, deployment_group_id, deployment_group_name, application_name, deployment_creator, deployment_type;
  std::string app_spec_filename = "appspec.yml";
  Revision revision;
  std::optional<AgentActionOverrides> agent_action_overrides;
  std::vector<std::string> all_possible_lifecycle_events;
};
PDS_WIRE_SHAPE(Specification, FIELD(deployment_id, "DeploymentId"), FIELD(deployment_group_id, "DeploymentGroupId"),
               FIELD(deployment_group_name, "DeploymentGroupName"), FIELD(application_name, "ApplicationName"),
               FIELD(deployment_creator, "DeploymentCreator"), FIELD(deployment_type, "DeploymentType"),
               FIELD(app_spec_filename, "AppSpecFilename"), FIELD(revision, "Revision"),
               FIELD(agent_action_overrides, "AgentActionOverrides"), FIELD(all_possible_lifecycle_events, "AllPossibleLifecycleEvents"))

// Diagnostics of a finished command, as JSON. Codes: 0 success, 1 script missing, 2 not executable, 3 timed out, 4 failed, 5
// unknown.
struct CommandDiagnostics {
  int error_code = 0;
  std::string script_name, message, log;
};
PDS_WIRE_SHAPE(CommandDiagnostics, FIELD(error_code, "error_code"), FIELD(script_name, "script_name"), FIELD(message, "message"),
               FIELD(log, "log"))
// Diagnostics of an acknowledgement.
struct Acknowledgement {
  bool is_command_noop = false;
};
PDS_WIRE_SHAPE(Acknowledgement, FIELD(is_command_noop, "IsCommandNoop"))

}  // namespace pds::aws::codedeploy_commands
