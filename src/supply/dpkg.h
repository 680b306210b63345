// The packages installed on this machine, from dpkg's own files: status, info/*.list, info/*.md5sums, and each package's copyright file.
#pragma once

#include <memory>
#include <string>

#include "trust/package.h"

namespace pds::supply {

// `root` is "/" or, in tests, a directory that looks like it. Reads the file lists once; nothing is executed. E_NOT_FOUND without dpkg.
Result<std::unique_ptr<trust::PackageReader>> open_dpkg(const std::string& root = "/");

}  // namespace pds::supply
