#include "trust/package.h"

#include <gtest/gtest.h>

namespace pds::trust {
namespace {

TEST(DpkgStatus, installed_packages_are_found_with_their_source_and_others_are_not) {
  auto packages = parse_dpkg_status(
      "Package: libgcc-s1\nStatus: install ok installed\nArchitecture: amd64\nSource: gcc-12 (12.1)\nVersion: 12.2.0-14\n"
      "Maintainer: Debian GCC Maintainers <d@g.example>\nDescription: x\n Version: not this one\n\n"
      "Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\n\n"
      "Package: last\nStatus: install ok installed\nArchitecture: all\nVersion: 2");
  ASSERT_TRUE(packages);
  ASSERT_EQ(packages->size(), 2u);
  const Package& gcc = packages->at("libgcc-s1:amd64");
  EXPECT_EQ(gcc.version, "12.2.0-14");
  EXPECT_EQ(gcc.source, "gcc-12");
  EXPECT_EQ(gcc.source_version, "12.1");
  EXPECT_EQ(packages->at("last:all").source, "last");
}

TEST(License, short_names_become_spdx_identifiers_where_they_are_clear) {
  struct Case {
    std::string_view debian;
    std::string spdx;
  };
  const Case cases[] = {
      {"Expat", "MIT"},     {"GPL-2+", "GPL-2.0-or-later"}, {"GPL-2.0+", "GPL-2.0-or-later"}, {"LGPL-2.1", "LGPL-2.1-only"},
      {"zlib", "Zlib"},     {"Apache-2.0", "Apache-2.0"},   {"BSD-3-clause", "BSD-3-Clause"}, {"GPL-9", "(unclear)"},
      {"BSD", "(unclear)"}, {"public-domain", "(unclear)"}};
  for (const Case& c : cases) EXPECT_EQ(spdx_license(c.debian).value_or("(unclear)"), c.spdx) << c.debian;
}

TEST(License, a_machine_readable_file_gives_the_licences_of_its_files_but_not_of_the_packaging) {
  License license = parse_copyright(
      "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\n"
      "Files: *\nCopyright: x\nLicense: Expat\n\n"
      "Files: contrib/*\nLicense: GPL-2+ or Artistic, and Odd thing\n\n"
      "Files: debian/*\nLicense: GPL-3+\n\n"
      "License: Expat\n Permission is hereby granted\n");
  EXPECT_EQ(license.expression, "(GPL-2.0-or-later OR Artistic-1.0-Perl) AND LicenseRef-Debian-Odd-thing AND MIT");
  EXPECT_EQ(license.references, (std::map<std::string, std::string>{{"LicenseRef-Debian-Odd-thing", "Odd thing"}}));
}

TEST(License, prose_is_searched_for_the_standard_notices_only) {
  License glibc = parse_copyright(
      "This is the Debian prepackaged version\n under the terms of the GNU Lesser General Public\n   License as published by the "
      "Free Software\n"
      "Foundation; either version 2.1 of the License, or (at your option) any later version.");
  EXPECT_EQ(glibc.expression, "LGPL-2.1-or-later");
  License pointed = parse_copyright("See /usr/share/common-licenses/GPL-2.");
  EXPECT_EQ(pointed.expression, "LicenseRef-Debian-GPL-2");
  EXPECT_EQ(parse_copyright("All rights reserved.").expression, "NOASSERTION");
}

}  // namespace
}  // namespace pds::trust
