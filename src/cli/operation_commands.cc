// logs, load, secrets, doctor, completion, agent: what is needed while a stack runs.
#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "agent/command.h"
#include "aws/shapes/lambda.h"
#include "aws/shapes/logs.h"
#include "aws/shapes/secretsmanager.h"
#include "aws/shapes/sts.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/session.h"
#include "deploy/balancer_logs.h"
#include "io/clock.h"
#include "io/files.h"
#include "loadtest/load_run.h"
#include "sandbox/support.h"

namespace pds::cli {
namespace {

namespace logs_api = aws::logs;
namespace secretsmanager = aws::secretsmanager;

// ---- logs ----

io::Task<Result<size_t>> print_logs(Context& context, Session& session, std::string group, std::string filter, bool follow) {
  logs_api::FilterLogEventsRequest request;
  request.log_group_name = group;
  if (!filter.empty()) request.filter_pattern = filter;
  size_t shown = 0;
  std::string last_id;
  while (true) {
    CO_TRY(auto page, co_await session.client->call<logs_api::FilterLogEvents>(request));
    for (const auto& event : page.events) {
      if (event.event_id <= last_id) continue;
      last_id = event.event_id;
      ++shown;
      std::string_view message = trim(event.message);
      if (context.out().json()) {
        context.out().result(json::object{{"at", event.timestamp}, {"stream", event.log_stream_name}, {"message", message}}, "");
      } else {
        context.out().line(fmt::format("{}  {}", context.out().paint(to_iso8601_millis(Timestamp{std::chrono::milliseconds{event.timestamp}}), "dim"), message));
      }
    }
    request.next_token = page.next_token;
    if (page.next_token) continue;
    if (!follow) co_return shown;
    co_await context.loop().sleep_for(500ms);
  }
}

int logs(Context& context, const Args& args) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  std::string group = args.get("group");
  if (group.empty()) group = "/aws/lambda/" + (*session)->config.stack();
  auto shown = run_interruptible(context, print_logs(context, **session, group, args.get("filter"), args.has("follow")), "stopped");
  if (!shown && shown.error().code == "E_INTERRUPTED") return exit_ok;
  if (!shown) return context.fail(shown.error(), "pds logs --list shows the groups there are");
  return exit_ok;
}

io::Task<Result<std::vector<logs_api::LogGroup>>> list_groups(Session& session) {
  CO_TRY(auto reply, co_await session.client->call<logs_api::DescribeLogGroups>({}));
  co_return reply.log_groups;
}

io::Task<Result<std::vector<std::string>>> balancer_lines(Context& context, Session& session, size_t files) {
  CO_TRY(deploy::StackFacts facts, co_await look_at_stack(context.loop(), *session.client, session.config));
  co_return co_await deploy::read_balancer_logs(*session.client, facts.balancer_arn, files);
}

// --filter is a text here: what CloudWatch's patterns look through are log groups.
int balancer_logs(Context& context, const Args& args) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  auto files = parse_int(args.get("files", "12"));
  if (!files || *files < 1 || *files > 1000) return context.fail(Error{"E_USAGE", "--files is a number from 1 to 1000"});
  auto lines = context.run(balancer_lines(context, **session, static_cast<size_t>(*files)));
  if (!lines) return context.fail(lines.error());
  std::string filter = args.get("filter");
  for (const std::string& line : *lines) {
    if (line.find(filter) == std::string::npos) continue;
    if (context.out().json()) context.out().result(json::object{{"line", line}}, "");
    else context.out().line(line);
  }
  return exit_ok;
}

int logs_or_list(Context& context, const Args& args) {
  if (args.has("balancer")) return balancer_logs(context, args);
  if (!args.has("list")) return logs(context, args);
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  auto groups = context.run(list_groups(**session));
  if (!groups) return context.fail(groups.error());
  for (const auto& group : *groups) {
    if (context.out().json()) context.out().result(json::object{{"group", group.log_group_name}, {"bytes", group.stored_bytes}}, "");
    else context.out().line(fmt::format("{}  {} bytes", group.log_group_name, group.stored_bytes));
  }
  return exit_ok;
}

// ---- load ----

struct LoadEnd {
  uint64_t sent = 0, failed = 0;
};

void show_load(Context& context, const loadtest::LoadReport& report) {
  std::string text;
  for (const auto& target : report.targets) {
    text += fmt::format("{}{}: {} sent, {} failed, p99 {:.1f} ms", text.empty() ? "" : "; ", target.name, target.sent, target.failed, target.latency.percentile(99) / 1e3);
    for (const auto& [version, count] : target.versions) text += fmt::format(", {} by {}", count, version);
  }
  context.out().waiting(text);
}

