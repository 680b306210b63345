#define TOML_EXCEPTIONS 1
#define TOML_ENABLE_FORMATTERS 0
// Its assertions end the process for some of what it then refuses by itself.
#define TOML_ASSERT(condition) static_cast<void>(0)

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
  try {
    return to_json(toml::parse(text));
  } catch (const toml::parse_error& error) {
    return fail("E_CONFIG", fmt::format("line {}: {}", error.source().begin.line, error.description()));
  }
}

}  // namespace pds::podinfo
