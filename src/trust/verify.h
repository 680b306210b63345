// May this image run? A pure function of what was fetched and whom we trust. It fails closed: what is missing, unreadable or signed by
// somebody else counts as absent, and the verdict says which of these it was.
//
// A signature must say that it is one: a bundle counts as "signed" only with predicate type https://sigstore.dev/cosign/sign/v1, and each
// SBOM gate wants its own type. Otherwise any attestation by a trusted key (a failed test report, say) would pass for a signature.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "trust/artifact.h"
#include "trust/key.h"

namespace pds::trust {

inline constexpr size_t artifacts_max = 200;

// What was fetched. Nothing in it is believed.
struct Evidence {
  Digest subject;                        // what is asked about
  std::string repository;                // registry/repository
  std::string manifest;                  // the bytes that came back for `subject`
  std::vector<Artifact> artifacts;       // the .sig manifest (tag set) and the referrers, with their blobs
};

struct Policy {
  std::vector<TrustedKey> keys;          // none: nothing passes
  bool signature = true;
  bool spdx = true;
  bool cyclonedx = true;
  bool sbom_minimum = true;              // the NTIA minimum elements in each SBOM asked for
  // When set, the docker-reference of a simple signing payload must be this: a signature made for one repository does not serve another.
  std::string docker_reference;
};

// Codes of a failed rule, from worst news to plain absence.
namespace code {
inline constexpr std::string_view manifest_tampered = "E_MANIFEST_TAMPERED";       // the bytes do not match the digest that was asked for
inline constexpr std::string_view other_digest = "E_SIGNATURE_OTHER_DIGEST";       // our key, but it signed something else
inline constexpr std::string_view other_key = "E_SIGNATURE_OTHER_KEY";             // a signature by nobody we trust
inline constexpr std::string_view malformed = "E_BUNDLE_MALFORMED";                // not readable as a signature
inline constexpr std::string_view unsigned_image = "E_UNSIGNED";
inline constexpr std::string_view attestation_missing = "E_ATTESTATION_MISSING";
inline constexpr std::string_view sbom_incomplete = "E_SBOM_INCOMPLETE";
inline constexpr std::string_view no_keys = "E_NO_TRUSTED_KEYS";
}  // namespace code

struct RuleResult {
  std::string rule;                      // "manifest", "signature", "sbom-spdx", "sbom-cyclonedx", "sbom-minimum"
  bool passed = false;
  std::string code;                      // one of the above when it failed
  std::string detail;                    // for people: what was found, by which key
  std::optional<Digest> evidence;        // the artifact manifest that decided
};

struct Verdict {
  Digest subject;
  bool passed = false;                   // every rule did
  std::vector<RuleResult> rules;

  const RuleResult* first_failure() const;   // null when passed
  std::string text() const;                  // one line per rule
  json::value to_json() const;
};

Verdict verify(const Evidence& evidence, const Policy& policy);

}  // namespace pds::trust
