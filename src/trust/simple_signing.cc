// The .sig half of signature.h.
#include <fmt/core.h>

#include "base/text.h"
#include "trust/signature.h"

namespace pds::trust {
namespace {

constexpr std::string_view payload_kind = "cosign container image signature";
constexpr std::string_view signature_annotation = "dev.cosignproject.cosign/signature";
constexpr std::string_view config_type = "application/vnd.oci.image.config.v1+json";

std::unexpected<Error> malformed(std::string_view what) {
  return fail("E_SIGNATURE_MALFORMED", fmt::format("simple signing payload: {}", what));
}

Result<const json::object*> exact_object(const json::object& parent, std::string_view name,
                                         std::initializer_list<std::string_view> members) {
  const json::object* object = get_object(parent, name);
  if (!object) return malformed(fmt::format("'{}' is not an object", name));
  if (object->size() != members.size()) return malformed(fmt::format("'{}' must have exactly {} members", name, members.size()));
  for (std::string_view member : members) {
    if (!object->contains(member)) return malformed(fmt::format("'{}' lacks '{}'", name, member));
  }
  return object;
}

json::object layer(const Digest& payload, size_t size, std::string_view signature_der) {
  return {{"mediaType", simple_signing_type},
          {"digest", payload.text()},
          {"size", size},
          {"annotations", {{std::string(signature_annotation), to_base64(signature_der)}}}};
}

// The layers of an earlier manifest, without those this key made over this payload.
Result<json::array> kept_layers(std::string_view previous, const Digest& payload_digest, std::string_view payload,
                                const EcKey& key) {
  TRY(json::value document, parse_json(previous));
  const json::array* layers = document.is_object() ? get_array(document.get_object(), "layers") : nullptr;
  if (!layers || layers->size() > signatures_max) return malformed("the earlier signature manifest has no usable layers");
  json::array kept;
  for (const json::value& value : *layers) {
    const json::object* object = value.if_object();
    if (!object || get_string(*object, "mediaType") != simple_signing_type) continue;
    const json::object* annotations = get_object(*object, "annotations");
    auto signature = from_base64(annotations ? get_string(*annotations, signature_annotation) : "");
    bool same = get_string(*object, "digest") == payload_digest.text() && signature && key.verify(payload, *signature);
    if (!same) kept.push_back(value);
  }
  return kept;
}

}  // namespace

std::string signature_tag(const Digest& subject) { return fmt::format("sha256-{}.sig", subject.hex()); }

std::string simple_signing_payload(const Subject& subject) {
  return to_canonical_text(json::object{{"critical",
                                         {{"identity", {{"docker-reference", subject.repository}}},
                                          {"image", {{"docker-manifest-digest", subject.digest.text()}}},
                                          {"type", payload_kind}}},
                                        {"optional", nullptr}});
}

Result<SimpleSigning> parse_simple_signing(std::string_view payload) {
  if (payload.size() > payload_bytes_max) return malformed("too large");
  auto document = parse_json(payload);
  if (!document) return malformed(document.error().message);
  const json::object* top = document->if_object();
  if (!top || top->size() != 2 || !top->contains("optional")) return malformed("must have exactly 'critical' and 'optional'");
  const json::value& optional = top->at("optional");
  if (!optional.is_null() && !optional.is_object()) return malformed("'optional' must be null or an object");
  TRY(const json::object* critical, exact_object(*top, "critical", {"identity", "image", "type"}));
  TRY(const json::object* identity, exact_object(*critical, "identity", {"docker-reference"}));
  TRY(const json::object* image, exact_object(*critical, "image", {"docker-manifest-digest"}));
  if (get_string(*critical, "type") != payload_kind) return malformed("'type' is not a cosign container image signature");
  auto digest = Digest::parse(get_string(*image, "docker-manifest-digest"));
  if (!digest) return malformed("'docker-manifest-digest' is not a sha256 digest");
  return SimpleSigning{.docker_reference = get_string(*identity, "docker-reference"), .digest = *std::move(digest)};
}

Result<Artifact> legacy_signature(const Subject& subject, std::string_view payload, std::string_view signature_der,
                                  std::string_view public_der, std::string_view previous) {
  TRY(EcKey key, EcKey::from_public_der(public_der));
  Digest payload_digest = Digest::of(payload);
  json::array layers;
  if (!previous.empty()) {
    TRY(layers, kept_layers(previous, payload_digest, payload, key));
  }
  if (layers.size() >= signatures_max) {
    return fail("E_TOO_MANY_SIGNATURES",
                fmt::format("{} already has {} signatures: delete its .sig tag first", subject.digest.text(), layers.size()));
  }
  layers.push_back(layer(payload_digest, payload.size(), signature_der));

  json::array diff_ids;
  for (const json::value& value : layers) diff_ids.push_back(value.at("digest"));
  Blob config{.bytes = to_canonical_text(json::object{{"architecture", ""},
                                                      {"config", json::object{}},
                                                      {"os", ""},
                                                      {"rootfs", {{"type", "layers"}, {"diff_ids", std::move(diff_ids)}}}})};
  config.digest = Digest::of(config.bytes);

  Artifact artifact{.tag = signature_tag(subject.digest)};
  artifact.manifest = to_canonical_text(
      json::object{{"schemaVersion", 2},
                   {"mediaType", manifest_type},
                   {"config", {{"mediaType", config_type}, {"digest", config.digest.text()}, {"size", config.bytes.size()}}},
                   {"layers", std::move(layers)}});
  artifact.digest = Digest::of(artifact.manifest);
  artifact.blobs = {std::move(config), Blob{.digest = payload_digest, .bytes = std::string(payload)}};
  return artifact;
}

}  // namespace pds::trust
