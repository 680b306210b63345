// What a function's environment is booted with: the image's program, and the variables Lambda sets.
#pragma once

#include <functional>
#include <string>

#include "aws/credentials.h"
#include "cloud/images.h"
#include "cloud/services/lambda/records.h"
#include "sandbox/spec.h"

namespace pds::cloud::lambda {

struct BootContext {
  std::string sandbox_id, region, log_stream;
  aws::Credentials credentials;
  // Whether the image has this file, by its path inside.
  std::function<bool(const std::string& path)> has_file;
};

// Errors are Lambda's: Runtime.InvalidEntrypoint, with the sentence it has.
Result<sandbox::SandboxSpec> make_boot_spec(const VersionRecord& version, const ContainerImage& image, const BootContext& context);

// Names that only Lambda sets; a function that defines one is refused.
bool is_reserved_variable(std::string_view name);

}  // namespace pds::cloud::lambda
