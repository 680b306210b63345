#include "podinfo/document.h"
#include "podinfo/endpoints.h"

namespace pds::podinfo {
namespace {

http::Response verdict(bool good) { return good ? document_text(200, "{\n  \"status\": \"OK\"\n}") : empty(503); }

}  // namespace

http::Response healthz(App& app, const Call&) { return verdict(app.healthy()); }

http::Response readyz(App& app, const Call&) {
  http::Response response = verdict(app.ready());
  if (!app.ready()) response.head.headers.add("X-Unready-Reason", app.unready_reason());
  return response;
}

http::Response readyz_enable(App& app, const Call&) {
  app.set_ready(true);
  return empty(202);
}

http::Response readyz_disable(App& app, const Call&) {
  app.set_ready(false);
  return empty(202);
}

}  // namespace pds::podinfo
