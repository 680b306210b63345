// What a store knows about its manifests: index.json in memory. An image layout lists one descriptor per tag; ours has one per
// manifest and tag, and carries our own facts (when it was pushed) as annotations, so that other tools can read the directory too.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "oci/store.h"

namespace pds::oci {

// A manifest or an index, read once: its record, and the content that must be there with it.
struct IndexedManifest {
  ManifestRecord record;
  std::vector<Digest> parts;
};
// E_MANIFEST_INVALID.
Result<IndexedManifest> read_manifest_document(std::string_view bytes, std::string_view media_type);

class StoreIndex {
 public:
  static Result<StoreIndex> parse(std::string_view bytes);
  std::string serialise() const;

  // Adds it unless it is there, and moves the tag to it. E_TOO_MANY_MANIFESTS, E_TOO_MANY_TAGS.
  Result<ManifestRecord> put(IndexedManifest manifest, const std::optional<std::string>& tag, size_t manifests_max,
                             size_t tags_max);
  std::optional<ManifestRecord> find(const Digest& digest) const;
  std::optional<ManifestRecord> find_tag(std::string_view tag) const;
  std::vector<ManifestRecord> all() const;
  std::vector<std::string> tags() const;
  bool remove_tag(std::string_view tag);
  // The manifest with its tags; gives back its digest and its parts, or nothing when it is not there.
  std::optional<std::vector<Digest>> remove(const Digest& digest);
  // Whether any manifest is, or has as a part, this content.
  bool is_named(const Digest& digest) const;
  std::set<Digest> named() const;

 private:
  ManifestRecord with_tags(const IndexedManifest& manifest) const;
  std::map<Digest, IndexedManifest> manifests_;
  std::map<std::string, Digest, std::less<>> tags_;
};

}  // namespace pds::oci