io::Task<void> report_every_second(Context& context, loadtest::LoadTest& test) {
  while (true) {
    co_await context.loop().sleep_for(1s);
    show_load(context, test.snapshot());
  }
}

int load(Context& context, const Args& args) {
  if (Result<void> ok = apply_output(context, args); !ok) return context.fail(ok.error());
  loadtest::LoadPlan plan;
  for (const std::string& text : args.all("target")) {
    size_t equals = text.find('=');
    if (equals == std::string::npos) return context.fail(Error{"E_USAGE", fmt::format("--target is NAME=URL, not '{}'", text)});
    plan.targets.push_back({.name = text.substr(0, equals), .url = text.substr(equals + 1), .host = ""});
  }
  auto rate = parse_double(args.get("rate", "50"));
  auto duration = deploy::parse_duration(args.get("duration", "30s"));
  auto timeout = deploy::parse_duration(args.get("timeout", "10s"));
  auto threshold = parse_double(args.get("max-failed", "1"));
  if (!rate || !duration || !timeout || !threshold) return context.fail(Error{"E_USAGE", "--rate and --max-failed are numbers, --duration and --timeout durations like 30s"});
  plan.rate = *rate;
  plan.duration = args.has("until-interrupted") ? Duration{} : *duration;
  plan.timeout = *timeout;
  io::SystemClock clock;
  auto test = loadtest::LoadTest::create(context.loop(), clock, plan);
  if (!test) return context.fail(test.error());
  // The first Ctrl-C ends the load in order: what is in flight is waited for, and the report is written.
  InterruptWatcher watcher(context.loop());
  io::TaskSet progress, running;
  progress.spawn(report_every_second(context, **test));
  std::optional<loadtest::LoadReport> report;
  auto run = [](io::Loop& loop, loadtest::LoadTest& load_test, std::optional<loadtest::LoadReport>& out) -> io::Task<void> {
    out.emplace(co_await load_test.run());
    loop.stop();
  };
  running.spawn(run(context.loop(), **test, report));
  while (!report) {
    context.loop().run();
    if (!report && watcher.interrupted()) (*test)->stop();
  }
  progress.cancel_all();
  std::string path = args.get("report");
  if (!path.empty())
    if (Result<void> written = io::write_file_atomically(path, to_text(report->to_json()) + "\n", 0644); !written) return context.fail(written.error());
  std::string text;
  for (const auto& target : report->targets) {
    text += fmt::format("{}{:<10} {:>8} sent  {:>6} failed  p50 {:.2f} ms  p99 {:.2f} ms", text.empty() ? "" : "\n", target.name, target.sent, target.failed,
                        target.latency.percentile(50) / 1e3, target.latency.percentile(99) / 1e3);
    for (const auto& [kind, count] : target.errors) text += fmt::format("  {}: {}", kind, count);
  }
  context.out().result(report->to_json(), text);
  double share = report->sent() == 0 ? 0 : static_cast<double>(report->failed()) / static_cast<double>(report->sent());
  return share > *threshold ? exit_threshold : exit_ok;
}

// ---- secrets ----

io::Task<Result<std::pair<std::string, std::string>>> rotate_secret(Context& context, Session& session) {
  const std::string& name = session.config.text("secret.name");
  auto current = [](const secretsmanager::DescribeSecretReply& secret) {
    for (const auto& [version, stages] : secret.version_ids_to_stages)
      if (std::find(stages.begin(), stages.end(), "AWSCURRENT") != stages.end()) return version;
    return std::string();
  };
  CO_TRY(auto before, co_await session.client->call<secretsmanager::DescribeSecret>({.secret_id = name}));
  secretsmanager::RotateSecretRequest request;
  request.secret_id = name;
  CO_TRY(auto rotating, co_await session.client->call<secretsmanager::RotateSecret>(request));
  std::string wanted = rotating.version_id.value_or("");
  auto deadline = std::chrono::steady_clock::now() + 120s;
  while (std::chrono::steady_clock::now() < deadline) {
    CO_TRY(auto now, co_await session.client->call<secretsmanager::DescribeSecret>({.secret_id = name}));
    if (current(now) == wanted) co_return std::pair{current(before), wanted};
    context.out().waiting(fmt::format("{}: createSecret, setSecret, testSecret, finishSecret", name));
    co_await context.loop().sleep_for(200ms);
  }
  co_return fail("E_TIMED_OUT", fmt::format("the rotation of {} has not finished; the old value is still current", name));
}

