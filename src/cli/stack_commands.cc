// config, plan, up, down: the stack itself.
#include <fmt/core.h>
#include <unistd.h>

#include <iostream>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "deploy/journal.h"

namespace pds::cli {
namespace {

const char* sign_of(deploy::ChangeAction action) {
  return action == deploy::ChangeAction::create ? "+" : action == deploy::ChangeAction::update ? "~" : "-";
}
const char* word_of(deploy::ChangeAction action) {
  return action == deploy::ChangeAction::create ? "create" : action == deploy::ChangeAction::update ? "update" : "remove";
}

json::object to_json(const deploy::Change& change) {
  return {{"action", word_of(change.action)}, {"kind", change.kind}, {"name", change.name}, {"why", change.why}};
}

std::string to_line(const Output& out, const deploy::Change& change) {
  const char* colour = change.action == deploy::ChangeAction::create ? "green" : change.action == deploy::ChangeAction::update ? "yellow" : "red";
  return fmt::format("  {} {} {}{}", out.paint(sign_of(change.action), colour), change.kind, change.name, change.why.empty() ? "" : "  (" + change.why + ")");
}

// A digest for functions that are new: the bootstrap tag's, if it is there and verifies.
io::Task<Result<std::string>> bootstrap_image(Context& context, Session& session, std::string given) {
  auto access = co_await open_registry(context.loop(), *session.client, session.config, false);
  if (!access) {
    if (access.error().code == "E_NOT_FOUND") co_return std::string();
    co_return std::unexpected(access.error());
  }
  auto image = co_await resolve_image(*access, given.empty() ? session.config.text("image.bootstrap") : given);
  if (!image) {
    if (given.empty() && image.error().code == "E_NOT_FOUND") co_return std::string();
    co_return std::unexpected(image.error());
  }
  CO_TRY(trust::Verdict verdict, co_await check_image(*access, *image, session.config));
  if (!verdict.passed)
    co_return fail("E_GATE", fmt::format("the image {} may not be deployed: {} {}", short_image(image->text()), verdict.first_failure()->code, verdict.first_failure()->detail));
  co_return image->text();
}

io::Task<Result<std::vector<deploy::Change>>> walk(Context& context, Session& session, std::string image, deploy::StackWalk::Mode mode,
                                                   deploy::StackWalk::OnChange on_change, deploy::StackFacts& facts) {
  CO_TRY(std::string bootstrap, co_await bootstrap_image(context, session, std::move(image)));
  deploy::StackWalk walk(context.loop(), *session.client, session.config, bootstrap, std::move(on_change));
  auto changes = co_await walk.run(mode);
  facts = walk.facts();
  co_return changes;
}

bool confirmed(Context& context, const Args& args, const std::string& question) {
  if (args.has("yes") || !::isatty(STDIN_FILENO)) return args.has("yes") || !context.out().terminal();
  std::string text = question + " [y/N] ";
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
  std::string answer;
  std::getline(std::cin, answer);
  return answer == "y" || answer == "yes";
}

int plan(Context& context, const Args& args) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  deploy::StackFacts facts;
  auto changes = context.run(walk(context, **session, args.get("image"), deploy::StackWalk::Mode::plan, [](const deploy::Change&) {}, facts));
  if (!changes) return context.fail(changes.error());
  json::array list;
  for (const deploy::Change& change : *changes) {
    context.out().line(to_line(context.out(), change));
    list.push_back(to_json(change));
  }
  context.out().result(json::object{{"changes", list}}, changes->empty() ? "Nothing to change." : fmt::format("{} changes. `pds up` makes them.", changes->size()));
  return !changes->empty() && args.has("detailed-exitcode") ? exit_changes : exit_ok;
}

int up(Context& context, const Args& args) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  deploy::StackFacts facts;
  size_t made = 0;
  auto on_change = [&](const deploy::Change& change) {
    ++made;
    context.out().event("change", to_json(change), to_line(context.out(), change));
  };
  auto changes = context.run(walk(context, **session, args.get("image"), deploy::StackWalk::Mode::apply, on_change, facts));
  if (!changes) return context.fail(changes.error(), "mend the cause and run `pds up` again: it goes on where it stopped");
  std::string balancer = fmt::format("http://{}:{}", facts.balancer_dns, (*session)->config.integer("balancer.port"));
  context.out().result(json::object{{"changed", made}, {"balancer_url", balancer}, {"function_url", facts.function_url}, {"fleet_group", facts.fleet_group}},
                       made == 0 ? fmt::format("Nothing to change.\n  balancer  {}\n  function  {}", balancer, facts.function_url)
                                 : fmt::format("{} changes made.\n  balancer  {}\n  function  {}", made, balancer, facts.function_url));
  return exit_ok;
}

