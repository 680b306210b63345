#include "podinfo/document.h"

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

}  // namespace pds::podinfo
