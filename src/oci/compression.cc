#include "oci/compression.h"

#include <fmt/core.h>
#include <zlib.h>
#include <zstd.h>

#include "base/check.h"

namespace pds::oci {
namespace {

constexpr size_t buffer_bytes = 64 * 1024;
constexpr int gzip_window = 15 + 16;  // zlib's way of asking for a gzip wrapper

class GzipReader {
 public:
  explicit GzipReader(ByteSource source) : source_(std::move(source)) { ASSERT(inflateInit2(&stream_, gzip_window) == Z_OK); }
  ~GzipReader() { inflateEnd(&stream_); }
  GzipReader(const GzipReader&) = delete;

  Result<size_t> read(std::span<char> into) {
    while (!ended_) {
      if (stream_.avail_in == 0) CHECK(fill());
      stream_.next_out = reinterpret_cast<Bytef*>(into.data());
      stream_.avail_out = static_cast<uInt>(into.size());
      int status = inflate(&stream_, Z_NO_FLUSH);
      size_t made = into.size() - stream_.avail_out;
      if (status == Z_STREAM_END)
        CHECK(next_member());
      else if (status != Z_OK && status != Z_BUF_ERROR)
        return fail("E_LAYER_INVALID", "gzip: the stream is damaged");
      if (made > 0) return made;
    }
    return size_t{0};
  }

 private:
  Result<void> fill() {
    TRY(size_t got, source_(buffer_));
    if (got == 0) return fail("E_LAYER_INVALID", "gzip: the stream is cut short");
    stream_.next_in = reinterpret_cast<Bytef*>(buffer_);
    stream_.avail_in = static_cast<uInt>(got);
    return {};
  }
  // A gzip file may have several members (pigz and stargz write such).
  Result<void> next_member() {
    if (stream_.avail_in == 0) {
      TRY(size_t got, source_(buffer_));
      ended_ = got == 0;
      stream_.next_in = reinterpret_cast<Bytef*>(buffer_);
      stream_.avail_in = static_cast<uInt>(got);
    }
    if (!ended_) ASSERT(inflateReset(&stream_) == Z_OK);
    return {};
  }

  ByteSource source_;
  z_stream stream_{};
  bool ended_ = false;
  char buffer_[buffer_bytes];
};

class ZstdReader {
 public:
  explicit ZstdReader(ByteSource source) : source_(std::move(source)), context_(ZSTD_createDCtx()) {
    ASSERT(context_ != nullptr);
    // A frame may ask for a window of gigabytes; 8 MiB is what zstd itself accepts without being told to.
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, 23);
  }
  ~ZstdReader() { ZSTD_freeDCtx(context_); }
  ZstdReader(const ZstdReader&) = delete;

  Result<size_t> read(std::span<char> into) {
    ZSTD_outBuffer out{into.data(), into.size(), 0};
    while (out.pos == 0) {
      // Output may still be waiting inside after the input has been eaten.
      if (input_.pos == input_.size && !more_inside_) {
        TRY(size_t got, source_(buffer_));
        if (got == 0) return between_frames_ ? Result<size_t>(0) : fail("E_LAYER_INVALID", "zstd: the stream is cut short");
        input_ = {buffer_, got, 0};
      }
      size_t status = ZSTD_decompressStream(context_, &out, &input_);
      if (ZSTD_isError(status)) return fail("E_LAYER_INVALID", fmt::format("zstd: {}", ZSTD_getErrorName(status)));
      between_frames_ = status == 0;
      more_inside_ = !between_frames_ && out.pos == out.size;
    }
    return out.pos;
  }

 private:
  ByteSource source_;
  ZSTD_DCtx* context_;
  ZSTD_inBuffer input_{nullptr, 0, 0};
  bool between_frames_ = false;
  bool more_inside_ = false;
  char buffer_[buffer_bytes];
};

}  // namespace

struct GzipWriter::State {
  ByteSink sink;
  z_stream stream{};
  gz_header header{};
  char buffer[buffer_bytes];
  ~State() { deflateEnd(&stream); }
};

GzipWriter::GzipWriter(ByteSink sink) : state_(std::make_unique<State>()) {
  state_->sink = std::move(sink);
  ASSERT(deflateInit2(&state_->stream, 6, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  state_->header.os = 255;  // time 0, no name
  ASSERT(deflateSetHeader(&state_->stream, &state_->header) == Z_OK);
}
GzipWriter::~GzipWriter() = default;

Result<void> GzipWriter::run(std::string_view bytes, int flush) {
  z_stream& stream = state_->stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  int status = Z_OK;
  do {
    stream.next_out = reinterpret_cast<Bytef*>(state_->buffer);
    stream.avail_out = buffer_bytes;
    status = deflate(&stream, flush);
    ASSERT(status != Z_STREAM_ERROR);
    if (size_t made = buffer_bytes - stream.avail_out; made > 0) CHECK(state_->sink(std::string_view(state_->buffer, made)));
  } while (stream.avail_out == 0);
  ASSERT(flush != Z_FINISH || status == Z_STREAM_END);
  return {};
}

Result<void> GzipWriter::write(std::string_view bytes) {
  // zlib counts in 32 bits.
  constexpr size_t piece_max = 1u << 30;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece_max, bytes.size()))) CHECK(run(bytes.substr(0, piece_max), Z_NO_FLUSH));
  return {};
}

Result<void> GzipWriter::finish() { return run({}, Z_FINISH); }

ByteSource decompressed(Compression compression, ByteSource source) {
  if (compression == Compression::none) return source;
  if (compression == Compression::gzip) {
    auto reader = std::make_shared<GzipReader>(std::move(source));
    return [reader](std::span<char> into) { return reader->read(into); };
  }
  auto reader = std::make_shared<ZstdReader>(std::move(source));
  return [reader](std::span<char> into) { return reader->read(into); };
}

}  // namespace pds::oci
