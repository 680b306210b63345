// However a WebSocket's bytes are split, the same events come out; what comes out keeps its bounds.
#include <cstdint>
#include <cstdlib>

#include "base/text.h"
#include "http/websocket.h"

using namespace pds::http;

namespace {

constexpr size_t message_bytes_max = 1000;

// Everything that a decoder said, one after the other.
std::string run(std::string_view text, size_t step) {
  using Event = WebSocketDecoder::Event;
  WebSocketDecoder decoder(message_bytes_max);
  std::string events;
  for (size_t at = 0; at < text.size(); at += step) {
    std::string_view piece = text.substr(at, step);
    while (!piece.empty()) {
      WebSocketDecoder::Step result = decoder.feed(piece);
      piece.remove_prefix(result.consumed);
      if (result.event == Event::need_more) {
        if (!piece.empty()) abort();
        break;
      }
      if (result.event == Event::failed) return events + "failed " + std::string(decoder.why());
      if (result.payload.size() > message_bytes_max) abort();
      if (result.event == Event::message && decoder.message_kind() == Opcode::text && !pds::is_utf8(result.payload)) abort();
      if (result.event != Event::message && result.payload.size() > 125) abort();
      events += std::to_string(static_cast<int>(result.event)) + std::string(result.payload) + "|";
    }
  }
  return events;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (run(text, text.size() + 1) != run(text, data[0] + size_t{1})) abort();
  return 0;
}
