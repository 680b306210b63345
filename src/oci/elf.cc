#include "oci/elf.h"

#include <elf.h>
#include <fmt/format.h>
#include <limits.h>
#include <stdlib.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <optional>
#include <set>

#include "base/text.h"
#include "io/files.h"

namespace pds::oci {
namespace {

constexpr size_t headers_max = 4096;
constexpr size_t needed_max = 4096;
constexpr size_t name_bytes_max = 4096;
constexpr size_t libraries_max = 4096;
constexpr size_t elf_bytes_max = 1u << 30;

std::unexpected<Error> invalid(std::string_view why) {
  return fail("E_ELF_INVALID", fmt::format("not a usable ELF file: {}", why));
}

template <class T>
std::optional<T> read_at(std::string_view bytes, uint64_t offset) {
  if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) return std::nullopt;
  T out;
  std::memcpy(&out, bytes.data() + offset, sizeof out);
  return out;
}

std::optional<std::string> string_at(std::string_view bytes, uint64_t offset) {
  if (offset >= bytes.size()) return std::nullopt;
  std::string_view rest = bytes.substr(offset, name_bytes_max);
  size_t end = rest.find('\0');
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(rest.substr(0, end));
}

Result<std::vector<Elf64_Phdr>> program_headers(std::string_view bytes, const Elf64_Ehdr& header) {
  std::vector<Elf64_Phdr> out;
  if (header.e_phnum > headers_max || header.e_phentsize != sizeof(Elf64_Phdr))
    return invalid("the program headers are out of range");
  for (size_t i = 0; i < header.e_phnum; ++i) {
    auto segment =
        header.e_phoff > bytes.size() ? std::nullopt : read_at<Elf64_Phdr>(bytes, header.e_phoff + i * sizeof(Elf64_Phdr));
    if (!segment) return invalid("a program header lies outside the file");
    out.push_back(*segment);
  }
  return out;
}

// Where a virtual address lies in the file.
std::optional<uint64_t> file_offset(const std::vector<Elf64_Phdr>& segments, uint64_t address) {
  for (const Elf64_Phdr& segment : segments) {
    bool inside = segment.p_type == PT_LOAD && address >= segment.p_vaddr && address - segment.p_vaddr < segment.p_filesz;
    if (inside) return segment.p_offset + (address - segment.p_vaddr);
  }
  return std::nullopt;
}

Result<void> read_dynamic(std::string_view bytes, const std::vector<Elf64_Phdr>& segments, const Elf64_Phdr& dynamic,
                          ElfFile& out) {
  std::vector<Elf64_Dyn> tags;
  for (uint64_t at = 0; at + sizeof(Elf64_Dyn) <= dynamic.p_filesz && tags.size() < needed_max; at += sizeof(Elf64_Dyn)) {
    auto tag = dynamic.p_offset > bytes.size() ? std::nullopt : read_at<Elf64_Dyn>(bytes, dynamic.p_offset + at);
    if (!tag) return invalid("the dynamic section lies outside the file");
    if (tag->d_tag == DT_NULL) break;
    tags.push_back(*tag);
  }
  std::optional<uint64_t> strings;
  for (const Elf64_Dyn& tag : tags) {
    if (tag.d_tag == DT_STRTAB) strings = file_offset(segments, tag.d_un.d_ptr);
  }
  std::string run_path, old_run_path;
  for (const Elf64_Dyn& tag : tags) {
    bool wanted = tag.d_tag == DT_NEEDED || tag.d_tag == DT_RUNPATH || tag.d_tag == DT_RPATH;
    if (!wanted) continue;
    auto name = strings && tag.d_un.d_val < bytes.size() ? string_at(bytes, *strings + tag.d_un.d_val) : std::nullopt;
    if (!name) return invalid("a name of the dynamic section lies outside the file");
    if (tag.d_tag == DT_NEEDED) out.needed.push_back(*name);
    if (tag.d_tag == DT_RUNPATH) run_path = *name;
    if (tag.d_tag == DT_RPATH) old_run_path = *name;
  }
  const std::string& path = run_path.empty() ? old_run_path : run_path;
  if (!path.empty()) {
    for (std::string_view part : split(path, ':')) {
      if (!part.empty()) out.run_paths.emplace_back(part);
    }
  }
  return {};
}

Result<void> read_notes(std::string_view bytes, const Elf64_Phdr& notes, ElfFile& out) {
  if (notes.p_offset > bytes.size() || notes.p_filesz > bytes.size() - notes.p_offset) return invalid("a segment of notes lies outside the file");
  constexpr size_t usual = 4, wide = 8;
  TRY(std::vector<DlopenEntry> entries, parse_dlopen_notes(bytes.substr(notes.p_offset, notes.p_filesz), notes.p_align == wide ? wide : usual));
  out.loads.insert(out.loads.end(), entries.begin(), entries.end());
  return {};
}

std::string multiarch(uint16_t machine) { return machine == EM_AARCH64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu"; }

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

Result<ElfFile> load(const std::string& path) {
  TRY(std::string bytes, io::read_file(path, elf_bytes_max));
  auto parsed = parse_elf(bytes);
  if (!parsed) return fail("E_ELF_INVALID", path + ": " + parsed.error().message);
  return parsed;
}

// Looks for libraries as the loader would.
class Finder {
 public:
  Finder(uint16_t machine, std::string sysroot) : machine_(machine), sysroot_(std::move(sysroot)) {
    if (!sysroot_.empty()) return;
    if (auto bytes = io::read_file("/etc/ld.so.cache", 64u << 20)) cache_ = parse_library_cache(*bytes);
  }

  // In that folder and nowhere else.
  std::optional<std::string> find_in(const std::string& folder, const std::string& name) const {
    return fits(folder + "/" + name) ? std::optional(folder + "/" + name) : std::nullopt;
  }
  std::optional<std::string> find(const std::string& name, const ElfFile& asker, const std::string& asker_path) const {
    if (name.find('/') != std::string::npos) return fits(name) ? std::optional(name) : std::nullopt;
    for (std::string folder : asker.run_paths) {
      std::string origin = folder_of(real_path(asker_path).value_or(asker_path));
      folder = replace_all(replace_all(folder, "${ORIGIN}", origin), "$ORIGIN", origin);
      if (auto found = find_in(folder, name)) return found;
    }
    for (auto [at, end] = cache_.equal_range(name); at != end; ++at) {
      if (fits(at->second)) return at->second;
    }
    for (const std::string& folder :
         {"/lib/" + multiarch(machine_), "/usr/lib/" + multiarch(machine_), std::string("/lib"), std::string("/usr/lib")}) {
      if (auto found = find_in(sysroot_ + folder, name)) return found;
    }
    return std::nullopt;
  }

 private:
  // The cache also lists libraries of other architectures.
  bool fits(const std::string& path) const {
    auto file = io::exists(path) ? load(path) : Result<ElfFile>(invalid("absent"));
    return file && file->machine == machine_;
  }
  uint16_t machine_;
  std::string sysroot_;
  std::multimap<std::string, std::string> cache_;
};

// From the program to all that it loads.
class Walk {
 public:
  Walk(const std::string& program, ElfFile root, const std::string& sysroot, bool with_optional)
      : with_optional_(with_optional),
        program_(program),
        sysroot_(sysroot),
        folder_(folder_of(real_path(program).value_or(program))),
        closure_{.architecture = root.architecture(), .interpreter = root.interpreter},
        finder_(root.machine, sysroot) {
    todo_.emplace_back(program, std::move(root));
  }

  Result<LibraryClosure> take() && {
    while (!todo_.empty()) {
      auto [path, file] = std::move(todo_.front());
      todo_.pop_front();
      for (const std::string& name : file.needed) CHECK(follow_needed(name, file, path));
      for (const DlopenEntry& entry : file.loads) CHECK(follow_load(entry, file, path));
    }
    for (auto* list : {&closure_.libraries, &closure_.modules}) std::ranges::sort(*list, {}, &Library::soname);
    return std::move(closure_);
  }

 private:
  Result<void> follow_needed(const std::string& name, const ElfFile& asker, const std::string& asker_path) {
    if (seen_.contains(name)) return {};
    std::optional<std::string> found = finder_.find(name, asker, asker_path);
    if (found) return add(closure_.libraries, name, *found);
    return fail("E_LIBRARY_NOT_FOUND",
                fmt::format("{} needs {}, which is neither in its run path, nor in the loader's cache, nor in the default directories",
                            asker_path, name));
  }

  Result<void> follow_load(const DlopenEntry& entry, const ElfFile& asker, const std::string& asker_path) {
    if (!entry.required && !with_optional_) return {};
    for (const std::string& name : entry.sonames) {
      if (seen_.contains(name)) return {};
      std::optional<std::string> beside = asker_path == program_ ? finder_.find_in(folder_, name) : std::nullopt;
      if (beside) return add(closure_.modules, name, *beside);
      if (std::optional<std::string> found = finder_.find(name, asker, asker_path)) return add(closure_.libraries, name, *found);
    }
    if (!entry.required) return {};
    return fail("E_LIBRARY_NOT_FOUND", fmt::format("{} loads {} for '{}', which is nowhere to be found", asker_path,
                                                   fmt::join(entry.sonames, " or "), entry.feature));
  }

  Result<void> add(std::vector<Library>& list, const std::string& name, const std::string& found) {
    seen_.insert(name);
    if (seen_.size() > libraries_max) return fail("E_ELF_INVALID", fmt::format("{} needs more than {} libraries", program_, libraries_max));
    TRY(ElfFile library, load(found));
    bool of_sysroot = !sysroot_.empty() && found.starts_with(sysroot_ + "/");
    std::string prefix = of_sysroot ? sysroot_ : "";
    TRY(Library entry, library_at(prefix, found.substr(prefix.size())));
    entry.soname = name;
    list.push_back(std::move(entry));
    todo_.emplace_back(found, std::move(library));
    return {};
  }

  const bool with_optional_;
  const std::string program_, sysroot_, folder_;
  LibraryClosure closure_;
  Finder finder_;
  std::set<std::string> seen_;
  std::deque<std::pair<std::string, ElfFile>> todo_;
};

}  // namespace

std::string ElfFile::architecture() const {
  if (machine == EM_X86_64) return "amd64";
  if (machine == EM_AARCH64) return "arm64";
  return fmt::format("elf-{}", machine);
}

Result<std::string> real_path(const std::string& path) {
  char buffer[PATH_MAX];
  if (!::realpath(path.c_str(), buffer)) return fail("E_NOT_FOUND", path + ": there is no such file");
  return std::string(buffer);
}

std::string host_architecture() {
#if defined(__aarch64__)
  return "arm64";
#else
  return "amd64";
#endif
}

Result<ElfFile> parse_elf(std::string_view bytes) {
  auto header = read_at<Elf64_Ehdr>(bytes, 0);
  if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) return invalid("it does not begin as one");
  if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB)
    return invalid("not 64-bit little-endian");
  if (header->e_type != ET_EXEC && header->e_type != ET_DYN) return invalid("neither a program nor a shared library");
  ElfFile out{.machine = header->e_machine};
  TRY(std::vector<Elf64_Phdr> segments, program_headers(bytes, *header));
  for (const Elf64_Phdr& segment : segments) {
    if (segment.p_type == PT_INTERP) {
      auto name = string_at(bytes, segment.p_offset);
      if (!name || !name->starts_with('/')) return invalid("the interpreter's name lies outside the file");
      out.interpreter = *name;
    }
    if (segment.p_type == PT_DYNAMIC) CHECK(read_dynamic(bytes, segments, segment, out));
    if (segment.p_type == PT_NOTE) CHECK(read_notes(bytes, segment, out));
  }
  return out;
}

