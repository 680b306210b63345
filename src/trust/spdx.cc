// SPDX 2.3, JSON form.
#include <fmt/core.h>

#include "base/crypto.h"
#include "base/text.h"
#include "trust/identity.h"
#include "trust/sbom.h"

namespace pds::trust {
namespace {

constexpr std::string_view root_id = "SPDXRef-Image";

// Unique within the document and the same for the same image: identifiers may only have letters, digits, '.' and '-'.
std::string file_id(const InventoryFile& file) { return "SPDXRef-File-" + sha256_hex(file.path).substr(0, 16); }
std::string package_id(const Package& package) {
  return "SPDXRef-Package-" + sha256_hex(package.name + ":" + package.architecture).substr(0, 16);
}

json::object checksum(std::string_view algorithm, std::string_view value) {
  return {{"algorithm", algorithm}, {"checksumValue", value}};
}

json::object relationship(std::string_view from, std::string_view type, std::string_view to) {
  return {{"spdxElementId", from}, {"relationshipType", type}, {"relatedSpdxElement", to}};
}

json::array package_urls(std::string_view url) {
  return {json::object{{"referenceCategory", "PACKAGE-MANAGER"}, {"referenceType", "purl"}, {"referenceLocator", url}}};
}

// "Debian OpenSSL Team <x@y>" -> "Organization: Debian OpenSSL Team (x@y)"
std::string supplier_of(const Package& package) {
  if (package.maintainer.empty()) return "NOASSERTION";
  std::string text = replace_all(replace_all(package.maintainer, "<", "("), ">", ")");
  return std::string(is_organization(package.maintainer) ? "Organization: " : "Person: ") + text;
}

json::object image_package(const Inventory& inventory) {
  return {{"SPDXID", root_id},
          {"name", inventory.name},
          {"versionInfo", inventory.version},
          {"supplier", inventory.supplier.empty() ? "NOASSERTION" : "Organization: " + inventory.supplier},
          {"downloadLocation", "NOASSERTION"},
          {"filesAnalyzed", false},
          {"primaryPackagePurpose", "CONTAINER"},
          {"checksums", json::array{checksum("SHA256", inventory.digest.hex())}},
          {"licenseConcluded", "NOASSERTION"},
          {"licenseDeclared", inventory.license.empty() ? "NOASSERTION" : inventory.license},
          {"copyrightText", "NOASSERTION"},
          {"externalRefs", package_urls(image_url(inventory))}};
}

json::object debian_package(const Package& package) {
  json::object out{
      {"SPDXID", package_id(package)},
      {"name", package.name},
      {"versionInfo", package.version},
      {"supplier", supplier_of(package)},
      {"downloadLocation", "NOASSERTION"},
      {"filesAnalyzed", false},
      {"primaryPackagePurpose", "LIBRARY"},
      {"sourceInfo", fmt::format("built from the Debian source package {} {}", package.source, package.source_version)},
      {"licenseConcluded", "NOASSERTION"},
      {"licenseDeclared", package.license},
      {"copyrightText", "NOASSERTION"},
      {"externalRefs", package_urls(package_url(package))}};
  if (!package.homepage.empty()) out["homepage"] = package.homepage;
  return out;
}

json::object file_element(const InventoryFile& file) {
  return {{"SPDXID", file_id(file)},
          {"fileName", "." + file.path},
          {"checksums", json::array{checksum("SHA1", file.sha1_hex), checksum("SHA256", file.sha256_hex)}},
          {"licenseConcluded", "NOASSERTION"},
          {"copyrightText", "NOASSERTION"}};
}

json::array extracted_licenses(const Inventory& inventory) {
  std::map<std::string, std::string> texts;
  for (const Package& package : inventory.packages) texts.insert(package.license_texts.begin(), package.license_texts.end());
  json::array out;
  for (const auto& [id, name] : texts) {
    out.push_back(json::object{{"licenseId", id},
                               {"name", name},
                               {"extractedText", fmt::format("'{}' in the Debian copyright file of the package", name)}});
  }
  return out;
}

}  // namespace

json::value spdx_document(const Inventory& inventory) {
  json::array packages{image_package(inventory)};
  json::array files;
  json::array relationships{relationship("SPDXRef-DOCUMENT", "DESCRIBES", root_id)};
  for (const Package& package : inventory.packages) {
    packages.push_back(debian_package(package));
    relationships.push_back(relationship(root_id, "CONTAINS", package_id(package)));
  }
  for (const InventoryFile& file : inventory.files) {
    files.push_back(file_element(file));
    std::string owner = file.package < 0 ? std::string(root_id) : package_id(inventory.packages[static_cast<size_t>(file.package)]);
    relationships.push_back(relationship(owner, "CONTAINS", file_id(file)));
  }
  json::object document{{"spdxVersion", "SPDX-2.3"},
                        {"dataLicense", "CC0-1.0"},
                        {"SPDXID", "SPDXRef-DOCUMENT"},
                        {"name", fmt::format("{}-{}", inventory.name, inventory.version)},
                        {"documentNamespace", fmt::format("https://spdx.org/spdxdocs/{}-{}", percent_encode(inventory.name),
                                                          digest_uuid(inventory.digest, "spdx-2.3"))},
                        {"creationInfo",
                         {{"created", to_iso8601(inventory.created)},
                          {"creators", json::array{fmt::format("Tool: {}-{}", tool_name, tool_version)}}}},
                        {"packages", std::move(packages)},
                        {"files", std::move(files)},
                        {"relationships", std::move(relationships)}};
  if (json::array extracted = extracted_licenses(inventory); !extracted.empty())
    document["hasExtractedLicensingInfos"] = std::move(extracted);
  return document;
}

}  // namespace pds::trust
