#include "podinfo/pg_cancel.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/text.h"
#include "io/stream.h"

namespace pds::podinfo {
namespace {

// SSLRequest: its length, and the number that is no version of the protocol.
constexpr std::string_view asks_for_tls("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8);

// To where the connection goes, whichever of a name's addresses that was. Null: it goes nowhere any more.
std::unique_ptr<io::Connector> connector_beside(io::Loop& loop, int fd) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  auto* address = reinterpret_cast<sockaddr*>(&peer);
  if (::getpeername(fd, address, &size) != 0) return nullptr;
  if (peer.ss_family == AF_UNIX) return io::unix_connector(loop, reinterpret_cast<sockaddr_un&>(peer).sun_path);
  char host[NI_MAXHOST], port[NI_MAXSERV];
  if (::getnameinfo(address, size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV) != 0) return nullptr;
  return io::tcp_connector(loop, host, static_cast<uint16_t>(parse_int(port).value_or(0)));
}

io::Task<Result<void>> await_sign_of_life(io::Loop& loop, int fd) {
  io::Deadline deadline = loop.exact_now() + pg_cancel_limit;
  std::unique_ptr<io::Connector> connector = connector_beside(loop, fd);
  if (!connector) co_return fail_world("E_LOST", "the connection has no other end");
  CO_TRY(std::unique_ptr<io::Stream> stream, co_await connector->connect(deadline));
  CO_CHECK(co_await io::write_all(*stream, asks_for_tls, deadline));
  char answer;
  co_return co_await io::read_exactly(*stream, {&answer, 1}, deadline);
}

}  // namespace

void PgCanceller::take(std::unique_ptr<PgConnection> late) {
  if (late_.size() >= pg_cancels_max) return;
  late_.push_back(std::move(late));
  if (working_.size() == 0) working_.spawn(work());
}

io::Task<void> PgCanceller::work() {
  co_await loop_.yield();
  while (!late_.empty()) {
    std::unique_ptr<PgConnection> late = std::move(late_.front());
    late_.pop_front();
    Result<void> told = co_await tell(*late);
    if (!told && told.error().code != "E_LOST") late_.clear();  // the server is away, for all of them
  }
}

io::Task<Result<void>> PgCanceller::tell(const PgConnection& late) {
  CO_CHECK(co_await await_sign_of_life(loop_, late.socket()));
  std::shared_ptr<PGcancel> cancel(late.cancel_key(), pq_.PQfreeCancel);
  if (!cancel) co_return fail_world("E_LOST", "the connection is closed");
  bool told = co_await loop_.offload([cancel, ask = pq_.PQcancel] {
    char why[256];
    return ask(cancel.get(), why, sizeof why) == 1;
  });
  if (!told) co_return fail_world("E_CONNECT", "the server cannot be asked");
  co_return Result<void>();
}

}  // namespace pds::podinfo
