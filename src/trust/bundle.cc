// The bundle half of signature.h. Bundles follow protojson: bytes are base64 with padding, names are lowerCamelCase.
#include <fmt/core.h>

#include "base/text.h"
#include "trust/signature.h"

namespace pds::trust {
namespace {

constexpr std::string_view empty_type = "application/vnd.oci.empty.v1+json";
constexpr size_t statement_subjects_max = 1000;

std::unexpected<Error> malformed(std::string_view what) {
  return fail("E_BUNDLE_MALFORMED", fmt::format("Sigstore bundle: {}", what));
}

Result<std::string> key_of(const json::object& bundle) {
  const json::object* material = get_object(bundle, "verificationMaterial");
  if (!material) return malformed("no verificationMaterial");
  if (material->contains("x509CertificateChain")) return malformed("x509CertificateChain does not exist in version 0.3");
  const json::object* key = get_object(*material, "publicKey");
  bool certificate = material->contains("certificate");
  if ((key != nullptr) == certificate) return malformed("verificationMaterial must have exactly one of publicKey and certificate");
  // A certificate names no key of ours: the signature will then match none.
  return key ? get_string(*key, "hint") : std::string();
}

}  // namespace

std::string dsse_encoding(std::string_view payload_type, std::string_view payload) {
  return fmt::format("DSSEv1 {} {} {} {}", payload_type.size(), payload_type, payload.size(), payload);
}

std::string statement(const Subject& subject, std::string_view predicate_type, const json::value& predicate) {
  json::object named{{"digest", {{"sha256", subject.digest.hex()}}}};
  if (!subject.repository.empty()) named["name"] = subject.repository;
  return to_canonical_text(json::object{{"_type", statement_type},
                                        {"subject", json::array{std::move(named)}},
                                        {"predicateType", predicate_type},
                                        {"predicate", predicate}});
}

std::string signature_statement(const Subject& subject) { return statement(subject, predicate::signature, json::object{}); }

std::string serialise(const Bundle& bundle) {
  json::object signature{{"sig", to_base64(bundle.signature_der)}};
  return to_text(json::object{{"mediaType", bundle_type},
                              {"verificationMaterial", {{"publicKey", {{"hint", bundle.hint}}}}},
                              {"dsseEnvelope",
                               {{"payload", to_base64(bundle.payload)},
                                {"payloadType", bundle.payload_type},
                                {"signatures", json::array{std::move(signature)}}}}});
}

Result<Bundle> parse_bundle(std::string_view bytes) {
  if (bytes.size() > bundle_bytes_max) return malformed(fmt::format("larger than {} bytes", bundle_bytes_max));
  auto document = parse_json(bytes);
  if (!document) return malformed(document.error().message);
  const json::object* top = document->if_object();
  if (!top) return malformed("not an object");
  if (get_string(*top, "mediaType") != bundle_type) return malformed(fmt::format("mediaType is not {}", bundle_type));
  Bundle bundle;
  TRY(bundle.hint, key_of(*top));
  if (top->contains("messageSignature"))
    return malformed("a message signature cannot speak about an image: a DSSE envelope is needed");
  const json::object* envelope = get_object(*top, "dsseEnvelope");
  if (!envelope) return malformed("no dsseEnvelope");
  bundle.payload_type = get_string(*envelope, "payloadType");
  if (bundle.payload_type != in_toto_type) return malformed(fmt::format("payloadType is not {}", in_toto_type));
  auto payload = from_base64(get_string(*envelope, "payload"));
  if (!payload || payload->empty()) return malformed("the payload is not base64");
  bundle.payload = *std::move(payload);
  const json::array* signatures = get_array(*envelope, "signatures");
  if (!signatures || signatures->size() != 1 || !signatures->front().is_object())
    return malformed("the envelope must have exactly one signature");
  auto signature = from_base64(get_string(signatures->front().get_object(), "sig"));
  if (!signature || signature->empty() || signature->size() > signature_bytes_max)
    return malformed("the signature is not a base64 ECDSA signature");
  bundle.signature_der = *std::move(signature);
  return bundle;
}

Result<Statement> parse_statement(std::string_view bytes) {
  auto document = parse_json(bytes);
  if (!document) return malformed(document.error().message);
  json::object* top = document->if_object();
  if (!top) return malformed("the statement is not an object");
  if (get_string(*top, "_type") != statement_type) return malformed(fmt::format("the statement's _type is not {}", statement_type));
  Statement out{.predicate_type = get_string(*top, "predicateType")};
  if (out.predicate_type.empty()) return malformed("the statement has no predicateType");
  const json::array* subjects = get_array(*top, "subject");
  if (!subjects || subjects->empty() || subjects->size() > statement_subjects_max) return malformed("the statement has no subject");
  for (const json::value& value : *subjects) {
    const json::object* digests = value.is_object() ? get_object(value.get_object(), "digest") : nullptr;
    auto digest = Digest::parse("sha256:" + (digests ? get_string(*digests, "sha256") : std::string()));
    if (!digest) return malformed("a subject of the statement has no sha256 digest");
    out.subjects.push_back(*std::move(digest));
  }
  if (json::value* predicate = top->if_contains("predicate")) out.predicate = std::move(*predicate);
  return out;
}

Artifact bundle_artifact(const Subject& subject, const Bundle& bundle, std::string_view predicate_type, Timestamp created) {
  Blob empty{.bytes = "{}"};
  empty.digest = Digest::of(empty.bytes);
  Blob body{.bytes = serialise(bundle)};
  body.digest = Digest::of(body.bytes);
  Artifact artifact;
  artifact.manifest = to_canonical_text(json::object{
      {"schemaVersion", 2},
      {"mediaType", manifest_type},
      {"artifactType", bundle_type},
      {"config", {{"mediaType", empty_type}, {"digest", empty.digest.text()}, {"size", empty.bytes.size()}}},
      {"layers",
       json::array{json::object{{"mediaType", bundle_type}, {"digest", body.digest.text()}, {"size", body.bytes.size()}}}},
      {"subject", {{"mediaType", subject.media_type}, {"digest", subject.digest.text()}, {"size", subject.size}}},
      {"annotations",
       {{"org.opencontainers.image.created", to_iso8601(created)},
        {"dev.sigstore.bundle.content", "dsse-envelope"},
        {"dev.sigstore.bundle.predicateType", predicate_type}}}});
  artifact.digest = Digest::of(artifact.manifest);
  artifact.blobs = {std::move(empty), std::move(body)};
  return artifact;
}

Result<Artifact> attest(const Subject& subject, std::string_view predicate_type, const json::value& predicate, const Signer& signer,
                        Timestamp created) {
  Bundle bundle{.hint = key_hint(signer.public_der), .payload_type = std::string(in_toto_type)};
  bundle.payload = statement(subject, predicate_type, predicate);
  TRY(bundle.signature_der, signer.sign(sha256(dsse_encoding(bundle.payload_type, bundle.payload))));
  return bundle_artifact(subject, bundle, predicate_type, created);
}

Result<std::vector<Artifact>> sign(const Subject& subject, const Signer& signer, Timestamp created,
                                   std::string_view previous_signatures) {
  std::string payload = simple_signing_payload(subject);
  TRY(std::string signature, signer.sign(sha256(payload)));
  std::vector<Artifact> artifacts;
  TRY(Artifact legacy, legacy_signature(subject, payload, signature, signer.public_der, previous_signatures));
  artifacts.push_back(std::move(legacy));
  TRY(Artifact bundle, attest(subject, predicate::signature, json::object{}, signer, created));
  artifacts.push_back(std::move(bundle));
  return artifacts;
}

}  // namespace pds::trust
