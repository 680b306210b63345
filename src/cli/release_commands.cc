// deploy, watch, status, history, abort, rollback, unlock.
#include <fmt/core.h>

#include <algorithm>

#include "aws/shapes/autoscaling.h"
#include "aws/shapes/elbv2.h"
#include "aws/shapes/lambda.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/session.h"
#include "deploy/traffic.h"
#include "io/clock.h"
#include "io/files.h"

namespace pds::cli {
namespace {

json::object to_json(const deploy::Release& release) {
  Result<json::value> document = parse_json(aws::to_json_text(release));
  return document && document->is_object() ? document->get_object() : json::object{};
}

// The end of a release as an answer and an exit code.
int finish(Context& context, const deploy::Release& release) {
  json::object document = to_json(release);
  if (release.phase == "released") {
    context.out().result(document, context.out().paint(fmt::format("Released {} {}.", release.version, short_image(release.image)), "green"));
    return exit_ok;
  }
  std::string why = release.reason + (release.evidence.empty() ? "" : " (" + release.evidence + ")");
  if (release.phase == "reverted") {
    context.out().result(document, context.out().paint(fmt::format("Gone back: {}", why), "yellow"));
    return exit_rolled_back;
  }
  context.out().result(document, context.out().paint(fmt::format("Stuck, a person is needed: {}", why), "red"));
  return exit_needs_person;
}

Result<std::vector<std::string>> trusted_pems(const deploy::Config& config) {
  std::vector<std::string> out;
  for (const std::string& path : config.list("trust.public_keys")) {
    TRY(std::string pem, io::read_file(resolve(config, path), 64 * 1024));
    out.push_back(std::move(pem));
  }
  return out;
}

struct DeployJob {
  Context& context;
  Session& session;
  std::string image, reason;
};

// Gates first: nothing is touched before the verdict.
io::Task<Result<deploy::Release>> run_deploy(DeployJob job) {
  Context& context = job.context;
  const deploy::Config& config = job.session.config;
  CO_TRY(RegistryAccess access, co_await open_registry(context.loop(), *job.session.client, config, false));
  CO_TRY(oci::DigestReference image, co_await resolve_image(access, job.image));
  CO_TRY(trust::Verdict verdict, co_await check_image(access, image, config));
  if (!verdict.passed) {
    const trust::RuleResult* failure = verdict.first_failure();
    co_return fail("E_GATE", fmt::format("{} may not be deployed: {} {}. Nothing was touched", short_image(image.text()), failure->code, failure->detail));
  }
  context.out().event("gate", verdict.to_json().as_object(), context.out().paint("verified  ", "green") + short_image(image.text()));
  std::string version = "?";
  CO_TRY(auto manifest, co_await access.client->manifest(access.repository, image.digest.text()));
  if (Result<json::value> document = parse_json(manifest.bytes); document && document->is_object())
    if (const json::object* annotations = get_object(document->get_object(), "annotations")) version = get_string(*annotations, "org.opencontainers.image.version", "?");

  CO_TRY(deploy::StackFacts facts, co_await look_at_stack(context.loop(), *job.session.client, config));
  CO_TRY(auto pems, trusted_pems(config));
  deploy::Engine engine(context.loop(), *job.session.client, config, facts, progress_of(context));
  deploy::ReleaseRequest request{.image = image, .version = version, .trusted_keys = std::move(pems), .reason = job.reason};
  std::string id = deploy::new_release_id(context.random(), io::SystemClock().now());
  co_return co_await engine.deploy(std::move(request), id, deploy::this_holder());
}

int conclude(Context& context, const Result<deploy::Release>& release) {
  return release ? finish(context, *release) : context.fail(release.error());
}

int deploy_image(Context& context, const Args& args) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  auto release = run_interruptible(context, run_deploy({context, **session, args.get("image"), "deploy"}),
                                   "detached: what CodeDeploy has begun goes on. `pds watch` takes the release up again, `pds abort` goes back");
  return conclude(context, release);
}

// ---- taking up, looking ----

struct Found {
  deploy::StackFacts facts;
  std::optional<deploy::LockHolder> lock;
  std::optional<deploy::Release> running, current;
};

io::Task<Result<Found>> find_releases(Context& context, Session& session) {
  Found found;
  CO_TRY(found.facts, co_await look_at_stack(context.loop(), *session.client, session.config));
  deploy::Journal journal(*session.client, found.facts.bucket);
  CO_TRY(found.lock, co_await journal.lock_holder());
  if (found.lock) {
    CO_TRY(found.running, co_await journal.read(found.lock->release_id));
  }
  CO_TRY(found.current, co_await journal.current());
  co_return found;
}

// Follows a release that another process of this machine runs.
io::Task<Result<deploy::Release>> follow(Context& context, Session& session, deploy::StackFacts facts, deploy::Release release) {
  deploy::Journal journal(*session.client, facts.bucket);
  size_t told = 0;
  while (true) {
    for (; told < release.events.size(); ++told) context.out().event("progress", json::object{{"text", release.events[told].text}}, release.events[told].text);
    if (deploy::is_over(release)) co_return release;
    if (!deploy::holder_is_alive_here(release.holder)) break;
    co_await context.loop().sleep_for(300ms);
    CO_TRY(auto again, co_await journal.read(release.id));
    if (again) release = std::move(*again);
  }
  deploy::Engine engine(context.loop(), *session.client, session.config, facts, progress_of(context));
  co_return co_await engine.resume(std::move(release), deploy::this_holder());
}

io::Task<Result<deploy::Release>> run_watch(Context& context, Session& session, bool abort) {
  CO_TRY(Found found, co_await find_releases(context, session));
  if (!found.running || deploy::is_over(*found.running)) {
    if (found.lock) {
      // A release that ended without giving its lock back: killed between the two.
      deploy::Journal journal(*session.client, found.facts.bucket);
      CO_CHECK(co_await journal.unlock());
      if (found.running) co_return *found.running;
    }
    co_return fail("E_NOT_FOUND", "no release is under way");
  }
  if (abort) {
    deploy::Journal journal(*session.client, found.facts.bucket);
    CO_CHECK(co_await journal.request_abort(found.running->id));
    context.out().event("abort", json::object{{"release", found.running->id}}, "asked release " + found.running->id + " to go back");
  }
  co_return co_await follow(context, session, found.facts, std::move(*found.running));
}

int watch_or_abort(Context& context, const Args& args, bool abort) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  auto release = run_interruptible(context, run_watch(context, **session, abort), "detached: the release goes on at CodeDeploy. `pds watch` takes it up again");
  if (release && abort && release->phase == "reverted") {
    context.out().result(to_json(*release), fmt::format("Release {} has gone back.", release->id));
    return exit_ok;
  }
  return conclude(context, release);
}

