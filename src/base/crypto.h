// Digests, authenticated encryption and ECDSA, on OpenSSL. Bytes in, bytes out.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace pds {

std::string sha256(std::string_view bytes);                               // 32 bytes
std::string sha1(std::string_view bytes);                                 // 20 bytes
std::string md5(std::string_view bytes);                                  // 16 bytes; for ETags only
std::string hmac_sha256(std::string_view key, std::string_view message);  // 32 bytes
std::string sha256_hex(std::string_view bytes);

// For content that does not fit in memory.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  std::string finish();   // 32 bytes; the object is then spent

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// AES-256-GCM. The result is nonce (12) || ciphertext || tag (16); `key` is 32 bytes, `nonce` 12 random bytes never used twice.
std::string seal(std::string_view key, std::string_view nonce, std::string_view plaintext, std::string_view associated);
// Wrong key, changed bytes or changed associated data: an error, and nothing about which.
Result<std::string> open_sealed(std::string_view key, std::string_view sealed, std::string_view associated);

// ECDSA on P-256 with SHA-256; signatures are ASN.1 DER, as AWS KMS and cosign have them.
class EcKey {
 public:
  static EcKey generate();
  static Result<EcKey> from_private_pem(std::string_view pem);            // PKCS#8
  static Result<EcKey> from_public_pem(std::string_view pem);             // SubjectPublicKeyInfo
  static Result<EcKey> from_public_der(std::string_view der);
  ~EcKey();
  EcKey(EcKey&&) noexcept;
  EcKey& operator=(EcKey&&) noexcept;

  std::string private_pem() const;
  std::string public_pem() const;
  std::string public_der() const;
  Result<std::string> sign(std::string_view message) const;               // hashes the message itself
  Result<std::string> sign_digest(std::string_view digest32) const;
  bool verify(std::string_view message, std::string_view signature_der) const;
  bool verify_digest(std::string_view digest32, std::string_view signature_der) const;

 private:
  explicit EcKey(void* key) : key_(key) {}
  void* key_ = nullptr;   // EVP_PKEY
};

// Where unpredictable bytes come from; handed in, so that tests can be repeated.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(char* out, size_t size) = 0;
  std::string bytes(size_t size);
  // `length` characters out of `alphabet`, each equally likely.
  std::string text(size_t length, std::string_view alphabet);
  std::string uuid();                                                     // version 4
  uint64_t below(uint64_t bound);                                         // 0 <= x < bound
};

// The system's generator. Small amounts come out of a pool of the object's own, for one thread, because each call of the generator costs
// more than the bytes; a process that forks and goes on must make its own.
class SystemRandom final : public Random {
 public:
  ~SystemRandom() override;
  void fill(char* out, size_t size) override;

 private:
  static constexpr size_t pool_bytes = 1024;
  char pool_[pool_bytes];
  size_t left_ = 0;
};

// The same seed gives the same bytes. For tests and simulations only.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  void fill(char* out, size_t size) override;

 private:
  uint64_t state_;
};

}  // namespace pds
