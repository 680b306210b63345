// The checksums that SDKs send with objects: CRC32, CRC32C, CRC64NVME, SHA1, SHA256; each as base64 of its big-endian bytes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace pds::cloud::s3 {

class Checksum {
 public:
  virtual ~Checksum() = default;
  virtual void update(std::string_view bytes) = 0;
  virtual std::string base64() = 0;       // once, at the end
  // "x-amz-checksum-crc32" and so on; null for anything else.
  static std::unique_ptr<Checksum> for_header(std::string_view header_name);
};

}  // namespace pds::cloud::s3