int watch(Context& context, const Args& args) { return watch_or_abort(context, args, false); }
int abort_release(Context& context, const Args& args) { return watch_or_abort(context, args, true); }

io::Task<Result<deploy::Release>> run_rollback(Context& context, Session& session) {
  CO_TRY(Found found, co_await find_releases(context, session));
  if (!found.current || found.current->previous_image.empty()) co_return fail("E_NOT_FOUND", "there is no earlier release to go back to");
  context.out().event("rollback", json::object{{"from", found.current->image}, {"to", found.current->previous_image}},
                      fmt::format("from {} to {}", short_image(found.current->image), short_image(found.current->previous_image)));
  co_return co_await run_deploy({context, session, found.current->previous_image, "rollback"});
}

int rollback(Context& context, const Args& args) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  return conclude(context, run_interruptible(context, run_rollback(context, **session), "detached: `pds watch` takes the release up again, `pds abort` goes back"));
}

struct Status {
  Found found;
  aws::autoscaling::AutoScalingGroup group;
  std::vector<aws::elbv2::TargetHealthDescription> targets;
  aws::lambda::AliasConfiguration alias;
  // The stack's other groups: those that serve beside it while a release is under way (or were left by one), and those being deleted,
  // whose instances finish their last requests. AWS tells the latter by a status.
  std::vector<aws::autoscaling::AutoScalingGroup> beside, retiring;
  deploy::Traffic traffic;
};

