#include "aws/codec_error.h"

#include <fmt/core.h>

#include <algorithm>

#include "aws/codec_cbor.h"
#include "aws/codec_json.h"
#include "aws/xml.h"
#include "base/text.h"

namespace pds::aws {
namespace {

const char* fault(const Error& error) { return error.http_status >= 500 ? "Receiver" : "Sender"; }

void write_query_error(const ServiceInfo* service, const Error& error, const std::string& request_id, std::string& out) {
  XmlWriter xml(out);
  xml.open("ErrorResponse", service && service->xml_namespace ? service->xml_namespace : "");
  xml.open("Error");
  xml.element("Type", fault(error));
  xml.element("Code", error.code);
  xml.element("Message", error.message);
  xml.close("Error");
  xml.element("RequestId", request_id);
  xml.close("ErrorResponse");
}

void write_ec2_error(const Error& error, const std::string& request_id, std::string& out) {
  XmlWriter xml(out);
  xml.declaration();
  xml.open("Response");
  xml.open("Errors");
  xml.open("Error");
  xml.element("Code", error.code);
  xml.element("Message", error.message);
  xml.close("Error");
  xml.close("Errors");
  xml.element("RequestID", request_id);
  xml.close("Response");
}

void write_s3_error(const Error& error, const std::string& request_id, std::string& out) {
  XmlWriter xml(out);
  xml.declaration();
  xml.open("Error");
  xml.element("Code", error.code);
  xml.element("Message", error.message);
  xml.element("RequestId", request_id);
  xml.element("HostId", request_id);
  xml.close("Error");
}

void write_json_error(const Error& error, bool rest, std::string& out) {
  out += rest ? "{\"Type\":" : "{\"__type\":";
  append_json_string(rest ? (error.http_status >= 500 ? "Service" : "User") : error.code.c_str(), out);
  out += ",\"message\":";
  append_json_string(error.message, out);
  out += '}';
}

// "com.amazonaws.x#ResourceNotFound:http://..." names ResourceNotFound.
std::string plain_code(std::string_view code) {
  code = code.substr(0, code.find(':'));
  size_t hash = code.rfind('#');
  return std::string(hash == std::string_view::npos ? code : code.substr(hash + 1));
}

void read_json_error(const http::Response& response, Error& error) {
  error.code = plain_code(response.head.headers.get("x-amzn-ErrorType"));
  Result<json::value> document = parse_json(response.body);
  const json::object* object = document ? document->if_object() : nullptr;
  if (!object) return;
  if (error.code.empty()) error.code = plain_code(get_string(*object, "__type"));
  if (error.code.empty()) error.code = plain_code(get_string(*object, "code"));
  error.message = get_string(*object, "message", get_string(*object, "Message"));
}

void read_xml_error(const http::Response& response, Error& error) {
  Result<XmlElement> root = parse_xml(response.body);
  if (!root) return;
  const XmlElement* e = &*root;
  if (const XmlElement* errors = e->find("Errors")) e = errors;
  if (const XmlElement* inner = e->find("Error")) e = inner;
  error.code = e->text_of("Code");
  error.message = e->text_of("Message");
}

// The query form's code, which services that also speak CBOR or JSON keep for clients that knew them so.
void prefer_query_code(const http::Response& response, Error& error) {
  std::string known = response.head.headers.get("x-amzn-query-error");
  if (!known.empty()) error.code = known.substr(0, known.find(';'));
}

}  // namespace

bool is_throttling(std::string_view code) {
  static constexpr std::string_view codes[] = {"Throttling",
                                               "ThrottlingException",
                                               "ThrottledException",
                                               "RequestThrottled",
                                               "SlowDown",
                                               "TooManyRequestsException",
                                               "RequestLimitExceeded",
                                               "RequestThrottledException",
                                               "RequestTimeout",
                                               "RequestTimeoutException",
                                               "PriorRequestNotComplete",
                                               "BandwidthLimitExceeded",
                                               "EC2ThrottledException",
                                               "ProvisionedThroughputExceededException",
                                               "TransactionInProgressException"};
  return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
}

bool is_refusal_of_keys(std::string_view code) {
  static constexpr std::string_view codes[] = {"ExpiredToken", "ExpiredTokenException", "UnrecognizedClientException", "InvalidClientTokenId",
                                               "InvalidAccessKeyId"};
  return std::find(std::begin(codes), std::end(codes), code) != std::end(codes);
}

http::Response encode_error(Wire wire, const ServiceInfo* service, const Error& error, const std::string& request_id) {
  http::Response out;
  out.head.status = error.http_status;
  http::Headers& headers = out.head.headers;
  headers.set("x-amzn-RequestId", request_id);
  switch (wire) {
    case Wire::query:
      headers.set("Content-Type", "text/xml");
      write_query_error(service, error, request_id, out.body);
      break;
    case Wire::ec2:
      headers.set("Content-Type", "text/xml;charset=UTF-8");
      write_ec2_error(error, request_id, out.body);
      break;
    case Wire::rest_xml:
      headers.set("Content-Type", "application/xml");
      headers.set("x-amz-request-id", request_id);
      headers.set("x-amz-id-2", request_id);
      write_s3_error(error, request_id, out.body);
      break;
    case Wire::cbor:
      headers.set("Content-Type", "application/cbor");
      headers.set("smithy-protocol", "rpc-v2-cbor");
      out.body = write_cbor_error({error.code, error.message});
      break;
    case Wire::json:
      headers.set("Content-Type",
                  fmt::format("application/x-amz-json-{}", service && service->json_version ? service->json_version : "1.1"));
      write_json_error(error, false, out.body);
      break;
    case Wire::rest_json:
      headers.set("Content-Type", "application/json");
      headers.set("x-amzn-ErrorType", error.code);
      write_json_error(error, true, out.body);
      break;
  }
  bool had_query = service && (service->protocol == Protocol::query || service->speaks_query);
  if (had_query && (wire == Wire::cbor || wire == Wire::json))
    headers.set("x-amzn-query-error", fmt::format("{};{}", error.code, fault(error)));
  return out;
}

Error decode_error(Wire wire, const http::Response& response) {
  Error error{"", "", response.head.status, false};
  if (wire == Wire::cbor) {
    if (Result<CborError> body = read_cbor_error(response.body)) error.code = plain_code(body->type), error.message = body->message;
  } else if (wire == Wire::json || wire == Wire::rest_json) {
    read_json_error(response, error);
  } else {
    read_xml_error(response, error);
  }
  if (wire == Wire::cbor || wire == Wire::json) prefer_query_code(response, error);
  // No body, as after HEAD, or one that a proxy on the way has written.
  if (error.code.empty()) error.code = response.head.status == 404 ? "NotFound" : fmt::format("HTTP{}", response.head.status);
  if (error.message.empty())
    error.message = fmt::format("the server answered {} {}", response.head.status, http::standard_reason(response.head.status));
  int status = response.head.status;
  error.retryable = status == 429 || (status >= 500 && status != 501) || is_throttling(error.code);
  return error;
}

}  // namespace pds::aws
