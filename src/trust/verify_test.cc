#include "trust/verify.h"

#include <gtest/gtest.h>

#include "trust/sbom.h"
#include "trust/signature.h"

namespace pds::trust {
namespace {

const std::string manifest_bytes = R"({"schemaVersion":2})";

Inventory inventory() {
  return {.name = "podinfo",
          .version = "1.0.0",
          .supplier = "Example",
          .license = "Apache-2.0",
          .architecture = "amd64",
          .digest = Digest::of(manifest_bytes),
          .files = {{.path = "/bin/podinfo", .sha1_hex = std::string(40, 'a'), .sha256_hex = std::string(64, 'b')}}};
}

// An image signed and attested by `ours`, and hands to spoil it with.
struct Fixture : testing::Test {
  EcKey our_key = EcKey::generate();
  Signer ours = *file_signer(our_key.private_pem());
  Signer theirs = *file_signer(EcKey::generate().private_pem());
  Subject subject{.repository = "r.example/podinfo",
                  .media_type = std::string(manifest_type),
                  .digest = Digest::of(manifest_bytes),
                  .size = manifest_bytes.size()};
  Evidence evidence{.subject = subject.digest, .repository = subject.repository, .manifest = manifest_bytes};
  Policy policy;

  void SetUp() override { policy.keys.push_back(*TrustedKey::from_pem("ours", our_key.public_pem())); }

  void add_signatures(const Signer& by, const Subject& of) {
    for (Artifact& artifact : *sign(of, by, Timestamp{})) evidence.artifacts.push_back(std::move(artifact));
  }
  void add_attestation(const Signer& by, std::string_view type, const json::value& predicate) {
    evidence.artifacts.push_back(*attest(subject, type, predicate, by, Timestamp{}));
  }
  void add_sboms(const Signer& by) {
    add_attestation(by, predicate::spdx, spdx_document(inventory()));
    add_attestation(by, predicate::cyclonedx, cyclonedx_document(inventory()));
  }
  std::string code(std::string_view rule) {
    Verdict verdict = verify(evidence, policy);
    for (const RuleResult& result : verdict.rules) {
      if (result.rule == rule) return result.passed ? "pass" : result.code;
    }
    return "no such rule";
  }
};

using Verify = Fixture;

TEST_F(Verify, an_image_signed_and_described_by_a_trusted_key_passes) {
  add_signatures(ours, subject);
  add_sboms(ours);
  Verdict verdict = verify(evidence, policy);
  EXPECT_TRUE(verdict.passed) << verdict.text();
  EXPECT_EQ(verdict.first_failure(), nullptr);
  EXPECT_EQ(verdict.rules.size(), 5u);
  for (const RuleResult& rule : verdict.rules) EXPECT_TRUE(rule.evidence) << rule.rule;
}

TEST_F(Verify, an_unsigned_image_is_refused_as_unsigned) {
  EXPECT_EQ(code("signature"), "E_UNSIGNED");
  EXPECT_EQ(code("sbom-spdx"), "E_ATTESTATION_MISSING");
  EXPECT_EQ(code("sbom-cyclonedx"), "E_ATTESTATION_MISSING");
  EXPECT_EQ(code("sbom-minimum"), "E_SBOM_INCOMPLETE");
}

TEST_F(Verify, a_signature_by_another_key_is_told_apart_from_none) {
  add_signatures(theirs, subject);
  add_sboms(theirs);
  EXPECT_EQ(code("signature"), "E_SIGNATURE_OTHER_KEY");
  EXPECT_EQ(code("sbom-spdx"), "E_SIGNATURE_OTHER_KEY");
}

TEST_F(Verify, a_signature_moved_over_from_another_image_is_refused) {
  Subject another = subject;
  another.digest = Digest::of("another");
  add_signatures(ours, another);
  EXPECT_EQ(code("signature"), "E_SIGNATURE_OTHER_DIGEST");
}

TEST_F(Verify, each_form_of_signature_suffices_alone) {
  std::vector<Artifact> both = *sign(subject, ours, Timestamp{});
  for (const Artifact& one : both) {
    evidence.artifacts = {one};
    EXPECT_EQ(code("signature"), "pass") << one.manifest;
  }
}

TEST_F(Verify, a_foreign_signature_beside_a_good_one_does_not_hurt) {
  add_signatures(theirs, subject);
  add_signatures(ours, subject);
  EXPECT_EQ(code("signature"), "pass");
}

TEST_F(Verify, a_tampered_manifest_is_refused_whatever_is_signed) {
  add_signatures(ours, subject);
  add_sboms(ours);
  evidence.manifest += ' ';
  EXPECT_EQ(code("manifest"), "E_MANIFEST_TAMPERED");
  EXPECT_FALSE(verify(evidence, policy).passed);
}

TEST_F(Verify, an_attestation_is_not_a_signature) {
  add_sboms(ours);
  EXPECT_EQ(code("signature"), "E_UNSIGNED");
  EXPECT_EQ(code("sbom-spdx"), "pass");
}

TEST_F(Verify, one_sbom_format_does_not_stand_in_for_the_other) {
  add_signatures(ours, subject);
  add_attestation(ours, predicate::spdx, spdx_document(inventory()));
  EXPECT_EQ(code("sbom-spdx"), "pass");
  EXPECT_EQ(code("sbom-cyclonedx"), "E_ATTESTATION_MISSING");
  EXPECT_FALSE(verify(evidence, policy).passed);
}

TEST_F(Verify, a_malformed_bundle_is_named_as_such) {
  Artifact artifact = sign(subject, ours, Timestamp{})->back();
  artifact.blobs.back().bytes[20] ^= 1;
  evidence.artifacts = {artifact};
  EXPECT_EQ(code("signature"), "E_BUNDLE_MALFORMED");  // the layer is not what its descriptor says
}

TEST_F(Verify, a_changed_statement_under_an_old_signature_counts_as_signed_by_nobody) {
  Bundle bundle{.payload_type = std::string(in_toto_type), .payload = signature_statement(subject)};
  bundle.signature_der = *ours.sign(sha256("something else"));
  evidence.artifacts = {bundle_artifact(subject, bundle, predicate::signature, Timestamp{})};
  EXPECT_EQ(code("signature"), "E_SIGNATURE_OTHER_KEY");
}

TEST_F(Verify, a_sbom_without_the_minimum_elements_is_refused) {
  add_signatures(ours, subject);
  add_attestation(ours, predicate::cyclonedx, cyclonedx_document(inventory()));
  Inventory poor = inventory();
  poor.supplier.clear();
  add_attestation(ours, predicate::spdx, spdx_document(poor));
  EXPECT_EQ(code("sbom-spdx"), "pass");
  EXPECT_EQ(code("sbom-minimum"), "E_SBOM_INCOMPLETE");
}

TEST_F(Verify, nothing_passes_without_trusted_keys) {
  add_signatures(ours, subject);
  add_sboms(ours);
  policy.keys.clear();
  EXPECT_EQ(code("keys"), "E_NO_TRUSTED_KEYS");
  EXPECT_EQ(code("signature"), "E_SIGNATURE_OTHER_KEY");
}

TEST_F(Verify, a_signature_made_for_another_repository_is_refused_when_the_policy_names_one) {
  evidence.artifacts = {sign(subject, ours, Timestamp{})->front()};
  policy.docker_reference = subject.repository;
  EXPECT_EQ(code("signature"), "pass");
  policy.docker_reference = "r.example/other";
  EXPECT_EQ(code("signature"), "E_SIGNATURE_OTHER_DIGEST");
}

}  // namespace
}  // namespace pds::trust
