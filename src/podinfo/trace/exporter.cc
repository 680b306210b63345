#include "podinfo/trace/exporter.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/gzip.h"
#include "base/text.h"
#include "http/tls_connector.h"
#include "http/tls_context.h"
#include "io/time_limit.h"
#include "podinfo/trace/grpc_frame.h"

namespace pds::podinfo::trace {
namespace {

constexpr Duration pause_min = 100ms, pause_max = 5s;
constexpr size_t answer_bytes_max = 64 * 1024;

// What a client may try again by OTLP's specification.
bool may_pass(int grpc_status) {
  for (int code : {1, 4, 8, 10, 11, 14, 15}) {
    if (grpc_status == code) return true;
  }
  return false;
}
bool may_pass_http(int status) { return status == 429 || status == 502 || status == 503 || status == 504; }

}  // namespace

Exporter::Exporter(io::Loop& loop, EndpointSettings settings, std::string grpc_path)
    : loop_(loop), settings_(std::move(settings)), grpc_path_(std::move(grpc_path)) {}

Result<std::shared_ptr<io::Connector>> Exporter::make_connector() const {
  std::shared_ptr<const http::TlsClientContext> context;
  if (settings_.url.scheme == "https") {
    http::TlsClientOptions options{.authorities_file = settings_.certificate_file};
    if (settings_.protocol == Protocol::grpc) options.protocols = {"h2"};
    TRY(context, http::TlsClientContext::make(options));
  }
  return http::url_connector(loop_, settings_.url, std::move(context));
}

Result<void> Exporter::connect() {
  bool grpc = settings_.protocol == Protocol::grpc;
  std::shared_ptr<io::Connector> connector = settings_.connector;
  if (!connector) {
    TRY(connector, make_connector());
  }
  http::ClientOptions options;
  options.connect_timeout = options.response_timeout = settings_.timeout;
  options.limits.body_bytes_max = answer_bytes_max;
  options.protocol = grpc ? http::Protocol::http2 : http::Protocol::http1;
  client_ = std::make_unique<http::Client>(loop_, std::move(connector), options);
  return {};
}

http::Request Exporter::make_request(std::string message) const {
  bool grpc = settings_.protocol == Protocol::grpc;
  if (settings_.gzip) message = deflate_gzip(message);
  http::Request request;
  request.head.method = "POST";
  request.head.target = grpc ? grpc_path_ : settings_.url.target;
  http::Headers& headers = request.head.headers;
  headers.add("Host", http::host_field(settings_.url));
  headers.add("Content-Type", grpc ? "application/grpc" : "application/x-protobuf");
  headers.add("User-Agent", "OTel-OTLP-Exporter-podinfo");
  if (grpc) headers.add("TE", "trailers");
  if (settings_.gzip) headers.add(grpc ? "grpc-encoding" : "Content-Encoding", "gzip");
  for (auto [name, value] : settings_.headers) headers.add(name, value);
  request.body = grpc ? grpc_frame(message, settings_.gzip) : std::move(message);
  return request;
}

io::Task<Result<std::optional<Exporter::Refusal>>> Exporter::attempt(const http::Request& request) {
  using Outcome = std::optional<Refusal>;
  auto lost = [](const Error& error) { return Outcome(Refusal{.why = error.code}); };
  http::RequestHead head = request.head;
  head.headers.add("Content-Length", std::to_string(request.body.size()));
  auto exchange = co_await client_->begin(head, http::RequestBody::sized);
  if (!exchange) co_return lost(exchange.error());
  if (auto sent = co_await (*exchange)->write(request.body); !sent) co_return lost(sent.error());
  if (auto finished = co_await (*exchange)->finish(); !finished) co_return lost(finished.error());
  Result<const http::ResponseHead*> answer = co_await (*exchange)->response();
  if (!answer) co_return lost(answer.error());
  int status = (*answer)->status;
  Duration pause = std::chrono::seconds(std::clamp<int64_t>(parse_int((*answer)->headers.get("retry-after", "")).value_or(0), 0, 3600));
  std::optional<int64_t> grpc_status = parse_int((*answer)->headers.get("grpc-status", ""));
  Result<std::string> body = co_await http::read_all((*exchange)->body(), answer_bytes_max);
  if (!body) co_return lost(body.error());
  if (status / 100 != 2) co_return Outcome(Refusal{fmt::format("HTTP status {}", status), !may_pass_http(status), pause});
  if (settings_.protocol == Protocol::http_protobuf) co_return Outcome();
  if (!grpc_status) grpc_status = parse_int((*exchange)->body().trailers().get("grpc-status", ""));
  if (grpc_status == 0) co_return Outcome();
  co_return Outcome(Refusal{fmt::format("gRPC status {}", grpc_status.value_or(2)), !may_pass(static_cast<int>(grpc_status.value_or(2))), {}});
}

io::Task<Result<void>> Exporter::send(std::string message, MonoTime deadline) {
  if (!client_) CO_CHECK(connect());
  http::Request request = make_request(std::move(message));
  for (Duration pause = pause_min;; pause = std::min(pause * 2, pause_max)) {
    // One that sends its answer byte by byte does not hold us up either.
    MonoTime end = std::min(deadline, loop_.exact_now() + settings_.timeout);
    Result<std::optional<Refusal>> outcome = co_await io::within(loop_, end, attempt(request));
    std::optional<Refusal> refusal = outcome ? *std::move(outcome) : Refusal{.why = outcome.error().code};
    if (!refusal) co_return Result<void>();
    MonoTime next = loop_.exact_now() + std::max(pause, refusal->pause);
    if (refusal->for_good || next >= deadline) co_return fail_world("E_COLLECTOR", refusal->why, !refusal->for_good);
    co_await loop_.sleep_until(next);
  }
}

}  // namespace pds::podinfo::trace
