#include <fmt/format.h>

#include "base/text.h"
#include "podinfo/config_formats.h"

namespace pds::podinfo {
namespace {

std::string unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    bool escaped = text[i] == '\\' && i + 1 < text.size();
    char c = escaped ? text[++i] : text[i];
    out += !escaped ? c : c == 'n' ? '\n' : c == 't' ? '\t' : c;
  }
  return out;
}

// Behind the "=": up to the end of its quotes, or to a comment.
std::optional<std::string> value_of(std::string_view text) {
  text = trim(text);
  if (text.starts_with('"') || text.starts_with('\'')) {
    size_t end = 1;
    while (end < text.size() && text[end] != text[0]) end += text[0] == '"' && text[end] == '\\' ? 2 : 1;
    if (end >= text.size()) return std::nullopt;
    std::string_view inside = text.substr(1, end - 1), rest = trim(text.substr(end + 1));
    if (!rest.empty() && rest[0] != '#') return std::nullopt;
    return text[0] == '"' ? unescaped(inside) : std::string(inside);
  }
  size_t comment = text.starts_with('#') ? 0 : text.find(" #");
  return std::string(trim(text.substr(0, comment)));
}

}  // namespace

Result<json::value> parse_dotenv(std::string_view text) {
  json::object out;
  size_t number = 0;
  for (std::string_view line : split(text, '\n')) {
    ++number;
    line = trim(line);
    if (line.starts_with("export ")) line = trim(line.substr(7));
    if (line.empty() || line[0] == '#') continue;
    size_t equals = line.find('=');
    if (equals == std::string_view::npos || equals == 0) return fail("E_CONFIG", fmt::format("line {}: a name and '=' are expected", number));
    std::optional<std::string> value = value_of(line.substr(equals + 1));
    if (!value) return fail("E_CONFIG", fmt::format("line {}: the quotes do not end, or not the line with them", number));
    out[trim(line.substr(0, equals))] = *std::move(value);
  }
  return out;
}

}  // namespace pds::podinfo
