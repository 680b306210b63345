// Connections to one place, primary or replica: made when they are wanted, kept for the next query, never more than a bound.
//
// Whoever finds all in use waits in a bounded queue, first come first served. A connection that is given back unsound is thrown away, and its
// place goes to who waits; if its query is under way, the server is told that nobody waits for it. maintain(), called every now and then, keeps the least number open, closes what was idle for long, and looks
// whether what is idle still works.
#pragma once

#include <array>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "podinfo/pg_cancel.h"
#include "podinfo/pg_connection.h"
#include "podinfo/pg_failure.h"
#include "podinfo/server_health.h"

namespace pds::podinfo {

inline constexpr size_t pg_waiters_max = 256;           // for one pool; above: E_OVERLOADED
inline constexpr Duration pg_wait_limit = 2s;           // of a waiter; then: E_OVERLOADED
inline constexpr Duration pg_connect_timeout = 3s;      // for one address
inline constexpr Duration pg_open_limit = 8s;           // for all hosts and addresses together; what was not reached then comes first next time
inline constexpr Duration pg_query_timeout = 5s;
inline constexpr Duration pg_idle_limit = 60s;          // above the least number of connections
inline constexpr Duration pg_check_interval = 10s;      // idle ones are asked whether they live
inline constexpr Duration pg_primary_pause_max = 500ms;  // between looks for a primary: a failover takes moments
inline constexpr Duration pg_replica_pause_max = 10s;

struct PgCounts {
  static constexpr std::array<const char*, 4> outcomes = {"ok", "error", "lost", "timeout"};
  std::array<uint64_t, outcomes.size()> queries{};
  std::array<double, outcomes.size()> seconds{};
  uint64_t opened = 0, failed = 0, refused = 0;
};

class PgPool {
 public:
  struct Settings {
    std::string name;  // in metrics and logs: "primary", "replica-1"
    bool writable = false;
    size_t least = 1, most = 8;
    std::function<void()> on_refused;  // the server is there and does not let us in. Called while a connection is opened
  };
  PgPool(io::Loop& loop, const Libpq& pq, const Logger& logger, DatabaseUrl url, Settings settings);
  ~PgPool();
  PgPool(const PgPool&) = delete;

  // A place in the pool, with a connection. Must not outlive the pool.
  class Lease {
   public:
    Lease() = default;
    Lease(Lease&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&& other) noexcept;
    ~Lease() { give_back(); }
    io::Task<Result<PgRows>> query(PgQuery query);
    // Its server is not what it was: the connection is not kept, and neither is what is idle.
    void disown();

   private:
    friend class PgPool;
    Lease(PgPool& pool, std::unique_ptr<PgConnection> connection) : pool_(&pool), connection_(std::move(connection)) {}
    void give_back();
    PgPool* pool_ = nullptr;
    std::unique_ptr<PgConnection> connection_;  // null: a place that waits for one
  };
  // Errors: E_OVERLOADED; E_CONNECT, with nothing sent.
  io::Task<Result<Lease>> acquire();
  // Ready to be asked: something is idle, or a new connection may be tried.
  bool is_usable() const { return !idle_.empty() || health_.may_try(loop_.exact_now()); }
  // No connection is kept from now on.
  void drain();
  io::Task<void> maintain();

  const ServerHealth& health() const { return health_; }
  const PgCounts& counts() const { return counts_; }
  const std::string& name() const { return settings_.name; }
  const std::string& last_error() const { return last_error_; }
  size_t idle() const { return idle_.size(); }
  size_t in_use() const { return places_ - idle_.size(); }
  size_t waiting() const { return waiters_.size(); }
  int64_t replay_lag_bytes() const { return replay_lag_bytes_; }  // of a standby: received and not yet replayed; -1: not known

 private:
  struct Waiter;
  std::unique_ptr<PgConnection> take_idle();
  io::Task<Result<Lease>> fill(Lease place);
  io::Task<Result<std::unique_ptr<PgConnection>>> connect();
  io::Task<Result<std::unique_ptr<PgConnection>>> connect_to(const DatabaseHost& host, io::Deadline end);
  io::Task<Result<Lease>> wait_for_place();
  io::Task<void> check(Lease lease);
  std::unique_ptr<PgConnection> take_unchecked();
  void close_long_idle();
  void forget_idle();
  void give_back(std::unique_ptr<PgConnection> connection);
  void count(const Result<PgRows>& outcome, MonoTime began);
  void note_failure(const Error& error);

  io::Loop& loop_;
  const Libpq& pq_;
  const Logger& logger_;
  const DatabaseUrl url_;
  const Settings settings_;
  std::vector<std::unique_ptr<PgConnection>> idle_;  // the last used last
  size_t places_ = 0;                                // idle, in use, and being opened
  std::list<Waiter*> waiters_;
  ServerHealth health_;
  PgCounts counts_;
  std::string last_error_;
  size_t first_host_ = 0;  // where the last search for a server ended
  int64_t replay_lag_bytes_ = -1;
  bool draining_ = false;
  PgCanceller canceller_;
};

}  // namespace pds::podinfo
