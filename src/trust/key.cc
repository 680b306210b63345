#include "trust/key.h"

#include <memory>

#include "base/text.h"

namespace pds::trust {

std::string key_hint(std::string_view public_der) { return to_base64(sha256(public_der)); }

Result<Signer> file_signer(std::string_view private_pem) {
  if (private_pem.size() > key_file_bytes_max) return fail("E_KEY_INVALID", "the private key is larger than any key");
  auto parsed = EcKey::from_private_pem(private_pem);
  if (!parsed) return fail("E_KEY_INVALID", "not an unencrypted ECDSA P-256 private key in PKCS#8 PEM");
  auto key = std::make_shared<EcKey>(*std::move(parsed));
  return Signer{.public_der = key->public_der(), .sign = [key](std::string_view digest32) { return key->sign_digest(digest32); }};
}

Result<TrustedKey> TrustedKey::from_pem(std::string name, std::string_view pem) {
  if (pem.size() > key_file_bytes_max) return fail("E_KEY_INVALID", name + ": larger than any key");
  auto key = EcKey::from_public_pem(pem);
  if (!key) return fail("E_KEY_INVALID", name + ": not an ECDSA P-256 public key in PEM (-----BEGIN PUBLIC KEY-----)");
  std::string hint = key_hint(key->public_der());
  return TrustedKey(std::move(name), std::move(hint), *std::move(key));
}

}  // namespace pds::trust