int rotate(Context& context, const Args& args) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  auto versions = context.run(rotate_secret(context, **session));
  if (!versions) return context.fail(versions.error(), fmt::format("pds logs --group /aws/lambda/{}-rotation", (*session)->config.stack()));
  context.out().result(json::object{{"secret", (*session)->config.text("secret.name")}, {"from", versions->first}, {"to", versions->second}},
                       fmt::format("{} rotated: version {} is current, {} is previous.", (*session)->config.text("secret.name"), versions->second, versions->first));
  return exit_ok;
}

// Every value of the secret that still has a stage, as it stands and as the texts within it.
io::Task<Result<std::vector<std::string>>> secret_texts(Session& session) {
  std::vector<std::string> texts;
  for (const char* stage : {"AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"}) {
    secretsmanager::GetSecretValueRequest request;
    request.secret_id = session.config.text("secret.name");
    request.version_stage = stage;
    auto value = co_await session.client->call<secretsmanager::GetSecretValue>(request);
    if (!value && value.error().code == "ResourceNotFoundException") continue;
    if (!value) co_return std::unexpected(value.error());
    std::string text = value->secret_string.value_or("");
    if (Result<json::value> document = parse_json(text); document && document->is_object()) {
      constexpr size_t telling_length = 12;   // shorter texts ("podinfo") stand in many places without being a leak
      for (const auto& member : document->get_object())
        if (member.value().is_string() && member.value().get_string().size() >= telling_length) texts.emplace_back(member.value().get_string());
    } else if (!text.empty()) {
      texts.push_back(text);
    }
  }
  co_return texts;
}

// Files below `path` that hold one of the texts. What cannot be read is named, not passed over; what is gone meanwhile is neither.
Result<void> scan(const std::string& path, const std::vector<std::string>& texts, std::vector<std::string>& found, size_t& files) {
  std::error_code error;
  auto unreadable = [&](const std::string& what) { return pds::fail("E_SCAN", fmt::format("cannot look through {}: {}", what, error.message())); };
  auto walk = std::filesystem::recursive_directory_iterator(path, std::filesystem::directory_options::none, error);
  if (error) return pds::fail("E_NOT_FOUND", fmt::format("cannot look through {}: {}", path, error.message()));
  for (; walk != std::filesystem::recursive_directory_iterator(); walk.increment(error)) {
    std::string name = walk->path().string();
    if (!walk->is_regular_file(error) || walk->is_symlink(error)) continue;
    Result<std::string> content = io::read_file(name);
    if (!content && !io::exists(name)) continue;   // a log that was rotated, an image that was unpacked
    if (!content) return pds::fail("E_SCAN", fmt::format("cannot look through {}: {}", name, content.error().message));
    ++files;
    auto holds = [&](const std::string& text) { return content->find(text) != std::string::npos; };
    if (std::any_of(texts.begin(), texts.end(), holds)) found.push_back(name);
  }
  if (error && error != std::errc::no_such_file_or_directory) return unreadable(path);
  return {};
}

int scan_for_secret(Context& context, const Args& args) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  auto texts = context.run(secret_texts(**session));
  if (!texts) return context.fail(texts.error());
  std::vector<std::string> found;
  size_t files = 0;
  for (const std::string& path : args.all("path"))
    if (Result<void> done = scan(path, *texts, found, files); !done) return context.fail(done.error());
  json::array list;
  for (const std::string& path : found) {
    context.out().line(path);
    list.emplace_back(path);
  }
  context.out().result(json::object{{"values", texts->size()}, {"files", files}, {"found", list}},
                       fmt::format("{} values looked for in {} files: found in {}", texts->size(), files, found.size()));
  return found.empty() && !texts->empty() ? exit_ok : exit_failed;
}

// ---- doctor ----

struct Finding {
  std::string what, detail, next_step;
  bool good = true, required = true;
};

