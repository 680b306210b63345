// The NTIA minimum elements (2021): for every component supplier, name, version and a unique identifier; the relationships between
// them; who made the document and when. Files are parts of a component and no components of their own here.
#include <fmt/core.h>

#include "trust/sbom.h"

namespace pds::trust {
namespace {

constexpr size_t told_max = 20;  // of a bad document the first lines say enough

class Missing {
 public:
  void require(bool there, std::string_view where, std::string_view what) {
    if (there) return;
    if (list_.size() < told_max) list_.push_back(fmt::format("{}: no {}", where, what));
  }
  std::vector<std::string> take() { return std::move(list_); }

 private:
  std::vector<std::string> list_;
};

bool is_said(const json::object& object, std::string_view key) {
  std::string value = get_string(object, key);
  return !value.empty() && value != "NOASSERTION" && value != "NONE";
}

bool has_elements(const json::object& object, std::string_view key) {
  const json::array* array = get_array(object, key);
  return array && !array->empty();
}

void check_spdx_package(const json::value& value, Missing& missing) {
  if (!value.is_object()) return missing.require(false, "packages", "object where a package is expected");
  const json::object& package = value.get_object();
  std::string name = get_string(package, "name", "(unnamed package)");
  missing.require(is_said(package, "name"), name, "name");
  missing.require(is_said(package, "versionInfo"), name, "version");
  missing.require(is_said(package, "supplier") || is_said(package, "originator"), name, "supplier");
  missing.require(has_elements(package, "externalRefs") || has_elements(package, "checksums"), name, "unique identifier");
}

void check_spdx(const json::object& document, Missing& missing) {
  const json::object* creation = get_object(document, "creationInfo");
  missing.require(creation && has_elements(*creation, "creators"), "document", "author (creationInfo.creators)");
  missing.require(creation && is_said(*creation, "created"), "document", "timestamp (creationInfo.created)");
  missing.require(has_elements(document, "packages"), "document", "packages");
  missing.require(has_elements(document, "relationships"), "document", "relationships");
  if (const json::array* packages = get_array(document, "packages")) {
    for (const json::value& package : *packages) check_spdx_package(package, missing);
  }
}

void check_cyclonedx_component(const json::value& value, Missing& missing) {
  if (!value.is_object()) return missing.require(false, "components", "object where a component is expected");
  const json::object& component = value.get_object();
  if (get_string(component, "type") == "file") return;
  std::string name = get_string(component, "name", "(unnamed component)");
  missing.require(is_said(component, "name"), name, "name");
  missing.require(is_said(component, "version"), name, "version");
  missing.require(get_object(component, "supplier") || is_said(component, "publisher") || is_said(component, "author"), name,
                  "supplier");
  missing.require(is_said(component, "purl") || is_said(component, "cpe"), name, "unique identifier");
}

void check_cyclonedx(const json::object& document, Missing& missing) {
  const json::object* metadata = get_object(document, "metadata");
  missing.require(metadata && (metadata->contains("tools") || metadata->contains("authors")), "document",
                  "author (metadata.tools)");
  missing.require(metadata && is_said(*metadata, "timestamp"), "document", "timestamp (metadata.timestamp)");
  missing.require(has_elements(document, "dependencies"), "document", "relationships (dependencies)");
  missing.require(metadata && metadata->contains("component"), "document", "subject (metadata.component)");
  if (metadata && metadata->contains("component")) check_cyclonedx_component(metadata->at("component"), missing);
  if (const json::array* components = get_array(document, "components")) {
    for (const json::value& component : *components) check_cyclonedx_component(component, missing);
  }
}

}  // namespace

std::vector<std::string> missing_minimum_elements(const json::value& document) {
  Missing missing;
  const json::object* object = document.if_object();
  if (object && get_string(*object, "spdxVersion").starts_with("SPDX-2.")) {
    check_spdx(*object, missing);
  } else if (object && get_string(*object, "bomFormat") == "CycloneDX") {
    check_cyclonedx(*object, missing);
  } else {
    missing.require(false, "document", "SPDX 2 or CycloneDX bill of materials");
  }
  return missing.take();
}

}  // namespace pds::trust
