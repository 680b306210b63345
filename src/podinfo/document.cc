#include "podinfo/document.h"

#include <fmt/format.h>

namespace pds::podinfo {

http::Response document_text(int status, std::string text) {
  http::Response response;
  response.head.status = status;
  response.head.headers.add("Content-Type", "application/json; charset=utf-8");
  response.head.headers.add("X-Content-Type-Options", "nosniff");
  response.body = std::move(text);
  return response;
}

http::Response document(int status, const json::value& value) { return document_text(status, to_json_text(value)); }

http::Response error_document(int code, std::string_view message) {
  return document(200, json::object{{"code", code}, {"message", message}});
}

std::optional<ErrorDocument> read_error_document(const http::Response& response) {
  constexpr std::string_view beginning = "{\n  \"code\": ";
  if (!response.body.starts_with(beginning)) return std::nullopt;
  Result<json::value> parsed = parse_json(response.body);
  const json::object* object = parsed ? parsed->if_object() : nullptr;
  if (!object || object->size() != 2 || !object->at("code").is_int64() || !object->contains("message")) return std::nullopt;
  return ErrorDocument{static_cast<int>(get_int(*object, "code", 0)), get_string(*object, "message")};
}

http::Response raw(int status, std::string bytes) {
  http::Response response = http::Response::text(status, std::move(bytes), "application/octet-stream");
  response.head.headers.add("X-Content-Type-Options", "nosniff");
  response.head.headers.add("Content-Security-Policy", "default-src 'none'");
  return response;
}

http::Response plain_error(int status, std::string text) {
  http::Response response = http::Response::text(status, std::move(text));
  response.head.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

http::Response empty(int status) {
  http::Response response;
  response.head.status = status;
  return response;
}

std::string request_id(Random& random) {
  constexpr uint64_t ids = 1'000'000;
  return fmt::format("req-{:06}", random.below(ids));
}

}  // namespace pds::podinfo
