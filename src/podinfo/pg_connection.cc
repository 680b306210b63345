#include "podinfo/pg_connection.h"

#include <fmt/format.h>
#include <poll.h>

#include "base/text.h"
#include "podinfo/pg_failure.h"

namespace pds::podinfo {
namespace {

// Waits for a descriptor, from whatever state it is in: libpq closes and opens descriptors while it connects, and reads only part of what has
// come, so that edges seen earlier say nothing.
class Readiness final : private io::FdWatcher {
 public:
  Readiness(io::Loop& loop, int fd, bool read, bool write, io::Deadline deadline)
      : loop_(loop), fd_(fd), read_(read), write_(write), deadline_(deadline), timer_(loop, [this] { end(false); }) {}
  ~Readiness() override {
    if (watching_) loop_.unwatch(fd_);
  }
  Readiness(const Readiness&) = delete;

  bool await_ready() const { return false; }
  bool await_suspend(std::coroutine_handle<> handle) {
    handle_ = handle;
    watching_ = loop_.watch(fd_, this).has_value();
    if (watching_) timer_.start(deadline_);
    return watching_;
  }
  // False: the time is over, or the descriptor is none.
  bool await_resume() const { return ready_; }

 private:
  void on_ready(bool readable, bool writable) override {
    if ((read_ && readable) || (write_ && writable)) end(true);
  }
  void end(bool ready) {
    ready_ = ready;
    timer_.cancel();
    loop_.unwatch(fd_);
    watching_ = false;
    handle_.resume();
  }

