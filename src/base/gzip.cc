#include "base/gzip.h"

#include <fmt/core.h>
#include <zlib.h>

#include <array>

#include "base/check.h"

namespace pds {

Result<std::string> inflate_gzip(std::string_view compressed, size_t bytes_max) {
  constexpr int gzip_only = 15 + 16;
  z_stream stream{};
  ASSERT(inflateInit2(&stream, gzip_only) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string out;
  std::array<char, 16384> piece;
  int state = Z_OK;
  while (state == Z_OK && out.size() <= bytes_max) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = piece.size();
    state = inflate(&stream, Z_NO_FLUSH);
    out.append(piece.data(), piece.size() - stream.avail_out);
  }
  bool whole = state == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (out.size() > bytes_max)
    return fail("E_TOO_LARGE", fmt::format("the body is over {} bytes when decompressed", bytes_max), 413);
  if (!whole) return fail("E_BAD_MESSAGE", "the body is not gzip, though Content-Encoding says so");
  return out;
}

std::string deflate_gzip(std::string_view bytes) {
  constexpr int gzip = 15 + 16;
  z_stream stream{};
  ASSERT(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, bytes.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  ASSERT(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

}  // namespace pds
