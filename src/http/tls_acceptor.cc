#include "http/tls_acceptor.h"

#include "http/tls_stream.h"

namespace pds::http {
namespace {

constexpr std::string_view plain_answer =
    "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 48\r\nConnection: close\r\n\r\n"
    "Client sent an HTTP request to an HTTPS server.\n";
// What is read and thrown away so that the answer is not lost to a reset.
constexpr size_t lingered_bytes_max = 64 * 1024;

io::Task<void> answer_in_the_clear(io::Stream& stream, io::Deadline deadline) {
  Result<void> sent = co_await io::write_all(stream, plain_answer, deadline);
  if (!sent) co_return;
  stream.shutdown_write();
  char piece[4096];
  for (size_t discarded = 0; discarded < lingered_bytes_max;) {
    Result<size_t> got = co_await io::read_some(stream, piece, deadline);
    if (!got || *got == 0) co_return;
    discarded += *got;
  }
}

}  // namespace

io::Task<Result<std::unique_ptr<io::Stream>>> TlsAcceptor::accept(std::unique_ptr<io::Stream> below) {
  if (under_way_ >= options_.handshakes_max) {
    ++counters_.turned_away;
    co_return fail_world("E_TOO_MANY", "too many TLS handshakes are under way");
  }
  struct UnderWay {
    size_t& count;
    explicit UnderWay(size_t& c) : count(++c) {}
    ~UnderWay() { --count; }
  } under_way(under_way_);
  io::Deadline deadline = std::chrono::steady_clock::now() + options_.handshake_timeout;
  auto stream = std::make_unique<TlsStream>(std::move(below), context_->new_session(), context_);
  Result<void> done = co_await stream->handshake(deadline);
  if (done) {
    ++counters_.handshakes;
    if (stream->secure_session()->resumed) ++counters_.resumed;
    co_return std::unique_ptr<io::Stream>(std::move(stream));
  }
  ++(done.error().code == "E_TIMEOUT" ? counters_.timed_out : counters_.failed);
  if (done.error().code == "E_TLS_PLAIN") co_await answer_in_the_clear(stream->below(), deadline);
  co_return std::unexpected(std::move(done).error());
}

}  // namespace pds::http
