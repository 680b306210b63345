// The table of /api/data and its statements. Every write here may be done twice (RFC 9110 has PUT and DELETE so; a created item's id is ours), so
// one whose connection was lost is simply done again.
#pragma once

#include "podinfo/data_item.h"
#include "podinfo/database.h"

namespace pds::podinfo {

class DataStore {
 public:
  explicit DataStore(Database& database) : database_(database) {}

  // Makes the table where it is not there; any number of processes may do so at once.
  io::Task<Result<void>> prepare();

  // One item or none.
  io::Task<Result<DataPage>> find(std::string id, LogPosition least);
  // Those behind `after` by id (empty: from the first), at most `limit`.
  io::Task<Result<DataPage>> list(std::string after, size_t limit, LogPosition least);

  struct Change {
    enum class Kind : uint8_t { created, replaced, removed, absent };
    Kind kind;
    DataItem item;                        // as it is now; not after `removed` and `absent`
    std::optional<LogPosition> position;  // for the token
  };
  // `id` must be one that nobody else has.
  io::Task<Result<Change>> create(std::string id, std::string message);
  io::Task<Result<Change>> put(std::string id, std::string message);
  io::Task<Result<Change>> remove(std::string id);

 private:
  io::Task<Result<DataPage>> read(PgQuery query, LogPosition least);
  io::Task<Result<Database::Written>> write(PgQuery query);
  Database& database_;
};

}  // namespace pds::podinfo
