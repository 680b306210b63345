// Signing keys in files: PKCS#8 PEM, mode 0600, beside <name>.pub.
#pragma once

#include <string>

#include "trust/key.h"

namespace pds::supply {

// Makes <path> (0600) and <path>.pub (0644) unless <path> exists already. Blocking.
Result<void> ensure_key_file(const std::string& path);
// E_KEY_INVALID; E_KEY_PERMISSIONS when others than the owner may read it.
Result<trust::Signer> load_signer(const std::string& path);
Result<trust::TrustedKey> load_trusted_key(const std::string& path);

}  // namespace pds::supply
