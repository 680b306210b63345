#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0

#include <fmt/format.h>
#include <toml++/toml.h>

#include "podinfo/config_formats.h"

namespace pds::podinfo {
namespace {

json::value to_json(const toml::node& node) {
  if (const toml::table* table = node.as_table()) {
    json::object out;
    for (const auto& [key, member] : *table) out[std::string_view(key.str())] = to_json(member);
    return out;
  }
  if (const toml::array* list = node.as_array()) {
    json::array out;
    for (const toml::node& item : *list) out.push_back(to_json(item));
    return out;
  }
  if (auto text = node.value_exact<std::string>()) return json::value(*text);
  if (auto number = node.value_exact<int64_t>()) return json::value(*number);
  if (auto number = node.value_exact<double>()) return json::value(*number);
  if (auto flag = node.value_exact<bool>()) return json::value(*flag);
  return nullptr;  // a date: no flag is one
}

}  // namespace

Result<json::value> parse_toml(std::string_view text) {
  toml::parse_result parsed = toml::parse(text);
  if (!parsed) return fail("E_CONFIG", fmt::format("line {}: {}", parsed.error().source().begin.line, parsed.error().description()));
  return to_json(parsed.table());
}

}  // namespace pds::podinfo
