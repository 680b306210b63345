#include "supply/key_file.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include "io/files.h"
#include "trust/encrypted_key.h"

namespace pds::supply {

Result<void> ensure_key_file(const std::string& path) {
  if (io::exists(path)) return {};
  EcKey key = EcKey::generate();
  // The public half first: a private key without its public half would never be completed.
  CHECK(io::write_file_atomically(path + ".pub", key.public_pem(), 0644));
  return io::write_file_atomically(path, key.private_pem(), 0600);
}

namespace {

Result<std::string> opened(std::string pem, const std::optional<std::string>& password) {
  if (!trust::is_encrypted_key(pem)) return pem;
  if (!password)
    return fail("E_KEY_PASSWORD", "this key is encrypted: give its password in the environment variable COSIGN_PASSWORD");
  return trust::open_encrypted_key(pem, *password);
}

}  // namespace

Result<trust::Signer> load_signer(const std::string& path, const std::optional<std::string>& password) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return fail("E_NOT_FOUND", fmt::format("{}: there is no such key file", path));
  if (status.st_mode & 077) {
    return fail("E_KEY_PERMISSIONS",
                fmt::format("{}: others may read this private key (mode {:04o}): chmod 600 it, and replace the key", path,
                            status.st_mode & 07777));
  }
  TRY(std::string pem, io::read_file(path, trust::key_file_bytes_max));
  auto plain = opened(std::move(pem), password);
  if (!plain) return fail(plain.error().code, path + ": " + plain.error().message);
  auto signer = trust::file_signer(*plain);
  if (!signer) return fail(signer.error().code, path + ": " + signer.error().message);
  return signer;
}

Result<trust::TrustedKey> load_trusted_key(const std::string& path) {
  TRY(std::string pem, io::read_file(path, trust::key_file_bytes_max));
  return trust::TrustedKey::from_pem(path, pem);
}

}  // namespace pds::supply
