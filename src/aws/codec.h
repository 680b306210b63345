// The protocol codecs: shapes to bytes and back. Each direction exists once and serves both halves.
#pragma once

#include <string>
#include <string_view>

#include "aws/shape.h"
#include "base/json.h"
#include "http/message.h"

namespace pds::aws {

inline constexpr size_t request_bytes_max = 8u << 20;       // but see Operation: streaming bodies (S3, Invoke) have their own bounds
inline constexpr size_t list_elements_max = 100'000;
inline constexpr size_t shape_depth_max = 32;

// ---- documents: used by the JSON protocols and by the store ----
// Unknown members are ignored (as AWS does); a member of the wrong type is SerializationException naming it.
json::object to_json(const Shape& shape, const void* value);
std::string to_json_text(const Shape& shape, const void* value);
Result<void> from_json(const json::object& document, const Shape& shape, void* value);

template <class T>
std::string to_json_text(const T& value) {
  return to_json_text(shape_of(static_cast<const T*>(nullptr)), &value);
}
template <class T>
Result<T> from_json_text(std::string_view text) {
  TRY(json::value document, parse_json(text));
  const json::object* object = document.if_object();
  if (!object) return fail("SerializationException", "a JSON object is expected");
  T value{};
  CHECK(from_json(*object, shape_of(static_cast<const T*>(nullptr)), &value));
  return value;
}

// Required members present, lengths and numbers within bounds. The error has the protocol family's own code:
// ValidationException / ValidationError / InvalidParameterValue / MissingParameter.
Result<void> validate(const ServiceInfo& service, const Shape& shape, const void* value);

// Which wire form a request is in; the answer and any error go back in the same.
enum class Wire : uint8_t { query, ec2, json, rest_json, rest_xml, cbor };

// ---- client side ----
Wire wire_of(Protocol protocol);
Result<http::Request> encode_request(const ServiceInfo& service, const Operation& operation, const void* request);
// A status of 300 and above is turned into the Error it describes (code, message, http_status, retryable for 5xx and throttling).
Result<void> decode_response(const ServiceInfo& service, const Operation& operation, const http::Response& response, void* reply);

// ---- server side ----

// REST: labels found in the path by the router, in the order of the URI's labels.
using Labels = std::vector<std::pair<std::string, std::string>>;
Result<void> decode_request(Wire wire, const Operation& operation, const http::RequestHead& head, const std::string& body, const Labels& labels, void* value);
http::Response encode_response(Wire wire, const ServiceInfo& service, const Operation& operation, const void* reply, const std::string& request_id);
http::Response encode_error(Wire wire, const ServiceInfo* service, const Error& error, const std::string& request_id);

// Which operation a REST request means; null when none.
const Operation* match_rest(std::span<const Operation* const> operations, const http::RequestHead& head, Labels& labels);

}  // namespace pds::aws
