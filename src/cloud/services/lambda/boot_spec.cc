#include "cloud/services/lambda/boot_spec.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "cloud/services/lambda/environment.h"
#include "sandbox/program.h"

namespace pds::cloud::lambda {

namespace {

// Lambda runs every image as its own unprivileged user, whatever USER the image names.
constexpr uint32_t function_uid = 65532;
constexpr const char* default_path = "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin";
constexpr const char* default_libraries =
    "/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib";

void set_lambda_variables(std::map<std::string, std::string>& variables, const VersionRecord& version, const BootContext& context) {
  variables["AWS_LAMBDA_RUNTIME_API"] = fmt::format("127.0.0.1:{}", runtime_api_port);
  variables["AWS_ENDPOINT_URL"] = fmt::format("http://{}", endpoint_address);
  variables["AWS_REGION"] = context.region;
  variables["AWS_DEFAULT_REGION"] = context.region;
  variables["AWS_LAMBDA_FUNCTION_NAME"] = version.function;
  variables["AWS_LAMBDA_FUNCTION_VERSION"] = version.version;
  variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = std::to_string(version.memory_size);
  variables["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand";
  variables["AWS_LAMBDA_LOG_GROUP_NAME"] = version.log_group;
  variables["AWS_LAMBDA_LOG_STREAM_NAME"] = context.log_stream;
  variables["AWS_ACCESS_KEY_ID"] = context.credentials.access_key_id;
  variables["AWS_SECRET_ACCESS_KEY"] = context.credentials.secret_access_key;
  variables["AWS_SESSION_TOKEN"] = context.credentials.session_token;
}

void set_default(std::map<std::string, std::string>& variables, const char* name, const char* value) {
  variables.emplace(name, value);
}

}  // namespace

bool is_reserved_variable(std::string_view name) {
  constexpr std::array<std::string_view, 19> names = {"_HANDLER",
                                                      "_X_AMZN_TRACE_ID",
                                                      "AWS_DEFAULT_REGION",
                                                      "AWS_REGION",
                                                      "AWS_EXECUTION_ENV",
                                                      "AWS_LAMBDA_FUNCTION_NAME",
                                                      "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                                      "AWS_LAMBDA_FUNCTION_VERSION",
                                                      "AWS_LAMBDA_INITIALIZATION_TYPE",
                                                      "AWS_LAMBDA_LOG_GROUP_NAME",
                                                      "AWS_LAMBDA_LOG_STREAM_NAME",
                                                      "AWS_ACCESS_KEY",
                                                      "AWS_ACCESS_KEY_ID",
                                                      "AWS_SECRET_ACCESS_KEY",
                                                      "AWS_SESSION_TOKEN",
                                                      "AWS_LAMBDA_RUNTIME_API",
                                                      "LAMBDA_TASK_ROOT",
                                                      "LAMBDA_RUNTIME_DIR",
                                                      "AWS_LAMBDA_MAX_CONCURRENCY"};
  return std::ranges::find(names, name) != names.end();
}

Result<sandbox::SandboxSpec> make_boot_spec(const VersionRecord& version, const ContainerImage& image, const BootContext& context) {
  const aws::lambda::ImageConfig overrides = version.image_config.value_or(aws::lambda::ImageConfig{});
  sandbox::SandboxSpec spec;
  spec.id = context.sandbox_id;
  spec.profile = sandbox::Profile::function;
  spec.image_root = image.rootfs;
  spec.uid = spec.gid = function_uid;
  std::string directory = overrides.working_directory.value_or(image.working_directory);
  spec.working_directory = sandbox::normal_path(directory.empty() ? "/" : directory);

  spec.environment = image.environment;
  set_default(spec.environment, "PATH", default_path);
  set_default(spec.environment, "LD_LIBRARY_PATH", default_libraries);
  set_default(spec.environment, "TZ", ":UTC");
  set_default(spec.environment, "LANG", "en_US.UTF-8");
  spec.environment["LAMBDA_TASK_ROOT"] = "/var/task";
  spec.environment["LAMBDA_RUNTIME_DIR"] = "/var/runtime";
  if (version.environment)
    for (const auto& [name, value] : version.environment->variables) spec.environment[name] = value;
  set_lambda_variables(spec.environment, version, context);

  // An overridden entry point drops the image's command, as everywhere with container images.
  std::vector<std::string> command = overrides.command.value_or(overrides.entry_point ? std::vector<std::string>{} : image.command);
  if (!command.empty()) spec.environment["_HANDLER"] = command[0];
  spec.arguments = overrides.entry_point.value_or(image.entrypoint);
  spec.arguments.insert(spec.arguments.end(), command.begin(), command.end());
  if (spec.arguments.empty())
    return fail("Runtime.InvalidEntrypoint", "the image names no program: it has neither ENTRYPOINT nor CMD");
  std::optional<std::string> program = sandbox::find_program(spec.arguments[0], spec.working_directory, spec.environment["PATH"], context.has_file);
  if (!program) return fail("Runtime.InvalidEntrypoint", fmt::format("fork/exec {}: no such file or directory", spec.arguments[0]));
  spec.arguments[0] = *std::move(program);

  spec.limits.memory_bytes = static_cast<uint64_t>(version.memory_size) << 20;
  spec.limits.processes = 1024;
  spec.limits.open_files = 1024;
  spec.limits.tmp_bytes = static_cast<uint64_t>(version.ephemeral_storage) << 20;
  spec.listeners = {{.address = "127.0.0.1", .port = runtime_api_port}, {.address = endpoint_address, .port = endpoint_port}};
  return spec;
}

}  // namespace pds::cloud::lambda
