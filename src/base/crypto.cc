#include "base/crypto.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/random.h>

#include <cerrno>
#include <cstring>

#include "base/check.h"
#include "base/text.h"

namespace pds {
namespace {

const unsigned char* raw(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// Fetched once: EVP_sha256() alone makes OpenSSL 3 look the algorithm up again for every digest.
const EVP_MD* fetched(const char* name) { return EVP_MD_fetch(nullptr, name, nullptr); }

std::string digest(const EVP_MD* md, std::string_view bytes) {
  std::string out(static_cast<size_t>(EVP_MD_get_size(md)), '\0');
  thread_local std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  ASSERT(EVP_DigestInit_ex2(context.get(), md, nullptr) == 1);
  ASSERT(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1);
  ASSERT(EVP_DigestFinal_ex(context.get(), raw(out), nullptr) == 1);
  return out;
}

const EVP_MD* sha256_md() {
  static const EVP_MD* md = fetched("SHA256");
  return md;
}

const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  return cipher;
}

EVP_PKEY* pkey(void* key) { return static_cast<EVP_PKEY*>(key); }

std::string take_bio(BIO* bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio, &data);
  std::string out(data, static_cast<size_t>(size));
  BIO_free(bio);
  return out;
}

Result<void*> checked_p256(EVP_PKEY* key) {
  char group[32] = {};
  size_t length = 0;
  if (key && EVP_PKEY_get_group_name(key, group, sizeof group, &length) == 1 && std::strcmp(group, "prime256v1") == 0) return key;
  EVP_PKEY_free(key);
  ERR_clear_error();
  return fail("InvalidKey", "not an ECDSA P-256 key");
}

}  // namespace

std::string sha256(std::string_view bytes) { return digest(sha256_md(), bytes); }
std::string sha1(std::string_view bytes) {
  static const EVP_MD* md = fetched("SHA1");
  return digest(md, bytes);
}
std::string md5(std::string_view bytes) {
  static const EVP_MD* md = fetched("MD5");
  return digest(md, bytes);
}
std::string sha256_hex(std::string_view bytes) { return to_hex(sha256(bytes)); }

std::string hmac_sha256(std::string_view key, std::string_view message) {
  // By hand on the fetched digest: the HMAC object of OpenSSL 3 costs three times the two hashes.
  char block[64] = {};
  if (key.size() > sizeof block) {
    std::string hashed = sha256(key);
    std::memcpy(block, hashed.data(), hashed.size());
  } else {
    std::memcpy(block, key.data(), key.size());
  }
  char inner_pad[64], outer_pad[64];
  for (size_t i = 0; i < sizeof block; ++i) {
    inner_pad[i] = static_cast<char>(block[i] ^ 0x36);
    outer_pad[i] = static_cast<char>(block[i] ^ 0x5c);
  }
  thread_local std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context{EVP_MD_CTX_new(), EVP_MD_CTX_free};
  std::string out(32, '\0');
  ASSERT(EVP_DigestInit_ex2(context.get(), sha256_md(), nullptr) == 1);
  EVP_DigestUpdate(context.get(), inner_pad, sizeof inner_pad);
  EVP_DigestUpdate(context.get(), message.data(), message.size());
  EVP_DigestFinal_ex(context.get(), raw(out), nullptr);
  ASSERT(EVP_DigestInit_ex2(context.get(), sha256_md(), nullptr) == 1);
  EVP_DigestUpdate(context.get(), outer_pad, sizeof outer_pad);
  EVP_DigestUpdate(context.get(), out.data(), out.size());
  EVP_DigestFinal_ex(context.get(), raw(out), nullptr);
  return out;
}

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~State() { EVP_MD_CTX_free(context); }
};

