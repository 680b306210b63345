// From an image in a store to a read-only root directory, once per digest.
#pragma once

#include <string>

#include "oci/layer.h"
#include "oci/store.h"

namespace pds::oci {

// An unpacked image: `root` is complete and never written to again; several sandboxes may share it.
struct RootFilesystem {
  std::string root;        // <cache>/<manifest hex>/rootfs
  Digest digest;           // of the manifest
  ImageConfig config;
};

// Unpacks the layers into <cache_directory>/<hex>/rootfs, or finds them there. Every layer's digest and diff_id are checked; the
// directory appears by rename when all is done, so a crash leaves only something that the next call removes. Blocking.
// Errors: E_LAYER_UNSAFE, E_LAYER_INVALID, E_DIGEST_MISMATCH, E_TOO_LARGE, E_DISK_FULL, E_IMAGE_UNSUPPORTED (an index, another platform).
Result<RootFilesystem> unpack_image(const Store& store, const Digest& manifest, const std::string& cache_directory,
                                    const UnpackLimits& limits = {});

}  // namespace pds::oci
