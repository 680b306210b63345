#include "oci/manifest.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace pds::oci {
namespace {

Manifest example() {
  Manifest manifest{.artifact_type = "application/x"};
  manifest.config = {.media_type = std::string(media::config), .digest = Digest::of("config"), .size = 6};
  manifest.layers = {
      {.media_type = std::string(media::layer_gzip), .digest = Digest::of("layer"), .size = 5, .annotations = {{"k", "v"}}}};
  manifest.subject = Descriptor{.media_type = std::string(media::manifest), .digest = Digest::of("subject"), .size = 7};
  manifest.annotations = {{"org.opencontainers.image.title", "podinfo"}};
  return manifest;
}

TEST(Manifest, what_is_written_is_read_back_and_written_the_same_again) {
  std::string bytes = serialise(example());
  auto read = parse_manifest(bytes, media::manifest);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(serialise(*read), bytes);
  EXPECT_EQ(read->subject, example().subject);
  EXPECT_EQ(read->content_bytes(), 11u);
}

TEST(Manifest, each_malformation_is_refused) {
  std::string good = serialise(example());
  struct Case {
    std::string from, to;
  };
  const Case cases[] = {
      {R"("schemaVersion":2)", R"("schemaVersion":1)"},
      {R"("size":5)", R"("size":-1)"},
      {R"("size":5)", R"("size":99999999999999)"},
      {R"("size":5)", R"("size":"5")"},
      {R"("layers":[)", R"("layers":[7,)"},
      {R"("layers":[)", R"("manifests":[],"layers":[)"},
      {R"("digest":"sha256:)", R"("digest":"sha512:)"},
      {R"("k":"v")", R"("k":1)"},
      {R"(application/vnd.oci.image.config.v1+json)", "no type"},
      {R"("mediaType":"application/vnd.oci.image.manifest.v1+json","schema)", R"("mediaType":"text/html","schema)"}};
  for (const Case& c : cases) {
    std::string bad = replace_all(good, c.from, c.to);
    ASSERT_NE(bad, good) << c.from;
    auto read = parse_manifest(bad);
    ASSERT_FALSE(read) << bad;
    EXPECT_EQ(read.error().code, "E_MANIFEST_INVALID");
  }
}

TEST(Manifest, bounds_are_kept) {
  Manifest many = example();
  many.layers.resize(layers_max + 1, many.layers[0]);
  EXPECT_FALSE(parse_manifest(serialise(many)));
  Manifest talkative = example();
  talkative.annotations["x"] = std::string(annotation_bytes_max, 'x');
  EXPECT_FALSE(parse_manifest(serialise(talkative)));
  EXPECT_FALSE(parse_manifest(std::string(manifest_bytes_max + 1, ' ')));
}

TEST(Manifest, the_transport_and_the_document_must_agree_on_the_type) {
  EXPECT_FALSE(parse_manifest(serialise(example()), media::docker_manifest));
  EXPECT_FALSE(parse_index(serialise(example())));
}

TEST(Config, what_is_written_is_read_back) {
  ImageConfig config{
      .created = "1970-01-01T00:00:00Z", .user = "65532:65532", .exposed_ports = {"9898/tcp"}, .environment = {"A=b"}};
  config.entrypoint = {"/podinfo"};
  config.command = {"--port", "9898"};
  config.labels = {{"l", "1"}};
  config.diff_ids = {Digest::of("layer")};
  auto read = parse_config(serialise(config));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(serialise(*read), serialise(config));
  EXPECT_EQ(read->exposed_ports, config.exposed_ports);
  EXPECT_FALSE(parse_config(R"({"architecture":"amd64"})"));
  EXPECT_FALSE(parse_config(R"({"rootfs":{"type":"layers","diff_ids":["x"]}})"));
}

TEST(EmptyDescriptor, is_the_well_known_one) {
  EXPECT_EQ(empty_descriptor().digest.text(), "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

}  // namespace
}  // namespace pds::oci
