#include "agent/appspec.h"

#include <fmt/core.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>

#include "base/text.h"

namespace pds::agent {
namespace {

constexpr std::string_view events[] = {"ApplicationStop",   "BeforeInstall",      "AfterInstall",
                                       "ApplicationStart",  "ValidateService",    "BeforeBlockTraffic",
                                       "AfterBlockTraffic", "BeforeAllowTraffic", "AfterAllowTraffic"};

std::unexpected<Error> bad(std::string message) { return fail("E_APPSPEC", std::move(message)); }

Result<std::string> text_of(const YAML::Node& node, std::string_view what) {
  if (!node.IsDefined() || !node.IsScalar() || node.Scalar().empty())
    return bad(fmt::format("The deployment failed because the application specification file specifies no {}.", what));
  if (node.Scalar().find('\0') != std::string::npos)
    return bad(fmt::format("The {} in the application specification file contains a NUL byte.", what));
  if (node.Scalar().size() > appspec_text_max)
    return bad(fmt::format("The {} in the application specification file is longer than {} bytes.", what, appspec_text_max));
  return node.Scalar();
}

Result<std::vector<std::string>> list_of(const YAML::Node& node, std::string_view what) {
  std::vector<std::string> out;
  if (!node.IsDefined() || node.IsNull()) return out;
  if (!node.IsSequence() || node.size() > appspec_files_max)
    return bad(fmt::format("'{}' in the application specification file must be a list.", what));
  for (const YAML::Node& element : node) {
    TRY(std::string text, text_of(element, what));
    out.push_back(std::move(text));
  }
  return out;
}

Result<void> only_keys(const YAML::Node& node, std::string_view where, std::initializer_list<std::string_view> known) {
  for (const auto& entry : node) {
    std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
    if (std::find(known.begin(), known.end(), key) == known.end())
      return bad(fmt::format("'{}' of {} in the application specification file is not supported.", key.substr(0, 100), where));
  }
  return {};
}

Result<void> read_files(const YAML::Node& node, AppSpec& spec) {
  if (!node.IsDefined() || node.IsNull()) return {};
  if (!node.IsSequence() || node.size() > appspec_files_max)
    return bad("'files' in the application specification file must be a list.");
  for (const YAML::Node& entry : node) {
    if (!entry.IsMap()) return bad("Each of 'files' in the application specification file must have a source and a destination.");
    CHECK(only_keys(entry, "files", {"source", "destination"}));
    FileMapping mapping;
    TRY(mapping.source, text_of(entry["source"], "source for a file"));
    TRY(mapping.destination, text_of(entry["destination"], "destination for the file " + mapping.source));
    if (!mapping.destination.starts_with('/'))
      return bad(fmt::format("The destination '{}' must be an absolute path.", mapping.destination));
    spec.files.push_back(std::move(mapping));
  }
  return {};
}

Result<unsigned> read_mode(const YAML::Node& node) {
  std::string text = node.IsScalar() ? node.Scalar() : "";
  while (text.size() > 3 && text.starts_with('0')) text.erase(0, 1);
  unsigned mode = 0;
  for (char c : text) {
    if (c < '0' || c > '7' || text.size() > 4)
      return bad(fmt::format("permission mode specification {} is not valid: it must be 3 or 4 octal digits", text.substr(0, 16)));
    mode = mode * 8 + static_cast<unsigned>(c - '0');
  }
  if (text.empty()) return bad("a permission's mode must be 3 or 4 octal digits");
  return mode;
}

Result<Permission> read_permission(const YAML::Node& entry) {
  if (!entry.IsMap()) return bad("Each of 'permissions' in the application specification file must have an object.");
  CHECK(only_keys(entry, "permissions", {"object", "pattern", "except", "type", "owner", "group", "mode"}));
  Permission permission;
  TRY(permission.object, text_of(entry["object"], "object for a permission"));
  if (entry["pattern"]) {
    TRY(permission.pattern, text_of(entry["pattern"], "pattern for a permission"));
  }
  TRY(permission.except, list_of(entry["except"], "except"));
  TRY(std::vector<std::string> types, list_of(entry["type"], "type"));
  for (const std::string& type : types)
    if (type != "file" && type != "directory") return bad(fmt::format("type {} of a permission must be file or directory", type));
  if (!types.empty()) {
    permission.files = std::find(types.begin(), types.end(), "file") != types.end();
    permission.directories = std::find(types.begin(), types.end(), "directory") != types.end();
  }
  if (entry["owner"]) {
    TRY(permission.owner, text_of(entry["owner"], "owner for a permission"));
  }
  if (entry["group"]) {
    TRY(permission.group, text_of(entry["group"], "group for a permission"));
  }
  if (entry["mode"]) {
    TRY(permission.mode, read_mode(entry["mode"]));
  }
  return permission;
}

Result<void> read_permissions(const YAML::Node& node, AppSpec& spec) {
  if (!node.IsDefined() || node.IsNull()) return {};
  if (!node.IsSequence() || node.size() > appspec_files_max)
    return bad("'permissions' in the application specification file must be a list.");
  // Aliases cost a few bytes each and stand for whole lists: what they stand for is bounded like the file itself.
  size_t bytes = 0;
  for (const YAML::Node& entry : node) {
    TRY(Permission permission, read_permission(entry));
    for (const std::string& name : permission.except) bytes += name.size() + sizeof name;
    if (bytes > appspec_bytes_max) return bad("The permissions in the application specification file name too many exceptions.");
    spec.permissions.push_back(std::move(permission));
  }
  return {};
}

Result<Script> read_script(const YAML::Node& entry, const std::string& event) {
  if (!entry.IsMap())
    return bad(fmt::format("The scripts of {} in the application specification file must each have a location.", event));
  CHECK(only_keys(entry, event, {"location", "timeout", "runas"}));
  Script script;
  TRY(script.location, text_of(entry["location"], "location for a script of " + event));
  if (entry["timeout"]) {
    std::optional<int64_t> seconds = entry["timeout"].IsScalar() ? parse_int(entry["timeout"].Scalar()) : std::nullopt;
    if (!seconds || *seconds <= 0 || *seconds > event_timeout_max.count())
      return bad(fmt::format("The timeout of {} in {} must be between 1 and {} seconds.", script.location, event,
                             event_timeout_max.count()));
    script.timeout = std::chrono::seconds{*seconds};
  }
  if (entry["runas"]) {
    TRY(script.runas, text_of(entry["runas"], "user for the script " + script.location));
  }
  return script;
}

Result<void> read_event(const std::string& event, const YAML::Node& node, AppSpec& spec) {
  if (!is_hook_event(event))
    return bad(fmt::format("The deployment failed because the application specification file contains unknown lifecycle events: {}",
                           event.substr(0, 100)));
  if (node.IsNull()) return {};
  if (!node.IsSequence() || node.size() > appspec_scripts_max)
    return bad(fmt::format("The scripts of {} in the application specification file must be a list of at most {}.", event,
                           appspec_scripts_max));
  std::chrono::seconds total{0};
  bool all_timed = true;
  for (const YAML::Node& entry : node) {
    TRY(Script script, read_script(entry, event));
    all_timed = all_timed && entry["timeout"].IsDefined();
    total += script.timeout;
    spec.hooks[event].push_back(std::move(script));
  }
  // Scripts without a timeout share what is left; only stated ones can add up to too much.
  if (all_timed && total > event_timeout_max)
    return bad(fmt::format("The combined timeouts of the scripts of {} exceed {} seconds.", event, event_timeout_max.count()));
  return {};
}

Result<AppSpec> read(const YAML::Node& root) {
  if (!root.IsMap()) return bad("The deployment failed because the application specification file is not a YAML mapping.");
  CHECK(only_keys(root, "the file", {"version", "os", "files", "file_exists_behavior", "permissions", "hooks"}));
  std::string version = root["version"] && root["version"].IsScalar() ? root["version"].Scalar() : "";
  if (version != "0.0" && version != "0")
    return bad(fmt::format(
        "The deployment failed because an invalid version value ({}) was entered in the application specification file. "
        "Make sure your AppSpec file specifies \"0.0\" as the version, and then try again.",
        version.substr(0, 32)));
  std::string os = root["os"] && root["os"].IsScalar() ? root["os"].Scalar() : "";
  if (os != "linux")
    return bad(fmt::format(
        "The deployment failed because the application specification file specifies an unsupported operating system ({}). "
        "Specify \"linux\".",
        os.substr(0, 32)));
  AppSpec spec;
  CHECK(read_files(root["files"], spec));
  if (const YAML::Node behavior = root["file_exists_behavior"]) {
    spec.file_exists_behavior = parse_file_exists(behavior.IsScalar() ? behavior.Scalar() : "");
    if (!spec.file_exists_behavior)
      return bad("The file_exists_behavior in the application specification file must be DISALLOW, OVERWRITE or RETAIN.");
  }
  CHECK(read_permissions(root["permissions"], spec));
  const YAML::Node hooks = root["hooks"];
  if (hooks && !hooks.IsNull()) {
    if (!hooks.IsMap()) return bad("'hooks' in the application specification file must be a mapping of lifecycle events.");
    for (const auto& entry : hooks) CHECK(read_event(entry.first.IsScalar() ? entry.first.Scalar() : "", entry.second, spec));
  }
  return spec;
}

// yaml-cpp expands aliases and recurses: what could make it do much is refused before it sees the text.
Result<void> check_bounds(std::string_view text) {
  if (text.size() > appspec_bytes_max)
    return bad(fmt::format("The application specification file is larger than {} bytes.", appspec_bytes_max));
  if (!is_utf8(text)) return bad("The application specification file is not UTF-8 text.");
  size_t flow = 0;
  for (std::string_view line : split(text, '\n')) {
    std::string_view body = trim(line);
    if (body.starts_with('#')) continue;
    if (line.find_first_not_of(' ') != std::string_view::npos && line.find_first_not_of(' ') > 4 * appspec_depth_max)
      return bad("The application specification file is nested too deep.");
    // "- - - - x" and "? ? x" nest without indentation.
    size_t marks = 0;
    for (char c : body.substr(0, std::min(body.find_first_not_of("-? \t"), body.size()))) marks += c == '-' || c == '?';
    for (char c : body) flow += c == '[' || c == '{';
    if (marks > appspec_depth_max || flow > appspec_files_max) return bad("The application specification file is nested too deep.");
  }
  return {};
}

size_t deepest_flow(std::string_view text) {
  size_t depth = 0, most = 0;
  for (char c : text) {
    if (c == '[' || c == '{') most = std::max(most, ++depth);
    if ((c == ']' || c == '}') && depth > 0) --depth;
  }
  return most;
}

}  // namespace

std::optional<FileExists> parse_file_exists(std::string_view text) {
  if (text == "DISALLOW") return FileExists::disallow;
  if (text == "OVERWRITE") return FileExists::overwrite;
  if (text == "RETAIN") return FileExists::retain;
  return std::nullopt;
}

bool is_hook_event(std::string_view event) { return std::find(std::begin(events), std::end(events), event) != std::end(events); }

Result<AppSpec> parse_appspec(std::string_view text) {
  CHECK(check_bounds(text));
  if (deepest_flow(text) > appspec_depth_max) return bad("The application specification file is nested too deep.");
  try {
    return read(YAML::Load(std::string(text)));
  } catch (const YAML::Exception& e) {
    return bad(fmt::format("The deployment failed because the application specification file is not valid YAML: line {}: {}",
                           e.mark.line + 1, e.msg));
  }
}

}  // namespace pds::agent
