#include "http/websocket.h"

namespace pds::http {
namespace {

constexpr size_t piece_bytes = 16 * 1024;
// A peer that pings faster than it reads the pongs is cut.
constexpr size_t waiting_bytes_max = 16 * 1024;
// After a close, what is still under way is read and thrown away, so that the close is not lost to a reset.
constexpr size_t lingered_bytes_max = 64 << 20;
constexpr Duration linger_time = 2s;

}  // namespace

WebSocket::WebSocket(std::unique_ptr<io::Stream> stream, WebSocketOptions options)
    : stream_(std::move(stream)), options_(options), decoder_(options.message_bytes_max, options.check_text) {}

io::Task<Result<void>> WebSocket::fill() {
  used_ = filled_ = 0;
  buffer_.resize(piece_bytes);
  io::Loop& loop = stream_->loop();
  Result<size_t> got = co_await io::read_some(*stream_, buffer_, loop.exact_now() + options_.ping_after);
  if (!got && got.error().code == "E_TIMEOUT" && !std::exchange(pinged_, true)) co_return co_await send_frame(Opcode::ping, {});
  if (!got) co_return std::unexpected(std::move(got).error());
  if (*got == 0) co_return fail_world("E_CLOSED", "the WebSocket's connection ended without a close");
  filled_ = *got;
  pinged_ = false;
  co_return Result<void>();
}

io::Task<Result<std::optional<WebSocket::Message>>> WebSocket::read() {
  using Event = WebSocketDecoder::Event;
  if (closed_) co_return fail_world("E_CLOSED", "the WebSocket is closed");
  while (true) {
    WebSocketDecoder::Step step = decoder_.feed(std::string_view(buffer_).substr(used_, filled_ - used_));
    used_ += step.consumed;
    if (step.event == Event::message) co_return Message{decoder_.message_kind(), step.payload};
    if (step.event == Event::ping) CO_CHECK(co_await send_frame(Opcode::pong, step.payload));
    if (step.event == Event::close) {
      // The same code comes back, as the closing handshake wants it, or none.
      [[maybe_unused]] auto said = co_await close(static_cast<CloseCode>(decoder_.close_code()));
      co_return std::optional<Message>();
    }
    if (step.event == Event::failed) {
      [[maybe_unused]] auto said = co_await close(decoder_.failure(), decoder_.why());
      co_return fail_world("E_BAD_MESSAGE", "WebSocket: " + std::string(decoder_.why()), false);
    }
    if (step.event == Event::need_more && used_ == filled_) CO_CHECK(co_await fill());
  }
}

io::Task<Result<void>> WebSocket::send_bytes(std::string bytes) {
  sending_ = true;
  while (!bytes.empty()) {
    Result<void> sent = co_await io::write_all(*stream_, bytes, stream_->loop().exact_now() + options_.write_timeout);
    if (!sent) co_return sent;  // for good: who comes now finds sending_ set, or the stream broken
    bytes = std::exchange(waiting_, {});
  }
  sending_ = false;
  co_return Result<void>();
}

// A control frame must not come between the bytes of a message: it waits for the writer, who sends it next.
io::Task<Result<void>> WebSocket::send_frame(Opcode opcode, std::string_view payload) {
  std::string frame;
  append_frame(frame, opcode, payload);
  if (!sending_) co_return co_await send_bytes(std::move(frame));
  if (waiting_.size() > waiting_bytes_max) co_return fail_world("E_CLOSED", "the WebSocket's peer pings and reads nothing", false);
  waiting_ += frame;
  co_return Result<void>();
}

io::Task<Result<void>> WebSocket::send(Opcode kind, std::string_view data) {
  if (closed_ || sending_) co_return fail_world("E_CLOSED", "the WebSocket is closed");
  co_return co_await send_frame(kind, data);
}

io::Task<Result<void>> WebSocket::close(CloseCode code, std::string_view reason) {
  if (std::exchange(closed_, true)) co_return Result<void>();
  std::string frame;
  append_close(frame, code, reason);
  Result<void> sent;
  if (sending_) {
    waiting_ += frame;
    co_return sent;
  }
  sent = co_await send_bytes(std::move(frame));
  stream_->shutdown_write();
  MonoTime deadline = stream_->loop().exact_now() + linger_time;
  buffer_.resize(piece_bytes);
  for (size_t lingered = 0; sent && lingered < lingered_bytes_max;) {
    Result<size_t> got = co_await io::read_some(*stream_, buffer_, deadline);
    if (!got || *got == 0) break;
    lingered += *got;
  }
  co_return sent;
}

io::Task<Result<std::unique_ptr<WebSocket>>> accept_websocket(ServerRequest& request, Responder& responder, WebSocketOptions options) {
  Result<ResponseHead> head = answer_handshake(request.head);
  if (!head) {
    Response refusal = Response::text(head.error().http_status, head.error().message + "\n");
    if (refusal.head.status == 426) {
      refusal.head.headers.add("Sec-WebSocket-Version", "13");
      refusal.head.headers.add("Upgrade", "websocket");
    }
    [[maybe_unused]] auto sent = co_await responder.send(refusal.head, refusal.body);
    co_return std::unexpected(std::move(head).error());
  }
  CO_TRY(std::unique_ptr<io::Stream> stream, co_await responder.upgrade(*head));
  co_return std::make_unique<WebSocket>(std::move(stream), options);
}

}  // namespace pds::http
