#include <fmt/core.h>

#include "aws/shapes/lambda.h"
#include "aws/shapes/secretsmanager.h"
#include "base/json.h"
#include "deploy/stack.h"

namespace pds::deploy {

namespace secretsmanager = aws::secretsmanager;
namespace lambda = aws::lambda;

io::Task<Result<void>> StackWalk::ensure_secret() {
  const std::string& name = config_.text("secret.name");
  auto found = co_await client_.call<secretsmanager::DescribeSecret>({.secret_id = name});
  if (found) {
    facts_.secret_arn = found->arn.value_or("");
    co_return Result<void>{};
  }
  if (found.error().code != "ResourceNotFoundException") co_return std::unexpected(found.error());
  if (!make(ChangeAction::create, "secret", name)) co_return Result<void>{};
  // The first value is made by the service and goes straight back to it: it is never on a command line, in a file or in a log.
  secretsmanager::GetRandomPasswordRequest random;
  random.password_length = 40;
  random.exclude_characters = "\"\\'@/ ";
  CO_TRY(auto password, co_await client_.call<secretsmanager::GetRandomPassword>(random));
  secretsmanager::CreateSecretRequest request;
  request.name = name;
  request.description = "what podinfo reads; rotated by " + names_->rotation_function;
  request.secret_string = to_text(json::object{{"username", "podinfo"}, {"password", password.random_password.value_or("")}});
  request.tags = {{"pds:stack", config_.stack()}};
  CO_TRY(auto made, co_await client_.call<secretsmanager::CreateSecret>(request));
  facts_.secret_arn = made.arn.value_or("");
  co_return Result<void>{};
}

io::Task<Result<void>> StackWalk::ensure_rotation() {
  const std::string& name = config_.text("secret.name");
  if (facts_.secret_arn.empty() || facts_.rotation_function_arn.empty()) {
    make(ChangeAction::create, "rotation", name);
    co_return Result<void>{};
  }
  int64_t days = std::max<int64_t>(1, config_.duration("secret.rotate_every") / 24h);
  CO_TRY(auto present, co_await client_.call<secretsmanager::DescribeSecret>({.secret_id = name}));
  bool enabled = present.rotation_enabled.value_or(false) && present.rotation_lambda_arn == facts_.rotation_function_arn;
  bool same = enabled && present.rotation_rules && present.rotation_rules->automatically_after_days == days;
  if (same || !make(enabled ? ChangeAction::update : ChangeAction::create, "rotation", name, enabled ? "its schedule differs" : "")) co_return Result<void>{};
  lambda::AddPermissionRequest permission;
  permission.function_name = names_->rotation_function;
  permission.statement_id = "secretsmanager";
  permission.action = "lambda:InvokeFunction";
  permission.principal = "secretsmanager.amazonaws.com";
  auto added = co_await client_.call<lambda::AddPermission>(permission);
  if (!added && added.error().code != "ResourceConflictException") co_return std::unexpected(added.error());
  secretsmanager::RotateSecretRequest request;
  request.secret_id = name;
  request.rotation_lambda_arn = facts_.rotation_function_arn;
  request.rotation_rules = secretsmanager::RotationRulesType{.automatically_after_days = days};
  request.rotate_immediately = false;
  CO_CHECK(co_await client_.call<secretsmanager::RotateSecret>(request));
  co_return Result<void>{};
}

}  // namespace pds::deploy
