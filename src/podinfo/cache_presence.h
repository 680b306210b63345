// Tells the cache server, now and every half minute, which version runs here: a key named after the host that lives for a minute.
#pragma once

#include "base/log.h"
#include "podinfo/redis.h"

namespace pds::podinfo {

inline constexpr Duration presence_interval = 30s;

io::Task<void> keep_presence(io::Loop& loop, Redis& redis, const Logger& logger, std::string hostname, std::string version);

}  // namespace pds::podinfo
