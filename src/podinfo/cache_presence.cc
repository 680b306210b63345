#include "podinfo/cache_presence.h"

#include <fmt/format.h>

namespace pds::podinfo {

io::Task<void> keep_presence(io::Loop& loop, Redis& redis, const Logger& logger, std::string hostname, std::string version) {
  while (true) {
    auto told = co_await redis.command({"SET", hostname, version, "EX", "60"});
    if (!told) logger.warn("cache server is offline", {{"error", told.error().message}, {"server", fmt::format("{}:{}", redis.address().host, redis.address().port)}});
    co_await loop.sleep_for(presence_interval);
  }
}

}  // namespace pds::podinfo
