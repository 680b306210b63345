// Whatever bytes a registry serves as a bundle, a payload, a statement or a copyright file: an answer, never a crash, and never a
// pass.
#include <cstdint>
#include <cstdlib>

#include "trust/package.h"
#include "trust/sbom.h"
#include "trust/signature.h"
#include "trust/verify.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace pds;
  using namespace pds::trust;
  std::string bytes(reinterpret_cast<const char*>(data), size);
  static const std::string public_pem = EcKey::generate().public_pem();
  Policy policy;
  policy.keys.push_back(*TrustedKey::from_pem("key", public_pem));

  Subject subject{.media_type = std::string(manifest_type), .digest = Digest::of("{}"), .size = 2};
  Evidence evidence{.subject = subject.digest, .manifest = "{}"};
  Artifact artifact =
      bundle_artifact(subject, {.payload_type = std::string(in_toto_type), .payload = bytes, .signature_der = "x"}, "type", {});
  evidence.artifacts.push_back(artifact);
  evidence.artifacts.push_back(
      {.manifest = bytes, .digest = Digest::of(bytes), .blobs = {{.digest = Digest::of(bytes), .bytes = bytes}}});
  if (verify(evidence, policy).passed) std::abort();

  (void)parse_bundle(bytes);
  (void)parse_statement(bytes);
  (void)parse_simple_signing(bytes);
  (void)parse_copyright(bytes);
  (void)parse_dpkg_status(bytes);
  if (auto document = parse_json(bytes)) (void)missing_minimum_elements(*document);
  return 0;
}
