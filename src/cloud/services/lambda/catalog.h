// What exists: functions, versions, aliases, policies, URLs; and how names are resolved among them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cloud/core.h"
#include "cloud/services/lambda/function_name.h"
#include "cloud/services/lambda/policy.h"
#include "cloud/services/lambda/records.h"
#include "cloud/store.h"

namespace pds::cloud::lambda {

// What one invocation is for. Points into the tables: use it before the next co_await.
struct Target {
  const VersionRecord* version = nullptr;
  std::string resource;     // "podinfo", "podinfo:live": as named
  std::string invoked_arn;  // the same as an ARN
  bool weighted = false;    // through an alias with two versions
};

class Catalog {
 public:
  explicit Catalog(Core& core);

  Table<FunctionRecord> functions;
  Table<VersionRecord> versions;
  Table<AliasRecord> aliases;
  Table<PolicyRecord> policies;
  Table<UrlRecord> urls;
  Table<EventConfigRecord> event_configs;

  Result<FunctionName> parse(std::string_view text, std::string_view qualifier = "") const {
    return parse_function_name(text, qualifier, core_.region, core_.account);
  }
  std::string arn(std::string_view function, std::string_view qualifier = "") const;

  // ResourceNotFoundException unless it exists.
  Result<const FunctionRecord*> function_at(std::string_view function) const;
  const VersionRecord* find_version(std::string_view function, std::string_view version) const;
  const AliasRecord* find_alias(std::string_view function, std::string_view alias) const;
  Result<const AliasRecord*> alias_at(std::string_view function, std::string_view alias) const;
  // By version number, alias (its primary version) or nothing ($LATEST).
  Result<const VersionRecord*> version_at(const FunctionName& name) const;
  // The same with the alias's weights: `draw` is uniform in [0, 1).
  Result<Target> target_at(const FunctionName& name, double draw) const;

  // The function's versions in order, $LATEST first; its aliases by name.
  std::vector<const VersionRecord*> versions_of(std::string_view function) const;
  std::vector<const AliasRecord*> aliases_of(std::string_view function) const;
  const UrlRecord* find_url(std::string_view function, std::string_view qualifier) const;

  // Whether the policy of the function, or of what it was named by, lets this through.
  bool is_allowed(const FunctionName& name, const Access& access) const;

  // Removes a function and all that belongs to it; returns the configuration ids that no longer run.
  std::vector<std::string> erase_function(const std::string& function);
  void erase_alias(const std::string& function, const std::string& alias);

 private:
  // The version that runs; null: there is none. `weighted` is set where an alias had two to choose from.
  const VersionRecord* choose(const FunctionName& name, double draw, bool& weighted) const;
  std::unexpected<Error> no_function(const FunctionName& name) const;

  Core& core_;
};

// Something that can be named by a qualifier is there and may run: ResourceConflictException while it is pending, or failed.
Result<void> check_invokable(const VersionRecord& version);

}  // namespace pds::cloud::lambda
