#include "cloud/services/s3/exchange.h"

#include <fmt/core.h>

#include "base/text.h"
#include "cloud/services/s3/payload.h"

namespace pds::cloud::s3 {

std::string xml_escape(std::string_view text) {
  std::string out;
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\r': out += "&#13;"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') out += fmt::format("&#{};", static_cast<int>(c));
        else out += c;
    }
  }
  return out;
}

std::string leaf(std::string_view name, std::string_view text) { return fmt::format("<{0}>{1}</{0}>", name, xml_escape(text)); }

std::string document(std::string_view root, const std::string& content) {
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{0} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{1}</{0}>", root, content);
}

io::Task<Result<void>> S3::Exchange::answer(int status, std::string body, http::Headers headers) {
  http::ResponseHead head;
  head.status = status;
  head.headers = std::move(headers);
  head.headers.set("x-amz-request-id", call.call.request_id);
  if (!body.empty()) head.headers.set("Content-Type", "application/xml");
  co_return co_await responder.send(head, body);
}

io::Task<Result<std::string>> S3::Exchange::read_document() {
  std::string text;
  CO_CHECK(co_await receive_payload(http, call.claim, call.principal ? call.principal->secret_access_key : "", document_bytes_max,
                                    [&](std::string_view bytes) -> Result<void> {
                                      text.append(bytes);
                                      return {};
                                    }));
  co_return text;
}

std::vector<std::string> elements(std::string_view document, std::string_view name) {
  std::vector<std::string> out;
  std::string open = fmt::format("<{}>", name), close = fmt::format("</{}>", name);
  for (size_t at = 0; (at = document.find(open, at)) != std::string_view::npos;) {
    size_t begin = at + open.size(), end = document.find(close, begin);
    if (end == std::string_view::npos) break;
    std::string text(document.substr(begin, end - begin));
    for (auto [from, to] : {std::pair{"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&apos;", "'"}, {"&#13;", "\r"}, {"&amp;", "&"}})
      text = replace_all(std::move(text), from, to);
    out.push_back(std::move(text));
    at = end + close.size();
  }
  return out;
}

}  // namespace pds::cloud::s3
