#include "cloud/services/secretsmanager/service.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "cloud/test_core.h"

namespace pds::cloud::secretsmanager {
namespace {

// A rotation function as one would write it, run in process: it calls the service as the real one does over the wire.
class RotationFunction final : public FunctionInvoker {
 public:
  std::function<SecretsManager*()> service;
  std::function<Call()> caller;
  std::vector<std::string> steps;  // as called
  std::string failing_step;
  Result<void> invokable;

  io::Task<Result<FunctionResult>> invoke(FunctionCall call) override {
    json::value document = *parse_json(call.payload);
    const json::object& event = document.as_object();
    std::string step = get_string(event, "Step"), secret = get_string(event, "SecretId"),
                token = get_string(event, "ClientRequestToken");
    steps.push_back(step);
    if (step == failing_step) co_return FunctionResult{.function_error = "Unhandled"};
    SecretsManager& manager = *service();
    if (step == "createSecret") {
      Result<void> put;
      if (!manager.get_secret_value(caller(), {.secret_id = secret, .version_id = token, .version_stage = "AWSPENDING"})) {
        auto reply = manager.put_secret_value(caller(), {.secret_id = secret,
                                                         .client_request_token = token,
                                                         .secret_string = "value of " + token,
                                                         .version_stages = {"AWSPENDING"}});
        if (!reply) co_return FunctionResult{.function_error = reply.error().message};
      }
    }
    if (step == "testSecret" &&
        !manager.get_secret_value(caller(), {.secret_id = secret, .version_id = token, .version_stage = "AWSPENDING"}))
      co_return FunctionResult{.function_error = "no pending value"};
    if (step == "finishSecret") {
      auto described = manager.describe_secret(caller(), {.secret_id = secret});
      std::string from;
      for (const auto& [id, stages] : described->version_ids_to_stages)
        if (std::find(stages.begin(), stages.end(), "AWSCURRENT") != stages.end()) from = id;
      if (from != token) {
        auto moved = manager.update_secret_version_stage(
            caller(),
            {.secret_id = secret, .version_stage = "AWSCURRENT", .remove_from_version_id = from, .move_to_version_id = token});
        if (!moved) co_return FunctionResult{.function_error = moved.error().message};
      }
    }
    co_return FunctionResult{.payload = "null"};
  }
  io::Task<Result<void>> invoke_later(FunctionCall) override { co_return fail("NotUsed", ""); }
  Result<void> check_invokable(const FunctionCall&) const override { return invokable; }
};

class SecretsManagerTest : public testing::Test {
 protected:
  SecretsManagerTest() {
    function.service = [this] { return manager.get(); };
    function.caller = [this] { return world.call(); };
    open();
  }
  void open() {
    kms = std::make_unique<kms::Kms>(world.core(), master_key);
    manager = std::make_unique<SecretsManager>(world.core(), *kms, function);
  }
  void restart() {
    io::run_until_done(world.loop(), manager->stop());
    manager.reset(), kms.reset();
    world.restart();
    open();
  }
  std::string create(const std::string& name, const std::string& value) {
    auto reply = manager->create_secret(world.call(), {.name = name, .secret_string = value});
    EXPECT_TRUE(reply.has_value()) << reply.error().message;
    return *reply->arn;
  }
  std::string value_of(const std::string& id, std::optional<std::string> stage = {}) {
    auto reply = manager->get_secret_value(world.call(), {.secret_id = id, .version_stage = stage});
    return reply ? *reply->secret_string : reply.error().code;
  }
  // Turns the loop until no rotation runs; the store's writer has to be waited for.
  void settle() {
    for (int i = 0; i < 10'000 && manager->rotations_running(); ++i) world.loop().run_once(1ms);
    EXPECT_EQ(manager->rotations_running(), 0u);
  }

  TestCore world;
  MasterKey master_key{std::string(32, 'k')};
  RotationFunction function;
  std::unique_ptr<kms::Kms> kms;
  std::unique_ptr<SecretsManager> manager;
};

TEST_F(SecretsManagerTest, a_secret_is_found_by_name_arn_and_arn_without_suffix_and_survives_a_restart) {
  std::string arn = create("podinfo/token", "one");
  EXPECT_TRUE(arn.starts_with("arn:aws:secretsmanager:us-east-1:000000000000:secret:podinfo/token-"));
  restart();
  for (const std::string& id : {std::string("podinfo/token"), arn, arn.substr(0, arn.size() - 7)})
    EXPECT_EQ(value_of(id), "one") << id;
  EXPECT_EQ(value_of("podinfo"), "ResourceNotFoundException");
}

TEST_F(SecretsManagerTest, no_value_is_on_disk_in_the_clear) {
  create("s", "a-value-to-look-for");
  world.commit();
  std::string files;
  for (const std::string& name : *io::list_directory(world.directory())) files += *io::read_file(world.directory() + "/" + name);
  EXPECT_NE(files.find("AWSCURRENT"), std::string::npos);
  EXPECT_EQ(files.find("a-value-to-look-for"), std::string::npos);
}

TEST_F(SecretsManagerTest, a_new_value_is_current_and_the_old_one_previous) {
  create("s", "one");
  ASSERT_TRUE(manager->put_secret_value(world.call(), {.secret_id = "s", .secret_string = "two"}));
  ASSERT_TRUE(manager->update_secret(world.call(), {.secret_id = "s", .secret_string = "three"}));
  EXPECT_EQ(value_of("s"), "three");
  EXPECT_EQ(value_of("s", "AWSPREVIOUS"), "two");
  EXPECT_EQ(manager->list_secret_version_ids(world.call(), {.secret_id = "s"})->versions.size(), 2u);
  EXPECT_EQ(manager->list_secret_version_ids(world.call(), {.secret_id = "s", .include_deprecated = true})->versions.size(), 3u);
}

TEST_F(SecretsManagerTest, a_token_makes_a_call_repeatable_and_never_changes_a_value) {
  std::string token(32, 't');
  ASSERT_TRUE(manager->create_secret(world.call(), {.name = "s", .client_request_token = token, .secret_string = "one"}));
  EXPECT_TRUE(manager->create_secret(world.call(), {.name = "s", .client_request_token = token, .secret_string = "one"}));
  EXPECT_EQ(manager->create_secret(world.call(), {.name = "s", .secret_string = "one"}).error().code, "ResourceExistsException");
  auto same = manager->put_secret_value(world.call(), {.secret_id = "s", .client_request_token = token, .secret_string = "one"});
  EXPECT_EQ(*same->version_id, token);
  auto other = manager->put_secret_value(world.call(), {.secret_id = "s", .client_request_token = token, .secret_string = "two"});
  EXPECT_EQ(other.error().code, "ResourceExistsException");
  EXPECT_EQ(value_of("s"), "one");
}

TEST_F(SecretsManagerTest, a_deleted_secret_can_be_restored_until_its_window_ends) {
  manager->start();
  create("s", "one");
  ASSERT_TRUE(manager->delete_secret(world.call(), {.secret_id = "s", .recovery_window_in_days = 7}));
  EXPECT_EQ(value_of("s"), "InvalidRequestException");
  EXPECT_TRUE(manager->list_secrets(world.call(), {})->secret_list.empty());
  EXPECT_EQ(manager->list_secrets(world.call(), {.include_planned_deletion = true})->secret_list.size(), 1u);
  EXPECT_EQ(manager->create_secret(world.call(), {.name = "s"}).error().code, "InvalidRequestException");
  ASSERT_TRUE(manager->restore_secret(world.call(), {.secret_id = "s"}));
  EXPECT_EQ(value_of("s"), "one");
  ASSERT_TRUE(manager->delete_secret(world.call(), {.secret_id = "s", .recovery_window_in_days = 7}));
  world.clock().advance(std::chrono::days(7));
  EXPECT_EQ(value_of("s"), "ResourceNotFoundException");
  create("s", "again");
  ASSERT_TRUE(manager->delete_secret(world.call(), {.secret_id = "s", .force_delete_without_recovery = true}));
  EXPECT_EQ(value_of("s"), "ResourceNotFoundException");
}

TEST_F(SecretsManagerTest, a_disabled_key_closes_the_secret_even_when_its_data_key_is_cached) {
  std::string key = kms->create_key(world.call(), {})->key_metadata->key_id;
  ASSERT_TRUE(manager->create_secret(world.call(), {.name = "s", .kms_key_id = key, .secret_string = "one"}));
  EXPECT_EQ(value_of("s"), "one");
  ASSERT_TRUE(kms->disable_key(world.call(), {.key_id = key}));
  EXPECT_EQ(value_of("s"), "DecryptionFailure");
  ASSERT_TRUE(kms->enable_key(world.call(), {.key_id = key}));
  ASSERT_TRUE(manager->update_secret(world.call(), {.secret_id = "s", .kms_key_id = "alias/aws/secretsmanager"}));
  ASSERT_TRUE(kms->disable_key(world.call(), {.key_id = key}));
  EXPECT_EQ(value_of("s"), "one");
}

TEST_F(SecretsManagerTest, lists_filter_and_page) {
  create("prod/a", "x"), create("prod/b", "x"), create("test/a", "x");
  ASSERT_TRUE(manager->tag_resource(world.call(), {.secret_id = "test/a", .tags = {{.key = "team", .value = "blue"}}}));
  auto count = [&](const std::string& key, const std::string& value) {
    auto reply = manager->list_secrets(world.call(), {.filters = {{.key = key, .values = {value}}}});
    return reply ? static_cast<int>(reply->secret_list.size()) : -reply.error().http_status;
  };
  EXPECT_EQ(count("name", "prod/"), 2);
  EXPECT_EQ(count("name", "!prod/"), 1);
  EXPECT_EQ(count("tag-key", "team"), 1);
  EXPECT_EQ(count("all", "BLUE"), 1);
  EXPECT_EQ(count("color", "x"), -400);
  EXPECT_EQ(count("owning-service", "x"), -501);
  auto first = manager->list_secrets(world.call(), {.max_results = 2, .sort_order = "asc"});
  ASSERT_EQ(first->secret_list.size(), 2u);
  auto second = manager->list_secrets(world.call(), {.max_results = 2, .next_token = first->next_token, .sort_order = "asc"});
  ASSERT_EQ(second->secret_list.size(), 1u);
  EXPECT_EQ(*second->secret_list[0].name, "test/a");
}

TEST_F(SecretsManagerTest, rotation_runs_the_four_steps_and_moves_the_labels) {
  manager->start();
  std::string arn = create("s", "one");
  auto reply = manager->rotate_secret(world.call(), {.secret_id = "s",
                                                     .rotation_lambda_arn = "arn:aws:lambda:us-east-1:000000000000:function:rotate",
                                                     .rotation_rules = {{.automatically_after_days = 30}}});
  ASSERT_TRUE(reply) << reply.error().message;
  settle();
  EXPECT_EQ(function.steps, (std::vector<std::string>{"createSecret", "setSecret", "testSecret", "finishSecret"}));
  EXPECT_EQ(value_of("s"), "value of " + *reply->version_id);
  EXPECT_EQ(value_of("s", "AWSPREVIOUS"), "one");
  auto described = manager->describe_secret(world.call(), {.secret_id = "s"});
  EXPECT_EQ(*described->last_rotated_date, world.clock().now());
  EXPECT_EQ(*described->next_rotation_date, world.clock().now() + std::chrono::days(30));
  EXPECT_EQ(described->version_ids_to_stages.size(), 2u);
}

TEST_F(SecretsManagerTest, a_failing_step_leaves_the_pending_version_and_is_tried_again) {
  manager->start();
  create("s", "one");
  function.failing_step = "testSecret";
  auto reply = manager->rotate_secret(world.call(), {.secret_id = "s", .rotation_lambda_arn = "f"});
  settle();
  EXPECT_EQ(value_of("s"), "one");
  EXPECT_EQ(value_of("s", "AWSPENDING"), "value of " + *reply->version_id);
  EXPECT_EQ(function.steps.back(), "testSecret");
  auto again = manager->rotate_secret(world.call(), {.secret_id = "s"});
  EXPECT_EQ(again.error().message, "A previous rotation isn't complete. That rotation will be reattempted.");
  function.failing_step.clear(), function.steps.clear();
  world.clock().advance(1min);
  ASSERT_TRUE(manager->restore_secret(world.call(), {.secret_id = "s"}));  // any call turns the schedule
  settle();
  EXPECT_EQ(function.steps, (std::vector<std::string>{"testSecret", "finishSecret"}));
  EXPECT_EQ(value_of("s"), "value of " + *reply->version_id);
}

TEST_F(SecretsManagerTest, a_rotation_is_given_up_after_five_failures_and_taken_up_when_asked_again) {
  manager->start();
  create("s", "one");
  function.failing_step = "setSecret";
  ASSERT_TRUE(manager->rotate_secret(world.call(), {.secret_id = "s", .rotation_lambda_arn = "f"}));
  for (int i = 0; i < 10; ++i) {
    settle();
    world.clock().advance(10min);
    ASSERT_TRUE(manager->restore_secret(world.call(), {.secret_id = "s"}));
  }
  settle();
  EXPECT_EQ(std::count(function.steps.begin(), function.steps.end(), "setSecret"), 5);
  function.failing_step.clear(), function.steps.clear();
  EXPECT_EQ(manager->rotate_secret(world.call(), {.secret_id = "s"}).error().code, "InvalidRequestException");
  settle();
  EXPECT_EQ(function.steps.size(), 4u);
  EXPECT_EQ(value_of("s", "AWSPREVIOUS"), "one");
}

TEST_F(SecretsManagerTest, a_rotation_goes_on_after_a_restart_where_it_was) {
  manager->start();
  create("s", "one");
  function.failing_step = "testSecret";
  auto reply = manager->rotate_secret(world.call(), {.secret_id = "s", .rotation_lambda_arn = "f"});
  settle();
  restart();
  function.failing_step.clear(), function.steps.clear();
  world.clock().advance(1min);
  manager->start();
  settle();
  EXPECT_EQ(function.steps, (std::vector<std::string>{"testSecret", "finishSecret"}));
  EXPECT_EQ(value_of("s"), "value of " + *reply->version_id);
}

TEST_F(SecretsManagerTest, a_schedule_rotates_when_its_time_comes) {
  manager->start();
  create("s", "one");
  ASSERT_TRUE(manager->rotate_secret(world.call(), {.secret_id = "s",
                                                    .rotation_lambda_arn = "f",
                                                    .rotation_rules = {{.schedule_expression = "cron(0 8 1 * ? *)"}},
                                                    .rotate_immediately = false}));
  settle();
  EXPECT_EQ(function.steps,
            (std::vector<std::string>{"testSecret"}));  // the configuration is tried on a copy, which is gone afterwards
  EXPECT_EQ(manager->describe_secret(world.call(), {.secret_id = "s"})->version_ids_to_stages.size(), 1u);
  EXPECT_EQ(value_of("s"), "one");
  world.clock().advance(std::chrono::days(8));
  ASSERT_TRUE(manager->restore_secret(world.call(), {.secret_id = "s"}));
  settle();
  EXPECT_EQ(function.steps.size(), 5u);
  EXPECT_EQ(value_of("s", "AWSPREVIOUS"), "one");
  EXPECT_EQ(to_iso8601(*manager->describe_secret(world.call(), {.secret_id = "s"})->next_rotation_date), "2027-01-01T08:00:00Z");
}

TEST_F(SecretsManagerTest, a_failing_test_of_a_schedule_stands_in_no_rotations_way) {
  manager->start();
  create("s", "one");
  function.failing_step = "testSecret";
  aws::secretsmanager::RotateSecretRequest schedule{.secret_id = "s", .rotation_lambda_arn = "f", .rotate_immediately = false};
  schedule.rotation_rules = aws::secretsmanager::RotationRulesType{.automatically_after_days = 30};
  ASSERT_TRUE(manager->rotate_secret(world.call(), schedule));
  settle();
  EXPECT_EQ(function.steps, (std::vector<std::string>{"testSecret"}));
  function.failing_step.clear(), function.steps.clear();
  auto reply = manager->rotate_secret(world.call(), {.secret_id = "s"});
  ASSERT_TRUE(reply) << reply.error().message;
  settle();
  EXPECT_EQ(function.steps, (std::vector<std::string>{"createSecret", "setSecret", "testSecret", "finishSecret"}));
  EXPECT_EQ(value_of("s"), "value of " + *reply->version_id);
  EXPECT_EQ(value_of("s", "AWSPREVIOUS"), "one");
  EXPECT_EQ(manager->describe_secret(world.call(), {.secret_id = "s"})->version_ids_to_stages.size(), 2u) << "the copy is gone";
}

TEST_F(SecretsManagerTest, a_function_that_may_not_be_called_is_told_at_once) {
  create("s", "one");
  function.invokable = fail("AccessDeniedException", "the function's policy does not allow it");
  auto reply = manager->rotate_secret(world.call(), {.secret_id = "s", .rotation_lambda_arn = "f"});
  EXPECT_EQ(reply.error().code, "AccessDeniedException");
  EXPECT_FALSE(manager->describe_secret(world.call(), {.secret_id = "s"})->rotation_enabled.has_value());
  EXPECT_EQ(manager->rotate_secret(world.call(), {.secret_id = "s"}).error().code, "InvalidRequestException");
}

}  // namespace
}  // namespace pds::cloud::secretsmanager
