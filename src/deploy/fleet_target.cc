#include <fmt/core.h>

#include "aws/shapes/autoscaling.h"
#include "aws/shapes/codedeploy.h"
#include "deploy/engine.h"

namespace pds::deploy {

namespace autoscaling = aws::autoscaling;
namespace codedeploy = aws::codedeploy;

namespace {

constexpr Duration end_state_wait = 120s;   // real time; a drain and the end of a few instances on the local clock

bool over(const std::string& status) { return status == "Succeeded" || status == "Failed" || status == "Stopped"; }

codedeploy::RevisionLocation bundle_at(const std::string& bucket, const std::string& key) {
  codedeploy::RevisionLocation location{.revision_type = "S3"};
  location.s3_location = codedeploy::S3Location{.bucket = bucket, .key = key, .bundle_type = "tar"};
  return location;
}

}  // namespace

io::Task<Result<void>> Engine::stage_fleet(const ReleaseRequest& request) {
  CO_TRY(auto serving, co_await journal_.current());
  if (serving && serving->image == release_.image && serving->phase == "released" && facts_.released) {
    release_.fleet.skipped = true;
    release_.bundle_key = serving->bundle_key;   // what a later release goes back to
    co_return Result<void>{};
  }
  release_.fleet.from = facts_.fleet_group;
  release_.bundle_key = "bundles/" + release_.id + ".tar";
  CO_TRY(std::string archive, make_bundle({.image = request.image, .trusted_keys = request.trusted_keys, .secret_name = config_.text("secret.name"),
                                           .port = static_cast<int>(config_.integer("fleet.port"))}));
  CO_CHECK(co_await journal_.put_object(release_.bundle_key, std::move(archive)));
  codedeploy::RegisterApplicationRevisionRequest revision;
  revision.application_name = names_.fleet_application;
  revision.description = release_.id;
  revision.revision = bundle_at(names_.bucket, release_.bundle_key);
  CO_CHECK(co_await client_.call<codedeploy::RegisterApplicationRevision>(revision));
  co_return Result<void>{};
}

io::Task<Result<std::string>> Engine::find_deployment(const std::string& application, const std::string& group, const std::string& description) {
  codedeploy::ListDeploymentsRequest request;
  request.application_name = application;
  request.deployment_group_name = group;
  CO_TRY(auto listed, co_await client_.call<codedeploy::ListDeployments>(request));
  for (const std::string& id : listed.deployments) {
    codedeploy::GetDeploymentRequest one;
    one.deployment_id = id;
    CO_TRY(auto found, co_await client_.call<codedeploy::GetDeployment>(one));
    if (found.deployment_info.description == description && found.deployment_info.creator == "user") co_return id;
  }
  co_return std::string();
}

io::Task<Result<void>> Engine::start_fleet() {
  std::string description = release_.id + " fleet";
  CO_CHECK(co_await note(fmt::format("fleet: a copy of {} is made, and gets the release", release_.fleet.from)));
  CO_TRY(std::string id, co_await find_deployment(names_.fleet_application, names_.fleet_deployment_group, description));
  if (id.empty()) {
    codedeploy::CreateDeploymentRequest request;
    request.application_name = names_.fleet_application;
    request.deployment_group_name = names_.fleet_deployment_group;
    request.description = description;
    request.revision = bundle_at(names_.bucket, release_.bundle_key);
    CO_TRY(auto made, co_await once_.call<codedeploy::CreateDeployment>(request));
    id = made.deployment_id.value_or("");
  }
  begun(release_.fleet, id);
  co_return co_await journal_.write(release_);
}

void Engine::begun(TargetProgress& target, const std::string& deployment_id) {
  target.deployment_id = deployment_id;
  target.status = "Created";
  if (&target == &release_.fleet) target.to = fmt::format("CodeDeploy_{}_{}", names_.fleet_deployment_group, deployment_id);
}

io::Task<Result<void>> Engine::find_unheard_deployments() {
  auto unknown = [](const TargetProgress& target) { return !target.skipped && target.deployment_id.empty(); };
  if (unknown(release_.fleet)) {
    CO_TRY(std::string id, co_await find_deployment(names_.fleet_application, names_.fleet_deployment_group, release_.id + " fleet"));
    if (!id.empty()) begun(release_.fleet, id);
  }
  if (unknown(release_.function)) {
    CO_TRY(std::string id, co_await find_deployment(names_.function_application, names_.function_deployment_group, release_.id + " function"));
    if (!id.empty()) begun(release_.function, id);
  }
  co_return Result<void>{};
}

io::Task<Result<void>> Engine::refresh(TargetProgress& target, bool& waits_for_termination) {
  bool is_fleet = &target == &release_.fleet;
  if (!target.deployment_id.empty() && (!over(target.status) || target.rollback_id.empty())) {
    codedeploy::GetDeploymentRequest request;
    request.deployment_id = target.deployment_id;
    CO_TRY(auto found, co_await client_.call<codedeploy::GetDeployment>(request));
    const codedeploy::DeploymentInfo& info = found.deployment_info;
    waits_for_termination = info.instance_termination_wait_time_started && info.status == "InProgress";
    if (traffic_since_ == Timestamp{} || info.create_time < traffic_since_) traffic_since_ = info.create_time;
    if (info.rollback_info && info.rollback_info->rollback_deployment_id && target.rollback_id.empty()) {
      target.rollback_id = *info.rollback_info->rollback_deployment_id;
      target.rollback_status = "Created";
    }
    target.no_rollback = over(info.status) && info.rollback_info && !info.rollback_info->rollback_deployment_id;
    if (info.status != target.status) {
      target.status = info.status;
      std::string why = info.error_information ? fmt::format(": {} {}", info.error_information->code.value_or(""), info.error_information->message.value_or("")) : "";
      CO_CHECK(co_await note(fmt::format("{}: deployment {} {}{}", is_fleet ? "fleet" : "function", target.deployment_id, target.status, why)));
    }
  }
  if (!target.rollback_id.empty() && !over(target.rollback_status)) {
    codedeploy::GetDeploymentRequest request;
    request.deployment_id = target.rollback_id;
    CO_TRY(auto found, co_await client_.call<codedeploy::GetDeployment>(request));
    if (found.deployment_info.status != target.rollback_status) {
      target.rollback_status = found.deployment_info.status;
      CO_CHECK(co_await note(fmt::format("{}: rollback {} {}", is_fleet ? "fleet" : "function", target.rollback_id, target.rollback_status)));
    }
  }
  co_return Result<void>{};
}

io::Task<Result<void>> Engine::stop(TargetProgress& target) {
  CO_CHECK(co_await note(fmt::format("{}: stop deployment {} and roll back", &target == &release_.fleet ? "fleet" : "function", target.deployment_id)));
  codedeploy::StopDeploymentRequest request;
  request.deployment_id = target.deployment_id;
  request.auto_rollback_enabled = true;
  auto stopped = co_await client_.call<codedeploy::StopDeployment>(request);
  // It may have ended meanwhile: then its status says how, and the next decision follows from that.
  if (!stopped && stopped.error().code != "DeploymentAlreadyCompletedException") co_return std::unexpected(stopped.error());
  auto deadline = std::chrono::steady_clock::now() + end_state_wait;
  while (target.rollback_id.empty() && !target.no_rollback && std::chrono::steady_clock::now() < deadline) {
    bool ignored = false;
    CO_CHECK(co_await refresh(target, ignored));
    if (target.status == "Succeeded" || !target.rollback_id.empty()) break;
    co_await loop_.sleep_for(poll_interval());
  }
  co_return co_await journal_.write(release_);
}

io::Task<Result<void>> Engine::let_old_fleet_go() {
  if (release_.fleet.skipped || release_.fleet.status == "Succeeded") co_return Result<void>{};
  codedeploy::ContinueDeploymentRequest request;
  request.deployment_id = release_.fleet.deployment_id;
  request.deployment_wait_type = "TERMINATION_WAIT";
  auto done = co_await client_.call<codedeploy::ContinueDeployment>(request);
  if (!done && done.error().code != "DeploymentAlreadyCompletedException" && done.error().code != "DeploymentIsNotInReadyStateException")
    co_return std::unexpected(done.error());
  co_return Result<void>{};
}

// A released fleet is judged by the balancer from now on.
io::Task<Result<void>> Engine::settle_fleet() {
  if (release_.fleet.skipped) co_return Result<void>{};
  autoscaling::UpdateAutoScalingGroupRequest request;
  request.auto_scaling_group_name = release_.fleet.to;
  request.health_check_type = "ELB";
  CO_CHECK(co_await client_.call<autoscaling::UpdateAutoScalingGroup>(request));
  co_return Result<void>{};
}

io::Task<Result<void>> Engine::send_fleet_back() {
  std::string description = release_.id + " fleet back";
  CO_TRY(auto previous, co_await journal_.current());
  if (!previous || previous->bundle_key.empty())
    co_return fail("E_NEEDS_PERSON", "the fleet's deployment had already ended, and there is no earlier release to go back to");
  CO_CHECK(co_await note(fmt::format("fleet: back to {} by a new deployment", previous->id)));
  CO_TRY(std::string id, co_await find_deployment(names_.fleet_application, names_.fleet_deployment_group, description));
  if (id.empty()) {
    codedeploy::CreateDeploymentRequest request;
    request.application_name = names_.fleet_application;
    request.deployment_group_name = names_.fleet_deployment_group;
    request.description = description;
    request.revision = bundle_at(names_.bucket, previous->bundle_key);
    CO_TRY(auto made, co_await once_.call<codedeploy::CreateDeployment>(request));
    id = made.deployment_id.value_or("");
  }
  release_.fleet.rollback_id = id;
  release_.fleet.rollback_status = "Created";
  co_return co_await journal_.write(release_);
}

// The end state after going back: nothing is left of the new fleet. CodeDeploy leaves the copied group behind when a deployment fails.
io::Task<Result<void>> Engine::check_fleet() {
  auto deadline = std::chrono::steady_clock::now() + end_state_wait;
  bool asked = false;
  while (!release_.fleet.to.empty()) {
    autoscaling::DescribeAutoScalingGroupsRequest request;
    request.auto_scaling_group_names = {release_.fleet.to};
    CO_TRY(auto found, co_await client_.call<autoscaling::DescribeAutoScalingGroups>(request));
    if (found.auto_scaling_groups.empty()) break;
    if (!asked && !found.auto_scaling_groups[0].status) {   // a status says that it is being deleted already
      autoscaling::DeleteAutoScalingGroupRequest remove;
      remove.auto_scaling_group_name = release_.fleet.to;
      remove.force_delete = true;
      auto removed = co_await client_.call<autoscaling::DeleteAutoScalingGroup>(remove);
      bool gone = !removed && removed.error().code == "ValidationError" && removed.error().message.find("not found") != std::string::npos;
      if (!removed && !gone && removed.error().code != "ScalingActivityInProgress") co_return std::unexpected(removed.error());
      asked = removed.has_value();
    }
    if (std::chrono::steady_clock::now() > deadline)
      co_return fail("E_NEEDS_PERSON", fmt::format("the group {} of the failed release does not go away", release_.fleet.to));
    progress_.waiting(fmt::format("what is left of the new fleet goes ({})", release_.fleet.to));
    co_await loop_.sleep_for(poll_interval());
  }
  release_.fleet.undone = true;
  co_return co_await note(release_.fleet.from.empty() ? "fleet: nothing to undo" : fmt::format("fleet: {} serves, nothing of the new one is left", release_.fleet.from));
}

}  // namespace pds::deploy
