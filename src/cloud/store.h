// The store: what the cloud knows, durable. Desired state and progress live in typed tables; reads come from memory, writes go to memory
// at once and to SQLite (WAL, synchronous=FULL) by one writer thread that commits whatever has gathered.
//
// All writes made between two co_awaits are one transaction: they are found after a crash all or none. A reply leaves only after
// durable(); the dispatcher awaits it after each handler, reconcilers await it before an effect that must be remembered ("intent before
// effect").
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "aws/codec.h"
#include "base/check.h"
#include "io/loop.h"

namespace pds::cloud {

class Store {
 public:
  // Opens or creates <path> (0600). E_STORE_CORRUPT names the file and what to do; nothing is changed then.
  static Result<std::unique_ptr<Store>> open(io::Loop& loop, const std::string& path);
  // For unit tests: nothing is kept.
  static std::unique_ptr<Store> in_memory(io::Loop& loop);
  virtual ~Store() = default;   // commits what is pending

  // Queues a write. Rows are (table, key) -> text.
  virtual void put(std::string_view table, std::string_view key, std::string value) = 0;
  virtual void erase(std::string_view table, std::string_view key) = 0;
  // Resumes when everything queued so far is on disk. Fails (E_DISK_FULL, E_STORE) when it cannot be: then the process must not
  // acknowledge, and later writes fail too until the store is opened again.
  virtual io::Task<Result<void>> durable() = 0;
  virtual bool dirty() const = 0;
  // Every row of a table, in key order. At start-up.
  virtual void load(std::string_view table, const std::function<void(std::string_view key, std::string_view value)>& row) = 0;
  // Names of all tables that have rows and start with this prefix.
  virtual std::vector<std::string> tables(std::string_view prefix) = 0;
};

// One kind of record by key, in memory and in the store. T is a shape (PDS_SHAPE). Members that are `sensitive` are stored as they are:
// encrypt before storing.
template <class T>
class Table {
 public:
  Table(Store& store, std::string name) : store_(store), name_(std::move(name)) {
    store_.load(name_, [this](std::string_view key, std::string_view value) {
      Result<T> record = aws::from_json_text<T>(value);
      ASSERT(record.has_value());   // written by us; Store::open has checked the pages
      rows_.emplace(std::string(key), std::move(*record));
    });
  }
  Table(const Table&) = delete;

  const T* find(std::string_view key) const {
    auto it = rows_.find(key);
    return it == rows_.end() ? nullptr : &it->second;
  }
  bool contains(std::string_view key) const { return rows_.find(key) != rows_.end(); }
  const std::map<std::string, T, std::less<>>& rows() const { return rows_; }
  size_t size() const { return rows_.size(); }

  const T& put(const std::string& key, T record) {
    store_.put(name_, key, aws::to_json_text(record));
    return rows_.insert_or_assign(key, std::move(record)).first->second;
  }
  // Changes a record that must exist.
  template <class Change>
  const T& update(const std::string& key, Change change) {
    auto it = rows_.find(key);
    ASSERT(it != rows_.end());
    change(it->second);
    store_.put(name_, key, aws::to_json_text(it->second));
    return it->second;
  }
  void erase(const std::string& key) {
    if (rows_.erase(key)) store_.erase(name_, key);
  }

 private:
  Store& store_;
  std::string name_;
  std::map<std::string, T, std::less<>> rows_;
};

}  // namespace pds::cloud
