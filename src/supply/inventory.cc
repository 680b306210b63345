#include <fmt/core.h>

#include <map>

#include "base/crypto.h"
#include "base/text.h"
#include "supply/supply.h"

namespace pds::supply {
namespace {

struct Content {
  std::string sha1_hex, sha256_hex, md5_hex;
};
constexpr std::string_view opaque_name = ".wh..wh..opq";
using Files = std::map<std::string, Content>;  // by path, absolute

std::string annotation(const oci::Annotations& annotations, std::string_view name) {
  auto found = annotations.find(fmt::format("org.opencontainers.image.{}", name));
  return found == annotations.end() ? "" : found->second;
}

std::string path_of(const oci::TarEntry& entry) { return entry.path.starts_with("./") ? entry.path.substr(1) : "/" + entry.path; }
std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

void remove_below(Files& files, const std::string& path) {
  files.erase(path);
  auto first = files.lower_bound(path + "/");
  auto last = files.lower_bound(path + "0");  // '0' follows '/'
  files.erase(first, last);
}

Result<Content> read_content(const oci::TarEntry& entry, oci::TarReader& tar) {
  if (entry.size > inventory_file_bytes_max)
    return fail("E_TOO_LARGE", fmt::format("{} has {} bytes, more than {}", entry.path, entry.size, inventory_file_bytes_max));
  std::string bytes(static_cast<size_t>(entry.size), '\0');
  for (size_t have = 0; have < bytes.size();) {
    TRY(size_t got, tar.read(std::span(bytes).subspan(have)));
    have += got;
  }
  return Content{.sha1_hex = to_hex(sha1(bytes)), .sha256_hex = sha256_hex(bytes), .md5_hex = to_hex(md5(bytes))};
}

// What one entry of a layer does to the set of files.
Result<void> take_entry(const oci::TarEntry& entry, oci::TarReader& tar, Files& files) {
  std::string path = path_of(entry), folder = folder_of(path), name = path.substr(path.rfind('/') + 1);
  if (name == opaque_name) return {};  // done before, by files_of
  if (name.starts_with(".wh.")) {
    remove_below(files, folder + "/" + name.substr(4));
    return {};
  }
  if (entry.kind != oci::TarKind::directory) remove_below(files, path);
  if (entry.kind == oci::TarKind::file) {
    TRY(files[path], read_content(entry, tar));
  }
  if (auto target = files.find("/" + entry.link); entry.kind == oci::TarKind::hard_link && target != files.end()) {
    Content same = target->second;
    files[path] = std::move(same);
  }
  if (files.size() > trust::inventory_files_max)
    return fail("E_TOO_LARGE", fmt::format("the image has more than {} files", trust::inventory_files_max));
  return {};
}

Result<Files> files_of(const oci::Store& store, const oci::Manifest& manifest) {
  Files files;
  for (const oci::Descriptor& layer : manifest.layers) {
    // An opaque mark hides what lower layers have, wherever in its layer it stands: so the marks are looked for first.
    CHECK(oci::visit_layer(store, layer, {}, [&](const oci::TarEntry& entry, oci::TarReader&) {
      if (entry.path.ends_with(opaque_name)) remove_below(files, folder_of(path_of(entry)));
      return Result<void>();
    }));
    CHECK(oci::visit_layer(store, layer, {},
                           [&](const oci::TarEntry& entry, oci::TarReader& tar) { return take_entry(entry, tar, files); }));
  }
  return files;
}

Result<void> name_owners(const Files& files, trust::PackageReader& reader, trust::Inventory& inventory) {
  std::map<std::string, trust::Package> packages;
  std::map<std::string, std::string> owners;
  for (const auto& [path, content] : files) {
    TRY(std::optional<trust::Package> owner, reader.owner_of(path, content.md5_hex));
    if (!owner) continue;
    std::string key = owner->name + ":" + owner->architecture;
    owners[path] = key;
    packages.try_emplace(key, *std::move(owner));
  }
  std::map<std::string, int> index;
  for (auto& [key, package] : packages) {
    index[key] = static_cast<int>(inventory.packages.size());
    inventory.packages.push_back(std::move(package));
  }
  for (const auto& [path, content] : files) {
    auto owner = owners.find(path);
    int package = owner == owners.end() ? -1 : index.at(owner->second);
    inventory.files.push_back({.path = path, .sha1_hex = content.sha1_hex, .sha256_hex = content.sha256_hex, .package = package});
  }
  return {};
}

}  // namespace

Result<trust::Inventory> take_inventory(const oci::Store& store, const Digest& digest, trust::PackageReader& packages,
                                        const std::string& repository) {
  TRY(std::string bytes, store.read_manifest(digest));
  TRY(oci::Manifest manifest, oci::parse_manifest(bytes));
  TRY(std::string config_bytes, store.read_blob(manifest.config.digest, oci::config_bytes_max));
  TRY(oci::ImageConfig config, oci::parse_config(config_bytes));
  trust::Inventory inventory{.name = annotation(manifest.annotations, "title"),
                             .version = annotation(manifest.annotations, "version"),
                             .supplier = annotation(manifest.annotations, "vendor"),
                             .license = annotation(manifest.annotations, "licenses"),
                             .repository = repository,
                             .architecture = config.architecture,
                             .digest = digest,
                             .created = parse_iso8601(config.created).value_or(Timestamp{})};
  if (inventory.name.empty()) inventory.name = repository.empty() ? "image" : repository.substr(repository.rfind('/') + 1);
  // The digest is a version too: it says exactly which one.
  if (inventory.version.empty()) inventory.version = digest.hex().substr(0, 12);
  TRY(Files files, files_of(store, manifest));
  CHECK(name_owners(files, packages, inventory));
  return inventory;
}

Result<Sboms> make_sboms(const oci::Store& store, const Digest& digest, trust::PackageReader& packages,
                         const std::string& repository, trust::CycloneDxVersion version) {
  TRY(trust::Inventory inventory, take_inventory(store, digest, packages, repository));
  return Sboms{.spdx = trust::spdx_document(inventory), .cyclonedx = trust::cyclonedx_document(inventory, version)};
}

}  // namespace pds::supply
