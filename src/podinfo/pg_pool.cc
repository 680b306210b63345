#include "podinfo/pg_pool.h"

#include <algorithm>

#include "base/text.h"
#include "podinfo/host_addresses.h"

namespace pds::podinfo {
namespace {

// What a standby has received and not replayed; NULL on a primary.
constexpr const char* check_text =
    "SELECT CASE WHEN pg_is_in_recovery() THEN pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::bigint END";

}  // namespace

// One who waits for a place. Woken in a later turn of the loop: places are given back in destructors, where nothing else may run.
struct PgPool::Waiter {
  PgPool& pool;
  io::Timer timer;
  std::coroutine_handle<> handle;
  Lease place;
  bool granted = false;
  std::list<Waiter*>::iterator position;

  explicit Waiter(PgPool& p) : pool(p), timer(p.loop_, [this] { handle.resume(); }) {}
  ~Waiter() {
    if (!granted && handle) pool.waiters_.erase(position);
  }
  Waiter(const Waiter&) = delete;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> h) {
    handle = h;
    position = pool.waiters_.insert(pool.waiters_.end(), this);
    timer.start(pool.loop_.exact_now() + pg_wait_limit);
  }
  void await_resume() {}
  void grant(Lease lease) {
    granted = true;
    place = std::move(lease);
    timer.start(MonoTime{});
  }
};

PgPool::Lease& PgPool::Lease::operator=(Lease&& other) noexcept {
  give_back();
  pool_ = std::exchange(other.pool_, nullptr);
  connection_ = std::move(other.connection_);
  return *this;
}

void PgPool::Lease::give_back() {
  if (PgPool* pool = std::exchange(pool_, nullptr)) pool->give_back(std::move(connection_));
}

io::Task<Result<PgRows>> PgPool::Lease::query(PgQuery query) {
  MonoTime began = pool_->loop_.exact_now();
  Result<PgRows> outcome = co_await connection_->query(std::move(query), began + pg_query_timeout);
  pool_->count(outcome, began);
  connection_->used = connection_->checked = pool_->loop_.exact_now();
  co_return outcome;
}

void PgPool::Lease::disown() {
  connection_->disowned = true;
  pool_->forget_idle();
}

PgPool::PgPool(io::Loop& loop, const Libpq& pq, const Logger& logger, DatabaseUrl url, Settings settings)
    : loop_(loop),
      pq_(pq),
      logger_(logger),
      url_(std::move(url)),
      settings_(std::move(settings)),
      health_(settings_.writable ? pg_primary_pause_max : pg_replica_pause_max),
      canceller_(loop, pq) {}

PgPool::~PgPool() { ASSERT(waiters_.empty() && places_ == idle_.size()); }

std::unique_ptr<PgConnection> PgPool::take_idle() {
  while (!idle_.empty()) {
    std::unique_ptr<PgConnection> last = std::move(idle_.back());
    idle_.pop_back();
    if (last->is_sound()) return last;
    --places_;
  }
  return nullptr;
}

void PgPool::give_back(std::unique_ptr<PgConnection> connection) {
  if (connection && connection->is_busy()) canceller_.take(std::move(connection));
  if (connection && (draining_ || !connection->is_sound())) connection.reset();
  if (!waiters_.empty()) {
    Waiter* first = waiters_.front();
    waiters_.pop_front();
    first->grant(Lease(*this, std::move(connection)));
  } else if (connection) {
    idle_.push_back(std::move(connection));
  } else {
    --places_;
  }
}

io::Task<Result<PgPool::Lease>> PgPool::acquire() {
  if (std::unique_ptr<PgConnection> kept = take_idle()) co_return Lease(*this, std::move(kept));
  if (places_ < settings_.most) {
    ++places_;
    co_return co_await fill(Lease(*this, nullptr));
  }
  CO_TRY(Lease place, co_await wait_for_place());
  if (place.connection_) co_return std::move(place);
  co_return co_await fill(std::move(place));
}

io::Task<Result<PgPool::Lease>> PgPool::wait_for_place() {
  if (waiters_.size() >= pg_waiters_max) {
    ++counts_.refused;
    co_return fail_world("E_OVERLOADED", "too many requests wait for a connection to the database");
  }
  Waiter waiter(*this);
  co_await waiter;
  if (waiter.granted) co_return std::move(waiter.place);
  ++counts_.refused;
  co_return fail_world("E_OVERLOADED", "no connection to the database became free in time");
}

io::Task<Result<PgPool::Lease>> PgPool::fill(Lease place) {
  if (!health_.may_try(loop_.exact_now())) co_return fail_world("E_CONNECT", last_error_);
  health_.trying(loop_.exact_now());
  Result<std::unique_ptr<PgConnection>> made = co_await connect();
  if (!made) {
    note_failure(made.error());
    co_return fail_world("E_CONNECT", last_error_);
  }
  ++counts_.opened;
  if (health_.is_failing()) logger_.info("database server is back", {{"server", settings_.name}, {"place", url_.place()}});
  health_.succeeded();
  last_error_.clear();
  place.connection_ = *std::move(made);
  place.connection_->used = place.connection_->checked = loop_.exact_now();
  co_return std::move(place);
}

