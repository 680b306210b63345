// The same registry and signatures, judged by software that is not ours.
#include <gtest/gtest.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
#include "io/process.h"
#include "oci/test_registry.h"
#include "supply/key_file.h"
#include "supply/supply.h"

namespace pds::supply {
namespace {

const std::string path = "team/podinfo";

struct SkopeoTest : testing::Test {
  oci::TestRegistry registry;
  std::unique_ptr<oci::RegistryClient> client = registry.client();
  std::unique_ptr<oci::Store> store = *oci::Store::open(registry.directory / "local", registry.clock);
  std::string host = "127.0.0.1" + registry.host.substr(registry.host.find(':'));
  Digest image;

  void SetUp() override {
    if (!io::exists("/usr/bin/skopeo")) GTEST_SKIP() << "skopeo is not installed";
    image = oci::build_image(*store, {.binary = "/bin/true"})->manifest.digest;
    ASSERT_TRUE(io::make_directories(registry.directory / "home"));
    ASSERT_TRUE(
        io::write_file_atomically(registry.directory / "accept.json", R"({"default":[{"type":"insecureAcceptAnything"}]})"));
  }

  // Runs beside the loop that serves it.
  io::ProcessOutput skopeo(std::vector<std::string> arguments, const std::string& policy = "accept.json") {
    std::vector<std::string> command{"/usr/bin/skopeo",           "--policy", registry.directory / policy, "--registries.d",
                                     registry.directory / "home", "--tmpdir", registry.directory / "home"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    std::map<std::string, std::string> environment{{"HOME", registry.directory / "home"}, {"PATH", "/usr/bin:/bin"}};
    auto done = registry.run(registry.loop.offload([command, environment] { return io::run_process(command, environment); }));
    EXPECT_TRUE(done);
    return done.value_or(io::ProcessOutput{.exit_code = -1});
  }
  std::string remote(const std::string& suffix) { return "docker://" + host + "/" + path + suffix; }
  void push_image(const std::string& tag) { ASSERT_TRUE(registry.run(push(*client, path, *store, image, tag))); }
};

TEST_F(SkopeoTest, inspects_and_pulls_what_we_pushed) {
  push_image("v1");
  io::ProcessOutput shown = skopeo({"inspect", "--tls-verify=false", "--creds", "AWS:token", remote(":v1")});
  EXPECT_EQ(shown.exit_code, 0) << shown.errors;
  EXPECT_NE(shown.output.find(image.text()), std::string::npos) << shown.output;
  io::ProcessOutput copied = skopeo({"copy", "--src-tls-verify=false", "--src-creds", "AWS:token", remote("@" + image.text()),
                                     "oci:" + registry.directory / "pulled" + ":v1"});
  EXPECT_EQ(copied.exit_code, 0) << copied.errors;
  EXPECT_TRUE(io::exists(registry.directory / "pulled/blobs/sha256/" + std::string(image.hex())));
  EXPECT_NE(skopeo({"inspect", "--tls-verify=false", "--creds", "AWS:wrong", remote(":v1")}).exit_code, 0);
}

TEST_F(SkopeoTest, pushes_from_our_store_to_our_registry_and_mounts_between_repositories) {
  ASSERT_TRUE(registry.registry.create_repository("other"));
  ASSERT_TRUE(oci::build_image(*store, {.binary = "/bin/true"}, "local"));
  io::ProcessOutput pushed = skopeo(
      {"copy", "--dest-tls-verify=false", "--dest-creds", "AWS:token", "oci:" + store->root() + ":local", remote(":pushed")});
  ASSERT_EQ(pushed.exit_code, 0) << pushed.errors;
  EXPECT_EQ((*registry.registry.repository(path))->find_tag("pushed")->digest, image);
  io::ProcessOutput copied = skopeo({"copy", "--src-tls-verify=false", "--dest-tls-verify=false", "--src-creds", "AWS:token",
                                     "--dest-creds", "AWS:token", remote(":pushed"), "docker://" + host + "/other:copy"});
  EXPECT_EQ(copied.exit_code, 0) << copied.errors;
  EXPECT_EQ((*registry.registry.repository("other"))->find_tag("copy")->digest, image);
  io::ProcessOutput tags = skopeo({"list-tags", "--tls-verify=false", "--creds", "AWS:token", remote("")});
  EXPECT_NE(tags.output.find("pushed"), std::string::npos) << tags.errors;
  EXPECT_EQ(skopeo({"delete", "--tls-verify=false", "--creds", "AWS:token", remote(":pushed")}).exit_code, 0);
  EXPECT_FALSE((*registry.registry.repository(path))->find_tag("pushed"));
}

TEST_F(SkopeoTest, cannot_get_a_blob_that_was_changed_in_the_registry) {
  push_image("v1");
  auto remote_store = *registry.registry.repository(path);
  Digest layer = oci::parse_manifest(*remote_store->read_manifest(image))->layers[0].digest;
  std::string bytes = *io::read_file(remote_store->blob_path(layer));
  bytes[bytes.size() / 2] ^= 1;
  ASSERT_TRUE(io::write_file_atomically(remote_store->blob_path(layer), bytes));
  io::ProcessOutput copied = skopeo({"copy", "--src-tls-verify=false", "--src-creds", "AWS:token", remote(":v1"),
                                     "oci:" + registry.directory / "pulled" + ":v1"});
  EXPECT_NE(copied.exit_code, 0);
}

// Signed images, for the tests below.
struct SignedSkopeoTest : SkopeoTest {
  void SetUp() override {
    SkopeoTest::SetUp();
    if (IsSkipped()) return;
    for (const char* key : {"ours", "theirs"}) ASSERT_TRUE(ensure_key_file(registry.directory / key));
    ASSERT_TRUE(
        io::write_file_atomically(registry.directory / "home/default.yaml", "default-docker:\n  use-sigstore-attachments: true\n"));
    for (const char* key : {"ours", "theirs"}) {
      std::string policy = R"({"default":[{"type":"reject"}],"transports":{"docker":{"":[{"type":"sigstoreSigned","keyPath":")" +
                           registry.directory / key + R"(.pub","signedIdentity":{"type":"matchRepository"}}]}}})";
      ASSERT_TRUE(io::write_file_atomically(registry.directory / (std::string(key) + ".json"), policy));
    }
    AsyncSigner signer = async_signer(*load_signer(registry.directory / "ours"));
    ASSERT_TRUE(registry.run(sign_image(*store, host + "/" + path, image, signer, Timestamp{})));
  }
  io::ProcessOutput copy_under(const std::string& policy) {
    return skopeo({"copy", "--remove-signatures", "--src-tls-verify=false", "--src-creds", "AWS:token", remote("@" + image.text()),
                   "oci:" + registry.directory / "pulled" + ":v1"},
                  policy);
  }
};

