// The files of --config-path, which /configs shows: how Kubernetes mounts a ConfigMap or a Secret.
#pragma once

#include "podinfo/app.h"

namespace pds::podinfo {

inline constexpr size_t config_files_max = 256;           // further ones, in the order of their names, are left out
inline constexpr size_t shown_file_bytes_max = 1u << 20;  // larger ones are left out: a ConfigMap holds no more

// Each entry that is no folder and whose name has no ".."; links are followed. Blocking. Errors: those of listing the folder.
Result<ConfigFiles> read_config_files(const std::string& path);

// Keeps the app's files as those of the folder, for ever; has read them before it first waits. A folder that cannot be watched is
// read once.
io::Task<void> follow_config_files(App& app);

}  // namespace pds::podinfo
