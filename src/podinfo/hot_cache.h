// What was read lately, in memory: bounded by bytes, the least recently used goes first.
//
// A page is fresh for `fresh` after it was loaded, then stale for `stale`: given out, but only while somebody fetches a new one. Found nothing is
// an answer, too: it is kept for absent_time at most and never stale, so that what was just made is soon seen. Who wants to see at least
// what was written up to a position is given nothing older. Pure: time is passed in.
#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <string>
#include <string_view>

#include "base/time.h"
#include "podinfo/data_item.h"

namespace pds::podinfo {

class HotCache {
 public:
  struct Settings {
    size_t bytes_max = 0;
    Duration fresh{}, stale{};
  };
  static constexpr size_t entry_overhead_bytes = 224;  // nodes of 104 and 32 bytes, 16 of a shared pointer, and what the allocator adds
  static constexpr Duration absent_time = 1s;

  explicit HotCache(Settings settings) : settings_(settings) {}

  struct Found {
    enum class Kind : uint8_t { fresh, stale, miss };
    Kind kind = Kind::miss;
    SharedPage page;       // null for a miss
    LogPosition newest;    // of what is kept under the key, whether it was given out or not: a new one should not be older
  };
  Found find(std::string_view key, LogPosition least, MonoTime now);
  // `loaded`: when it was read. What is older than what is kept is not taken; what is too large for the bound is not kept.
  void put(const std::string& key, SharedPage page, MonoTime loaded);
  void erase(std::string_view key);
  // All keys that begin so.
  void erase_prefix(std::string_view prefix);

  struct Counts {
    uint64_t hits = 0, stale = 0, misses = 0, evicted = 0;
  };
  const Counts& counts() const { return counts_; }
  size_t bytes() const { return bytes_; }
  size_t entries() const { return entries_.size(); }
  const Settings& settings() const { return settings_; }

 private:
  struct Entry {
    SharedPage page;
    MonoTime loaded;
    size_t bytes = 0;
    std::list<std::string_view>::iterator use;  // in uses_; the key's bytes are the map's
  };
  using Entries = std::map<std::string, Entry, std::less<>>;
  Found::Kind state_of(const Entry& entry, LogPosition least, MonoTime now) const;
  Entries::iterator remove(Entries::iterator entry);

  Settings settings_;
  Entries entries_;
  std::list<std::string_view> uses_;  // the last used first
  size_t bytes_ = 0;
  Counts counts_;
};

}  // namespace pds::podinfo
