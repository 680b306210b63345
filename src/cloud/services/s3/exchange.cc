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

std::unexpected<Error> malformed_document() {
  return fail("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema");
}

io::Task<Result<aws::XmlElement>> S3::Exchange::read_document(std::string_view root, bool optional) {
  std::string text;
  CO_CHECK(co_await receive_payload(http, call.claim, call.principal ? call.principal->secret_access_key : "", document_bytes_max,
                                    [&](std::string_view bytes) -> Result<void> {
                                      text.append(bytes);
                                      return {};
                                    }));
  if (optional && text.empty()) co_return aws::XmlElement{};
  Result<aws::XmlElement> element = aws::parse_xml(text);
  if (!element || element->name != root) co_return malformed_document();
  co_return element;
}

}  // namespace pds::cloud::s3
