// A layer as a stream of entries, for those who unpack it and those who only look.
#pragma once

#include <functional>

#include "oci/layer.h"

namespace pds::oci {

// Checks the blob, decompresses it within the limits and calls `visit` for every entry. `diff_id`, when given, becomes the digest of the plain
// archive to its very end.
Result<void> stream_layer(const Store& store, const Descriptor& layer, const UnpackLimits& limits, Digest* diff_id,
                          const std::function<Result<void>(const TarEntry&, TarReader&)>& visit);

}  // namespace pds::oci
