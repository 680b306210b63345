#include "podinfo/document.h"

namespace pds::podinfo {
namespace {

// As Go's encoder: a document that ends up in a page cannot open a tag there.
std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (char c : text) {
    if (c == '<')
      out += "\\u003c";
    else if (c == '>')
      out += "\\u003e";
    else if (c == '&')
      out += "\\u0026";
    else
      out += c;
  }
  return out;
}

}  // namespace

http::Response document(int status, const json::value& value) {
  http::Response response = http::Response::json(status, escape_html(to_pretty_text(value)));
  response.head.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

http::Response error_document(int code, std::string_view message) {
  return document(200, json::object{{"code", code}, {"message", message}});
}

http::Response empty(int status) {
  http::Response response;
  response.head.status = status;
  return response;
}

}  // namespace pds::podinfo
