#include <fmt/core.h>

#include "supply/supply.h"

namespace pds::supply {
namespace {

io::Task<Result<std::string>> sign_now(trust::SignDigest sign, std::string digest32) { co_return sign(digest32); }

Result<trust::Subject> subject_of(const oci::Store& store, const std::string& repository, const Digest& manifest) {
  auto record = store.find_manifest(manifest);
  if (!record)
    return fail("E_MANIFEST_UNKNOWN", fmt::format("there is no image {} in {}: build it first", manifest.text(), store.root()),
                404);
  return trust::Subject{.repository = repository, .media_type = record->media_type, .digest = manifest, .size = record->size};
}

Result<Digest> keep(oci::Store& store, const trust::Artifact& artifact) {
  for (const trust::Blob& blob : artifact.blobs) {
    TRY([[maybe_unused]] oci::Descriptor stored, store.put_blob(blob.bytes));
  }
  std::optional<std::string> tag = artifact.tag.empty() ? std::nullopt : std::optional(artifact.tag);
  TRY(oci::ManifestRecord record, store.put_manifest(artifact.manifest, artifact.media_type, tag));
  return record.digest;
}

// The bundle behind a referrer, if it is one that can be read.
std::optional<trust::Bundle> bundle_of(const oci::Store& store, const oci::ManifestRecord& record) {
  auto bytes = store.read_manifest(record.digest);
  auto manifest = bytes ? oci::parse_manifest(*bytes) : std::unexpected(bytes.error());
  if (!manifest || manifest->layers.size() != 1) return std::nullopt;
  auto body = store.read_blob(manifest->layers[0].digest, trust::bundle_bytes_max);
  auto bundle = body ? trust::parse_bundle(*body) : std::unexpected(body.error());
  return bundle ? std::optional(*std::move(bundle)) : std::nullopt;
}

// Signing again replaces what this key has said about this before: otherwise bundles would pile up, since no two signatures are
// alike.
Result<void> remove_superseded(oci::Store& store, const Digest& subject, std::string_view predicate_type, const std::string& hint) {
  for (const oci::ManifestRecord& record : store.referrers(subject, trust::bundle_type)) {
    auto type = record.annotations.find("dev.sigstore.bundle.predicateType");
    if (type == record.annotations.end() || type->second != predicate_type) continue;
    auto bundle = bundle_of(store, record);
    if (bundle && bundle->hint == hint) CHECK(store.delete_manifest(record.digest));
  }
  return {};
}

io::Task<Result<Digest>> attest(oci::Store& store, trust::Subject subject, std::string_view predicate_type,
                                const json::value& predicate, const AsyncSigner& signer, Timestamp created) {
  trust::Bundle bundle{.hint = trust::key_hint(signer.public_der), .payload_type = std::string(trust::in_toto_type)};
  bundle.payload = trust::statement(subject, predicate_type, predicate);
  CO_TRY(bundle.signature_der, co_await signer.sign(sha256(trust::dsse_encoding(bundle.payload_type, bundle.payload))));
  CO_CHECK(remove_superseded(store, subject.digest, predicate_type, bundle.hint));
  co_return keep(store, trust::bundle_artifact(subject, bundle, predicate_type, created));
}

// The .sig manifest that is there now, or nothing.
Result<std::string> earlier_signatures(const oci::Store& store, const Digest& subject) {
  auto record = store.find_tag(trust::signature_tag(subject));
  return record ? store.read_manifest(record->digest) : Result<std::string>("");
}

}  // namespace

AsyncSigner async_signer(trust::Signer signer) {
  return {.public_der = std::move(signer.public_der),
          .sign = [sign = std::move(signer.sign)](std::string digest32) { return sign_now(sign, std::move(digest32)); }};
}

io::Task<Result<std::vector<Digest>>> sign_image(oci::Store& store, std::string repository, Digest manifest,
                                                 const AsyncSigner& signer, Timestamp created) {
  CO_TRY(trust::Subject subject, subject_of(store, repository, manifest));
  std::string payload = trust::simple_signing_payload(subject);
  CO_TRY(std::string signature, co_await signer.sign(sha256(payload)));
  CO_TRY(std::string earlier, earlier_signatures(store, manifest));
  CO_TRY(trust::Artifact legacy, trust::legacy_signature(subject, payload, signature, signer.public_der, earlier));
  std::vector<Digest> out;
  CO_TRY(Digest tagged, keep(store, legacy));
  out.push_back(std::move(tagged));
  if (!earlier.empty() && Digest::of(earlier) != out.front()) CO_CHECK(store.delete_manifest(Digest::of(earlier)));
  CO_TRY(Digest bundle, co_await attest(store, subject, trust::predicate::signature, json::object{}, signer, created));
  out.push_back(std::move(bundle));
  co_return out;
}

io::Task<Result<std::vector<Digest>>> attest_sboms(oci::Store& store, std::string repository, Digest manifest, Sboms sboms,
                                                   const AsyncSigner& signer, Timestamp created) {
  CO_TRY(trust::Subject subject, subject_of(store, repository, manifest));
  std::vector<Digest> out;
  CO_TRY(Digest spdx, co_await attest(store, subject, trust::predicate::spdx, sboms.spdx, signer, created));
  out.push_back(std::move(spdx));
  CO_TRY(Digest cyclonedx, co_await attest(store, subject, trust::predicate::cyclonedx, sboms.cyclonedx, signer, created));
  out.push_back(std::move(cyclonedx));
  co_return out;
}

}  // namespace pds::supply
