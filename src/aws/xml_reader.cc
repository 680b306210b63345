#include <fmt/core.h>

#include "aws/xml.h"
#include "base/text.h"

namespace pds::aws {
namespace {

constexpr std::string_view blank = " \t\r\n";

bool is_name_start(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_name_char(char c) { return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':'; }

void append_utf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | code >> 6);
    out += static_cast<char>(0x80 | (code & 63));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | code >> 12);
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  } else {
    out += static_cast<char>(0xF0 | code >> 18);
    out += static_cast<char>(0x80 | (code >> 12 & 63));
    out += static_cast<char>(0x80 | (code >> 6 & 63));
    out += static_cast<char>(0x80 | (code & 63));
  }
}

bool is_xml_char(uint32_t c) {
  return c == 9 || c == 10 || c == 13 || (c >= 0x20 && c < 0xD800) || (c >= 0xE000 && c < 0xFFFE) || (c >= 0x10000 && c < 0x110000);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<XmlElement> document() {
    if (text_.starts_with("\xEF\xBB\xBF")) pos_ = 3;
    CHECK(skip_misc());
    if (!at("<")) return bad("an element is expected");
    XmlElement root;
    CHECK(element(root, 1));
    CHECK(skip_misc());
    if (pos_ != text_.size()) return bad("nothing may follow the root element");
    return root;
  }

 private:
  std::unexpected<Error> bad(std::string_view what) const {
    return fail("MalformedXML", fmt::format("not well-formed XML at byte {}: {}", pos_, what));
  }
  bool at(std::string_view token) const { return text_.substr(pos_).starts_with(token); }
  bool take(std::string_view token) {
    if (!at(token)) return false;
    pos_ += token.size();
    return true;
  }
  void skip_blank() {
    while (pos_ < text_.size() && blank.find(text_[pos_]) != std::string_view::npos) ++pos_;
  }
  Result<void> skip_past(std::string_view end, std::string_view what) {
    size_t found = text_.find(end, pos_);
    if (found == std::string_view::npos) return bad(what);
    pos_ = found + end.size();
    return {};
  }

  // Blanks, comments and processing instructions around the root.
  Result<void> skip_misc() {
    while (true) {
      skip_blank();
      if (take("<!--"))
        CHECK(skip_past("-->", "a comment without end"));
      else if (take("<?"))
        CHECK(skip_past("?>", "a processing instruction without end"));
      else if (at("<!"))
        return bad("document types are not accepted");
      else
        return {};
    }
  }

  Result<std::string_view> name() {
    size_t start = pos_;
    if (pos_ < text_.size() && is_name_start(text_[pos_]))
      while (pos_ < text_.size() && is_name_char(text_[pos_])) ++pos_;
    if (pos_ == start || pos_ - start > xml_name_bytes_max) return bad("a name is expected");
    return text_.substr(start, pos_ - start);
  }

  Result<void> reference(std::string& out) {
    size_t end = text_.substr(pos_, 12).find(';');
    if (end == std::string_view::npos) return bad("an entity without end");
    std::string_view body = text_.substr(pos_ + 1, end - 1);
    if (body == "amp")
      out += '&';
    else if (body == "lt")
      out += '<';
    else if (body == "gt")
      out += '>';
    else if (body == "quot")
      out += '"';
    else if (body == "apos")
      out += '\'';
    else if (body.starts_with("#"))
      CHECK(character(body.substr(1), out));
    else
      return bad("an unknown entity");
    pos_ += end + 1;
    return {};
  }

  Result<void> character(std::string_view digits, std::string& out) const {
    uint32_t base = digits.starts_with("x") ? 16 : 10, code = 0;
    if (base == 16) digits.remove_prefix(1);
    if (digits.empty()) return bad("a character reference without digits");
    for (char c : digits) {
      uint32_t digit = c >= '0' && c <= '9'                 ? static_cast<uint32_t>(c - '0')
                       : (c | 32) >= 'a' && (c | 32) <= 'f' ? static_cast<uint32_t>((c | 32) - 'a' + 10)
                                                            : 99;
      if (digit >= base) return bad("a character reference with a wrong digit");
      code = code * base + digit;  // at most 9 digits: no overflow before the test below
      if (code > 0x10FFFF) return bad("a character reference out of range");
    }
    if (!is_xml_char(code)) return bad("a character that XML does not have");
    append_utf8(code, out);
    return {};
  }

  Result<void> attribute(XmlElement& into) {
    if (into.attributes.size() >= xml_attributes_max) return bad("too many attributes");
    TRY(std::string_view key, name());
    skip_blank();
    if (!take("=")) return bad("'=' is expected");
    skip_blank();
    char quote = pos_ < text_.size() ? text_[pos_] : '\0';
    if (quote != '"' && quote != '\'') return bad("a quoted value is expected");
    ++pos_;
    std::string value;
    while (pos_ < text_.size() && text_[pos_] != quote) {
      if (text_[pos_] == '<') return bad("'<' in an attribute");
      if (text_[pos_] == '&')
        CHECK(reference(value));
      else
        value += text_[pos_++];
    }
    if (!take({&quote, 1})) return bad("an attribute without end");
    for (const auto& [known, unused] : into.attributes)
      if (known == key) return bad("an attribute that stands twice");
    into.attributes.emplace_back(key, std::move(value));
    return {};
  }

  Result<void> element(XmlElement& into, size_t depth) {
    if (depth > xml_depth_max) return bad(fmt::format("nested deeper than {} levels", xml_depth_max));
    if (++elements_ > xml_elements_max) return bad(fmt::format("more than {} elements", xml_elements_max));
    ++pos_;  // '<'
    TRY(std::string_view full, name());
    into.name = full.substr(full.find(':') == std::string_view::npos ? 0 : full.find(':') + 1);
    while (true) {
      size_t before = pos_;
      skip_blank();
      if (take("/>")) return {};
      if (take(">")) break;
      if (before == pos_) return bad("a blank, '>' or '/>' is expected");
      CHECK(attribute(into));
    }
    CHECK(content(into, depth));
    if (!take(full)) return bad(fmt::format("'</{}>' is expected", full.substr(0, 64)));
    skip_blank();
    if (!take(">")) return bad("'>' is expected");
    return {};
  }

  // Up to and with the "</" of the end tag.
  Result<void> content(XmlElement& into, size_t depth) {
    while (pos_ < text_.size()) {
      char c = text_[pos_];
      if (c == '<') {
        if (take("</")) return {};
        if (take("<!--"))
          CHECK(skip_past("-->", "a comment without end"));
        else if (take("<?"))
          CHECK(skip_past("?>", "a processing instruction without end"));
        else if (take("<![CDATA["))
          CHECK(character_data(into));
        else
          CHECK(element(into.children.emplace_back(), depth + 1));
      } else if (c == '&') {
        CHECK(reference(into.text));
      } else {
        CHECK(plain(into.text));
      }
    }
    return bad("an element without end");
  }

  Result<void> character_data(XmlElement& into) {
    size_t start = pos_;
    CHECK(skip_past("]]>", "character data without end"));
    into.text += text_.substr(start, pos_ - 3 - start);
    return {};
  }

  Result<void> plain(std::string& out) {
    size_t end = std::min(text_.find_first_of("<&", pos_), text_.size());
    for (size_t i = pos_; i < end; ++i)
      if (static_cast<unsigned char>(text_[i]) < 0x20 && blank.find(text_[i]) == std::string_view::npos)
        return bad("a character that XML does not have");
    out += text_.substr(pos_, end - pos_);
    pos_ = end;
    return {};
  }

  std::string_view text_;
  size_t pos_ = 0;
  size_t elements_ = 0;
};

}  // namespace

const XmlElement* XmlElement::find(std::string_view child) const {
  for (const XmlElement& element : children)
    if (element.name == child) return &element;
  return nullptr;
}

std::string_view XmlElement::text_of(std::string_view child) const {
  const XmlElement* found = find(child);
  return found ? std::string_view(found->text) : std::string_view();
}

Result<XmlElement> parse_xml(std::string_view text) {
  if (!is_utf8(text)) return fail("MalformedXML", "not well-formed XML: not UTF-8 text");
  return Parser(text).document();
}

}  // namespace pds::aws
