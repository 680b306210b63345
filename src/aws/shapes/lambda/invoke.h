// Invocations, and what asynchronous ones may be told.
#pragma once

#include "aws/shapes/lambda/common.h"

namespace pds::aws::lambda {

struct InvokeRequest {
  std::string function_name;
  std::optional<std::string> qualifier, invocation_type, log_type, client_context, durable_execution_name, tenant_id;
  Blob payload;
};
PDS_WIRE_SHAPE(InvokeRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 256),
               FIELD(invocation_type, "InvocationType").header("X-Amz-Invocation-Type"),
               FIELD(log_type, "LogType").header("X-Amz-Log-Type"),
               FIELD(durable_execution_name, "DurableExecutionName").header("X-Amz-Durable-Execution-Name"),
               FIELD(tenant_id, "TenantId").header("X-Amz-Tenant-Id"),
               FIELD(client_context, "ClientContext").header("X-Amz-Client-Context"), FIELD(payload, "Payload").payload(),
               FIELD(qualifier, "Qualifier").query("Qualifier").bounds(1, 128))
struct InvokeReply {
  int status_code = 200;
  std::optional<std::string> function_error, log_result, executed_version;
  Blob payload;
};
PDS_WIRE_SHAPE(InvokeReply, FIELD(status_code, "StatusCode").status(),
               FIELD(function_error, "FunctionError").header("X-Amz-Function-Error"),
               FIELD(log_result, "LogResult").header("X-Amz-Log-Result"), FIELD(payload, "Payload").payload(),
               FIELD(executed_version, "ExecutedVersion").header("X-Amz-Executed-Version"))

struct OnDestination {
  std::optional<std::string> destination;
};
PDS_WIRE_SHAPE(OnDestination, FIELD(destination, "Destination"))
struct DestinationConfig {
  std::optional<OnDestination> on_success, on_failure;
};
PDS_WIRE_SHAPE(DestinationConfig, FIELD(on_success, "OnSuccess"), FIELD(on_failure, "OnFailure"))

struct FunctionEventInvokeConfig {
  Timestamp last_modified{};
  std::string function_arn;
  std::optional<int> maximum_retry_attempts, maximum_event_age_in_seconds;
  DestinationConfig destination_config;
};
PDS_WIRE_SHAPE(FunctionEventInvokeConfig, FIELD(last_modified, "LastModified"), FIELD(function_arn, "FunctionArn"),
               FIELD(maximum_retry_attempts, "MaximumRetryAttempts"), FIELD(maximum_event_age_in_seconds, "MaximumEventAgeInSeconds"),
               FIELD(destination_config, "DestinationConfig"))

struct PutFunctionEventInvokeConfigRequest {
  std::string function_name;
  std::optional<std::string> qualifier;
  std::optional<int> maximum_retry_attempts, maximum_event_age_in_seconds;
  std::optional<DestinationConfig> destination_config;
};
PDS_WIRE_SHAPE(PutFunctionEventInvokeConfigRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 256),
               FIELD(qualifier, "Qualifier").query("Qualifier").bounds(1, 128),
               FIELD(maximum_retry_attempts, "MaximumRetryAttempts").bounds(0, 2),
               FIELD(maximum_event_age_in_seconds, "MaximumEventAgeInSeconds").bounds(60, 21600),
               FIELD(destination_config, "DestinationConfig"))
using PutFunctionEventInvokeConfigReply = FunctionEventInvokeConfig;
using UpdateFunctionEventInvokeConfigRequest = PutFunctionEventInvokeConfigRequest;
using UpdateFunctionEventInvokeConfigReply = FunctionEventInvokeConfig;
using GetFunctionEventInvokeConfigRequest = QualifiedRequest;
using GetFunctionEventInvokeConfigReply = FunctionEventInvokeConfig;
using DeleteFunctionEventInvokeConfigRequest = QualifiedRequest;
using DeleteFunctionEventInvokeConfigReply = Empty;
using ListFunctionEventInvokeConfigsRequest = PagedFunctionRequest;
struct ListFunctionEventInvokeConfigsReply {
  std::vector<FunctionEventInvokeConfig> function_event_invoke_configs;
  std::optional<std::string> next_marker;
};
PDS_WIRE_SHAPE(ListFunctionEventInvokeConfigsReply, FIELD(function_event_invoke_configs, "FunctionEventInvokeConfigs"),
               FIELD(next_marker, "NextMarker"))

PDS_REST_OPERATION(Invoke, "POST", "/2015-03-31/functions/{FunctionName}/invocations", 200)
PDS_REST_OPERATION(PutFunctionEventInvokeConfig, "PUT", "/2019-09-25/functions/{FunctionName}/event-invoke-config", 200)
PDS_REST_OPERATION(UpdateFunctionEventInvokeConfig, "POST", "/2019-09-25/functions/{FunctionName}/event-invoke-config", 200)
PDS_REST_OPERATION(GetFunctionEventInvokeConfig, "GET", "/2019-09-25/functions/{FunctionName}/event-invoke-config", 200)
PDS_REST_OPERATION(DeleteFunctionEventInvokeConfig, "DELETE", "/2019-09-25/functions/{FunctionName}/event-invoke-config", 204)
PDS_REST_OPERATION(ListFunctionEventInvokeConfigs, "GET", "/2019-09-25/functions/{FunctionName}/event-invoke-config/list", 200)

}  // namespace pds::aws::lambda
