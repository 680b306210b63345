// Function URLs.
#pragma once

#include "aws/shapes/lambda/common.h"

namespace pds::aws::lambda {

struct Cors {
  std::optional<bool> allow_credentials;
  std::vector<std::string> allow_headers, allow_methods, allow_origins, expose_headers;
  std::optional<int> max_age;
};
PDS_WIRE_SHAPE(Cors, FIELD(allow_credentials, "AllowCredentials"), FIELD(allow_headers, "AllowHeaders").bounds(0, 100).omit_empty(),
               FIELD(allow_methods, "AllowMethods").bounds(0, 6).omit_empty(),
               FIELD(allow_origins, "AllowOrigins").bounds(0, 100).omit_empty(),
               FIELD(expose_headers, "ExposeHeaders").bounds(0, 100).omit_empty(), FIELD(max_age, "MaxAge").bounds(0, 86400))

struct FunctionUrlConfig {
  std::string function_url, function_arn, auth_type, creation_time, last_modified_time, invoke_mode;
  std::optional<Cors> cors;
};
PDS_WIRE_SHAPE(FunctionUrlConfig, FIELD(function_url, "FunctionUrl"), FIELD(function_arn, "FunctionArn"), FIELD(auth_type, "AuthType"),
               FIELD(cors, "Cors"), FIELD(creation_time, "CreationTime"), FIELD(last_modified_time, "LastModifiedTime"),
               FIELD(invoke_mode, "InvokeMode"))

struct CreateFunctionUrlConfigRequest {
  std::string function_name, auth_type;
  std::optional<std::string> qualifier, invoke_mode;
  std::optional<Cors> cors;
};
PDS_WIRE_SHAPE(CreateFunctionUrlConfigRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 140),
               FIELD(qualifier, "Qualifier").query("Qualifier").bounds(1, 128), FIELD(auth_type, "AuthType").required(),
               FIELD(cors, "Cors"), FIELD(invoke_mode, "InvokeMode"))
using CreateFunctionUrlConfigReply = FunctionUrlConfig;

using GetFunctionUrlConfigRequest = QualifiedRequest;
using GetFunctionUrlConfigReply = FunctionUrlConfig;

struct UpdateFunctionUrlConfigRequest {
  std::string function_name;
  std::optional<std::string> qualifier, auth_type, invoke_mode;
  std::optional<Cors> cors;
};
PDS_WIRE_SHAPE(UpdateFunctionUrlConfigRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 140),
               FIELD(qualifier, "Qualifier").query("Qualifier").bounds(1, 128), FIELD(auth_type, "AuthType"), FIELD(cors, "Cors"),
               FIELD(invoke_mode, "InvokeMode"))
using UpdateFunctionUrlConfigReply = FunctionUrlConfig;

using DeleteFunctionUrlConfigRequest = QualifiedRequest;
using DeleteFunctionUrlConfigReply = Empty;

using ListFunctionUrlConfigsRequest = PagedFunctionRequest;
struct ListFunctionUrlConfigsReply {
  std::vector<FunctionUrlConfig> function_url_configs;
  std::optional<std::string> next_marker;
};
PDS_WIRE_SHAPE(ListFunctionUrlConfigsReply, FIELD(function_url_configs, "FunctionUrlConfigs"), FIELD(next_marker, "NextMarker"))

PDS_REST_OPERATION(CreateFunctionUrlConfig, "POST", "/2021-10-31/functions/{FunctionName}/url", 201)
PDS_REST_OPERATION(GetFunctionUrlConfig, "GET", "/2021-10-31/functions/{FunctionName}/url", 200)
PDS_REST_OPERATION(UpdateFunctionUrlConfig, "PUT", "/2021-10-31/functions/{FunctionName}/url", 200)
PDS_REST_OPERATION(DeleteFunctionUrlConfig, "DELETE", "/2021-10-31/functions/{FunctionName}/url", 204)
PDS_REST_OPERATION(ListFunctionUrlConfigs, "GET", "/2021-10-31/functions/{FunctionName}/urls", 200)

}  // namespace pds::aws::lambda