io::Task<Result<Status>> look(Context& context, Session& session) {
  Status status;
  CO_TRY(status.found, co_await find_releases(context, session));
  const deploy::StackFacts& facts = status.found.facts;
  aws::autoscaling::DescribeAutoScalingGroupsRequest by_name;
  by_name.auto_scaling_group_names = {facts.fleet_group};
  CO_TRY(auto groups, co_await session.client->call<aws::autoscaling::DescribeAutoScalingGroups>(by_name));
  if (!groups.auto_scaling_groups.empty()) status.group = groups.auto_scaling_groups[0];
  aws::autoscaling::DescribeAutoScalingGroupsRequest by_tag;
  by_tag.filters = {{"tag:pds:stack", {session.config.stack()}}};
  CO_TRY(auto all_groups, co_await session.client->call<aws::autoscaling::DescribeAutoScalingGroups>(by_tag));
  for (auto& group : all_groups.auto_scaling_groups)
    if (group.status) status.retiring.push_back(std::move(group));
    else if (group.auto_scaling_group_name != facts.fleet_group) status.beside.push_back(std::move(group));
  CO_TRY(auto health, co_await session.client->call<aws::elbv2::DescribeTargetHealth>({.target_group_arn = facts.target_group_arn}));
  status.targets = health.target_health_descriptions;
  CO_TRY(status.alias, co_await session.client->call<aws::lambda::GetAlias>({.function_name = deploy::StackNames(session.config, facts.account).function,
                                                                             .name = session.config.text("function.alias")}));
  CO_TRY(status.traffic, co_await deploy::look_at_traffic(*session.client, facts.balancer_arn, {}));
  co_return status;
}

// Until Ctrl-C: the balancer's table, once a second.
io::Task<Result<void>> watch_traffic(Context& context, Session& session) {
  CO_TRY(deploy::StackFacts facts, co_await look_at_stack(context.loop(), *session.client, session.config));
  Timestamp minute{};
  std::string shown;
  while (true) {
    CO_TRY(deploy::Traffic traffic, co_await deploy::look_at_traffic(*session.client, facts.balancer_arn, minute));
    minute = traffic.minute;
    json::object document = deploy::traffic_document(traffic);
    std::string change = to_text(document);
    if (!context.out().json()) context.out().redraw(deploy::traffic_lines(traffic), change);
    else if (change != shown) context.out().result(document, "");
    shown = std::move(change);
    co_await context.loop().sleep_for(1s);
  }
}

int watch_status(Context& context, Session& session) {
  auto ended = run_interruptible(context, watch_traffic(context, session), "stopped");
  return ended || ended.error().code == "E_INTERRUPTED" ? exit_ok : context.fail(ended.error());
}

int status(Context& context, const Args& args) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  if (args.has("watch")) return watch_status(context, **session);
  Result<Status> looked = context.run(look(context, **session));
  if (!looked) return context.fail(looked.error());
  const Found& found = looked->found;
  Output& out = context.out();
  json::array instances;
  out.line(fmt::format("fleet     {}  {} of {} instances", found.facts.fleet_group, looked->group.instances.size(), looked->group.desired_capacity));
  for (const auto& instance : looked->group.instances) {
    std::string health = "not registered";
    for (const auto& target : looked->targets)
      if (target.target.id == instance.instance_id) health = target.target_health.state;
    out.line(fmt::format("          {}  {}  {}  {}", instance.instance_id, instance.availability_zone, instance.lifecycle_state,
                         out.paint(health, health == "healthy" ? "green" : "yellow")));
    instances.push_back(json::object{{"id", instance.instance_id}, {"zone", instance.availability_zone}, {"state", instance.lifecycle_state}, {"health", health}});
  }
  json::array retiring;
  for (const auto& group : looked->beside) out.line(fmt::format("  beside  {}  {} of {} instances", group.auto_scaling_group_name, group.instances.size(), group.desired_capacity));
  for (const auto& group : looked->retiring) {
    out.line(fmt::format("  going   {}  {} instances left", group.auto_scaling_group_name, group.instances.size()));
    retiring.emplace_back(group.auto_scaling_group_name);
  }
  std::string weights;
  if (looked->alias.routing_config)
    for (const auto& [version, weight] : looked->alias.routing_config->additional_version_weights) weights += fmt::format(", {:.0f} % to version {}", weight * 100, version);
  out.line(fmt::format("function  alias {} at version {}{}", looked->alias.name, looked->alias.function_version, weights));
  std::string serving = found.current ? fmt::format("{} {} (release {})", found.current->version, short_image(found.current->image), found.current->id) : "nothing yet";
  out.line("serving   " + serving);
  std::string balancer = fmt::format("http://{}:{}", found.facts.balancer_dns, (*session)->config.integer("balancer.port"));
  out.line(fmt::format("urls      {}  {}", balancer, found.facts.function_url));
  if (found.lock) out.line(fmt::format("locked    by {} since {} for {} ({})", found.lock->holder, to_iso8601(found.lock->since), found.lock->release_id, found.lock->reason));
  for (const std::string& line : deploy::traffic_lines(looked->traffic)) out.line(line);
  json::object document{{"fleet_group", found.facts.fleet_group}, {"fleet_groups", 1 + looked->beside.size()}, {"retiring_groups", retiring}, {"instances", instances}, {"alias_version", looked->alias.function_version},
                        {"alias_split", !weights.empty()}, {"balancer_url", balancer}, {"function_url", found.facts.function_url}, {"locked", found.lock.has_value()},
                        {"traffic", deploy::traffic_document(looked->traffic)}};
  if (found.current) document["serving"] = json::object{{"version", found.current->version}, {"image", found.current->image}, {"release", found.current->id}};
  if (out.json()) out.result(document, "");
  return exit_ok;
}

