#include "cloud/services/lambda/url_event.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/json.h"
#include "base/text.h"

namespace pds::cloud::lambda {

namespace {

bool is_text_type(std::string_view content_type) {
  std::string type = to_lower(trim(content_type.substr(0, content_type.find(';'))));
  return type.empty() || type.starts_with("text/") || type == "application/json" || type == "application/xml" ||
         type == "application/javascript" || type == "application/x-www-form-urlencoded" || type.ends_with("+json") ||
         type.ends_with("+xml");
}

void append_joined(json::object& object, const std::string& key, std::string_view value) {
  if (json::value* known = object.if_contains(key)) {
    json::string& text = known->as_string();
    text += ",";
    text += value;
  } else {
    object[key] = value;
  }
}

json::object headers_document(const http::RequestHead& head, const UrlContext& context) {
  json::object headers;
  for (auto [name, value] : head.headers) {
    std::string key = to_lower(name);
    if (key != "cookie" && key != "connection" && key != "transfer-encoding") append_joined(headers, key, value);
  }
  append_joined(headers, "x-forwarded-for", context.source_address);
  headers["x-forwarded-proto"] = context.secure ? "https" : "http";
  headers["x-forwarded-port"] = std::to_string(context.port);
  headers["x-amzn-trace-id"] = context.trace_id;
  return headers;
}

json::array cookies_of(const http::Headers& headers) {
  json::array cookies;
  for (auto [name, value] : headers) {
    if (!iequals(name, "cookie")) continue;
    for (std::string_view cookie : split(value, ';'))
      if (std::string_view trimmed = trim(cookie); !trimmed.empty()) cookies.emplace_back(trimmed);
  }
  return cookies;
}

json::object query_document(std::string_view query) {
  json::object parameters;
  if (query.empty()) return parameters;
  for (std::string_view pair : split(query, '&')) {
    if (pair.empty()) continue;
    size_t equals = pair.find('=');
    std::string_view raw_value = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    // What does not decode is passed on as it came.
    std::string key = percent_decode(pair.substr(0, equals), true).value_or(std::string(pair.substr(0, equals)));
    append_joined(parameters, key, percent_decode(raw_value, true).value_or(std::string(raw_value)));
  }
  return parameters;
}

// 12/Mar/2020:19:03:58 +0000
std::string common_log_time(Timestamp at) {
  std::string date = to_http_date(at);  // Thu, 12 Mar 2020 19:03:58 GMT
  return fmt::format("{}/{}/{}:{} +0000", date.substr(5, 2), date.substr(8, 3), date.substr(12, 4), date.substr(17, 8));
}

json::object request_context(const http::RequestHead& head, const UrlContext& context) {
  json::object http;
  http["method"] = head.method;
  http["path"] = head.path();
  http["protocol"] = fmt::format("HTTP/{}.{}", head.version_major, head.version_minor);
  http["sourceIp"] = context.source_address;
  http["userAgent"] = head.headers.get("user-agent");
  json::object document;
  document["accountId"] = context.account;
  document["apiId"] = context.url_id;
  if (!context.principal_arn.empty()) {
    document["authorizer"] = json::object{{"iam", json::object{{"accessKey", context.access_key_id},
                                                               {"accountId", context.account},
                                                               {"callerId", context.user_id},
                                                               {"cognitoIdentity", nullptr},
                                                               {"principalOrgId", nullptr},
                                                               {"userArn", context.principal_arn},
                                                               {"userId", context.user_id}}}};
  }
  document["domainName"] = context.domain_name;
  document["domainPrefix"] = context.url_id;
  document["http"] = std::move(http);
  document["requestId"] = context.request_id;
  document["routeKey"] = "$default";
  document["stage"] = "$default";
  document["time"] = common_log_time(context.at);
  document["timeEpoch"] = context.at.time_since_epoch().count() / 1000;
  return document;
}

bool is_token(std::string_view name) {
  constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || marks.find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view value) {
  return std::ranges::none_of(value, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// Those that the connection, not the function, decides.
bool is_connection_header(std::string_view name) {
  constexpr std::array<std::string_view, 7> names = {"connection", "content-length", "transfer-encoding", "keep-alive", "upgrade",
                                                     "date",       "trailer"};
  return std::ranges::any_of(names, [&](std::string_view other) { return iequals(name, other); });
}

bool copy_headers(const json::object& document, http::Headers& headers) {
  const json::object* given = get_object(document, "headers");
  if (!given) return true;
  for (const auto& [name, value] : *given) {
    std::string text = value.is_string() ? std::string(value.as_string()) : to_text(value);
    if (!is_token(name) || !is_field_value(text)) return false;
    if (!is_connection_header(name)) headers.set(name, text);
  }
  return true;
}

bool copy_cookies(const json::object& document, http::Headers& headers) {
  const json::array* cookies = get_array(document, "cookies");
  if (!cookies) return true;
  for (const json::value& cookie : *cookies) {
    if (!cookie.is_string() || !is_field_value(cookie.as_string())) return false;
    headers.add("Set-Cookie", cookie.as_string());
  }
  return true;
}

bool copy_body(const json::object& document, std::string& body) {
  const json::value* given = document.if_contains("body");
  if (!given || given->is_null()) return true;
  body = given->is_string() ? std::string(given->as_string()) : to_text(*given);
  if (!get_bool(document, "isBase64Encoded")) return true;
  Result<std::string> decoded = from_base64(body);
  if (!decoded) return false;
  body = std::move(*decoded);
  return true;
}

constexpr std::string_view prelude_end("\0\0\0\0\0\0\0\0", 8);

http::Response no_answer() { return url_error(502, "Internal Server Error", "InternalFailure"); }

// What an object with a statusCode says; nothing where that cannot be an answer.
std::optional<http::Response> response_of(const json::object& object, std::string_view default_type) {
  http::Response response;
  const json::value& status = object.at("statusCode");
  std::optional<int64_t> code = status.is_string() ? parse_int(status.as_string()) : std::optional(get_int(object, "statusCode", -1));
  if (!code || *code < 200 || *code > 599) return std::nullopt;
  response.head.status = static_cast<int>(*code);
  if (!copy_headers(object, response.head.headers) || !copy_cookies(object, response.head.headers) || !copy_body(object, response.body))
    return std::nullopt;
  if (!response.head.headers.find("content-type")) response.head.headers.set("Content-Type", default_type);
  return response;
}

}  // namespace

std::string make_url_event(const http::RequestHead& head, std::string_view body, const UrlContext& context) {
  json::object event;
  event["version"] = "2.0";
  event["routeKey"] = "$default";
  event["rawPath"] = head.path();
  event["rawQueryString"] = head.query();
  if (json::array cookies = cookies_of(head.headers); !cookies.empty()) event["cookies"] = std::move(cookies);
  event["headers"] = headers_document(head, context);
  if (json::object query = query_document(head.query()); !query.empty()) event["queryStringParameters"] = std::move(query);
  event["requestContext"] = request_context(head, context);
  bool plain =
      is_text_type(head.headers.find("content-type").value_or("")) && !head.headers.find("content-encoding") && is_utf8(body);
  if (!body.empty()) event["body"] = plain ? std::string(body) : to_base64(body);
  event["isBase64Encoded"] = !plain && !body.empty();
  return to_text(event);
}

http::Response make_url_response(std::string_view payload) {
  Result<json::value> document = parse_json(payload);
  const json::object* object = document ? document->if_object() : nullptr;
  if (object && object->contains("statusCode")) return response_of(*object, "application/json").value_or(no_answer());
  if (!document) return no_answer();
  http::Response response;
  response.head.headers.set("Content-Type", "application/json");
  response.body = std::string(payload);
  return response;
}

std::optional<size_t> prelude_size(std::string_view bytes) {
  size_t at = bytes.substr(0, prelude_bytes_max).find(prelude_end);
  return at == std::string_view::npos ? std::nullopt : std::optional(at);
}

http::Response first_of_stream(std::string_view content_type, std::string bytes) {
  http::Response response;
  if (content_type != prelude_content_type) {
    response.head.headers.set("Content-Type", content_type);
    response.body = std::move(bytes);
    return response;
  }
  std::optional<size_t> size = prelude_size(bytes);
  Result<json::value> prelude = parse_json(std::string_view(bytes).substr(0, size.value_or(0)));
  json::object* object = prelude ? prelude->if_object() : nullptr;
  if (!object) return no_answer();
  if (!object->contains("statusCode")) (*object)["statusCode"] = 200;
  object->erase("body");
  std::optional<http::Response> said = response_of(*object, "application/octet-stream");
  if (!said) return no_answer();
  said->body = bytes.substr(*size + prelude_end.size());
  return *std::move(said);
}

http::Response url_error(int status, std::string_view message, std::string_view error_type) {
  json::object document;
  document["Message"] = message;
  http::Response response;
  response.head.status = status;
  response.head.headers.set("Content-Type", "application/json");
  response.head.headers.set("x-amzn-ErrorType", error_type);
  response.body = to_text(document);
  return response;
}

}  // namespace pds::cloud::lambda
