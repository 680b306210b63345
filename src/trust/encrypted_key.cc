#include "trust/encrypted_key.h"

#include <fmt/core.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sodium/crypto_secretbox.h>

#include <array>

#include "base/json.h"
#include "base/text.h"
#include "trust/key.h"

namespace pds::trust {
namespace {

constexpr size_t salt_bytes_max = 1024;

std::unexpected<Error> bad(std::string_view what) {
  return fail("E_KEY_INVALID", fmt::format("not a key as cosign writes it: {}", what));
}

// What stands between the lines of either name; nothing when there are none.
std::string_view armoured(std::string_view pem) {
  for (std::string_view name : {"ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"}) {
    std::string begin = fmt::format("-----BEGIN {}-----", name), end = fmt::format("-----END {}-----", name);
    size_t from = pem.find(begin), to = pem.find(end);
    if (from == std::string_view::npos || to == std::string_view::npos || to < from + begin.size()) continue;
    return pem.substr(from + begin.size(), to - from - begin.size());
  }
  return {};
}

Result<std::string> base64_of(const json::object& object, const char* name) {
  auto bytes = from_base64(get_string(object, name));
  if (!bytes || bytes->empty()) return bad(fmt::format("{} is not base64", name));
  return *std::move(bytes);
}

struct Box {
  int64_t n = 0, r = 0, p = 0;
  std::string salt, nonce, ciphertext;
};

Result<const json::object*> member(const json::object& object, const char* name) {
  const json::value* value = object.if_contains(name);
  if (!value || !value->is_object()) return bad(fmt::format("{} is missing", name));
  return &value->get_object();
}

Result<Box> read_box(std::string_view pem) {
  std::string packed;
  for (char c : armoured(pem))
    if (c != '\n' && c != '\r' && c != ' ' && c != '\t') packed += c;
  auto text = from_base64(packed);
  Result<json::value> document = text ? parse_json(*text) : Result<json::value>(bad("the PEM's text is not base64"));
  if (!document || !document->is_object()) return bad("there is no JSON object in it");
  const json::object& root = document->get_object();
  TRY(const json::object* kdf, member(root, "kdf"));
  TRY(const json::object* parameters, member(*kdf, "params"));
  TRY(const json::object* cipher, member(root, "cipher"));
  if (get_string(*kdf, "name") != "scrypt" || get_string(*cipher, "name") != "nacl/secretbox")
    return bad("only scrypt with nacl/secretbox is known");
  Box box{.n = get_int(*parameters, "N"), .r = get_int(*parameters, "r"), .p = get_int(*parameters, "p")};
  TRY(box.salt, base64_of(*kdf, "salt"));
  TRY(box.nonce, base64_of(*cipher, "nonce"));
  TRY(box.ciphertext, base64_of(root, "ciphertext"));
  constexpr int64_t p_max = 16;
  int64_t room = static_cast<int64_t>(scrypt_memory_bytes_max) / 128;
  bool bounded = box.n > 1 && (box.n & (box.n - 1)) == 0 && box.r > 0 && box.p > 0 && box.p <= p_max && box.r <= room / box.n;
  if (!bounded || box.salt.size() > salt_bytes_max) return bad("its scrypt parameters are invalid, or would take too much memory");
  if (box.nonce.size() != crypto_secretbox_NONCEBYTES) return bad("its nonce has another length than 24 bytes");
  if (box.ciphertext.size() <= crypto_secretbox_MACBYTES) return bad("its ciphertext is too short");
  return box;
}

const unsigned char* bytes_of(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string pkcs8_pem(std::string_view der) {
  constexpr size_t line = 64;
  std::string text = to_base64(der), pem = "-----BEGIN PRIVATE KEY-----\n";
  for (size_t at = 0; at < text.size(); at += line) pem += text.substr(at, line) + "\n";
  OPENSSL_cleanse(text.data(), text.size());
  return pem + "-----END PRIVATE KEY-----\n";
}

}  // namespace

bool is_encrypted_key(std::string_view pem) { return !armoured(pem).empty(); }

Result<std::string> open_encrypted_key(std::string_view pem, std::string_view password) {
  if (pem.size() > key_file_bytes_max) return bad("it is larger than any key");
  TRY(Box box, read_box(pem));
  std::array<unsigned char, crypto_secretbox_KEYBYTES> key;
  // OpenSSL counts a little more than the table itself.
  int derived = EVP_PBE_scrypt(password.data(), password.size(), bytes_of(box.salt), box.salt.size(), static_cast<uint64_t>(box.n),
                               static_cast<uint64_t>(box.r), static_cast<uint64_t>(box.p), 2 * scrypt_memory_bytes_max, key.data(),
                               key.size());
  if (derived != 1) return bad("its scrypt parameters are invalid");
  std::string plain(box.ciphertext.size() - crypto_secretbox_MACBYTES, '\0');
  int opened = crypto_secretbox_open_easy(reinterpret_cast<unsigned char*>(plain.data()), bytes_of(box.ciphertext),
                                          box.ciphertext.size(), bytes_of(box.nonce), key.data());
  OPENSSL_cleanse(key.data(), key.size());
  if (opened != 0) return fail("E_KEY_PASSWORD", "the password does not open this key, or the file was changed");
  std::string result = pkcs8_pem(plain);
  OPENSSL_cleanse(plain.data(), plain.size());
  return result;
}

}  // namespace pds::trust
