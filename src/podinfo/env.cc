#include "base/text.h"
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

http::Response env(App& app, const Call&) {
  json::array list;
  for (const std::string& entry : app.parts().environment) {
    std::string name = entry.substr(0, entry.find('='));
    list.emplace_back(is_sensitive(name) ? name + "=***" : entry);
  }
  return document(200, std::move(list));
}

}  // namespace pds::podinfo
