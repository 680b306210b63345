#include <fmt/core.h>

#include "supply/supply.h"

namespace pds::supply {
namespace {

constexpr size_t evidence_bytes_max = 256u << 20;  // of all artifacts of one image together

// Content that is absent or not what its digest says is a finding about the image. Everything else is a failure to ask.
bool is_finding(const Error& error) {
  for (std::string_view code :
       {"E_MANIFEST_TAMPERED", "E_DIGEST_MISMATCH", "E_BLOB_UNKNOWN", "E_MANIFEST_UNKNOWN", "E_TOO_LARGE"}) {
    if (error.code == code) return true;
  }
  return false;
}

size_t layer_bytes_max(const oci::Descriptor& layer) {
  if (layer.media_type == trust::simple_signing_type) return trust::payload_bytes_max;
  return layer.media_type == trust::bundle_type ? trust::bundle_bytes_max : 0;
}

// The manifest with those layers that a verdict looks at. A layer that cannot be had intact stays away, and the verdict says so.
io::Task<Result<trust::Artifact>> fetch_artifact(oci::RegistryClient& registry, std::string repository,
                                                 oci::FetchedManifest fetched, size_t& bytes_left) {
  trust::Artifact artifact{.manifest = std::move(fetched.bytes), .media_type = fetched.media_type, .digest = fetched.digest};
  auto manifest = oci::parse_manifest(artifact.manifest);
  if (!manifest) co_return artifact;
  for (const oci::Descriptor& layer : manifest->layers) {
    size_t most = std::min(layer_bytes_max(layer), bytes_left);
    if (layer.size > most) continue;
    auto bytes = co_await registry.read_blob(repository, layer, most);
    if (!bytes && !is_finding(bytes.error())) co_return std::unexpected(std::move(bytes).error());
    if (!bytes) continue;
    bytes_left -= bytes->size();
    artifact.blobs.push_back({.digest = layer.digest, .bytes = *std::move(bytes)});
  }
  co_return artifact;
}

io::Task<Result<void>> fetch_tagged(oci::RegistryClient& registry, const oci::DigestReference& image, trust::Evidence& evidence,
                                    size_t& bytes_left) {
  std::string tag = trust::signature_tag(image.digest);
  auto found = co_await registry.find_manifest(image.repository, tag);
  if (!found && is_finding(found.error())) co_return Result<void>();  // a damaged signature is no signature
  if (!found) co_return std::unexpected(std::move(found).error());
  if (!*found) co_return Result<void>();
  CO_TRY(trust::Artifact artifact, co_await fetch_artifact(registry, image.repository, **std::move(found), bytes_left));
  artifact.tag = tag;
  evidence.artifacts.push_back(std::move(artifact));
  co_return Result<void>();
}

io::Task<Result<void>> fetch_referrers(oci::RegistryClient& registry, const oci::DigestReference& image, trust::Evidence& evidence,
                                       size_t& bytes_left) {
  CO_TRY(auto referrers, co_await registry.referrers(image.repository, image.digest, std::string(trust::bundle_type)));
  for (const oci::Descriptor& referrer : referrers) {
    if (evidence.artifacts.size() >= trust::artifacts_max) break;
    auto fetched = co_await registry.manifest_as_served(image.repository, referrer.digest);
    if (!fetched && is_finding(fetched.error())) continue;
    if (!fetched) co_return std::unexpected(std::move(fetched).error());
    CO_TRY(trust::Artifact artifact, co_await fetch_artifact(registry, image.repository, *std::move(fetched), bytes_left));
    artifact.digest = referrer.digest;  // what was asked for: the verdict compares it with the bytes
    evidence.artifacts.push_back(std::move(artifact));
  }
  co_return Result<void>();
}

}  // namespace

io::Task<Result<void>> push(oci::RegistryClient& registry, std::string repository, const oci::Store& store, Digest manifest,
                            std::optional<std::string> tag) {
  CO_CHECK(co_await registry.push_image(repository, store, manifest));
  std::string signatures = trust::signature_tag(manifest);
  if (auto signed_by = store.find_tag(signatures))
    CO_CHECK(co_await registry.push_image(repository, store, signed_by->digest, signatures));
  for (const oci::ManifestRecord& referrer : store.referrers(manifest))
    CO_CHECK(co_await registry.push_image(repository, store, referrer.digest));
  if (!tag) co_return Result<void>();
  CO_TRY(std::string bytes, store.read_manifest(manifest));
  std::string media_type = store.find_manifest(manifest)->media_type;
  CO_TRY([[maybe_unused]] Digest stored, co_await registry.put_manifest(repository, *tag, std::move(bytes), std::move(media_type)));
  co_return Result<void>();
}

io::Task<Result<trust::Evidence>> fetch_evidence(oci::RegistryClient& registry, oci::DigestReference image) {
  trust::Evidence evidence{.subject = image.digest, .repository = image.name()};
  auto manifest = co_await registry.manifest_as_served(image.repository, image.digest);
  if (manifest) evidence.manifest = std::move(manifest->bytes);
  // A registry that notices the damage itself says so instead of serving it: the same finding.
  bool damaged = !manifest && (manifest.error().code == "E_DIGEST_MISMATCH" || manifest.error().code == "E_TOO_LARGE");
  if (!manifest && !damaged) co_return std::unexpected(std::move(manifest).error());
  size_t bytes_left = evidence_bytes_max;
  CO_CHECK(co_await fetch_tagged(registry, image, evidence, bytes_left));
  CO_CHECK(co_await fetch_referrers(registry, image, evidence, bytes_left));
  co_return evidence;
}

io::Task<Result<trust::Verdict>> verify(oci::RegistryClient& registry, oci::DigestReference image, const trust::Policy& policy) {
  CO_TRY(trust::Evidence evidence, co_await fetch_evidence(registry, std::move(image)));
  co_return trust::verify(evidence, policy);
}

io::Task<Result<oci::RootFilesystem>> pull(io::Loop& loop, oci::RegistryClient& registry, oci::DigestReference image,
                                           oci::Store& store, std::string cache_directory) {
  CO_TRY([[maybe_unused]] oci::ManifestRecord record, co_await registry.pull_image(image.repository, image.digest, store));
  const oci::Store* from = &store;
  co_return co_await loop.offload(
      [from, digest = image.digest, cache = std::move(cache_directory)] { return oci::unpack_image(*from, digest, cache); });
}

io::Task<Result<oci::RootFilesystem>> pull_verified(io::Loop& loop, oci::RegistryClient& registry, oci::DigestReference image,
                                                    const trust::Policy& policy, oci::Store& store, std::string cache_directory) {
  CO_TRY(trust::Verdict verdict, co_await verify(registry, image, policy));
  if (!verdict.passed) co_return fail("E_IMAGE_REFUSED", fmt::format("{}: {}", image.text(), verdict.text()), 403);
  co_return co_await pull(loop, registry, std::move(image), store, std::move(cache_directory));
}

}  // namespace pds::supply
