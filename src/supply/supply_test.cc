#include "supply/supply.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/text.h"
#include "oci/test_registry.h"
#include "supply/dpkg.h"
#include "supply/key_file.h"

namespace pds::supply {
namespace {

const std::string path = "team/podinfo";

struct SupplyTest : testing::Test {
  oci::TestRegistry registry;
  std::unique_ptr<oci::RegistryClient> client = registry.client();
  std::unique_ptr<oci::Store> store = *oci::Store::open(registry.directory / "local", registry.clock);
  std::string repository = registry.host + "/" + path;
  std::string key_path = registry.directory / "key";
  trust::Policy policy;

  void SetUp() override {
    ASSERT_TRUE(ensure_key_file(key_path));
    policy.keys.push_back(*load_trusted_key(key_path + ".pub"));
  }
  Digest build(const std::string& version = "1.0.0") {
    oci::ImageSpec spec{.binary = "/bin/true", .install_path = "/usr/local/bin/podinfo"};
    spec.annotations = {{"org.opencontainers.image.title", "podinfo"},
                        {"org.opencontainers.image.version", version},
                        {"org.opencontainers.image.licenses", "Apache-2.0"},
                        {"org.opencontainers.image.vendor", "Example"}};
    return oci::build_image(*store, spec)->manifest.digest;
  }
  AsyncSigner signer(const std::string& key) { return async_signer(*load_signer(key)); }
  void sign(const Digest& image, const std::string& key) {
    ASSERT_TRUE(registry.run(sign_image(*store, repository, image, signer(key), Timestamp{})));
    auto packages = open_dpkg();
    ASSERT_TRUE(packages) << packages.error().message;
    auto sboms = make_sboms(*store, image, **packages, repository);
    ASSERT_TRUE(sboms) << sboms.error().message;
    ASSERT_TRUE(registry.run(attest_sboms(*store, repository, image, *sboms, signer(key), Timestamp{})));
  }
  void push_all(const Digest& image) {
    auto pushed = registry.run(push(*client, path, *store, image, "v1"));
    ASSERT_TRUE(pushed) << pushed.error().message;
  }
  oci::DigestReference reference(const Digest& image) { return {.registry = registry.host, .repository = path, .digest = image}; }
  trust::Verdict verdict(const Digest& image) { return *registry.run(verify(*client, reference(image), policy)); }
  std::string code(const trust::Verdict& verdict, std::string_view rule) {
    for (const trust::RuleResult& result : verdict.rules) {
      if (result.rule == rule) return result.passed ? "pass" : result.code;
    }
    return "no such rule";
  }
};

TEST_F(SupplyTest, an_image_is_built_described_signed_pushed_verified_and_pulled) {
  Digest image = build();
  sign(image, key_path);
  push_all(image);
  trust::Verdict accepted = verdict(image);
  EXPECT_TRUE(accepted.passed) << accepted.text();

  auto target = *oci::Store::open(registry.directory / "target", registry.clock);
  auto root = registry.run(pull_verified(registry.loop, *client, reference(image), policy, *target, registry.directory / "cache"));
  ASSERT_TRUE(root) << root.error().message;
  EXPECT_EQ(*io::read_file(root->root + "/usr/local/bin/podinfo"), *io::read_file("/bin/true"));
}

TEST_F(SupplyTest, unsigned_foreign_and_tampered_images_are_refused_each_with_its_reason) {
  Digest image = build();
  push_all(image);
  EXPECT_EQ(code(verdict(image), "signature"), "E_UNSIGNED");
  auto target = *oci::Store::open(registry.directory / "target", registry.clock);
  auto refused =
      registry.run(pull_verified(registry.loop, *client, reference(image), policy, *target, registry.directory / "cache"));
  EXPECT_EQ(refused.error().code, "E_IMAGE_REFUSED");
  EXPECT_TRUE(target->manifests().empty());

  std::string stranger = registry.directory / "stranger";
  ASSERT_TRUE(ensure_key_file(stranger));
  sign(image, stranger);
  push_all(image);
  EXPECT_EQ(code(verdict(image), "signature"), "E_SIGNATURE_OTHER_KEY");

  sign(image, key_path);
  push_all(image);
  EXPECT_TRUE(verdict(image).passed);  // both keys' signatures are there now

  auto remote = *registry.registry.repository(path);
  std::string bytes = *remote->read_manifest(image);
  ASSERT_TRUE(io::write_file_atomically(remote->blob_path(image), replace_all(bytes, "podinfo", "PODINFO")));
  trust::Verdict tampered = verdict(image);
  EXPECT_FALSE(tampered.passed);
  EXPECT_EQ(code(tampered, "manifest"), "E_MANIFEST_TAMPERED");
}

TEST_F(SupplyTest, a_signature_copied_to_another_image_is_refused) {
  Digest good = build("1.0.0"), other = build("2.0.0");
  sign(good, key_path);
  push_all(good);
  push_all(other);
  auto remote = *registry.registry.repository(path);
  Digest signature = remote->find_tag(trust::signature_tag(good))->digest;
  ASSERT_TRUE(remote->put_manifest(*remote->read_manifest(signature), trust::manifest_type, trust::signature_tag(other)));
  EXPECT_EQ(code(verdict(other), "signature"), "E_SIGNATURE_OTHER_DIGEST");
}

TEST_F(SupplyTest, an_image_that_is_not_there_is_an_error_and_no_verdict) {
  EXPECT_EQ(registry.run(verify(*client, reference(Digest::of("none")), policy)).error().code, "E_MANIFEST_UNKNOWN");
}

TEST_F(SupplyTest, signing_again_replaces_and_does_not_pile_up) {
  Digest image = build();
  sign(image, key_path);
  sign(image, key_path);
  EXPECT_EQ(store->referrers(image, trust::bundle_type).size(), 3u);  // signature, SPDX, CycloneDX
  EXPECT_EQ(store->manifests().size(), 5u);                           // these, the image, and the .sig manifest
}

TEST_F(SupplyTest, the_inventory_names_package_version_and_licence_behind_every_library) {
  auto packages = open_dpkg();
  if (!packages) GTEST_SKIP() << packages.error().message;
  trust::Inventory inventory = *take_inventory(*store, build(), **packages);
  bool libc = false;
  for (const trust::InventoryFile& file : inventory.files) {
    if (file.path.find(".so") == std::string::npos && !file.path.ends_with(".crt")) continue;
    ASSERT_GE(file.package, 0) << file.path << " belongs to no package";
    const trust::Package& package = inventory.packages[static_cast<size_t>(file.package)];
    EXPECT_FALSE(package.version.empty()) << package.name;
    EXPECT_NE(package.license, "NOASSERTION") << package.name;
    libc = libc || (package.name == "libc6" && file.path.find("libc.so") != std::string::npos);
  }
  EXPECT_TRUE(libc);
}

TEST_F(SupplyTest, sboms_of_one_image_are_the_same_every_time) {
  Digest image = build();
  auto packages = open_dpkg();
  if (!packages) GTEST_SKIP() << packages.error().message;
  Sboms first = *make_sboms(*store, image, **packages), second = *make_sboms(*store, image, **packages);
  EXPECT_EQ(to_text(first.spdx), to_text(second.spdx));
  EXPECT_EQ(to_text(first.cyclonedx), to_text(second.cyclonedx));
  EXPECT_TRUE(trust::missing_minimum_elements(first.spdx).empty());
}

TEST_F(SupplyTest, a_file_changed_after_installation_belongs_to_nobody) {
  auto packages = open_dpkg();
  if (!packages) GTEST_SKIP() << packages.error().message;
  auto true_md5 = to_hex(md5(*io::read_file("/bin/true")));
  EXPECT_EQ((*(*packages)->owner_of("/bin/true", true_md5))->name, "coreutils");
  EXPECT_EQ((*(*packages)->owner_of("/usr/bin/true", true_md5))->name, "coreutils");
  EXPECT_FALSE(*(*packages)->owner_of("/bin/true", std::string(32, '0')));
}

TEST(KeyFile, is_private_made_once_and_refused_when_others_may_read_it) {
  oci::TemporaryDirectory directory;
  std::string key = directory / "key";
  ASSERT_TRUE(ensure_key_file(key));
  std::string first = *io::read_file(key);
  ASSERT_TRUE(ensure_key_file(key));
  EXPECT_EQ(*io::read_file(key), first);
  struct stat status{};
  ASSERT_EQ(::stat(key.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_TRUE(load_signer(key));
  ASSERT_EQ(::chmod(key.c_str(), 0640), 0);
  EXPECT_EQ(load_signer(key).error().code, "E_KEY_PERMISSIONS");
  EXPECT_EQ(load_signer(directory / "absent").error().code, "E_NOT_FOUND");
}

TEST(KeyFile, an_encrypted_key_without_its_password_says_where_to_give_it) {
  oci::TemporaryDirectory directory;
  std::string key = directory / "cosign.key";
  std::string pem = "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\ne30=\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n";
  ASSERT_TRUE(io::write_file_atomically(key, pem, 0600));
  auto none = load_signer(key);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, "E_KEY_PASSWORD");
  EXPECT_NE(none.error().message.find("COSIGN_PASSWORD"), std::string::npos);
  EXPECT_EQ(load_signer(key, "secret").error().code, "E_KEY_INVALID");
}

}  // namespace
}  // namespace pds::supply
