#include "podinfo/shared_cache.h"

#include "io/time_limit.h"

namespace pds::podinfo {

io::Task<std::optional<RedisReply>> SharedCache::ask(std::vector<std::string> words) {
  if (loop_.exact_now() < resting_until_) {
    ++counts_.errors;
    co_return std::nullopt;
  }
  std::vector<std::string_view> views(words.begin(), words.end());
  Result<RedisReply> reply = co_await io::within(loop_, loop_.exact_now() + shared_cache_timeout, redis_.command(std::move(views)));
  if (reply) co_return *std::move(reply);
  note_failure(reply.error());
  co_return std::nullopt;
}

void SharedCache::note_failure(const Error& error) {
  ++counts_.errors;
  MonoTime now = loop_.exact_now();
  resting_until_ = now + shared_cache_pause;
  if (now < silent_until_) return;
  silent_until_ = now + shared_cache_warning_pause;
  logger_.warn("data cache in Redis is away", {{"error", error.message}});
}

io::Task<std::optional<LoadedPage>> SharedCache::find(std::string key) {
  std::optional<RedisReply> reply = co_await ask({"GET", name_of(key)});
  if (!reply) co_return std::nullopt;
  std::optional<LoadedPage> page;
  if (reply->kind == RedisReply::Kind::text) page = parse_shared_text(reply->text);
  ++(page ? counts_.hits : counts_.misses);
  co_return page;
}

io::Task<void> SharedCache::put(std::string key, std::string text) {
  std::string milliseconds = std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(keep_).count());
  co_await ask({"SET", name_of(key), std::move(text), "PX", std::move(milliseconds)});
}

io::Task<void> SharedCache::erase(std::vector<std::string> keys) {
  std::vector<std::string> words{"DEL"};
  for (const std::string& key : keys) words.push_back(name_of(key));
  co_await ask(std::move(words));
}

}  // namespace pds::podinfo
