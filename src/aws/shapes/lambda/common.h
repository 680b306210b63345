// Lambda 2015-03-31: what its shapes share.
#pragma once

#include "aws/shape.h"
#include "aws/unsupported.h"

namespace pds::aws::lambda {

inline const ServiceInfo& service_info() {
  static const ServiceInfo info{.signing_name = "lambda",
                                .id = "Lambda",
                                .protocol = Protocol::rest_json,
                                .version = "2015-03-31",
                                .target_prefix = nullptr,
                                .json_version = nullptr,
                                .xml_namespace = nullptr,
                                .endpoint_prefix = "lambda"};
  return info;
}

// The request names one function and nothing else.
struct FunctionNameRequest {
  std::string function_name;
};
PDS_WIRE_SHAPE(FunctionNameRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 256))

struct QualifiedRequest {
  std::string function_name;
  std::optional<std::string> qualifier;
};
PDS_WIRE_SHAPE(QualifiedRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 256),
               FIELD(qualifier, "Qualifier").query("Qualifier").bounds(1, 128))

struct PagedFunctionRequest {
  std::string function_name;
  std::optional<std::string> marker;
  std::optional<int> max_items;
};
PDS_WIRE_SHAPE(PagedFunctionRequest, FIELD(function_name, "FunctionName").uri("FunctionName").required().bounds(1, 256),
               FIELD(marker, "Marker").query("Marker"), FIELD(max_items, "MaxItems").query("MaxItems").bounds(1, 10000))

}  // namespace pds::aws::lambda
