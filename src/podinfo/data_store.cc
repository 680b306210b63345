#include "podinfo/data_store.h"

#include <fmt/format.h>

namespace pds::podinfo {
namespace {

// Ids are compared as bytes: pages mean the same whatever the database's language is.
#define PDS_DATA_COLUMNS "id, message, to_char(changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

constexpr const char* exists_text = "SELECT to_regclass('podinfo_data') IS NOT NULL";
// Until the transaction's end, so a pooler may lie between. The number is the lock's name.
constexpr const char* lock_text = "SELECT pg_advisory_xact_lock(7630469421)";
// The bounds are the messages' and ids' own (data_item.h): what reads the table may count on them.
constexpr const char* create_table_text =
    "CREATE TABLE IF NOT EXISTS podinfo_data ("
    "id text COLLATE \"C\" PRIMARY KEY CHECK (octet_length(id) BETWEEN 1 AND 64), "
    "message text NOT NULL CHECK (octet_length(message) BETWEEN 1 AND 4096), "
    "changed_at timestamptz NOT NULL DEFAULT now())";

constexpr const char* find_text = "SELECT " PDS_DATA_COLUMNS " FROM podinfo_data WHERE id = $1";
constexpr const char* list_text = "SELECT " PDS_DATA_COLUMNS " FROM podinfo_data WHERE id > $1 ORDER BY id LIMIT $2::bigint";
// A conflict can only be an earlier attempt of the same call: its row is the answer.
constexpr const char* create_text =
    "INSERT INTO podinfo_data (id, message) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET message = podinfo_data.message "
    "RETURNING " PDS_DATA_COLUMNS;
// xmax is 0 in a row that nobody changed since it was inserted.
constexpr const char* put_text =
    "INSERT INTO podinfo_data (id, message) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET message = excluded.message, changed_at = now() "
    "RETURNING " PDS_DATA_COLUMNS ", (xmax = 0)";
constexpr const char* remove_text = "DELETE FROM podinfo_data WHERE id = $1";
#undef PDS_DATA_COLUMNS

DataItem item_at(const PgRows& rows, size_t row) { return {rows.at(row, 0), rows.at(row, 1), rows.at(row, 2)}; }

}  // namespace

io::Task<Result<void>> DataStore::prepare() {
  CO_TRY(Database::Written there, co_await database_.write({exists_text, {}}));
  if (there.rows.at(0, 0) == "t") co_return Result<void>();
  std::vector<PgQuery> queries;
  queries.push_back({lock_text, {}});
  queries.push_back({create_table_text, {}});
  co_return co_await database_.transact(std::move(queries));
}

io::Task<Result<DataPage>> DataStore::read(PgQuery query, LogPosition least) {
  Result<Database::Read> read = co_await database_.read(query, least);
  if (!read && is_missing_table(read.error())) {
    CO_CHECK(co_await prepare());
    read = co_await database_.read(std::move(query), least);
  }
  if (!read) co_return std::unexpected(std::move(read).error());
  DataPage page;
  for (size_t row = 0; row < read->rows.rows.size(); ++row) page.items.push_back(item_at(read->rows, row));
  page.as_of = read->as_of;
  co_return std::move(page);
}

io::Task<Result<Database::Written>> DataStore::write(PgQuery query) {
  Result<Database::Written> written = co_await database_.write(query);
  if (!written && is_missing_table(written.error())) {
    CO_CHECK(co_await prepare());
    written = co_await database_.write(std::move(query));
  }
  co_return written;
}

io::Task<Result<DataPage>> DataStore::find(std::string id, LogPosition least) { co_return co_await read({find_text, {std::move(id)}}, least); }

// One more than asked for tells whether there is more.
io::Task<Result<DataPage>> DataStore::list(std::string after, size_t limit, LogPosition least) {
  CO_TRY(DataPage page, co_await read({list_text, {std::move(after), std::to_string(limit + 1)}}, least));
  page.more = page.items.size() > limit;
  if (page.more) page.items.pop_back();
  co_return std::move(page);
}

io::Task<Result<DataStore::Change>> DataStore::create(std::string id, std::string message) {
  CO_TRY(Database::Written written, co_await write({create_text, {std::move(id), std::move(message)}}));
  co_return Change{Change::Kind::created, item_at(written.rows, 0), written.position};
}

io::Task<Result<DataStore::Change>> DataStore::put(std::string id, std::string message) {
  CO_TRY(Database::Written written, co_await write({put_text, {std::move(id), std::move(message)}}));
  bool is_new = written.rows.at(0, 3) == "t";
  co_return Change{is_new ? Change::Kind::created : Change::Kind::replaced, item_at(written.rows, 0), written.position};
}

// What is gone at the second attempt may have gone at the first, whose answer was lost.
io::Task<Result<DataStore::Change>> DataStore::remove(std::string id) {
  CO_TRY(Database::Written written, co_await write({remove_text, {std::move(id)}}));
  bool removed = written.rows.changed > 0 || written.repeated;
  co_return Change{removed ? Change::Kind::removed : Change::Kind::absent, {}, written.position};
}

}  // namespace pds::podinfo
