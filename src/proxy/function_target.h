// A function as a target: requests become ALB events, answers come back from its JSON.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"
#include "io/task.h"

namespace pds::proxy {

// Both ways, as for application load balancers.
inline constexpr size_t function_body_bytes_max = 1024 * 1024;
inline constexpr const char* health_checker_agent = "ELB-HealthChecker/2.0";

// Narrow on purpose: whoever has functions implements it.
class FunctionTarget {
 public:
  virtual ~FunctionTarget() = default;
  // The function's answer to the event. A function that failed is an Error too (code E_FUNCTION); other errors keep Lambda's codes.
  virtual io::Task<Result<std::string>> invoke(std::string event) = 0;
};

// `multi_value`: lambda.multi_value_headers.enabled. Bodies that are not text are base64.
std::string to_alb_event(const http::RequestHead& head, std::string_view body, std::string_view target_group_arn, bool multi_value);
// What a function is asked for its health.
std::string to_health_check_event(const std::string& path, std::string_view target_group_arn, bool multi_value);
// E_TOO_LARGE: the document is over 1 MiB. E_BAD_MESSAGE says what is wrong with it: then the balancer answers 502.
Result<http::Response> from_alb_reply(std::string_view document);

// Why there is no answer, in the words of access logs, and whether the function or its configuration is to blame (LambdaUserError
// counts it) or not (LambdaInternalError).
struct FunctionFailure {
  std::string_view reason;
  bool is_users = true;
};
FunctionFailure failure_of(const Error& error);

}  // namespace pds::proxy
