// The way of a read through its caches: memory, then Redis, then the database; each key is loaded once at a time, however many ask for it.
//
// A load goes on when those who wait for it go away. One that began before a write of the same key is not kept. Who carries a token waits for no
// load that may not have seen what the token stands for.
#pragma once

#include <functional>
#include <memory>

#include "podinfo/hot_cache.h"
#include "podinfo/shared_cache.h"

namespace pds::podinfo {

inline constexpr size_t data_loads_max = 1024;  // at once; above: E_OVERLOADED

class DataCache {
 public:
  using Load = std::function<io::Task<Result<DataPage>>(LogPosition least)>;
  // `shared` may be null.
  DataCache(io::Loop& loop, const Clock& clock, HotCache::Settings settings, SharedCache* shared);

  struct Key {
    std::string text;
    bool in_shared = false;  // may stand in Redis, too
  };
  io::Task<Result<SharedPage>> get(Key key, LogPosition least, Load load);
  // After a write: what is kept under the keys, and under all that begin with `prefix`, is no longer so. Redis is told before it returns.
  io::Task<void> invalidate(std::vector<std::string> keys, std::string prefix);
  // All of it, in memory: it is of another database now.
  void clear();

  const HotCache& memory() const { return memory_; }
  const SharedCache* shared() const { return shared_; }
  uint64_t joined() const { return joined_; }  // requests that found their key being loaded

 private:
  struct Flight;
  using FlightPointer = std::shared_ptr<Flight>;
  FlightPointer start(Key key, LogPosition least, Load load);
  io::Task<void> fly(FlightPointer flight);
  io::Task<std::optional<LoadedPage>> find_shared(const Flight& flight);
  void keep(Flight& flight, LoadedPage loaded);
  void overtake(const std::vector<std::string>& keys, std::string_view prefix);

  io::Loop& loop_;
  const Clock& clock_;
  HotCache memory_;
  SharedCache* shared_;
  std::map<std::string, FlightPointer, std::less<>> flights_;
  uint64_t joined_ = 0;
  io::TaskSet flying_;
};

}  // namespace pds::podinfo
