#include "podinfo/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "base/text.h"
#include "http/certificate.h"
#include "http/client.h"
#include "http/tls_connector.h"
#include "http/tls_stream.h"
#include "io/clock.h"
#include "podinfo/grpc_health.h"
#include "podinfo/json_text.h"
#include "podinfo/redirect.h"
#include "podinfo/ws_client.h"

namespace pds::podinfo {
namespace {

using Facts = Result<CheckFacts>;

constexpr uint16_t https_port = 443;
constexpr std::string_view websocket_probe = "podinfo-check";

http::ClientOptions limits_of(const CheckOptions& options, http::Protocol protocol = http::Protocol::http1) {
  http::ClientOptions limits;
  limits.connect_timeout = limits.response_timeout = options.timeout;
  limits.protocol = protocol;
  return limits;
}

std::string with_scheme(const std::string& address, std::string_view scheme) { return address.find("://") == std::string::npos ? fmt::format("{}{}", scheme, address) : address; }

struct HostAndPort {
  std::string host;
  uint16_t port = 0;
};
Result<HostAndPort> parse_host_and_port(const std::string& address) {
  size_t colon = address.rfind(':');
  auto port = colon == std::string::npos ? std::nullopt : parse_int(std::string_view(address).substr(colon + 1));
  if (!port || *port < 1 || *port > 65535) return fail("E_ADDRESS", fmt::format("{}: an address has a host and a port", address));
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return HostAndPort{host.empty() ? "127.0.0.1" : host, static_cast<uint16_t>(*port)};
}

Result<std::string> redirected(const http::Url& from, std::string_view location) {
  TRY(http::Url to, follow_location(from, location));
  return fmt::format("{}://{}{}", to.scheme, http::host_field(to), to.target);
}

io::Task<Facts> check_http(io::Loop& loop, const CheckOptions& options) {
  std::string url = with_scheme(options.address, "http://"), method = options.method, body = options.body;
  for (int redirects = 0; redirects <= check_redirects_max; ++redirects) {
    CO_TRY(http::Url parsed, http::parse_url(url));
    CO_TRY(http::Response response, co_await http::fetch(loop, method, url, {}, body, limits_of(options)));
    int status = response.head.status;
    auto location = response.head.headers.find("location");
    if (is_redirect(status) && location) {
      CO_TRY(url, redirected(parsed, *location));
      if (status == 303 || (status < 303 && method == "POST")) method = "GET", body.clear();
      continue;
    }
    if (status < 200 || status >= 400) co_return fail("E_CHECK", fmt::format("HTTP status {}", status));
    co_return CheckFacts{{"address", options.address}, {"status code", status}, {"response size", fmt::format("{} B", response.body.size())}};
  }
  co_return fail("E_CHECK", fmt::format("stopped after {} redirects", check_redirects_max));
}

io::Task<Facts> check_tcp(io::Loop& loop, const CheckOptions& options) {
  CO_TRY(HostAndPort to, parse_host_and_port(options.address));
  auto connector = io::tcp_connector(loop, to.host, to.port);
  CO_CHECK(co_await connector->connect(loop.exact_now() + options.timeout));
  co_return CheckFacts{{"address", options.address}};
}

io::Task<Facts> check_grpc(io::Loop& loop, const CheckOptions& options) {
  CO_TRY(HostAndPort to, parse_host_and_port(options.address));
  std::shared_ptr<io::Connector> connector = io::tcp_connector(loop, to.host, to.port);
  if (options.tls) {
    CO_TRY(auto context, http::TlsClientContext::make({.protocols = {"h2"}}));
    connector = http::tls_connector(std::move(connector), context, to.host);
  }
  http::Client client(loop, std::move(connector), limits_of(options, http::Protocol::http2));
  CO_TRY(std::string status, co_await ask_grpc_health(client, options.address, options.service));
  co_return CheckFacts{{"address", options.address}, {"service", options.service}, {"status", status}};
}

io::Task<Facts> check_ws(io::Loop& loop, const CheckOptions& options) {
  CO_TRY(std::unique_ptr<WebSocketClient> socket, co_await WebSocketClient::connect(loop, options.address, "", options.timeout));
  io::Deadline deadline = loop.exact_now() + options.timeout;
  CO_CHECK(co_await socket->send(websocket_probe, deadline));
  CO_TRY(std::optional<std::string> reply, co_await socket->read(deadline));
  if (!reply) co_return fail("E_CHECK", "the connection was closed instead of answered");
  co_return CheckFacts{{"address", options.address}};
}

io::Task<Facts> check_cert(io::Loop& loop, const CheckOptions& options, Timestamp now) {
  CO_TRY(auto context, http::TlsClientContext::make({.verify = false}));
  CO_TRY(ssl_st* session, context->new_session(options.address));
  auto connector = io::tcp_connector(loop, options.address, https_port);
  io::Deadline deadline = loop.exact_now() + options.timeout;
  CO_TRY(std::unique_ptr<io::Stream> plain, co_await connector->connect(deadline));
  http::TlsStream stream(std::move(plain), session, context);
  CO_CHECK(co_await stream.handshake(deadline));
  CO_TRY(http::CertificateFacts certificate, http::read_certificate(stream.shown_certificate()));
  Timestamp ends = certificate.not_after;
  if (now > ends) co_return fail("E_CHECK", fmt::format("the certificate expired on {}", to_iso8601(ends)));
  auto days = std::chrono::duration_cast<std::chrono::days>(ends - now).count();
  co_return CheckFacts{{"address", options.address}, {"expires", to_iso8601(ends)}, {"days left", days}};
}

// "2026-11-27T15:00:00.000Z\tINFO\tpodcli/check.go:1\tcheck succeed\t{...}": where the original names its line, so that what reads those
// lines reads these.
void print_line(Timestamp now, std::string_view message, const CheckFacts& facts) {
  std::string document;
  for (const auto& [name, value] : facts) {
    if (!document.empty()) document += ", ";
    append_json_string(document, name);
    document += ": ";
    if (const json::string* text = value.if_string()) {
      append_json_string(document, *text);
    } else {
      document += to_text(value);
    }
  }
  std::fprintf(stderr, "%s\tINFO\tpodcli/check.go:1\t%.*s\t{%s}\n", to_iso8601_millis(now).c_str(), static_cast<int>(message.size()), message.data(), document.c_str());
}

io::Task<bool> attempts(io::Loop& loop, const Clock& clock, const CheckOptions& options) {
  for (int attempt = 0; attempt <= options.retry; ++attempt) {
    if (options.kind != CheckOptions::Kind::cert && pauses_before(options, attempt)) co_await loop.sleep_for(options.delay);
    Facts facts = co_await check(loop, options, clock.now());
    if (facts) {
      print_line(clock.now(), "check succeed", *facts);
      co_return true;
    }
    print_line(clock.now(), "check failed", {{"address", options.address}, {"error", facts.error().message}});
  }
  co_return false;
}

}  // namespace

io::Task<Result<CheckFacts>> check(io::Loop& loop, const CheckOptions& options, Timestamp now) {
  switch (options.kind) {
    case CheckOptions::Kind::http:
      return check_http(loop, options);
    case CheckOptions::Kind::tcp:
      return check_tcp(loop, options);
    case CheckOptions::Kind::grpc:
      return check_grpc(loop, options);
    case CheckOptions::Kind::ws:
      return check_ws(loop, options);
    case CheckOptions::Kind::cert:
      return check_cert(loop, options, now);
  }
  std::abort();
}

int run_check(const std::vector<std::string>& arguments) {
  if (std::ranges::any_of(arguments, [](const std::string& word) { return word == "--help" || word == "-h"; })) {
    std::printf("%s", check_usage().c_str());
    return 0;
  }
  Result<CheckOptions> options = parse_check(arguments);
  if (!options) {
    std::string message = options.error().message;
    std::fprintf(stderr, "Error: %s\n%s", message.c_str(), check_usage().c_str());
    if (message[0] >= 'a' && message[0] <= 'z') message[0] = static_cast<char>(message[0] - 'a' + 'A');
    std::printf("%s\n", message.c_str());
    return 1;
  }
  io::Loop loop;
  io::SystemClock clock;
  return io::run_until_done(loop, attempts(loop, clock, *options)) ? 0 : 1;
}

}  // namespace pds::podinfo
