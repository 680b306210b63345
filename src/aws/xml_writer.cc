#include "aws/xml.h"
#include "base/text.h"

namespace pds::aws {
namespace {

constexpr const char* replacement = "\xEF\xBF\xBD";

const char* escaped(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\r':
      return "&#xD;";  // else a reader would make a line feed of it
    case '\n':
    case '\t':
      return nullptr;
    default:
      return static_cast<unsigned char>(c) < 0x20 ? replacement : nullptr;
  }
}

}  // namespace

void XmlWriter::open(std::string_view name) { out_.append("<").append(name).append(">"); }

void XmlWriter::open(std::string_view name, std::string_view xmlns) {
  open(name);
  if (!xmlns.empty()) attribute("xmlns", xmlns);
}

void XmlWriter::attribute(std::string_view name, std::string_view value) {
  out_.pop_back();  // the '>' of open()
  out_.append(" ").append(name).append("=\"");
  escape(value);
  out_ += "\">";
}

void XmlWriter::close(std::string_view name) { out_.append("</").append(name).append(">"); }

void XmlWriter::text(std::string_view text) { escape(text); }

void XmlWriter::element(std::string_view name, std::string_view text) {
  open(name);
  escape(text);
  close(name);
}

void XmlWriter::escape(std::string_view text) {
  bool valid = is_utf8(text);
  size_t plain = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char* instead = !valid && static_cast<unsigned char>(text[i]) >= 0x80 ? replacement : escaped(text[i]);
    if (!instead) continue;
    out_.append(text, plain, i - plain);
    out_ += instead;
    plain = i + 1;
  }
  out_.append(text, plain);
}

}  // namespace pds::aws
