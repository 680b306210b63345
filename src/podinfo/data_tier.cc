#include "podinfo/data_tier.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "io/time_limit.h"

namespace pds::podinfo {
namespace {

constexpr Duration maintenance_interval = 1s;
constexpr Duration prepare_pause_max = 30s;
constexpr Duration secret_look_pause = 1s;  // while a server does not let us in
constexpr Duration first_look_limit = 3s;  // for the secret's first look, which a read may have to wait for
constexpr const char* list_prefix = "list/";
constexpr const char* first_page = "list/first";

std::string item_key(const std::string& id) { return "item/" + id; }

DataCache::Key list_key(const DataPaging& paging) {
  if (paging.after.empty() && paging.limit == data_limit_default) return {first_page, true};
  return {fmt::format("{}{}/{}", list_prefix, paging.limit, paging.after), false};
}

struct NamedUrls {
  std::string primary;
  std::vector<std::string> replicas;
};

// What a secret says about a database; nothing where it is not JSON, or does not speak of one.
NamedUrls urls_in_secret(const std::string& value) {
  json::object fields = secret_fields(value);
  auto either = [&](const char* upper, const char* lower) { return get_string(fields, upper, get_string(fields, lower)); };
  NamedUrls urls{either("DATABASE_URL", "database_url"), {}};
  for (std::string_view url : split(either("DATABASE_REPLICA_URL", "database_replica_url"), ',')) {
    if (!trim(url).empty()) urls.replicas.emplace_back(trim(url));
  }
  return urls;
}

Result<DatabaseUrls> parse_urls(const Libpq& pq, const std::string& primary, const std::vector<std::string>& replicas) {
  auto parse = [&pq](const std::string& text, std::string_view what) -> Result<DatabaseUrl> {
    Result<DatabaseUrl> url = parse_database_url(pq, text);
    if (!url) url.error().message = fmt::format("{}: {}", what, url.error().message);
    return url;
  };
  DatabaseUrls urls;
  TRY(urls.primary, parse(primary, "--database-url"));
  if (replicas.size() > database_replicas_max)
    return fail("E_ADDRESS", fmt::format("--database-replica-url: more than {} are named", database_replicas_max));
  for (const std::string& replica : replicas) {
    TRY(DatabaseUrl url, parse(replica, "--database-replica-url"));
    urls.replicas.push_back(std::move(url));
  }
  return urls;
}

}  // namespace

DataTier::Session::Session(io::Loop& loop, const Libpq& pq, const Logger& logger, DatabaseUrls urls, Database::Settings settings)
    : database(loop, pq, logger, std::move(urls), std::move(settings)), store(database), preparing(prepare_pause_max) {}

DataTier::DataTier(DataTierParts parts)
    : parts_(parts),
      shared_(parts.redis ? std::make_unique<SharedCache>(parts.loop, *parts.redis, parts.logger, parts.options.data_cache_ttl) : nullptr),
      cache_(parts.loop, parts.clock,
             {static_cast<size_t>(parts.options.data_cache_bytes), parts.options.data_cache_ttl, parts.options.data_cache_stale}, shared_.get()) {}

Result<std::unique_ptr<DataTier>> DataTier::make(DataTierParts parts) {
  std::unique_ptr<DataTier> tier(new DataTier(parts));
  const Options& options = parts.options;
  if (!options.database_url.empty()) {
    CHECK(tier->open(options.database_url, options.database_replica_urls));
  } else if (parts.secrets) {
    parts.secrets->set_acceptance([tier = tier.get()](const Secret& next) { return tier->accept(next); });
  }
  return tier;
}

Result<void> DataTier::open(const std::string& primary, const std::vector<std::string>& replicas) {
  TRY(const Libpq* pq, load_libpq());
  TRY(DatabaseUrls urls, parse_urls(*pq, primary, replicas));
  if (shared_) shared_->set_scope(to_hex(sha256(urls.primary.place())).substr(0, 16));
  auto least = static_cast<size_t>(parts_.options.database_pool_min), most = static_cast<size_t>(parts_.options.database_pool_max);
  session_ = std::make_shared<Session>(parts_.loop, *pq, parts_.logger, std::move(urls), Database::Settings{least, most, [this] { look_at_secret_soon(); }});
  primary_url_ = primary;
  replica_urls_ = replicas;
  return {};
}

// What uses the session holds it; its connections end as they are given back.
void DataTier::close() {
  if (!session_) return;
  session_->database.drain();
  session_.reset();
  cache_.clear();
}

void DataTier::follow_secret() {
  if (!parts_.secrets || !parts_.options.database_url.empty()) return;
  std::shared_ptr<const SecretHolder::Loaded> loaded = parts_.secrets->current();
  if (!loaded || loaded == followed_) return;
  followed_ = loaded;
  NamedUrls urls = urls_in_secret(loaded->secret.value);
  if (session_ && urls.primary == primary_url_ && urls.replicas == replica_urls_) return;
  close();
  problem_.reset();
  if (urls.primary.empty()) return;
  Result<void> opened = open(urls.primary, urls.replicas);
  if (opened) {
    parts_.logger.info("database named by the secret", {{"secret", loaded->secret.name}, {"version", loaded->secret.version_id}});
  } else {
    problem_ = opened.error();
    parts_.logger.error("the secret's database cannot be used", {{"secret", loaded->secret.name}, {"error", opened.error().message}});
  }
}

Result<void> DataTier::accept(const Secret& next) const {
  if (!session_) return {};
  NamedUrls urls = urls_in_secret(next.value);
  if (urls.primary.empty()) return fail("MalformedSecret", "the secret named a database and names none now");
  TRY(const Libpq* pq, load_libpq());
  CHECK(parse_urls(*pq, urls.primary, urls.replicas));
  return {};
}

void DataTier::look_at_secret_soon() {
  MonoTime now = parts_.loop.exact_now();
  if (!parts_.secrets || !parts_.options.database_url.empty() || now < next_look_) return;
  next_look_ = now + secret_look_pause;
  looking_.spawn(look_at_secret());
}

io::Task<void> DataTier::look_at_secret() {
  co_await parts_.secrets->refresh();
  follow_secret();
}

io::Task<Result<bool>> DataTier::has_database() {
  follow_secret();
  if (!session_ && !problem_ && !followed_ && parts_.secrets) {
    [[maybe_unused]] Result<void> looked =
        co_await io::within(parts_.loop, parts_.loop.exact_now() + first_look_limit, io::wait_for(parts_.secrets->first_look()));
    follow_secret();
    if (!followed_) co_return fail_world("E_UNKNOWN", "the secret that may name a database could not be read yet");
  }
  if (problem_) co_return std::unexpected(*problem_);
  co_return session_ != nullptr;
}

io::Task<void> DataTier::prepare(Session& session) {
  if (session.prepared || !session.preparing.may_try(parts_.loop.exact_now())) co_return;
  Result<void> done = co_await session.store.prepare();
  session.prepared = done.has_value();
  if (done) {
    parts_.logger.info("data table is there");
    co_return;
  }
  if (!session.preparing.is_failing()) parts_.logger.warn("data table is not there yet", {{"error", done.error().message}});
  session.preparing.failed(parts_.loop.exact_now());
}

io::Task<void> DataTier::run() {
  while (true) {
    follow_secret();
    if (SessionPointer session = session_) {
      co_await prepare(*session);
      co_await session->database.maintain();
    }
    co_await parts_.loop.sleep_for(maintenance_interval);
  }
}

io::Task<Result<SharedPage>> DataTier::read(DataCache::Key key, LogPosition least, DataCache::Load load) {
  if (parts_.options.data_cache_bytes > 0) co_return co_await cache_.get(std::move(key), least, std::move(load));
  CO_TRY(DataPage page, co_await load(least));
  co_return std::make_shared<const DataPage>(std::move(page));
}

// A session that was given up while it could not be reached, since its credentials are no longer those of the secret, is not the last word.
template <typename T>
io::Task<Result<T>> DataTier::ask(std::function<io::Task<Result<T>>(Session&)> question) {
  SessionPointer session = session_;
  Result<T> answer = co_await question(*session);
  if (answer || blame_of(answer.error()) != PgBlame::server || !session_ || session_ == session) co_return answer;
  session = session_;
  co_return co_await question(*session);
}

io::Task<Result<SharedPage>> DataTier::find(std::string id, LogPosition least) {
  DataCache::Load load = [this, id](LogPosition at_least) {
    return ask<DataPage>([id, at_least](Session& session) { return session.store.find(id, at_least); });
  };
  co_return co_await read({item_key(id), true}, least, std::move(load));
}

io::Task<Result<SharedPage>> DataTier::list(DataPaging paging, LogPosition least) {
  DataCache::Load load = [this, paging](LogPosition at_least) {
    return ask<DataPage>([paging, at_least](Session& session) { return session.store.list(paging.after, paging.limit, at_least); });
  };
  co_return co_await read(list_key(paging), least, std::move(load));
}

io::Task<void> DataTier::forget(std::string id) {
  if (parts_.options.data_cache_bytes > 0) co_await cache_.invalidate({item_key(id), first_page}, list_prefix);
}

// After a failure, too: it may have been done.
io::Task<Result<DataStore::Change>> DataTier::create(std::string message) {
  std::string id = parts_.random.uuid();
  Result<DataStore::Change> change =
      co_await ask<DataStore::Change>([&](Session& session) { return session.store.create(id, message); });
  co_await forget(std::move(id));
  co_return change;
}

io::Task<Result<DataStore::Change>> DataTier::put(std::string id, std::string message) {
  Result<DataStore::Change> change = co_await ask<DataStore::Change>([&](Session& session) { return session.store.put(id, message); });
  co_await forget(std::move(id));
  co_return change;
}

io::Task<Result<DataStore::Change>> DataTier::remove(std::string id) {
  Result<DataStore::Change> change = co_await ask<DataStore::Change>([&](Session& session) { return session.store.remove(id); });
  co_await forget(std::move(id));
  co_return change;
}

}  // namespace pds::podinfo
