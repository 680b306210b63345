#include "podinfo/app.h"

#include <fmt/format.h>

#include "base/text.h"
#include "http/parser.h"
#include "io/time_limit.h"
#include "podinfo/backends.h"
#include "podinfo/document.h"
#include "podinfo/info.h"
#include "podinfo/page.h"
#include "podinfo/request_trace.h"
#include "podinfo/router.h"
#include "podinfo/whole_answer.h"

namespace pds::podinfo {
namespace {

constexpr size_t correlation_id_bytes_max = 128;

http::Response moved(std::string_view location) {
  http::Response response = empty(301);
  std::string escaped;
  for (char c : location) {
    if (static_cast<unsigned char>(c) < 0x80) {
      escaped += c;
    } else {
      fmt::format_to(std::back_inserter(escaped), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  response.head.headers.add("Location", escaped);
  return response;
}

// What a body's failure is called in Go, for those who look for it.
std::string_view go_words(const Error& error) {
  if (error.code == "E_TOO_LARGE") return "http: request body too large";
  if (error.code == "E_CLOSED") return "unexpected EOF";
  if (error.code == "E_TIMEOUT") return "i/o timeout";
  return error.message;
}

http::Response malformed() {
  http::Response response = http::Response::text(400, "400 Bad Request");
  response.head.headers.add("Connection", "close");
  return response;
}

http::Response wrong_method(unsigned allowed, bool hints) {
  http::Response response = empty(405);
  if (!hints) return response;
  std::string text;
  constexpr std::pair<unsigned, std::string_view> names[] = {{method_get, "GET, HEAD"}, {method_post, "POST"}, {method_put, "PUT"}, {method_delete, "DELETE"}};
  for (const auto& [bit, name] : names) {
    if (allowed & bit) text.append(text.empty() ? "" : ", ").append(name);
  }
  response.head.headers.add("Allow", text);
  return response;
}

http::Response unmatched(const Route& route, std::string_view method, bool hints) {
  switch (route.outcome) {
    case Route::Outcome::moved:
      return moved(route.moved_to);
    case Route::Outcome::wrong_method:
      return wrong_method(route.allowed, hints);
    case Route::Outcome::malformed:
      return malformed();
    case Route::Outcome::server_wide:
      return empty(method == "OPTIONS" ? 200 : 405);
    default:
      return plain_error(404, "404 page not found\n");
  }
}

io::Task<Result<int>> outcome_of(io::Task<int> task) { co_return co_await task; }

http::Response broken() { return plain_error(500, "{\"status\":\"this release is broken on purpose\"}\n"); }
http::Response injected() { return plain_error(500, "{\"status\":\"fault injection enabled\"}\n"); }

}  // namespace

App::App(AppParts parts)
    : parts_(std::move(parts)),
      router_(std::make_unique<Router>(parts_.options.prefix, parts_.options.method_hints)),
      backends_(std::make_unique<Backends>(parts_.loop, parts_.logger, parts_.options, parts_.release, ProxySettings(parts_.environment))),
      started_(parts_.clock.now()) {
  documents_ = {info_document(*this), version_document(parts_.release), make_page(*this)};
  if (parts_.secrets) parts_.secrets->on_first_load([this] { settle_readiness(); });
}

App::~App() = default;

void App::set_ready(bool ready) {
  wants_ready_ = ready;
  settle_readiness();
}

void App::settle_readiness() {
  bool ready = wants_ready_ && !(parts_.secrets && !parts_.secrets->current());
  if (ready && !ready_) ready_since_ = parts_.loop.now();
  ready_ = ready;
  if (readiness_follower_) readiness_follower_(ready);
}

void App::follow_readiness(std::function<void(bool)> follower) {
  readiness_follower_ = std::move(follower);
  if (readiness_follower_) readiness_follower_(ready_);
}

void App::set_invocation(std::string id, std::string function_arn) {
  invocation_id_ = std::move(id);
  function_arn_ = std::move(function_arn);
}

std::string App::unready_reason() const {
  if (ready_) return "";
  if (!wants_ready_) return "disabled";
  const std::string& error = parts_.secrets->last_error();
  return error.empty() ? "the secret has not been loaded yet" : "the secret could not be loaded: " + error;
}

std::string App::greeting() const {
  return parts_.options.ui_message.value_or("greetings from podinfo v" + parts_.release.version);
}

// A broken release shows only under traffic, and only once it has been found ready: a probe alone does not find it.
bool App::breaks_now() {
  const std::optional<Fault>& fault = parts_.release.fault;
  if (!fault || !ready_ || parts_.loop.now() - ready_since_ < fault->after) return false;
  constexpr uint64_t scale = 1'000'000;
  return static_cast<double>(parts_.random.below(scale)) < fault->error_ratio * scale;
}

// A whole number of units, from the least up to but not including the most.
Duration App::random_delay() {
  const Options& options = parts_.options;
  auto range = static_cast<uint64_t>(int64_t{options.random_delay_max} - options.random_delay_min);
  auto units = options.random_delay_min + static_cast<int64_t>(range ? parts_.random.below(range) : 0);
  return options.random_delay_unit == "ms" ? Duration(std::chrono::milliseconds(units)) : Duration(std::chrono::seconds(units));
}

std::string App::correlation_id_of(const http::RequestHead& head) {
  std::string_view given = head.headers.find("x-correlation-id").value_or("");
  auto is_visible = [](char c) { return c > ' ' && c < 0x7f; };
  if (!given.empty() && given.size() <= correlation_id_bytes_max && std::ranges::all_of(given, is_visible)) return std::string(given);
  return parts_.random.uuid();
}

void App::mark(http::ResponseHead& head, const std::string& correlation_id) const {
  head.headers.set("X-Correlation-ID", correlation_id);
  head.headers.set("X-Podinfo-Version", parts_.release.version);
}

bool App::is_late(const Call& call) const {
  return parts_.loop.now() >= call.deadline;  // of this turn: whoever was late has waited for it
}

io::Task<void> App::pause(const Call& call, Duration duration) {
  co_await parts_.loop.sleep_until(std::min(parts_.loop.exact_now() + duration, call.deadline));
}

io::Task<int> App::send(const Call& call, http::Response response, http::Responder& responder) {
  if (is_late(call)) {
    responder.drop();
    co_return response.head.status;
  }
  mark(response.head, call);
  if (call.trace) call.trace->note(response);
  if (parts_.options.real_status && response.head.status == 200) {
    if (std::optional<ErrorDocument> error = read_error_document(response)) response.head.status = error->code;
  }
  // A peer that has gone before its answer is nothing that could be done anything about.
  [[maybe_unused]] Result<void> sent = co_await responder.send(response.head, response.body);
  co_return response.head.status;
}

io::Task<int> App::run(const Endpoint& endpoint, Call& call, http::ServerRequest& request, http::Responder& responder) {
  const Options& options = parts_.options;
  if (fault_injection_ && !(endpoint.traits & fault_free)) co_return co_await send(call, injected(), responder);
  if (options.random_delay) co_await pause(call, random_delay());
  if (options.random_error && parts_.random.below(3) == 0) {
    constexpr int errors[] = {500, 400, 409};
    co_return co_await send(call, empty(errors[parts_.random.below(3)]), responder);
  }
  if (!(endpoint.traits & is_probe) && breaks_now()) co_return co_await send(call, broken(), responder);
  if (call.trace) call.trace->begin_handler();
  co_return co_await run_endpoint(endpoint, call, request, responder);
}

io::Task<int> App::run_endpoint(const Endpoint& endpoint, Call& call, http::ServerRequest& request, http::Responder& responder) {
  if (const auto* stream = std::get_if<Endpoint::Stream>(&endpoint.handler))
    co_return co_await (*stream)(*this, call, request, responder);
  if (endpoint.traits & takes_body) {
    Result<std::string> whole = co_await http::read_all(request.body, body_bytes_max);
    if (!whole) {
      parts_.logger.error("reading the request body failed",
                          {{"correlation_id", call.correlation_id}, {"error", go_words(whole.error())}});
      bool too_large = whole.error().code == "E_TOO_LARGE";
      co_return co_await send(
          call, too_large ? error_document(413, "request body too large") : error_document(400, "invalid request body"), responder);
    }
    call.body = *std::move(whole);
  }
  if (const auto* wait = std::get_if<Endpoint::Wait>(&endpoint.handler))
    co_return co_await send(call, co_await (*wait)(*this, call), responder);
  co_return co_await send(call, std::get<Endpoint::Answer>(endpoint.handler)(*this, call), responder);
}

// No endpoint outlasts the time of who waits for it, whatever it waits for itself.
io::Task<int> App::run_in_time(const Endpoint& endpoint, Call& call, http::ServerRequest& request, http::Responder& responder) {
  bool may_wait = !std::holds_alternative<Endpoint::Answer>(endpoint.handler);
  Result<int> status = 0;
  if (may_wait) {
    status = co_await io::within(parts_.loop, call.deadline, outcome_of(run(endpoint, call, request, responder)));
  } else {
    status = co_await run(endpoint, call, request, responder);
  }
  if (responder.started()) co_return status.value_or(200);  // what has begun has said its status
  call.deadline = MonoTime::max();
  co_return co_await send(call, http::Response::text(504, "there was no answer in time\n"), responder);
}

io::Task<void> App::serve(http::ServerRequest& request, http::Responder& responder) {
  return handle(MonoTime::max(), false, request, responder);
}

io::Task<void> App::serve_until(MonoTime deadline, http::ServerRequest& request, http::Responder& responder) {
  return handle(deadline, true, request, responder);
}

io::Task<void> App::handle(MonoTime deadline, bool is_awaited, http::ServerRequest& request, http::Responder& responder) {
  Call call{request.head, "", "", correlation_id_of(request.head), parts_.loop.exact_now(), deadline};
  Duration limit = parts_.options.http_server_timeout;
  if (limit > 0s) call.deadline = std::min(deadline, call.began + limit);
  Route route = router_->find(request.head);
  if (parts_.options.hide_settings && route.endpoint && route.endpoint->traits & tells_settings) route = Route();
  int status = 0;
  std::optional<RequestTrace> trace;
  if (route.endpoint) {
    call.argument = std::move(route.argument);
    if (parts_.tracer)
      call.trace = &trace.emplace(*parts_.tracer, *route.endpoint, parts_.options.otel_service_name, prefix(), call, request);
    if (trace && !invocation_id_.empty()) trace->set_invocation(invocation_id_, function_arn_);
    log_start(call, request);
    status = co_await (is_awaited ? run_in_time(*route.endpoint, call, request, responder) : run(*route.endpoint, call, request, responder));
  } else {
    if (is_awaited) call.deadline = MonoTime::max();  // it is there at once
    status = co_await send(call, unmatched(route, request.head.method, parts_.options.method_hints), responder);
  }
  Duration took = std::chrono::duration_cast<Duration>(parts_.loop.exact_now() - call.began);
  if (route.endpoint || parts_.options.count_unmatched)
    metrics_.count(request.head.method, route.endpoint ? route.label : "unmatched", status, took);
  if (trace) trace->end(status);
  log_end(call, route.endpoint, status, took);
}

io::Task<http::Response> App::answer(const http::RequestHead& head, http::Body& body, MonoTime deadline) {
  http::ServerRequest request{head, body, "lambda"};
  WholeAnswer whole;
  co_await serve_until(deadline, request, whole);
  co_return std::move(whole).take();
}

void App::log_start(const Call& call, const http::ServerRequest& request) const {
  if (parts_.options.level != LogLevel::debug) return;
  const http::RequestHead& head = call.head;
  std::string_view protocol = head.version_major == 2 ? "HTTP/2.0" : head.version_minor == 0 ? "HTTP/1.0" : "HTTP/1.1";
  std::string_view agent = head.headers.find("user-agent").value_or("");
  if (call.trace)
    return parts_.logger.debug("request started", {{"proto", protocol},
                                                   {"uri", head.target},
                                                   {"method", head.method},
                                                   {"remote", request.peer},
                                                   {"user-agent", agent},
                                                   {"correlation_id", call.correlation_id},
                                                   {"trace_id", call.trace->trace_id()},
                                                   {"span_id", call.trace->span_id()}});
  parts_.logger.debug("request started", {{"proto", protocol},
                                          {"uri", head.target},
                                          {"method", head.method},
                                          {"remote", request.peer},
                                          {"user-agent", agent},
                                          {"correlation_id", call.correlation_id}});
}

void App::log_end(const Call& call, const Endpoint* endpoint, int status, Duration took) const {
  if (!parts_.options.access_log && (!endpoint || parts_.options.level != LogLevel::debug)) return;
  LogLevel level = parts_.options.access_log ? LogLevel::info : LogLevel::debug;
  double seconds = std::chrono::duration<double>(took).count();
  if (call.trace)
    return parts_.logger.log(level, "request served", {{"correlation_id", call.correlation_id},
                                                       {"method", call.head.method},
                                                       {"path", call.head.path()},
                                                       {"status", status},
                                                       {"duration", seconds},
                                                       {"trace_id", call.trace->trace_id()},
                                                       {"span_id", call.trace->span_id()}});
  parts_.logger.log(level, "request served", {{"correlation_id", call.correlation_id},
                                              {"method", call.head.method},
                                              {"path", call.head.path()},
                                              {"status", status},
                                              {"duration", seconds}});
}

}  // namespace pds::podinfo
