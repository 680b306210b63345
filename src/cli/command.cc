#include "cli/command.h"

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/context.h"

// CLI11 is seen here only: it is the dearest header we have.

namespace pds::cli {
namespace {

std::string long_name(const std::string& flag) {
  size_t at = flag.find("--");
  return flag.substr(at + 2);
}

struct Bound {
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, bool> switches;
};

void add_command(CLI::App& parent, const Command& command, const Command*& chosen, std::shared_ptr<Bound>& chosen_values) {
  CLI::App* app = parent.add_subcommand(command.name, command.summary);
  if (command.hidden) app->group("");
  if (!command.description.empty()) app->footer("\n" + command.description);
  auto bound = std::make_shared<Bound>();
  for (const Flag& flag : command.flags) {
    std::string name = long_name(flag.name);
    if (flag.value.empty()) {
      app->add_flag(flag.name, bound->switches[name], flag.help);
      continue;
    }
    std::string help = flag.fallback.empty() ? flag.help : flag.help + " [" + flag.fallback + "]";
    auto* option = app->add_option(flag.name, bound->values[name], help)->type_name(flag.value);
    option->expected(1);
    if (flag.repeated) option->expected(1, 1000)->take_all()->allow_extra_args(false);
    else option->take_last();
  }
  for (const Positional& positional : command.positionals) {
    auto* option = app->add_option(positional.name, bound->values[positional.name], positional.help)->type_name("");
    if (positional.required) option->required();
    option->expected(1);
    if (positional.repeated) option->expected(positional.required ? 1 : 0, 1000);
  }
  for (const Command& child : command.children) add_command(*app, child, chosen, chosen_values);
  if (!command.children.empty()) app->require_subcommand(1);
  if (command.run) {
    app->callback([&command, &chosen, &chosen_values, bound] {
      chosen = &command;
      chosen_values = bound;
    });
  }
}

Args to_args(const Command& command, const Bound& bound) {
  Args args;
  for (const auto& [name, values] : bound.values)
    if (!values.empty()) args.set(name, values);
  for (const auto& [name, on] : bound.switches)
    if (on) args.set(name, {"true"});
  for (const Flag& flag : command.flags) {
    std::string name = long_name(flag.name);
    if (!args.has(name) && !flag.fallback.empty()) args.set(name, {flag.fallback});
  }
  return args;
}

}  // namespace

std::string Args::get(const std::string& name, const std::string& fallback) const {
  auto it = values_.find(name);
  return it == values_.end() || it->second.empty() ? fallback : it->second.back();
}

const std::vector<std::string>& Args::all(const std::string& name) const {
  static const std::vector<std::string> none;
  auto it = values_.find(name);
  return it == values_.end() ? none : it->second;
}

int run_command_line(const std::vector<Command>& commands, int argc, char** argv, Context& context) {
  CLI::App app{"pds: deploys podinfo to a function and a fleet, blue/green, on this machine's own cloud or on AWS", "pds"};
  app.set_version_flag("--version", context.version());
  app.require_subcommand(1);
  app.footer(
      "\nStart here:  pds cloud start;  eval \"$(pds env)\";  pds up;  pds deploy <image@digest>\n"
      "Exit codes:  0 ok, 1 failed, 2 usage, 3 changes, 4 refused by a gate, 5 rolled back, 6 needs a person, 7 locked, 8 timed out, 9 not found");
  context.set_commands(commands);
  const Command* chosen = nullptr;
  std::shared_ptr<Bound> values;
  for (const Command& command : commands) add_command(app, command, chosen, values);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {
    return app.exit(asked);   // --help, --version
  } catch (const CLI::ParseError& problem) {
    app.exit(problem);
    return exit_usage;
  }
  return chosen->run(context, to_args(*chosen, *values));
}

}  // namespace pds::cli
