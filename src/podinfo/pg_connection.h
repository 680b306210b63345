// One connection to a PostgreSQL server: libpq speaks, the loop waits.
//
// Nothing here outlasts a statement or transaction on the server (no prepared statements, no SET, no session locks), and values travel beside
// the text, never in it: so a connection may be one through PgBouncer in transaction mode. The only work that is done on the loop's own time
// is libpq's: reading certificate files and the few milliseconds of a SCRAM or TLS handshake, once per connection.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "io/loop.h"
#include "podinfo/database_url.h"

namespace pds::podinfo {

struct PgQuery {
  const char* text;  // our own, with $1, $2 ... for values
  std::vector<std::string> values;
};

struct PgRows {
  std::vector<std::vector<std::optional<std::string>>> rows;  // nothing: NULL
  uint64_t changed = 0;                                       // rows that a statement wrote
  // The text at a place; empty for NULL and where there is none.
  const std::string& at(size_t row, size_t column) const;
};

class PgConnection {
 public:
  // To one address of one host; `writable`: a server that is a standby is refused. Errors: E_CONNECT; E_CREDENTIALS: the
  // server is there and does not let this user in.
  static io::Task<Result<std::unique_ptr<PgConnection>>> connect(io::Loop& loop, const Libpq& pq, const DatabaseUrl& url, const DatabaseHost& host,
                                                                 bool writable, io::Deadline deadline);
  ~PgConnection();
  PgConnection(const PgConnection&) = delete;

  // One at a time. Errors: the server's SQLSTATE ("23505"); E_LOST: the connection ended, and what became of the query is not known;
  // E_TIMEOUT: the same. Messages never hold the password.
  io::Task<Result<PgRows>> query(PgQuery query, io::Deadline deadline);
  // Between two queries, in no transaction, and the server has said nothing since (it says something when it goes).
  bool is_sound() const;
  // A query was sent and its answer has not come: the server may be at it still.
  bool is_busy() const { return busy_ && pq_.PQstatus(connection_) == CONNECTION_OK; }
  int socket() const { return pq_.PQsocket(connection_); }
  // By which its server knows whose query to cancel; the caller's own. Null: the connection is closed.
  PGcancel* cancel_key() const { return pq_.PQgetCancel(connection_); }

  MonoTime used{};        // when it was last given back
  MonoTime checked{};     // when it was last seen to work
  bool disowned = false;  // sound no longer, whatever it does

 private:
  PgConnection(io::Loop& loop, const Libpq& pq, PGconn* connection, std::string password);
  io::Task<Result<void>> shake_hands(io::Deadline deadline);
  io::Task<Result<void>> send(const PgQuery& query, io::Deadline deadline);
  io::Task<Result<PgRows>> receive(io::Deadline deadline);
  std::unexpected<Error> failed(const char* code) const;
  std::unexpected<Error> not_connected() const;

  io::Loop& loop_;
  const Libpq& pq_;
  PGconn* connection_;
  std::string password_;  // taken out of messages, should it ever get into one
  bool busy_ = false;
};

}  // namespace pds::podinfo