io::Task<Result<std::vector<Finding>>> examine_stack(Context& context, Session& session, bool repair) {
  std::vector<Finding> findings;
  auto facts = co_await look_at_stack(context.loop(), *session.client, session.config);
  if (!facts) {
    findings.push_back({"stack", facts.error().message, "pds up", false, false});
    co_return findings;
  }
  deploy::StackNames names(session.config, facts->account);
  const std::string& alias = session.config.text("function.alias");
  CO_TRY(auto live, co_await session.client->call<aws::lambda::GetAlias>({.function_name = names.function, .name = alias}));
  bool split = live.routing_config && !live.routing_config->additional_version_weights.empty();
  deploy::Journal journal(*session.client, facts->bucket);
  CO_TRY(auto lock, co_await journal.lock_holder());
  if (split && !lock && repair) {
    aws::lambda::UpdateAliasRequest request;
    request.function_name = names.function;
    request.name = alias;
    request.routing_config = aws::lambda::AliasRoutingConfiguration{};
    CO_CHECK(co_await session.client->call<aws::lambda::UpdateAlias>(request));
    findings.push_back({"alias", fmt::format("was split; all traffic goes to version {} again", live.function_version), "", true});
  } else {
    findings.push_back({"alias", split ? "traffic is split between two versions" : "whole, at version " + live.function_version,
                        split ? (lock ? "pds watch" : "pds doctor --repair") : "", !split || lock.has_value()});
  }
  if (lock) {
    bool alive = deploy::holder_is_alive_here(lock->holder);
    findings.push_back({"lock", fmt::format("held by {} since {} for {}", lock->holder, to_iso8601(lock->since), lock->release_id), alive ? "" : "pds watch", alive});
  } else {
    findings.push_back({"lock", "free", "", true});
  }
  co_return findings;
}

int doctor(Context& context, const Args& args) {
  if (Result<void> ok = apply_output(context, args); !ok) return context.fail(ok.error());
  std::vector<Finding> findings;
  Result<sandbox::SandboxSupport> support = sandbox::probe_support();
  if (!support) return context.fail(support.error());
  for (const sandbox::SupportItem& item : support->items) findings.push_back({item.name, item.detail, item.next_step, item.available, item.required});
  Result<std::string> endpoint = context.endpoint_url();
  findings.push_back({"cloud", endpoint ? *endpoint : endpoint.error().message, endpoint ? "" : "pds cloud start", endpoint.has_value(), false});
  if (endpoint && io::exists(args.get("file", "deploy.yaml"))) {
    auto session = open_session(context, args);
    if (!session) return context.fail(session.error());
    auto more = context.run(examine_stack(context, **session, args.has("repair")));
    if (more) findings.insert(findings.end(), more->begin(), more->end());
    else findings.push_back({"stack", more.error().message, "pds up", false, false});
  }
  bool healthy = true;
  json::array list;
  for (const Finding& finding : findings) {
    healthy = healthy && (finding.good || !finding.required);
    const char* mark = finding.good ? "✔" : finding.required ? "✖" : "–";
    context.out().line(fmt::format("{} {:<22} {}{}", context.out().paint(mark, finding.good ? "green" : finding.required ? "red" : "yellow"), finding.what, finding.detail,
                                   finding.next_step.empty() ? "" : "\n    next: " + finding.next_step));
    list.push_back(json::object{{"what", finding.what}, {"good", finding.good}, {"required", finding.required}, {"detail", finding.detail}, {"next", finding.next_step}});
  }
  if (context.out().json()) context.out().result(json::object{{"healthy", healthy}, {"findings", list}}, "");
  return healthy ? exit_ok : exit_failed;
}

// ---- completion ----

int completion(Context& context, const Args& args) {
  Result<std::string> script = completion_script(context.commands(), args.get("shell"));
  if (!script) return context.fail(script.error());
  context.out().line(*script);
  return exit_ok;
}

// ---- agent ----

int conclude(Context& context, const Result<void>& done) { return done ? exit_ok : context.fail(done.error()); }

int agent_run(Context& context, const Args&) {
  Logger log = stderr_logger(LogLevel::info);
  return conclude(context, context.run(agent::run_agent(context.loop(), log, aws::process_environment)));
}

