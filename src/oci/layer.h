// Layers: writing them so that the same files always give the same bytes, and unpacking them so that nothing gets out.
//
// Reproducible: entries sorted bytewise, owner 0:0 with empty names, one modification time, fixed modes, ustar headers (pax only for
// what ustar cannot say), gzip without name and time, OS byte 255, and deflate by the zlib in this binary at one level.
//
// Unpacking trusts nothing: absolute paths and ".." are refused, no component of a path may be a symbolic link (nothing is ever written
// through one), a hard link must name a regular file already inside, devices, fifos and sparse files are refused, and so is a second
// entry of the same name. Counts and sizes are bounded before anything is written. Set-user-id bits are dropped, ownership is ours.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/time.h"
#include "oci/store.h"
#include "oci/tar.h"

namespace pds::oci {

struct LayerEntry {
  enum class Kind { directory, file, symlink };
  Kind kind = Kind::file;
  std::string path;          // inside the image, absolute: "/etc/passwd"
  int mode = 0644;
  std::string content;       // of a file, unless source is given
  std::string source;        // a file on this machine whose content is taken
  std::string target;        // of a symlink
};

struct Layer {
  Descriptor descriptor;     // the gzip
  Digest diff_id;            // the tar
  uint64_t tar_bytes = 0;
};

// Missing parent directories are added (0755). Two entries with one path: E_LAYER_INVALID.
Result<Layer> write_layer(Store& store, std::vector<LayerEntry> entries, Timestamp modified);

struct UnpackLimits {
  uint64_t bytes_max = 10ull << 30;        // all files of the image
  size_t entries_max = 500'000;
  uint64_t expansion_max = 200;            // uncompressed : compressed, beyond the first 16 MiB
};

// What has been used up so far, over all layers of an image.
struct UnpackUsage {
  uint64_t bytes = 0;
  size_t entries = 0;
};

// Applies one layer (whiteouts included) to `root`. The blob is checked against its digest before and against diff_id after; on any error
// the content of `root` is unspecified and to be thrown away. Blocking.
Result<void> apply_layer(const Store& store, const Descriptor& layer, const Digest& diff_id, const std::string& root, const UnpackLimits& limits,
                         UnpackUsage& usage);

// Calls `visit` for every entry of a layer in order, without touching the file system: for SBOMs and listings.
Result<void> visit_layer(const Store& store, const Descriptor& layer, const UnpackLimits& limits,
                         const std::function<Result<void>(const TarEntry&, TarReader&)>& visit);

}  // namespace pds::oci
