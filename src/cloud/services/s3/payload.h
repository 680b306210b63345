// An object's bytes as they arrive: plain with a digest in the head, or aws-chunked with a signature per chunk and a trailer. Whatever
// was promised about them is checked; an object that breaks a promise never becomes visible.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "aws/sigv4.h"
#include "base/crypto.h"
#include "cloud/services/s3/checksum.h"
#include "http/service.h"

namespace pds::cloud::s3 {

inline constexpr uint64_t object_bytes_max = 5ull << 30;      // of one PUT, as AWS has it
inline constexpr size_t chunk_header_bytes_max = 512;
inline constexpr size_t trailer_bytes_max = 4096;

// aws-chunked framing, fed in any pieces:  <hex size>[;chunk-signature=<64 hex>]\r\n<bytes>\r\n ... 0...\r\n[trailers]\r\n
class ChunkDecoder {
 public:
  // Empty `secret` for unsigned chunks. `claim` gives date, scope and the seed signature.
  ChunkDecoder(const aws::Claim* claim, std::string secret_access_key, std::string amz_date, bool has_trailer);

  // Decodes what can be decoded; each run of content goes to `sink`. Errors: SignatureDoesNotMatch, IncompleteBody, InvalidRequest.
  Result<void> feed(std::string_view bytes, const std::function<Result<void>(std::string_view)>& sink);
  Result<void> finish();                                      // the last chunk and the trailer have been seen
  const http::Headers& trailers() const { return trailers_; }

 private:
  enum class State { header, content, content_end, trailer, done };
  Result<void> header_line(std::string_view line);
  Result<void> end_of_chunk();
  Result<void> trailer_line(std::string_view line);

  bool signed_ = false, has_trailer_ = false;
  std::string signing_key_, prefix_, previous_signature_, wanted_signature_;
  State state_ = State::header;
  std::string line_;
  uint64_t left_ = 0;
  bool last_ = false;
  Sha256 chunk_digest_;
  std::string signed_trailer_;
  http::Headers trailers_;
};

struct PayloadFacts {
  uint64_t size = 0;
  std::string md5_hex;
  // The checksum that was promised and holds: header name (lower case) and value; empty when none was.
  std::string checksum_header, checksum_value;
};

// Reads the whole body into `sink`. Errors: BadDigest, InvalidDigest, XAmzContentSHA256Mismatch, IncompleteBody, EntityTooLarge,
// SignatureDoesNotMatch, MissingContentLength.
io::Task<Result<PayloadFacts>> receive_payload(http::ServerRequest& request, const aws::Claim* claim, const std::string& secret_access_key,
                                               uint64_t bytes_max, std::function<Result<void>(std::string_view)> sink);

}  // namespace pds::cloud::s3
