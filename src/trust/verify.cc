#include "trust/verify.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/text.h"
#include "trust/sbom.h"
#include "trust/signature.h"

namespace pds::trust {
namespace {

constexpr std::string_view signature_annotation = "dev.cosignproject.cosign/signature";

// One thing that claims to be a signature or an attestation, judged.
struct Finding {
  enum class Outcome { other_digest, other_key, malformed, valid };
  Outcome outcome = Outcome::malformed;
  std::string predicate_type;  // of a bundle; simple signing counts as a signature
  std::string detail;
  Digest artifact;
  json::value predicate;  // when valid
};

const TrustedKey* signed_by(const std::vector<TrustedKey>& keys, std::string_view message, std::string_view signature) {
  for (const TrustedKey& key : keys) {
    if (key.verify(message, signature)) return &key;
  }
  return nullptr;
}

const Blob* find_blob(const Artifact& artifact, const std::string& digest) {
  for (const Blob& blob : artifact.blobs) {
    if (blob.digest.text() == digest) return &blob;
  }
  return nullptr;
}

Finding malformed(const Artifact& artifact, std::string detail) {
  return {.outcome = Finding::Outcome::malformed, .detail = std::move(detail), .artifact = artifact.digest};
}

// The bytes of a layer, if they are what its descriptor says.
Result<const std::string*> layer_bytes(const Artifact& artifact, const json::object& layer) {
  std::string digest = get_string(layer, "digest");
  const Blob* blob = find_blob(artifact, digest);
  if (!blob) return fail("E_BUNDLE_MALFORMED", "a layer is missing: " + digest);
  if (!blob->digest.names(blob->bytes)) return fail("E_BUNDLE_MALFORMED", "a layer does not match its digest: " + digest);
  return &blob->bytes;
}

Finding judge_simple_signing(const Artifact& artifact, const json::object& layer, const Evidence& evidence, const Policy& policy) {
  auto payload = layer_bytes(artifact, layer);
  if (!payload) return malformed(artifact, payload.error().message);
  const json::object* annotations = get_object(layer, "annotations");
  auto signature = from_base64(annotations ? get_string(*annotations, signature_annotation) : "");
  if (!signature || signature->empty() || signature->size() > signature_bytes_max)
    return malformed(artifact, "the .sig layer carries no signature");
  auto said = parse_simple_signing(**payload);
  if (!said) return malformed(artifact, said.error().message);
  Finding finding{.predicate_type = std::string(predicate::signature), .artifact = artifact.digest};
  const TrustedKey* key = signed_by(policy.keys, **payload, *signature);
  if (!key) {
    finding.outcome = Finding::Outcome::other_key;
    finding.detail = "the .sig signature was made by a key that is not trusted here";
  } else if (said->digest != evidence.subject) {
    finding.outcome = Finding::Outcome::other_digest;
    finding.detail = fmt::format("{} signed {}, not this image", key->name(), said->digest.text());
  } else if (!policy.docker_reference.empty() && said->docker_reference != policy.docker_reference) {
    finding.outcome = Finding::Outcome::other_digest;
    finding.detail =
        fmt::format("{} signed this digest for '{}', not for '{}'", key->name(), said->docker_reference, policy.docker_reference);
  } else {
    finding.outcome = Finding::Outcome::valid;
    finding.detail = fmt::format("simple signing by {}", key->name());
  }
  return finding;
}

Finding judge_bundle(const Artifact& artifact, const json::object& layer, const Evidence& evidence, const Policy& policy) {
  auto bytes = layer_bytes(artifact, layer);
  if (!bytes) return malformed(artifact, bytes.error().message);
  auto bundle = parse_bundle(**bytes);
  if (!bundle) return malformed(artifact, bundle.error().message);
  auto said = parse_statement(bundle->payload);
  if (!said) return malformed(artifact, said.error().message);
  Finding finding{.predicate_type = said->predicate_type, .artifact = artifact.digest};
  const TrustedKey* key = signed_by(policy.keys, dsse_encoding(bundle->payload_type, bundle->payload), bundle->signature_der);
  if (!key) {
    finding.outcome = Finding::Outcome::other_key;
    finding.detail = fmt::format("the bundle was signed by a key that is not trusted here (hint {})", bundle->hint.substr(0, 64));
  } else if (std::find(said->subjects.begin(), said->subjects.end(), evidence.subject) == said->subjects.end()) {
    finding.outcome = Finding::Outcome::other_digest;
    finding.detail = fmt::format("{} signed {}, not this image", key->name(), said->subjects.front().text());
  } else {
    finding.outcome = Finding::Outcome::valid;
    finding.detail = fmt::format("bundle by {}", key->name());
    finding.predicate = std::move(said->predicate);
  }
  return finding;
}

void judge_artifact(const Artifact& artifact, const Evidence& evidence, const Policy& policy, std::vector<Finding>& findings) {
  if (!artifact.digest.names(artifact.manifest)) {
    findings.push_back(malformed(artifact, "a signature's manifest does not match its digest"));
    return;
  }
  auto document = parse_json(artifact.manifest);
  const json::array* layers = document && document->is_object() ? get_array(document->get_object(), "layers") : nullptr;
  if (!layers || layers->size() > signatures_max) {
    findings.push_back(malformed(artifact, "a signature's manifest has no usable layers"));
    return;
  }
  for (const json::value& value : *layers) {
    const json::object* layer = value.if_object();
    if (!layer) continue;
    std::string type = get_string(*layer, "mediaType");
    if (type == simple_signing_type) findings.push_back(judge_simple_signing(artifact, *layer, evidence, policy));
    if (type == bundle_type) findings.push_back(judge_bundle(artifact, *layer, evidence, policy));
  }
}

std::string_view code_of(Finding::Outcome outcome) {
  switch (outcome) {
    case Finding::Outcome::other_digest:
      return code::other_digest;
    case Finding::Outcome::other_key:
      return code::other_key;
    case Finding::Outcome::malformed:
      return code::malformed;
    case Finding::Outcome::valid:
      break;
  }
  return code::unsigned_image;
}

RuleResult manifest_rule(const Evidence& evidence) {
  RuleResult rule{.rule = "manifest", .evidence = evidence.subject};
  if (evidence.manifest.empty()) {
    rule.code = code::manifest_tampered;
    rule.detail = "the registry has no intact manifest under this digest";
    return rule;
  }
  Digest found = Digest::of(evidence.manifest);
  rule.passed = found == evidence.subject;
  if (rule.passed) {
    rule.detail = "the manifest's bytes match the digest";
  } else {
    rule.code = code::manifest_tampered;
    rule.detail = fmt::format("the registry's bytes have the digest {}", found.text());
  }
  return rule;
}

// The rule that something of `predicate_type` was signed: passed by the first valid finding. Otherwise the worst news among those
// that could have passed it is told; a malformed or foreign one may always have been meant for it.
RuleResult signed_rule(std::string name, std::string_view predicate_type, std::string_view absent_code, std::string absent,
                       const std::vector<Finding>& findings) {
  RuleResult rule{.rule = std::move(name), .code = std::string(absent_code), .detail = std::move(absent)};
  const Finding* worst = nullptr;
  for (const Finding& finding : findings) {
    bool mine = finding.predicate_type == predicate_type;
    if (mine && finding.outcome == Finding::Outcome::valid) {
      return {.rule = rule.rule, .passed = true, .detail = finding.detail, .evidence = finding.artifact};
    }
    bool meant = mine || finding.predicate_type.empty();
    if (meant && (!worst || finding.outcome < worst->outcome)) worst = &finding;
  }
  if (worst) {
    rule.code = code_of(worst->outcome);
    rule.detail = worst->detail;
    rule.evidence = worst->artifact;
  }
  return rule;
}

RuleResult signature_rule(const std::vector<Finding>& findings) {
  std::string absent = "no signature was found: sign the image and push its signature";
  for (const Finding& finding : findings) {
    if (finding.outcome != Finding::Outcome::valid || finding.predicate_type == predicate::signature) continue;
    absent = fmt::format("no signature was found; a signed attestation ({}) does not stand in for one", finding.predicate_type);
  }
  return signed_rule("signature", predicate::signature, code::unsigned_image, std::move(absent), findings);
}

RuleResult minimum_rule(const std::vector<Finding>& findings, const std::vector<std::string_view>& types) {
  RuleResult rule{.rule = "sbom-minimum",
                  .passed = true,
                  .detail = "supplier, name, version, identifier, relationships, author and time are there"};
  for (std::string_view type : types) {
    auto is_valid = [&](const Finding& f) { return f.outcome == Finding::Outcome::valid && f.predicate_type == type; };
    auto found = std::find_if(findings.begin(), findings.end(), is_valid);
    std::vector<std::string> missing;
    if (found == findings.end()) {
      missing.push_back(fmt::format("no SBOM of type {}", type));
    } else {
      missing = missing_minimum_elements(found->predicate);
      rule.evidence = found->artifact;
    }
    if (missing.empty()) continue;
    rule.passed = false;
    rule.code = code::sbom_incomplete;
    rule.detail = join(missing, "; ");
    return rule;
  }
  return rule;
}

}  // namespace

Verdict verify(const Evidence& evidence, const Policy& policy) {
  Verdict verdict{.subject = evidence.subject};
  verdict.rules.push_back(manifest_rule(evidence));
  if (policy.keys.empty()) {
    verdict.rules.push_back(
        {.rule = "keys", .code = std::string(code::no_keys), .detail = "no key is trusted: name at least one public key"});
  }
  std::vector<Finding> findings;
  for (size_t i = 0; i < evidence.artifacts.size() && i < artifacts_max; ++i)
    judge_artifact(evidence.artifacts[i], evidence, policy, findings);

  if (policy.signature) verdict.rules.push_back(signature_rule(findings));
  std::vector<std::string_view> sboms;
  auto sbom_rule = [&](std::string name, std::string_view type) {
    sboms.push_back(type);
    verdict.rules.push_back(signed_rule(std::move(name), type, code::attestation_missing,
                                        fmt::format("no attestation of type {} was found", type), findings));
  };
  if (policy.spdx) sbom_rule("sbom-spdx", predicate::spdx);
  if (policy.cyclonedx) sbom_rule("sbom-cyclonedx", predicate::cyclonedx);
  if (policy.sbom_minimum && !sboms.empty()) verdict.rules.push_back(minimum_rule(findings, sboms));
  verdict.passed = std::all_of(verdict.rules.begin(), verdict.rules.end(), [](const RuleResult& rule) { return rule.passed; });
  return verdict;
}

const RuleResult* Verdict::first_failure() const {
  auto failed = std::find_if(rules.begin(), rules.end(), [](const RuleResult& rule) { return !rule.passed; });
  return failed == rules.end() ? nullptr : &*failed;
}

std::string Verdict::text() const {
  std::string out = fmt::format("{} {}\n", passed ? "accepted" : "refused", subject.text());
  for (const RuleResult& rule : rules) {
    out += fmt::format("  {} {:<15} {}{}{}\n", rule.passed ? "pass" : "FAIL", rule.rule, rule.code, rule.code.empty() ? "" : ": ",
                       rule.detail);
  }
  return out;
}

json::value Verdict::to_json() const {
  json::array list;
  for (const RuleResult& rule : rules) {
    json::object object{{"rule", rule.rule}, {"passed", rule.passed}, {"detail", rule.detail}};
    if (!rule.code.empty()) object["code"] = rule.code;
    if (rule.evidence) object["evidence"] = rule.evidence->text();
    list.push_back(std::move(object));
  }
  return json::object{{"subject", subject.text()}, {"passed", passed}, {"rules", std::move(list)}};
}

}  // namespace pds::trust
