// CodeDeploy: deployments to functions and to fleets. See README.md for what is done and what differs from AWS.
#pragma once

#include <functional>
#include <list>
#include <memory>

#include "aws/shapes/codedeploy_commands.h"
#include "cloud/core.h"
#include "cloud/roles.h"
#include "cloud/services/codedeploy/engine.h"

namespace pds::cloud {

class CodeDeploy final : public CloudService {
 public:
  struct Dependencies {
    codedeploy::FleetPort& fleet;         // fleet_adapter.h
    codedeploy::FunctionPort& functions;  // function_adapter.h
    RoleSource* roles = nullptr;          // null: service roles are not checked (tests)
    // The ETag of a revision's bundle, or the error AWS gives for one that is not there. Null: not checked.
    std::function<Result<std::string>(const std::string& bucket, const std::string& key, const std::string& version)> find_bundle;
  };
  CodeDeploy(Core& core, Dependencies dependencies);
  ~CodeDeploy() override;

  Api api() override;
  void start() override;
  io::Task<void> stop() override;
  // Something changed that deployments may wait for.
  void kick();
  codedeploy::Engine& engine() { return engine_; }
  // The hook functions' answer, from the adapter.
  void hook_delivered(const std::string& deployment_id, const std::string& execution_id, const Result<void>& sent);

#define PDS_CALL_OF(Name, method) \
  Result<aws::codedeploy::Name##Reply> method(const Call& call, const aws::codedeploy::Name##Request& request)
  PDS_CALL_OF(CreateApplication, create_application);
  PDS_CALL_OF(GetApplication, get_application);
  PDS_CALL_OF(ListApplications, list_applications);
  PDS_CALL_OF(UpdateApplication, update_application);
  PDS_CALL_OF(DeleteApplication, delete_application);
  PDS_CALL_OF(BatchGetApplications, batch_get_applications);
  PDS_CALL_OF(RegisterApplicationRevision, register_application_revision);
  PDS_CALL_OF(GetApplicationRevision, get_application_revision);
  PDS_CALL_OF(ListTagsForResource, list_tags_for_resource);
  PDS_CALL_OF(TagResource, tag_resource);
  PDS_CALL_OF(UntagResource, untag_resource);
  PDS_CALL_OF(CreateDeploymentConfig, create_deployment_config);
  PDS_CALL_OF(GetDeploymentConfig, get_deployment_config);
  PDS_CALL_OF(ListDeploymentConfigs, list_deployment_configs);
  PDS_CALL_OF(DeleteDeploymentConfig, delete_deployment_config);
  PDS_CALL_OF(CreateDeploymentGroup, create_deployment_group);
  PDS_CALL_OF(GetDeploymentGroup, get_deployment_group);
  PDS_CALL_OF(ListDeploymentGroups, list_deployment_groups);
  PDS_CALL_OF(BatchGetDeploymentGroups, batch_get_deployment_groups);
  PDS_CALL_OF(UpdateDeploymentGroup, update_deployment_group);
  PDS_CALL_OF(DeleteDeploymentGroup, delete_deployment_group);
  PDS_CALL_OF(CreateDeployment, create_deployment);
  PDS_CALL_OF(GetDeployment, get_deployment);
  PDS_CALL_OF(BatchGetDeployments, batch_get_deployments);
  PDS_CALL_OF(ListDeployments, list_deployments);
  PDS_CALL_OF(StopDeployment, stop_deployment);
  PDS_CALL_OF(ContinueDeployment, continue_deployment);
  PDS_CALL_OF(SkipWaitTimeForInstanceTermination, skip_wait_time);
  PDS_CALL_OF(PutLifecycleEventHookExecutionStatus, put_hook_status);
  PDS_CALL_OF(GetDeploymentTarget, get_deployment_target);
  PDS_CALL_OF(BatchGetDeploymentTargets, batch_get_deployment_targets);
  PDS_CALL_OF(ListDeploymentTargets, list_deployment_targets);
  PDS_CALL_OF(GetDeploymentInstance, get_deployment_instance);
  PDS_CALL_OF(BatchGetDeploymentInstances, batch_get_deployment_instances);
  PDS_CALL_OF(ListDeploymentInstances, list_deployment_instances);
#undef PDS_CALL_OF

