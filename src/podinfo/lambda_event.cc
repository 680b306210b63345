#include "podinfo/lambda_event.h"

#include <map>

#include "base/text.h"
#include "http/parser.h"

namespace pds::podinfo {
namespace {

using Form = LambdaEvent::Form;

Result<void> add_header(http::Headers& headers, std::string_view name, const json::value& value) {
  const json::string* text = value.if_string();
  if (!text || !http::is_token(name) || !http::is_field_value(*text)) {
    return fail("InvalidEvent", "header \"" + std::string(name) + "\" of the event cannot stand in a request");
  }
  headers.add(name, *text);
  return {};
}

Result<void> take_headers(const json::object& event, LambdaEvent& out) {
  if (const json::object* multi = get_object(event, "multiValueHeaders")) {
    out.multi_value = true;
    for (const auto& [name, values] : *multi) {
      const json::array* list = values.if_array();
      if (!list) return fail("InvalidEvent", "multiValueHeaders does not hold lists");
      for (const json::value& value : *list) CHECK(add_header(out.request.head.headers, name, value));
    }
  } else if (const json::object* single = get_object(event, "headers")) {
    for (const auto& [name, value] : *single) CHECK(add_header(out.request.head.headers, name, value));
  }
  if (const json::array* cookies = get_array(event, "cookies")) {
    std::string joined;
    for (const json::value& cookie : *cookies) {
      if (const json::string* text = cookie.if_string()) joined.append(joined.empty() ? "" : "; ").append(std::string_view(*text));
    }
    if (!joined.empty()) CHECK(add_header(out.request.head.headers, "Cookie", json::value(joined)));
  }
  return {};
}

// ALB hands parameters on as they came, API Gateway decoded.
std::string query_of(const json::object& event, bool decoded) {
  std::string query;
  auto append = [&](std::string_view name, const json::value& value) {
    const json::string* text = value.if_string();
    if (!text) return;
    query += query.empty() ? "" : "&";
    query += decoded ? percent_encode(name) + "=" + percent_encode(*text) : std::string(name) + "=" + std::string(*text);
  };
  if (const json::object* multi = get_object(event, "multiValueQueryStringParameters")) {
    for (const auto& [name, values] : *multi) {
      if (const json::array* list = values.if_array()) {
        for (const json::value& value : *list) append(name, value);
      }
    }
  } else if (const json::object* single = get_object(event, "queryStringParameters")) {
    for (const auto& [name, value] : *single) append(name, value);
  }
  return query;
}

Form form_of(const json::object& event) {
  const json::object* context = get_object(event, "requestContext");
  if (context && get_object(*context, "http")) return Form::http_api;
  if (context && get_object(*context, "elb")) return Form::load_balancer;
  if (event.contains("httpMethod")) return Form::rest_api;
  if (get_string(event, "path").starts_with('/')) return Form::direct;
  return Form::plain;
}

Result<void> take_body(const json::object& event, LambdaEvent& out) {
  out.request.body = get_string(event, "body");
  if (!get_bool(event, "isBase64Encoded")) return {};
  TRY(out.request.body, from_base64(out.request.body));
  return {};
}

Result<void> take_target(const json::object& event, LambdaEvent& out) {
  http::RequestHead& head = out.request.head;
  std::string query;
  if (out.form == Form::http_api) {
    head.method = get_string(*get_object(*get_object(event, "requestContext"), "http"), "method");
    head.target = get_string(event, "rawPath");
    query = get_string(event, "rawQueryString");
  } else {
    head.method = get_string(event, out.form == Form::direct ? "method" : "httpMethod", "GET");
    head.target = get_string(event, "path");
    query = query_of(event, out.form == Form::rest_api);
  }
  if (head.target.empty()) head.target = "/";
  if (!query.empty()) head.target.append("?").append(query);
  bool sound = http::is_token(head.method) && head.target.starts_with('/');
  for (char& c : head.target) sound &= static_cast<unsigned char>(c) > ' ' && c != 0x7f;
  if (!sound) return fail("InvalidEvent", "the event's method or path cannot stand in a request");
  return {};
}

bool is_text(const http::Response& response) {
  std::string type = to_lower(response.head.headers.get("content-type"));
  bool textual = type.starts_with("text/") || type.starts_with("application/json") || type.empty();
  return textual && is_utf8(response.body);
}

json::object headers_of(const http::ResponseHead& head, bool multi_value) {
  json::object out;
  std::map<std::string, std::vector<std::string>> joined;
  for (auto [name, value] : head.headers) joined[to_lower(name)].emplace_back(value);
  for (const auto& [name, values] : joined) {
    if (multi_value) {
      json::array list;
      for (const std::string& value : values) list.emplace_back(value);
      out[name] = std::move(list);
    } else {
      out[name] = join(values, ", ");
    }
  }
  return out;
}

}  // namespace

Result<LambdaEvent> parse_lambda_event(std::string_view text) {
  LambdaEvent event;
  event.request.head.method = "GET";
  event.request.head.target = "/api/info";
  TRY(json::value value, parse_json(text.empty() ? "{}" : text));
  const json::object* object = value.if_object();
  event.form = object ? form_of(*object) : Form::plain;
  if (event.form == Form::plain) return event;
  CHECK(take_target(*object, event));
  CHECK(take_headers(*object, event));
  CHECK(take_body(*object, event));
  return event;
}

std::string lambda_prelude(const http::ResponseHead& head) {
  return to_text(json::object{{"statusCode", head.status}, {"headers", headers_of(head, false)}}) + std::string(8, '\0');
}

std::string lambda_answer(const LambdaEvent& event, const http::Response& response) {
  if (event.form == Form::plain) return response.body;
  int status = response.head.status;
  bool text = is_text(response);
  json::object out{{"statusCode", status}};
  if (event.form == Form::load_balancer)
    out["statusDescription"] = std::to_string(status) + " " + std::string(http::standard_reason(status));
  out[event.multi_value ? "multiValueHeaders" : "headers"] = headers_of(response.head, event.multi_value);
  out["body"] = text ? response.body : to_base64(response.body);
  out["isBase64Encoded"] = !text;
  return to_text(out);
}

}  // namespace pds::podinfo
