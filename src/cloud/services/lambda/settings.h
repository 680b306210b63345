// What a function may be configured with: bounds, and the sentences Lambda refuses with.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "aws/shapes/lambda.h"
#include "base/result.h"
#include "cloud/services/lambda/records.h"

namespace pds::cloud::lambda {

inline constexpr size_t environment_bytes_max = 4096;
inline constexpr size_t tags_max = 50;

// The settings that CreateFunction and UpdateFunctionConfiguration share. Absent members leave the record as it is; on an error the
// record is unchanged.
struct Settings {
  std::optional<std::string> role, description;
  std::optional<int> timeout, memory_size;
  std::optional<aws::lambda::Environment> environment;
  std::optional<aws::lambda::ImageConfig> image_config;
  std::optional<aws::lambda::EphemeralStorage> ephemeral_storage;
  std::optional<aws::lambda::LoggingConfig> logging_config;
};
template <class Request>
Settings settings_of(const Request& request) {
  Settings settings;
  if constexpr (std::is_same_v<decltype(request.role), std::optional<std::string>>)
    settings.role = request.role;
  else
    settings.role = std::optional<std::string>(request.role);
  settings.description = request.description;
  settings.timeout = request.timeout;
  settings.memory_size = request.memory_size;
  settings.environment = request.environment;
  settings.image_config = request.image_config;
  settings.ephemeral_storage = request.ephemeral_storage;
  settings.logging_config = request.logging_config;
  return settings;
}
Result<void> apply_settings(const Settings& settings, VersionRecord& version);

// What only newer or other kinds of functions have: 501 naming the parameter.
template <class Request>
Result<void> refuse_unsupported(std::string_view operation, const Request& request);

Result<void> check_tags(const std::map<std::string, std::string>& tags);

// "000000000000.dkr.ecr.us-east-1.localhost:4566/podinfo" of that with ":1.0.0" or "@sha256:..." behind.
std::string repository_of(std::string_view image_uri);

std::string machine_architecture();  // "x86_64" or "arm64": what functions run on here

// ---- template ----
struct OtherKinds {
  const char* operation;
  std::optional<std::string> unsupported;  // found by name
  const std::optional<aws::lambda::VpcConfig>& vpc;
  const std::optional<aws::lambda::DeadLetterConfig>& dead_letter;
  const std::optional<aws::lambda::TracingConfig>& tracing;
  const std::optional<aws::lambda::SnapStart>& snap_start;
  const std::optional<aws::lambda::LoggingConfig>& logging;
  const std::optional<std::string>&runtime, &handler, &kms_key_arn;
  bool has_layers, has_file_systems;
};
Result<void> refuse_other_kinds(const OtherKinds& request);

template <class Request>
Result<void> refuse_unsupported(std::string_view operation, const Request& request) {
  return refuse_other_kinds({.operation = operation.data(),
                             .unsupported = aws::find_unsupported(shape_of(static_cast<const Request*>(nullptr)), &request),
                             .vpc = request.vpc_config,
                             .dead_letter = request.dead_letter_config,
                             .tracing = request.tracing_config,
                             .snap_start = request.snap_start,
                             .logging = request.logging_config,
                             .runtime = request.runtime,
                             .handler = request.handler,
                             .kms_key_arn = request.kms_key_arn,
                             .has_layers = !request.layers.empty(),
                             .has_file_systems = !request.file_system_configs.empty()});
}

}  // namespace pds::cloud::lambda
