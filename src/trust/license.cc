// Licences out of Debian's copyright files. Machine-readable ones (DEP 5) say it in "License:" fields. The few that are prose
// (libc6, gcc) are searched for the FSF's own standard notices, which are unmistakable; after that only what they point to in
// common-licenses is told.
#include <fmt/core.h>

#include <set>

#include "base/text.h"
#include "trust/package.h"

namespace pds::trust {
namespace {

struct Name {
  std::string_view debian, spdx;
};

// Only names whose text Debian's specification, or common use, fixes. "BSD" or "GPL" alone are not among them.
constexpr Name names[] = {
    {"apache-2.0", "Apache-2.0"},
    {"apache-2", "Apache-2.0"},
    {"artistic", "Artistic-1.0-Perl"},
    {"artistic-2.0", "Artistic-2.0"},
    {"bsd-2-clause", "BSD-2-Clause"},
    {"bsd-3-clause", "BSD-3-Clause"},
    {"bsd-4-clause", "BSD-4-Clause"},
    {"bsd-4-clause-uc", "BSD-4-Clause-UC"},
    {"bsd-4-clause-ucb", "BSD-4-Clause-UC"},
    {"bsl-1.0", "BSL-1.0"},
    {"boost-1.0", "BSL-1.0"},
    {"cc0-1.0", "CC0-1.0"},
    {"cc0", "CC0-1.0"},
    {"expat", "MIT"},
    {"mit", "MIT"},
    {"isc", "ISC"},
    {"mpl-1.1", "MPL-1.1"},
    {"mpl-2.0", "MPL-2.0"},
    {"openssl", "OpenSSL"},
    {"openssl+ssleay", "OpenSSL"},
    {"postgresql", "PostgreSQL"},
    {"unlicense", "Unlicense"},
    {"x11", "X11"},
    {"zlib", "Zlib"},
    {"0bsd", "0BSD"},
    {"curl", "curl"},
    {"tcl", "TCL"},
    {"fsfap", "FSFAP"},
    {"all-permissive", "FSFAP"},
    {"psf-2", "PSF-2.0"},
};

// "gpl-2+" -> "GPL-2.0-or-later". Versions the SPDX list has, nothing else.
std::optional<std::string> gnu_license(std::string_view name) {
  constexpr std::string_view families[][2] = {{"agpl-", "AGPL"}, {"lgpl-", "LGPL"}, {"gpl-", "GPL"}, {"gfdl-", "GFDL"}};
  for (const auto& [prefix, family] : families) {
    if (!name.starts_with(prefix)) continue;
    std::string_view version = name.substr(prefix.size());
    bool later = version.ends_with('+');
    if (later) version.remove_suffix(1);
    std::string full(version);
    if (full.size() == 1) full += ".0";
    static const std::set<std::string, std::less<>> known = {"AGPL-3.0", "LGPL-2.0", "LGPL-2.1", "LGPL-3.0", "GPL-1.0",
                                                             "GPL-2.0",  "GPL-3.0",  "GFDL-1.1", "GFDL-1.2", "GFDL-1.3"};
    std::string id = fmt::format("{}-{}", family, full);
    if (known.contains(id)) return id + (later ? "-or-later" : "-only");
  }
  return std::nullopt;
}

std::string reference_id(std::string_view name) {
  std::string id = "LicenseRef-Debian-";
  for (char c : name) {
    bool allowed = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
    id += allowed ? c : (c == '+' ? 'x' : '-');
  }
  return id;
}

std::string one_license(std::string_view name, License& license) {
  if (auto id = spdx_license(name)) return *id;
  std::string id = reference_id(name);
  license.references[id] = std::string(name);
  return id;
}

// "GPL-2+ or Artistic, and BSD-3-clause": "and" binds tighter than "or", a comma ends a group first. Parentheses keep that visible.
std::string group_expression(std::string_view group, License& license) {
  std::string out;
  size_t start = 0;
  auto take = [&](size_t end) { out += one_license(trim(group.substr(start, end - start)), license); };
  for (size_t i = 0; i < group.size(); ++i) {
    for (std::string_view word : {" and ", " or ", " AND ", " OR "}) {
      if (group.substr(i, word.size()) != word) continue;
      take(i);
      out += to_lower(word) == " and " ? " AND " : " OR ";
      start = i + word.size();
      i = start - 1;
      break;
    }
  }
  take(group.size());
  return out.find(' ') == std::string::npos || out.find(" OR ") == std::string::npos ? out : "(" + out + ")";
}

std::string expression(std::string_view field, License& license) {
  std::string out;
  for (std::string_view group : split(field, ',')) {
    group = trim(group);
    std::string_view joint = " AND ";
    if (group.starts_with("and ")) group.remove_prefix(4);
    if (group.starts_with("or ")) {
      group.remove_prefix(3);
      joint = " OR ";
    }
    group = trim(group);
    if (group.empty()) continue;
    if (!out.empty()) out += joint;
    out += group_expression(group, license);
  }
  return out;
}

// The first line of each Files paragraph's License field; debian/* is the packaging and not in the binary.
std::set<std::string, std::less<>> declared_names(std::string_view text) {
  std::set<std::string, std::less<>> declared;
  bool has_files = false, packaging = false;
  for (std::string_view line : split(text, '\n')) {
    if (trim(line).empty()) has_files = packaging = false;
    if (line.starts_with("Files:")) {
      has_files = true;
      packaging = trim(line.substr(6)).starts_with("debian/");
    }
    if (!line.starts_with("License:") || !has_files || packaging) continue;
    std::string_view name = trim(line.substr(8));
    if (!name.empty() && name.size() < 200) declared.emplace(name);
  }
  return declared;
}

std::string one_line(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (!space) out += c;
    if (space && !out.empty() && out.back() != ' ') out += ' ';
  }
  return out;
}

void add_notices(const std::string& text, std::set<std::string>& found) {
  struct Notice {
    std::string_view words, id;
  };
  constexpr Notice notices[] = {
      {"GNU Lesser General Public License as published by the Free Software Foundation; either version 2.1 of the License, or (at "
       "your option)",
       "LGPL-2.1-or-later"},
      {"GNU General Public License as published by the Free Software Foundation; either version 2 of the License, or (at your "
       "option)",
       "GPL-2.0-or-later"},
      {"GNU General Public License as published by the Free Software Foundation; either version 2, or (at your option)",
       "GPL-2.0-or-later"},
      {"GNU General Public License as published by the Free Software Foundation; either version 3, or (at your option)",
       "GPL-3.0-or-later"},
      {"GNU General Public License as published by the Free Software Foundation; version 2 of the License", "GPL-2.0-only"},
      {"GCC Runtime Library Exception", "GPL-3.0-or-later WITH GCC-exception-3.1"},
  };
  for (const Notice& notice : notices) {
    if (text.find(notice.words) != std::string::npos) found.emplace(notice.id);
  }
}

void add_common_licenses(const std::string& text, License& license, std::set<std::string>& found) {
  constexpr std::string_view folder = "/usr/share/common-licenses/";
  for (size_t at = text.find(folder); at != std::string::npos; at = text.find(folder, at + 1)) {
    size_t start = at + folder.size();
    size_t end = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.", start);
    std::string name = text.substr(start, end == std::string::npos ? end : end - start);
    while (name.ends_with('.')) name.pop_back();
    if (name.empty() || name.size() > 64) continue;
    std::string id = reference_id(name);
    license.references[id] = name;
    found.insert(id);
  }
}

std::string joined(const std::set<std::string>& parts) {
  std::vector<std::string> list(parts.begin(), parts.end());
  return join(list, " AND ");
}

}  // namespace

std::optional<std::string> spdx_license(std::string_view debian_name) {
  std::string name = to_lower(debian_name);
  for (const Name& known : names) {
    if (known.debian == name) return std::string(known.spdx);
  }
  if (name.ends_with(".0+")) name.replace(name.size() - 3, 3, "+");  // "GPL-2.0+" is "GPL-2+"
  return gnu_license(name);
}

License parse_copyright(std::string_view text) {
  License license;
  std::set<std::string> found;
  std::string_view head = text.substr(0, 400);
  if (head.find("copyright-format/1.0") != std::string_view::npos || head.find("dep5") != std::string_view::npos) {
    for (const std::string& name : declared_names(text)) found.insert(expression(name, license));
    found.erase("");
  } else {
    std::string flat = one_line(text);
    add_notices(flat, found);
    if (found.empty()) add_common_licenses(flat, license, found);
  }
  license.expression = found.empty() ? "NOASSERTION" : joined(found);
  return license;
}

}  // namespace pds::trust
