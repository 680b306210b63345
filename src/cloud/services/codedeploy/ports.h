// What CodeDeploy does to the world, and no more: so that its state machine can be tested without a fleet. All calls change tables
// of other services in the transaction of the caller; none waits.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace pds::cloud::codedeploy {

struct FleetMember {
  std::string instance_id;
  std::string lifecycle_state;  // InService, Pending:Wait, ...
  bool healthy = false;
};
struct FleetGroup {
  std::string name;
  int desired = 0;
  std::vector<FleetMember> members;
  std::vector<std::string> target_group_arns;
};

class FleetPort {
 public:
  virtual ~FleetPort() = default;
  virtual std::optional<FleetGroup> find_group(const std::string& name) = 0;
  // Like `source`, with `count` instances, in no target group yet and judged by its instances' own health. Nothing happens when it
  // exists.
  virtual Result<void> copy_group(const std::string& source, const std::string& name, int count) = 0;
  // Traffic arrives, and from now on the balancer's health counts (as it does for the group it was copied from).
  virtual Result<void> attach(const std::string& group, const std::string& like,
                              const std::vector<std::string>& target_group_arns) = 0;
  virtual Result<void> detach(const std::string& group, const std::vector<std::string>& target_group_arns) = 0;
  virtual Result<void> delete_group(const std::string& name) = 0;  // with its instances; absent is fine

  virtual Result<std::string> target_group_arn(const std::string& name_or_arn) = 0;
  virtual Result<void> register_target(const std::string& target_group_arn, const std::string& instance_id) = 0;
  virtual Result<void> deregister_target(const std::string& target_group_arn, const std::string& instance_id) = 0;
  // "healthy", "initial", "draining", ...; "" when it is not registered.
  virtual std::string target_health(const std::string& target_group_arn, const std::string& instance_id) = 0;

  virtual Result<void> put_launch_hook(const std::string& group, const std::string& hook) = 0;
  virtual Result<void> delete_launch_hook(const std::string& group, const std::string& hook) = 0;  // absent is fine
  virtual Result<void> heartbeat(const std::string& group, const std::string& hook, const std::string& instance_id) = 0;
  virtual Result<void> complete_launch(const std::string& group, const std::string& hook, const std::string& instance_id,
                                       bool keep) = 0;
};

struct AliasState {
  std::string version;
  std::map<std::string, double> weights;
};

class FunctionPort {
 public:
  virtual ~FunctionPort() = default;
  virtual Result<AliasState> alias(const std::string& function, const std::string& alias) = 0;
  virtual Result<void> set_alias(const std::string& function, const std::string& alias, const AliasState& state) = 0;
  virtual Result<void> check_version(const std::string& function, const std::string& version) = 0;
  // Sends {"DeploymentId","LifecycleEventHookExecutionId"} to a hook function, later; told() says when it could not be.
  virtual void send_hook(const std::string& function, const std::string& deployment_id, const std::string& execution_id) = 0;
};

}  // namespace pds::cloud::codedeploy
