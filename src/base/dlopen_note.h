// Says in the program's own ELF file which shared objects it will load by hand, so that whoever packs it up takes them along:
// https://systemd.io/ELF_DLOPEN_METADATA/. oci/dlopen_notes.h reads it.
//
//   PDS_DLOPEN_NOTE(database_note, R"([{"feature":"database","description":"what for","priority":"recommended","soname":["libpq.so.5"]}])");
//
// At namespace scope, in the file that loads it. "required": nothing works without it; "recommended", "suggested": taken along where it
// is there. Of several names in one entry the first that is there is taken.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pds {

// As the ELF specification has a note: sizes, the kind, the owner's name, the content, which ends with a zero byte.
template <size_t Size>
struct DlopenNote {
  uint32_t owner_bytes = 4;
  uint32_t content_bytes = Size;
  uint32_t kind = 0x407c0c0a;
  char owner[4] = {'F', 'D', 'O', '\0'};
  alignas(4) char content[(Size + 3) / 4 * 4];
};

}  // namespace pds

#define PDS_DLOPEN_NOTE(name, json) \
  __attribute__((used, section(".note.dlopen"))) static const ::pds::DlopenNote<sizeof(json)> name { .content = json }
