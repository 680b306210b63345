#include "oci/store_index.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"

namespace pds::oci {
namespace {

constexpr std::string_view tag_annotation = "org.opencontainers.image.ref.name";
// Everything a listing needs is kept here, so that opening a store with thousands of images reads one file and not thousands.
constexpr std::string_view record_annotation = "dev.pds.record";

json::array to_array(const std::vector<Digest>& list) {
  json::array out;
  for (const Digest& digest : list) out.emplace_back(digest.text());
  return out;
}

json::object record_of(const IndexedManifest& manifest) {
  const ManifestRecord& record = manifest.record;
  json::object annotations;
  for (const auto& [key, value] : record.annotations) annotations[key] = value;
  json::object out{{"imageBytes", record.image_bytes},   {"artifactType", record.artifact_type},
                   {"config", record.config_media_type}, {"pushedAt", record.pushed_at.time_since_epoch().count()},
                   {"parts", to_array(manifest.parts)},  {"annotations", std::move(annotations)}};
  if (record.subject) out["subject"] = record.subject->text();
  return out;
}

Result<IndexedManifest> parse_record(const json::object& entry, const json::object& stored) {
  IndexedManifest out;
  TRY(out.record.digest, Digest::parse(get_string(entry, "digest")));
  out.record.media_type = get_string(entry, "mediaType");
  out.record.size = static_cast<uint64_t>(get_int(entry, "size"));
  out.record.image_bytes = static_cast<uint64_t>(get_int(stored, "imageBytes"));
  out.record.artifact_type = get_string(stored, "artifactType");
  out.record.config_media_type = get_string(stored, "config");
  out.record.pushed_at = Timestamp(Duration(get_int(stored, "pushedAt")));
  if (std::string subject = get_string(stored, "subject"); !subject.empty()) {
    TRY(Digest digest, Digest::parse(subject));
    out.record.subject = std::move(digest);
  }
  if (const json::object* annotations = get_object(stored, "annotations")) {
    for (const auto& member : *annotations) {
      std::string key(member.key().data(), member.key().size());
      out.record.annotations[key] = get_string(*annotations, key);
    }
  }
  const json::array* parts = get_array(stored, "parts");
  for (const json::value& part : parts ? *parts : json::array{}) {
    TRY(Digest digest, Digest::parse(part.is_string() ? std::string_view(part.get_string()) : std::string_view()));
    out.parts.push_back(std::move(digest));
  }
  return out;
}

}  // namespace

Result<IndexedManifest> read_manifest_document(std::string_view bytes, std::string_view media_type) {
  IndexedManifest out;
  ManifestRecord& record = out.record;
  record.digest = Digest::of(bytes);
  record.size = bytes.size();
  if (media::is_index(media_type)) {
    TRY(Index index, parse_index(bytes, media_type));
    record.media_type = index.media_type;
    record.artifact_type = index.artifact_type;
    if (index.subject) record.subject = index.subject->digest;
    record.annotations = std::move(index.annotations);
    for (const Descriptor& entry : index.manifests) out.parts.push_back(entry.digest);
    return out;
  }
  TRY(Manifest manifest, parse_manifest(bytes, media_type));
  record.media_type = manifest.media_type;
  record.image_bytes = manifest.content_bytes();
  record.artifact_type = manifest.effective_artifact_type();
  record.config_media_type = manifest.config.media_type;
  if (manifest.subject) record.subject = manifest.subject->digest;
  record.annotations = std::move(manifest.annotations);
  out.parts.push_back(manifest.config.digest);
  for (const Descriptor& layer : manifest.layers) out.parts.push_back(layer.digest);
  return out;
}

Result<StoreIndex> StoreIndex::parse(std::string_view bytes) {
  TRY(json::value document, parse_json(bytes));
  const json::array* entries = document.is_object() ? get_array(document.get_object(), "manifests") : nullptr;
  if (!entries) return fail("E_STORE_DAMAGED", "it is not an image index");
  StoreIndex index;
  for (const json::value& value : *entries) {
    const json::object* entry = value.if_object();
    const json::object* annotations = entry ? get_object(*entry, "annotations") : nullptr;
    if (!annotations) return fail("E_STORE_DAMAGED", "an entry has no annotations: it was not written by pds");
    TRY(json::value stored, parse_json(get_string(*annotations, record_annotation)));
    if (!stored.is_object()) return fail("E_STORE_DAMAGED", "an entry was not written by pds");
    TRY(IndexedManifest manifest, parse_record(*entry, stored.get_object()));
    Digest digest = manifest.record.digest;
    index.manifests_.insert_or_assign(digest, std::move(manifest));
    if (std::string tag = get_string(*annotations, tag_annotation); !tag.empty()) index.tags_[tag] = digest;
  }
  return index;
}

std::string StoreIndex::serialise() const {
  json::array entries;
  for (const auto& [digest, manifest] : manifests_) {
    std::vector<std::string> tags = with_tags(manifest).tags;
    if (tags.empty()) tags.emplace_back();
    for (const std::string& tag : tags) {
      json::object annotations{{record_annotation, to_text(record_of(manifest))}};
      if (!tag.empty()) annotations[tag_annotation] = tag;
      entries.push_back(json::object{{"mediaType", manifest.record.media_type},
                                     {"digest", digest.text()},
                                     {"size", manifest.record.size},
                                     {"annotations", std::move(annotations)}});
    }
  }
  return to_text(json::object{{"schemaVersion", 2}, {"mediaType", media::index}, {"manifests", std::move(entries)}});
}

ManifestRecord StoreIndex::with_tags(const IndexedManifest& manifest) const {
  ManifestRecord record = manifest.record;
  for (const auto& [tag, digest] : tags_) {
    if (digest == record.digest) record.tags.push_back(tag);
  }
  return record;
}

Result<ManifestRecord> StoreIndex::put(IndexedManifest manifest, const std::optional<std::string>& tag, size_t manifests_max,
                                       size_t tags_max) {
  Digest digest = manifest.record.digest;
  if (manifests_.size() >= manifests_max && !manifests_.contains(digest)) {
    return fail("E_TOO_MANY_MANIFESTS",
                fmt::format("this repository already has {} manifests, its maximum: delete some", manifests_max), 429);
  }
  if (tag && tags_.size() >= tags_max && !tags_.contains(*tag)) {
    return fail("E_TOO_MANY_TAGS", fmt::format("this repository already has {} tags, its maximum: delete some", tags_max), 429);
  }
  auto place = manifests_.try_emplace(digest, std::move(manifest)).first;
  if (tag) tags_[*tag] = digest;
  return with_tags(place->second);
}

std::optional<ManifestRecord> StoreIndex::find(const Digest& digest) const {
  auto found = manifests_.find(digest);
  if (found == manifests_.end()) return std::nullopt;
  return with_tags(found->second);
}

std::optional<ManifestRecord> StoreIndex::find_tag(std::string_view tag) const {
  auto found = tags_.find(tag);
  return found == tags_.end() ? std::nullopt : find(found->second);
}

std::vector<ManifestRecord> StoreIndex::all() const {
  std::vector<ManifestRecord> out;
  for (const auto& [digest, manifest] : manifests_) out.push_back(manifest.record);
  for (const auto& [tag, digest] : tags_) {
    auto place =
        std::lower_bound(out.begin(), out.end(), digest, [](const ManifestRecord& r, const Digest& d) { return r.digest < d; });
    if (place != out.end() && place->digest == digest) place->tags.push_back(tag);
  }
  return out;
}

std::vector<std::string> StoreIndex::tags() const {
  std::vector<std::string> out;
  for (const auto& [tag, digest] : tags_) out.push_back(tag);
  return out;
}

bool StoreIndex::remove_tag(std::string_view tag) {
  auto found = tags_.find(tag);
  if (found == tags_.end()) return false;
  tags_.erase(found);
  return true;
}

std::optional<std::vector<Digest>> StoreIndex::remove(const Digest& digest) {
  auto found = manifests_.find(digest);
  if (found == manifests_.end()) return std::nullopt;
  std::vector<Digest> parts = std::move(found->second.parts);
  parts.push_back(digest);
  manifests_.erase(found);
  std::erase_if(tags_, [&](const auto& entry) { return entry.second == digest; });
  return parts;
}

bool StoreIndex::is_named(const Digest& digest) const {
  for (const auto& [name, manifest] : manifests_) {
    if (name == digest || std::find(manifest.parts.begin(), manifest.parts.end(), digest) != manifest.parts.end()) return true;
  }
  return false;
}

std::set<Digest> StoreIndex::named() const {
  std::set<Digest> out;
  for (const auto& [name, manifest] : manifests_) {
    out.insert(name);
    out.insert(manifest.parts.begin(), manifest.parts.end());
  }
  return out;
}

}  // namespace pds::oci
