// Events of Lambda as requests, and answers in the form each sender expects.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "http/message.h"

namespace pds::podinfo {

// Lambda's limits for a synchronous call: an event may have a few bytes more than the 6 MB that an answer may.
inline constexpr size_t event_bytes_max = (6u << 20) + 100;
inline constexpr size_t answer_bytes_max = 6u << 20;

struct LambdaEvent {
  enum class Form {
    http_api,       // API Gateway payload 2.0, and function URLs
    rest_api,       // API Gateway payload 1.0
    load_balancer,  // ALB
    direct,         // {"path":"/version"}: the answer of that path, in the form of payload 2.0
    plain,          // any other JSON: the info document itself
  };
  Form form = Form::plain;
  bool multi_value = false;  // the sender speaks multiValueHeaders
  http::Request request;
  std::string refusal;  // why it is no request after all: its sender speaks HTTP, and is answered 400
};

// Errors: the event is no JSON, or a direct one that cannot be a request.
Result<LambdaEvent> parse_lambda_event(std::string_view text);
// What comes before the body of a streamed answer (application/vnd.awslambda.http-integration-response).
std::string lambda_prelude(const http::ResponseHead& head);
// May be larger than answer_bytes_max: then it cannot be given.
std::string lambda_answer(const LambdaEvent& event, const http::Response& response);

}  // namespace pds::podinfo
