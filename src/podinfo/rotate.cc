#include "podinfo/rotate.h"

#include <algorithm>

#include "aws/shapes/secretsmanager.h"
#include "base/json.h"
#include "podinfo/secret.h"

namespace pds::podinfo {
namespace {

namespace sm = aws::secretsmanager;

constexpr const char* current_stage = "AWSCURRENT";
constexpr const char* pending_stage = "AWSPENDING";
constexpr int64_t password_length = 32;

bool has_stage(const std::map<std::string, std::vector<std::string>>& stages, const std::string& version, std::string_view stage) {
  auto entry = stages.find(version);
  return entry != stages.end() && std::ranges::find(entry->second, stage) != entry->second.end();
}

// What podinfo can use: a text, or an object with a password.
bool is_usable(const std::string& value) {
  if (value.empty()) return false;
  if (value[0] != '{') return true;
  return !get_string(secret_fields(value), "password").empty();
}

}  // namespace

Result<Rotator::Step> Rotator::parse(std::string_view event) {
  TRY(json::value value, parse_json(event));
  const json::object* object = value.if_object();
  if (!object) return fail("InvalidEvent", "a rotation event is a JSON object");
  Step step{get_string(*object, "Step"), get_string(*object, "SecretId"), get_string(*object, "ClientRequestToken")};
  if (step.name.empty() || step.secret_id.empty() || step.token.empty()) {
    return fail("InvalidEvent", "a rotation event has Step, SecretId and ClientRequestToken");
  }
  return step;
}

io::Task<Result<std::string>> Rotator::handle(Invocation invocation) {
  CO_TRY(Step step, parse(invocation.event));
  CO_TRY(bool pending, co_await is_pending(step));
  Result<void> done;
  if (!pending) {
    logger_.info("secret is rotated already", {{"step", step.name}, {"secret", step.secret_id}, {"version", step.token}});
  } else if (step.name == "createSecret") {
    done = co_await create_secret(step);
  } else if (step.name == "setSecret") {
    done = co_await set_secret(step);
  } else if (step.name == "testSecret") {
    done = co_await test_secret(step);
  } else if (step.name == "finishSecret") {
    done = co_await finish_secret(step);
  } else {
    done = fail("InvalidEvent", "unknown step \"" + step.name + "\"");
  }
  if (!done) co_return std::unexpected(std::move(done).error());
  logger_.info(
      "rotation step done",
      {{"step", step.name}, {"secret", step.secret_id}, {"version", step.token}, {"correlation_id", invocation.request_id}});
  co_return std::string("null");
}

io::Task<Result<bool>> Rotator::is_pending(const Step& step) {
  sm::DescribeSecretRequest request;
  request.secret_id = step.secret_id;
  CO_TRY(sm::DescribeSecretReply secret, co_await client_.call<sm::DescribeSecret>(std::move(request)));
  if (!secret.rotation_enabled.value_or(false))
    co_return fail("InvalidRequestException", "rotation is not enabled for " + step.secret_id);
  if (has_stage(secret.version_ids_to_stages, step.token, current_stage)) co_return false;
  if (!secret.version_ids_to_stages.contains(step.token)) {
    // The first step makes the version, so that only there it may be missing.
    if (step.name == "createSecret") co_return true;
    co_return fail("InvalidRequestException", "version " + step.token + " of " + step.secret_id + " does not exist");
  }
  if (!has_stage(secret.version_ids_to_stages, step.token, pending_stage)) {
    co_return fail("InvalidRequestException", "version " + step.token + " of " + step.secret_id + " is not labelled AWSPENDING");
  }
  co_return true;
}

io::Task<Result<std::string>> Rotator::value_of(const std::string& secret_id, const std::string& stage,
                                                const std::string& version_id) {
  sm::GetSecretValueRequest request;
  request.secret_id = secret_id;
  request.version_stage = stage;
  if (!version_id.empty()) request.version_id = version_id;
  CO_TRY(sm::GetSecretValueReply reply, co_await client_.call<sm::GetSecretValue>(std::move(request)));
  if (!reply.secret_string) co_return fail("InvalidRequestException", "a binary secret cannot be rotated by this function");
  co_return *std::move(reply.secret_string);
}

io::Task<Result<std::string>> Rotator::new_value_like(std::string current) {
  sm::GetRandomPasswordRequest request;
  request.password_length = password_length;
  request.exclude_punctuation = true;
  CO_TRY(sm::GetRandomPasswordReply reply, co_await client_.call<sm::GetRandomPassword>(std::move(request)));
  std::string password = reply.random_password.value_or("");
  if (password.empty()) co_return fail_world("E_BAD_MESSAGE", "Secrets Manager gave no password", false);
  Result<json::value> parsed = parse_json(current);
  if (!parsed || !parsed->is_object()) co_return password;
  parsed->as_object()["password"] = password;
  co_return to_text(*parsed);
}

io::Task<Result<void>> Rotator::create_secret(const Step& step) {
  Result<std::string> pending = co_await value_of(step.secret_id, pending_stage, step.token);
  if (pending) co_return Result<void>();  // an earlier call has made it
  if (pending.error().code != "ResourceNotFoundException") co_return std::unexpected(std::move(pending).error());
  CO_TRY(std::string current, co_await value_of(step.secret_id, current_stage, ""));
  CO_TRY(std::string value, co_await new_value_like(std::move(current)));
  sm::PutSecretValueRequest request;
  request.secret_id = step.secret_id;
  request.client_request_token = step.token;
  request.secret_string = std::move(value);
  request.version_stages = {pending_stage};
  CO_CHECK(co_await client_.call<sm::PutSecretValue>(std::move(request)));
  co_return Result<void>();
}

io::Task<Result<void>> Rotator::set_secret(const Step& step) {
  CO_TRY(std::string value, co_await value_of(step.secret_id, pending_stage, step.token));
  if (!is_usable(value))
    co_return fail("InvalidRequestException", "the pending version of " + step.secret_id + " is not a value podinfo can use");
  co_return Result<void>();
}

io::Task<Result<void>> Rotator::test_secret(const Step& step) {
  // The same value as the current one is no fault: with RotateImmediately=false this step alone is run, on a copy of it.
  CO_TRY(std::string pending, co_await value_of(step.secret_id, pending_stage, step.token));
  if (!is_usable(pending))
    co_return fail("InvalidRequestException", "the pending version of " + step.secret_id + " is not a value podinfo can use");
  co_return Result<void>();
}

io::Task<Result<void>> Rotator::finish_secret(const Step& step) {
  sm::DescribeSecretRequest describe;
  describe.secret_id = step.secret_id;
  CO_TRY(sm::DescribeSecretReply secret, co_await client_.call<sm::DescribeSecret>(std::move(describe)));
  sm::UpdateSecretVersionStageRequest request;
  request.secret_id = step.secret_id;
  request.version_stage = current_stage;
  request.move_to_version_id = step.token;
  for (const auto& [version, stages] : secret.version_ids_to_stages) {
    if (std::ranges::find(stages, current_stage) != stages.end()) request.remove_from_version_id = version;
  }
  CO_CHECK(co_await client_.call<sm::UpdateSecretVersionStage>(std::move(request)));
  co_return Result<void>();
}

}  // namespace pds::podinfo
