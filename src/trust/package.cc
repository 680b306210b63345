#include "trust/package.h"

#include <fmt/core.h>

#include "base/text.h"

namespace pds::trust {
namespace {

// "Source: openssl (3.0.1-2)": the version only when it differs from the binary's.
void set_source(Package& package, std::string_view value) {
  size_t open = value.find(" (");
  package.source = std::string(value.substr(0, open));
  if (open != std::string_view::npos && value.ends_with(')')) {
    package.source_version = std::string(value.substr(open + 2, value.size() - open - 3));
  }
}

void set_field(Package& package, bool& installed, std::string_view name, std::string_view value) {
  if (name == "Package") package.name = value;
  if (name == "Version") package.version = value;
  if (name == "Architecture") package.architecture = value;
  if (name == "Maintainer") package.maintainer = value;
  if (name == "Homepage") package.homepage = value;
  if (name == "Source") set_source(package, value);
  if (name == "Status") installed = value.ends_with(" installed");
}

}  // namespace

std::string package_url(const Package& package, std::string_view distribution) {
  std::string url = fmt::format("pkg:deb/{}/{}@{}?arch={}", distribution, percent_encode(package.name),
                                percent_encode(package.version), percent_encode(package.architecture));
  if (!package.source.empty() && package.source != package.name) url += "&upstream=" + percent_encode(package.source);
  return url;
}

Result<std::map<std::string, Package>> parse_dpkg_status(std::string_view text) {
  std::map<std::string, Package> packages;
  Package package;
  bool installed = false;
  auto finish = [&] {
    if (installed && !package.name.empty() && !package.version.empty()) {
      if (package.source.empty()) package.source = package.name;
      if (package.source_version.empty()) package.source_version = package.version;
      std::string key = package.name + ":" + package.architecture;
      packages.insert_or_assign(std::move(key), std::move(package));
    }
    package = Package{};
    installed = false;
  };
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (trim(line).empty()) {
      finish();
      if (packages.size() > packages_max)
        return fail("E_TOO_LARGE", fmt::format("the dpkg status file names more than {} packages", packages_max));
      continue;
    }
    size_t colon = line.find(':');
    if (line.front() == ' ' || line.front() == '\t' || colon == std::string_view::npos) continue;
    set_field(package, installed, line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  finish();
  return packages;
}

}  // namespace pds::trust
