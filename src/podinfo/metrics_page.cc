#include "podinfo/metrics_page.h"

#include <algorithm>
#include <map>

namespace pds::podinfo {

std::string in_name_order(std::string_view page) {
  constexpr std::string_view beginning = "# HELP ";
  constexpr auto lines_of_head = 2;
  std::map<std::string_view, std::string_view> families;
  for (std::string_view rest = page; !rest.empty();) {
    size_t next = rest.find("\n# HELP ");
    std::string_view family = rest.substr(0, next == std::string_view::npos ? next : next + 1);
    std::string_view name = family.substr(std::min(beginning.size(), family.size()));
    name = name.substr(0, name.find(' '));
    if (std::ranges::count(family, '\n') > lines_of_head) families.emplace(name, family);
    rest.remove_prefix(family.size());
  }
  std::string out;
  for (const auto& [name, family] : families) out += family;
  return out;
}

}  // namespace pds::podinfo