TEST_F(SignedSkopeoTest, finds_our_signature_where_it_looks_for_one) {
  push_image("v1");
  std::string pulled = registry.directory / "pulled";
  io::ProcessOutput copied = skopeo({"copy", "--src-tls-verify=false", "--src-creds", "AWS:token", remote(":v1"), "dir:" + pulled});
  ASSERT_EQ(copied.exit_code, 0) << copied.errors;
  std::string payload = trust::simple_signing_payload({.repository = host + "/" + path, .digest = image});
  auto signature = io::read_file(pulled + "/signature-1");
  ASSERT_TRUE(signature) << copied.errors;
  EXPECT_NE(signature->find(to_base64(payload)), std::string::npos) << *signature;
}

TEST_F(SignedSkopeoTest, accepts_our_signature_by_its_own_policy_and_nobody_elses) {
  push_image("v1");
  io::ProcessOutput accepted = copy_under("ours.json");
  if (accepted.errors.find("sigstore disabled") != std::string::npos)
    GTEST_SKIP() << "Debian builds this skopeo without sigstore: " << accepted.errors;
  EXPECT_EQ(accepted.exit_code, 0) << accepted.errors;
  EXPECT_NE(copy_under("theirs.json").exit_code, 0);
}

// What a stranger with the openssl program and the published formats would do.
TEST_F(SignedSkopeoTest, openssl_verifies_both_forms_of_the_signature) {
  push_image("v1");
  auto evidence = registry.run(fetch_evidence(*client, {.registry = registry.host, .repository = path, .digest = image}));
  ASSERT_TRUE(evidence);
  auto verifies = [&](const std::string& key, std::string_view message, std::string_view signature) {
    EXPECT_TRUE(io::write_file_atomically(registry.directory / "message", message));
    EXPECT_TRUE(io::write_file_atomically(registry.directory / "signature", signature));
    auto run = io::run_process({"/usr/bin/openssl", "dgst", "-sha256", "-verify", registry.directory / key + ".pub", "-signature",
                                registry.directory / "signature", registry.directory / "message"},
                               {});
    return run && run->exit_code == 0;
  };
  int forms = 0;
  for (const trust::Artifact& artifact : evidence->artifacts) {
    std::string message = artifact.blobs.at(0).bytes, signature;
    if (artifact.tag.empty()) {
      json::value envelope = parse_json(message)->at("dsseEnvelope");
      signature = *from_base64(envelope.at("signatures").at(0).at("sig").as_string());
      std::string payload = *from_base64(envelope.at("payload").as_string());
      message = "DSSEv1 28 application/vnd.in-toto+json " + std::to_string(payload.size()) + " " + payload;
    } else {
      json::value layer = parse_json(artifact.manifest)->at("layers").at(0);
      signature = *from_base64(layer.at("annotations").at("dev.cosignproject.cosign/signature").as_string());
    }
    EXPECT_TRUE(verifies("ours", message, signature));
    EXPECT_FALSE(verifies("theirs", message, signature));
    EXPECT_FALSE(verifies("ours", message + " ", signature));
    ++forms;
  }
  EXPECT_EQ(forms, 2);
}

