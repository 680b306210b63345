#include "podinfo/env.h"

#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

// Names that promise a secret do not give it away. Key ids and session tokens of the function's own role are among them.
bool is_sensitive(std::string_view name) {
  std::string upper;
  for (char c : name) upper += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  for (std::string_view word : {"SECRET", "TOKEN", "KEY", "PASSWORD", "CREDENTIAL", "DATABASE"}) {
    if (upper.find(word) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> shown_environment(const std::vector<std::string>& environment) {
  std::vector<std::string> out;
  for (const std::string& entry : environment) {
    std::string name = entry.substr(0, entry.find('='));
    out.push_back(is_sensitive(name) ? name + "=***" : entry);
  }
  return out;
}

http::Response env(App& app, const Call&) {
  json::array list;
  for (const std::string& entry : shown_environment(app.parts().environment)) list.emplace_back(entry);
  return document(200, std::move(list));
}

}  // namespace pds::podinfo
