#include "cloud/services/codedeploy/function_adapter.h"

#include "base/json.h"
#include "cloud/services/lambda/service.h"

namespace pds::cloud::codedeploy {

Result<AliasState> FunctionAdapter::alias(const std::string& function, const std::string& alias) {
  TRY(aws::lambda::AliasConfiguration found, functions_.get_alias(core_.internal_call(), {function, alias}));
  AliasState state{found.function_version, {}};
  if (found.routing_config) state.weights = found.routing_config->additional_version_weights;
  return state;
}

Result<void> FunctionAdapter::set_alias(const std::string& function, const std::string& alias, const AliasState& state) {
  aws::lambda::UpdateAliasRequest request;
  request.function_name = function, request.name = alias, request.function_version = state.version;
  request.routing_config = aws::lambda::AliasRoutingConfiguration{state.weights};  // empty: no split any more
  Result<aws::lambda::AliasConfiguration> done = functions_.update_alias(core_.internal_call(), request);
  if (!done) return std::unexpected(done.error());
  return {};
}

Result<void> FunctionAdapter::check_version(const std::string& function, const std::string& version) {
  Result<aws::lambda::FunctionConfiguration> found =
      functions_.get_function_configuration(core_.internal_call(), {function, version});
  if (!found) return std::unexpected(found.error());
  return {};
}

void FunctionAdapter::send_hook(const std::string& function, const std::string& deployment_id, const std::string& execution_id) {
  tasks_.spawn(send(this, function, deployment_id, execution_id));
}

io::Task<void> FunctionAdapter::send(FunctionAdapter* self, std::string function, std::string deployment_id,
                                     std::string execution_id) {
  // Intent before effect: the execution must be known before its function can answer. The step that asked for it is still being
  // written.
  co_await self->core_.loop.yield();
  if (Result<void> kept = co_await self->core_.store.durable(); !kept) co_return;
  FunctionCall call;
  call.function = function;
  call.payload = to_text(json::object{{"DeploymentId", deployment_id}, {"LifecycleEventHookExecutionId", execution_id}});
  Result<void> sent = co_await self->functions_.invoke_later(std::move(call));
  if (self->delivered_) self->delivered_(deployment_id, execution_id, sent);
}

}  // namespace pds::cloud::codedeploy
