// What the fleet installs: an AppSpec, three scripts, the image's digest and the keys that may have signed it. The image itself is pulled
// and verified on the instance.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "oci/reference.h"

namespace pds::deploy {

struct BundleSpec {
  oci::DigestReference image;
  std::vector<std::string> trusted_keys;   // PEM; the fleet verifies for itself
  std::string secret_name;
  int port = 9898;
};

// A tar archive; the same spec always gives the same bytes.
Result<std::string> make_bundle(const BundleSpec& spec);

}  // namespace pds::deploy
