#include "oci/dlopen_notes.h"

#include <cstdint>
#include <cstdlib>

// Of what is accepted every entry can be looked for: a name, and no path.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (size_t alignment : {4, 8}) {
    auto entries = pds::oci::parse_dlopen_notes({reinterpret_cast<const char*>(data), size}, alignment);
    if (!entries) continue;
    for (const pds::oci::DlopenEntry& entry : *entries) {
      if (entry.sonames.empty()) std::abort();
      for (const std::string& name : entry.sonames) {
        if (name.empty() || name.find('/') != std::string::npos) std::abort();
      }
    }
  }
  return 0;
}