io::Task<Result<std::vector<deploy::Release>>> read_history(Context& context, Session& session, size_t limit) {
  CO_TRY(deploy::StackFacts facts, co_await look_at_stack(context.loop(), *session.client, session.config));
  deploy::Journal journal(*session.client, facts.bucket);
  CO_TRY(auto ids, co_await journal.list());
  if (ids.size() > limit) ids.resize(limit);
  std::vector<deploy::Release> releases;
  for (const std::string& id : ids) {
    CO_TRY(auto release, co_await journal.read(id));
    if (release) releases.push_back(std::move(*release));
  }
  co_return releases;
}

int history(Context& context, const Args& args) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  auto limit = parse_int(args.get("limit", "20")).value_or(20);
  auto releases = context.run(read_history(context, **session, static_cast<size_t>(std::clamp<int64_t>(limit, 1, 1000))));
  if (!releases) return context.fail(releases.error());
  for (const deploy::Release& release : *releases) {
    if (context.out().json()) {
      context.out().result(to_json(release), "");
      continue;
    }
    const char* colour = release.phase == "released" ? "green" : release.phase == "reverted" ? "yellow" : release.phase == "stuck" ? "red" : "bold";
    std::string took = release.ended > release.began ? human_duration(release.ended - release.began) : "under way";
    context.out().line(fmt::format("{}  {:<9}  {:<8}  {:>9}  {}{}", release.id, context.out().paint(release.phase, colour), release.version, took, short_image(release.image),
                                   release.reason.empty() ? "" : "  " + release.reason));
  }
  return exit_ok;
}

io::Task<Result<std::string>> run_unlock(Context& context, Session& session) {
  CO_TRY(Found found, co_await find_releases(context, session));
  if (!found.lock) co_return fail("E_NOT_FOUND", "nobody holds the lock");
  if (found.running && !deploy::is_over(*found.running))
    co_return fail("E_LOCKED", fmt::format("release {} is not over: `pds watch` takes it up, `pds abort` goes back; both give the lock back", found.running->id));
  deploy::Journal journal(*session.client, found.facts.bucket);
  CO_CHECK(co_await journal.unlock());
  co_return found.lock->holder;
}

int unlock(Context& context, const Args& args) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  auto holder = context.run(run_unlock(context, **session));
  if (!holder) return context.fail(holder.error());
  context.out().result(json::object{{"holder", *holder}}, "The lock of " + *holder + " is gone.");
  return exit_ok;
}

}  // namespace

Command deploy_command() {
  return {.name = "deploy", .summary = "releases an image to the fleet and the function: both or neither",
          .description = "Verifies the image, then moves the fleet blue/green and the function by its canary, watched by the guardrail. Exit 4: refused by a gate,\n"
                         "nothing was touched; 5: went back; 6: could not go back. Ctrl-C detaches.",
          .flags = with_config_flags({}), .positionals = {{"image", "a tag or digest in the stack's registry; a tag is turned into its digest first", true}}, .run = deploy_image};
}
Command watch_command() {
  return {.name = "watch", .summary = "follows the release that is under way, or takes it up when nobody runs it", .flags = with_config_flags({}), .run = watch};
}
Command status_command() {
  return {.name = "status", .summary = "shows what serves, how healthy it is, and what goes through the balancer",
          .flags = with_config_flags({{"--watch", "", "the balancer's table only, once a second, until Ctrl-C"}}), .run = status};
}
Command history_command() {
  return {.name = "history", .summary = "lists releases, newest first", .flags = with_config_flags({{"-n,--limit", "N", "how many", "20"}}), .run = history};
}
Command abort_command() {
  return {.name = "abort", .summary = "stops the release that is under way and goes back", .flags = with_config_flags({}), .run = abort_release};
}
Command rollback_command() {
  return {.name = "rollback", .summary = "releases what was released before the present release", .flags = with_config_flags({}), .run = rollback};
}
Command unlock_command() {
  return {.name = "unlock", .summary = "removes a lock whose release is over", .flags = with_config_flags({}), .run = unlock};
}

}  // namespace pds::cli
