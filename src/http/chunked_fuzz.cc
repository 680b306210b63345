// However a chunked body is split, it decodes to the same bytes and ends at the same place.
#include <cstdint>
#include <cstdlib>

#include "http/chunked.h"

using namespace pds::http;

namespace {

struct Outcome {
  Progress progress = Progress::need_more;
  std::string data;
  size_t used = 0;
};

Outcome run(std::string_view text, size_t step) {
  ChunkedDecoder decoder{Limits{}};
  Outcome outcome;
  for (size_t at = 0; at < text.size(); at += step) {
    std::string_view piece = text.substr(at, step);
    while (!piece.empty()) {
      ChunkedDecoder::Step result = decoder.feed(piece);
      if (result.consumed == 0 && result.progress == Progress::need_more) abort();  // would never end
      outcome.data += result.data;
      outcome.progress = result.progress;
      outcome.used += result.consumed;
      piece.remove_prefix(result.consumed);
      if (result.progress != Progress::need_more) return outcome;
    }
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  size_t step = data[0] + size_t{1};
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  Outcome whole = run(text, text.size() + 1), pieces = run(text, step);
  if (whole.progress != pieces.progress || whole.data != pieces.data || whole.used != pieces.used) abort();
  return 0;
}
