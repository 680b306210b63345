#include "podinfo/json_text.h"

#include <fmt/format.h>

#include <iterator>

#include "base/text.h"

namespace pds::podinfo {
namespace {

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
    case '\\':
      out += '\\';
      out += c;
      break;
    case '\b':
      out += "\\b";
      break;
    case '\f':
      out += "\\f";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
  }
}

bool is_escaped(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&';
}

void append_value(std::string& out, const json::value& value, size_t depth);

void start_line(std::string& out, size_t depth) { out.append("\n").append(depth * 2, ' '); }

void append_object(std::string& out, const json::object& object, size_t depth) {
  out += '{';
  bool first = true;
  for (const auto& [key, member] : object) {
    if (!std::exchange(first, false)) out += ',';
    start_line(out, depth + 1);
    append_json_string(out, key);
    out += ": ";
    append_value(out, member, depth + 1);
  }
  if (!object.empty()) start_line(out, depth);
  out += '}';
}

void append_array(std::string& out, const json::array& array, size_t depth) {
  out += '[';
  bool first = true;
  for (const json::value& element : array) {
    if (!std::exchange(first, false)) out += ',';
    start_line(out, depth + 1);
    append_value(out, element, depth + 1);
  }
  if (!array.empty()) start_line(out, depth);
  out += ']';
}

void append_value(std::string& out, const json::value& value, size_t depth) {
  if (const json::object* object = value.if_object()) return append_object(out, *object, depth);
  if (const json::array* array = value.if_array()) return append_array(out, *array, depth);
  if (const json::string* text = value.if_string()) return append_json_string(out, *text);
  out += to_text(value);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  while (true) {
    size_t plain = 0;
    while (plain < text.size() && static_cast<unsigned char>(text[plain]) < 0x80 && !is_escaped(text[plain])) ++plain;
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    size_t bytes = utf8_character_bytes(text);
    std::string_view character = text.substr(0, std::max<size_t>(bytes, 1));
    if (bytes == 0) {
      out += "\\ufffd";
    } else if (bytes == 1) {
      append_escaped(out, text[0]);
    } else if (character == "\u2028") {
      out += "\\u2028";
    } else if (character == "\u2029") {
      out += "\\u2029";
    } else {
      out += character;
    }
    text.remove_prefix(character.size());
  }
  out += '"';
}

std::string to_json_text(const json::value& value) {
  std::string out;
  append_value(out, value, 0);
  return out;
}

}  // namespace pds::podinfo
