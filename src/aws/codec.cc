#include "aws/codec.h"

#include <fmt/core.h>

#include "aws/codec_cbor.h"
#include "aws/codec_error.h"
#include "aws/codec_json.h"
#include "aws/codec_query.h"
#include "aws/codec_rest.h"
#include "aws/codec_xml.h"
#include "base/text.h"

namespace pds::aws {
namespace {

constexpr const char* form_type = "application/x-www-form-urlencoded; charset=utf-8";

std::string wrapper_of(const Operation& operation) {
  return operation.result_wrapper ? operation.result_wrapper : std::string(operation.name) + "Result";
}

// ---- requests ----

http::Request encode_form(const ServiceInfo& service, const Operation& operation, const void* request, QueryDialect dialect) {
  http::Request out;
  out.head.method = "POST";
  out.head.target = "/";
  out.head.headers.set("Content-Type", form_type);
  out.body = fmt::format("Action={}&Version={}", operation.name, service.version);
  write_query(operation.input(), request, dialect, out.body);
  return out;
}

http::Request encode_json(const ServiceInfo& service, const Operation& operation, const void* request) {
  http::Request out;
  out.head.method = "POST";
  out.head.target = "/";
  out.head.headers.set("Content-Type", fmt::format("application/x-amz-json-{}", service.json_version));
  out.head.headers.set("X-Amz-Target", fmt::format("{}.{}", service.target_prefix, operation.name));
  write_json(operation.input(), request, JsonForm::request, out.body);
  return out;
}

Result<void> decode_form(const Operation& operation, const http::RequestHead& head, const std::string& body, QueryDialect dialect,
                         void* value) {
  TRY(QueryNode root, parse_query(head.method == "GET" ? head.query() : std::string_view(body)));
  // What belongs to the call and its signature, not to the operation.
  for (const char* name : {"Action", "Version", "AWSAccessKeyId", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date",
                           "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Security-Token"})
    root.children.erase(name);
  Result<void> done = read_query(root, operation.input(), value, dialect);
  // EC2 has no SerializationException.
  if (!done && done.error().code == "SerializationException")
    done.error().code = dialect == QueryDialect::ec2 ? "InvalidParameterValue" : "MalformedInput";
  return done;
}

Result<void> decode_json(const Operation& operation, const std::string& body, void* value) {
  if (trim(body).empty()) return {};
  TRY(json::value document, parse_json(body));
  if (!document.is_object()) return fail("SerializationException", "The body must be a JSON object.");
  return read_json(document.get_object(), operation.input(), value, JsonForm::request);
}

// ---- replies ----

std::string encode_query_reply(const ServiceInfo& service, const Operation& operation, const void* reply,
                               const std::string& request_id) {
  std::string out, response = std::string(operation.name) + "Response", result = wrapper_of(operation);
  XmlWriter xml(out);
  xml.open(response, service.xml_namespace ? service.xml_namespace : "");
  xml.open(result);
  write_xml(operation.output(), reply, xml_member, false, xml);
  xml.close(result);
  xml.open("ResponseMetadata");
  xml.element("RequestId", request_id);
  xml.close("ResponseMetadata");
  xml.close(response);
  return out;
}

std::string encode_ec2_reply(const ServiceInfo& service, const Operation& operation, const void* reply,
                             const std::string& request_id) {
  std::string out, response = std::string(operation.name) + "Response";
  XmlWriter xml(out);
  xml.declaration();
  xml.open(response, service.xml_namespace ? service.xml_namespace : "");
  xml.element("requestId", request_id);
  write_xml(operation.output(), reply, xml_item, false, xml);
  xml.close(response);
  return out;
}

Result<void> decode_query_reply(const Operation& operation, const std::string& body, void* reply) {
  TRY(XmlElement root, parse_xml(body));
  const XmlElement* result = root.find(wrapper_of(operation));
  return result ? read_xml(*result, operation.output(), reply, xml_member) : Result<void>{};
}

Result<void> decode_ec2_reply(const Operation& operation, const std::string& body, void* reply) {
  TRY(XmlElement root, parse_xml(body));
  return read_xml(root, operation.output(), reply, xml_item);
}

Result<void> decode_json_reply(const Operation& operation, const std::string& body, void* reply) {
  if (trim(body).empty()) return {};
  TRY(json::value document, parse_json(body));
  if (!document.is_object()) return fail("SerializationException", "the reply is not a JSON object");
  return read_json(document.get_object(), operation.output(), reply, JsonForm::reply);
}

}  // namespace

Wire wire_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::query:
      return Wire::query;
    case Protocol::ec2:
      return Wire::ec2;
    case Protocol::json:
      return Wire::json;
    case Protocol::rest_json:
      return Wire::rest_json;
    case Protocol::rest_xml:
      return Wire::rest_xml;
  }
  return Wire::json;
}

