#include <fmt/core.h>

#include "aws/shapes/codedeploy.h"
#include "aws/shapes/lambda.h"
#include "base/json.h"
#include "deploy/engine.h"

namespace pds::deploy {

namespace lambda = aws::lambda;
namespace codedeploy = aws::codedeploy;

namespace {

constexpr Duration end_state_wait = 60s;   // real time; flips of an alias take milliseconds, CodeDeploy's own notice of a failure seconds

std::string app_spec(const StackNames& names, const std::string& alias, const std::string& from, const std::string& to, bool with_hook) {
  json::object properties{{"Name", names.function}, {"Alias", alias}, {"CurrentVersion", from}, {"TargetVersion", to}};
  json::object resource{{"Type", "AWS::Lambda::Function"}, {"Properties", std::move(properties)}};
  json::object document{{"version", 0.0}, {"Resources", json::array{json::object{{"function", std::move(resource)}}}}};
  if (with_hook) document["Hooks"] = json::array{json::object{{"BeforeAllowTraffic", names.hook_function}}};
  return to_text(document);
}

std::string digest_of(const std::string& image) {
  size_t at = image.rfind("sha256:");
  return at == std::string::npos ? image : image.substr(at);
}

}  // namespace

io::Task<Result<void>> Engine::stage_function(const ReleaseRequest& request) {
  const std::string& alias = config_.text("function.alias");
  CO_TRY(auto live, co_await client_.call<lambda::GetAlias>({.function_name = names_.function, .name = alias}));
  if (live.routing_config && !live.routing_config->additional_version_weights.empty())
    co_return fail("E_SPLIT_ALIAS", fmt::format("the alias {}:{} is split between two versions: another deployment was cut off. Run `pds doctor --repair`",
                                                names_.function, alias));
  release_.function.from = live.function_version;
  lambda::GetFunctionRequest serving;
  serving.function_name = names_.function;
  serving.qualifier = live.function_version;
  CO_TRY(auto now, co_await client_.call<lambda::GetFunction>(serving));
  if (digest_of(now.code.resolved_image_uri) == request.image.digest.text()) {
    release_.function.skipped = true;
    co_return Result<void>{};
  }
  lambda::UpdateFunctionCodeRequest update;
  update.function_name = names_.function;
  update.image_uri = request.image.text();
  CO_CHECK(co_await client_.call<lambda::UpdateFunctionCode>(update));
  while (true) {
    CO_TRY(auto state, co_await client_.call<lambda::GetFunctionConfiguration>({.function_name = names_.function, .qualifier = {}}));
    if (state.last_update_status == "Successful") break;
    if (state.last_update_status == "Failed")
      co_return fail("E_STAGE", fmt::format("the function does not take the image: {}", state.last_update_status_reason.value_or("no reason given")));
    progress_.waiting("the function fetches the image");
    co_await loop_.sleep_for(poll_interval());
  }
  lambda::PublishVersionRequest publish;
  publish.function_name = names_.function;
  publish.description = release_.id;
  CO_TRY(auto published, co_await client_.call<lambda::PublishVersion>(publish));
  release_.function.to = published.version;
  co_return Result<void>{};
}

io::Task<Result<void>> Engine::start_function() {
  std::string description = release_.id + " function";
  CO_CHECK(co_await note(fmt::format("function: version {} to {} by {}", release_.function.from, release_.function.to, config_.text("function.strategy"))));
  CO_TRY(std::string id, co_await find_deployment(names_.function_application, names_.function_deployment_group, description));
  if (id.empty()) {
    codedeploy::CreateDeploymentRequest request;
    request.application_name = names_.function_application;
    request.deployment_group_name = names_.function_deployment_group;
    request.description = description;
    request.revision = codedeploy::RevisionLocation{.revision_type = "AppSpecContent"};
    request.revision->app_spec_content =
        codedeploy::RawString{.content = app_spec(names_, config_.text("function.alias"), release_.function.from, release_.function.to, true)};
    CO_TRY(auto made, co_await once_.call<codedeploy::CreateDeployment>(request));
    id = made.deployment_id.value_or("");
  }
  begun(release_.function, id);
  co_return co_await journal_.write(release_);
}

io::Task<Result<void>> Engine::send_function_back() {
  std::string description = release_.id + " function back";
  CO_CHECK(co_await note(fmt::format("function: back from version {} to {}, at once", release_.function.to, release_.function.from)));
  CO_TRY(std::string id, co_await find_deployment(names_.function_application, names_.function_deployment_group, description));
  if (id.empty()) {
    codedeploy::CreateDeploymentRequest request;
    request.application_name = names_.function_application;
    request.deployment_group_name = names_.function_deployment_group;
    request.deployment_config_name = "CodeDeployDefault.LambdaAllAtOnce";
    request.description = description;
    request.revision = codedeploy::RevisionLocation{.revision_type = "AppSpecContent"};
    request.revision->app_spec_content =
        codedeploy::RawString{.content = app_spec(names_, config_.text("function.alias"), release_.function.to, release_.function.from, false)};
    CO_TRY(auto made, co_await once_.call<codedeploy::CreateDeployment>(request));
    id = made.deployment_id.value_or("");
  }
  release_.function.rollback_id = id;
  release_.function.rollback_status = "Created";
  co_return co_await journal_.write(release_);
}

// The end state after going back: the alias is whole and on the old version. Where CodeDeploy left it otherwise, it is mended here.
io::Task<Result<void>> Engine::check_function() {
  const std::string& alias = config_.text("function.alias");
  auto deadline = std::chrono::steady_clock::now() + end_state_wait;
  while (true) {
    CO_TRY(auto live, co_await client_.call<lambda::GetAlias>({.function_name = names_.function, .name = alias}));
    bool split = live.routing_config && !live.routing_config->additional_version_weights.empty();
    if (!split && live.function_version == release_.function.from) break;
    if (std::chrono::steady_clock::now() > deadline) {
      lambda::UpdateAliasRequest request;
      request.function_name = names_.function;
      request.name = alias;
      request.function_version = release_.function.from;
      request.routing_config = lambda::AliasRoutingConfiguration{};
      CO_CHECK(co_await client_.call<lambda::UpdateAlias>(request));
      CO_CHECK(co_await note("function: the alias was still split; it has been put back by hand"));
      break;
    }
    progress_.waiting(fmt::format("the alias {} goes back to version {}", alias, release_.function.from));
    co_await loop_.sleep_for(poll_interval());
  }
  release_.function.undone = true;
  co_return co_await note(fmt::format("function: version {} serves everything again", release_.function.from));
}

}  // namespace pds::deploy