 private:
  friend class CodeDeployCommands;
  Result<const codedeploy::ApplicationRecord*> application_at(const std::optional<std::string>& name) const;
  Result<const codedeploy::GroupRecord*> group_at(const std::optional<std::string>& application,
                                                  const std::optional<std::string>& name) const;
  Result<const codedeploy::DeploymentRecord*> deployment_at(const std::optional<std::string>& id) const;
  Result<void> check_settings(const aws::codedeploy::GroupSettings& settings, const std::string& platform,
                              const char* operation) const;
  void apply_settings(const aws::codedeploy::GroupSettings& settings, aws::codedeploy::DeploymentGroupInfo& group) const;
  Result<void> prepare_fleet(const codedeploy::GroupRecord& group, codedeploy::DeploymentRecord& deployment) const;
  Result<void> prepare_function(codedeploy::DeploymentRecord& deployment) const;
  Result<void> check_revision(const aws::codedeploy::RevisionLocation& revision, const std::string& platform) const;
  aws::codedeploy::DeploymentTarget target_of(const codedeploy::DeploymentRecord& deployment,
                                              const codedeploy::TargetRecord& target) const;
  aws::codedeploy::DeploymentTarget function_target(const codedeploy::DeploymentRecord& deployment) const;
  struct Tagged;
  Result<Tagged> tagged_at(const std::optional<std::string>& arn);
  void use_revision(const codedeploy::DeploymentRecord& deployment);
  static io::Task<void> run(CodeDeploy* self);
  // Whoever waits for a command of its own.
  struct Waiter;
  void wake_agents();

  Core& core_;
  Dependencies dependencies_;
  codedeploy::State state_;
  codedeploy::Engine engine_;
  io::Event kicked_;
  io::Timer timer_;
  bool ending_ = false;
  std::list<Waiter*> waiters_;
  io::TaskSet tasks_;
};

// The agents' side of the same deployments: CodeDeployCommandService_v20141006.
class CodeDeployCommands final : public CloudService {
 public:
  explicit CodeDeployCommands(Core& core, CodeDeploy& code_deploy) : core_(core), code_deploy_(code_deploy) {}
  Api api() override;

  // Waits up to poll_wait for a command. A command that was acknowledged and is asked for again is given again: the agent was
  // restarted.
  static constexpr std::chrono::seconds poll_wait{20};
  io::Task<Result<aws::codedeploy_commands::PollHostCommandReply>> poll(
      const Call& call, const aws::codedeploy_commands::PollHostCommandRequest& request);
  Result<aws::codedeploy_commands::CommandState> acknowledge(const Call& call,
                                                             const aws::codedeploy_commands::CommandReport& request);
  Result<aws::codedeploy_commands::GetDeploymentSpecificationReply> specification(
      const Call& call, const aws::codedeploy_commands::GetDeploymentSpecificationRequest& request);
  Result<aws::codedeploy_commands::CommandState> update(const Call& call,
                                                        const aws::codedeploy_commands::PostHostCommandUpdateRequest& request);
  Result<aws::Empty> complete(const Call& call, const aws::codedeploy_commands::PutHostCommandCompleteRequest& request);

 private:
  // "deployment id:instance id:command id", which is what a host command identifier is here.
  struct Place {
    std::string deployment_id, instance_id, command_id;
  };
  Result<Place> place_of(const Call& call, const std::string& identifier) const;
  Result<std::string> host_of(const Call& call, const std::string& host_identifier) const;
  std::optional<aws::codedeploy_commands::HostCommand> find_command(const std::string& instance_id) const;

  Core& core_;
  CodeDeploy& code_deploy_;
};

}  // namespace pds::cloud
