#include "cloud/store.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "base/check.h"

namespace pds::cloud {
namespace {

struct Write {
  std::string table, key, value;
  bool erase = false;
};

// What one turn of the loop wrote: committed whole or not at all.
struct Batch {
  uint64_t sequence = 0;
  std::vector<Write> writes;
};

class Statement {
 public:
  Statement(sqlite3* db, const char* sql) { sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr); }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  sqlite3_stmt* get() const { return statement_; }
  void bind(int index, std::string_view text) { sqlite3_bind_text(statement_, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC); }
  std::string_view column(int index) const {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, index));
    return {text ? text : "", static_cast<size_t>(sqlite3_column_bytes(statement_, index))};
  }
  // Runs to the end and makes it ready for the next use.
  int run() {
    int code = sqlite3_step(statement_);
    sqlite3_reset(statement_);
    return code;
  }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

Error sqlite_error(sqlite3* db, int code) {
  if ((code & 0xff) == SQLITE_FULL)
    return {"E_DISK_FULL", "the disk is full: the change could not be stored. Free some space and call again", 503, true};
  return {"E_STORE", fmt::format("the store refused a change: {}", sqlite3_errmsg(db)), 500, true};
}

std::unexpected<Error> corrupt(const std::string& path, const std::string& why) {
  return fail("E_STORE_CORRUPT",
              fmt::format("the store {} is damaged ({}); nothing was changed. Restore it from a copy, or move the data directory away and "
                          "start anew",
                          path, why),
              500);
}

class SqliteStore final : public Store {
 public:
  SqliteStore(io::Loop& loop, sqlite3* db) : loop_(loop), db_(db) {
    writer_ = std::thread([this] { write_loop(); });
  }

  ~SqliteStore() override {
    hand_over();
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    writer_.join();
    *alive_ = false;
    // SQLite does not close a connection that still has statements: the log would never be folded into the file.
    upsert_.reset();
    erase_.reset();
    sqlite3_close(db_);
  }

  void put(std::string_view table, std::string_view key, std::string value) override {
    add({std::string(table), std::string(key), std::move(value), false});
  }
  void erase(std::string_view table, std::string_view key) override { add({std::string(table), std::string(key), {}, true}); }
  bool dirty() const override { return !gathering_.empty() || done_ < handed_over_; }

  io::Task<Result<void>> durable() override {
    hand_over();
    uint64_t wanted = handed_over_;
    if (done_ >= wanted) co_return Result<void>{};
    // A failed commit is tried again by whoever asks next: memory is ahead of the disk until one succeeds.
    uint64_t attempt = failures_;
    {
      std::lock_guard lock(mutex_);
      retry_ = true;
    }
    wake_.notify_one();
    while (done_ < wanted) {
      if (failures_ > attempt) co_return std::unexpected(last_error_);
      Waiter waiter{*this};
      co_await waiter;
    }
    co_return Result<void>{};
  }

  void load(std::string_view table, const std::function<void(std::string_view, std::string_view)>& row) override {
    std::lock_guard lock(db_mutex_);
    Statement select(db_, "SELECT key, value FROM rows WHERE tbl = ?1 ORDER BY key");
    select.bind(1, table);
    while (sqlite3_step(select.get()) == SQLITE_ROW) row(select.column(0), select.column(1));
  }

  std::vector<std::string> tables(std::string_view prefix) override {
    std::lock_guard lock(db_mutex_);
    Statement select(db_, "SELECT DISTINCT tbl FROM rows WHERE substr(tbl, 1, length(?1)) = ?1 ORDER BY tbl");
    select.bind(1, prefix);
    std::vector<std::string> names;
    while (sqlite3_step(select.get()) == SQLITE_ROW) names.emplace_back(select.column(0));
    return names;
  }

