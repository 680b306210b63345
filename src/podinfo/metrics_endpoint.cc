#include "podinfo/endpoints.h"

namespace pds::podinfo {

http::Response metrics_text(App& app, const Call&) {
  return http::Response::text(200, app.metrics().text(app.started()),
                              "text/plain; version=0.0.4; charset=utf-8; escaping=underscores");
}

}  // namespace pds::podinfo
