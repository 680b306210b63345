#include <fmt/core.h>

#include <algorithm>

#include "aws/shapes/iam.h"
#include "base/json.h"
#include "base/text.h"
#include "deploy/stack.h"

namespace pds::deploy {

namespace iam = aws::iam;

namespace {

constexpr const char* policy_name = "pds";

json::object statement(std::initializer_list<std::string_view> actions, const std::string& resource) {
  json::array list;
  for (std::string_view action : actions) list.emplace_back(action);
  return {{"Effect", "Allow"}, {"Action", std::move(list)}, {"Resource", resource}};
}

std::string policy(json::array statements) { return to_text(json::object{{"Version", "2012-10-17"}, {"Statement", std::move(statements)}}); }

std::string trust(const std::string& service) {
  json::object one{{"Effect", "Allow"}, {"Principal", json::object{{"Service", service}}}, {"Action", "sts:AssumeRole"}};
  return policy({one});
}

struct RoleSpec {
  std::string name, service, inline_policy;
  std::vector<std::string> managed;
  std::string* arn;
};

// IAM gives documents back percent-encoded, and may order them anew: compared as documents.
bool same_document(const std::string& encoded, const std::string& wanted) {
  Result<std::string> decoded = percent_decode(encoded);
  Result<json::value> a = parse_json(decoded ? *decoded : encoded), b = parse_json(wanted);
  return a && b && to_canonical_text(*a) == to_canonical_text(*b);
}

}  // namespace

io::Task<Result<void>> StackWalk::ensure_managed_policies(std::string role, std::vector<std::string> wanted, bool role_existed) {
  if (wanted.empty()) co_return Result<void>{};
  CO_TRY(auto present, co_await client_.call<iam::ListAttachedRolePolicies>({.role_name = role}));
  for (const std::string& arn : wanted) {
    bool attached = std::any_of(present.attached_policies.begin(), present.attached_policies.end(), [&](const auto& policy) { return policy.policy_arn == arn; });
    // With a new role its policies go without saying.
    if (attached || (role_existed && !make(ChangeAction::update, "role", role, fmt::format("{} is not attached", arn.substr(arn.rfind('/') + 1))))) continue;
    CO_CHECK(co_await client_.call<iam::AttachRolePolicy>({.role_name = role, .policy_arn = arn}));
  }
  co_return Result<void>{};
}

io::Task<Result<void>> StackWalk::ensure_roles() {
  const std::string& region = config_.region();
  std::string secret = fmt::format("arn:aws:secretsmanager:{}:{}:secret:{}-*", region, facts_.account, config_.text("secret.name"));
  std::string objects = fmt::format("arn:aws:s3:::{}/*", names_->bucket);
  std::string repository = fmt::format("arn:aws:ecr:{}:{}:repository/{}", region, facts_.account, config_.text("image.repository"));
  std::string function = fmt::format("arn:aws:lambda:{}:{}:function:{}", region, facts_.account, names_->function);
  json::object logs = statement({"logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"}, "*");
  json::object read_secret = statement({"secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"}, secret);

  std::vector<RoleSpec> roles = {
      {names_->instance_role, "ec2.amazonaws.com",
       policy({read_secret, statement({"s3:GetObject", "s3:GetObjectVersion"}, objects), statement({"ecr:GetAuthorizationToken"}, "*"),
               statement({"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"}, repository),
               statement({"codedeploy-commands-secure:*"}, "*"), statement({"cloudwatch:PutMetricData"}, "*"), logs}),
       {}, nullptr},
      {names_->function_role, "lambda.amazonaws.com", policy({read_secret, logs}), {}, &facts_.function_role_arn},
      {names_->rotation_role, "lambda.amazonaws.com",
       policy({statement({"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue",
                          "secretsmanager:UpdateSecretVersionStage"},
                         secret),
               statement({"secretsmanager:GetRandomPassword"}, "*"), statement({"lambda:InvokeFunction"}, function + "*"),
               statement({"codedeploy:GetDeployment", "codedeploy:PutLifecycleEventHookExecutionStatus"}, "*"), logs}),
       {}, &facts_.rotation_role_arn},
      {names_->deploy_role, "codedeploy.amazonaws.com", "",
       {"arn:aws:iam::aws:policy/service-role/AWSCodeDeployRole", "arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambda"},
       &facts_.deploy_role_arn},
  };
  for (RoleSpec& role : roles) {
    std::string arn;
    auto found = co_await client_.call<iam::GetRole>({.role_name = role.name});
    if (found) {
      arn = found->role.arn;
    } else if (found.error().code != "NoSuchEntity") {
      co_return std::unexpected(found.error());
    } else if (make(ChangeAction::create, "role", role.name)) {
      iam::CreateRoleRequest request;
      request.role_name = role.name;
      request.assume_role_policy_document = trust(role.service);
      request.tags = {{"pds:stack", config_.stack()}};
      CO_TRY(auto made, co_await client_.call<iam::CreateRole>(request));
      arn = made.role.arn;
    }
    if (role.arn) *role.arn = arn;
    if (arn.empty()) continue;   // planned only
    CO_CHECK(co_await ensure_managed_policies(role.name, role.managed, found.has_value()));
    if (role.inline_policy.empty()) continue;
    auto present = co_await client_.call<iam::GetRolePolicy>({.role_name = role.name, .policy_name = policy_name});
    if (!present && present.error().code != "NoSuchEntity") co_return std::unexpected(present.error());
    if (present && same_document(present->policy_document, role.inline_policy)) continue;
    if (found && !make(ChangeAction::update, "role", role.name, "its policy differs")) continue;
    CO_CHECK(co_await client_.call<iam::PutRolePolicy>({.role_name = role.name, .policy_name = policy_name, .policy_document = role.inline_policy}));
  }

  auto profile = co_await client_.call<iam::GetInstanceProfile>({.instance_profile_name = names_->instance_role});
  if (!profile && profile.error().code != "NoSuchEntity") co_return std::unexpected(profile.error());
  bool has_role = profile && !profile->instance_profile.roles.empty();
  if (profile) {
    facts_.instance_profile_arn = profile->instance_profile.arn;
  } else if (make(ChangeAction::create, "instance profile", names_->instance_role)) {
    iam::CreateInstanceProfileRequest request;
    request.instance_profile_name = names_->instance_role;
    CO_TRY(auto made, co_await client_.call<iam::CreateInstanceProfile>(request));
    facts_.instance_profile_arn = made.instance_profile.arn;
  }
  if (!has_role && mode_ == Mode::apply) {
    iam::AddRoleToInstanceProfileRequest request;
    request.instance_profile_name = names_->instance_role;
    request.role_name = names_->instance_role;
    CO_CHECK(co_await client_.call<iam::AddRoleToInstanceProfile>(request));
  }
  co_return Result<void>{};
}

}  // namespace pds::deploy