Result<http::Request> encode_request(const ServiceInfo& service, const Operation& operation, const void* request) {
  switch (service.protocol) {
    case Protocol::query:
      return encode_form(service, operation, request, QueryDialect::query);
    case Protocol::ec2:
      return encode_form(service, operation, request, QueryDialect::ec2);
    case Protocol::json:
      return encode_json(service, operation, request);
    case Protocol::rest_json:
    case Protocol::rest_xml:
      break;
  }
  return encode_rest_request(service, operation, request);
}

Result<void> decode_response(const ServiceInfo& service, const Operation& operation, const http::Response& response, void* reply) {
  Wire wire = wire_of(service.protocol);
  if (response.head.status >= 300) return std::unexpected(decode_error(wire, response));
  Result<void> done;
  switch (wire) {
    case Wire::query:
      done = decode_query_reply(operation, response.body, reply);
      break;
    case Wire::ec2:
      done = decode_ec2_reply(operation, response.body, reply);
      break;
    case Wire::cbor:
      done = read_cbor(response.body, operation.output(), reply);
      break;
    case Wire::json:
      done = decode_json_reply(operation, response.body, reply);
      break;
    case Wire::rest_json:
    case Wire::rest_xml:
      done = decode_rest_response(wire, operation, response, reply);
      break;
  }
  // The server's fault, not the caller's: never taken for an answer of the service.
  if (!done) return fail("E_BAD_REPLY", fmt::format("{}: the reply cannot be read: {}", operation.name, done.error().message), 502);
  return {};
}

Result<void> decode_request(Wire wire, const Operation& operation, const http::RequestHead& head, const std::string& body,
                            const Labels& labels, void* value) {
  switch (wire) {
    case Wire::query:
      return decode_form(operation, head, body, QueryDialect::query, value);
    case Wire::ec2:
      return decode_form(operation, head, body, QueryDialect::ec2, value);
    case Wire::json:
      return decode_json(operation, body, value);
    case Wire::cbor:
      return read_cbor(body, operation.input(), value);
    case Wire::rest_json:
    case Wire::rest_xml:
      break;
  }
  return decode_rest_request(wire, operation, head, body, labels, value);
}

http::Response encode_response(Wire wire, const ServiceInfo& service, const Operation& operation, const void* reply,
                               const std::string& request_id) {
  http::Response out;
  http::Headers& headers = out.head.headers;
  switch (wire) {
    case Wire::query:
      out.body = encode_query_reply(service, operation, reply, request_id);
      headers.add("Content-Type", "text/xml");
      break;
    case Wire::ec2:
      out.body = encode_ec2_reply(service, operation, reply, request_id);
      headers.add("Content-Type", "text/xml;charset=UTF-8");
      break;
    case Wire::json:
      write_json(operation.output(), reply, JsonForm::reply, out.body);
      headers.add("Content-Type", std::string("application/x-amz-json-") + (service.json_version ? service.json_version : "1.1"));
      break;
    case Wire::cbor:
      write_cbor(operation.output(), reply, false, out.body);
      headers.add("Content-Type", "application/cbor");
      headers.add("smithy-protocol", "rpc-v2-cbor");
      break;
    case Wire::rest_json:
    case Wire::rest_xml:
      out = encode_rest_response(wire, service, operation, reply);
      break;
  }
  headers.set("x-amzn-RequestId", request_id);
  if (wire == Wire::rest_xml) headers.set("x-amz-request-id", request_id), headers.set("x-amz-id-2", request_id);
  return out;
}

}  // namespace pds::aws
