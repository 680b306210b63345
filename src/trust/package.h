// Debian packages: which one owns a file, and under which licence. The database is read through an interface; parsing it is here.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pds::trust {

struct Package {
  std::string name;             // "libssl3"
  std::string version;          // "3.0.22-1~deb12u2"
  std::string architecture;     // "amd64"
  std::string source;           // source package, "openssl"
  std::string source_version;   // when it differs; otherwise equal to version
  std::string maintainer;       // the supplier
  std::string homepage;
  std::string license;          // an SPDX expression, or LicenseRef-...; "NOASSERTION" when the copyright file does not say in machine-readable form
  std::map<std::string, std::string> license_texts;   // of every LicenseRef- in `license`: the name as Debian has it
  bool operator==(const Package&) const = default;
};

class PackageReader {
 public:
  virtual ~PackageReader() = default;
  // The package that owns `path` with exactly this content (md5 in lower-case hex), or nothing: a file that was changed after
  // installation belongs to nobody.
  virtual Result<std::optional<Package>> owner_of(std::string_view path, std::string_view md5_hex) = 0;
};

// "pkg:deb/debian/libssl3@3.0.22-1~deb12u2?arch=amd64"
std::string package_url(const Package& package, std::string_view distribution = "debian");

// All paragraphs of /var/lib/dpkg/status that are installed, by "name:architecture". Bounded by packages_max.
inline constexpr size_t packages_max = 100'000;
Result<std::map<std::string, Package>> parse_dpkg_status(std::string_view text);

// The licence of a machine-readable copyright file (DEP 5): all short names of its Files paragraphs, as SPDX identifiers where the name
// is clear and as LicenseRef-Debian-<name> where it is not, joined by AND.
struct License {
  std::string expression;                         // "NOASSERTION" when the file is not machine-readable
  std::map<std::string, std::string> references;  // LicenseRef-... -> the name in the file
};
License parse_copyright(std::string_view text);
// "GPL-2+" -> "GPL-2.0-or-later"; nullopt when it is not clear.
std::optional<std::string> spdx_license(std::string_view debian_name);

}  // namespace pds::trust
