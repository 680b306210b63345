#include "podinfo/go_json.h"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace pds::podinfo {
namespace {

constexpr size_t depth_max = 10'000;
constexpr std::string_view ended = "E_JSON_ENDED";  // for this file alone: who reads decides what is said of it

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Go takes a byte for the character of that number, and shows it as it stands in a Go program.
std::string quoted(char c) {
  auto byte = static_cast<unsigned char>(c);
  constexpr std::string_view names = "abtnvfr";  // of 7 to 13
  if (c == '\'' || c == '\\') return fmt::format("'\\{}'", c);
  if (byte >= 7 && byte <= 13) return fmt::format("'\\{}'", names[byte - 7]);
  if (byte < 0x20 || byte == 0x7f) return fmt::format("'\\x{:02x}'", byte);
  if (byte < 0x80) return fmt::format("'{}'", c);
  if (byte <= 0xa0 || byte == 0xad) return fmt::format("'\\u{:04x}'", byte);
  return fmt::format("'{}{}'", static_cast<char>(0xc0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3f)));
}

class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  // Goes over the first value. Not by recursion: the text says how deep it is.
  Result<std::string_view> value() {
    skip_blanks();
    size_t began = at_;
    CHECK(begin_value());
    while (!open_.empty()) CHECK(go_on());
    return text_.substr(began, at_ - began);
  }

  Result<void> nothing_more() {
    skip_blanks();
    return at_ == text_.size() ? Result<void>() : complain("after top-level value");
  }

 private:
  // Objects and arrays are begun; all else is gone over.
  Result<void> begin_value() {
    while (true) {
      skip_blanks();
      char c = here();
      if (c != '{' && c != '[') return plain_value(c);
      open_.push_back(c);
      if (open_.size() > depth_max) return complain("exceeded max depth");
      ++at_;
      skip_blanks();
      if (here() == closer()) return {};
      if (c == '{') CHECK(key());
    }
  }

  // A value in the innermost has ended, or it has just begun and has none.
  Result<void> go_on() {
    skip_blanks();
    char c = here();
    if (c == closer()) {
      ++at_;
      open_.pop_back();
      return {};
    }
    bool is_object = open_.back() == '{';
    if (c != ',') return complain_or_ended(is_object ? "after object key:value pair" : "after array element");
    ++at_;
    if (is_object) CHECK(key());
    return begin_value();
  }

  Result<void> key() {
    skip_blanks();
    if (here() != '"') return complain_or_ended("looking for beginning of object key string");
    CHECK(string());
    skip_blanks();
    if (here() != ':') return complain_or_ended("after object key");
    ++at_;
    return {};
  }

  Result<void> plain_value(char c) {
    if (c == '"') return string();
    if (c == '-' || is_digit(c)) return number();
    for (std::string_view word : {"true", "false", "null"}) {
      if (c == word[0]) return literal(word);
    }
    return complain_or_ended("looking for beginning of value");
  }

  Result<void> literal(std::string_view word) {
    for (char wanted : word) {
      if (here() != wanted) return complain(fmt::format("in literal {} (expecting '{}')", word, wanted));
      ++at_;
    }
    return {};
  }

  Result<void> number() {
    if (here() == '-') ++at_;
    if (!is_digit(here())) return complain("in numeric literal");
    bool leads_with_zero = here() == '0';
    ++at_;
    if (!leads_with_zero) skip_digits();
    if (here() == '.') {
      ++at_;
      if (!is_digit(here())) return complain("after decimal point in numeric literal");
      skip_digits();
    }
    if (here() != 'e' && here() != 'E') return {};
    ++at_;
    if (here() == '+' || here() == '-') ++at_;
    if (!is_digit(here())) return complain("in exponent of numeric literal");
    skip_digits();
    return {};
  }

  Result<void> string() {
    for (++at_; at_ < text_.size(); ++at_) {
      char c = text_[at_];
      if (c == '"') return ++at_, Result<void>();
      if (static_cast<unsigned char>(c) < 0x20) return complain("in string literal");
      if (c == '\\') CHECK(escape());
    }
    return complain_or_ended("");
  }

  // From the stroke to the last of what belongs to it.
  Result<void> escape() {
    ++at_;
    constexpr std::string_view letters = "bfnrt\\/\"";
    if (here() != 'u') return letters.contains(here()) ? Result<void>() : complain("in string escape code");
    for (int digit = 0; digit < 4; ++digit) {
      ++at_;
      if (!is_hex_digit(here())) return complain("in \\u hexadecimal character escape");
    }
    return {};
  }

  // Where the text has ended Go's machine is given a blank to see what it makes of that. A blank stands for nothing that is looked for here.
  char here() const { return at_ < text_.size() ? text_[at_] : ' '; }
  char closer() const { return open_.back() == '{' ? '}' : ']'; }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  void skip_digits() {
    while (is_digit(here())) ++at_;
  }

  // Where a blank would not have been right either.
  std::unexpected<Error> complain(std::string_view where) const {
    return fail(std::string(at_ < text_.size() ? "E_JSON" : ended), fmt::format("invalid character {} {}", quoted(here()), where));
  }
  // Where one would have been.
  std::unexpected<Error> complain_or_ended(std::string_view where) const {
    if (at_ < text_.size()) return complain(where);
    return fail(std::string(ended), "unexpected end of JSON input");
  }

  std::string_view text_;
  size_t at_ = 0;
  std::vector<char> open_;  // '{' and '['
};

}  // namespace

Result<std::string_view> find_go_json(std::string_view text, GoReader reader) {
  Scan scan(text);
  Result<std::string_view> value = scan.value();
  if (value && reader == GoReader::whole) CHECK(scan.nothing_more());
  if (value || value.error().code != ended) return value;
  bool is_empty = text.find_first_not_of(" \t\r\n") == std::string_view::npos;
  if (reader == GoReader::whole) return fail("E_JSON", value.error().message);
  return fail("E_JSON", is_empty ? "EOF" : "unexpected EOF");
}

std::string_view go_kind(std::string_view value) {
  switch (value.front()) {
    case '{':
      return "object";
    case '[':
      return "array";
    case '"':
      return "string";
    case 't':
    case 'f':
      return "bool";
    case 'n':
      return "null";
    default:
      return "number";
  }
}

}  // namespace pds::podinfo