int agent_run_container(Context& context, const Args& args) {
  agent::RunContainer request;
  request.image = args.get("image");
  request.name = args.get("name");
  request.port = static_cast<int>(parse_int(args.get("port", "0")).value_or(0));
  request.trusted_key = args.get("trusted-key");
  for (const std::string& text : args.all("env")) {
    size_t equals = text.find('=');
    if (equals == std::string::npos) return context.fail(Error{"E_USAGE", fmt::format("--env is NAME=VALUE, not '{}'", text.substr(0, 40))});
    request.environment[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return conclude(context, context.run(agent::run_container(context.loop(), std::move(request), aws::process_environment)));
}

int agent_stop_container(Context& context, const Args& args) {
  auto timeout = deploy::parse_duration(args.get("timeout", "60s"));
  if (!timeout) return context.fail(timeout.error());
  return conclude(context, context.run(agent::stop_container(context.loop(), args.get("name"), *timeout)));
}

int agent_wait_healthy(Context& context, const Args& args) {
  auto timeout = deploy::parse_duration(args.get("timeout", "60s"));
  auto port = parse_int(args.get("port"));
  if (!timeout || !port) return context.fail(Error{"E_USAGE", "--port is a number and --timeout a duration like 60s"});
  return conclude(context, context.run(agent::wait_healthy(context.loop(), static_cast<int>(*port), args.get("path", "/healthz"), *timeout)));
}

}  // namespace

Command logs_command() {
  return {.name = "logs", .summary = "shows what functions, instances and the balancer have logged",
          .flags = with_config_flags({{"--group", "NAME", "the log group (the function's)"},
                                      {"--filter", "PATTERN", "a CloudWatch filter pattern: words, or '{ $.status >= 500 }'"},
                                      {"--follow", "", "go on until Ctrl-C"},
                                      {"--list", "", "list the log groups"},
                                      {"--balancer", "", "the balancer's access logs instead, from their bucket; --filter is a text then"},
                                      {"--files", "N", "how many of its newest log files", "12"}}),
          .run = logs_or_list};
}
Command load_command() {
  return {.name = "load", .summary = "sends requests at a constant rate and measures from the moment each was due",
          .description = "Open loop: a server that stalls is charged for every request that was due meanwhile. Exit 99 when more failed than allowed.",
          .flags = with_output_flag({{"--target", "NAME=URL", "where to; may be given several times", "", true},
                                     {"--rate", "N", "requests per second to each target", "50"},
                                     {"--duration", "TIME", "how long", "30s"},
                                     {"--until-interrupted", "", "until Ctrl-C instead"},
                                     {"--timeout", "TIME", "for each request, from the moment it is due", "10s"},
                                     {"--max-failed", "RATIO", "exit 99 above this share of failed requests", "1"},
                                     {"--report", "FILE", "write the whole report as JSON"}}),
          .run = load};
}
Command secrets_command() {
  Command command{"secrets", "the stack's secret"};
  command.children = {{.name = "rotate", .summary = "rotates it now, and waits until the new version is current", .flags = with_config_flags({}), .run = rotate},
                      {.name = "scan", .summary = "looks for the secret's values in files, and names those that hold one",
                       .flags = with_config_flags({}), .positionals = {{"path", "folders to look through", true, true}}, .run = scan_for_secret}};
  return command;
}
Command doctor_command() {
  return {.name = "doctor", .summary = "says what this machine and this stack lack, and what to do",
          .flags = with_config_flags({{"--repair", "", "put a split alias back that no release looks after"}}), .run = doctor};
}
Command completion_command() {
  return {.name = "completion", .summary = "prints a completion script",
          .description = "bash: source <(pds completion bash);  fish: pds completion fish | source",
          .positionals = {{"shell", "bash, zsh or fish", true}}, .run = completion};
}
Command agent_command() {
  Command command{"agent", "what runs on an instance: performs CodeDeploy's lifecycle, keeps containers up"};
  command.children = {
      {.name = "run", .summary = "the agent itself, until SIGTERM", .run = agent_run},
      {.name = "run-container", .summary = "verifies, pulls and starts an image",
       .flags = {{"--image", "REF", "repository@sha256:..."}, {"--name", "NAME", "what it is called here"}, {"--port", "N", "where it listens"},
                 {"--env", "NAME=VALUE", "may be given several times", "", true}, {"--trusted-key", "FILE", "whose signatures are accepted (PEM)"}},
       .run = agent_run_container},
      {.name = "stop-container", .summary = "stops a container; that there is none is fine",
       .flags = {{"--name", "NAME", "what it is called here"}, {"--timeout", "TIME", "how long it may take", "60s"}}, .run = agent_stop_container},
      {.name = "wait-healthy", .summary = "waits until a port answers 2xx",
       .flags = {{"--port", "N", "where"}, {"--path", "PATH", "what to ask for", "/healthz"}, {"--timeout", "TIME", "how long", "60s"}}, .run = agent_wait_healthy},
  };
  return command;
}

}  // namespace pds::cli