// Told once in each outage: what follows is in the metrics.
void PgPool::note_failure(const Error& error) {
  ++counts_.failed;
  if (!health_.is_failing() || last_error_ != error.message)
    logger_.warn("database server is away", {{"server", settings_.name}, {"place", url_.place()}, {"error", error.message}});
  last_error_ = error.message;
  health_.failed(loop_.exact_now());
  if (error.code == "E_CREDENTIALS" && settings_.on_refused) settings_.on_refused();
}

// The hosts in their order, from where the last search ended, each by all of its addresses. The last failure is told.
io::Task<Result<std::unique_ptr<PgConnection>>> PgPool::connect() {
  io::Deadline end = loop_.exact_now() + pg_open_limit;
  size_t count = url_.hosts.size(), first = first_host_;
  Result<std::unique_ptr<PgConnection>> outcome = fail_world("E_CONNECT", "no host is named");
  for (size_t i = 0; i < count && loop_.exact_now() < end; ++i) {
    first_host_ = (first + i) % count;
    outcome = co_await connect_to(url_.hosts[first_host_], end);
    if (outcome) co_return outcome;
  }
  first_host_ = (first_host_ + 1) % count;
  co_return outcome;
}

io::Task<Result<std::unique_ptr<PgConnection>>> PgPool::connect_to(const DatabaseHost& host, io::Deadline end) {
  auto limit = [this, end] { return std::min<io::Deadline>(loop_.exact_now() + pg_connect_timeout, end); };
  if (host.is_socket() || !host.address.empty()) co_return co_await PgConnection::connect(loop_, pq_, url_, host, settings_.writable, limit());
  CO_TRY(std::vector<std::string> addresses, co_await find_host_addresses(loop_, host.host, limit()));
  Result<std::unique_ptr<PgConnection>> outcome = fail_world("E_CONNECT", "no address is known");
  for (const std::string& address : addresses) {
    DatabaseHost at{host.host, address, host.port};
    outcome = co_await PgConnection::connect(loop_, pq_, url_, at, settings_.writable, limit());
    if (outcome || loop_.exact_now() >= end) break;
  }
  co_return outcome;
}

void PgPool::count(const Result<PgRows>& outcome, MonoTime began) {
  size_t kind = 0;
  if (!outcome) {
    PgBlame blame = blame_of(outcome.error());
    kind = blame == PgBlame::unknown ? 2 : blame == PgBlame::late ? 3 : 1;
    // A server that does not answer is as good as gone.
    if (blame == PgBlame::late) note_failure(outcome.error());
  }
  ++counts_.queries[kind];
  counts_.seconds[kind] += std::chrono::duration<double>(loop_.exact_now() - began).count();
}

void PgPool::forget_idle() {
  places_ -= idle_.size();
  idle_.clear();
}

void PgPool::drain() {
  draining_ = true;
  forget_idle();
}

// Not a use: who is only ever checked is idle all the same.
io::Task<void> PgPool::check(Lease lease) {
  MonoTime began = loop_.exact_now();
  Result<PgRows> rows = co_await lease.connection_->query({check_text, {}}, began + pg_query_timeout);
  count(rows, began);
  lease.connection_->checked = loop_.exact_now();
  if (rows) replay_lag_bytes_ = parse_int(rows->at(0, 0)).value_or(-1);
}

std::unique_ptr<PgConnection> PgPool::take_unchecked() {
  MonoTime oldest = loop_.exact_now() - pg_check_interval;
  auto found = std::ranges::find_if(idle_, [&](const auto& connection) { return connection->checked <= oldest; });
  if (found == idle_.end()) return nullptr;
  std::unique_ptr<PgConnection> taken = std::move(*found);
  idle_.erase(found);
  return taken;
}

void PgPool::close_long_idle() {
  MonoTime oldest = loop_.exact_now() - pg_idle_limit;
  for (size_t i = 0; i < idle_.size() && places_ > settings_.least;) {
    if (idle_[i]->used > oldest) {
      ++i;
      continue;
    }
    idle_.erase(idle_.begin() + static_cast<ptrdiff_t>(i));
    --places_;
  }
}

io::Task<void> PgPool::maintain() {
  close_long_idle();
  while (std::unique_ptr<PgConnection> unchecked = take_unchecked()) co_await check(Lease(*this, std::move(unchecked)));
  while (!draining_ && places_ < settings_.least && health_.may_try(loop_.exact_now())) {
    ++places_;
    [[maybe_unused]] Result<Lease> opened = co_await fill(Lease(*this, nullptr));
  }
}

}  // namespace pds::podinfo
