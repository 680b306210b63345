// Bills of materials: what is in an image, whose it is and under which licence, as SPDX 2.3 and as CycloneDX. Made from the inventory of
// an image alone: the same image gives the same bytes, names and serial numbers follow from its digest.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/digest.h"
#include "base/json.h"
#include "base/time.h"
#include "trust/package.h"

namespace pds::trust {

inline constexpr size_t inventory_files_max = 100'000;

struct InventoryFile {
  std::string path;            // "/usr/lib/x86_64-linux-gnu/libssl.so.3"
  std::string sha1_hex, sha256_hex;
  int package = -1;            // index into Inventory::packages; -1: of the image itself
};

struct Inventory {
  std::string name;            // "podinfo"
  std::string version;         // "1.1.0"
  std::string supplier;        // "Organization: ..." without the prefix
  std::string license;         // of the application; an SPDX expression
  std::string repository;      // registry/repository, for the purl; may be empty
  std::string architecture;
  Digest digest;               // of the manifest
  Timestamp created{};
  std::vector<Package> packages;     // sorted by name
  std::vector<InventoryFile> files;  // sorted by path
};

enum class CycloneDxVersion { v1_5, v1_6 };

json::value spdx_document(const Inventory& inventory);
json::value cyclonedx_document(const Inventory& inventory, CycloneDxVersion version = CycloneDxVersion::v1_6);

// The NTIA minimum elements of either format: supplier, name, version, unique identifier of every component, relationships, author, time.
// What is missing, in words; empty when all is there. Works on any document, ours or not.
std::vector<std::string> missing_minimum_elements(const json::value& document);

}  // namespace pds::trust
