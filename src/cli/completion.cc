#include <fmt/core.h>

#include "base/text.h"
#include "cli/command.h"

namespace pds::cli {
namespace {

struct Words {
  std::string path;      // "cloud start"
  std::string words;     // what may follow
};

void collect(const std::vector<Command>& commands, const std::string& path, std::vector<Words>& out) {
  std::string names;
  for (const Command& command : commands)
    if (!command.hidden) names += command.name + " ";
  if (path.empty()) out.push_back({path, names + "--help --version"});
  for (const Command& command : commands) {
    if (command.hidden) continue;
    std::string here = path.empty() ? command.name : path + " " + command.name;
    std::string words;
    for (const Command& child : command.children) words += child.name + " ";
    for (const Flag& flag : command.flags) words += flag.name.substr(flag.name.find("--")) + " ";
    out.push_back({here, words + "--help"});
    collect(command.children, here, out);
  }
}

std::string bash_script(const std::vector<Words>& table) {
  std::string script =
      "_pds() {\n"
      "  local path=\"\" word\n"
      "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
      "    case \"$word\" in -*) ;; *) path=\"${path:+$path }$word\" ;; esac\n"
      "  done\n"
      "  local words=\"\"\n"
      "  case \"$path\" in\n";
  for (const Words& row : table) script += fmt::format("    \"{}\") words=\"{}\" ;;\n", row.path, row.words);
  return script +
         "  esac\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "  [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
         "}\n"
         "complete -F _pds pds\n";
}

std::string fish_script(const std::vector<Words>& table) {
  std::string script = "complete -c pds -f\n";
  for (const Words& row : table) {
    std::string condition = row.path.empty() ? "__fish_use_subcommand" : "__fish_seen_subcommand_from " + row.path;
    for (std::string_view word : split(trim(row.words), ' ')) {
      if (word.starts_with("--")) script += fmt::format("complete -c pds -n '{}' -l {}\n", condition, word.substr(2));
      else if (!word.empty()) script += fmt::format("complete -c pds -n '{}' -a {}\n", condition, word);
    }
  }
  return script;
}

}  // namespace

Result<std::string> completion_script(const std::vector<Command>& commands, const std::string& shell) {
  std::vector<Words> table;
  collect(commands, "", table);
  if (shell == "bash") return bash_script(table);
  if (shell == "zsh") return "autoload -U +X bashcompinit && bashcompinit\n" + bash_script(table);
  if (shell == "fish") return fish_script(table);
  return fail("E_USAGE", fmt::format("no completion for '{}'; there is one for bash, zsh and fish", shell));
}

}  // namespace pds::cli
