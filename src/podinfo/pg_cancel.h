// Tells a server that nobody waits for a query any more. Closing the connection does not: a server that computes, sleeps or waits for a lock
// looks at it only when it has something to say.
//
// libpq's PQcancel blocks, and without a limit where the server is there and silent. So it is called on another thread, for one connection
// at a time, and only after the server has answered a question that needs no thread: the eight bytes that ask for TLS, which everybody who
// speaks the protocol answers with one byte.
//
// Before libpq 17 the request goes in the clear, TLS or not. Whoever reads the key on its way can cancel what this one process of the server
// does, and that is what we ask for; the process ends with the connection.
#pragma once

#include <deque>
#include <memory>

#include "podinfo/pg_connection.h"

namespace pds::podinfo {

inline constexpr size_t pg_cancels_max = 16;     // that wait, for one pool; above, the connection is only closed
inline constexpr Duration pg_cancel_limit = 1s;  // for the server's sign of life

class PgCanceller {
 public:
  PgCanceller(io::Loop& loop, const Libpq& pq) : loop_(loop), pq_(pq) {}

  // Whose query is under way. It stays open until the server was told: PgBouncer forgets whom a request is about when its client goes.
  // Meanwhile it is one more than the pool's bound, for a moment where the server answers and for pg_cancel_limit where it does not.
  // Does nothing at once, so that destructors may call it.
  void take(std::unique_ptr<PgConnection> late);

 private:
  io::Task<void> work();
  io::Task<Result<void>> tell(const PgConnection& late);

  io::Loop& loop_;
  const Libpq& pq_;
  std::deque<std::unique_ptr<PgConnection>> late_;
  io::TaskSet working_;
};

}  // namespace pds::podinfo
