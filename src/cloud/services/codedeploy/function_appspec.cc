#include "cloud/services/codedeploy/function_appspec.h"

#include <fmt/core.h>
#include <yaml-cpp/yaml.h>

#include "base/text.h"

namespace pds::cloud::codedeploy {
namespace {

constexpr size_t nesting_max = 32;

std::unexpected<Error> bad(std::string message) { return fail("InvalidRevisionException", std::move(message)); }

bool is_version(const std::string& text) {
  std::optional<int64_t> number = parse_int(text);
  return number && *number > 0 && text[0] != '0' && text[0] != '+';
}

Result<std::string> property(const YAML::Node& properties, const char* name) {
  const YAML::Node value = properties[name];
  if (!value || !value.IsScalar() || value.Scalar().empty())
    return bad(fmt::format("The AppSpec file lacks the property {} of the function.", name));
  return value.Scalar();
}

Result<void> read_resource(const YAML::Node& resource, FunctionAppSpec& spec) {
  if (!resource.IsMap() || !resource["Type"] || !resource["Type"].IsScalar() ||
      resource["Type"].Scalar() != "AWS::Lambda::Function")
    return bad("The AppSpec file must describe a resource of type AWS::Lambda::Function.");
  const YAML::Node properties = resource["Properties"];
  if (!properties || !properties.IsMap()) return bad("The AppSpec file lacks the properties of the function.");
  TRY(spec.function, property(properties, "Name"));
  TRY(spec.alias, property(properties, "Alias"));
  TRY(spec.current_version, property(properties, "CurrentVersion"));
  TRY(spec.target_version, property(properties, "TargetVersion"));
  if (!is_version(spec.current_version) || !is_version(spec.target_version))
    return bad("CurrentVersion and TargetVersion in the AppSpec file must be numbers of published versions.");
  return {};
}

Result<void> read_hook(const std::string& event, const YAML::Node& value, FunctionAppSpec& spec) {
  if (!value.IsScalar() || value.Scalar().empty())
    return bad(fmt::format("The hook {} in the AppSpec file must name a function.", event));
  if (event == "BeforeAllowTraffic")
    spec.before_allow_traffic = value.Scalar();
  else if (event == "AfterAllowTraffic")
    spec.after_allow_traffic = value.Scalar();
  else
    return bad(fmt::format("The AppSpec file contains the unknown lifecycle event '{}'.", event.substr(0, 100)));
  return {};
}

Result<void> read_hooks(const YAML::Node& hooks, FunctionAppSpec& spec) {
  if (!hooks || hooks.IsNull()) return {};
  if (!hooks.IsSequence() || hooks.size() > 2)
    return bad("'Hooks' in the AppSpec file must be a list of at most two lifecycle events.");
  for (const YAML::Node& hook : hooks) {
    if (!hook.IsMap() || hook.size() != 1)
      return bad("Each of 'Hooks' in the AppSpec file must be one lifecycle event with a function.");
    auto entry = *hook.begin();
    CHECK(read_hook(entry.first.IsScalar() ? entry.first.Scalar() : "", entry.second, spec));
  }
  return {};
}

// yaml-cpp recurses: depth is bounded before it reads.
bool is_bounded(std::string_view text) {
  size_t open = 0;
  for (std::string_view line : split(text, '\n')) {
    size_t indent = line.find_first_not_of(' '), marks = 0;
    if (indent != std::string_view::npos && indent > 4 * nesting_max) return false;
    for (char c : trim(line)) {
      if (c != '-' && c != '?' && c != ' ') break;
      marks += c != ' ';
    }
    for (char c : line) open = c == '[' || c == '{' ? open + 1 : (c == ']' || c == '}') && open ? open - 1 : open;
    if (marks > nesting_max || open > nesting_max) return false;
  }
  return true;
}

Result<FunctionAppSpec> read(const YAML::Node& root) {
  if (!root.IsMap()) return bad("The AppSpec file is not a mapping.");
  std::string version = root["version"] && root["version"].IsScalar() ? root["version"].Scalar() : "";
  if (version != "0.0" && version != "0") return bad("The AppSpec file must have the version 0.0.");
  const YAML::Node resources = root["Resources"];
  if (!resources || !resources.IsSequence() || resources.size() != 1 || !resources[0].IsMap() || resources[0].size() != 1)
    return bad("'Resources' in the AppSpec file must be a list of exactly one function.");
  FunctionAppSpec spec;
  CHECK(read_resource(resources[0].begin()->second, spec));
  CHECK(read_hooks(root["Hooks"], spec));
  return spec;
}

}  // namespace

Result<FunctionAppSpec> parse_function_appspec(std::string_view text) {
  if (text.size() > function_appspec_bytes_max || !is_utf8(text) || !is_bounded(text))
    return bad("The AppSpec file is too large, nested too deep, or not UTF-8 text.");
  try {
    return read(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& e) {
    return bad(fmt::format("The AppSpec file is not valid YAML or JSON: line {}: {}", e.mark.line + 1, e.msg));
  }
}

}  // namespace pds::cloud::codedeploy
