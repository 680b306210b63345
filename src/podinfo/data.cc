#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {

// A document of the kind a real service would read from its database: fixed, so that callers can check what they get.
http::Response data(App& app, const Call&) {
  json::array items;
  constexpr const char* names[] = {"anemone", "begonia", "camellia", "dahlia", "erica"};
  int id = 0;
  for (const char* name : names) {
    ++id;
    items.push_back(json::object{{"id", id}, {"name", name}, {"quantity", id * 7}, {"available", id % 2 == 1}});
  }
  int64_t count = static_cast<int64_t>(items.size());
  return document(200, json::object{{"version", app.parts().release.version}, {"count", count}, {"items", std::move(items)}});
}

}  // namespace pds::podinfo
