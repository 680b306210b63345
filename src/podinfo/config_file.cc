#include "podinfo/config_file.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "io/files.h"

namespace pds::podinfo {
namespace {

constexpr std::string_view extensions[] = {"json", "toml", "yaml", "yml", "dotenv", "env"};

std::unexpected<Error> bad_line(size_t number, std::string_view why) {
  return fail("E_CONFIG", fmt::format("line {}: {}", number, why));
}

// What stands before a comment; a "#" within quotes, or behind anything but a blank, begins none.
std::string_view without_comment(std::string_view line) {
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (quote) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#' && (i == 0 || line[i - 1] == ' ' || line[i - 1] == '\t')) {
      return line.substr(0, i);
    }
  }
  return line;
}

std::string_view unquoted(std::string_view text) {
  text = trim(text);
  bool quoted = text.size() >= 2 && (text[0] == '"' || text[0] == '\'') && text.back() == text[0];
  return quoted ? text.substr(1, text.size() - 2) : text;
}

// "[a, 'b']" is "a,b": what a flag with a list takes.
std::string value_of(std::string_view text) {
  text = trim(text);
  if (!text.starts_with('[') || !text.ends_with(']')) return std::string(unquoted(text));
  std::string out;
  for (std::string_view part : split(text.substr(1, text.size() - 2), ',')) {
    if (!trim(part).empty()) out.append(out.empty() ? "" : ",").append(unquoted(part));
  }
  return out;
}

void put(ConfigValues& values, std::string_view key, std::string value) {
  std::string name = to_lower(unquoted(key));
  if (name == "backendurl") name = "backend-url";
  values[std::move(name)] = std::move(value);
}

Result<ConfigValues> parse_lines(std::string_view text, char separator) {
  ConfigValues values;
  std::string list_key;  // of a YAML list whose items follow
  size_t number = 0;
  for (std::string_view whole : split(text, '\n')) {
    ++number;
    std::string_view line = without_comment(whole), content = trim(line);
    if (content.empty() || content == "---" || content == "...") continue;
    if (separator == ':' && (content == "-" || content.starts_with("- "))) {
      if (list_key.empty()) return bad_line(number, "an item of no list");
      std::string& list = values[list_key];
      list.append(list.empty() ? "" : ",").append(unquoted(content.substr(1)));
      continue;
    }
    if (line[0] == ' ' || line[0] == '\t') return bad_line(number, "nothing may be nested here");
    size_t at = content.find(separator);
    if (at == std::string_view::npos || at == 0) return bad_line(number, fmt::format("a name and '{}' are expected", separator));
    std::string_view value = content.substr(at + 1);
    if (separator == ':' && !value.empty() && value[0] != ' ' && value[0] != '\t')
      return bad_line(number, "a blank is expected behind ':'");
    put(values, content.substr(0, at), value_of(value));
    list_key = trim(value).empty() ? to_lower(unquoted(content.substr(0, at))) : "";
    if (list_key == "backendurl") list_key = "backend-url";
  }
  return values;
}

Result<std::string> scalar(const json::value& value) {
  if (const json::string* text = value.if_string()) return std::string(*text);
  if (value.is_object() || value.is_array() || value.is_null()) return fail("E_CONFIG", "nothing may be nested here");
  return to_text(value);
}

Result<ConfigValues> parse_object(std::string_view text) {
  TRY(json::value document, parse_json(text));
  const json::object* object = document.if_object();
  if (!object) return fail("E_CONFIG", "an object is expected");
  ConfigValues values;
  for (const auto& [key, member] : *object) {
    std::string joined;
    if (const json::array* list = member.if_array()) {
      for (const json::value& item : *list) {
        TRY(std::string part, scalar(item));
        joined.append(joined.empty() ? "" : ",").append(part);
      }
    } else {
      TRY(joined, scalar(member));
    }
    put(values, key, std::move(joined));
  }
  return values;
}

std::string path_in(const std::string& folder, std::string_view name) { return fmt::format("{}/{}", folder, name); }

}  // namespace

Result<ConfigValues> parse_config(std::string_view extension, std::string_view text) {
  if (extension == "json") return parse_object(text);
  return parse_lines(text, extension == "yaml" || extension == "yml" ? ':' : '=');
}

Result<ConfigValues> read_config_file(const Options& options) {
  if (options.config_path.empty()) {
    if (!io::exists(options.config)) return ConfigValues();
    return fail("E_CONFIG", fmt::format("\"{}\" is looked for in --config-path, which is not given", options.config));
  }
  if (!io::exists(path_in(options.config_path, options.config))) return ConfigValues();
  std::string_view stem = std::string_view(options.config).substr(0, options.config.find('.'));
  for (std::string_view extension : extensions) {
    std::string path = path_in(options.config_path, fmt::format("{}.{}", stem, extension));
    if (!io::exists(path)) continue;
    TRY(std::string text, io::read_file(path, config_file_bytes_max));
    Result<ConfigValues> values = parse_config(extension, text);
    if (!values) return fail("E_CONFIG", path + ": " + values.error().message);
    return values;
  }
  return fail("E_CONFIG", fmt::format("\"{}\" has none of the extensions that are known", options.config));
}

}  // namespace pds::podinfo
