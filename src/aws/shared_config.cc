#include "aws/shared_config.h"

#include <fmt/core.h>

#include <optional>
#include <string_view>

#include "base/text.h"
#include "io/files.h"

namespace pds::aws {
namespace {

constexpr std::string_view profile_kind = "profile ";
constexpr std::string_view services_kind = "services ";

// Which of its owner's two spellings a title is; nothing when it is another kind of section.
std::optional<std::string> after(std::string_view kind, const std::string& title) {
  if (!title.starts_with(kind)) return std::nullopt;
  return title.substr(kind.size());
}

// The credentials file's keys are one thing: a session token of the config file's keys belongs to none of them.
void overlay(const Properties& credentials, Properties& profile) {
  if (credentials.contains("aws_access_key_id")) {
    for (const char* name : {"aws_access_key_id", "aws_secret_access_key", "aws_session_token"}) profile.erase(name);
  }
  for (const auto& [name, value] : credentials) profile[name] = value;
}

std::string path_of(EnvironmentReader environment, const char* variable, const char* usual) {
  std::string path = environment(variable), home = environment("HOME");
  if (path.empty()) return home.empty() ? "" : home + usual;
  return path.starts_with("~/") && !home.empty() ? home + path.substr(1) : path;
}

// Blocking.
Result<Sections> read_sections(const std::string& path) {
  if (path.empty() || !io::exists(path)) return Sections{};
  TRY(std::string text, io::read_file(path, profile_file_bytes_max));
  Result<Sections> sections = parse_profile_file(text);
  if (!sections) sections.error().message = fmt::format("{}: {}", path, sections.error().message);
  return sections;
}

Result<SharedConfig> read_both(const std::string& profile, const std::string& config_path, const std::string& credentials_path) {
  TRY(Sections config, read_sections(config_path));
  TRY(Sections credentials, read_sections(credentials_path));
  SharedConfig shared = merge(profile.empty() ? "default" : profile, config, credentials);
  if (!profile.empty() && !shared.profiles.contains(profile))
    return fail("E_PROFILE", fmt::format("the profile '{}' (AWS_PROFILE) is neither in {} nor in {}", profile, config_path, credentials_path));
  return shared;
}

}  // namespace

std::string value_of(const Properties& properties, const std::string& name) {
  auto it = properties.find(name);
  return it == properties.end() ? "" : it->second;
}

std::string SharedConfig::value(const std::string& name) const {
  auto profile = profiles.find(profile_name);
  return profile == profiles.end() ? "" : value_of(profile->second, name);
}

SharedConfig merge(std::string profile_name, const Sections& config, const Sections& credentials) {
  SharedConfig shared{std::move(profile_name), {}, {}};
  for (const auto& [title, properties] : config) {
    if (auto name = after(profile_kind, title)) shared.profiles[*name] = properties;
    if (auto name = after(services_kind, title)) shared.services[*name] = properties;
  }
  // [default] needs no kind; where both are there, [profile default] counts.
  if (auto plain = config.find("default"); plain != config.end()) shared.profiles.try_emplace("default", plain->second);
  for (const auto& [title, properties] : credentials) overlay(properties, shared.profiles[after(profile_kind, title).value_or(title)]);
  return shared;
}

io::Task<Result<SharedConfig>> load_shared_config(io::Loop& loop, EnvironmentReader environment) {
  std::string profile = environment("AWS_PROFILE");
  std::string config = path_of(environment, "AWS_CONFIG_FILE", "/.aws/config");
  std::string credentials = path_of(environment, "AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials");
  co_return co_await loop.offload([=] { return read_both(profile, config, credentials); });
}

}  // namespace pds::aws
