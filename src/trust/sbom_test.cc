#include "trust/sbom.h"

#include <gtest/gtest.h>

#include <set>

namespace pds::trust {
namespace {

Inventory inventory() {
  Inventory out{.name = "podinfo",
                .version = "1.1.0",
                .supplier = "Example",
                .license = "Apache-2.0",
                .repository = "r.example/podinfo",
                .architecture = "amd64",
                .digest = Digest::of("image")};
  out.packages = {{.name = "libssl3",
                   .version = "3.0.22-1~deb12u2",
                   .architecture = "amd64",
                   .source = "openssl",
                   .source_version = "3.0.22-1~deb12u2",
                   .maintainer = "Debian OpenSSL Team <o@d.example>",
                   .license = "Apache-2.0 AND LicenseRef-Debian-odd",
                   .license_texts = {{"LicenseRef-Debian-odd", "odd"}}}};
  out.files = {
      {.path = "/bin/podinfo", .sha1_hex = std::string(40, '1'), .sha256_hex = std::string(64, '2')},
      {.path = "/usr/lib/libssl.so.3", .sha1_hex = std::string(40, '3'), .sha256_hex = std::string(64, '4'), .package = 0}};
  return out;
}

TEST(Spdx, every_file_belongs_to_a_package_with_version_and_licence) {
  json::value document = spdx_document(inventory());
  std::set<std::string> owned;
  for (const json::value& r : document.at("relationships").as_array()) {
    if (r.at("relationshipType").as_string() == "CONTAINS") owned.insert(r.at("relatedSpdxElement").as_string().c_str());
  }
  for (const json::value& file : document.at("files").as_array())
    EXPECT_TRUE(owned.contains(file.at("SPDXID").as_string().c_str()));
  const json::value& package = document.at("packages").as_array()[1];
  EXPECT_EQ(package.at("name").as_string(), "libssl3");
  EXPECT_EQ(package.at("versionInfo").as_string(), "3.0.22-1~deb12u2");
  EXPECT_EQ(package.at("licenseDeclared").as_string(), "Apache-2.0 AND LicenseRef-Debian-odd");
  EXPECT_EQ(package.at("supplier").as_string(), "Organization: Debian OpenSSL Team (o@d.example)");
  EXPECT_EQ(document.at("hasExtractedLicensingInfos").as_array()[0].at("licenseId").as_string(), "LicenseRef-Debian-odd");
}

TEST(Spdx, files_carry_sha1_because_the_specification_demands_it) {
  json::value document = spdx_document(inventory());
  for (const json::value& file : document.at("files").as_array()) {
    EXPECT_EQ(file.at("checksums").as_array()[0].at("algorithm").as_string(), "SHA1");
    EXPECT_EQ(file.at("checksums").as_array()[1].at("algorithm").as_string(), "SHA256");
  }
}

TEST(Sbom, the_same_image_gives_the_same_bytes_and_another_image_other_names) {
  EXPECT_EQ(to_text(spdx_document(inventory())), to_text(spdx_document(inventory())));
  EXPECT_EQ(to_text(cyclonedx_document(inventory())), to_text(cyclonedx_document(inventory())));
  Inventory other = inventory();
  other.digest = Digest::of("other");
  EXPECT_NE(spdx_document(inventory()).at("documentNamespace"), spdx_document(other).at("documentNamespace"));
  EXPECT_NE(cyclonedx_document(inventory()).at("serialNumber"), cyclonedx_document(other).at("serialNumber"));
}

TEST(CycloneDx, the_version_is_1_6_unless_1_5_is_asked_for) {
  EXPECT_EQ(cyclonedx_document(inventory()).at("specVersion").as_string(), "1.6");
  EXPECT_EQ(cyclonedx_document(inventory(), CycloneDxVersion::v1_5).at("specVersion").as_string(), "1.5");
}

TEST(CycloneDx, files_are_nested_in_the_component_that_owns_them) {
  json::value document = cyclonedx_document(inventory());
  const json::value& package = document.at("components").as_array().back();
  EXPECT_EQ(package.at("purl").as_string(), "pkg:deb/debian/libssl3@3.0.22-1~deb12u2?arch=amd64&upstream=openssl");
  EXPECT_EQ(package.at("components").as_array()[0].at("name").as_string(), "/usr/lib/libssl.so.3");
  EXPECT_EQ(document.at("dependencies").as_array().back().at("dependsOn").as_array().size(), 1u);
}

TEST(Minimum, our_documents_have_all_elements) {
  EXPECT_EQ(missing_minimum_elements(spdx_document(inventory())), std::vector<std::string>{});
  EXPECT_EQ(missing_minimum_elements(cyclonedx_document(inventory())), std::vector<std::string>{});
}

TEST(Minimum, each_missing_element_is_named) {
  json::value spdx = spdx_document(inventory());
  spdx.at("packages").as_array()[1].as_object()["versionInfo"] = "NOASSERTION";
  EXPECT_EQ(missing_minimum_elements(spdx), std::vector<std::string>{"libssl3: no version"});
  json::value cyclonedx = cyclonedx_document(inventory());
  cyclonedx.at("metadata").as_object().erase("timestamp");
  cyclonedx.as_object().erase("dependencies");
  EXPECT_EQ(missing_minimum_elements(cyclonedx),
            (std::vector<std::string>{"document: no timestamp (metadata.timestamp)", "document: no relationships (dependencies)"}));
  EXPECT_EQ(missing_minimum_elements(json::object{}).size(), 1u);
  EXPECT_EQ(missing_minimum_elements(nullptr).size(), 1u);
}

}  // namespace
}  // namespace pds::trust
