// WebSocket (RFC 6455) as a server speaks it: the handshake, frames as a byte machine, and a thin layer over a stream.
//
//   CO_TRY(auto socket, co_await accept_websocket(request, responder));
//   while (true) {
//     CO_TRY(auto message, co_await socket->read());
//     if (!message) break;                                    // the peer has closed, in order
//     CO_CHECK(co_await socket->send(message->kind, message->data));
//   }
//
// No extensions and no subprotocols: what is offered of them is left unanswered, as the protocol has it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "http/service.h"

namespace pds::http {

enum class Opcode : uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// Why a WebSocket ends; those that are sent. 1005 and 1006 are never sent.
enum class CloseCode : uint16_t { none = 0, normal = 1000, going_away = 1001, protocol_error = 1002, not_utf8 = 1007, too_big = 1009 };

struct WebSocketOptions {
  size_t message_bytes_max = 1 << 20;   // over all its frames: 1009
  Duration ping_after = 30s;            // of silence; a peer that then stays silent for as long again is cut: E_TIMEOUT
  Duration write_timeout = 30s;
  bool check_text = true;               // texts that are not UTF-8: 1007; otherwise they are handed over as they are
};

// The answer to an opening handshake: 101 with its fields. Errors: E_BAD_MESSAGE with status 400, or 426 for another version.
Result<ResponseHead> answer_handshake(const RequestHead& head);

// Frames of a client, masked as they must be. Input may be split anywhere.
class WebSocketDecoder {
 public:
  explicit WebSocketDecoder(size_t message_bytes_max, bool check_text = true)
      : message_bytes_max_(message_bytes_max), check_text_(check_text) {}

  enum class Event : uint8_t { need_more, message, ping, pong, close, failed };
  struct Step {
    Event event = Event::need_more;
    size_t consumed = 0;        // of the input; call again with the rest
    std::string_view payload;   // until the next call: of a message, whole; of a control frame; the reason of a close
  };
  Step feed(std::string_view input);

  Opcode message_kind() const { return kind_; }      // text or binary; text is valid UTF-8, where that is checked
  uint16_t close_code() const { return close_code_; } // as the peer sent it; 0: it gave none
  CloseCode failure() const { return failure_; }
  std::string_view why() const { return why_; }

 private:
  bool begin_frame();
  Step end_frame(size_t consumed);
  Step end_close(size_t consumed);
  Step fail_with(size_t consumed, CloseCode code, std::string_view why);

  size_t message_bytes_max_;
  bool check_text_;
  std::string header_;    // of the frame, unfinished
  size_t header_size_ = 2;
  bool in_payload_ = false, final_ = false, failed_ = false, in_message_ = false;
  bool message_given_ = false;  // to the caller, who is done with it by the next call
  Opcode opcode_ = Opcode::text, kind_ = Opcode::text;
  uint64_t left_ = 0;
  size_t mask_at_ = 0;
  std::string message_, control_;
  uint16_t close_code_ = 0;
  CloseCode failure_ = CloseCode::normal;
  std::string_view why_;
};

// One frame of a server: never masked.
void append_frame(std::string& out, Opcode opcode, std::string_view payload);
void append_close(std::string& out, CloseCode code, std::string_view reason);

// One task reads and one writes at a time; pings and closes are answered by whoever reads, between the writer's messages.
class WebSocket {
 public:
  WebSocket(std::unique_ptr<io::Stream> stream, WebSocketOptions options);

  struct Message {
    Opcode kind = Opcode::text;
    std::string_view data;   // until the next read
  };
  // The next message; nothing when the peer has closed in order, which has been answered. Errors: E_CLOSED (the connection broke),
  // E_TIMEOUT, E_BAD_MESSAGE (the peer broke the protocol, and was told its close code).
  io::Task<Result<std::optional<Message>>> read();
  io::Task<Result<void>> send(Opcode kind, std::string_view data);
  // Says goodbye; what the peer still sends is not read.
  io::Task<Result<void>> close(CloseCode code, std::string_view reason = {});
  uint16_t peer_close_code() const { return decoder_.close_code(); }

 private:
  io::Task<Result<void>> send_frame(Opcode opcode, std::string_view payload);
  io::Task<Result<void>> send_bytes(std::string bytes);
  io::Task<Result<void>> fill();

  std::unique_ptr<io::Stream> stream_;
  WebSocketOptions options_;
  WebSocketDecoder decoder_;
  std::string buffer_;   // received
  size_t used_ = 0, filled_ = 0;
  bool pinged_ = false;  // and nothing has come since
  bool sending_ = false;
  std::string waiting_;  // control frames that wait for the message being sent to end
  bool closed_ = false;
};

// Answers the handshake and takes the connection over; a request that is none is refused (400, 426) and is the error E_BAD_MESSAGE.
io::Task<Result<std::unique_ptr<WebSocket>>> accept_websocket(ServerRequest& request, Responder& responder, WebSocketOptions options = {});

}  // namespace pds::http
