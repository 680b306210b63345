#include "cloud/services/codedeploy/service.h"

#include <algorithm>

#include "cloud/services/codedeploy/waiter.h"

namespace pds::cloud {

using namespace codedeploy;

namespace {

// How often the balancer's and the groups' state is looked at while something depends on it: real time, whatever the clock's scale.
constexpr Duration look_again = 100ms;

template <class Request>
std::vector<PassedRole> service_role(const Call&, const void* raw) {
  const auto& role = static_cast<const Request*>(raw)->settings.service_role_arn;
  if (!role) return {};
  return {{.role_arn = *role, .service = "codedeploy.amazonaws.com", .refusal = ""}};
}

}  // namespace

CodeDeploy::CodeDeploy(Core& core, Dependencies dependencies)
    : core_(core),
      dependencies_(std::move(dependencies)),
      state_(core),
      engine_(core, state_, dependencies_.fleet, dependencies_.functions),
      timer_(core.loop, [this] { kicked_.set(); }) {}

CodeDeploy::~CodeDeploy() = default;

Api CodeDeploy::api() {
  Api api(wire::service_info());
  api.add<wire::BatchGetApplications>(this, &CodeDeploy::batch_get_applications);
  api.add<wire::BatchGetDeploymentGroups>(this, &CodeDeploy::batch_get_deployment_groups);
  api.add<wire::BatchGetDeploymentInstances>(this, &CodeDeploy::batch_get_deployment_instances);
  api.add<wire::BatchGetDeployments>(this, &CodeDeploy::batch_get_deployments);
  api.add<wire::BatchGetDeploymentTargets>(this, &CodeDeploy::batch_get_deployment_targets);
  api.add<wire::ContinueDeployment>(this, &CodeDeploy::continue_deployment);
  api.add<wire::CreateApplication>(this, &CodeDeploy::create_application);
  api.add<wire::CreateDeployment>(this, &CodeDeploy::create_deployment);
  api.add<wire::CreateDeploymentConfig>(this, &CodeDeploy::create_deployment_config);
  api.add<wire::CreateDeploymentGroup>(this, &CodeDeploy::create_deployment_group).passed_roles =
      service_role<wire::CreateDeploymentGroupRequest>;
  api.add<wire::DeleteApplication>(this, &CodeDeploy::delete_application);
  api.add<wire::DeleteDeploymentConfig>(this, &CodeDeploy::delete_deployment_config);
  api.add<wire::DeleteDeploymentGroup>(this, &CodeDeploy::delete_deployment_group);
  api.add<wire::GetApplication>(this, &CodeDeploy::get_application);
  api.add<wire::GetApplicationRevision>(this, &CodeDeploy::get_application_revision);
  api.add<wire::GetDeployment>(this, &CodeDeploy::get_deployment);
  api.add<wire::GetDeploymentConfig>(this, &CodeDeploy::get_deployment_config);
  api.add<wire::GetDeploymentGroup>(this, &CodeDeploy::get_deployment_group);
  api.add<wire::GetDeploymentInstance>(this, &CodeDeploy::get_deployment_instance);
  api.add<wire::GetDeploymentTarget>(this, &CodeDeploy::get_deployment_target);
  api.add<wire::ListApplications>(this, &CodeDeploy::list_applications);
  api.add<wire::ListDeploymentConfigs>(this, &CodeDeploy::list_deployment_configs);
  api.add<wire::ListDeploymentGroups>(this, &CodeDeploy::list_deployment_groups);
  api.add<wire::ListDeploymentInstances>(this, &CodeDeploy::list_deployment_instances);
  api.add<wire::ListDeployments>(this, &CodeDeploy::list_deployments);
  api.add<wire::ListDeploymentTargets>(this, &CodeDeploy::list_deployment_targets);
  api.add<wire::ListTagsForResource>(this, &CodeDeploy::list_tags_for_resource);
  api.add<wire::PutLifecycleEventHookExecutionStatus>(this, &CodeDeploy::put_hook_status);
  api.add<wire::RegisterApplicationRevision>(this, &CodeDeploy::register_application_revision);
  api.add<wire::SkipWaitTimeForInstanceTermination>(this, &CodeDeploy::skip_wait_time);
  api.add<wire::StopDeployment>(this, &CodeDeploy::stop_deployment);
  api.add<wire::TagResource>(this, &CodeDeploy::tag_resource);
  api.add<wire::UntagResource>(this, &CodeDeploy::untag_resource);
  api.add<wire::UpdateApplication>(this, &CodeDeploy::update_application);
  api.add<wire::UpdateDeploymentGroup>(this, &CodeDeploy::update_deployment_group).passed_roles =
      service_role<wire::UpdateDeploymentGroupRequest>;
  return api;
}

void CodeDeploy::start() {
  engine_.resume();
  kicked_.set();
  tasks_.spawn(run(this));
}

io::Task<void> CodeDeploy::stop() {
  ending_ = true;
  timer_.cancel();
  kicked_.set();
  wake_agents();
  co_await tasks_.wait_empty();
}

void CodeDeploy::kick() { kicked_.set(); }

void CodeDeploy::wake_agents() {
  // A woken waiter leaves the list before the next is looked at.
  std::list<Waiter*> all = waiters_;
  for (Waiter* waiter : all)
    if (std::find(waiters_.begin(), waiters_.end(), waiter) != waiters_.end()) waiter->event.set();
}

void CodeDeploy::hook_delivered(const std::string& deployment_id, const std::string& execution_id, const Result<void>& sent) {
  engine_.hook_delivered(deployment_id, execution_id, sent);
  kick();
}

io::Task<void> CodeDeploy::run(CodeDeploy* self) {
  while (true) {
    co_await self->kicked_.wait();
    if (self->ending_) co_return;
    self->kicked_.reset();
    // Wakes are on a later turn of the loop: nobody is resumed in the middle of a handler's transaction.
    co_await self->core_.loop.yield();
    while (self->engine_.step()) {
    }
    self->wake_agents();
    if (!self->engine_.idle()) self->timer_.start(std::chrono::steady_clock::now() + look_again);
  }
}

}  // namespace pds::cloud
