// Where releases are written down: an S3 bucket of the stack, so that any machine with the credentials can see, take up or abort a release.
//
//   releases/<id>.json     the record, rewritten at each step
//   current.json           the id of the release that serves
//   lock.json              who is releasing right now; made with If-None-Match, so only one can
//   bundles/<id>.tar       what the fleet installs
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "aws/client.h"
#include "deploy/release.h"

namespace pds::deploy {

struct LockHolder {
  std::string holder, release_id, reason;
  Timestamp since{};
};
PDS_SHAPE(LockHolder, FIELD(holder, "holder"), FIELD(release_id, "release_id"), FIELD(reason, "reason"),
          FIELD(since, "since").time(::pds::aws::TimeFormat::iso8601))

class Journal {
 public:
  Journal(aws::Client& client, std::string bucket) : client_(client), bucket_(std::move(bucket)) {}

  // Bucket.
  io::Task<Result<bool>> exists();
  io::Task<Result<void>> create_bucket();
  io::Task<Result<void>> delete_bucket();        // with everything in it

  // Releases, newest first; ids sort by time.
  io::Task<Result<void>> write(const Release& release);
  io::Task<Result<std::optional<Release>>> read(std::string id);
  io::Task<Result<std::vector<std::string>>> list();
  io::Task<Result<std::optional<Release>>> current();        // what serves
  io::Task<Result<void>> set_current(std::string id);

  // A request to abort is an object of its own: the record belongs to whoever runs the release.
  io::Task<Result<void>> request_abort(std::string id);
  io::Task<Result<bool>> abort_requested(std::string id);

  // E_LOCKED names the holder, since when, and what for. The same holder's release may take its own lock again (a resumed release).
  io::Task<Result<void>> lock(LockHolder holder);
  io::Task<Result<void>> unlock();
  io::Task<Result<std::optional<LockHolder>>> lock_holder();

  io::Task<Result<void>> put_object(std::string key, std::string bytes);
  const std::string& bucket() const { return bucket_; }

 private:
  io::Task<Result<http::Response>> send(std::string method, std::string key, std::string query, std::string body, http::Headers headers = {});
  io::Task<Result<std::optional<std::string>>> get(std::string key);

  aws::Client& client_;
  std::string bucket_;
};

}  // namespace pds::deploy
