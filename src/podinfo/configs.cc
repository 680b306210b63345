#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {

http::Response configs(App& app, const Call&) {
  json::object files;
  for (const auto& [name, content] : app.config_files()) files[name] = content;
  return document(200, std::move(files));
}

}  // namespace pds::podinfo
