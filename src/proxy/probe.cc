#include "proxy/probe.h"

#include <array>
#include <chrono>

#include "base/text.h"

namespace pds::proxy {
namespace {

// The status of "HTTP/1.1 200 OK", once the head is complete; 0: not yet; -1: this is not HTTP.
int parse_answer(std::string_view head) {
  if (!std::string_view("HTTP/1.").starts_with(head.substr(0, 7))) return -1;
  if (head.find("\r\n\r\n") == std::string_view::npos) return 0;
  if (head.size() < 13 || head[8] != ' ' || (head[12] != ' ' && head[12] != '\r')) return -1;
  auto status = parse_int(head.substr(9, 3));
  return status && *status >= 100 && *status <= 599 ? static_cast<int>(*status) : -1;
}

ProbeResult of_error(const Error& error) { return {error.code == "E_TIMEOUT" ? ProbeResult::timed_out : ProbeResult::refused, 0}; }

// What keeps us from even trying (no descriptor left, say) is not the target's doing, and the report says so.
ProbeResult of_connect_error(const Error& error) {
  return error.code == "E_SYSTEM" ? ProbeResult{ProbeResult::own_failure, 0} : of_error(error);
}

io::Task<void> invoke(FunctionTarget& function, std::string event, ProbeResult& result, io::Event& decided) {
  auto document = co_await function.invoke(std::move(event));
  auto reply = document ? from_alb_reply(*document) : Result<http::Response>(std::unexpected(document.error()));
  result = reply ? ProbeResult{ProbeResult::answered, reply->head.status} : ProbeResult{ProbeResult::refused, 0};
  decided.set();
}

}  // namespace

io::Task<ProbeResult> probe_function(io::Loop& loop, FunctionTarget& function, const HealthSettings& settings, std::string event) {
  ProbeResult result{ProbeResult::timed_out, 0};
  io::Event decided;
  io::Timer limit(loop, [&decided] { decided.set(); });
  limit.start(std::chrono::steady_clock::now() + settings.timeout);
  io::TaskSet invoking;
  invoking.spawn(invoke(function, std::move(event), result, decided));
  co_await decided.wait();
  co_await loop.yield();  // whoever woke us is still running: it may not be destroyed before it has come to its end
  co_return result;
}

io::Task<ProbeResult> probe(io::Connector& connector, const HealthSettings& settings, const std::string& authority) {
  io::Deadline deadline = std::chrono::steady_clock::now() + settings.timeout;
  auto stream = co_await connector.connect(deadline);
  if (!stream) co_return of_connect_error(stream.error());
  if (settings.protocol == HealthSettings::Protocol::tcp) co_return ProbeResult{ProbeResult::answered, 0};

  std::string request = "GET " + settings.path + " HTTP/1.1\r\nHost: " + authority +
                        "\r\nConnection: close\r\nUser-Agent: " + health_checker_agent +
                        "\r\nAccept-Encoding: gzip, compressed\r\n\r\n";
  auto sent = co_await io::write_all(**stream, request, deadline);
  if (!sent) co_return of_error(sent.error());

  std::string head;
  std::array<char, 4096> piece;
  while (head.size() < probe_response_bytes_max) {
    auto got = co_await io::read_some(**stream, piece, deadline);
    if (!got) co_return of_error(got.error());
    if (*got == 0) break;
    head.append(piece.data(), *got);
    int status = parse_answer(head);
    while (status > 0 && status < 200) {  // the answer is yet to come
      head.erase(0, head.find("\r\n\r\n") + 4);
      status = parse_answer(head);
    }
    if (status == -1) break;
    if (status > 0) co_return ProbeResult{ProbeResult::answered, status};
  }
  co_return ProbeResult{ProbeResult::refused, 0};
}

}  // namespace pds::proxy
