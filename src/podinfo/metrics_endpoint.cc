#include "base/gzip.h"
#include "base/text.h"
#include "podinfo/data_metrics.h"
#include "podinfo/document.h"
#include "podinfo/endpoints.h"
#include "podinfo/go_metrics.h"
#include "podinfo/info.h"
#include "podinfo/metrics_listener.h"
#include "podinfo/metrics_page.h"
#include "podinfo/trace/tracer.h"

namespace pds::podinfo {
namespace {

// "gzip, deflate;q=0.5": whether gzip is in it and not refused by a weight of nothing.
bool accepts_gzip(const http::RequestHead& head) {
  for (std::string_view coding : split(head.headers.find("accept-encoding").value_or(""), ',')) {
    size_t semicolon = std::min(coding.find(';'), coding.size());
    if (!iequals(trim(coding.substr(0, semicolon)), "gzip")) continue;
    std::string_view weight = trim(coding.substr(std::min(semicolon + 1, coding.size())));
    return !weight.starts_with("q=0") || weight.find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

http::Response page(App& app, const http::RequestHead& head) {
  std::string text = go_metrics_text(info_of(app).runtime) + app.metrics().text(app.started());
  if (const DataTier* data = app.parts().data) text += data_metrics_text(*data);
  if (const trace::Tracer* tracer = app.parts().tracer) text += tracer->metrics_text();
  http::Response response = http::Response::text(200, in_name_order(text), Metrics::content_type);
  if (!accepts_gzip(head)) return response;
  response.body = deflate_gzip(response.body);
  response.head.headers.add("Content-Encoding", "gzip");
  return response;
}

}  // namespace

http::Response metrics_text(App& app, const Call& call) { return page(app, call.head); }

// Neither prefix nor faults, and nothing of it is counted. /healthz is always 200: the listener is there or it is not.
io::Task<http::Response> MetricsListener::answer(const http::RequestHead& head) {
  constexpr std::string_view profiles = "/debug/pprof/";
  std::string_view path = head.path();
  if (path == "/metrics") co_return page(app_, head);
  if (path == "/healthz") co_return http::Response::text(200, "OK");
  if (!path.starts_with(profiles)) co_return plain_error(404, "404 page not found\n");
  Call call{head, "", std::string(path.substr(profiles.size())), "", app_.parts().loop.exact_now()};
  co_return co_await pprof_without_prefix(app_, call);
}

io::Task<void> MetricsListener::serve(http::ServerRequest& request, http::Responder& responder) {
  http::Response response = co_await answer(request.head);
  app_.mark_own_answer(request.head, response.head);
  [[maybe_unused]] Result<void> sent = co_await responder.send(response.head, response.body);
}

}  // namespace pds::podinfo
