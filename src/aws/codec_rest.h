// The REST protocols: members that travel in the path, the query, headers, the status or as the whole body.
#pragma once

#include <string>
#include <string_view>

#include "aws/codec.h"

namespace pds::aws {

Result<http::Request> encode_rest_request(const ServiceInfo& service, const Operation& operation, const void* request);
Result<void> decode_rest_request(Wire wire, const Operation& operation, const http::RequestHead& head, const std::string& body,
                                 const Labels& labels, void* value);
http::Response encode_rest_response(Wire wire, const ServiceInfo& service, const Operation& operation, const void* reply);
Result<void> decode_rest_response(Wire wire, const Operation& operation, const http::Response& response, void* reply);

}  // namespace pds::aws