  io::Loop& loop_;
  int fd_;
  bool read_, write_;
  io::Deadline deadline_;
  io::Timer timer_;
  std::coroutine_handle<> handle_;
  bool watching_ = false, ready_ = false;
};

void be_silent(void*, const char*) {}

using OwnedResult = std::unique_ptr<PGresult, void (*)(PGresult*)>;

PgRows rows_of(const Libpq& pq, const PGresult* result) {
  PgRows out;
  int rows = pq.PQntuples(result), columns = pq.PQnfields(result);
  out.rows.resize(static_cast<size_t>(rows));
  for (int row = 0; row < rows; ++row) {
    auto& cells = out.rows[static_cast<size_t>(row)];
    for (int column = 0; column < columns; ++column) {
      auto& cell = cells.emplace_back();
      if (pq.PQgetisnull(result, row, column)) continue;
      cell.emplace(pq.PQgetvalue(result, row, column), static_cast<size_t>(pq.PQgetlength(result, row, column)));
    }
  }
  out.changed = static_cast<uint64_t>(parse_int(pq.PQcmdTuples(const_cast<PGresult*>(result))).value_or(0));
  return out;
}

std::string one_line(std::string_view text, const std::string& password) {
  std::string out = replace_all(std::string(trim(text)), "\n", " ");
  return password.empty() ? out : replace_all(std::move(out), password, "***");
}

}  // namespace

const std::string& PgRows::at(size_t row, size_t column) const {
  static const std::string none;
  if (row >= rows.size() || column >= rows[row].size() || !rows[row][column]) return none;
  return *rows[row][column];
}

PgConnection::PgConnection(io::Loop& loop, const Libpq& pq, PGconn* connection, std::string password)
    : loop_(loop), pq_(pq), connection_(connection), password_(std::move(password)) {}

PgConnection::~PgConnection() { pq_.PQfinish(connection_); }

io::Task<Result<std::unique_ptr<PgConnection>>> PgConnection::connect(io::Loop& loop, const Libpq& pq, const DatabaseUrl& url,
                                                                      const DatabaseHost& host, bool writable, io::Deadline deadline) {
  std::vector<const char*> keywords, values;
  auto add = [&](const char* keyword, const std::string& value) {
    keywords.push_back(keyword);
    values.push_back(value.c_str());
  };
  static const std::string read_write = "read-write", any = "any";
  for (const auto& [keyword, value] : url.parameters) {
    if (keyword != "target_session_attrs") add(keyword.c_str(), value);
  }
  add("host", host.host);
  if (!host.address.empty()) add("hostaddr", host.address);
  add("port", host.port);
  add("target_session_attrs", writable ? read_write : any);
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  PGconn* raw = pq.PQconnectStartParams(keywords.data(), values.data(), 0);
  ASSERT(raw);
  pq.PQsetErrorVerbosity(raw, PQERRORS_VERBOSE);  // with the SQLSTATE of a server that does not let us in
  std::unique_ptr<PgConnection> connection(new PgConnection(loop, pq, raw, url.password()));
  CO_CHECK(co_await connection->shake_hands(deadline));
  co_return connection;
}

io::Task<Result<void>> PgConnection::shake_hands(io::Deadline deadline) {
  if (pq_.PQstatus(connection_) == CONNECTION_BAD) co_return not_connected();
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (next != PGRES_POLLING_OK) {
    if (next == PGRES_POLLING_FAILED) co_return not_connected();
    bool reads = next == PGRES_POLLING_READING;
    bool ready = co_await Readiness(loop_, pq_.PQsocket(connection_), reads, !reads, deadline);
    if (!ready) co_return fail_world("E_CONNECT", "the server did not let us in in time");
    next = pq_.PQconnectPoll(connection_);
  }
  pq_.PQsetErrorVerbosity(connection_, PQERRORS_DEFAULT);
  pq_.PQsetnonblocking(connection_, 1);
  pq_.PQsetNoticeProcessor(connection_, be_silent, nullptr);  // the default writes to standard error
  co_return Result<void>();
}

std::unexpected<Error> PgConnection::failed(const char* code) const {
  std::string message = one_line(pq_.PQerrorMessage(connection_), password_);
  return fail_world(code, message.empty() ? "the connection is closed" : std::move(message));
}

std::unexpected<Error> PgConnection::not_connected() const {
  ConnectRefusal refusal = read_connect_refusal(pq_.PQerrorMessage(connection_));
  std::string message = one_line(refusal.message, password_);
  return fail_world(refusal.is_about_credentials ? "E_CREDENTIALS" : "E_CONNECT", message.empty() ? "the connection is closed" : std::move(message));
}

bool PgConnection::is_sound() const {
  if (busy_ || disowned || pq_.PQstatus(connection_) != CONNECTION_OK || pq_.PQtransactionStatus(connection_) != PQTRANS_IDLE) return false;
  pollfd said{pq_.PQsocket(connection_), POLLIN, 0};
  return ::poll(&said, 1, 0) == 0;
}

io::Task<Result<void>> PgConnection::send(const PgQuery& query, io::Deadline deadline) {
  std::vector<const char*> values;
  for (const std::string& value : query.values) values.push_back(value.c_str());
  constexpr int as_text = 0;
  if (!pq_.PQsendQueryParams(connection_, query.text, static_cast<int>(values.size()), nullptr, values.data(), nullptr, nullptr, as_text))
    co_return failed("E_LOST");
  while (int left = pq_.PQflush(connection_)) {
    if (left < 0) co_return failed("E_LOST");
    bool ready = co_await Readiness(loop_, pq_.PQsocket(connection_), true, true, deadline);
    if (!ready) co_return fail_world("E_TIMEOUT", "the server did not take the query in time");
    if (!pq_.PQconsumeInput(connection_)) co_return failed("E_LOST");
  }
  co_return Result<void>();
}

io::Task<Result<PgRows>> PgConnection::receive(io::Deadline deadline) {
  Result<PgRows> outcome = PgRows();
  while (true) {
    while (pq_.PQisBusy(connection_)) {
      bool ready = co_await Readiness(loop_, pq_.PQsocket(connection_), true, false, deadline);
      if (!ready) co_return fail_world("E_TIMEOUT", "the server did not answer in time");
      if (!pq_.PQconsumeInput(connection_)) co_return failed("E_LOST");
    }
    OwnedResult result(pq_.PQgetResult(connection_), pq_.PQclear);
    if (!result) co_return outcome;
    ExecStatusType status = pq_.PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
      outcome = rows_of(pq_, result.get());
      continue;
    }
    const char* state = pq_.PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    const char* message = pq_.PQresultErrorField(result.get(), PG_DIAG_MESSAGE_PRIMARY);
    if (state) {
      outcome = fail_world(state, one_line(message ? message : "", password_));
    } else if (outcome) {  // libpq's own words: the connection is gone. What the server said before goes before it
      outcome = failed("E_LOST");
    }
  }
}

io::Task<Result<PgRows>> PgConnection::query(PgQuery query, io::Deadline deadline) {
  busy_ = true;  // until the whole answer is there
  CO_CHECK(co_await send(query, deadline));
  Result<PgRows> rows = co_await receive(deadline);
  if (rows || (rows.error().code != "E_TIMEOUT" && rows.error().code != "E_LOST")) busy_ = false;
  co_return rows;
}

}  // namespace pds::podinfo
