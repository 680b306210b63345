// Whatever a peer answers and however it is split, the verdict and the framing are the same.
#include <cstdint>
#include <cstdlib>

#include "http/parser.h"

using namespace pds::http;

namespace {

size_t feed(ResponseParser& parser, std::string_view text, size_t step, Progress& progress) {
  size_t begin = 0;
  for (size_t end = std::min(step, text.size()); !text.empty(); end = std::min(end + step, text.size())) {
    size_t consumed = 0;
    progress = parser.feed(text.substr(begin, end - begin), consumed);
    begin += consumed;
    if (progress != Progress::need_more || end == text.size()) break;
  }
  return begin;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  size_t step = data[0] + size_t{1};
  std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  ResponseParser whole{Limits{}}, pieces{Limits{}};
  whole.reset(data[1] & 1, data[1] & 2);
  pieces.reset(data[1] & 1, data[1] & 2);
  Progress a = Progress::need_more, b = Progress::need_more;
  size_t used_a = feed(whole, text, SIZE_MAX / 2, a), used_b = feed(pieces, text, step, b);
  if (a != b) abort();
  if (a != Progress::done) return 0;
  if (used_a != used_b || whole.framing().kind != pieces.framing().kind || whole.framing().length != pieces.framing().length)
    abort();
  if (whole.keep_alive() != pieces.keep_alive() || whole.head.status < 100 || whole.head.status > 999) abort();
  return 0;
}
