#include "podinfo/app.h"

#include "base/text.h"
#include "http/parser.h"
#include "podinfo/document.h"
#include "podinfo/router.h"

namespace pds::podinfo {
namespace {

constexpr size_t correlation_id_bytes_max = 128;

http::Response not_found() {
  http::Response response = http::Response::text(404, "404 page not found\n");
  response.head.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

http::Response moved(const std::string& location) {
  http::Response response = empty(301);
  response.head.headers.add("Location", location);
  return response;
}

http::Response broken() {
  http::Response response = http::Response::text(500, "{\"status\":\"this release is broken on purpose\"}\n");
  response.head.headers.add("X-Content-Type-Options", "nosniff");
  return response;
}

io::Task<http::Response> run_endpoint(App& app, const Endpoint& endpoint, Call& call, http::Body& body) {
  if (endpoint.takes_body) {
    Result<std::string> whole = co_await http::read_all(body, body_bytes_max);
    if (!whole && whole.error().code == "E_TOO_LARGE") co_return error_document(413, "request body too large");
    if (!whole) co_return error_document(400, "invalid request body");
    call.body = *std::move(whole);
  }
  if (endpoint.wait) co_return co_await endpoint.wait(app, call);
  co_return endpoint.answer(app, call);
}

}  // namespace

App::App(AppParts parts) : parts_(std::move(parts)), started_(parts_.clock.now()) {}

void App::set_ready(bool ready) {
  if (ready && !ready_) ready_since_ = parts_.loop.now();
  ready_ = ready;
}

std::string App::greeting() const {
  return parts_.options.ui_message.empty() ? "greetings from podinfo v" + parts_.release.version : parts_.options.ui_message;
}

// A broken release shows only under traffic, and only once it has been found ready: a probe alone does not find it.
bool App::breaks_now() {
  const std::optional<Fault>& fault = parts_.release.fault;
  if (!fault || !ready_ || parts_.loop.now() - ready_since_ < fault->after) return false;
  constexpr uint64_t scale = 1'000'000;
  return static_cast<double>(parts_.random.below(scale)) < fault->error_ratio * scale;
}

std::string App::correlation_id_of(const http::RequestHead& head) {
  std::string_view given = head.headers.find("x-correlation-id").value_or("");
  if (given.size() <= correlation_id_bytes_max && http::is_token(given)) return std::string(given);
  return parts_.random.uuid();
}

io::Task<http::Response> App::answer(const http::RequestHead& head, http::Body& body) {
  MonoTime begin = std::chrono::steady_clock::now();
  Call call{head, "", "", correlation_id_of(head)};
  Route route = find_route(head);
  http::Response response;
  if (!route.moved_to.empty()) {
    response = moved(route.moved_to);
  } else if (!route.endpoint) {
    response = route.wrong_method ? empty(405) : not_found();
  } else {
    call.argument = std::move(route.argument);
    if (!route.endpoint->is_probe && breaks_now()) {
      response = broken();
    } else {
      response = co_await run_endpoint(*this, *route.endpoint, call, body);
    }
    metrics_.count(head.method, route.endpoint->label, response.head.status,
                   std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begin));
  }
  response.head.headers.set("X-Correlation-ID", call.correlation_id);
  response.head.headers.set("X-Podinfo-Version", parts_.release.version);
  LogLevel level = response.head.status >= 500 && !(route.endpoint && route.endpoint->is_probe) ? LogLevel::warn : LogLevel::debug;
  parts_.logger.log(level, "request served",
                    {{"correlation_id", call.correlation_id},
                     {"method", head.method},
                     {"path", head.path()},
                     {"status", response.head.status},
                     {"duration", std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count()}});
  co_return response;
}

io::Task<void> App::serve(http::ServerRequest& request, http::Responder& responder) {
  http::Response response = co_await answer(request.head, request.body);
  // A peer that has gone before its answer is nothing that could be done anything about.
  [[maybe_unused]] Result<void> sent = co_await responder.send(response.head, response.body);
}

}  // namespace pds::podinfo
