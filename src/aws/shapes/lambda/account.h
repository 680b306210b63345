// The account's settings, tags, and what functions have only when it was configured.
#pragma once

#include "aws/shapes/lambda/common.h"

namespace pds::aws::lambda {

struct GetAccountSettingsRequest {};
PDS_EMPTY_WIRE_SHAPE(GetAccountSettingsRequest)
struct AccountLimit {
  int64_t total_code_size = 0, code_size_unzipped = 0, code_size_zipped = 0;
  int concurrent_executions = 0, unreserved_concurrent_executions = 0;
};
PDS_WIRE_SHAPE(AccountLimit, FIELD(total_code_size, "TotalCodeSize"), FIELD(code_size_unzipped, "CodeSizeUnzipped"),
               FIELD(code_size_zipped, "CodeSizeZipped"), FIELD(concurrent_executions, "ConcurrentExecutions"),
               FIELD(unreserved_concurrent_executions, "UnreservedConcurrentExecutions"))
struct AccountUsage {
  int64_t total_code_size = 0, function_count = 0;
};
PDS_WIRE_SHAPE(AccountUsage, FIELD(total_code_size, "TotalCodeSize"), FIELD(function_count, "FunctionCount"))
struct GetAccountSettingsReply {
  AccountLimit account_limit;
  AccountUsage account_usage;
};
PDS_WIRE_SHAPE(GetAccountSettingsReply, FIELD(account_limit, "AccountLimit"), FIELD(account_usage, "AccountUsage"))

struct TagResourceRequest {
  std::string resource;
  std::map<std::string, std::string> tags;
};
PDS_WIRE_SHAPE(TagResourceRequest, FIELD(resource, "Resource").uri("Resource").required().bounds(1, 256), FIELD(tags, "Tags").required())
using TagResourceReply = Empty;
struct UntagResourceRequest {
  std::string resource;
  std::vector<std::string> tag_keys;
};
PDS_WIRE_SHAPE(UntagResourceRequest, FIELD(resource, "Resource").uri("Resource").required().bounds(1, 256),
               FIELD(tag_keys, "TagKeys").query("tagKeys").required())
using UntagResourceReply = Empty;
struct ListTagsRequest {
  std::string resource;
};
PDS_WIRE_SHAPE(ListTagsRequest, FIELD(resource, "Resource").uri("Resource").required().bounds(1, 256))
struct ListTagsReply {
  std::map<std::string, std::string> tags;
};
PDS_WIRE_SHAPE(ListTagsReply, FIELD(tags, "Tags"))

using GetFunctionCodeSigningConfigRequest = FunctionNameRequest;
struct GetFunctionCodeSigningConfigReply {
  std::optional<std::string> code_signing_config_arn, function_name;
};
PDS_WIRE_SHAPE(GetFunctionCodeSigningConfigReply, FIELD(code_signing_config_arn, "CodeSigningConfigArn"),
               FIELD(function_name, "FunctionName"))

using GetFunctionConcurrencyRequest = FunctionNameRequest;
struct GetFunctionConcurrencyReply {
  std::optional<int> reserved_concurrent_executions;
};
PDS_WIRE_SHAPE(GetFunctionConcurrencyReply, FIELD(reserved_concurrent_executions, "ReservedConcurrentExecutions"))

PDS_REST_OPERATION(GetAccountSettings, "GET", "/2016-08-19/account-settings", 200)
PDS_REST_OPERATION(TagResource, "POST", "/2017-03-31/tags/{Resource}", 204)
PDS_REST_OPERATION(UntagResource, "DELETE", "/2017-03-31/tags/{Resource}", 204)
PDS_REST_OPERATION(ListTags, "GET", "/2017-03-31/tags/{Resource}", 200)
PDS_REST_OPERATION(GetFunctionCodeSigningConfig, "GET", "/2020-06-30/functions/{FunctionName}/code-signing-config", 200)
PDS_REST_OPERATION(GetFunctionConcurrency, "GET", "/2019-09-30/functions/{FunctionName}/concurrency", 200)

}  // namespace pds::aws::lambda
