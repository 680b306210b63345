#include "proxy/function_target.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"
#include "http/serialize.h"

namespace pds::proxy {
namespace {

// What the event carries as plain text; everything else is base64 (as ALB does by content type).
bool is_textual(const http::Headers& headers) {
  if (headers.find("content-encoding")) return false;
  std::string type = to_lower(headers.get("content-type", "text/plain"));
  return type.starts_with("text/") || type.starts_with("application/json") || type.starts_with("application/javascript") ||
         type.starts_with("application/xml");
}

// Parameters are passed as they came, still encoded.
template <class Add>
void each_parameter(std::string_view query, Add add) {
  for (std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    size_t equals = part.find('=');
    add(part.substr(0, equals), equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1));
  }
}

void append(json::object& lists, std::string_view key, std::string_view value) {
  json::value& list = lists[key];
  if (!list.is_array()) list = json::array{};
  list.get_array().emplace_back(value);
}

Result<void> read_headers(const json::object& reply, http::Headers& headers) {
  auto add = [&](std::string_view name, const json::value& value) -> Result<void> {
    const json::string* text = value.if_string();
    if (!text) return fail("E_BAD_MESSAGE", "header " + std::string(name) + " of the function's answer is not a string");
    headers.add(name, *text);
    return {};
  };
  if (const json::object* single = get_object(reply, "headers")) {
    for (const auto& [name, value] : *single) CHECK(add(name, value));
  }
  if (const json::object* lists = get_object(reply, "multiValueHeaders")) {
    for (const auto& [name, values] : *lists) {
      const json::array* list = values.if_array();
      if (!list) return fail("E_BAD_MESSAGE", "multiValueHeaders of the function's answer must hold lists");
      headers.remove(name);
      for (const json::value& value : *list) CHECK(add(name, value));
    }
  }
  if (!http::can_be_sent(headers))
    return fail("E_BAD_MESSAGE", "a header of the function's answer has characters that headers cannot have");
  return {};
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c != 0x7f; });
}

}  // namespace

std::string to_alb_event(const http::RequestHead& head, std::string_view body, std::string_view target_group_arn,
                         bool multi_value) {
  json::object parameters, headers;
  each_parameter(head.query(), [&](std::string_view key, std::string_view value) {
    multi_value ? append(parameters, key, value) : void(parameters[key] = value);
  });
  for (auto [name, value] : head.headers) {
    std::string key = to_lower(name);
    multi_value ? append(headers, key, value) : void(headers[key] = value);
  }
  bool textual = is_textual(head.headers) && is_utf8(body);
  json::object event;
  event["requestContext"] = json::object{{"elb", json::object{{"targetGroupArn", target_group_arn}}}};
  event["httpMethod"] = head.method;
  event["path"] = std::string(head.path());
  event[multi_value ? "multiValueQueryStringParameters" : "queryStringParameters"] = std::move(parameters);
  event[multi_value ? "multiValueHeaders" : "headers"] = std::move(headers);
  event["body"] = textual ? std::string(body) : to_base64(body);
  event["isBase64Encoded"] = !textual;
  return to_text(event);
}

std::string to_health_check_event(const std::string& path, std::string_view target_group_arn, bool multi_value) {
  http::RequestHead head;
  head.method = "GET";
  head.target = path;
  head.headers.add("User-Agent", health_checker_agent);
  return to_alb_event(head, "", target_group_arn, multi_value);
}

Result<http::Response> from_alb_reply(std::string_view document) {
  if (document.size() > function_body_bytes_max) return fail("E_TOO_LARGE", "the function's answer is larger than 1 MiB");
  Result<json::value> parsed = parse_json(document);
  const json::object* reply = parsed ? parsed->if_object() : nullptr;
  if (!reply) return fail("E_BAD_MESSAGE", "the function's answer is not a JSON object");
  http::Response response;
  int64_t status = get_int(*reply, "statusCode");
  if (status < 200 || status > 599) return fail("E_BAD_MESSAGE", "the function's answer has no statusCode between 200 and 599");
  response.head.status = static_cast<int>(status);
  std::string description = get_string(*reply, "statusDescription");  // "200 OK"
  if (size_t space = description.find(' '); space != std::string::npos && is_printable(description)) {
    response.head.reason = description.substr(space + 1);
  }
  CHECK(read_headers(*reply, response.head.headers));
  response.body = get_string(*reply, "body");
  if (get_bool(*reply, "isBase64Encoded")) {
    Result<std::string> decoded = from_base64(response.body);
    if (!decoded) return fail("E_BAD_MESSAGE", "the body of the function's answer is not base64");
    response.body = *std::move(decoded);
  }
  return response;
}

FunctionFailure failure_of(const Error& error) {
  static constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"E_FUNCTION", "LambdaUnhandled"},
      {"E_BAD_MESSAGE", "LambdaInvalidResponse"},
      {"E_TOO_LARGE", "LambdaResponseTooLarge"},
      {"AccessDeniedException", "LambdaAccessDenied"},
      {"ResourceNotFoundException", "LambdaResourceNotFound"},
      {"RequestTooLargeException", "LambdaRequestTooLarge"},
      {"TooManyRequestsException", "LambdaThrottling"},
  };
  for (const auto& [code, reason] : known) {
    if (error.code == code) return {reason};
  }
  return {"LambdaServiceException", false};
}

}  // namespace pds::proxy
