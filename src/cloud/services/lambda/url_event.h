// Function URLs speak HTTP outside and payload format 2.0 inside: the translation, both ways.
#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "http/message.h"

namespace pds::cloud::lambda {

// Who calls, and through which door.
struct UrlContext {
  std::string url_id, domain_name, request_id, trace_id, source_address;  // source_address without a port
  std::string account = "anonymous";                                      // the caller's, when the URL's AuthType is AWS_IAM
  std::string principal_arn, access_key_id, user_id;                      // likewise
  bool secure = false;
  uint16_t port = 80;
  Timestamp at{};
};

// The event of one request. Bodies that are not text (by Content-Type), or not UTF-8, are base64.
std::string make_url_event(const http::RequestHead& head, std::string_view body, const UrlContext& context);

// What the function answered, as HTTP. An object with a statusCode says all by itself; any other JSON is the body of a 200. What
// cannot be an answer (a status out of range, a header with a line break, bad base64) is 502.
http::Response make_url_response(std::string_view payload);

// A streamed answer of this type begins with a JSON object {"statusCode":..., "headers":{...}, "cookies":[...]} and eight zero bytes.
inline constexpr std::string_view prelude_content_type = "application/vnd.awslambda.http-integration-response";
inline constexpr size_t prelude_bytes_max = 16 * 1024;
// How long the object is, once all of it and the zero bytes are there.
std::optional<size_t> prelude_size(std::string_view bytes);
// The head of a streamed answer and what is there of its body. Without a prelude all bytes are the body of a 200; a prelude that is not
// whole, or cannot be an answer, is 502.
http::Response first_of_stream(std::string_view content_type, std::string bytes);

http::Response url_error(int status, std::string_view message, std::string_view error_type);

}  // namespace pds::cloud::lambda
