// Buckets and what is in them: which version of a key is the latest, what a listing shows. No HTTP and no files.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aws/shape.h"
#include "cloud/core.h"

namespace pds::cloud::s3 {

struct BucketRecord {
  std::string name;
  Timestamp created{};
  std::string versioning;              // "", "Enabled", "Suspended"
  std::string policy;                  // JSON, as it was put; empty: none
};
PDS_SHAPE(BucketRecord, FIELD(name, "name"), FIELD(created, "created"), FIELD(versioning, "versioning"), FIELD(policy, "policy"))

struct ObjectRecord {
  std::string bucket, key, version_id = "null";
  std::string file;                    // name below the objects' folder; empty for a delete marker
  int64_t size = 0;
  std::string etag;                    // without quotes
  Timestamp modified{};
  std::map<std::string, std::string> headers;    // Content-Type and so on, and x-amz-meta-*: given back as they came
  std::string checksum_header, checksum_value;
  bool delete_marker = false;
};
PDS_SHAPE(ObjectRecord, FIELD(bucket, "bucket"), FIELD(key, "key"), FIELD(version_id, "version_id"), FIELD(file, "file"), FIELD(size, "size"),
          FIELD(etag, "etag"), FIELD(modified, "modified"), FIELD(headers, "headers"), FIELD(checksum_header, "checksum_header"),
          FIELD(checksum_value, "checksum_value"), FIELD(delete_marker, "delete_marker"))

struct PartRecord {
  int number = 0;
  std::string file, etag;
  int64_t size = 0;
  Timestamp modified{};
};
PDS_SHAPE(PartRecord, FIELD(number, "number"), FIELD(file, "file"), FIELD(etag, "etag"), FIELD(size, "size"), FIELD(modified, "modified"))

struct UploadRecord {
  std::string id, bucket, key;
  Timestamp begun{};
  std::map<std::string, std::string> headers;
  std::vector<PartRecord> parts;       // by number
};
PDS_SHAPE(UploadRecord, FIELD(id, "id"), FIELD(bucket, "bucket"), FIELD(key, "key"), FIELD(begun, "begun"), FIELD(headers, "headers"),
          FIELD(parts, "parts"))

struct Listing {
  std::vector<ObjectRecord> objects;
  std::vector<std::string> common_prefixes;
  bool truncated = false;
  std::string last;                    // key or prefix that the next page begins after
};

class Buckets {
 public:
  explicit Buckets(Core& core);

  Result<const BucketRecord*> bucket_at(const std::string& name) const;           // NoSuchBucket
  Result<void> create(const std::string& name);                                   // BucketAlreadyOwnedByYou
  Result<void> remove(const std::string& name);                                   // BucketNotEmpty
  Result<void> set_policy(const std::string& name, const std::string& policy);
  Result<void> set_versioning(const std::string& name, const std::string& status);
  const std::map<std::string, BucketRecord, std::less<>>& all() const { return buckets_.rows(); }

  // The latest version, or the one asked for. Errors: NoSuchKey, NoSuchVersion; a delete marker is NoSuchKey (MethodNotAllowed when it
  // was asked for by its version).
  Result<const ObjectRecord*> object_at(const std::string& bucket, const std::string& key, const std::string& version_id) const;
  const ObjectRecord* find_latest(const std::string& bucket, const std::string& key) const;   // also a delete marker; null when there is none

  // Makes it the latest. What it replaces (an unversioned predecessor) is returned: its file is no longer needed.
  struct Put {
    std::string version_id;            // "" when the bucket is not versioned
    std::vector<std::string> unused_files;
  };
  Put put(ObjectRecord object);
  struct Removal {
    std::string version_id;            // of what was removed, or of the new delete marker
    bool delete_marker = false;
    std::vector<std::string> unused_files;
  };
  Removal remove_object(const std::string& bucket, const std::string& key, const std::string& version_id);

  Listing list(const std::string& bucket, const std::string& prefix, const std::string& delimiter, const std::string& after, size_t limit) const;
  std::vector<ObjectRecord> versions(const std::string& bucket, const std::string& prefix, size_t limit) const;

  Table<UploadRecord>& uploads() { return uploads_; }
  std::string new_version_id();

 private:
  // Rows are ordered by bucket, key, and newest first: <bucket>\1<key>\1<descending number>.
  std::string row_key(const ObjectRecord& object, uint64_t sequence) const;
  Core& core_;
  Table<BucketRecord> buckets_;
  Table<ObjectRecord> objects_;
  Table<UploadRecord> uploads_;
  uint64_t sequence_ = 0;
};

}  // namespace pds::cloud::s3
