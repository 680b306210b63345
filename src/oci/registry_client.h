// A client of the OCI distribution API, over one registry. What comes back is checked: digests and sizes while it streams, media types
// and lengths before. Calls that may be repeated are repeated on retryable failures, with growing pauses, a bounded number of times.
//
// A store given to a call must outlive the loop's workers: cancelling the call lets work that has begun on it finish.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/client.h"
#include "oci/reference.h"
#include "oci/store.h"

namespace pds::oci {

struct RegistryClientOptions {
  std::string authorization;               // the whole value, for example "Basic QVdTOi4uLg=="; empty: none
  int attempts_max = 4;                    // 0.2, 0.4, 0.8 s apart: a registry that restarts is back by then, a dead one is told soon
  Duration first_pause = 200ms;
  uint64_t chunk_bytes = 0;                // 0: a blob is sent by one PUT; otherwise by PATCHes of this size
  size_t pages_max = 1000;                 // of a paged listing
  std::string authorities_file;            // whom registries with TLS are trusted by; empty: the system's bundle
};

struct FetchedManifest {
  std::string bytes;
  std::string media_type;
  Digest digest;                           // of the bytes, computed here
};

class RegistryClient {
 public:
  // `host` goes into the Host header: "000000000000.dkr.ecr.us-east-1.localhost:4566".
  RegistryClient(io::Loop& loop, std::shared_ptr<io::Connector> connector, std::string host, RegistryClientOptions options = {});
  ~RegistryClient();

  const std::string& host() const;

  io::Task<Result<bool>> has_blob(std::string repository, Digest digest);
  // Does nothing when the registry has it. `mount_from`: a repository there which may have it already.
  io::Task<Result<void>> push_blob(std::string repository, const Store& store, Digest digest, std::string mount_from = "");
  // Into the store, verified while it streams: E_DIGEST_MISMATCH, E_SIZE_MISMATCH. Does nothing when the store has it.
  io::Task<Result<void>> pull_blob(std::string repository, Descriptor blob, Store& store);

  // Into memory, at most bytes_max (E_TOO_LARGE): for signatures and other small things. Verified like the above.
  io::Task<Result<std::string>> read_blob(std::string repository, Descriptor blob, size_t bytes_max);

  // `reference`: a tag or a digest; a digest is checked against the bytes (E_MANIFEST_TAMPERED). E_MANIFEST_UNKNOWN when absent.
  io::Task<Result<FetchedManifest>> manifest(std::string repository, std::string reference);
  // Whatever the registry serves under that digest, unchecked: for whoever judges it. Only `digest` in the answer is to be believed.
  io::Task<Result<FetchedManifest>> manifest_as_served(std::string repository, Digest digest);
  // nullopt instead of E_MANIFEST_UNKNOWN.
  io::Task<Result<std::optional<FetchedManifest>>> find_manifest(std::string repository, std::string reference);
  // When the manifest has a subject and the registry does not answer OCI-Subject, the fallback tag's index is maintained as well.
  io::Task<Result<Digest>> put_manifest(std::string repository, std::string reference, std::string bytes, std::string media_type);
  io::Task<Result<void>> delete_manifest(std::string repository, Digest digest);

  // By the referrers API, or the fallback tag where there is none. At most index_entries_max.
  io::Task<Result<std::vector<Descriptor>>> referrers(std::string repository, Digest subject, std::string artifact_type = "");
  io::Task<Result<std::vector<std::string>>> tags(std::string repository);

  // A manifest and everything it names (an index with its manifests), blobs first. The tag is set last.
  io::Task<Result<void>> push_image(std::string repository, const Store& store, Digest manifest, std::optional<std::string> tag = {});
  io::Task<Result<ManifestRecord>> pull_image(std::string repository, Digest manifest, Store& store);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// A client for the registry of a reference, over TLS unless it is on this machine ("localhost", names ending in .localhost, loopback
// addresses), which is how container tools have it.
Result<std::unique_ptr<RegistryClient>> connect_registry(io::Loop& loop, const std::string& registry, RegistryClientOptions options = {});

// "Basic <base64(user:password)>"
std::string basic_authorization(std::string_view user, std::string_view password);

}  // namespace pds::oci