 private:
  struct Waiter {
    SqliteStore& store;
    std::coroutine_handle<> handle;
    std::list<Waiter*>::iterator place;
    bool linked = false;
    explicit Waiter(SqliteStore& s) : store(s) {}
    Waiter(const Waiter&) = delete;
    ~Waiter() {
      if (linked) store.waiters_.erase(place);
    }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> h) {
      handle = h;
      place = store.waiters_.insert(store.waiters_.end(), this);
      linked = true;
    }
    void await_resume() {}
  };

  void add(Write write) {
    if (gathering_.empty()) {
      // Written by a reconciler that does not wait: committed at the end of this turn all the same.
      loop_.post([this, alive = alive_] {
        if (*alive) hand_over();
      });
    }
    gathering_.push_back(std::move(write));
  }

  void hand_over() {
    if (gathering_.empty()) return;
    {
      std::lock_guard lock(mutex_);
      queue_.push_back({++handed_over_, std::move(gathering_)});
    }
    gathering_.clear();
    wake_.notify_one();
  }

  // The writer thread: takes all that has gathered and commits it as one transaction.
  void write_loop() {
    std::unique_lock lock(mutex_);
    bool failed = false;
    while (true) {
      wake_.wait(lock, [&] { return stopping_ || retry_ || (!queue_.empty() && !failed); });
      if (queue_.empty() || (stopping_ && failed)) {
        retry_ = false;
        if (stopping_) return;
        continue;
      }
      retry_ = false;
      std::vector<Batch> batches(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.end()));
      queue_.clear();
      lock.unlock();
      Result<void> result = commit(batches);
      uint64_t last = batches.back().sequence;
      failed = !result;
      lock.lock();
      if (failed) queue_.insert(queue_.begin(), std::make_move_iterator(batches.begin()), std::make_move_iterator(batches.end()));
      loop_.post([this, alive = alive_, result = std::move(result), last] {
        if (*alive) committed(result, last);
      });
    }
  }

  Result<void> commit(const std::vector<Batch>& batches) {
    std::lock_guard lock(db_mutex_);
    if (!upsert_) {
      upsert_ = std::make_unique<Statement>(db_, "INSERT INTO rows VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = excluded.value");
      erase_ = std::make_unique<Statement>(db_, "DELETE FROM rows WHERE tbl = ?1 AND key = ?2");
    }
    int code = sqlite3_exec(db_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr);
    for (size_t b = 0; code == SQLITE_OK && b < batches.size(); ++b) {
      for (const Write& write : batches[b].writes) {
        Statement& statement = write.erase ? *erase_ : *upsert_;
        statement.bind(1, write.table);
        statement.bind(2, write.key);
        if (!write.erase) statement.bind(3, write.value);
        if (int step = statement.run(); step != SQLITE_DONE) {
          code = step;
          break;
        }
      }
    }
    if (code == SQLITE_OK) code = sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return {};
    Error error = sqlite_error(db_, code);
    sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    return std::unexpected(std::move(error));
  }

  void committed(const Result<void>& result, uint64_t last) {
    if (result) {
      done_ = std::max(done_, last);
    } else {
      ++failures_;
      last_error_ = result.error();
    }
    // Resuming may destroy other waiters, or add new ones behind those of now: taken one at a time, no more than there are now.
    for (size_t count = waiters_.size(); count > 0 && !waiters_.empty(); --count) {
      Waiter* waiter = waiters_.front();
      waiters_.pop_front();
      waiter->linked = false;
      waiter->handle.resume();
    }
  }

  // Used on the loop's thread only.
  io::Loop& loop_;
  std::vector<Write> gathering_;
  uint64_t handed_over_ = 0, done_ = 0, failures_ = 0;
  Error last_error_;
  std::list<Waiter*> waiters_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);

  // Guarded by mutex_.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Batch> queue_;
  bool stopping_ = false, retry_ = false;

  // Guarded by db_mutex_.
  std::mutex db_mutex_;
  sqlite3* db_;
  std::unique_ptr<Statement> upsert_, erase_;

  std::thread writer_;
};

class MemoryStore final : public Store {
 public:
  void put(std::string_view, std::string_view, std::string) override {}
  void erase(std::string_view, std::string_view) override {}
  io::Task<Result<void>> durable() override { co_return Result<void>{}; }
  bool dirty() const override { return false; }
  void load(std::string_view, const std::function<void(std::string_view, std::string_view)>&) override {}
  std::vector<std::string> tables(std::string_view) override { return {}; }
};

Result<void> prepare(sqlite3* db, const std::string& path) {
  auto run = [&](const char* sql) { return sqlite3_exec(db, sql, nullptr, nullptr, nullptr); };
  sqlite3_busy_timeout(db, 2000);
  if (run("PRAGMA journal_mode = WAL") != SQLITE_OK) return corrupt(path, sqlite3_errmsg(db));
  if (run("PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -2000") != SQLITE_OK)
    return corrupt(path, sqlite3_errmsg(db));
  if (run("CREATE TABLE IF NOT EXISTS rows (tbl TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID") !=
      SQLITE_OK)
    return corrupt(path, sqlite3_errmsg(db));
  Statement check(db, "PRAGMA quick_check(1)");
  if (sqlite3_step(check.get()) != SQLITE_ROW || check.column(0) != "ok") return corrupt(path, std::string(check.column(0)));
  return {};
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(io::Loop& loop, const std::string& path) {
  // Made here, so that it never exists with a wider mode than 0600.
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return fail_errno("cannot open the store " + path, errno);
  ::close(fd);
  sqlite3* db = nullptr;
  int code = sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX, nullptr);
  Result<void> ready = code == SQLITE_OK ? prepare(db, path) : Result<void>(corrupt(path, sqlite3_errmsg(db)));
  if (!ready) {
    sqlite3_close(db);
    return std::unexpected(ready.error());
  }
  return std::make_unique<SqliteStore>(loop, db);
}

std::unique_ptr<Store> Store::in_memory(io::Loop&) { return std::make_unique<MemoryStore>(); }

}  // namespace pds::cloud
