// What access logs say about requests that do not comply with RFC 9112: AWS's words for what http::RequestParser refused.
#pragma once

#include <string_view>

namespace pds::proxy {

struct Classification {
  std::string_view verdict;  // "Severe": refused; empty: it complied, or was refused for its size or age
  std::string_view reason;   // "BothTeClPresent"; empty: AWS has no word for it
};

// By the status and the parser's reason (http::RefusedRequest).
Classification classify(int status, std::string_view reason);

}  // namespace pds::proxy
