// Keys: ECDSA P-256. The private half signs digests, wherever it lives; the public half is what a policy trusts.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/result.h"

namespace pds::trust {

inline constexpr size_t key_file_bytes_max = 64u << 10;
inline constexpr size_t signature_bytes_max = 256;    // a DER signature on P-256 has at most 72

// Signs 32 bytes (a SHA-256) and gives back ASN.1 DER. A key in a file, or KMS.
using SignDigest = std::function<Result<std::string>(std::string_view digest32)>;

struct Signer {
  std::string public_der;      // SubjectPublicKeyInfo: where the hint in a bundle comes from
  SignDigest sign;
};
Result<Signer> file_signer(std::string_view private_pem);   // the text of a PKCS#8 PEM; E_KEY_INVALID

class TrustedKey {
 public:
  // SubjectPublicKeyInfo, PEM. `name` is for verdicts: a file name or a KMS alias. E_KEY_INVALID.
  static Result<TrustedKey> from_pem(std::string name, std::string_view pem);
  const std::string& name() const { return name_; }
  const std::string& hint() const { return hint_; }
  bool verify(std::string_view message, std::string_view signature_der) const { return key_.verify(message, signature_der); }

 private:
  TrustedKey(std::string name, std::string hint, EcKey key) : name_(std::move(name)), hint_(std::move(hint)), key_(std::move(key)) {}
  std::string name_, hint_;
  EcKey key_;
};

// base64(SHA-256(SubjectPublicKeyInfo)), as Sigstore bundles name a key.
std::string key_hint(std::string_view public_der);

}  // namespace pds::trust
