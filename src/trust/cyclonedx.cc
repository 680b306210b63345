// CycloneDX 1.5 and 1.6, JSON form. What is written here is the same in both.
#include <fmt/core.h>

#include "base/text.h"
#include "trust/identity.h"
#include "trust/sbom.h"

namespace pds::trust {
namespace {

json::object file_component(const InventoryFile& file) {
  return {{"type", "file"},
          {"bom-ref", "file:" + file.path},
          {"name", file.path},
          {"hashes", json::array{json::object{{"alg", "SHA-1"}, {"content", file.sha1_hex}},
                                 json::object{{"alg", "SHA-256"}, {"content", file.sha256_hex}}}}};
}

json::array files_of(const Inventory& inventory, int package) {
  json::array out;
  for (const InventoryFile& file : inventory.files) {
    if (file.package == package) out.push_back(file_component(file));
  }
  return out;
}

std::string name_of(std::string_view maintainer) { return std::string(trim(maintainer.substr(0, maintainer.find('<')))); }

void set_license(json::object& component, std::string_view expression) {
  if (expression.empty() || expression == "NOASSERTION") return;
  component["licenses"] = json::array{json::object{{"expression", expression}}};
}

json::object package_component(const Inventory& inventory, size_t index) {
  const Package& package = inventory.packages[index];
  std::string url = package_url(package);
  json::object component{{"type", "library"}, {"bom-ref", url}, {"name", package.name}, {"version", package.version}};
  if (!package.maintainer.empty()) component["supplier"] = json::object{{"name", name_of(package.maintainer)}};
  set_license(component, package.license);
  component["purl"] = url;
  if (!package.homepage.empty()) {
    component["externalReferences"] = json::array{json::object{{"type", "website"}, {"url", package.homepage}}};
  }
  component["components"] = files_of(inventory, static_cast<int>(index));
  return component;
}

json::object image_component(const Inventory& inventory) {
  std::string url = image_url(inventory);
  json::object component{{"type", "container"}, {"bom-ref", url}, {"name", inventory.name}, {"version", inventory.version}};
  if (!inventory.supplier.empty()) component["supplier"] = json::object{{"name", inventory.supplier}};
  component["hashes"] = json::array{json::object{{"alg", "SHA-256"}, {"content", inventory.digest.hex()}}};
  set_license(component, inventory.license);
  component["purl"] = url;
  return component;
}

json::object metadata(const Inventory& inventory) {
  json::object tool{{"type", "application"}, {"name", tool_name}, {"version", tool_version}};
  json::object out{{"timestamp", to_iso8601(inventory.created)}, {"tools", {{"components", json::array{std::move(tool)}}}}};
  out["component"] = image_component(inventory);
  if (!inventory.supplier.empty()) out["supplier"] = json::object{{"name", inventory.supplier}};
  return out;
}

}  // namespace

json::value cyclonedx_document(const Inventory& inventory, CycloneDxVersion version) {
  std::string_view number = version == CycloneDxVersion::v1_5 ? "1.5" : "1.6";
  json::array components = files_of(inventory, -1);
  json::array needed, dependencies;
  for (size_t i = 0; i < inventory.packages.size(); ++i) {
    components.push_back(package_component(inventory, i));
    std::string url = package_url(inventory.packages[i]);
    dependencies.push_back(json::object{{"ref", url}, {"dependsOn", json::array{}}});
    needed.emplace_back(url);
  }
  dependencies.push_back(json::object{{"ref", image_url(inventory)}, {"dependsOn", std::move(needed)}});
  return json::object{{"$schema", fmt::format("http://cyclonedx.org/schema/bom-{}.schema.json", number)},
                      {"bomFormat", "CycloneDX"},
                      {"specVersion", number},
                      {"serialNumber", "urn:uuid:" + digest_uuid(inventory.digest, fmt::format("cyclonedx-{}", number))},
                      {"version", 1},
                      {"metadata", metadata(inventory)},
                      {"components", std::move(components)},
                      {"dependencies", std::move(dependencies)}};
}

}  // namespace pds::trust
