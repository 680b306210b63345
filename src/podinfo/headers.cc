#include <map>
#include <vector>

#include "base/text.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

// "x-api-version" is "X-Api-Version".
std::string canonical(std::string_view name) {
  std::string out = to_lower(name);
  bool first = true;
  for (char& c : out) {
    if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    first = c == '-';
  }
  return out;
}

}  // namespace

http::Response headers(App& app, const Call& call) {
  std::map<std::string, std::vector<std::string>> sorted;
  for (auto [name, value] : call.head.headers) {
    if (!iequals(name, "host")) sorted[canonical(name)].emplace_back(value);
  }
  // podinfo sets these two on the request, whatever the client sent.
  sorted["X-Api-Version"] = {app.parts().release.version};
  sorted["X-Api-Revision"] = {app.parts().release.revision};
  json::object out;
  for (const auto& [name, values] : sorted) {
    json::array list;
    for (const std::string& value : values) list.emplace_back(value);
    out[name] = std::move(list);
  }
  return document(200, std::move(out));
}

}  // namespace pds::podinfo
