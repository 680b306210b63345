// A primary and its replicas: which of them a query goes to, and what is done when that one fails. Knows no table.
//
// Reads go to the replicas in turn, and to the primary when none is left. Writes go to whichever server of the primary's URL is writable.
// While the primary cannot be reached, both try again for failover_patience, counted from when it was first found away; every write that is
// given to this object must therefore be one that may be done twice.
#pragma once

#include <functional>

#include "podinfo/data_token.h"
#include "podinfo/pg_pool.h"

namespace pds::podinfo {

inline constexpr size_t database_replicas_max = 16;
inline constexpr Duration failover_patience = 5s;
inline constexpr size_t retriers_max = 512;  // requests at the primary at once; above, the first failure is the answer
inline constexpr Duration replay_patience = 100ms;  // for a replica to come as far as a token says; then the primary is asked

struct DatabaseUrls {
  DatabaseUrl primary;
  std::vector<DatabaseUrl> replicas;
};

class Database {
 public:
  struct Settings {
    size_t least = 1, most = 8;         // connections to each server
    std::function<void()> on_refused;   // see PgPool
  };
  Database(io::Loop& loop, const Libpq& pq, const Logger& logger, DatabaseUrls urls, Settings settings);

  struct Read {
    PgRows rows;
    LogPosition as_of;  // 0: not asked, because `least` was 0
  };
  // From a replica that has replayed `least` (0: from any), or the primary: what that has is all there is, be it less than `least`.
  io::Task<Result<Read>> read(PgQuery query, LogPosition least);

  struct Written {
    PgRows rows;
    bool repeated = false;              // an earlier attempt was lost and may have been done before this one
    std::optional<LogPosition> position;  // after the commit; nothing: it could not be asked
  };
  io::Task<Result<Written>> write(PgQuery query);
  // Several statements as one transaction on the primary.
  io::Task<Result<void>> transact(std::vector<PgQuery> queries);

  io::Task<void> maintain();
  // No connection is kept from now on, and what cannot be reached is not waited for.
  void drain();
  std::vector<const PgPool*> pools() const;  // the primary first
  uint64_t retries() const { return retries_; }

 private:
  using Step = std::function<io::Task<Result<void>>(PgPool::Lease&)>;
  io::Task<Result<void>> on_primary(const Step& step, bool* repeated);
  io::Task<Result<void>> try_primary(const Step& step);
  io::Task<Result<Read>> read_replica(PgPool& pool, const PgQuery& query, LogPosition least);
  io::Task<Result<Read>> read_primary(const PgQuery& query, bool dated);
  io::Task<Result<LogPosition>> await_replay(PgPool::Lease& lease, LogPosition least);

  io::Loop& loop_;
  std::unique_ptr<PgPool> primary_;
  std::vector<std::unique_ptr<PgPool>> replicas_;
  size_t turn_ = 0;
  uint64_t retries_ = 0;
  size_t retriers_ = 0;
  bool draining_ = false;
};

}  // namespace pds::podinfo
