#include "cloud/services/lambda/catalog.h"

#include <fmt/core.h>

#include "cloud/services/lambda/alias.h"

namespace pds::cloud::lambda {

Catalog::Catalog(Core& core)
    : functions(core.store, core.table("lambda", "functions")),
      versions(core.store, core.table("lambda", "versions")),
      aliases(core.store, core.table("lambda", "aliases")),
      policies(core.store, core.table("lambda", "policies")),
      urls(core.store, core.table("lambda", "urls")),
      event_configs(core.store, core.table("lambda", "event_configs")),
      core_(core) {}

std::string Catalog::arn(std::string_view function, std::string_view qualifier) const {
  std::string arn = core_.arn("lambda", "function:");
  arn += function;
  if (!qualifier.empty()) arn.append(":").append(qualifier);
  return arn;
}

Result<const FunctionRecord*> Catalog::function_at(std::string_view function) const {
  const FunctionRecord* found = functions.find(function);
  if (!found) return fail("ResourceNotFoundException", fmt::format("Function not found: {}", arn(function)), 404);
  return found;
}

const VersionRecord* Catalog::find_version(std::string_view function, std::string_view version) const {
  return versions.find(version_key(function, version));
}

const AliasRecord* Catalog::find_alias(std::string_view function, std::string_view alias) const {
  return aliases.find(qualified_key(function, alias));
}

Result<const AliasRecord*> Catalog::alias_at(std::string_view function, std::string_view alias) const {
  CHECK(function_at(function));
  const AliasRecord* found = find_alias(function, alias);
  if (!found) return fail("ResourceNotFoundException", fmt::format("Cannot find alias arn: {}", arn(function, alias)), 404);
  return found;
}

std::unexpected<Error> Catalog::no_function(const FunctionName& name) const {
  return fail("ResourceNotFoundException", fmt::format("Function not found: {}", arn(name.name, name.qualifier)), 404);
}

const VersionRecord* Catalog::choose(const FunctionName& name, double draw, bool& weighted) const {
  std::string_view version = name.qualifier.empty() ? latest : std::string_view(name.qualifier);
  if (version != latest && !is_version_number(version)) {
    const AliasRecord* alias = find_alias(name.name, version);
    if (!alias) return nullptr;
    version = choose_version(*alias, draw);
    weighted = !alias->weights.empty();
  }
  return find_version(name.name, version);
}

Result<const VersionRecord*> Catalog::version_at(const FunctionName& name) const {
  bool weighted = false;
  const VersionRecord* version = choose(name, 1.0, weighted);
  if (!version) return no_function(name);
  return version;
}

Result<Target> Catalog::target_at(const FunctionName& name, double draw) const {
  Target target;
  target.version = choose(name, draw, target.weighted);
  if (!target.version) return no_function(name);
  target.invoked_arn = arn(name.name, name.qualifier);
  target.resource = name.qualifier.empty() ? name.name : qualified_key(name.name, name.qualifier);
  return target;
}

std::vector<const VersionRecord*> Catalog::versions_of(std::string_view function) const {
  std::vector<const VersionRecord*> found;
  std::string prefix = std::string(function) + ":";
  for (auto it = versions.rows().lower_bound(prefix); it != versions.rows().end() && it->first.starts_with(prefix); ++it)
    found.push_back(&it->second);
  return found;
}

std::vector<const AliasRecord*> Catalog::aliases_of(std::string_view function) const {
  std::vector<const AliasRecord*> found;
  std::string prefix = std::string(function) + ":";
  for (auto it = aliases.rows().lower_bound(prefix); it != aliases.rows().end() && it->first.starts_with(prefix); ++it)
    found.push_back(&it->second);
  return found;
}

const UrlRecord* Catalog::find_url(std::string_view function, std::string_view qualifier) const {
  for (const auto& [id, url] : urls.rows())
    if (url.function == function && url.qualifier == qualifier) return &url;
  return nullptr;
}

bool Catalog::is_allowed(const FunctionName& name, const Access& access) const {
  const PolicyRecord* policy = policies.find(qualified_key(name.name, name.qualifier));
  return policy && allows(*policy, access);
}

std::vector<std::string> Catalog::erase_function(const std::string& function) {
  std::vector<std::string> spent;
  for (const VersionRecord* version : versions_of(function)) {
    spent.push_back(version->configuration_id);
    versions.erase(version_key(function, std::string(version->version)));
  }
  for (const AliasRecord* alias : aliases_of(function)) aliases.erase(qualified_key(function, std::string(alias->name)));
  auto erase_prefixed = [&](auto& table) {
    std::vector<std::string> keys;
    for (const auto& [key, row] : table.rows())
      if (row.function == function) keys.push_back(key);
    for (const std::string& key : keys) table.erase(key);
  };
  erase_prefixed(policies);
  erase_prefixed(urls);
  erase_prefixed(event_configs);
  functions.erase(function);
  return spent;
}

void Catalog::erase_alias(const std::string& function, const std::string& alias) {
  std::string key = qualified_key(function, alias);
  aliases.erase(key);
  policies.erase(key);
  event_configs.erase(key);
  if (const UrlRecord* url = find_url(function, alias)) urls.erase(std::string(url->url_id));
}

Result<void> check_invokable(const VersionRecord& version) {
  if (version.state == "Active") return {};
  return fail("ResourceConflictException",
              fmt::format("The operation cannot be performed at this time. The function is currently in the following state: {}",
                          version.state),
              409);
}

}  // namespace pds::cloud::lambda
