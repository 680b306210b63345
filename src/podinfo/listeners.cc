#include "podinfo/listeners.h"

#include <fmt/format.h>

#include "podinfo/certificate_files.h"
#include "podinfo/host_addresses.h"

namespace pds::podinfo {
namespace {

constexpr Duration resolve_limit = 5s;

// A name is listened on at the first of its addresses.
Result<std::unique_ptr<io::Listener>> listen_on(io::Loop& loop, const std::string& host, uint16_t port) {
  TRY(auto addresses, io::run_until_done(loop, find_host_addresses(loop, host, loop.exact_now() + resolve_limit)));
  return io::listen_tcp(loop, addresses.at(0), port);
}

Result<std::unique_ptr<io::Listener>> listen(io::Loop& loop, const std::string& host, int number) {
  if (number < 0 || number > port_max) return fail_world("E_ADDRESS", fmt::format("listen tcp: address {}: invalid port", number), false);
  auto port = static_cast<uint16_t>(number);
  if (!host.empty()) return listen_on(loop, host, port);
  // All interfaces: a socket of IPv6 takes IPv4, too; where there is no IPv6, one of IPv4.
  Result<std::unique_ptr<io::Listener>> both = io::listen_tcp(loop, "::", port);
  if (both || both.error().code == "E_ADDRESS_IN_USE") return both;
  return io::listen_tcp(loop, "0.0.0.0", port);
}

Result<void> open_https(io::Loop& loop, const Options& options, Listeners& out) {
  TRY(auto context, load_certificate(options.cert_path));
  out.tls = std::make_shared<http::TlsAcceptor>(std::move(context));
  TRY(out.https, listen(loop, options.host, options.secure_port));
  return {};
}

Result<void> open_http(io::Loop& loop, const Options& options, Listeners& out) {
  TRY(out.http, listen(loop, options.host, options.port));
  return {};
}

}  // namespace

std::optional<Listeners> open_listeners(App& app) {
  io::Loop& loop = app.parts().loop;
  const Options& options = app.parts().options;
  const Logger& logger = app.parts().logger;
  Listeners out;
  Result<void> opened = options.port != 0 ? open_http(loop, options, out) : Result<void>();
  if (!opened) {
    logger.error("HTTP server crashed", {{"error", opened.error().message}});
    return std::nullopt;
  }
  opened = options.secure_port != 0 ? open_https(loop, options, out) : Result<void>();
  if (!opened) {
    logger.error("HTTPS server crashed", {{"error", opened.error().message}});
    return std::nullopt;
  }
  if (options.port_metrics > 0) {
    Result<std::unique_ptr<io::Listener>> metrics = listen(loop, "", options.port_metrics);
    if (metrics) out.metrics = *std::move(metrics);
    if (!metrics) logger.warn("no metrics port", {{"error", metrics.error().message}});
  }
  if (options.grpc_port > 0) {
    out.grpc = GrpcPort::open(app);
    if (!out.grpc) return std::nullopt;
  }
  return out;
}

}  // namespace pds::podinfo
