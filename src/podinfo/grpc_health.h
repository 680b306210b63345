// Asking a gRPC server's health service (grpc.health.v1.Health/Check).
#pragma once

#include <string>
#include <string_view>

#include "http/client.h"

namespace pds::podinfo {

// HealthCheckRequest, as gRPC frames it. The service's name is shorter than 64 KiB.
std::string encode_health_request(std::string_view service);
// "UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN", or the number of a status that is none of these. E_GRPC: not such an answer.
Result<std::string> decode_health_answer(std::string_view framed);

// Any status is an answer; an error of the call is E_GRPC. `authority` is the server's name.
io::Task<Result<std::string>> ask_grpc_health(http::Client& client, std::string_view authority, std::string_view service);

}  // namespace pds::podinfo
