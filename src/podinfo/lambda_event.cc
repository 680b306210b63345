#include "podinfo/lambda_event.h"

#include <map>

#include "base/text.h"
#include "http/parser.h"
#include "podinfo/lambda_path.h"

namespace pds::podinfo {
namespace {

using Form = LambdaEvent::Form;

// A number is taken for its text; whoever writes events by hand writes them so.
Result<void> add_header(http::Headers& headers, std::string_view name, const json::value& value) {
  std::string text = value.is_number() ? to_text(value) : std::string(value.is_string() ? value.as_string() : std::string_view());
  if (!(value.is_string() || value.is_number()) || !http::is_token(name) || !http::is_field_value(text)) {
    return fail("InvalidEvent", "header \"" + std::string(name) + "\" of the event cannot stand in a request");
  }
  headers.add(name, text);
  return {};
}

// API Gateway gives cookies in a list of their own; some senders in the field as well, which is the same ones then.
Result<void> take_cookies(const json::array& cookies, http::Headers& headers) {
  std::string joined;
  for (const json::value& cookie : cookies) {
    if (const json::string* text = cookie.if_string()) joined.append(joined.empty() ? "" : "; ").append(std::string_view(*text));
  }
  if (joined.empty()) return {};
  headers.remove("Cookie");
  return add_header(headers, "Cookie", json::value(joined));
}

Result<void> take_headers(const json::object& event, LambdaEvent& out) {
  if (const json::object* multi = get_object(event, "multiValueHeaders")) {
    for (const auto& [name, values] : *multi) {
      const json::array* list = values.if_array();
      if (!list) return fail("InvalidEvent", "multiValueHeaders does not hold lists");
      for (const json::value& value : *list) CHECK(add_header(out.request.head.headers, name, value));
    }
  } else if (const json::object* single = get_object(event, "headers")) {
    for (const auto& [name, value] : *single) CHECK(add_header(out.request.head.headers, name, value));
  }
  if (const json::array* cookies = get_array(event, "cookies")) return take_cookies(*cookies, out.request.head.headers);
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

// What is there of one, whoever sends it.
Result<void> set_target(http::RequestHead& head, std::string_view path, std::string_view query) {
  if (!path.starts_with('/') && !path.empty()) return fail("InvalidEvent", "the event's path does not begin with a slash");
  head.target.clear();
  if (path.empty()) head.target = "/";
  append_path(head.target, path);
  if (query.empty()) return {};
  head.target += '?';
  append_query(head.target, query);
  return {};
}

Result<void> take_target(const json::object& event, LambdaEvent& out) {
  http::RequestHead& head = out.request.head;
  bool direct = out.form == Form::direct, second = out.form == Form::http_api;
  head.method = second ? get_string(*get_object(*get_object(event, "requestContext"), "http"), "method")
                       : get_string(event, direct ? "method" : "httpMethod", "GET");
  if (!http::is_token(head.method)) return fail("InvalidEvent", "the event's method cannot stand in a request");
  std::string path = get_string(event, second ? "rawPath" : "path");
  std::string query = second ? get_string(event, "rawQueryString") : query_of(event, out.form == Form::rest_api);
  if (!direct) return set_target(head, own_path(event, path), query);
  // Whoever writes such an event writes a query where it stands in an address.
  size_t mark = std::min(path.find('?'), path.size());
  if (mark < path.size()) query = path.substr(mark + 1).append(query.empty() ? "" : "&").append(query);
  return set_target(head, std::string_view(path).substr(0, mark), query);
}

Result<void> take_request(const json::object& event, LambdaEvent& out) {
  CHECK(take_target(event, out));
  CHECK(take_headers(event, out));
  return take_body(event, out);
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

// "404 Not Found"; "599" has no words.
std::string status_line(int status) {
  std::string_view reason = http::standard_reason(status);
  return reason.empty() ? std::to_string(status) : std::to_string(status).append(" ").append(reason);
}

std::string answer_document(const LambdaEvent& event, const http::Response& response, bool text) {
  json::object out{{"statusCode", response.head.status}};
  if (event.form == Form::load_balancer) out["statusDescription"] = status_line(response.head.status);
  out[event.multi_value ? "multiValueHeaders" : "headers"] = headers_of(response.head, event.multi_value);
  out["body"] = text ? response.body : to_base64(response.body);
  out["isBase64Encoded"] = !text;
  return to_text(out);
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
  event.multi_value = get_object(*object, "multiValueHeaders") != nullptr;
  Result<void> taken = take_request(*object, event);
  if (taken) return event;
  if (event.form == Form::direct) return std::unexpected(std::move(taken).error());
  event.refusal = std::move(taken).error().message;
  return event;
}

std::string lambda_prelude(const http::ResponseHead& head) {
  return to_text(json::object{{"statusCode", head.status}, {"headers", headers_of(head, false)}}) + std::string(8, '\0');
}

std::string lambda_answer(const LambdaEvent& event, const http::Response& response) {
  if (event.form == Form::plain) return response.body;
  // What is text goes as it is whatever its type: a REST API without binary media types hands base64 on undone.
  if (!is_utf8(response.body)) return answer_document(event, response, false);
  std::string answer = answer_document(event, response, true);
  // Of control characters JSON makes six, base64 less than one and a half.
  return answer.size() > answer_bytes_max ? answer_document(event, response, false) : answer;
}

}  // namespace pds::podinfo
