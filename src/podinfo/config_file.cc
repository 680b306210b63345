#include "podinfo/config_file.h"

#include <fmt/format.h>

#include "base/text.h"
#include "io/files.h"
#include "podinfo/config_formats.h"

namespace pds::podinfo {
namespace {

constexpr std::string_view extensions[] = {"json", "toml", "yaml", "yml", "dotenv", "env"};

std::optional<std::string> scalar(const json::value& value) {
  if (const json::string* text = value.if_string()) return std::string(*text);
  if (value.is_object() || value.is_array() || value.is_null()) return std::nullopt;
  return to_text(value);
}

// What a flag takes: the text of a scalar, or of a list of them with commas between. Nothing for null and for what is nested: no flag is.
std::optional<std::string> flag_text(const json::value& value) {
  const json::array* list = value.if_array();
  if (!list) return scalar(value);
  std::string joined;
  for (const json::value& item : *list) {
    std::optional<std::string> part = scalar(item);
    if (!part) return std::nullopt;
    joined.append(joined.empty() ? "" : ",").append(*part);
  }
  return joined;
}

Result<json::value> parse_format(std::string_view extension, std::string_view text) {
  if (extension == "json") return parse_json(text);
  if (extension == "toml") return parse_toml(text);
  if (extension == "yaml" || extension == "yml") return parse_yaml(text);
  return parse_dotenv(text);
}

std::string path_in(const std::string& folder, std::string_view name) { return fmt::format("{}/{}", folder, name); }

}  // namespace

Result<ConfigValues> parse_config(std::string_view extension, std::string_view text) {
  TRY(json::value document, parse_format(extension, text));
  ConfigValues values;
  if (document.is_null()) return values;  // a file with nothing in it
  const json::object* object = document.if_object();
  if (!object) return fail("E_CONFIG", "names and values are expected");
  for (const auto& [key, member] : *object) {
    std::optional<std::string> value = flag_text(member);
    if (!value) continue;
    std::string name = to_lower(key);
    if (name == "backendurl") name = "backend-url";
    values[std::move(name)] = *std::move(value);
  }
  return values;
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
