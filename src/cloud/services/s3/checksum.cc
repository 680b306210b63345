#include "cloud/services/s3/checksum.h"

#include <openssl/evp.h>
#include <zlib.h>

#include <array>
#include <cstdint>

#include "base/text.h"

namespace pds::cloud::s3 {
namespace {

template <class Integer>
std::string big_endian(Integer value) {
  std::string out(sizeof value, '\0');
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<char>(value >> (8 * (out.size() - 1 - i)) & 255);
  return out;
}

class Crc32 final : public Checksum {
 public:
  void update(std::string_view bytes) override { value_ = ::crc32(value_, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())); }
  std::string base64() override { return to_base64(big_endian(static_cast<uint32_t>(value_))); }

 private:
  uLong value_ = ::crc32(0, nullptr, 0);
};

// A reflected CRC over a table made from its polynomial.
template <class Word, Word polynomial>
class ReflectedCrc final : public Checksum {
 public:
  void update(std::string_view bytes) override {
    static const std::array<Word, 256> table = make_table();
    for (char c : bytes) value_ = table[(value_ ^ static_cast<unsigned char>(c)) & 255] ^ (value_ >> 8);
  }
  std::string base64() override { return to_base64(big_endian(static_cast<Word>(~value_))); }

 private:
  static std::array<Word, 256> make_table() {
    std::array<Word, 256> table{};
    for (size_t i = 0; i < 256; ++i) {
      Word entry = i;
      for (int bit = 0; bit < 8; ++bit) entry = entry & 1 ? (entry >> 1) ^ polynomial : entry >> 1;
      table[i] = entry;
    }
    return table;
  }
  Word value_ = ~Word{0};
};

class Digest final : public Checksum {
 public:
  explicit Digest(const EVP_MD* algorithm) { EVP_DigestInit_ex(context_, algorithm, nullptr); }
  ~Digest() override { EVP_MD_CTX_free(context_); }
  void update(std::string_view bytes) override { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }
  std::string base64() override {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(context_, out, &size);
    return to_base64({reinterpret_cast<char*>(out), size});
  }

 private:
  EVP_MD_CTX* context_ = EVP_MD_CTX_new();
};

}  // namespace

std::unique_ptr<Checksum> Checksum::for_header(std::string_view header_name) {
  if (iequals(header_name, "x-amz-checksum-crc32")) return std::make_unique<Crc32>();
  if (iequals(header_name, "x-amz-checksum-crc32c")) return std::make_unique<ReflectedCrc<uint32_t, 0x82F63B78u>>();
  if (iequals(header_name, "x-amz-checksum-crc64nvme")) return std::make_unique<ReflectedCrc<uint64_t, 0x9A6C9329AC4BC9B5ull>>();
  if (iequals(header_name, "x-amz-checksum-sha1")) return std::make_unique<Digest>(EVP_sha1());
  if (iequals(header_name, "x-amz-checksum-sha256")) return std::make_unique<Digest>(EVP_sha256());
  return nullptr;
}

}  // namespace pds::cloud::s3
