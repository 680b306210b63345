// Whatever the bytes and however they are split, the verdict is the same; and what was accepted reads the same when it is written
// out again.
#include <cstdint>
#include <cstdlib>

#include "http/parser.h"
#include "http/serialize.h"

using namespace pds::http;

namespace {

struct Outcome {
  Progress progress = Progress::need_more;
  int status = 0;
  size_t used = 0;
};

Outcome run(RequestParser& parser, std::string_view text, size_t step) {
  Outcome outcome;
  size_t begin = 0;
  for (size_t end = std::min(step, text.size()); !text.empty(); end = std::min(end + step, text.size())) {
    size_t consumed = 0;
    outcome.progress = parser.feed(text.substr(begin, end - begin), consumed);
    begin += consumed;
    if (outcome.progress != Progress::need_more || end == text.size()) break;
  }
  outcome.status = parser.failure().status;
  outcome.used = outcome.progress == Progress::done ? begin : 0;
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  size_t step = data[0] + size_t{1};
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  RequestParser whole{Limits{}}, pieces{Limits{}};
  Outcome a = run(whole, text, SIZE_MAX / 2), b = run(pieces, text, step);
  if (a.progress != b.progress || a.status != b.status || a.used != b.used) abort();
  if (a.progress != Progress::done) return 0;
  std::string written;
  OutgoingFraming framing;
  if (whole.framing().kind == Framing::sized) framing = {OutgoingFraming::sized, whole.framing().length};
  if (whole.framing().kind == Framing::chunked) framing = {OutgoingFraming::chunked, 0};
  if (!can_be_sent(whole.head.headers)) abort();
  append_request_head(written, whole.head, framing);
  RequestParser again{Limits{.request_line_bytes_max = SIZE_MAX / 2, .header_bytes_max = SIZE_MAX / 2}};
  if (run(again, written, SIZE_MAX / 2).progress != Progress::done && whole.head.version_minor > 0) abort();
  return 0;
}