Sha256::Sha256() : state_(std::make_unique<State>()) { ASSERT(EVP_DigestInit_ex2(state_->context, sha256_md(), nullptr) == 1); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
void Sha256::update(std::string_view bytes) { EVP_DigestUpdate(state_->context, bytes.data(), bytes.size()); }
std::string Sha256::finish() {
  std::string out(32, '\0');
  EVP_DigestFinal_ex(state_->context, raw(out), nullptr);
  return out;
}

constexpr size_t nonce_bytes = 12, tag_bytes = 16;

std::string seal(std::string_view key, std::string_view nonce, std::string_view plaintext, std::string_view associated) {
  ASSERT(key.size() == 32 && nonce.size() == nonce_bytes);
  std::string out(nonce);
  out.resize(nonce_bytes + plaintext.size() + tag_bytes);
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  int length = 0;
  ASSERT(EVP_EncryptInit_ex2(context, aes_256_gcm(), raw(key), raw(nonce), nullptr) == 1);
  EVP_EncryptUpdate(context, nullptr, &length, raw(associated), static_cast<int>(associated.size()));
  EVP_EncryptUpdate(context, raw(out) + nonce_bytes, &length, raw(plaintext), static_cast<int>(plaintext.size()));
  EVP_EncryptFinal_ex(context, raw(out) + nonce_bytes + length, &length);
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, tag_bytes, raw(out) + nonce_bytes + plaintext.size());
  EVP_CIPHER_CTX_free(context);
  return out;
}

Result<std::string> open_sealed(std::string_view key, std::string_view sealed, std::string_view associated) {
  if (sealed.size() < nonce_bytes + tag_bytes || key.size() != 32) return fail("InvalidCiphertextException", "the ciphertext is invalid");
  size_t size = sealed.size() - nonce_bytes - tag_bytes;
  std::string out(size, '\0');
  std::string tag(sealed.substr(nonce_bytes + size));
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  int length = 0;
  EVP_DecryptInit_ex2(context, aes_256_gcm(), raw(key), raw(sealed), nullptr);
  EVP_DecryptUpdate(context, nullptr, &length, raw(associated), static_cast<int>(associated.size()));
  EVP_DecryptUpdate(context, raw(out), &length, raw(sealed.substr(nonce_bytes)), static_cast<int>(size));
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data());
  bool authentic = EVP_DecryptFinal_ex(context, raw(out) + length, &length) == 1;
  EVP_CIPHER_CTX_free(context);
  if (!authentic) return fail("InvalidCiphertextException", "the ciphertext is invalid");
  return out;
}

EcKey EcKey::generate() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  ASSERT(key != nullptr);
  return EcKey(key);
}

Result<EcKey> EcKey::from_private_pem(std::string_view pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio, nullptr, [](char*, int, int, void*) { return 0; }, nullptr);
  BIO_free(bio);
  TRY(void* checked, checked_p256(key));
  return EcKey(checked);
}

Result<EcKey> EcKey::from_public_pem(std::string_view pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* key = PEM_read_bio_PUBKEY(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  TRY(void* checked, checked_p256(key));
  return EcKey(checked);
}

Result<EcKey> EcKey::from_public_der(std::string_view der) {
  const unsigned char* data = raw(der);
  TRY(void* checked, checked_p256(d2i_PUBKEY(nullptr, &data, static_cast<long>(der.size()))));
  return EcKey(checked);
}

EcKey::~EcKey() { EVP_PKEY_free(pkey(key_)); }
EcKey::EcKey(EcKey&& other) noexcept : key_(std::exchange(other.key_, nullptr)) {}
EcKey& EcKey::operator=(EcKey&& other) noexcept {
  std::swap(key_, other.key_);
  return *this;
}

std::string EcKey::private_pem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PKCS8PrivateKey(bio, pkey(key_), nullptr, nullptr, 0, nullptr, nullptr);
  return take_bio(bio);
}

std::string EcKey::public_pem() const {
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(bio, pkey(key_));
  return take_bio(bio);
}

