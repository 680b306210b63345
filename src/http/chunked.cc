#include "http/chunked.h"

#include <algorithm>

namespace pds::http {
namespace {

// 2^60 bytes: far above any limit, and far from overflow.
constexpr int chunk_size_digits_max = 15;
// Nobody honest sends any; many chunks of one byte, each with a long extension, would make us read far more than the body's limit says.
constexpr size_t extension_bytes_max = 16 * 1024;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void ChunkedDecoder::reset() {
  fields_.reset();
  trailers_.clear();
  line_.clear();
  left_ = 0;
  line_bytes_ = extension_bytes_ = 0;
  state_ = size_first;
  failure_ = {};
}

ChunkedDecoder::Step ChunkedDecoder::feed(std::string_view input) {
  Step step;
  while (step.consumed < input.size() && state_ != finished && state_ != broken) {
    if (state_ == data) {
      size_t count = static_cast<size_t>(std::min<uint64_t>(left_, input.size() - step.consumed));
      step.data = input.substr(step.consumed, count);
      step.consumed += count;
      left_ -= count;
      if (left_ == 0) state_ = data_cr;
      return step;
    }
    if (!take_control_byte(input[step.consumed])) break;
    ++step.consumed;
  }
  if (state_ == finished) step.progress = Progress::done;
  if (state_ == broken) step.progress = Progress::failed;
  return step;
}

// Everything around the data.
bool ChunkedDecoder::take_control_byte(char byte) {
  switch (state_) {
    case size_first:
    case size:
      if (int digit = hex_digit(byte); digit >= 0) {
        if (++line_bytes_ > chunk_size_digits_max) return refuse(400, "a chunk size has too many digits");
        left_ = left_ * 16 + static_cast<uint64_t>(digit);
        state_ = size;
        return true;
      }
      if (state_ == size_first || (byte != ';' && byte != '\r')) return refuse(400, "a chunk size is malformed");
      state_ = byte == ';' ? extension : size_lf;
      return true;
    case extension:
      if (++line_bytes_ > limits_.chunk_line_bytes_max || ++extension_bytes_ > extension_bytes_max)
        return refuse(400, "the chunk extensions are too long");
      if (byte == '\r')
        state_ = size_lf;
      else if (!is_field_value({&byte, 1}))
        return refuse(400, "a chunk extension holds control characters");
      return true;
    case size_lf:
      if (byte != '\n') return refuse(400, "a chunk size line does not end in CR LF");
      line_bytes_ = 0;
      state_ = left_ == 0 ? trailer : data;
      return true;
    case data_cr:
      if (byte != '\r') return refuse(400, "a chunk is longer than its size");
      state_ = data_lf;
      return true;
    case data_lf:
      if (byte != '\n') return refuse(400, "a chunk does not end in CR LF");
      state_ = size_first;
      return true;
    case trailer:
      if (byte == '\r') {
        state_ = trailer_lf;
      } else if (byte == '\n') {
        return refuse(400, "a trailer line does not end in CR LF");
      } else {
        if (line_.size() >= limits_.header_bytes_max) return refuse(431, "the trailer fields are too large");
        line_ += byte;
      }
      return true;
    case trailer_lf:
      if (byte != '\n') return refuse(400, "a trailer line does not end in CR LF");
      return end_trailer_line();
    case data:
    case finished:
    case broken:
      break;
  }
  return false;
}

bool ChunkedDecoder::end_trailer_line() {
  if (line_.empty()) {
    state_ = finished;
    return true;
  }
  if (!fields_.line(line_, trailers_, failure_)) return refuse(failure_.status, failure_.reason);
  // Fields that frame or route a message cannot come after it (RFC 9110 6.5.1).
  if (fields_.content_lengths + fields_.transfer_encodings + fields_.hosts > 0)
    return refuse(400, "a trailer field frames the message");
  line_.clear();
  state_ = trailer;
  return true;
}

}  // namespace pds::http
