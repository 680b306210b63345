#include "podinfo/endpoints.h"
#include "podinfo/metrics_listener.h"

namespace pds::podinfo {

http::Response metrics_text(App& app, const Call&) {
  return http::Response::text(200, app.metrics().text(app.started()), Metrics::content_type);
}

// Always 200: the listener is there or it is not.
io::Task<void> MetricsListener::serve(http::ServerRequest& request, http::Responder& responder) {
  std::string_view path = request.head.path();
  http::Response response = http::Response::text(404, "404 page not found\n");
  if (path == "/metrics") response = http::Response::text(200, app_.metrics().text(app_.started()), Metrics::content_type);
  if (path == "/healthz") response = http::Response::text(200, "OK");
  [[maybe_unused]] Result<void> sent = co_await responder.send(response.head, response.body);
}

}  // namespace pds::podinfo
