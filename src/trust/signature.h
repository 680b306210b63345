// Signatures in the two forms that exist in the field. cosign 2 and containers/image read the tag sha256-<hex>.sig; cosign 3 reads bundles
// and, once it has found one, never looks at the tag. So both are made, always together.
//
// A signer may be far away (KMS), so each form comes in two steps: what is to be signed, and the artifact made with the answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "trust/artifact.h"
#include "trust/key.h"

namespace pds::trust {

inline constexpr size_t payload_bytes_max = 64u << 10;
inline constexpr size_t bundle_bytes_max = 32u << 20;      // an SBOM of a large image, base64 within base64
inline constexpr size_t signatures_max = 50;               // in one .sig manifest

// ---- simple signing: the .sig tag ----

// "sha256-<hex>.sig"
std::string signature_tag(const Digest& subject);
// The exact bytes that are signed.
std::string simple_signing_payload(const Subject& subject);
// What a payload says; strict, as containers/image reads it. E_SIGNATURE_MALFORMED.
struct SimpleSigning {
  std::string docker_reference;
  Digest digest;
};
Result<SimpleSigning> parse_simple_signing(std::string_view payload);
// The manifest of the .sig tag. `previous`: the manifest that is there now; signatures by other keys are kept, one by this key over the
// same payload is replaced, so that signing again does not pile up.
Result<Artifact> legacy_signature(const Subject& subject, std::string_view payload, std::string_view signature_der, std::string_view public_der,
                                  std::string_view previous = "");

// ---- DSSE and Sigstore bundles ----

// "DSSEv1 <length> <type> <length> <body>"
std::string dsse_encoding(std::string_view payload_type, std::string_view payload);
// The in-toto statement that `predicate` is true of the subject. Canonical bytes.
std::string statement(const Subject& subject, std::string_view predicate_type, const json::value& predicate);
// The statement of a plain signature.
std::string signature_statement(const Subject& subject);

struct Bundle {
  std::string hint;                // of the key
  std::string payload_type;
  std::string payload;             // the statement's bytes
  std::string signature_der;
};
std::string serialise(const Bundle& bundle);
Result<Bundle> parse_bundle(std::string_view bytes);         // E_BUNDLE_MALFORMED, saying what is wrong

struct Statement {
  std::vector<Digest> subjects;
  std::string predicate_type;
  json::value predicate;
};
Result<Statement> parse_statement(std::string_view bytes);   // E_BUNDLE_MALFORMED

// The bundle as an OCI 1.1 referrer of the subject.
Artifact bundle_artifact(const Subject& subject, const Bundle& bundle, std::string_view predicate_type, Timestamp created);

// ---- with a signer at hand ----

// The .sig artifact and the signing bundle.
Result<std::vector<Artifact>> sign(const Subject& subject, const Signer& signer, Timestamp created, std::string_view previous_signatures = "");
// One attestation as a bundle.
Result<Artifact> attest(const Subject& subject, std::string_view predicate_type, const json::value& predicate, const Signer& signer,
                        Timestamp created);

}  // namespace pds::trust