std::multimap<std::string, std::string> parse_library_cache(std::string_view bytes) {
  // glibc's "new" format: magic (20 bytes), count, size of the strings, 20 bytes of other things; then 24-byte entries whose
  // offsets count from the magic. An old-format cache may lie in front of it.
  constexpr std::string_view magic = "glibc-ld.so.cache1.1";
  constexpr size_t header_bytes = 48, entry_bytes = 24;
  std::multimap<std::string, std::string> out;
  size_t start = bytes.find(magic);
  if (start == std::string_view::npos) return out;
  bytes.remove_prefix(start);
  uint32_t count = read_at<uint32_t>(bytes, magic.size()).value_or(0);
  for (uint32_t i = 0; i < count; ++i) {
    uint64_t at = header_bytes + static_cast<uint64_t>(i) * entry_bytes;
    auto key = read_at<uint32_t>(bytes, at + 4), value = read_at<uint32_t>(bytes, at + 8);
    auto name = key ? string_at(bytes, *key) : std::nullopt, path = value ? string_at(bytes, *value) : std::nullopt;
    if (!name || !path) break;
    // Variants for newer processors are for the machine that has them, not for an image.
    if (read_at<uint64_t>(bytes, at + 16).value_or(1) != 0) continue;
    out.emplace(*std::move(name), *std::move(path));
  }
  return out;
}

Result<Library> library_at(const std::string& sysroot, const std::string& path) {
  TRY(std::string source, real_path(sysroot + path));
  if (!source.starts_with(sysroot)) return fail("E_NOT_FOUND", fmt::format("{} leads out of {}", path, sysroot));
  return Library{.found = path, .file = source.substr(sysroot.size()), .source = source};
}

Result<LibraryClosure> library_closure(const std::string& program, const std::string& sysroot, bool with_optional) {
  TRY(ElfFile root, load(program));
  std::string folder;
  if (!sysroot.empty()) {
    TRY(folder, real_path(sysroot));
  }
  Walk walk(program, std::move(root), folder, with_optional);
  return std::move(walk).take();
}

}  // namespace pds::oci
