// What a program says it loads by hand (base/dlopen_note.h): ELF notes of systemd's dlopen convention,
// https://systemd.io/ELF_DLOPEN_METADATA/.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace pds::oci {

struct DlopenEntry {
  std::string feature;
  std::vector<std::string> sonames;  // at least one; the first that is there is the one
  bool required = false;             // otherwise it is taken where it is there
};

// Of the bytes of one note segment, whose notes begin at multiples of `alignment` (4 or 8). Notes of other kinds are passed over.
// E_ELF_INVALID.
Result<std::vector<DlopenEntry>> parse_dlopen_notes(std::string_view segment, size_t alignment);

}  // namespace pds::oci
