// Content on disk, as an OCI image layout: oci-layout, index.json, blobs/sha256/<hex>, and uploads/ for what is not finished yet.
// `pds build` keeps its images in one; each repository of the registry is one.
//
// Nothing enters under a name its bytes do not have, and nothing is read without the bytes having been checked since this process
// opened them (a check is remembered by inode, size and modification time). A blob appears by rename, the index by atomic write: after a
// crash or a full disk there is the old content or the new, and at most a stale file in uploads/, which open() removes.
//
// All calls block and may be made from any thread (one mutex inside, never held while content is copied). One process at a time: the
// directory is locked while the store is open (E_LOCKED names the holder).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/time.h"
#include "io/files.h"
#include "oci/manifest.h"

namespace pds::oci {

struct StoreLimits {
  uint64_t blob_bytes_max = oci::blob_bytes_max;
  size_t manifests_max = 10'000;       // ECR's default quota of images per repository is 20 000; index.json is rewritten on every push
  size_t tags_max = 10'000;
};

// One manifest or index that was put, with what listings ask for.
struct ManifestRecord {
  Digest digest;
  std::string media_type;
  uint64_t size = 0;                   // of the manifest itself
  uint64_t image_bytes = 0;            // config and layers as stored (ECR's imageSizeInBytes)
  std::string artifact_type;           // effective; "" for an index
  std::string config_media_type;
  std::optional<Digest> subject;
  Annotations annotations;
  Timestamp pushed_at{};
  std::vector<std::string> tags;       // sorted
};

// A blob being written; destroyed before commit() it leaves nothing behind.
class BlobWriter {
 public:
  BlobWriter(BlobWriter&&) noexcept;
  BlobWriter& operator=(BlobWriter&&) noexcept;
  ~BlobWriter();
  // E_TOO_LARGE above the store's maximum; E_DISK_FULL; E_SYSTEM. After an error only destruction is left.
  Result<void> append(std::string_view bytes);
  uint64_t size() const;
  // Makes the content durable under its digest. E_DIGEST_MISMATCH when `expected` is another; nothing is then stored.
  Result<Descriptor> commit(std::string_view media_type = "", const std::optional<Digest>& expected = {});

 private:
  friend class Store;
  struct State;
  explicit BlobWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A checked blob, open for reading.
struct BlobFile {
  io::Fd fd;
  uint64_t size = 0;
  // Up to `into_max` bytes from `offset`; short only at the end.
  Result<std::string> read_at(uint64_t offset, size_t bytes_max) const;
};

class Store {
 public:
  // Makes the layout when there is none. `clock` dates what is put, and outlives the store.
  static Result<std::unique_ptr<Store>> open(std::string root, const Clock& clock, StoreLimits limits = {});
  ~Store();

  const std::string& root() const { return root_; }

  // ---- blobs ----
  Result<BlobWriter> begin_blob();
  Result<Descriptor> put_blob(std::string_view bytes, std::string_view media_type = "");
  // E_BLOB_UNKNOWN when absent; E_DIGEST_MISMATCH when what lies there has been changed (putting it again mends it).
  Result<BlobFile> open_blob(const Digest& digest) const;
  Result<std::string> read_blob(const Digest& digest, size_t bytes_max) const;
  bool has_blob(const Digest& digest) const;          // present and intact
  std::string blob_path(const Digest& digest) const;
  // The same content in this store without copying it (a hard link; a copy across file systems).
  Result<void> adopt_blob(const Store& other, const Digest& digest);
  Result<void> delete_blob(const Digest& digest);     // E_BLOB_UNKNOWN; E_DENIED while a manifest names it

  // ---- manifests and tags ----
  // The digest is of these very bytes. Config, layers, and the entries of an index must be present (E_MANIFEST_BLOB_UNKNOWN); a subject
  // need not be. Putting again what is there only moves the tag.
  Result<ManifestRecord> put_manifest(std::string_view bytes, std::string_view media_type, const std::optional<std::string>& tag = {});
  Result<std::string> read_manifest(const Digest& digest) const;     // E_MANIFEST_UNKNOWN, E_DIGEST_MISMATCH
  std::optional<ManifestRecord> find_manifest(const Digest& digest) const;
  std::optional<ManifestRecord> find_tag(std::string_view tag) const;
  std::vector<ManifestRecord> manifests() const;                     // by digest
  std::vector<std::string> tags() const;                             // sorted bytewise
  std::vector<ManifestRecord> referrers(const Digest& subject, std::string_view artifact_type = "") const;
  Result<void> delete_tag(std::string_view tag);                     // E_MANIFEST_UNKNOWN
  Result<void> delete_manifest(const Digest& digest);                // with its tags, and the blobs nobody else names
  uint64_t stored_bytes() const;                                     // of all blobs, on disk
  // Removes blobs that no manifest names and that were last written before `older_than` (real time, by their files): what an abandoned
  // push leaves. Choose an age beyond the longest push. How many were removed.
  Result<size_t> remove_unnamed(Timestamp older_than);

 private:
  struct Impl;
  Store(std::string root, std::unique_ptr<Impl> impl);
  std::string root_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pds::oci
