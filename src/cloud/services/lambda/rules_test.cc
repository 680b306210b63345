// The pure rules, as tables.
#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/json.h"
#include "cloud/services/lambda/alias.h"
#include "cloud/services/lambda/boot_spec.h"
#include "cloud/services/lambda/event_queue.h"
#include "cloud/services/lambda/function_name.h"
#include "cloud/services/lambda/metrics.h"
#include "cloud/services/lambda/policy.h"
#include "cloud/services/lambda/report.h"
#include "cloud/services/lambda/runtime_api.h"
#include "cloud/services/lambda/scheduler.h"
#include "cloud/services/lambda/settings.h"
#include "cloud/services/lambda/url_door.h"
#include "io/clock.h"

namespace pds::cloud::lambda {
namespace {

TEST(FunctionName, every_form_names_the_same_function) {
  struct Row {
    const char *text, *qualifier, *name, *found_qualifier, *code;
  };
  const Row rows[] = {
      {"podinfo", "", "podinfo", "", ""},
      {"podinfo", "live", "podinfo", "live", ""},
      {"podinfo:live", "", "podinfo", "live", ""},
      {"podinfo:$LATEST", "", "podinfo", "$LATEST", ""},
      {"function:podinfo", "", "podinfo", "", ""},
      {"000000000000:function:podinfo:7", "", "podinfo", "7", ""},
      {"arn:aws:lambda:us-east-1:000000000000:function:podinfo", "", "podinfo", "", ""},
      {"arn:aws:lambda:us-east-1:000000000000:function:podinfo:live", "live", "podinfo", "live", ""},
      {"podinfo:live", "7", "", "", "InvalidParameterValueException"},
      {"arn:aws:lambda:eu-west-1:000000000000:function:podinfo", "", "", "", "ResourceNotFoundException"},
      {"arn:aws:lambda:us-east-1:111111111111:function:podinfo", "", "", "", "AccessDeniedException"},
      {"111111111111:function:podinfo", "", "", "", "AccessDeniedException"},
      {"arn:aws:lambda:us-east-1:000000000000:layer:podinfo", "", "", "", "ValidationException"},
      {"pod info", "", "", "", "ValidationException"},
      {"podinfo:", "", "", "", "ValidationException"},
      {"podinfo:a b", "", "", "", "ValidationException"},
      {"podinfo", "$OTHER", "", "", "ValidationException"},
      {"", "", "", "", "ValidationException"},
  };
  for (const Row& row : rows) {
    Result<FunctionName> name = parse_function_name(row.text, row.qualifier, "us-east-1", "000000000000");
    EXPECT_EQ(name ? "" : name.error().code, row.code) << row.text;
    if (!name) continue;
    EXPECT_EQ(name->name, row.name) << row.text;
    EXPECT_EQ(name->qualifier, row.found_qualifier) << row.text;
  }
}

TEST(FunctionName, versions_sort_by_number_with_latest_first) {
  EXPECT_LT(version_key("f", "$LATEST"), version_key("f", "1"));
  EXPECT_LT(version_key("f", "2"), version_key("f", "10"));
  EXPECT_FALSE(is_version_number("01"));
  EXPECT_FALSE(is_alias_name("12"));
  EXPECT_TRUE(is_alias_name("1a"));
}

TEST(Alias, routing_follows_lambdas_rules) {
  VersionRecord one{.function = "f", .version = "1", .role = "r"}, two{.function = "f", .version = "2", .role = "r"};
  VersionRecord other_role{.function = "f", .version = "3", .role = "s"},
      newest{.function = "f", .version = "$LATEST", .role = "r"};
  auto find = [&](std::string_view version) -> const VersionRecord* {
    return version == "1" ? &one : version == "2" ? &two : version == "3" ? &other_role : version == "$LATEST" ? &newest : nullptr;
  };
  struct Row {
    const VersionRecord& primary;
    std::map<std::string, double> weights;
    const char *code, *part;
  };
  const Row rows[] = {
      {one, {}, "", ""},
      {newest, {}, "", ""},
      {one, {{"2", 0.1}}, "", ""},
      {one, {{"2", 0.0}}, "", ""},
      {one,
       {{"2", 0.1}, {"3", 0.1}},
       "InvalidParameterValueException",
       "Number of items in AdditionalVersionWeights cannot be greater than 1"},
      {one, {{"1", 0.1}}, "InvalidParameterValueException", "Function version 1 is already included in routing configuration."},
      {one, {{"2", 1.0}}, "ValidationException", "Map value must satisfy constraint"},
      {one, {{"2", -0.1}}, "ValidationException", "Map value must satisfy constraint"},
      {newest,
       {{"1", 0.1}},
       "InvalidParameterValueException",
       "$LATEST is not supported for an alias pointing to more than 1 version"},
      {one,
       {{"$LATEST", 0.1}},
       "InvalidParameterValueException",
       "$LATEST is not supported for an alias pointing to more than 1 version"},
      {one, {{"live", 0.1}}, "ValidationException", "[0-9]+"},
      {one, {{"9", 0.1}}, "ResourceNotFoundException", "f:9"},
      {one, {{"3", 0.1}}, "InvalidParameterValueException", "different execution roles"},
  };
  for (const Row& row : rows) {
    Result<void> result = check_routing(row.primary, row.weights, find);
    EXPECT_EQ(result ? "" : result.error().code, row.code) << row.part;
    if (!result) EXPECT_NE(result.error().message.find(row.part), std::string::npos) << result.error().message;
  }
}

TEST(Alias, a_weight_is_the_share_of_draws_that_go_elsewhere) {
  AliasRecord plain{.version = "1"}, split{.version = "1", .weights = {{"2", 0.1}}};
  EXPECT_EQ(choose_version(plain, 0.0), "1");
  EXPECT_EQ(choose_version(split, 0.0), "2");
  EXPECT_EQ(choose_version(split, 0.0999), "2");
  EXPECT_EQ(choose_version(split, 0.1), "1");
  EXPECT_EQ(choose_version(split, 0.9999), "1");
  SeededRandom random(7);
  int second = 0;
  for (int i = 0; i < 20000; ++i) second += choose_version(split, static_cast<double>(random.below(1u << 20)) / (1u << 20)) == "2";
  EXPECT_NEAR(second, 2000, 200);
}

TEST(Scheduler, starts_what_is_missing_and_no_more) {
  struct Row {
    PoolState state;
    size_t starts;
  };
  const Row rows[] = {
      {{.waiting = 0, .starting = 0, .returning = 0}, 0}, {{.waiting = 1, .starting = 0, .returning = 0}, 1},
      {{.waiting = 1, .starting = 1, .returning = 0}, 0}, {{.waiting = 1, .starting = 0, .returning = 1}, 0},
      {{.waiting = 5, .starting = 2, .returning = 1}, 2}, {{.waiting = 1, .starting = 3, .returning = 3}, 0},
  };
  for (const Row& row : rows) EXPECT_EQ(environments_to_start(row.state), row.starts);
}

TEST(Scheduler, idle_environments_freeze_on_real_time_and_go_on_control_time) {
  IdlePolicy policy{.freeze_after = 100ms, .reap_after = 10min};
  struct Row {
    Duration real, control;
    bool frozen;
    IdleAction action;
  };
  const Row rows[] = {
      {0ms, 0ms, false, IdleAction::keep},   {99ms, 5s, false, IdleAction::keep},  {100ms, 6s, false, IdleAction::freeze},
      {1s, 1min, true, IdleAction::keep},    {10s, 10min, true, IdleAction::reap}, {10s, 10min, false, IdleAction::reap},
      {1ms, 10min, false, IdleAction::reap},
  };
  for (const Row& row : rows)
    EXPECT_EQ(decide_idle(policy, {.idle_real = row.real, .idle_control = row.control, .frozen = row.frozen}), row.action);

  io::SystemClock clock;
  EXPECT_EQ(until_next_decision(policy, {.idle_real = 40ms, .idle_control = 40ms, .frozen = false}, clock), 60ms);
  EXPECT_EQ(until_next_decision(policy, {.idle_real = 1s, .idle_control = 1s, .frozen = true}, clock), 10min - 1s);
  io::ManualClock manual(Timestamp{});
  EXPECT_GT(until_next_decision(policy, {.idle_real = 1s, .idle_control = 1s, .frozen = true}, manual), 0ms);
}

TEST(Report, lines_are_lambdas) {
  EXPECT_EQ(start_line("id", "7"), "START RequestId: id Version: 7\n");
  EXPECT_EQ(end_line("id"), "END RequestId: id\n");
  EXPECT_EQ(report_line({.request_id = "id", .duration = 1230us, .memory_megabytes = 128, .memory_peak_bytes = (30u << 20) + 1}),
            "REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 31 MB\t\n");
  EXPECT_EQ(report_line({.request_id = "id", .duration = 500us, .initialisation = 10ms}),
            "REPORT RequestId: id\tDuration: 0.50 ms\tBilled Duration: 11 ms\tMemory Size: 128 MB\tMax Memory Used: 0 MB\tInit "
            "Duration: 10.00 "
            "ms\t\n");
  EXPECT_EQ(
      report_line({.request_id = "id", .duration = 3s, .timed_out = true, .error_type = "Sandbox.Timedout"}),
      "REPORT RequestId: id\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 0 MB\tStatus: "
      "timeout\n");
  EXPECT_TRUE(report_line({.request_id = "id", .error_type = "Runtime.ExitError"})
                  .ends_with("\tStatus: error\tError Type: Runtime.ExitError\n"));
}

TEST(Report, failures_are_worded_as_lambda_words_them) {
  struct Row {
    Failure failure;
    const char *type, *payload;
  };
  const Row rows[] = {
      {exit_failure(1, 0, false), "Runtime.ExitError",
       R"({"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: Runtime exited with error: exit status 1"})"},
      {exit_failure(0, 0, false), "Runtime.ExitError",
       R"({"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: Runtime exited without providing a reason"})"},
      {exit_failure(139, 11, false), "Runtime.ExitError",
       R"({"errorType":"Runtime.ExitError","errorMessage":"RequestId: id Error: Runtime exited with error: signal: segmentation fault"})"},
      {exit_failure(137, 9, true), "Runtime.OutOfMemory",
       R"({"errorType":"Runtime.OutOfMemory","errorMessage":"RequestId: id Error: Runtime exited with error: signal: killed"})"},
      {timeout_failure(3s), "Sandbox.Timedout",
       R"({"errorType":"Sandbox.Timedout","errorMessage":"RequestId: id Error: Task timed out after 3.00 seconds"})"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(row.failure.type, row.type);
    EXPECT_EQ(failure_payload(row.failure, "id"), row.payload);
  }
}

TEST(Policy, allows_whom_a_statement_names_and_nobody_else) {
  PolicyRecord policy;
  policy.statements = {
      {.id = "url", .action = "lambda:InvokeFunctionUrl", .principal = "*", .url_auth_type = "NONE"},
      {.id = "rotate", .action = "lambda:InvokeFunction", .principal = "secretsmanager.amazonaws.com"},
      {.id = "lb",
       .action = "lambda:InvokeFunction",
       .principal = "elasticloadbalancing.amazonaws.com",
       .source_arn = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/tg/*"},
      {.id = "bucket", .action = "lambda:*", .principal = "s3.amazonaws.com", .source_account = "000000000000"},
  };
  struct Row {
    const char* what;
    Access access;
    bool allowed;
  };
  const Row rows[] = {
      {"anyone through the open URL", {.action = "lambda:InvokeFunctionUrl", .url_auth_type = "NONE"}, true},
      {"not when the URL wants a signature", {.action = "lambda:InvokeFunctionUrl", .url_auth_type = "AWS_IAM"}, false},
      {"not another action", {.action = "lambda:InvokeFunction", .url_auth_type = "NONE"}, false},
      {"the rotating service", {.action = "lambda:InvokeFunction", .service_principal = "secretsmanager.amazonaws.com"}, true},
      {"not another service", {.action = "lambda:InvokeFunction", .service_principal = "events.amazonaws.com"}, false},
      {"the named target group",
       {.action = "lambda:InvokeFunction",
        .service_principal = "elasticloadbalancing.amazonaws.com",
        .source_arn = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/tg/1"},
       true},
      {"not another target group",
       {.action = "lambda:InvokeFunction",
        .service_principal = "elasticloadbalancing.amazonaws.com",
        .source_arn = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/other/1"},
       false},
      {"the account that owns the source",
       {.action = "lambda:InvokeFunction",
        .service_principal = "s3.amazonaws.com",
        .source_arn = "arn:aws:sns:us-east-1:000000000000:t"},
       true},
      {"not a source of another account",
       {.action = "lambda:InvokeFunction",
        .service_principal = "s3.amazonaws.com",
        .source_arn = "arn:aws:sns:us-east-1:111111111111:t"},
       false},
      {"a person is no service", {.action = "lambda:InvokeFunction", .principal_arn = "arn:aws:iam::000000000000:user/a"}, false},
  };
  for (const Row& row : rows) EXPECT_EQ(allows(policy, row.access), row.allowed) << row.what;
}

TEST(Policy, statements_have_their_json_form) {
  StatementRecord statement{.id = "url", .action = "lambda:InvokeFunctionUrl", .principal = "*", .url_auth_type = "NONE"};
  EXPECT_EQ(to_text(statement_document(statement, "arn:f")),
            R"({"Sid":"url","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunctionUrl","Resource":"arn:f",)"
            R"("Condition":{"StringEquals":{"lambda:FunctionUrlAuthType":"NONE"}}})");
}

TEST(EventQueue, failures_wait_one_and_two_minutes_and_refusals_ever_longer) {
  EventLimits limits;
  struct Row {
    EventOutcome outcome;
    int failures, refusals;
    Duration age;
    std::optional<Duration> wait;
  };
  const Row rows[] = {
      {EventOutcome::succeeded, 0, 0, 0s, std::nullopt},        {EventOutcome::failed, 1, 0, 0s, Duration(1min)},
      {EventOutcome::failed, 2, 0, 70s, Duration(2min)},        {EventOutcome::failed, 3, 0, 200s, std::nullopt},
      {EventOutcome::refused, 0, 1, 0s, Duration(1s)},          {EventOutcome::refused, 0, 4, 10s, Duration(8s)},
      {EventOutcome::refused, 0, 50, 1h, Duration(5min)},       {EventOutcome::refused, 0, 50, 6h, std::nullopt},
      {EventOutcome::failed, 1, 0, Duration(6h), std::nullopt},
  };
  for (const Row& row : rows) EXPECT_EQ(next_attempt_after(row.outcome, row.failures, row.refusals, row.age, limits), row.wait);
  limits.retries_max = 0;
  EXPECT_EQ(next_attempt_after(EventOutcome::failed, 1, 0, 0s, limits), std::nullopt);
}

TEST(BootSpec, finds_the_program_and_sets_lambdas_variables_over_all_others) {
  VersionRecord version{.function = "podinfo", .version = "7", .memory_size = 256, .log_group = "/aws/lambda/podinfo"};
  version.environment = aws::lambda::Environment{{{"COLOR", "blue"}, {"FROM_IMAGE", "overridden"}}};
  ContainerImage image{.rootfs = "/images/x",
                       .entrypoint = {"podinfo"},
                       .command = {"--lambda"},
                       .environment = {{"PATH", "/opt:/bin"}, {"FROM_IMAGE", "1"}, {"AWS_REGION", "elsewhere"}},
                       .working_directory = "/app"};
  BootContext context{.sandbox_id = "fn-us-east-1-00",
                      .region = "us-east-1",
                      .log_stream = "s",
                      .credentials = {"AK", "SK", "ST", {}},
                      .has_file = [](const std::string& path) { return path == "/bin/podinfo" || path == "/app/run"; }};
  Result<sandbox::SandboxSpec> spec = make_boot_spec(version, image, context);
  ASSERT_TRUE(spec) << spec.error().message;
  EXPECT_TRUE(sandbox::validate(*spec));
  EXPECT_EQ(spec->arguments, (std::vector<std::string>{"/bin/podinfo", "--lambda"}));
  EXPECT_EQ(spec->working_directory, "/app");
  EXPECT_EQ(spec->environment["COLOR"], "blue");
  EXPECT_EQ(spec->environment["FROM_IMAGE"], "overridden");
  EXPECT_EQ(spec->environment["AWS_REGION"], "us-east-1");
  EXPECT_EQ(spec->environment["AWS_LAMBDA_RUNTIME_API"], "127.0.0.1:9001");
  EXPECT_EQ(spec->environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "256");
  EXPECT_EQ(spec->environment["AWS_SESSION_TOKEN"], "ST");
  EXPECT_EQ(spec->environment["_HANDLER"], "--lambda");
  EXPECT_EQ(spec->limits.memory_bytes, 256u << 20);

  version.image_config = aws::lambda::ImageConfig{.entry_point = std::vector<std::string>{"./run"}};
  spec = make_boot_spec(version, image, context);
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->arguments, (std::vector<std::string>{"/app/run"}));  // an overridden entry point drops the command

  version.image_config = aws::lambda::ImageConfig{.entry_point = std::vector<std::string>{"../../missing"}};
  spec = make_boot_spec(version, image, context);
  ASSERT_FALSE(spec);
  EXPECT_EQ(spec.error().code, "Runtime.InvalidEntrypoint");
  EXPECT_EQ(spec.error().message, "fork/exec ../../missing: no such file or directory");
}

TEST(Settings, bounds_are_checked_and_values_of_variables_never_repeated) {
  struct Row {
    const char* part;
    Settings settings;
  };
  auto with = [](std::map<std::string, std::string> variables) {
    return Settings{.environment = aws::lambda::Environment{std::move(variables)}};
  };
  const Row rows[] = {
      {"'timeout'", {.timeout = 0}},
      {"'timeout'", {.timeout = 901}},
      {"'memorySize'", {.memory_size = 127}},
      {"'memorySize'", {.memory_size = 10241}},
      {"'ephemeralStorage.size'", {.ephemeral_storage = aws::lambda::EphemeralStorage{511}}},
      {"Reserved keys used in this request: AWS_REGION", with({{"AWS_REGION", "tell-tale"}})},
      {"4KB limit", with({{"LONG", "tell-tale" + std::string(4096, 'x')}})},
      {"[a-zA-Z]([a-zA-Z0-9_])+", with({{"1X", "tell-tale"}})},
  };
  for (const Row& row : rows) {
    VersionRecord version;
    Result<void> result = apply_settings(row.settings, version);
    ASSERT_FALSE(result) << row.part;
    EXPECT_NE(result.error().message.find(row.part), std::string::npos) << result.error().message;
    EXPECT_EQ(result.error().message.find("tell-tale"), std::string::npos);
    EXPECT_EQ(version.timeout, 3);
  }
  EXPECT_EQ(repository_of("h.localhost:4566/a/b:1.0.0"), "h.localhost:4566/a/b");
  EXPECT_EQ(repository_of("h.localhost:4566/a/b@sha256:00"), "h.localhost:4566/a/b");
  EXPECT_EQ(repository_of("h.localhost:4566/a/b"), "h.localhost:4566/a/b");
}

TEST(RuntimeApi, paths_name_calls) {
  struct Row {
    const char* path;
    RuntimeCall call;
    const char* id;
  };
  const Row rows[] = {
      {"/2018-06-01/runtime/invocation/next", RuntimeCall::next, ""},
      {"/2018-06-01/runtime/invocation/abc/response", RuntimeCall::response, "abc"},
      {"/2018-06-01/runtime/invocation/abc/error", RuntimeCall::error, "abc"},
      {"/2018-06-01/runtime/init/error", RuntimeCall::init_error, ""},
      {"/2018-06-01/runtime/invocation/abc", RuntimeCall::unknown, ""},
      {"/2018-06-01/runtime/invocation/abc/other", RuntimeCall::unknown, ""},
      {"/2020-01-01/extension/register", RuntimeCall::unknown, ""},
      {"/", RuntimeCall::unknown, ""},
  };
  for (const Row& row : rows) {
    RuntimeTarget target = parse_runtime_target(row.path);
    EXPECT_EQ(target.call, row.call) << row.path;
    EXPECT_EQ(target.request_id, row.id);
  }
}

TEST(UrlDoor, claims_hosts_of_its_region_only) {
  EXPECT_EQ(url_id_of("abc.lambda-url.us-east-1.localhost:4566", "us-east-1"), "abc");
  EXPECT_EQ(url_id_of("abc.lambda-url.us-east-1.on.aws", "us-east-1"), "abc");
  EXPECT_EQ(url_id_of("abc.lambda-url.us-east-2.localhost", "us-east-1"), "");
  EXPECT_EQ(url_id_of("abc.lambda-url.us-east-10.localhost", "us-east-1"), "");
  EXPECT_EQ(url_id_of("abc.elb.localhost", "us-east-1"), "");
  EXPECT_EQ(url_id_of("localhost", "us-east-1"), "");
}

class CountingSink final : public MetricSink {
 public:
  void record(std::string_view, std::string_view name, const Dimensions& dimensions, Timestamp, double value, std::string_view,
              double count) override {
    std::string key(name);
    for (const auto& [dimension, text] : dimensions) key += fmt::format("|{}={}", dimension, text);
    totals[key] += value * count;
    counts[key] += count;
  }
  std::map<std::string, double> totals, counts;
};

TEST(Metrics, invocations_are_counted_by_function_resource_and_for_split_aliases_version) {
  io::ManualClock clock(Timestamp{});
  CountingSink sink;
  InvocationMetrics metrics(clock, sink);
  for (int i = 0; i < 9; ++i) metrics.invoked("f", "f:live", "1", true, 2ms, false);
  metrics.invoked("f", "f:live", "2", true, 4ms, true);
  metrics.invoked("f", "f", "$LATEST", false, 2ms, false);
  metrics.throttled("f", "f");
  metrics.concurrency("f", 3, 5);
  metrics.concurrency("f", 2, 4);
  metrics.flush();
  EXPECT_EQ(sink.totals["Invocations"], 11);
  EXPECT_EQ(sink.totals["Invocations|FunctionName=f"], 11);
  EXPECT_EQ(sink.totals["Invocations|FunctionName=f|Resource=f:live"], 10);
  EXPECT_EQ(sink.totals["Invocations|FunctionName=f|Resource=f:live|ExecutedVersion=2"], 1);
  EXPECT_EQ(sink.counts.count("Invocations|FunctionName=f|Resource=f|ExecutedVersion=$LATEST"), 0u);
  EXPECT_EQ(sink.totals["Errors|FunctionName=f"], 1);
  EXPECT_EQ(sink.counts["Errors|FunctionName=f"], 11);
  EXPECT_EQ(sink.totals["Throttles|FunctionName=f|Resource=f"], 1);
  EXPECT_DOUBLE_EQ(sink.totals["Duration|FunctionName=f|Resource=f:live|ExecutedVersion=1"], 18.0);
  EXPECT_EQ(sink.totals["ConcurrentExecutions|FunctionName=f"], 3);
  EXPECT_EQ(sink.totals["ConcurrentExecutions"], 5);
  EXPECT_TRUE(metrics.empty());
  EXPECT_EQ(round_duration(Duration(123456us)), Duration(123000us));
  EXPECT_EQ(round_duration(Duration(999us)), Duration(999us));
}

}  // namespace
}  // namespace pds::cloud::lambda
