#include "podinfo/hook.h"

#include "aws/shapes/codedeploy.h"
#include "aws/shapes/lambda.h"
#include "base/json.h"
#include "base/text.h"

namespace pds::podinfo {
namespace {

// "name:7" and "arn:aws:lambda:r:a:function:name:7" have a qualifier, "name" and the ARN without it do not.
HookTarget split_target(const std::string& text) {
  size_t parts_before = text.starts_with("arn:") ? 7 : 1;
  auto parts = split(text, ':');
  if (parts.size() <= parts_before) return {text, ""};
  size_t colon = text.rfind(':');
  return {text.substr(0, colon), text.substr(colon + 1)};
}

std::string text_of(const json::value& value) {
  if (const json::string* text = value.if_string()) return std::string(*text);
  return to_text(value);
}

// {"Resources":[{"anyName":{"Type":"AWS::Lambda::Function","Properties":{"Name":..., "TargetVersion":...}}}]}
HookTarget target_of_json(const json::object& appspec) {
  HookTarget target;
  const json::array* resources = get_array(appspec, "Resources");
  if (!resources) return target;
  for (const json::value& resource : *resources) {
    if (!resource.is_object()) continue;
    for (const auto& [name, value] : resource.as_object()) {
      const json::object* properties = value.is_object() ? get_object(value.as_object(), "Properties") : nullptr;
      if (!properties || !properties->contains("TargetVersion")) continue;
      return {get_string(*properties, "Name"), text_of(properties->at("TargetVersion"))};
    }
  }
  return target;
}

// The value of the first "key: value" line. An AppSpec of a function has each of these keys once.
std::string yaml_value(std::string_view content, std::string_view key) {
  for (std::string_view line : split(content, '\n')) {
    std::string_view text = trim(line);
    if (!text.starts_with(key) || !text.substr(key.size()).starts_with(':')) continue;
    text = trim(text.substr(key.size() + 1));
    if (text.size() > 1 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front())
      text = text.substr(1, text.size() - 2);
    return std::string(text);
  }
  return "";
}

}  // namespace

Result<HookTarget> target_of_appspec(const std::string& content) {
  Result<json::value> parsed = parse_json(content);
  HookTarget target = parsed && parsed->is_object() ? target_of_json(parsed->as_object())
                                                    : HookTarget{yaml_value(content, "Name"), yaml_value(content, "TargetVersion")};
  if (target.function.empty() || target.qualifier.empty())
    return fail("InvalidAppSpec", "the AppSpec names no function with a TargetVersion");
  return target;
}

io::Task<Result<HookTarget>> Hook::find_target(const std::string& deployment_id) {
  HookTarget given = split_target(target_function_);
  if (!given.function.empty() && !given.qualifier.empty()) co_return given;
  aws::codedeploy::GetDeploymentRequest request;
  request.deployment_id = deployment_id;
  CO_TRY(auto reply, co_await client_.call<aws::codedeploy::GetDeployment>(std::move(request)));
  const std::optional<aws::codedeploy::RevisionLocation>& revision = reply.deployment_info.revision;
  std::string content;
  if (revision && revision->app_spec_content) content = revision->app_spec_content->content.value_or("");
  if (content.empty() && revision && revision->string) content = revision->string->content.value_or("");
  CO_TRY(HookTarget target, target_of_appspec(content));
  if (!given.function.empty()) target.function = given.function;
  co_return target;
}

io::Task<Result<void>> Hook::expect_ok(const HookTarget& target, const std::string& path) {
  aws::lambda::InvokeRequest request;
  request.function_name = target.function;
  request.qualifier = target.qualifier;
  request.payload.bytes =
      to_text(json::object{{"version", "2.0"},
                           {"rawPath", path},
                           {"rawQueryString", ""},
                           {"headers", json::object{}},
                           {"requestContext", json::object{{"http", json::object{{"method", "GET"}, {"path", path}}}}},
                           {"isBase64Encoded", false}});
  CO_TRY(auto reply, co_await client_.call<aws::lambda::Invoke>(std::move(request)));
  std::string name = target.function + ":" + target.qualifier;
  if (reply.function_error) co_return fail("HookFailed", name + " failed on " + path + ": " + *reply.function_error);
  CO_TRY(json::value answer, parse_json(reply.payload.bytes));
  int64_t status = answer.is_object() ? get_int(answer.as_object(), "statusCode") : 0;
  if (status != 200) co_return fail("HookFailed", name + " answered " + path + " with status " + std::to_string(status));
  co_return Result<void>();
}

io::Task<Result<void>> Hook::validate(const std::string& deployment_id) {
  CO_TRY(HookTarget target, co_await find_target(deployment_id));
  for (const char* path : {"/readyz", "/version"}) CO_CHECK(co_await expect_ok(target, path));
  logger_.info("version is ready", {{"function", target.function}, {"qualifier", target.qualifier}, {"deployment", deployment_id}});
  co_return Result<void>();
}

io::Task<Result<std::string>> Hook::handle(Invocation invocation) {
  CO_TRY(json::value event, parse_json(invocation.event));
  if (!event.is_object()) co_return fail("InvalidEvent", "a hook event is a JSON object");
  std::string deployment_id = get_string(event.as_object(), "DeploymentId");
  std::string execution_id = get_string(event.as_object(), "LifecycleEventHookExecutionId");
  if (deployment_id.empty() || execution_id.empty())
    co_return fail("InvalidEvent", "a hook event has DeploymentId and LifecycleEventHookExecutionId");
  Result<void> valid = co_await validate(deployment_id);
  if (!valid)
    logger_.error("version refused",
                  {{"deployment", deployment_id}, {"error", valid.error().message}, {"correlation_id", invocation.request_id}});

  aws::codedeploy::PutLifecycleEventHookExecutionStatusRequest verdict;
  verdict.deployment_id = deployment_id;
  verdict.lifecycle_event_hook_execution_id = execution_id;
  verdict.status = valid ? "Succeeded" : "Failed";
  CO_CHECK(co_await client_.call<aws::codedeploy::PutLifecycleEventHookExecutionStatus>(std::move(verdict)));
  co_return to_text(json::object{{"status", valid ? "Succeeded" : "Failed"}});
}

}  // namespace pds::podinfo
