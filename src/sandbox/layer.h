// The writable layer of an instance: its root directory, and what stands in it before the first boot.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace pds::sandbox {

// Directories of the host that an instance sees, read-only: /usr, /bin, /lib and the like where they are no links into it, and the
// public certificates.
std::vector<std::string> system_directories();

// Fills an empty layer: the usual directories; an /etc made of what programs need to run (loader cache, certificates, services,
// terminals) and of made-up identities. Host names, users, keys and passwords do not get in. A layer that was filled stays as it
// is. `root` is the layer, opened as a directory; links in it are not followed.
Result<void> fill_layer(int root, const std::string& hostname);

}  // namespace pds::sandbox
