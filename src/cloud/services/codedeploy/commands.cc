#include <fmt/core.h>

#include <algorithm>

#include "aws/arn.h"
#include "base/text.h"
#include "cloud/services/codedeploy/service.h"
#include "cloud/services/codedeploy/waiter.h"

namespace pds::cloud {

using namespace codedeploy;

namespace agent = aws::codedeploy_commands;

namespace {

constexpr size_t diagnostics_bytes_max = 64 << 10;
constexpr size_t log_tail_bytes_max = 2048;

std::string error_code_of(int code) {
  switch (code) {
    case 0:
      return "Success";
    case 1:
      return "ScriptMissing";
    case 2:
      return "ScriptNotExecutable";
    case 3:
      return "ScriptTimedOut";
    case 4:
      return "ScriptFailed";
    default:
      return "UnknownError";
  }
}

wire::Diagnostics diagnostics_of(const std::optional<agent::Envelope>& envelope) {
  if (!envelope || envelope->payload.size() > diagnostics_bytes_max) return {"UnknownError", "", "", ""};
  Result<agent::CommandDiagnostics> told = aws::from_json_text<agent::CommandDiagnostics>(envelope->payload);
  if (!told) return {"UnknownError", "", "the agent's diagnostics cannot be read", ""};
  std::string tail = told->log.size() > log_tail_bytes_max ? told->log.substr(told->log.size() - log_tail_bytes_max) : told->log;
  return {error_code_of(told->error_code), told->script_name, told->message, tail};
}

}  // namespace

Api CodeDeployCommands::api() {
  Api api(agent::service_info());
  api.add<agent::PollHostCommand>(this, &CodeDeployCommands::poll);
  api.add<agent::PutHostCommandAcknowledgement>(this, &CodeDeployCommands::acknowledge);
  api.add<agent::GetDeploymentSpecification>(this, &CodeDeployCommands::specification);
  api.add<agent::PostHostCommandUpdate>(this, &CodeDeployCommands::update);
  api.add<agent::PutHostCommandComplete>(this, &CodeDeployCommands::complete);
  return api;
}

// An instance speaks for itself only: its role's session is named after it.
Result<std::string> CodeDeployCommands::host_of(const Call& call, const std::string& host_identifier) const {
  Result<aws::Arn> arn = aws::parse_arn(host_identifier);
  if (!arn || !arn->resource.starts_with("instance/"))
    return fail("ClientException", "The host identifier must be the ARN of an instance.");
  std::string id = arn->resource.substr(std::string_view("instance/").size());
  bool assumed = call.principal_arn.find(":assumed-role/") != std::string::npos;
  if (assumed && !call.principal_arn.ends_with("/" + id))
    return fail("AccessDeniedException", fmt::format("{} may not act for the instance {}", call.principal_arn, id), 403);
  return id;
}

Result<CodeDeployCommands::Place> CodeDeployCommands::place_of(const Call& call, const std::string& identifier) const {
  std::vector<std::string_view> parts = split(identifier, ':');
  if (parts.size() != 3) return fail("ClientException", "The host command identifier is not one that was given out.");
  Place place{std::string(parts[0]), std::string(parts[1]), std::string(parts[2])};
  CHECK(host_of(call, fmt::format("arn:aws:ec2:{}:{}:instance/{}", core_.region, core_.account, place.instance_id)));
  return place;
}

std::optional<agent::HostCommand> CodeDeployCommands::find_command(const std::string& instance_id) const {
  for (const auto& [id, d] : code_deploy_.state_.deployments.rows()) {
    if (is_final(d.info.status)) continue;
    for (const TargetRecord& target : d.targets)
      if (target.target_id == instance_id && target.command)
        return agent::HostCommand{fmt::format("{}:{}:{}", id, instance_id, target.command->id),
                                  fmt::format("arn:aws:ec2:{}:{}:instance/{}", core_.region, core_.account, instance_id), id,
                                  target.command->event, 0};
  }
  return std::nullopt;
}

io::Task<Result<agent::PollHostCommandReply>> CodeDeployCommands::poll(const Call& call,
                                                                       const agent::PollHostCommandRequest& request) {
  CO_TRY(std::string instance_id, host_of(call, request.host_identifier));
  CodeDeploy::Waiter waiter(code_deploy_, core_.loop);
  waiter.timer.start(std::chrono::steady_clock::now() + poll_wait);
  while (true) {
    std::optional<agent::HostCommand> command = find_command(instance_id);
    if (command || waiter.over || code_deploy_.ending_) co_return agent::PollHostCommandReply{command};
    waiter.event.reset();
    co_await waiter.event.wait();
  }
}

Result<agent::CommandState> CodeDeployCommands::acknowledge(const Call& call, const agent::CommandReport& request) {
  TRY(Place place, place_of(call, request.host_command_identifier));
  bool noop = false;
  if (request.diagnostics && request.diagnostics->payload.size() <= diagnostics_bytes_max)
    if (auto told = aws::from_json_text<agent::Acknowledgement>(request.diagnostics->payload)) noop = told->is_command_noop;
  const DeploymentRecord* d = code_deploy_.state_.deployments.find(place.deployment_id);
  if (!d || is_final(d->info.status)) return agent::CommandState{"Failed"};
  std::string state = "Failed";  // not (any longer) to be done
  code_deploy_.state_.deployments.update(place.deployment_id, [&](DeploymentRecord& record) {
    for (TargetRecord& target : record.targets) {
      if (target.target_id != place.instance_id || !target.command || target.command->id != place.command_id) continue;
      Timestamp now = core_.clock.now();
      target.command->state = state = "InProgress";
      target.command->acknowledged_at = target.command->heard_at = now;
      if (noop && command_ended(target, place.command_id, true, {"Success", "", "Succeeded", ""}, false, now)) state = "Succeeded";
    }
  });
  code_deploy_.kick();
  return agent::CommandState{state};
}

Result<agent::GetDeploymentSpecificationReply> CodeDeployCommands::specification(
    const Call& call, const agent::GetDeploymentSpecificationRequest& request) {
  TRY(std::string instance_id, host_of(call, request.host_identifier));
  const DeploymentRecord* d = code_deploy_.state_.deployments.find(request.deployment_execution_id);
  bool belongs =
      d && std::any_of(d->targets.begin(), d->targets.end(), [&](const TargetRecord& t) { return t.target_id == instance_id; });
  if (!belongs)
    return fail("ClientException",
                fmt::format("The instance {} takes no part in the deployment {}", instance_id, request.deployment_execution_id));
  agent::Specification s;
  s.deployment_id = d->info.deployment_id, s.deployment_group_id = d->group_id;
  s.deployment_group_name = d->info.deployment_group_name, s.application_name = d->info.application_name;
  s.deployment_creator = d->info.creator;
  s.deployment_type = d->info.deployment_style ? d->info.deployment_style->deployment_type.value_or("IN_PLACE") : "IN_PLACE";
  s.revision.revision_type = d->info.revision ? d->info.revision->revision_type.value_or("") : "";
  if (d->info.revision && d->info.revision->s3_location) {
    const wire::S3Location& at = *d->info.revision->s3_location;
    s.revision.s3_revision =
        agent::RevisionS3{at.bucket.value_or(""), at.key.value_or(""), at.bundle_type.value_or(""), at.version, at.e_tag};
  }
  if (d->info.file_exists_behavior)
    s.agent_action_overrides = agent::AgentActionOverrides{agent::AgentOverrides{d->info.file_exists_behavior}};
  for (auto events : {install_events(), allow_events(), block_events()})
    for (const char* name : events) s.all_possible_lifecycle_events.push_back(name);
  return agent::GetDeploymentSpecificationReply{"CodeDeploy", {{"TEXT/JSON", aws::to_json_text(s)}, std::nullopt, std::nullopt}};
}

Result<agent::CommandState> CodeDeployCommands::update(const Call& call, const agent::PostHostCommandUpdateRequest& request) {
  TRY(Place place, place_of(call, request.host_command_identifier));
  const DeploymentRecord* d = code_deploy_.state_.deployments.find(place.deployment_id);
  if (!d || is_final(d->info.status)) return agent::CommandState{"Failed"};
  code_deploy_.state_.deployments.update(place.deployment_id, [&](DeploymentRecord& record) {
    for (TargetRecord& target : record.targets)
      if (target.command && target.command->id == place.command_id) target.command->heard_at = core_.clock.now();
  });
  return agent::CommandState{"InProgress"};
}

Result<aws::Empty> CodeDeployCommands::complete(const Call& call, const agent::PutHostCommandCompleteRequest& request) {
  TRY(Place place, place_of(call, request.host_command_identifier));
  const DeploymentRecord* d = code_deploy_.state_.deployments.find(place.deployment_id);
  if (!d || is_final(d->info.status)) return aws::Empty{};  // stopped meanwhile: the agent's work is no longer waited for
  if (request.command_status != "Succeeded" && request.command_status != "Failed")
    return fail("ClientException", "The command status must be Succeeded or Failed.");
  code_deploy_.state_.deployments.update(place.deployment_id, [&](DeploymentRecord& record) {
    for (TargetRecord& target : record.targets)
      if (target.target_id == place.instance_id)
        command_ended(target, place.command_id, request.command_status == "Succeeded", diagnostics_of(request.diagnostics),
                      record.info.ignore_application_stop_failures, core_.clock.now());
  });
  code_deploy_.kick();
  return aws::Empty{};
}

}  // namespace pds::cloud
