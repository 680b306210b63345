// The lifecycle hook function of a Lambda deployment: asks the version that is to get the traffic whether it is ready, and tells
// CodeDeploy. A deployment whose hook does not answer waits an hour, so whatever goes wrong here is reported as Failed.
#pragma once

#include "aws/client.h"
#include "base/log.h"
#include "podinfo/lambda_runtime.h"

namespace pds::podinfo {

struct HookTarget {
  std::string function, qualifier;
};
// What an AppSpec (JSON or YAML) of a Lambda deployment shifts the traffic to.
Result<HookTarget> target_of_appspec(const std::string& content);

class Hook {
 public:
  // `target_function` is what TARGET_FUNCTION says: a name or ARN, with or without ":qualifier". What it leaves open is read from
  // the deployment's AppSpec.
  Hook(aws::Client& client, const Logger& logger, std::string target_function)
      : client_(client), logger_(logger), target_function_(std::move(target_function)) {}
  // {"DeploymentId":"d-...","LifecycleEventHookExecutionId":"..."}
  io::Task<Result<std::string>> handle(Invocation invocation);

 private:
  io::Task<Result<HookTarget>> find_target(const std::string& deployment_id);
  io::Task<Result<void>> validate(const std::string& deployment_id);
  io::Task<Result<void>> expect_ok(const HookTarget& target, const std::string& path);

  aws::Client& client_;
  const Logger& logger_;
  std::string target_function_;
};

}  // namespace pds::podinfo
