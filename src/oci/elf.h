// What the dynamic loader will look for: read from the ELF files themselves, without running anything.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "oci/dlopen_notes.h"

namespace pds::oci {

struct ElfFile {
  uint16_t machine = 0;                    // EM_X86_64, EM_AARCH64
  std::string interpreter;                 // "/lib64/ld-linux-x86-64.so.2"; empty for a static program or a library
  std::vector<std::string> needed;         // DT_NEEDED, in order
  std::vector<std::string> run_paths;      // DT_RUNPATH, or DT_RPATH; $ORIGIN not yet replaced
  std::vector<DlopenEntry> loads;          // what it says it loads by hand
  std::string architecture() const;        // in OCI's words: "amd64", "arm64"
};

// The regular file behind a path, all symbolic links followed. E_NOT_FOUND.
Result<std::string> real_path(const std::string& path);

// Of the machine this program was built for, in OCI's words.
std::string host_architecture();

// 64-bit little-endian only. E_ELF_INVALID.
Result<ElfFile> parse_elf(std::string_view bytes);

// The names in a glibc ld.so.cache and the paths they stand for, in order. Unreadable caches are empty.
std::multimap<std::string, std::string> parse_library_cache(std::string_view bytes);

struct Library {
  std::string soname;        // as it was asked for
  std::string found;         // where the loader would find it: "/lib/x86_64-linux-gnu/libz.so.1"
  std::string file;          // the regular file behind it: "/usr/lib/x86_64-linux-gnu/libz.so.1.2.13"
  std::string source;        // that file on this machine, which is another place where there is a sysroot
};

struct LibraryClosure {
  std::string architecture;
  std::string interpreter;               // as the program names it; empty when it is static
  std::vector<Library> libraries;        // every one once, sorted by soname; the interpreter is not among them unless it is needed by name
  std::vector<Library> modules;          // what the program loads from beside itself; sorted as well, and not among the libraries
};

// All libraries that `program` will load: at start, by the loader's rules (run path, ld.so.cache, default directories), and those
// that it or one of them says it loads by hand. Of the latter the program's own are looked for beside it first, and only required ones
// must be there. E_LIBRARY_NOT_FOUND names the library and the file that needs it.
//
// `sysroot`: a folder that looks like the root of the system that the program is for; libraries come from there. "": this machine.
// `with_optional`: also what is loaded by hand and not required.
Result<LibraryClosure> library_closure(const std::string& program, const std::string& sysroot = "", bool with_optional = true);
// A path of that system, all symbolic links followed within the folder. E_NOT_FOUND, also for what leads out of it.
Result<Library> library_at(const std::string& sysroot, const std::string& path);

}  // namespace pds::oci
