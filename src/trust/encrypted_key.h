// Private keys as cosign keeps them: PEM around JSON around a PKCS#8 key, under a password (scrypt, then XSalsa20-Poly1305).
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace pds::trust {

inline constexpr size_t scrypt_memory_bytes_max = 256u << 20;  // cosign's own parameters take 32 or 64 MiB

// "ENCRYPTED SIGSTORE PRIVATE KEY", and "ENCRYPTED COSIGN PRIVATE KEY" of older versions.
bool is_encrypted_key(std::string_view pem);
// The key as PKCS#8 PEM. Takes a second on purpose. E_KEY_INVALID: not of this form, or with parameters that nobody should be made
// to compute; E_KEY_PASSWORD: another password, or a changed file.
Result<std::string> open_encrypted_key(std::string_view pem, std::string_view password);

}  // namespace pds::trust
