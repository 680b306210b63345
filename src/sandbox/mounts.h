// Mounts by descriptor: nothing here resolves a path inside a root that somebody else has filled, except beneath it and without
// links.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "io/files.h"

namespace pds::sandbox {

struct MountOptions {
  bool read_only = false;
  bool executable = true;
  bool devices = false;
  int id_map_of =
      -1;  // a user namespace: ids on disk then mean ids inside it (needs privileges and a filesystem that can; see clone_tree)
};

// A detached copy of the mounts at `path`. nosuid always. When ids cannot be mapped there, without: `ids_mapped` says so.
Result<io::Fd> clone_tree(const std::string& path, const MountOptions& options, bool* ids_mapped = nullptr);
// A detached new filesystem.
Result<io::Fd> new_tmpfs(uint64_t bytes_max, const char* mode);
Result<void> resize_tmpfs(int tree, uint64_t bytes_max);
Result<io::Fd> new_proc();

// Attaches a detached tree on `target`, a descriptor of a directory or file.
Result<void> attach(int tree, int target, std::string_view name);
// The same at a path that we made ourselves.
Result<void> attach_at(int tree, const char* path);

enum class Make : uint8_t { nothing, directory, file };
// Opens `path` (absolute, meaning inside `root`) without following links. With Make, what is absent is made, parents too (0755).
// ENOENT is E_ABSENT.
Result<io::Fd> open_inside(int root, std::string_view path, Make make);

Result<void> set_read_only(int tree);

}  // namespace pds::sandbox
