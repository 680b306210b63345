#include "podinfo/serve.h"

#include "podinfo/lambda_event.h"
#include "podinfo/lambda_runtime.h"

namespace pds::podinfo {
namespace {

// The time a balancer needs to see a failing readiness probe. Not with --level=debug, which is how podinfo is run by hand.
constexpr Duration notice_time = 3s;

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

io::Task<Result<std::string>> answer_event(App& app, Invocation invocation) {
  CO_TRY(LambdaEvent event, parse_lambda_event(invocation.event));
  http::Headers& headers = event.request.head.headers;
  if (!headers.find("x-correlation-id")) headers.add("X-Correlation-ID", invocation.request_id);
  WholeBody body(event.request.body);
  http::Response response = co_await app.answer(event.request.head, body);
  co_return lambda_answer(event, response);
}

}  // namespace

io::Task<Result<void>> serve_http(App& app, std::unique_ptr<io::Listener> listener, io::Event& stop) {
  const AppParts& parts = app.parts();
  http::ServerOptions options;
  options.limits.request_line_bytes_max = 64 * 1024;
  http::Server server(parts.loop, app, options);
  uint16_t port = listener->port();
  server.listen(std::move(listener));
  app.set_healthy(true);
  app.set_ready(true);
  parts.logger.info("Starting HTTP Server.", {{"addr", parts.options.host + ":" + std::to_string(port)}});
  co_await stop.wait();

  MonoTime deadline = std::chrono::steady_clock::now() + parts.options.shutdown_timeout;
  app.set_healthy(false);
  app.set_ready(false);
  parts.logger.info("Shutting down HTTP/HTTPS server",
                    {{"timeout", std::chrono::duration<double>(parts.options.shutdown_timeout).count()}});
  if (parts.options.level != LogLevel::debug) co_await parts.loop.sleep_for(std::min(notice_time, parts.options.shutdown_timeout));
  bool drained = co_await server.drain(deadline);
  if (!drained) parts.logger.warn("HTTP server graceful shutdown failed", {{"error", "requests were still in flight"}});
  co_return Result<void>();
}

io::Task<void> serve_lambda(App& app, std::string api) {
  const AppParts& parts = app.parts();
  InvocationHandler handler = [&app](Invocation invocation) { return answer_event(app, std::move(invocation)); };
  LambdaRuntime runtime(parts.loop, parts.logger, std::move(api), handler);
  app.set_healthy(true);
  app.set_ready(true);
  // An environment that cannot read its secret still serves; /api/secret says so.
  co_await runtime.run();
}

}  // namespace pds::podinfo
