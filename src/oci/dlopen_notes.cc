#include "oci/dlopen_notes.h"

#include <fmt/core.h>

#include <cstring>

#include "base/json.h"

namespace pds::oci {
namespace {

constexpr size_t header_bytes = 12;
constexpr uint32_t dlopen_kind = 0x407c0c0a;
constexpr std::string_view dlopen_owner("FDO\0", 4);
constexpr size_t segment_bytes_max = 1u << 20;
constexpr size_t entries_max = 256, sonames_max = 64, soname_bytes_max = 255;

std::unexpected<Error> invalid(std::string_view why) { return fail("E_ELF_INVALID", fmt::format("not a usable ELF file: {}", why)); }

struct Note {
  uint32_t kind = 0;
  std::string_view owner, content;
};

uint32_t number_at(std::string_view bytes, size_t offset) {
  uint32_t out;
  std::memcpy(&out, bytes.data() + offset, sizeof out);
  return out;
}

// Takes so many bytes off the front, and with them what fills them up to the next multiple.
Result<std::string_view> take(std::string_view& bytes, size_t size, size_t alignment) {
  if (size > bytes.size()) return invalid("a note lies outside its segment");
  std::string_view out = bytes.substr(0, size);
  bytes.remove_prefix(std::min(bytes.size(), (size + alignment - 1) / alignment * alignment));
  return out;
}

Result<Note> take_note(std::string_view& bytes, size_t alignment) {
  if (bytes.size() < header_bytes) return invalid("a note is cut off");
  uint32_t owner_bytes = number_at(bytes, 0), content_bytes = number_at(bytes, 4);
  Note note{.kind = number_at(bytes, 8)};
  // What is aligned is the place of the content, counted from the note's begin.
  TRY(std::string_view head, take(bytes, header_bytes + size_t{owner_bytes}, alignment));
  note.owner = head.substr(header_bytes);
  TRY(note.content, take(bytes, content_bytes, alignment));
  return note;
}

Result<DlopenEntry> read_entry(const json::value& value) {
  const json::object* object = value.if_object();
  const json::array* sonames = object ? get_array(*object, "soname") : nullptr;
  if (!sonames || sonames->empty() || sonames->size() > sonames_max) return invalid("a dlopen note names no library");
  DlopenEntry entry{.feature = get_string(*object, "feature"), .required = get_string(*object, "priority") == "required"};
  for (const json::value& soname : *sonames) {
    const json::string* name = soname.if_string();
    bool is_name = name && !name->empty() && name->size() <= soname_bytes_max && std::string_view(*name).find('\0') == std::string_view::npos;
    if (!is_name || std::string_view(*name).find('/') != std::string_view::npos) return invalid("a library's name in a dlopen note is none");
    entry.sonames.emplace_back(*name);
  }
  return entry;
}

Result<void> read_entries(std::string_view content, std::vector<DlopenEntry>& out) {
  if (!content.ends_with('\0')) return invalid("a dlopen note does not end");
  Result<json::value> document = parse_json(content.substr(0, content.find('\0')));
  if (!document || !document->is_array()) return invalid("a dlopen note is no list in JSON");
  for (const json::value& value : document->get_array()) {
    if (out.size() == entries_max) return invalid("there are too many dlopen notes");
    TRY(DlopenEntry entry, read_entry(value));
    out.push_back(std::move(entry));
  }
  return {};
}

}  // namespace

Result<std::vector<DlopenEntry>> parse_dlopen_notes(std::string_view segment, size_t alignment) {
  if (segment.size() > segment_bytes_max) return invalid("a segment of notes is too large");
  std::vector<DlopenEntry> out;
  while (!segment.empty()) {
    TRY(Note note, take_note(segment, alignment));
    if (note.kind == dlopen_kind && note.owner == dlopen_owner) CHECK(read_entries(note.content, out));
  }
  return out;
}

}  // namespace pds::oci
