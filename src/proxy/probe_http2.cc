#include "proxy/probe_http2.h"

#include <chrono>

#include "base/text.h"
#include "http/client.h"

namespace pds::proxy {
namespace {

// A message of no bytes: not compressed, its length as four bytes.
constexpr std::string_view empty_message("\0\0\0\0\0", 5);

http::RequestHead head_of(const HealthSettings& settings, const std::string& authority) {
  bool grpc = settings.version == TargetProtocol::grpc;
  http::RequestHead head;
  head.method = grpc ? "POST" : "GET";
  head.target = settings.path;
  head.headers.add("Host", authority);
  head.headers.add("User-Agent", "ELB-HealthChecker/2.0");
  if (!grpc) return head;
  head.headers.add("Content-Type", "application/grpc");
  head.headers.add("TE", "trailers");
  return head;
}

ProbeResult of_error(const Error& error) { return {error.code == "E_TIMEOUT" ? ProbeResult::timed_out : ProbeResult::refused, 0}; }

// The call's status is a trailer, or, where there is nothing else in the answer, one of its header fields.
io::Task<ProbeResult> grpc_status(http::ClientExchange& exchange, const http::ResponseHead& head) {
  std::optional<std::string> text;
  if (auto field = head.headers.find("grpc-status")) text = *field;
  for (size_t bytes = 0; !text && bytes < probe_response_bytes_max;) {
    auto piece = co_await exchange.body().read();
    if (!piece) co_return of_error(piece.error());
    bytes += piece->size();
    if (piece->empty()) text = exchange.body().trailers().get("grpc-status");
  }
  auto status = text ? parse_int(*text) : std::nullopt;
  if (!status || *status < 0 || *status > 99) co_return ProbeResult{ProbeResult::refused, 0};
  co_return ProbeResult{ProbeResult::answered, static_cast<int>(*status)};
}

io::Task<ProbeResult> ask(http::Client& client, const HealthSettings& settings, const std::string& authority) {
  bool grpc = settings.version == TargetProtocol::grpc;
  auto exchange = co_await client.begin(head_of(settings, authority), grpc ? http::RequestBody::chunked : http::RequestBody::none);
  if (!exchange) co_return of_error(exchange.error());
  if (grpc) {  // a target that answers without reading is judged by its answer
    auto sent = co_await (*exchange)->write(empty_message);
    if (sent) sent = co_await (*exchange)->finish();
  }
  auto head = co_await (*exchange)->response();
  if (!head) co_return of_error(head.error());
  if (!grpc) co_return ProbeResult{ProbeResult::answered, (*head)->status};
  if ((*head)->status != 200) co_return ProbeResult{ProbeResult::refused, 0};
  co_return co_await grpc_status(**exchange, **head);
}

io::Task<void> ask_and_tell(http::Client& client, const HealthSettings& settings, const std::string& authority, ProbeResult& result,
                            io::Event& decided) {
  result = co_await ask(client, settings, authority);
  decided.set();
}

}  // namespace

io::Task<ProbeResult> probe_http2(io::Loop& loop, std::shared_ptr<io::Connector> connector, const HealthSettings& settings,
                                  const std::string& authority) {
  http::ClientOptions options;
  options.connect_timeout = options.response_timeout = settings.timeout;
  options.protocol = http::Protocol::http2;
  http::Client client(loop, std::move(connector), options);
  ProbeResult result{ProbeResult::timed_out, 0};
  io::Event decided;
  io::Timer limit(loop, [&decided] { decided.set(); });
  limit.start(std::chrono::steady_clock::now() + settings.timeout);
  io::TaskSet asking;
  asking.spawn(ask_and_tell(client, settings, authority, result, decided));
  co_await decided.wait();
  co_await loop.yield();  // whoever woke us is still running: it may not be destroyed before it has come to its end
  co_return result;
}

}  // namespace pds::proxy
