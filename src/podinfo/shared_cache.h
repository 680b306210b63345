// The second level of the data's cache: Redis, which all podinfos share. Whatever goes wrong with it is a miss.
#pragma once

#include "base/log.h"
#include "podinfo/redis.h"
#include "podinfo/shared_page.h"

namespace pds::podinfo {

inline constexpr Duration shared_cache_timeout = 200ms;  // the database itself answers sooner than a Redis that takes longer
inline constexpr Duration shared_cache_pause = 1s;       // after a failure nobody asks
inline constexpr Duration shared_cache_warning_pause = 30s;

class SharedCache {
 public:
  SharedCache(io::Loop& loop, Redis& redis, const Logger& logger, Duration keep) : loop_(loop), redis_(redis), logger_(logger), keep_(keep) {}

  // Those of different databases keep apart in one Redis.
  void set_scope(std::string scope) { scope_ = std::move(scope); }

  io::Task<std::optional<LoadedPage>> find(std::string key);
  io::Task<void> put(std::string key, std::string text);
  io::Task<void> erase(std::vector<std::string> keys);

  struct Counts {
    uint64_t hits = 0, misses = 0, errors = 0;
  };
  const Counts& counts() const { return counts_; }

 private:
  io::Task<std::optional<RedisReply>> ask(std::vector<std::string> words);
  void note_failure(const Error& error);
  std::string name_of(const std::string& key) const { return "podinfo:data:" + scope_ + ":" + key; }

  io::Loop& loop_;
  Redis& redis_;
  const Logger& logger_;
  Duration keep_;
  std::string scope_;
  Counts counts_;
  MonoTime resting_until_{}, silent_until_{};
};

}  // namespace pds::podinfo
