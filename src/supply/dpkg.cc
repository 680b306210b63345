#include "supply/dpkg.h"

#include <fmt/core.h>

#include <map>
#include <unordered_map>

#include "base/text.h"
#include "io/files.h"

namespace pds::supply {
namespace {

constexpr size_t database_file_bytes_max = 256u << 20;
constexpr size_t paths_max = 5'000'000;

// Made by a package's own scripts, so in no list; it still is that package's.
constexpr std::string_view generated[][2] = {{"/etc/ssl/certs/ca-certificates.crt", "ca-certificates"}};

class Dpkg final : public trust::PackageReader {
 public:
  explicit Dpkg(std::string root) : root_(std::move(root)), info_(root_ + "/var/lib/dpkg/info/") {}

  Result<void> load() {
    auto status = io::read_file(root_ + "/var/lib/dpkg/status", database_file_bytes_max);
    if (!status)
      return fail("E_NOT_FOUND",
                  fmt::format("{}/var/lib/dpkg/status cannot be read: file owners are known on Debian systems only", root_));
    TRY(packages_, trust::parse_dpkg_status(*status));
    TRY(std::vector<std::string> names, io::list_directory(info_));
    for (const std::string& name : names) {
      if (name.ends_with(".list")) CHECK(load_list(name.substr(0, name.size() - 5)));
    }
    return {};
  }

  Result<std::optional<trust::Package>> owner_of(std::string_view path, std::string_view md5_hex) override {
    for (const auto& [made, maker] : generated) {
      if (path == made) return described(std::string(maker));
    }
    for (const std::string& alias : aliases(path)) {
      auto owner = owners_.find(alias);
      if (owner == owners_.end()) continue;
      TRY(const auto* sums, sums_of(owner->second));
      auto sum = sums->find(alias.substr(1));
      if (sum != sums->end() && sum->second == md5_hex) return described(owner->second);
    }
    return std::nullopt;
  }

 private:
  // "libssl3:amd64.list"; packages of which there can be only one have no architecture in their name.
  Result<void> load_list(const std::string& name) {
    TRY(std::string text, io::read_file(info_ + name + ".list", database_file_bytes_max));
    for (std::string_view line : split(text, '\n')) {
      if (line.size() > 1) owners_.try_emplace(std::string(line), name);
    }
    if (owners_.size() > paths_max) return fail("E_TOO_LARGE", fmt::format("dpkg lists more than {} paths", paths_max));
    return {};
  }

  // Debian has merged /lib into /usr/lib, but many lists still name the old place.
  static std::vector<std::string> aliases(std::string_view path) {
    std::vector<std::string> out{std::string(path)};
    for (std::string_view top : {"/lib/", "/lib64/", "/bin/", "/sbin/"}) {
      if (path.starts_with("/usr") && path.substr(4).starts_with(top)) out.emplace_back(path.substr(4));
      if (path.starts_with(top)) out.emplace_back("/usr" + std::string(path));
    }
    return out;
  }

  using Sums = std::unordered_map<std::string, std::string>;
  Result<const Sums*> sums_of(const std::string& name) {
    auto [place, added] = sums_.try_emplace(name);
    if (!added || !io::exists(info_ + name + ".md5sums")) return &place->second;
    TRY(std::string text, io::read_file(info_ + name + ".md5sums", database_file_bytes_max));
    constexpr size_t hex_digits = 32;
    for (std::string_view line : split(text, '\n')) {
      if (line.size() > hex_digits + 2) place->second.emplace(line.substr(hex_digits + 2), line.substr(0, hex_digits));
    }
    return &place->second;
  }

  Result<std::optional<trust::Package>> described(const std::string& name) {
    std::string plain = name.substr(0, name.find(':'));
    auto found = packages_.lower_bound(plain + ":");
    if (name.find(':') != std::string::npos) found = packages_.find(name);
    if (found == packages_.end() || found->second.name != plain) return std::nullopt;
    trust::Package& package = found->second;
    if (package.license.empty()) {
      auto copyright = io::read_file(fmt::format("{}/usr/share/doc/{}/copyright", root_, plain), database_file_bytes_max);
      trust::License license = trust::parse_copyright(copyright.value_or(""));
      package.license = license.expression;
      package.license_texts = license.references;
    }
    return package;
  }

  const std::string root_, info_;
  std::map<std::string, trust::Package> packages_;
  std::unordered_map<std::string, std::string> owners_;  // path -> name in info/
  std::map<std::string, Sums> sums_;
};

}  // namespace

Result<std::unique_ptr<trust::PackageReader>> open_dpkg(const std::string& root) {
  auto dpkg = std::make_unique<Dpkg>(root == "/" ? "" : root);
  CHECK(dpkg->load());
  return dpkg;
}

}  // namespace pds::supply
