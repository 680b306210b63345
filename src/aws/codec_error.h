// Errors on the wire: each protocol's envelope, both ways.
#pragma once

#include "aws/codec.h"

namespace pds::aws {

// What a status of 300 and above means. retryable: 429, 5xx other than 501, and AWS's names for throttling.
Error decode_error(Wire wire, const http::Response& response);
bool is_throttling(std::string_view code);
// The keys themselves are refused, as expired or unknown; others would do. RequestExpired is no such: it speaks of the clock.
bool is_refusal_of_keys(std::string_view code);

}  // namespace pds::aws
