#include <fmt/core.h>

#include "aws/shapes/lambda.h"
#include "base/json.h"
#include "deploy/stack.h"

namespace pds::deploy {

namespace lambda = aws::lambda;

namespace {

// A role that was made a moment ago is not known everywhere yet; Lambda says so in these words.
bool role_not_yet_known(const Error& error) { return error.code == "InvalidParameterValueException" && error.message.find("cannot be assumed") != std::string::npos; }

constexpr int role_attempts_max = 20;

std::string environment_difference(const std::map<std::string, std::string>& present, const std::map<std::string, std::string>& wanted) {
  for (const auto& [name, value] : wanted) {
    auto it = present.find(name);
    if (it == present.end() || it->second != value) return "variable " + name;
  }
  return "";
}

}  // namespace

io::Task<Result<void>> StackWalk::ensure_function(const std::string& name, const std::string& role_arn, std::vector<std::string> command,
                                                  std::string& arn) {
  std::map<std::string, std::string> environment = {{"PODINFO_SECRET_ID", config_.text("secret.name")}};
  int memory = static_cast<int>(config_.integer("function.memory"));
  int timeout = static_cast<int>(config_.duration("function.timeout") / 1s);
  lambda::GetFunctionRequest by_name;
  by_name.function_name = name;
  auto found = co_await client_.call<lambda::GetFunction>(by_name);
  if (found) {
    const lambda::FunctionConfiguration& present = found->configuration;
    arn = present.function_arn;
    std::string differs = present.memory_size != memory ? "memory" : present.timeout != timeout ? "timeout" : "";
    if (differs.empty()) differs = environment_difference(present.environment ? present.environment->variables : std::map<std::string, std::string>{}, environment);
    if (differs.empty() || !make(ChangeAction::update, "function", name, differs + " differs")) co_return Result<void>{};
    lambda::UpdateFunctionConfigurationRequest request;
    request.function_name = name;
    request.memory_size = memory;
    request.timeout = timeout;
    request.environment = lambda::Environment{environment};
    CO_CHECK(co_await client_.call<lambda::UpdateFunctionConfiguration>(request));
    co_return Result<void>{};
  }
  if (found.error().code != "ResourceNotFoundException") co_return std::unexpected(found.error());
  if (!make(ChangeAction::create, "function", name)) co_return Result<void>{};
  if (bootstrap_image_.empty())
    co_return fail("E_CONFIG", fmt::format("the function {} needs an image to begin with, and the repository has none tagged '{}': run `pds build` and "
                                           "`pds push` first, or set image.bootstrap",
                                           name, config_.text("image.bootstrap")));
  lambda::CreateFunctionRequest request;
  request.function_name = name;
  request.role = role_arn;
  request.code.image_uri = bootstrap_image_;
  request.package_type = "Image";
  request.memory_size = memory;
  request.timeout = timeout;
  request.publish = true;
  request.environment = lambda::Environment{environment};
  if (!command.empty()) {
    lambda::ImageConfig image_config;
    image_config.command = command;
    request.image_config = image_config;
  }
  request.tags = {{"pds:stack", config_.stack()}};
  for (int attempt = 1;; ++attempt) {
    auto made = co_await client_.call<lambda::CreateFunction>(request);
    if (made) break;
    if (!role_not_yet_known(made.error()) || attempt == role_attempts_max) co_return std::unexpected(made.error());
    co_await loop_.sleep_for(1s);
  }
  // Usable once its image has been fetched and checked.
  while (true) {
    CO_TRY(auto state, co_await client_.call<lambda::GetFunctionConfiguration>({.function_name = name, .qualifier = {}}));
    arn = state.function_arn;   // unqualified: the reply to a published creation names its version
    if (state.state == "Active") co_return Result<void>{};
    if (state.state == "Failed")
      co_return fail("E_STACK", fmt::format("the function {} did not become active: {}", name, state.state_reason.value_or("no reason given")));
    co_await loop_.sleep_for(100ms);
  }
}

io::Task<Result<void>> StackWalk::ensure_functions() {
  CO_CHECK(co_await ensure_function(names_->function, facts_.function_role_arn, {}, facts_.function_arn));
  CO_CHECK(co_await ensure_function(names_->hook_function, facts_.rotation_role_arn, {"/home/app/podinfo", "hook"}, facts_.hook_function_arn));
  CO_CHECK(co_await ensure_function(names_->rotation_function, facts_.rotation_role_arn, {"/home/app/podinfo", "rotate"}, facts_.rotation_function_arn));
  co_return Result<void>{};
}

io::Task<Result<void>> StackWalk::ensure_alias_and_url() {
  const std::string& alias = config_.text("function.alias");
  std::string qualified = names_->function + ":" + alias;
  if (facts_.function_arn.empty()) {
    make(ChangeAction::create, "alias", qualified);
    make(ChangeAction::create, "function URL", qualified);
    co_return Result<void>{};
  }
  auto present = co_await client_.call<lambda::GetAlias>({.function_name = names_->function, .name = alias});
  if (!present) {
    if (present.error().code != "ResourceNotFoundException") co_return std::unexpected(present.error());
    if (make(ChangeAction::create, "alias", qualified)) {
      lambda::ListVersionsByFunctionRequest versions;
      versions.function_name = names_->function;
      CO_TRY(auto published, co_await client_.call<lambda::ListVersionsByFunction>(versions));
      std::string version;
      for (const auto& one : published.versions)
        if (one.version != "$LATEST") version = one.version;
      lambda::CreateAliasRequest request;
      request.function_name = names_->function;
      request.name = alias;
      request.function_version = version;
      CO_CHECK(co_await client_.call<lambda::CreateAlias>(request));
    }
  }
  lambda::GetFunctionUrlConfigRequest url;
  url.function_name = names_->function;
  url.qualifier = alias;
  auto config = co_await client_.call<lambda::GetFunctionUrlConfig>(url);
  if (config) {
    facts_.function_url = config->function_url;
    co_return Result<void>{};
  }
  if (config.error().code != "ResourceNotFoundException") co_return std::unexpected(config.error());
  if (!make(ChangeAction::create, "function URL", qualified)) co_return Result<void>{};
  lambda::AddPermissionRequest permission;
  permission.function_name = names_->function;
  permission.qualifier = alias;
  permission.statement_id = "public-url";
  permission.action = "lambda:InvokeFunctionUrl";
  permission.principal = "*";
  permission.function_url_auth_type = "NONE";
  auto added = co_await client_.call<lambda::AddPermission>(permission);
  if (!added && added.error().code != "ResourceConflictException") co_return std::unexpected(added.error());
  lambda::CreateFunctionUrlConfigRequest request;
  request.function_name = names_->function;
  request.qualifier = alias;
  request.auth_type = "NONE";
  CO_TRY(auto made, co_await client_.call<lambda::CreateFunctionUrlConfig>(request));
  facts_.function_url = made.function_url;
  co_return Result<void>{};
}

}  // namespace pds::deploy