int down(Context& context, const Args& args) {
  auto session = open_session(context, args);
  if (!session) return context.fail(session.error());
  if (!confirmed(context, args, fmt::format("Remove everything of the stack '{}'?", (*session)->config.stack())))
    return context.fail(Error{"E_USAGE", "nothing was removed: add --yes to remove without a question"});
  auto on_change = [&](const deploy::Change& change) { context.out().event("change", to_json(change), to_line(context.out(), change)); };
  auto changes = context.run(deploy::tear_down(context.loop(), *(*session)->client, (*session)->config, on_change));
  if (!changes) return context.fail(changes.error(), "mend the cause and run `pds down` again");
  context.out().result(json::object{{"removed", changes->size()}}, fmt::format("{} resources removed. Images stay in the registry.", changes->size()));
  return exit_ok;
}

int config(Context& context, const Args& args) {
  if (Result<void> ok = apply_output(context, args); !ok) return context.fail(ok.error());
  if (args.has("keys")) {
    json::object document;
    for (const deploy::KeyInfo& key : deploy::known_keys()) {
      context.out().line(fmt::format("{:<24} {:<48} {}", key.path, key.required ? "(required)" : key.fallback, key.meaning));
      document[key.path] = key.meaning;
    }
    if (context.out().json()) context.out().result(document, "");
    return exit_ok;
  }
  Result<deploy::Config> loaded = context.config(args);
  if (!loaded) return context.fail(loaded.error());
  json::object document;
  for (const deploy::KeyInfo& key : deploy::known_keys()) {
    const deploy::Value& value = loaded->values().find(key.path)->second;
    std::string text = value.list.empty() ? value.text : join(value.list, ", ");
    context.out().line(fmt::format("{:<24} {:<48} {}", key.path, text, context.out().paint(value.origin, "dim")));
    document[key.path] = json::object{{"value", text}, {"origin", value.origin}};
  }
  if (context.out().json()) context.out().result(document, "");
  return exit_ok;
}

}  // namespace

Command config_command() {
  return {.name = "config", .summary = "shows the configuration, and where each value comes from",
          .flags = with_config_flags({{"--keys", "", "list every key, its default and its meaning"}}), .run = config};
}
Command plan_command() {
  return {.name = "plan", .summary = "shows what `pds up` would change",
          .flags = with_config_flags({{"--image", "IMAGE", "what a new function starts with (image.bootstrap)"},
                                      {"--detailed-exitcode", "", "exit with 3 when there are changes"}}),
          .run = plan};
}
Command up_command() {
  return {.name = "up", .summary = "makes the stack what the configuration says",
          .description = "Looks at everything first and changes only what differs; interrupted, it is simply run again.",
          .flags = with_config_flags({{"--image", "IMAGE", "what a new function starts with (image.bootstrap)"}}), .run = up};
}
Command down_command() {
  return {.name = "down", .summary = "removes the stack", .flags = with_config_flags({{"-y,--yes", "", "without a question"}}), .run = down};
}

}  // namespace pds::cli
