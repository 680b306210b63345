// The Lambda Runtime API, 2018-06-01: paths and documents. Environment serves it.
#pragma once

#include <string>
#include <string_view>

#include "http/message.h"

namespace pds::cloud::lambda {

enum class RuntimeCall { next, response, error, init_error, unknown };
struct RuntimeTarget {
  RuntimeCall call = RuntimeCall::unknown;
  std::string_view request_id;  // of response and error
  std::string_view method;      // what the call must be made with
};
RuntimeTarget parse_runtime_target(std::string_view path);

// {"errorMessage":...,"errorType":...}: how the Runtime API answers.
http::Response runtime_answer(int status, std::string_view message, std::string_view type);
http::Response runtime_accepted();  // 202 {"status":"OK"}

}  // namespace pds::cloud::lambda
