#include "podinfo/data_metrics.h"

#include <fmt/format.h>

#include "podinfo/metrics_page.h"

namespace pds::podinfo {
namespace {

std::string of_server(const PgPool& pool) { return fmt::format("server=\"{}\"", pool.name()); }

void append_cache(MetricsPage& page, const DataCache& cache) {
  const HotCache& memory = cache.memory();
  page.family("podinfo_data_cache_requests_total", "Reads of data by cache level and what was found there.", "counter");
  page.line(R"(level="memory",result="hit")", memory.counts().hits);
  page.line(R"(level="memory",result="stale")", memory.counts().stale);
  page.line(R"(level="memory",result="miss")", memory.counts().misses);
  if (const SharedCache* shared = cache.shared()) {
    page.line(R"(level="redis",result="hit")", shared->counts().hits);
    page.line(R"(level="redis",result="miss")", shared->counts().misses);
    page.line(R"(level="redis",result="error")", shared->counts().errors);
  }
  page.family("podinfo_data_cache_joined_total", "Reads that waited for a load that was under way.", "counter");
  page.line("", cache.joined());
  page.family("podinfo_data_cache_evictions_total", "Entries that went for want of room.", "counter");
  page.line("", memory.counts().evicted);
  page.family("podinfo_data_cache_bytes", "Bytes held by the cache in memory.", "gauge");
  page.line("", memory.bytes());
  page.family("podinfo_data_cache_entries", "Entries in the cache in memory.", "gauge");
  page.line("", memory.entries());
}

void append_connections(MetricsPage& page, const std::vector<const PgPool*>& pools) {
  page.family("podinfo_database_connections", "Connections by server and state; in use are those being opened, too.", "gauge");
  for (const PgPool* pool : pools) {
    page.line(of_server(*pool) + ",state=\"in_use\"", pool->in_use());
    page.line(of_server(*pool) + ",state=\"idle\"", pool->idle());
  }
  page.family("podinfo_database_waiting", "Requests that wait for a connection.", "gauge");
  for (const PgPool* pool : pools) page.line(of_server(*pool), pool->waiting());
  page.family("podinfo_database_connections_opened_total", "Connections made.", "counter");
  for (const PgPool* pool : pools) page.line(of_server(*pool), pool->counts().opened);
  page.family("podinfo_database_connections_failed_total", "Attempts to connect that failed.", "counter");
  for (const PgPool* pool : pools) page.line(of_server(*pool), pool->counts().failed);
  page.family("podinfo_database_refused_total", "Requests that got no connection because of the pool's bounds.", "counter");
  for (const PgPool* pool : pools) page.line(of_server(*pool), pool->counts().refused);
  page.family("podinfo_database_up", "1 where the last attempt to connect succeeded.", "gauge");
  for (const PgPool* pool : pools) page.line(of_server(*pool), pool->health().is_failing() ? 0 : 1);
}

void append_queries(MetricsPage& page, const std::vector<const PgPool*>& pools) {
  page.family("podinfo_database_query_duration_seconds", "Seconds spent on queries by server and outcome.", "summary");
  for (const PgPool* pool : pools) {
    for (size_t i = 0; i < PgCounts::outcomes.size(); ++i) {
      std::string labels = fmt::format("{},outcome=\"{}\"", of_server(*pool), PgCounts::outcomes[i]);
      page.line(labels, pool->counts().seconds[i], "_sum");
      page.line(labels, pool->counts().queries[i], "_count");
    }
  }
}

void append_lag(MetricsPage& page, const std::vector<const PgPool*>& pools) {
  page.family("podinfo_database_replay_lag_bytes", "What a replica had received and not replayed when it was last checked.", "gauge");
  for (const PgPool* pool : pools) {
    if (pool->replay_lag_bytes() >= 0) page.line(of_server(*pool), pool->replay_lag_bytes());
  }
}

}  // namespace

std::string data_metrics_text(const DataTier& tier) {
  const Database* database = tier.database();
  if (!database) return "";
  MetricsPage page;
  append_cache(page, tier.cache());
  std::vector<const PgPool*> pools = database->pools();
  append_connections(page, pools);
  append_queries(page, pools);
  append_lag(page, pools);
  page.family("podinfo_database_retries_total", "Attempts at the primary that were repeated.", "counter");
  page.line("", database->retries());
  return page.take();
}

}  // namespace pds::podinfo
