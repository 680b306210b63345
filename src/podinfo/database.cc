#include "podinfo/database.h"

#include <fmt/format.h>

namespace pds::podinfo {
namespace {

constexpr Duration retry_pause_min = 20ms, retry_pause_max = 250ms;
constexpr Duration replay_look_pause = 10ms;
constexpr const char* position_text = "SELECT pg_current_wal_insert_lsn()";
// A server that is no standby (any more) has all there is.
constexpr const char* replayed_text =
    "SELECT NOT pg_is_in_recovery() OR pg_last_wal_replay_lsn() >= $1::pg_lsn, "
    "CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_insert_lsn() END";

// Whether another connection may do better, for what may be done twice.
bool is_worth_another(const Error& error) {
  PgBlame blame = blame_of(error);
  return blame == PgBlame::server || blame == PgBlame::unknown;
}

// Whether the next server may do better with a read. A replica may not have heard of the table yet. A crowd before it may be one of those who
// wait for a host that says nothing; the bounds of the next server's own pool hold.
bool is_worth_another_server(const Error& error) { return blame_of(error) != PgBlame::query || is_missing_table(error); }

struct Counted {
  size_t& count;
  explicit Counted(size_t& c) : count(++c) {}
  Counted(const Counted&) = delete;
  ~Counted() { --count; }
};

}  // namespace

Database::Database(io::Loop& loop, const Libpq& pq, const Logger& logger, DatabaseUrls urls, Settings settings) : loop_(loop) {
  auto make = [&](DatabaseUrl url, std::string name, bool writable) {
    return std::make_unique<PgPool>(loop, pq, logger, std::move(url),
                                    PgPool::Settings{std::move(name), writable, settings.least, settings.most, settings.on_refused});
  };
  primary_ = make(std::move(urls.primary), "primary", true);
  for (DatabaseUrl& url : urls.replicas) replicas_.push_back(make(std::move(url), fmt::format("replica-{}", replicas_.size() + 1), false));
}

io::Task<Result<void>> Database::try_primary(const Step& step) {
  CO_TRY(PgPool::Lease lease, co_await primary_->acquire());
  Result<void> done = co_await step(lease);
  // A primary that became a standby says so on every connection that was made before.
  if (!done && is_read_only(done.error())) lease.disown();
  co_return done;
}

io::Task<Result<void>> Database::on_primary(const Step& step, bool* repeated) {
  MonoTime began = loop_.exact_now();
  Duration pause = retry_pause_min;
  Counted counted(retriers_);
  while (true) {
    Result<void> done = co_await try_primary(step);
    if (draining_ || done || !is_worth_another(done.error())) co_return done;
    if (repeated && blame_of(done.error()) == PgBlame::unknown) *repeated = true;
    MonoTime end = primary_->health().failing_since().value_or(began) + failover_patience;
    if (loop_.exact_now() + pause >= std::min(end, began + failover_patience) || retriers_ > retriers_max) co_return done;
    ++retries_;
    co_await loop_.sleep_for(pause);
    pause = std::min(2 * pause, retry_pause_max);
  }
}

io::Task<Result<Database::Written>> Database::write(PgQuery query) {
  Written written;
  Step step = [&](PgPool::Lease& lease) -> io::Task<Result<void>> {
    CO_TRY(written.rows, co_await lease.query(query));
    // By the same server, after its commit. Should it fail: the write is done all the same.
    Result<PgRows> position = co_await lease.query({position_text, {}});
    if (position) written.position = parse_lsn(position->at(0, 0));
    co_return Result<void>();
  };
  CO_CHECK(co_await on_primary(step, &written.repeated));
  co_return std::move(written);
}

io::Task<Result<void>> Database::transact(std::vector<PgQuery> queries) {
  Step step = [&](PgPool::Lease& lease) -> io::Task<Result<void>> {
    CO_CHECK(co_await lease.query({"BEGIN", {}}));
    for (const PgQuery& query : queries) CO_CHECK(co_await lease.query(query));
    CO_CHECK(co_await lease.query({"COMMIT", {}}));
    co_return Result<void>();
  };
  co_return co_await on_primary(step, nullptr);
}

// Where a replica's snapshot would be older than its answer about itself if both were one statement: so it is asked before, and in the same
// transaction, which a pooler gives to one server.
io::Task<Result<LogPosition>> Database::await_replay(PgPool::Lease& lease, LogPosition least) {
  MonoTime end = loop_.exact_now() + replay_patience;
  while (true) {
    CO_TRY(PgRows rows, co_await lease.query({replayed_text, {to_lsn(least)}}));
    if (rows.at(0, 0) == "t") co_return parse_lsn(rows.at(0, 1)).value_or(LogPosition{});
    if (loop_.exact_now() >= end) co_return fail_world("E_BEHIND", "the replica has not come that far");
    co_await loop_.sleep_for(replay_look_pause);
  }
}

io::Task<Result<Database::Read>> Database::read_replica(PgPool& pool, const PgQuery& query, LogPosition least) {
  Read read;
  CO_TRY(PgPool::Lease lease, co_await pool.acquire());
  if (least.value == 0) {
    CO_TRY(read.rows, co_await lease.query(query));
    co_return std::move(read);
  }
  CO_CHECK(co_await lease.query({"BEGIN READ ONLY", {}}));
  Result<LogPosition> replayed = co_await await_replay(lease, least);
  if (replayed) {
    read.as_of = *replayed;
    CO_TRY(read.rows, co_await lease.query(query));
  }
  CO_CHECK(co_await lease.query({"COMMIT", {}}));
  if (!replayed) co_return std::unexpected(std::move(replayed).error());
  co_return std::move(read);
}

io::Task<Result<Database::Read>> Database::read(PgQuery query, LogPosition least) {
  std::vector<bool> usable;
  for (const auto& replica : replicas_) usable.push_back(replica->is_usable());
  for (size_t index : read_order(usable, turn_++)) {
    Result<Read> read = co_await read_replica(*replicas_[index], query, least);
    if (read) co_return read;
    if (read.error().code == "E_BEHIND") break;
    if (!is_worth_another_server(read.error())) co_return read;
  }
  co_return co_await read_primary(query, least.value > 0);
}

// How new it is is asked before the read, and not taken from the token: that is a client's word, and others will rely on it.
io::Task<Result<Database::Read>> Database::read_primary(const PgQuery& query, bool dated) {
  Read read;
  Step step = [&](PgPool::Lease& lease) -> io::Task<Result<void>> {
    if (dated) {
      CO_TRY(PgRows position, co_await lease.query({position_text, {}}));
      read.as_of = parse_lsn(position.at(0, 0)).value_or(LogPosition{});
    }
    CO_TRY(read.rows, co_await lease.query(query));
    co_return Result<void>();
  };
  CO_CHECK(co_await on_primary(step, nullptr));
  co_return std::move(read);
}

io::Task<void> Database::maintain() {
  io::TaskSet looking;
  for (const auto& replica : replicas_) looking.spawn(replica->maintain());
  co_await primary_->maintain();
  co_await looking.wait_empty();
}

void Database::drain() {
  draining_ = true;
  primary_->drain();
  for (const auto& replica : replicas_) replica->drain();
}

std::vector<const PgPool*> Database::pools() const {
  std::vector<const PgPool*> out{primary_.get()};
  for (const auto& replica : replicas_) out.push_back(replica.get());
  return out;
}

}  // namespace pds::podinfo