std::string EcKey::public_der() const {
  unsigned char* data = nullptr;
  int size = i2d_PUBKEY(pkey(key_), &data);
  std::string out(reinterpret_cast<char*>(data), static_cast<size_t>(size));
  OPENSSL_free(data);
  return out;
}

Result<std::string> EcKey::sign(std::string_view message) const { return sign_digest(sha256(message)); }

Result<std::string> EcKey::sign_digest(std::string_view digest32) const {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(pkey(key_), nullptr);
  size_t size = 0;
  std::string out;
  bool ok = EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_CTX_set_signature_md(context, sha256_md()) == 1 &&
            EVP_PKEY_sign(context, nullptr, &size, raw(digest32), digest32.size()) == 1;
  if (ok) {
    out.resize(size);
    ok = EVP_PKEY_sign(context, raw(out), &size, raw(digest32), digest32.size()) == 1;
    out.resize(size);
  }
  EVP_PKEY_CTX_free(context);
  ERR_clear_error();
  if (!ok) return fail("InvalidKey", "this key cannot sign");
  return out;
}

bool EcKey::verify(std::string_view message, std::string_view signature_der) const {
  return verify_digest(sha256(message), signature_der);
}

bool EcKey::verify_digest(std::string_view digest32, std::string_view signature_der) const {
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(pkey(key_), nullptr);
  bool ok = EVP_PKEY_verify_init(context) == 1 && EVP_PKEY_CTX_set_signature_md(context, sha256_md()) == 1 &&
            EVP_PKEY_verify(context, raw(signature_der), signature_der.size(), raw(digest32), digest32.size()) == 1;
  EVP_PKEY_CTX_free(context);
  ERR_clear_error();
  return ok;
}

std::string Random::bytes(size_t size) {
  std::string out(size, '\0');
  fill(out.data(), size);
  return out;
}

uint64_t Random::below(uint64_t bound) {
  ASSERT(bound > 0);
  // Values past the last whole multiple of bound are drawn again, so that none is likelier than another.
  uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  uint64_t value = 0;
  do fill(reinterpret_cast<char*>(&value), sizeof value);
  while (value >= limit);
  return value % bound;
}

std::string Random::text(size_t length, std::string_view alphabet) {
  std::string out(length, '\0');
  for (char& c : out) c = alphabet[below(alphabet.size())];
  return out;
}

std::string Random::uuid() {
  std::string b = bytes(16);
  b[6] = static_cast<char>((b[6] & 0x0f) | 0x40);
  b[8] = static_cast<char>((b[8] & 0x3f) | 0x80);
  std::string uuid = to_hex(b);
  uuid.reserve(36);
  for (size_t at : {8, 13, 18, 23}) uuid.insert(at, 1, '-');
  return uuid;
}

namespace {
// The kernel's generator: OpenSSL's takes two milliseconds to begin, which a program that starts to answer one request cannot spare.
void draw(char* out, size_t size) {
  while (size > 0) {
    ssize_t got = getrandom(out, size, 0);
    if (got < 0 && errno == EINTR) continue;
    ASSERT(got > 0);
    out += got, size -= static_cast<size_t>(got);
  }
}
}  // namespace

SystemRandom::~SystemRandom() { OPENSSL_cleanse(pool_, sizeof pool_); }

void SystemRandom::fill(char* out, size_t size) {
  if (size > pool_bytes / 8) return draw(out, size);
  if (left_ < size) {
    draw(pool_, pool_bytes);
    left_ = pool_bytes;
  }
  // What was given out is forgotten at once: it may be a key.
  left_ -= size;
  std::memcpy(out, pool_ + left_, size);
  OPENSSL_cleanse(pool_ + left_, size);
}

void SeededRandom::fill(char* out, size_t size) {
  for (size_t i = 0; i < size; ++i) {
    // SplitMix64, one step per byte: speed does not matter here.
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    out[i] = static_cast<char>(z >> 56);
  }
}

}  // namespace pds
