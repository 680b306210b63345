// The data behind /api/data: which database there is, its table, and the caches before it.
//
// The database is named by --database-url, or by the secret's DATABASE_URL (or database_url; replicas in DATABASE_REPLICA_URL), which is
// followed: a new version that names another place or other credentials gets connections of its own, and the old ones end with what uses
// them. So does a server that does not let us in make podinfo look at the secret at once: a password that was changed is known before a
// request gives up. A version that names no database, or none that can be understood, does not take the place of one that did. Nothing of this stops podinfo or makes it unready: while the database is away, /api/data says so.
#pragma once

#include <memory>

#include "base/crypto.h"
#include "podinfo/data_cache.h"
#include "podinfo/data_request.h"
#include "podinfo/data_store.h"
#include "podinfo/options.h"
#include "podinfo/secret.h"

namespace pds::podinfo {

struct DataTierParts {
  io::Loop& loop;
  const Clock& clock;
  Random& random;
  const Logger& logger;
  const Options& options;
  SecretHolder* secrets = nullptr;  // null: none configured
  Redis* redis = nullptr;           // null: no second level
};

class DataTier {
 public:
  // Errors: E_LIBRARY, E_ADDRESS; where only a secret may name a database, none.
  static Result<std::unique_ptr<DataTier>> make(DataTierParts parts);

  // Keeps table and connections in order, for ever.
  io::Task<void> run();
  // Whether there is a database, as far as is known once the secret has been looked at. E_UNKNOWN: that look failed; E_ADDRESS, E_LIBRARY.
  io::Task<Result<bool>> has_database();

  // The rest is for when there is one. Errors: see pg_failure.h.
  io::Task<Result<SharedPage>> find(std::string id, LogPosition least);
  io::Task<Result<SharedPage>> list(DataPaging paging, LogPosition least);
  io::Task<Result<DataStore::Change>> create(std::string message);
  io::Task<Result<DataStore::Change>> put(std::string id, std::string message);
  io::Task<Result<DataStore::Change>> remove(std::string id);

  // Null: none, or not yet known.
  const Database* database() const { return session_ ? &session_->database : nullptr; }
  const DataCache& cache() const { return cache_; }

 private:
  explicit DataTier(DataTierParts parts);
  struct Session {
    Database database;
    DataStore store;
    ServerHealth preparing;
    bool prepared = false;
    Session(io::Loop& loop, const Libpq& pq, const Logger& logger, DatabaseUrls urls, Database::Settings settings);
  };
  using SessionPointer = std::shared_ptr<Session>;
  Result<void> open(const std::string& primary, const std::vector<std::string>& replicas);
  void close();
  void follow_secret();
  // Whether a version of the secret may take the place of the one before it.
  Result<void> accept(const Secret& next) const;
  void look_at_secret_soon();
  io::Task<void> look_at_secret();
  template <typename T>
  io::Task<Result<T>> ask(std::function<io::Task<Result<T>>(Session&)> question);
  io::Task<void> prepare(Session& session);
  io::Task<Result<SharedPage>> read(DataCache::Key key, LogPosition least, DataCache::Load load);
  io::Task<void> forget(std::string id);

  DataTierParts parts_;
  std::unique_ptr<SharedCache> shared_;
  DataCache cache_;
  SessionPointer session_;
  std::string primary_url_;                             // of the session
  std::vector<std::string> replica_urls_;
  std::shared_ptr<const SecretHolder::Loaded> followed_;  // the version that was looked at last
  std::optional<Error> problem_;                          // what is wrong with what the secret says
  MonoTime next_look_{};
  io::TaskSet looking_;
};

}  // namespace pds::podinfo
