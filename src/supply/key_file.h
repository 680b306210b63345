// Signing keys in files: PKCS#8 PEM, mode 0600, beside <name>.pub; or as cosign keeps them, under a password.
#pragma once

#include <optional>
#include <string>

#include "trust/key.h"

namespace pds::supply {

// Makes <path> (0600) and <path>.pub (0644) unless <path> exists already. Blocking.
Result<void> ensure_key_file(const std::string& path);
// E_KEY_INVALID; E_KEY_PERMISSIONS when others than the owner may read it; E_KEY_PASSWORD when it needs another password, or one at
// all.
Result<trust::Signer> load_signer(const std::string& path, const std::optional<std::string>& password = std::nullopt);
Result<trust::TrustedKey> load_trusted_key(const std::string& path);

}  // namespace pds::supply
