// Gzip and zstd as streams. Written gzip is the same for the same bytes; read streams are bounded by whoever reads them.
#pragma once

#include <memory>

#include "oci/tar.h"

namespace pds::oci {

// Deflate level 6, no name, no time, OS byte 255 ("unknown").
class GzipWriter {
 public:
  explicit GzipWriter(ByteSink sink);
  ~GzipWriter();
  Result<void> write(std::string_view bytes);
  Result<void> finish();

 private:
  Result<void> run(std::string_view bytes, int flush);
  struct State;
  std::unique_ptr<State> state_;
};

enum class Compression { none, gzip, zstd };

// The plain bytes of a compressed source. E_LAYER_INVALID when the stream is malformed, cut short, or followed by something else.
ByteSource decompressed(Compression compression, ByteSource source);

}  // namespace pds::oci
