#include "podinfo/serve.h"

#include <algorithm>

#include "io/time_limit.h"
#include "podinfo/certificate_files.h"
#include "podinfo/lambda_event.h"
#include "podinfo/lambda_runtime.h"
#include "podinfo/metrics_listener.h"
#include "podinfo/streamed_answer.h"
#include "podinfo/trace/tracer.h"
#include "podinfo/whole_answer.h"

namespace pds::podinfo {
namespace {

// The time a balancer needs to see a failing readiness probe. Not with --level=debug, which is how podinfo is run by hand.
constexpr Duration notice_time = 3s;
constexpr Duration secret_patience = 3s;
// What an answer needs to get back to Lambda.
constexpr Duration farewell_time = 100ms;
constexpr Duration telling_time_max = 500ms;

// A body that is all there.
class WholeBody final : public http::Body {
 public:
  explicit WholeBody(std::string_view text) : text_(text), length_(text.size()) {}
  io::Task<Result<std::string_view>> read() override { co_return std::exchange(text_, {}); }
  std::optional<uint64_t> length() const override { return length_; }
  const http::Headers& trailers() const override { return none_; }

 private:
  std::string_view text_;
  uint64_t length_;
  http::Headers none_;
};

http::ServerOptions server_options(const Options& options) {
  constexpr Duration for_ever = 24h;
  Duration limit = options.http_server_timeout > 0s ? options.http_server_timeout : for_ever;
  http::ServerOptions out;
  out.limits.request_line_bytes_max = 64 * 1024;
  out.limits.wide_targets = true;
  out.header_timeout = out.body_timeout = out.write_timeout = limit;
  out.idle_timeout = 2 * limit;
  out.http2_prior_knowledge = options.h2c;
  return out;
}

std::string address_of(const Options& options, const io::Listener& listener) {
  return options.host + ":" + std::to_string(listener.port());
}

// One clock for all of it: what the notice takes, requests in flight no longer have. The notice is never cut short: whoever sends traffic
// takes as long to see it whatever the timeout is.
io::Task<void> shut_down(App& app, http::Server& server, GrpcPort* grpc) {
  const AppParts& parts = app.parts();
  Duration timeout = parts.options.shutdown_timeout;
  MonoTime deadline = parts.loop.exact_now() + timeout;
  app.set_healthy(false);
  app.set_ready(false);
  parts.logger.info("Shutting down HTTP/HTTPS server", {{"timeout", std::chrono::duration<double>(timeout).count()}});
  if (grpc) parts.logger.info("Shutting down GRPC server", {{"timeout", std::chrono::duration<double>(timeout).count()}});
  if (parts.options.level != LogLevel::debug) co_await parts.loop.sleep_for(notice_time);
  app.close_conversations();
  io::TaskSet beside;
  if (grpc) beside.spawn(grpc->stop(deadline));
  bool drained = co_await server.drain(deadline);
  if (!drained) parts.logger.warn("HTTP server graceful shutdown failed", {{"error", "requests were still in flight"}});
  co_await beside.wait_empty();
  if (parts.tracer) [[maybe_unused]]
    auto told = co_await io::within(parts.loop, deadline, parts.tracer->flush(deadline));
}

// A gateway's answer for what would take too long is better than Lambda's end of the whole environment.
MonoTime deadline_of(const App& app, const Invocation& invocation) {
  if (!invocation.deadline) return MonoTime::max();
  const AppParts& parts = app.parts();
  return parts.loop.exact_now() + std::chrono::duration_cast<Duration>(*invocation.deadline - parts.clock.now()) - farewell_time;
}

// Between invocations there is no time for it. A collector that does not answer costs one of them so much, and the next ones nothing.
io::Task<void> tell_before_freezing(App& app, MonoTime deadline) {
  const AppParts& parts = app.parts();
  if (!parts.tracer || !parts.tracer->is_heard()) co_return;
  deadline = std::min(deadline, parts.loop.exact_now() + telling_time_max);
  [[maybe_unused]] auto told = co_await io::within(parts.loop, deadline, parts.tracer->flush(deadline));
}

io::Task<Result<std::string>> answer_event(App& app, const Invocation& invocation, LambdaStream& stream) {
  CO_TRY(LambdaEvent event, parse_lambda_event(invocation.event));
  http::Headers& headers = event.request.head.headers;
  if (!headers.find("x-correlation-id")) headers.add("X-Correlation-ID", invocation.request_id);
  WholeBody body(event.request.body);
  bool streams = app.parts().options.lambda_response_stream && event.form == LambdaEvent::Form::http_api;
  app.set_invocation(invocation.request_id, invocation.function_arn);
  MonoTime deadline = deadline_of(app, invocation);
  trace::Tracer* tracer = app.parts().tracer;
  if (tracer && !invocation.trace_id.empty() && !tracer->extract(headers).context.is_valid())
    headers.set("X-Amzn-Trace-Id", invocation.trace_id);
  if (!streams) {
    http::Response answer = co_await app.answer(event.request.head, body, deadline);
    co_await tell_before_freezing(app, deadline);
    co_return lambda_answer(event, answer);
  }
  StreamedAnswer responder(stream);
  http::ServerRequest request{event.request.head, body, "lambda"};
  co_await app.serve_until(deadline, request, responder);
  if (stream.started()) {
    co_await tell_before_freezing(app, deadline);
    co_return "";
  }
  // No answer in time, as the buffered form says it.
  http::Response late = WholeAnswer().take();
  CO_CHECK(co_await responder.send(late.head, late.body));
  co_return "";
}

}  // namespace

io::Task<void> serve_http(App& app, Listeners listeners, io::Event& stop) {
  const AppParts& parts = app.parts();
  const Options& options = parts.options;
  http::Server server(parts.loop, app, server_options(options));
  MetricsListener metrics(app);
  http::Server metrics_server(parts.loop, metrics);
  io::TaskSet background;
  if (listeners.metrics) metrics_server.listen(std::move(listeners.metrics));
  if (listeners.grpc) parts.logger.info("Starting gRPC Server.", {{"addr", ":" + std::to_string(options.grpc_port)}});
  // The ports are open, and nobody is served before this is set: no probe ever finds a start.
  app.set_healthy(!options.unhealthy);
  app.set_ready(!options.unready);
  if (listeners.http) {
    parts.logger.info("Starting HTTP Server.", {{"addr", address_of(options, *listeners.http)}});
    server.listen(std::move(listeners.http));
  }
  if (listeners.https) {
    background.spawn(follow_certificate(app, listeners.tls));
    parts.logger.info("Starting HTTPS Server.", {{"addr", address_of(options, *listeners.https)}});
    server.listen(std::move(listeners.https), listeners.tls);
  }
  co_await stop.wait();
  co_await shut_down(app, server, listeners.grpc.get());
}

io::Task<void> serve_lambda(App& app, std::string api) {
  const AppParts& parts = app.parts();
  InvocationHandler handler = [&app](const Invocation& invocation, LambdaStream& stream) { return answer_event(app, invocation, stream); };
  LambdaRuntime runtime(parts.loop, parts.logger, std::move(api), handler);
  app.set_healthy(!parts.options.unhealthy);
  app.set_ready(!parts.options.unready);
  // Within Lambda's time for initialisation. An environment that cannot read its secret serves all the same: /readyz and /api/secret say so.
  if (parts.secrets) [[maybe_unused]]
    auto looked = co_await io::within(parts.loop, parts.loop.exact_now() + secret_patience, io::wait_for(parts.secrets->first_look()));
  co_await runtime.run();
}

}  // namespace pds::podinfo
