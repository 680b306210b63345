#include "cloud/services/ec2/operation.h"

#include <fmt/core.h>

namespace pds::cloud::ec2 {

Result<void> begin_checked(const char* operation, const aws::Shape& shape, const void* request, bool dry_run) {
  if (auto path = aws::find_unsupported(shape, request))
    return fail("NotImplemented", fmt::format("{}: {} is not supported: leave it out", operation, *path), 501);
  if (dry_run) return fail("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412);
  return {};
}

std::unexpected<Error> no_such(std::string_view code, std::string_view noun, std::string_view id) {
  return fail(std::string(code), fmt::format("The {} '{}' does not exist", noun, id));
}

std::unexpected<Error> missing_parameter(std::string_view name) {
  return fail("MissingParameter", fmt::format("The request must contain the parameter {}", name));
}

std::unexpected<Error> invalid_parameter(std::string message) { return fail("InvalidParameterValue", std::move(message)); }

std::unexpected<Error> dependency_violation(std::string_view noun, std::string_view id) {
  return fail("DependencyViolation", fmt::format("The {} '{}' has dependencies and cannot be deleted.", noun, id));
}

}  // namespace pds::cloud::ec2
