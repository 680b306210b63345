#include "podinfo/serve.h"

#include <fmt/format.h>

#include <algorithm>

#include "io/time_limit.h"
#include "podinfo/certificate_files.h"
#include "podinfo/metrics_listener.h"
#include "podinfo/trace/tracer.h"

namespace pds::podinfo {
namespace {

// The time a balancer needs to see a failing readiness probe. Not with --level=debug, which is how podinfo is run by hand.
constexpr Duration notice_time = 3s;

http::ServerOptions server_options(const Options& options) {
  constexpr Duration for_ever = 24h;
  Duration limit = options.http_server_timeout > 0s ? options.http_server_timeout : for_ever;
  http::ServerOptions out;
  out.limits.request_line_bytes_max = 64 * 1024;
  out.limits.wide_targets = true;
  out.header_timeout = out.body_timeout = out.write_timeout = limit;
  out.idle_timeout = 2 * limit;
  out.http2_prior_knowledge = options.h2c;
  out.answers_1_0_in_kind = true;
  return out;
}

std::string address_of(const Options& options, const io::Listener& listener) {
  return options.host + ":" + std::to_string(listener.port());
}

// "HTTP" and "HTTPS", each with a server of its own: which of them did not end in time is said.
io::Task<void> drain(http::Server& server, std::string_view name, MonoTime deadline, const AppParts& parts) {
  bool drained = co_await server.drain(deadline);
  if (!drained) parts.logger.warn(fmt::format("{} server graceful shutdown failed", name), {{"error", "requests were still in flight"}});
}

// One clock for all of it: what the notice takes, requests in flight no longer have. The notice is never cut short: whoever sends traffic
// takes as long to see it whatever the timeout is.
io::Task<void> shut_down(App& app, http::Server& plain, http::Server& secure, GrpcPort* grpc) {
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
  beside.spawn(drain(plain, "HTTP", deadline, parts));
  beside.spawn(drain(secure, "HTTPS", deadline, parts));
  co_await beside.wait_empty();
  if (parts.tracer) [[maybe_unused]]
    auto told = co_await io::within(parts.loop, deadline, parts.tracer->flush(deadline));
}

}  // namespace

io::Task<void> serve_http(App& app, Listeners listeners, io::Event& stop) {
  const AppParts& parts = app.parts();
  const Options& options = parts.options;
  http::Server plain(parts.loop, app, server_options(options)), secure(parts.loop, app, server_options(options));
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
    plain.listen(std::move(listeners.http));
  }
  if (listeners.https) {
    background.spawn(follow_certificate(app, listeners.tls));
    parts.logger.info("Starting HTTPS Server.", {{"addr", address_of(options, *listeners.https)}});
    secure.listen(std::move(listeners.https), listeners.tls);
  }
  co_await stop.wait();
  co_await shut_down(app, plain, secure, listeners.grpc.get());
}

}  // namespace pds::podinfo
