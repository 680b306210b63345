#include "trust/signature.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace pds::trust {
namespace {

Subject image() {
  return {.repository = "registry.example:5000/team/podinfo",
          .media_type = std::string(manifest_type),
          .digest = Digest::of("manifest"),
          .size = 8};
}

Signer signer() { return *file_signer(EcKey::generate().private_pem()); }

std::string code_of(const auto& result) { return result ? "no error" : result.error().code; }

TEST(SimpleSigning, the_payload_has_exactly_the_members_that_containers_image_accepts) {
  EXPECT_EQ(
      simple_signing_payload(image()),
      R"({"critical":{"identity":{"docker-reference":"registry.example:5000/team/podinfo"},"image":{"docker-manifest-digest":")" +
          Digest::of("manifest").text() + R"("},"type":"cosign container image signature"},"optional":null})");
}

TEST(SimpleSigning, what_is_written_is_read_back) {
  auto said = parse_simple_signing(simple_signing_payload(image()));
  ASSERT_TRUE(said);
  EXPECT_EQ(said->docker_reference, image().repository);
  EXPECT_EQ(said->digest, image().digest);
}

TEST(SimpleSigning, a_payload_with_a_member_too_many_or_too_few_is_refused) {
  std::string good = simple_signing_payload(image());
  for (const std::string& bad :
       {replace_all(good, R"("optional":null)", R"("optional":7)"), replace_all(good, R"(,"optional":null)", ""),
        replace_all(good, R"("optional":null)", R"("optional":null,"extra":1)"),
        replace_all(good, "cosign container image signature", "atomic container signature"),
        replace_all(good, R"({"docker-manifest)", R"({"x":1,"docker-manifest)"), replace_all(good, "sha256:", "sha512:"),
        std::string("[]"), std::string("{"), std::string(payload_bytes_max + 1, ' ')}) {
    EXPECT_EQ(code_of(parse_simple_signing(bad)), "E_SIGNATURE_MALFORMED") << bad.substr(0, 300);
  }
}

TEST(SimpleSigning, signing_again_with_one_key_replaces_and_with_another_key_adds) {
  Signer one = signer(), other = signer();
  auto layers = [](const std::string& manifest) { return parse_json(manifest)->at("layers").as_array().size(); };
  auto first = sign(image(), one, Timestamp{});
  ASSERT_TRUE(first);
  auto again = sign(image(), one, Timestamp{}, first->front().manifest);
  ASSERT_TRUE(again);
  EXPECT_EQ(layers(again->front().manifest), 1u);
  auto both = sign(image(), other, Timestamp{}, again->front().manifest);
  ASSERT_TRUE(both);
  EXPECT_EQ(layers(both->front().manifest), 2u);
  EXPECT_EQ(both->front().tag, "sha256-" + std::string(image().digest.hex()) + ".sig");
}

TEST(Dsse, the_encoding_is_that_of_the_specifications_example) {
  EXPECT_EQ(dsse_encoding("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(Bundle, what_is_written_is_read_back) {
  Bundle bundle{.hint = "aGludA==",
                .payload_type = std::string(in_toto_type),
                .payload = signature_statement(image()),
                .signature_der = "sig"};
  auto read = parse_bundle(serialise(bundle));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->hint, bundle.hint);
  EXPECT_EQ(read->payload, bundle.payload);
  EXPECT_EQ(read->signature_der, "sig");
  auto said = parse_statement(read->payload);
  ASSERT_TRUE(said);
  EXPECT_EQ(said->predicate_type, predicate::signature);
  EXPECT_EQ(said->subjects, std::vector{image().digest});
}

TEST(Bundle, each_malformation_is_named) {
  std::string good = serialise({.hint = "h", .payload_type = std::string(in_toto_type), .payload = "{}", .signature_der = "sig"});
  struct Case {
    std::string from, to, said;
  };
  const Case cases[] = {
      {"bundle.v0.3+json", "bundle.v0.9+json", "mediaType"},
      {R"("publicKey":{"hint":"h"})", R"("x509CertificateChain":{})", "x509CertificateChain"},
      {R"("publicKey":{"hint":"h"})", R"("publicKey":{},"certificate":{})", "exactly one"},
      {R"("publicKey":{"hint":"h"})", "", "exactly one"},
      {"application/vnd.in-toto+json", "text/plain", "payloadType"},
      {R"("payload":"e30=")", R"("payload":"e30")", "base64"},
      {R"([{"sig":"c2ln"}])", R"([{"sig":"c2ln"},{"sig":"c2ln"}])", "exactly one signature"},
      {R"([{"sig":"c2ln"}])", "[]", "exactly one signature"},
      {R"("dsseEnvelope")", R"("other")", "no dsseEnvelope"},
      {R"({"mediaType")", R"([{"mediaType")", "JSON"},
  };
  for (const Case& c : cases) {
    std::string bad = replace_all(good, c.from, c.to);
    ASSERT_NE(bad, good) << c.from;
    auto read = parse_bundle(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, "E_BUNDLE_MALFORMED");
    EXPECT_NE(read.error().message.find(c.said), std::string::npos) << read.error().message;
  }
}

TEST(Bundle, the_referrer_says_what_it_is_and_whose) {
  auto artifact = attest(image(), predicate::spdx, json::object{}, signer(), Timestamp{});
  ASSERT_TRUE(artifact);
  json::value manifest = *parse_json(artifact->manifest);
  EXPECT_EQ(manifest.at("artifactType").as_string(), bundle_type);
  EXPECT_EQ(manifest.at("subject").at("digest").as_string(), image().digest.text());
  EXPECT_EQ(manifest.at("config").at("digest").as_string(),
            "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
  EXPECT_EQ(manifest.at("annotations").at("dev.sigstore.bundle.predicateType").as_string(), predicate::spdx);
  EXPECT_TRUE(artifact->digest.names(artifact->manifest));
}

TEST(Key, a_key_of_another_kind_or_no_key_is_refused) {
  EXPECT_EQ(code_of(file_signer("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")), "E_KEY_INVALID");
  EXPECT_EQ(code_of(TrustedKey::from_pem("k", EcKey::generate().private_pem())), "E_KEY_INVALID");
}

}  // namespace
}  // namespace pds::trust
