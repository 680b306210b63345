// Lambda's operations that are not done here, so that a refusal can name them: REST requests carry a method and a path only.
#include "cloud/services/lambda/service.h"

namespace pds::cloud::lambda {

std::span<const aws::Operation> Lambda::refused_operations() {
  static constexpr auto refused = [](const char* name, const char* method, const char* uri, const char* query = nullptr) {
    return aws::Operation{.name = name, .input = nullptr, .output = nullptr, .method = method, .uri = uri, .query_literal = query};
  };
  static constexpr aws::Operation operations[] = {
      refused("AddLayerVersionPermission", "POST", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy"),
      refused("CheckpointDurableExecution", "POST", "/2025-12-01/durable-executions/{DurableExecutionArn}/checkpoint"),
      refused("CreateCapacityProvider", "POST", "/2025-11-30/capacity-providers"),
      refused("CreateCodeSigningConfig", "POST", "/2020-04-22/code-signing-configs"),
      refused("CreateEventSourceMapping", "POST", "/2015-03-31/event-source-mappings"),
      refused("DeleteCapacityProvider", "DELETE", "/2025-11-30/capacity-providers/{CapacityProviderName}"),
      refused("DeleteCodeSigningConfig", "DELETE", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}"),
      refused("DeleteEventSourceMapping", "DELETE", "/2015-03-31/event-source-mappings/{UUID}"),
      refused("DeleteFunctionCodeSigningConfig", "DELETE", "/2020-06-30/functions/{FunctionName}/code-signing-config"),
      refused("DeleteFunctionConcurrency", "DELETE", "/2017-10-31/functions/{FunctionName}/concurrency"),
      refused("DeleteLayerVersion", "DELETE", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}"),
      refused("DeleteProvisionedConcurrencyConfig", "DELETE", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency"),
      refused("GetCapacityProvider", "GET", "/2025-11-30/capacity-providers/{CapacityProviderName}"),
      refused("GetCodeSigningConfig", "GET", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}"),
      refused("GetDurableExecution", "GET", "/2025-12-01/durable-executions/{DurableExecutionArn}"),
      refused("GetDurableExecutionHistory", "GET", "/2025-12-01/durable-executions/{DurableExecutionArn}/history"),
      refused("GetDurableExecutionState", "GET", "/2025-12-01/durable-executions/{DurableExecutionArn}/state"),
      refused("GetEventSourceMapping", "GET", "/2015-03-31/event-source-mappings/{UUID}"),
      refused("GetFunctionRecursionConfig", "GET", "/2024-08-31/functions/{FunctionName}/recursion-config"),
      refused("GetFunctionScalingConfig", "GET", "/2025-11-30/functions/{FunctionName}/function-scaling-config"),
      refused("GetLayerVersion", "GET", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}"),
      refused("GetLayerVersionByArn", "GET", "/2018-10-31/layers", "find=LayerVersion"),
      refused("GetLayerVersionPolicy", "GET", "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy"),
      refused("GetProvisionedConcurrencyConfig", "GET", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency"),
      refused("GetRuntimeManagementConfig", "GET", "/2021-07-20/functions/{FunctionName}/runtime-management-config"),
      refused("InvokeAsync", "POST", "/2014-11-13/functions/{FunctionName}/invoke-async"),
      refused("InvokeWithResponseStream", "POST", "/2021-11-15/functions/{FunctionName}/response-streaming-invocations"),
      refused("ListCapacityProviders", "GET", "/2025-11-30/capacity-providers"),
      refused("ListCodeSigningConfigs", "GET", "/2020-04-22/code-signing-configs"),
      refused("ListDurableExecutionsByFunction", "GET", "/2025-12-01/functions/{FunctionName}/durable-executions"),
      refused("ListEventSourceMappings", "GET", "/2015-03-31/event-source-mappings"),
      refused("ListFunctionVersionsByCapacityProvider", "GET",
              "/2025-11-30/capacity-providers/{CapacityProviderName}/function-versions"),
      refused("ListFunctionsByCodeSigningConfig", "GET", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}/functions"),
      refused("ListLayerVersions", "GET", "/2018-10-31/layers/{LayerName}/versions"),
      refused("ListLayers", "GET", "/2018-10-31/layers"),
      refused("ListProvisionedConcurrencyConfigs", "GET", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency",
              "List=ALL"),
      refused("PublishLayerVersion", "POST", "/2018-10-31/layers/{LayerName}/versions"),
      refused("PutFunctionCodeSigningConfig", "PUT", "/2020-06-30/functions/{FunctionName}/code-signing-config"),
      refused("PutFunctionConcurrency", "PUT", "/2017-10-31/functions/{FunctionName}/concurrency"),
      refused("PutFunctionRecursionConfig", "PUT", "/2024-08-31/functions/{FunctionName}/recursion-config"),
      refused("PutFunctionScalingConfig", "PUT", "/2025-11-30/functions/{FunctionName}/function-scaling-config"),
      refused("PutProvisionedConcurrencyConfig", "PUT", "/2019-09-30/functions/{FunctionName}/provisioned-concurrency"),
      refused("PutRuntimeManagementConfig", "PUT", "/2021-07-20/functions/{FunctionName}/runtime-management-config"),
      refused("RemoveLayerVersionPermission", "DELETE",
              "/2018-10-31/layers/{LayerName}/versions/{VersionNumber}/policy/{StatementId}"),
      refused("SendDurableExecutionCallbackFailure", "POST", "/2025-12-01/durable-execution-callbacks/{CallbackId}/fail"),
      refused("SendDurableExecutionCallbackHeartbeat", "POST", "/2025-12-01/durable-execution-callbacks/{CallbackId}/heartbeat"),
      refused("SendDurableExecutionCallbackSuccess", "POST", "/2025-12-01/durable-execution-callbacks/{CallbackId}/succeed"),
      refused("StopDurableExecution", "POST", "/2025-12-01/durable-executions/{DurableExecutionArn}/stop"),
      refused("UpdateCapacityProvider", "PUT", "/2025-11-30/capacity-providers/{CapacityProviderName}"),
      refused("UpdateCodeSigningConfig", "PUT", "/2020-04-22/code-signing-configs/{CodeSigningConfigArn}"),
      refused("UpdateEventSourceMapping", "PUT", "/2015-03-31/event-source-mappings/{UUID}"),
  };
  return operations;
}

}  // namespace pds::cloud::lambda
