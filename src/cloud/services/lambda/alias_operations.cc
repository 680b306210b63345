#include <fmt/core.h>

#include "aws/paging.h"
#include "cloud/services/lambda/alias.h"
#include "cloud/services/lambda/service.h"

namespace pds::cloud::lambda {

wire::AliasConfiguration Lambda::alias_configuration(const AliasRecord& alias) const {
  wire::AliasConfiguration out;
  out.alias_arn = catalog_.arn(alias.function, alias.name);
  out.name = alias.name;
  out.function_version = alias.version;
  out.description = alias.description;
  out.revision_id = alias.revision_id;
  if (!alias.weights.empty()) out.routing_config = wire::AliasRoutingConfiguration{alias.weights};
  return out;
}

namespace {

Result<const VersionRecord*> target_version(const Catalog& catalog, const std::string& function, const std::string& version) {
  const VersionRecord* found = version == latest || is_version_number(version) ? catalog.find_version(function, version) : nullptr;
  if (!found) return fail("ResourceNotFoundException", fmt::format("Function not found: {}", catalog.arn(function, version)), 404);
  return found;
}

Result<void> check_weights(const Catalog& catalog, const VersionRecord& primary, const std::map<std::string, double>& weights) {
  return check_routing(primary, weights, [&](std::string_view version) { return catalog.find_version(primary.function, version); });
}

// A weight of 0 routes nothing: Lambda keeps it, and so do we.
std::map<std::string, double> weights_of(const std::optional<wire::AliasRoutingConfiguration>& routing) {
  return routing ? routing->additional_version_weights : std::map<std::string, double>{};
}

}  // namespace

Result<wire::AliasConfiguration> Lambda::create_alias(const Call&, const wire::CreateAliasRequest& request) {
  TRY(FunctionName name, catalog_.parse(request.function_name));
  CHECK(catalog_.function_at(name.name));
  if (!is_alias_name(request.name))
    return fail(
        "ValidationException",
        fmt::format("1 validation error detected: Value '{}' at 'name' failed to satisfy constraint: Member must satisfy regular "
                    "expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)",
                    request.name));
  TRY(const VersionRecord* version, target_version(catalog_, name.name, request.function_version));
  if (catalog_.find_alias(name.name, request.name))
    return fail("ResourceConflictException", fmt::format("Alias already exists: {}", catalog_.arn(name.name, request.name)), 409);
  AliasRecord alias{.function = name.name,
                    .name = request.name,
                    .version = request.function_version,
                    .description = request.description.value_or(""),
                    .revision_id = new_id(),
                    .weights = weights_of(request.routing_config)};
  CHECK(check_weights(catalog_, *version, alias.weights));
  return alias_configuration(catalog_.aliases.put(qualified_key(name.name, request.name), std::move(alias)));
}

Result<wire::AliasConfiguration> Lambda::get_alias(const Call&, const wire::GetAliasRequest& request) {
  TRY(FunctionName name, catalog_.parse(request.function_name));
  TRY(const AliasRecord* alias, catalog_.alias_at(name.name, request.name));
  return alias_configuration(*alias);
}

Result<wire::ListAliasesReply> Lambda::list_aliases(const Call&, const wire::ListAliasesRequest& request) {
  TRY(FunctionName name, catalog_.parse(request.function_name));
  CHECK(catalog_.function_at(name.name));
  std::vector<const AliasRecord*> found = catalog_.aliases_of(name.name);
  if (request.function_version) {
    std::erase_if(found, [&](const AliasRecord* alias) {
      return alias->version != *request.function_version && !alias->weights.contains(*request.function_version);
    });
  }
  TRY(std::optional<std::string> next, aws::cut_page(
                                           found, request.marker, request.max_items.value_or(0), 50,
                                           [](const AliasRecord* alias) { return alias->name; }, "InvalidParameterValueException"));
  wire::ListAliasesReply reply;
  reply.next_marker = next;
  for (const AliasRecord* alias : found) reply.aliases.push_back(alias_configuration(*alias));
  return reply;
}

// Invocations in flight keep the version they have; the next one is routed by what is written here.
Result<wire::AliasConfiguration> Lambda::update_alias(const Call&, const wire::UpdateAliasRequest& request) {
  TRY(FunctionName name, catalog_.parse(request.function_name));
  TRY(const AliasRecord* before, catalog_.alias_at(name.name, request.name));
  if (request.revision_id && *request.revision_id != before->revision_id)
    return fail(
        "PreconditionFailedException",
        "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest "
        "Revision Id",
        412);
  AliasRecord alias = *before;
  if (request.function_version) alias.version = *request.function_version;
  if (request.description) alias.description = *request.description;
  if (request.routing_config) alias.weights = weights_of(request.routing_config);
  TRY(const VersionRecord* version, target_version(catalog_, name.name, alias.version));
  CHECK(check_weights(catalog_, *version, alias.weights));
  alias.revision_id = new_id();
  return alias_configuration(catalog_.aliases.put(qualified_key(name.name, request.name), std::move(alias)));
}

Result<wire::DeleteAliasReply> Lambda::delete_alias(const Call&, const wire::DeleteAliasRequest& request) {
  TRY(FunctionName name, catalog_.parse(request.function_name));
  CHECK(catalog_.function_at(name.name));
  catalog_.erase_alias(name.name, request.name);  // one that is not there is deleted already
  return wire::DeleteAliasReply{};
}

}  // namespace pds::cloud::lambda
