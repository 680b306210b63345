// Rotation: four calls of the rotation function, one after the other, each remembered once it has succeeded. A crash repeats the
// step that was under way; a failing step is tried again with growing pauses and then given up, with AWSPENDING left where it is,
// as AWS does.
#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "cloud/services/secretsmanager/schedule.h"
#include "cloud/services/secretsmanager/service.h"

namespace pds::cloud::secretsmanager {

namespace wire = aws::secretsmanager;

namespace {

constexpr std::string_view steps[] = {"createSecret", "setSecret", "testSecret", "finishSecret"};
constexpr int test_step = 2;
constexpr int steps_count = 4;
// Failures of one step: pauses of 1, 2, 4 and 8 minutes, a quarter of an hour in all, then the rotation is given up.
constexpr int attempts_max = 5;
Duration pause_after(int failures) { return std::chrono::minutes(1 << (failures - 1)); }

}  // namespace

std::optional<Timestamp> SecretsManager::next_rotation_of(const Secret& secret, Timestamp after) const {
  if (!secret.rotation_enabled || !secret.rotation_rules) return std::nullopt;
  Result<Schedule> schedule = Schedule::parse(*secret.rotation_rules);
  return schedule ? schedule->next(after) : std::nullopt;
}

Result<wire::RotateSecretReply> SecretsManager::rotate_secret(const Call&, const wire::RotateSecretRequest& request) {
  TRY(const Secret* secret, live_at(request.secret_id));
  std::optional<std::string> function = request.rotation_lambda_arn ? request.rotation_lambda_arn : secret->rotation_function;
  std::optional<wire::RotationRulesType> rules = request.rotation_rules ? request.rotation_rules : secret->rotation_rules;
  if (!function) return fail("InvalidRequestException", "No Lambda rotation function ARN is associated with this secret.");
  // As the console does, a rotation asked for without a schedule gets none: it runs when it is asked for.
  if (rules) CHECK(Schedule::parse(*rules));
  if (!find_staged(*secret, current)) return fail("InvalidRequestException", "You can't rotate a secret that has no value.");
  Result<void> invokable = functions_.check_invokable(
      {.function = *function, .service_principal = "secretsmanager.amazonaws.com", .source_arn = secret->arn});
  if (!invokable)
    return fail(
        "AccessDeniedException",
        fmt::format(
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the "
            "principal secretsmanager.amazonaws.com. ({})",
            invokable.error().message));
  wire::RotateSecretReply reply;
  reply.arn = secret->arn, reply.name = secret->name;
  std::string token = request.client_request_token.value_or(core_.random.uuid());
  if (secret->rotation && secret->rotation->token == token) {
    reply.version_id = token;
    return reply;
  }
  if (secret->rotation && secret->rotation->is_test) {
    // The test of a schedule stands in nobody's way: its copy goes, and what its function still answers is not heard.
    std::string name = secret->name, copy = secret->rotation->token;
    end_test(name, copy);
    secret = secrets_.find(name);
  }
  const Version* left = find_staged(*secret, pending);
  if (left && !has_stage(*left, current)) {
    if (!secret->rotation) CHECK(begin_rotation(*secret, left->version_id, false));
    return fail("InvalidRequestException", "A previous rotation isn't complete. That rotation will be reattempted.");
  }
  if (find_version(*secret, token))
    return fail("ResourceExistsException", fmt::format("You can't use ClientRequestToken {}: a version of that id exists.", token));
  secrets_.update(secret->name, [&](Secret& s) {
    s.rotation_enabled = true, s.rotation_function = function, s.rotation_rules = rules, s.changed = core_.clock.now();
    s.next_rotation = next_rotation_of(s, core_.clock.now());
  });
  bool immediately = request.rotate_immediately.value_or(true);
  CHECK(begin_rotation(*secret, token, !immediately));
  if (immediately) reply.version_id = token;
  return reply;
}

Result<wire::CancelRotateSecretReply> SecretsManager::cancel_rotate_secret(const Call&,
                                                                           const wire::CancelRotateSecretRequest& request) {
  TRY(const Secret* secret, live_at(request.secret_id));
  wire::CancelRotateSecretReply reply;
  reply.arn = secret->arn, reply.name = secret->name;
  if (secret->rotation) reply.version_id = secret->rotation->token;
  secrets_.update(secret->name, [](Secret& s) { s.rotation_enabled = false, s.rotation.reset(), s.next_rotation.reset(); });
  tick();
  return reply;
}

// Writes the intent; the task that acts on it starts at the next tick, after the record.
Result<void> SecretsManager::begin_rotation(const Secret& secret, const std::string& token, bool is_test) {
  if (is_test && !find_version(secret, token)) {
    TRY(Value value, vault_.get(secret.arn, find_staged(secret, current)->version_id));
    TRY([[maybe_unused]] std::string key, vault_.put(secret.arn, token, kms_key_of(secret), value));
  }
  secrets_.update(secret.name, [&](Secret& s) {
    if (!find_version(s, token)) s.versions.push_back({.version_id = token, .has_value = is_test, .created = core_.clock.now()});
    move_stage(s, pending, token);
    s.rotation = Rotation{.token = token, .step = is_test ? test_step : 0, .is_test = is_test};
  });
  tick();
  return {};
}

std::optional<Timestamp> SecretsManager::next_moment() const {
  std::optional<Timestamp> first;
  auto consider = [&](const std::optional<Timestamp>& t) {
    if (t && (!first || *t < *first)) first = t;
  };
  for (const auto& [name, secret] : secrets_.rows()) {
    consider(secret.purge_at);
    if (secret.deleted || running_.contains(name)) continue;
    if (secret.rotation)
      consider(secret.rotation->retry_at);
    else if (secret.rotation_enabled)
      consider(secret.next_rotation);
  }
  return first;
}

void SecretsManager::start_due_rotations(Timestamp now) {
  std::vector<std::string> scheduled;
  for (const auto& [name, secret] : secrets_.rows()) {
    if (!secret.deleted && !secret.rotation && secret.rotation_enabled && secret.next_rotation && *secret.next_rotation <= now)
      scheduled.push_back(name);
  }
  for (const std::string& name : scheduled) {
    const Version* left = find_staged(*secrets_.find(name), pending);
    std::string token = left && !has_stage(*left, current) ? left->version_id : core_.random.uuid();
    secrets_.update(name, [&](Secret& s) {
      if (!find_version(s, token)) s.versions.push_back({.version_id = token, .created = now});
      move_stage(s, pending, token);
      s.rotation = Rotation{.token = token};
      s.next_rotation = next_rotation_of(s, now);
    });
  }
}

void SecretsManager::tick() {
  if (!started_) return;
  Timestamp now = core_.clock.now();
  std::vector<std::string> gone, due;
  for (const auto& [name, secret] : secrets_.rows()) {
    if (secret.purge_at && *secret.purge_at <= now) gone.push_back(name);
  }
  for (const std::string& name : gone) erase(*secrets_.find(name));
  start_due_rotations(now);
  for (const auto& [name, secret] : secrets_.rows()) {
    if (secret.rotation && !secret.deleted && !running_.contains(name) &&
        (!secret.rotation->retry_at || *secret.rotation->retry_at <= now))
      due.push_back(name);
  }
  for (const std::string& name : due) {
    running_.insert(name);
    tasks_.spawn(rotate(name));
  }
  timer_.cancel();
  if (std::optional<Timestamp> next = next_moment())
    timer_.start(std::chrono::steady_clock::now() + core_.clock.to_real(std::max(*next - now, Duration{0})));
}

// Runs steps until the rotation is done, must wait, was cancelled, or is given up.
io::Task<void> SecretsManager::rotate(std::string name) {
  for (;;) {
    const Secret* secret = secrets_.find(name);
    if (!secret || secret->deleted || !secret->rotation) break;
    if (secret->rotation->retry_at && *secret->rotation->retry_at > core_.clock.now()) break;
    Rotation rotation = *secret->rotation;
    Result<void> done = co_await run_step(name, rotation);
    secret = secrets_.find(name);
    // Cancelled, deleted or replaced while the function ran: its outcome no longer matters.
    if (!secret || !secret->rotation || secret->rotation->token != rotation.token) continue;
    if (done)
      step_succeeded(name, rotation);
    else
      step_failed(name, rotation, done.error());
  }
  running_.erase(name);
  tick();
}

io::Task<Result<void>> SecretsManager::run_step(std::string name, Rotation rotation) {
  CO_CHECK(co_await core_.store.durable());
  const Secret* secret = secrets_.find(name);
  if (!secret) co_return fail("ResourceNotFoundException", "the secret is gone");
  std::string_view step = steps[rotation.step];
  std::string payload = to_text(json::object{{"Step", step}, {"SecretId", secret->arn}, {"ClientRequestToken", rotation.token}});
  FunctionCall call{.function = secret->rotation_function.value_or(""),
                    .payload = std::move(payload),
                    .service_principal = "secretsmanager.amazonaws.com",
                    .source_arn = secret->arn};
  Result<FunctionResult> answer = co_await functions_.invoke(std::move(call));
  if (!answer) co_return std::unexpected(std::move(answer).error());
  if (!answer->function_error.empty())
    co_return fail("RotationFailed", fmt::format("the function failed in {}: {}", step, answer->function_error));
  secret = secrets_.find(name);
  const Version* now_current = secret ? find_staged(*secret, current) : nullptr;
  if (rotation.step == steps_count - 1 && (!now_current || now_current->version_id != rotation.token))
    co_return fail("RotationFailed", "finishSecret succeeded, but AWSCURRENT is not on the new version");
  co_return Result<void>{};
}

void SecretsManager::step_succeeded(const std::string& name, const Rotation& rotation) {
  core_.log.info("rotation step done", {{"secret", name}, {"step", steps[rotation.step]}, {"version", rotation.token}});
  if (rotation.is_test) return end_test(name, rotation.token);
  secrets_.update(name, [&](Secret& s) {
    s.rotation->step += 1, s.rotation->attempt = 0, s.rotation->retry_at.reset();
    if (s.rotation->step < steps_count) return;
    s.rotation.reset();
    s.rotated = s.changed = core_.clock.now();
    s.next_rotation = next_rotation_of(s, core_.clock.now());
    drop_stage(s, pending);
  });
}

void SecretsManager::step_failed(const std::string& name, const Rotation& rotation, const Error& error) {
  int failures = rotation.attempt + 1;
  core_.log.warn("rotation step failed", {{"secret", name},
                                          {"step", steps[rotation.step]},
                                          {"version", rotation.token},
                                          {"failures", failures},
                                          {"given_up", failures >= attempts_max},
                                          {"error", error.message}});
  if (failures >= attempts_max) {
    if (rotation.is_test) return end_test(name, rotation.token);
    secrets_.update(name, [&](Secret& s) { s.rotation.reset(); });
    return;
  }
  secrets_.update(name, [&](Secret& s) {
    s.rotation->attempt = failures;
    s.rotation->retry_at = core_.clock.now() + pause_after(failures);
  });
}

void SecretsManager::end_test(const std::string& name, const std::string& token) {
  const Secret& secret = secrets_.update(name, [&](Secret& s) {
    s.rotation.reset();
    std::erase_if(s.versions, [&](const Version& v) { return v.version_id == token; });
  });
  vault_.erase(secret.arn, token);
}

}  // namespace pds::cloud::secretsmanager