// PDS_SIGSTORE_JS is tests/sigstore after `npm ci`.
TEST_F(SignedSkopeoTest, sigstores_own_implementation_accepts_our_bundles) {
  const char* tools = ::getenv("PDS_SIGSTORE_JS");
  if (!tools || !io::exists(std::string(tools) + "/node_modules/@sigstore/verify"))
    GTEST_SKIP() << "sigstore-js is not installed: PDS_SIGSTORE_JS";
  push_image("v1");
  auto evidence = registry.run(fetch_evidence(*client, {.registry = registry.host, .repository = path, .digest = image}));
  ASSERT_TRUE(evidence);
  std::string bundle = registry.directory / "bundle.json";
  auto accepts = [&](const std::string& key) {
    return io::run_process({"/usr/bin/node", std::string(tools) + "/verify.mjs", bundle, registry.directory / key + ".pub"},
                           {{"PATH", "/usr/bin:/bin"}});
  };
  ASSERT_TRUE(evidence->artifacts.back().tag.empty());
  std::string bytes = evidence->artifacts.back().blobs.at(0).bytes;
  ASSERT_TRUE(io::write_file_atomically(bundle, bytes));
  auto ours = accepts("ours"), theirs = accepts("theirs");
  EXPECT_EQ(ours->exit_code, 0) << ours->errors;
  EXPECT_EQ(theirs->exit_code, 1);
  std::string forged = replace_all(trust::signature_statement({.digest = image}), std::string(image.hex()), std::string(64, '0'));
  json::value document = *parse_json(bytes);
  document.at("dsseEnvelope").as_object()["payload"] = to_base64(forged);
  ASSERT_TRUE(io::write_file_atomically(bundle, to_text(document)));
  EXPECT_EQ(accepts("ours")->exit_code, 1);
}

}  // namespace
}  // namespace pds::supply
