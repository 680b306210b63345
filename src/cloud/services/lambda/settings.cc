#include "cloud/services/lambda/settings.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "cloud/services/lambda/boot_spec.h"

namespace pds::cloud::lambda {

namespace {

std::unexpected<Error> invalid(std::string message) { return fail("InvalidParameterValueException", std::move(message)); }

Result<void> check_number(std::string_view name, int value, int least, int most) {
  if (value >= least && value <= most) return {};
  return fail(
      "ValidationException",
      fmt::format("1 validation error detected: Value '{}' at '{}' failed to satisfy constraint: Member must have value {} than or "
                  "equal to {}",
                  value, name, value < least ? "greater" : "less", value < least ? least : most));
}

bool is_variable_name(std::string_view name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return name.size() >= 2 && letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_'; });
}

// Values are never repeated in an error: they may be secrets.
Result<void> check_environment(const aws::lambda::Environment& environment) {
  size_t bytes = 0;
  for (const auto& [name, value] : environment.variables) {
    bytes += name.size() + value.size();
    if (is_reserved_variable(name))
      return invalid(
          fmt::format("Lambda was unable to configure your environment variables because the environment variables you have "
                      "provided contains reserved keys that are currently not supported for modification. Reserved keys used "
                      "in this request: {}",
                      name));
    if (!is_variable_name(name) || value.find('\0') != std::string::npos)
      return fail(
          "ValidationException",
          fmt::format("1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must "
                      "satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]: {}",
                      name));
  }
  if (bytes > environment_bytes_max)
    return invalid(
        "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded "
        "the 4KB limit.");
  return {};
}

std::unexpected<Error> not_done(const char* operation, std::string_view parameter, std::string_view why) {
  return fail("NotImplemented", fmt::format("{}: {} is not supported: {}", operation, parameter, why), 501);
}

}  // namespace

Result<void> apply_settings(const Settings& settings, VersionRecord& version) {
  if (settings.timeout) CHECK(check_number("timeout", *settings.timeout, 1, 900));
  if (settings.memory_size) CHECK(check_number("memorySize", *settings.memory_size, 128, 10240));
  if (settings.ephemeral_storage) CHECK(check_number("ephemeralStorage.size", settings.ephemeral_storage->size, 512, 10240));
  if (settings.environment) CHECK(check_environment(*settings.environment));
  if (settings.role) version.role = *settings.role;
  if (settings.description) version.description = *settings.description;
  if (settings.timeout) version.timeout = *settings.timeout;
  if (settings.memory_size) version.memory_size = *settings.memory_size;
  if (settings.ephemeral_storage) version.ephemeral_storage = settings.ephemeral_storage->size;
  if (settings.environment) version.environment = settings.environment;
  if (settings.image_config) version.image_config = settings.image_config;
  if (settings.logging_config && settings.logging_config->log_group) version.log_group = *settings.logging_config->log_group;
  // No variables at all is the same as none given.
  if (version.environment && version.environment->variables.empty()) version.environment.reset();
  return {};
}

Result<void> refuse_other_kinds(const OtherKinds& request) {
  const char* operation = request.operation;
  if (request.unsupported)
    return not_done(operation, *request.unsupported, "functions run from container images in a registry here");
  if (request.runtime || request.handler || request.has_layers)
    return invalid("Please don't provide Handler or Runtime or Layer when the intended function PackageType is Image");
  if (request.vpc && (!request.vpc->subnet_ids.empty() || !request.vpc->security_group_ids.empty()))
    return not_done(operation, "VpcConfig", "functions have no address in a VPC here");
  if (request.dead_letter && !request.dead_letter->target_arn.value_or("").empty())
    return not_done(operation, "DeadLetterConfig", "there is no queue or topic service yet");
  if (request.tracing && request.tracing->mode.value_or("PassThrough") != "PassThrough")
    return not_done(operation, "TracingConfig.Mode Active", "there is no trace service yet");
  if (request.snap_start && request.snap_start->apply_on.value_or("None") != "None")
    return not_done(operation, "SnapStart.ApplyOn PublishedVersions", "environments are started, not restored");
  if (request.logging && request.logging->log_format.value_or("Text") != "Text")
    return not_done(operation, "LoggingConfig.LogFormat JSON", "log lines are written as text");
  if (!request.kms_key_arn.value_or("").empty())
    return not_done(operation, "KMSKeyArn", "variables are not encrypted with a key of yours");
  if (request.has_file_systems) return not_done(operation, "FileSystemConfigs", "there is no file system service");
  return {};
}

Result<void> check_tags(const std::map<std::string, std::string>& tags) {
  if (tags.size() > tags_max) return invalid(fmt::format("Number of tags exceeds resource tag limit of {}.", tags_max));
  for (const auto& [key, value] : tags) {
    if (key.empty() || key.size() > 128 || value.size() > 256)
      return invalid("Tag keys have 1 to 128 characters, values at most 256.");
    if (to_lower(key).starts_with("aws:")) return invalid("System tags cannot be added/updated by requester");
  }
  return {};
}

std::string repository_of(std::string_view image_uri) {
  image_uri = image_uri.substr(0, image_uri.find('@'));
  size_t slash = image_uri.rfind('/');
  size_t colon = image_uri.rfind(':');
  if (colon != std::string_view::npos && slash != std::string_view::npos && colon > slash) image_uri = image_uri.substr(0, colon);
  return std::string(image_uri);
}

std::string machine_architecture() {
#if defined(__aarch64__)
  return "arm64";
#else
  return "x86_64";
#endif
}

}  // namespace pds::cloud::lambda
