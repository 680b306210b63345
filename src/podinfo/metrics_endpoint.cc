#include "podinfo/data_metrics.h"
#include "podinfo/endpoints.h"
#include "podinfo/metrics_listener.h"

namespace pds::podinfo {
namespace {

std::string all_metrics(App& app) {
  std::string text = app.metrics().text(app.started());
  if (const DataTier* data = app.parts().data) text += data_metrics_text(*data);
  return text;
}

}  // namespace

http::Response metrics_text(App& app, const Call&) {
  return http::Response::text(200, all_metrics(app), Metrics::content_type);
}

// Always 200: the listener is there or it is not.
io::Task<void> MetricsListener::serve(http::ServerRequest& request, http::Responder& responder) {
  std::string_view path = request.head.path();
  http::Response response = http::Response::text(404, "404 page not found\n");
  if (path == "/metrics") response = http::Response::text(200, all_metrics(app_), Metrics::content_type);
  if (path == "/healthz") response = http::Response::text(200, "OK");
  [[maybe_unused]] Result<void> sent = co_await responder.send(response.head, response.body);
}

}  // namespace pds::podinfo
