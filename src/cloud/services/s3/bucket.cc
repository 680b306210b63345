#include "cloud/services/s3/bucket.h"

#include <fmt/core.h>

namespace pds::cloud::s3 {
namespace {

std::string range_begin(const std::string& bucket, const std::string& key_prefix) { return bucket + '\x01' + key_prefix; }
std::string key_begin(const std::string& bucket, const std::string& key) { return bucket + '\x01' + key + '\x01'; }

auto no_such_key() { return fail("NoSuchKey", "The specified key does not exist.", 404); }

}  // namespace

Buckets::Buckets(Core& core)
    : core_(core),
      buckets_(core.store, core.table("s3", "buckets")),
      objects_(core.store, core.table("s3", "objects")),
      uploads_(core.store, core.table("s3", "uploads")) {
  for (const auto& [key, object] : objects_.rows()) {
    uint64_t inverted = std::strtoull(key.substr(key.rfind('\x01') + 1).c_str(), nullptr, 16);
    sequence_ = std::max(sequence_, ~inverted);
  }
}

std::string Buckets::row_key(const ObjectRecord& object, uint64_t sequence) const {
  return key_begin(object.bucket, object.key) + fmt::format("{:016x}", ~sequence);
}

std::string Buckets::new_version_id() { return core_.random.text(32, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_."); }

Result<const BucketRecord*> Buckets::bucket_at(const std::string& name) const {
  const BucketRecord* bucket = buckets_.find(name);
  if (!bucket) return fail("NoSuchBucket", "The specified bucket does not exist", 404);
  return bucket;
}

Result<void> Buckets::create(const std::string& name) {
  if (buckets_.contains(name))
    return fail("BucketAlreadyOwnedByYou", "Your previous request to create the named bucket succeeded and you already own it.", 409);
  buckets_.put(name, {.name = name, .created = core_.clock.now()});
  return {};
}

Result<void> Buckets::remove(const std::string& name) {
  CHECK(bucket_at(name));
  auto it = objects_.rows().lower_bound(range_begin(name, ""));
  if (it != objects_.rows().end() && it->second.bucket == name)
    return fail("BucketNotEmpty", "The bucket you tried to delete is not empty", 409);
  buckets_.erase(name);
  return {};
}

Result<void> Buckets::set_policy(const std::string& name, const std::string& policy) {
  CHECK(bucket_at(name));
  buckets_.update(name, [&](BucketRecord& bucket) { bucket.policy = policy; });
  return {};
}

Result<void> Buckets::set_versioning(const std::string& name, const std::string& status) {
  CHECK(bucket_at(name));
  if (status != "Enabled" && status != "Suspended") return fail("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema");
  buckets_.update(name, [&](BucketRecord& bucket) { bucket.versioning = status; });
  return {};
}

const ObjectRecord* Buckets::find_latest(const std::string& bucket, const std::string& key) const {
  auto it = objects_.rows().lower_bound(key_begin(bucket, key));
  if (it == objects_.rows().end() || it->second.bucket != bucket || it->second.key != key) return nullptr;
  return &it->second;
}

Result<const ObjectRecord*> Buckets::object_at(const std::string& bucket, const std::string& key, const std::string& version_id) const {
  CHECK(bucket_at(bucket));
  const ObjectRecord* latest = find_latest(bucket, key);
  if (version_id.empty()) {
    if (!latest || latest->delete_marker) return no_such_key();
    return latest;
  }
  for (auto it = objects_.rows().lower_bound(key_begin(bucket, key)); it != objects_.rows().end() && it->second.bucket == bucket && it->second.key == key; ++it) {
    if (it->second.version_id != version_id) continue;
    if (it->second.delete_marker) return fail("MethodNotAllowed", "The specified method is not allowed against this resource.", 405);
    return &it->second;
  }
  return fail("NoSuchVersion", "The specified version does not exist.", 404);
}

Buckets::Put Buckets::put(ObjectRecord object) {
  Put result;
  bool versioned = buckets_.find(object.bucket)->versioning == "Enabled";
  if (versioned) {
    if (object.version_id == "null") object.version_id = new_version_id();
    result.version_id = object.version_id;
  } else {
    // The "null" version, if there is one, is replaced; versions from before stay.
    object.version_id = "null";
    std::vector<std::string> replaced;
    for (auto it = objects_.rows().lower_bound(key_begin(object.bucket, object.key));
         it != objects_.rows().end() && it->second.bucket == object.bucket && it->second.key == object.key; ++it) {
      if (it->second.version_id != "null") continue;
      if (!it->second.file.empty()) result.unused_files.push_back(it->second.file);
      replaced.push_back(it->first);
    }
    for (const std::string& key : replaced) objects_.erase(key);
  }
  std::string key = row_key(object, ++sequence_);
  objects_.put(key, std::move(object));
  return result;
}

Buckets::Removal Buckets::remove_object(const std::string& bucket, const std::string& key, const std::string& version_id) {
  Removal removal;
  const std::string versioning = buckets_.find(bucket)->versioning;
  if (version_id.empty() && !versioning.empty()) {
    ObjectRecord marker{.bucket = bucket, .key = key, .modified = core_.clock.now(), .delete_marker = true};
    Put made = put(std::move(marker));
    removal.version_id = made.version_id.empty() ? "null" : made.version_id;
    removal.delete_marker = true;
    removal.unused_files = std::move(made.unused_files);
    return removal;
  }
  std::string wanted = version_id.empty() ? "null" : version_id;
  for (auto it = objects_.rows().lower_bound(key_begin(bucket, key)); it != objects_.rows().end() && it->second.bucket == bucket && it->second.key == key; ++it) {
    if (it->second.version_id != wanted) continue;
    if (!it->second.file.empty()) removal.unused_files.push_back(it->second.file);
    removal.delete_marker = it->second.delete_marker;
    removal.version_id = version_id;
    objects_.erase(std::string(it->first));
    break;
  }
  return removal;
}

Listing Buckets::list(const std::string& bucket, const std::string& prefix, const std::string& delimiter, const std::string& after, size_t limit) const {
  Listing listing;
  // 0x02 sorts after the separator of every version of `after`.
  std::string from = std::max(range_begin(bucket, prefix), after.empty() ? std::string() : range_begin(bucket, after) + '\x02');
  std::string previous_key;
  bool have_previous = false;
  for (auto it = objects_.rows().lower_bound(from); it != objects_.rows().end(); ++it) {
    const ObjectRecord& object = it->second;
    if (object.bucket != bucket || !object.key.starts_with(prefix)) break;
    if (have_previous && object.key == previous_key) continue;   // an older version
    previous_key = object.key;
    have_previous = true;
    if (object.delete_marker) continue;
    size_t cut = delimiter.empty() ? std::string::npos : object.key.find(delimiter, prefix.size());
    std::string shown = cut == std::string::npos ? object.key : object.key.substr(0, cut + delimiter.size());
    // A prefix is shown once: it may have been on this page, or (as `after`, or around it) on the one before.
    if (cut != std::string::npos && (after.starts_with(shown) || (!listing.common_prefixes.empty() && listing.common_prefixes.back() == shown))) continue;
    if (listing.objects.size() + listing.common_prefixes.size() == limit) {
      listing.truncated = true;
      break;
    }
    if (cut == std::string::npos) listing.objects.push_back(object);
    else listing.common_prefixes.push_back(shown);
    listing.last = shown;
  }
  return listing;
}

std::vector<ObjectRecord> Buckets::versions(const std::string& bucket, const std::string& prefix, size_t limit) const {
  std::vector<ObjectRecord> out;
  for (auto it = objects_.rows().lower_bound(range_begin(bucket, prefix)); it != objects_.rows().end() && out.size() < limit; ++it) {
    if (it->second.bucket != bucket || !it->second.key.starts_with(prefix)) break;
    out.push_back(it->second);
  }
  return out;
}

}  // namespace pds::cloud::s3
