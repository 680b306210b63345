#include "cloud/services/lambda/alias.h"

#include <fmt/core.h>

#include "cloud/services/lambda/function_name.h"

namespace pds::cloud::lambda {

namespace {

std::unexpected<Error> invalid(std::string message) { return fail("InvalidParameterValueException", std::move(message)); }

std::unexpected<Error> constraint(std::string_view version, double weight, std::string_view rule) {
  return fail(
      "ValidationException",
      fmt::format("1 validation error detected: Value '{{{}={}}}' at 'routingConfig.additionalVersionWeights' failed to satisfy "
                  "constraint: {}",
                  version, weight, rule));
}

}  // namespace

Result<void> check_routing(const VersionRecord& primary, const std::map<std::string, double>& weights,
                           const std::function<const VersionRecord*(std::string_view)>& find) {
  if (weights.size() > 1) return invalid("Number of items in AdditionalVersionWeights cannot be greater than 1");
  for (const auto& [version, weight] : weights) {
    if (!(weight >= 0.0 && weight < 1.0))
      return constraint(
          version, weight,
          "Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value "
          "greater than or equal to 0.0, Member must not be null]");
    if (version == primary.version)
      return invalid(
          fmt::format("Invalid function version {0}. Function version {0} is already included in routing configuration.", version));
    if (primary.version == latest || version == latest)
      return invalid("$LATEST is not supported for an alias pointing to more than 1 version");
    if (!is_version_number(version))
      return constraint(
          version, weight,
          "Map keys must satisfy constraint: [Member must have length less than or equal to 1024, Member must have length "
          "greater than or equal to 1, Member must satisfy regular expression pattern: [0-9]+, Member must not be null]");
    const VersionRecord* other = find(version);
    if (!other) return fail("ResourceNotFoundException", fmt::format("Function not found: {}:{}", primary.function, version), 404);
    if (other->role != primary.role)
      return invalid(
          fmt::format("The function versions {} and {} have different execution roles. The versions of an alias must have the "
                      "same role.",
                      primary.version, version));
  }
  return {};
}

std::string_view choose_version(const AliasRecord& alias, double draw) {
  for (const auto& [version, weight] : alias.weights) {
    if (draw < weight) return version;
    draw -= weight;
  }
  return alias.version;
}

}  // namespace pds::cloud::lambda
