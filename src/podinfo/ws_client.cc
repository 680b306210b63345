#include "podinfo/ws_client.h"

#include <fmt/format.h>

#include <array>

#include "base/text.h"
#include "http/tls_connector.h"

namespace pds::podinfo {
namespace {

enum Opcode { opcode_continuation = 0, opcode_text = 1, opcode_close = 8, opcode_ping = 9, opcode_pong = 10 };

http::RequestHead handshake(const http::Url& url, const std::string& origin, std::string_view key) {
  http::RequestHead head;
  head.method = "GET";
  head.target = url.target;
  head.headers.add("Host", http::host_field(url));
  head.headers.add("Connection", "Upgrade");
  head.headers.add("Upgrade", "websocket");
  head.headers.add("Sec-WebSocket-Version", "13");
  head.headers.add("Sec-WebSocket-Key", key);
  if (!origin.empty()) head.headers.add("Origin", origin);
  return head;
}

void append_big_endian(std::string& out, uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

// A client masks what it sends.
std::string masked_frame(int opcode, std::string_view payload, std::string_view mask) {
  std::string frame{static_cast<char>(0x80 | opcode)};
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65536) {
    frame += static_cast<char>(0x80 | 126);
    append_big_endian(frame, payload.size(), 2);
  } else {
    frame += static_cast<char>(0x80 | 127);
    append_big_endian(frame, payload.size(), 8);
  }
  frame += mask;
  for (size_t i = 0; i < payload.size(); ++i) frame += static_cast<char>(payload[i] ^ mask[i % mask.size()]);
  return frame;
}

}  // namespace

io::Task<Result<std::unique_ptr<WebSocketClient>>> WebSocketClient::connect(io::Loop& loop, const std::string& address, const std::string& origin,
                                                                            Duration timeout) {
  CO_TRY(http::Url url, http::parse_url("http" + address.substr(2)));  // ws is http, wss is https
  CO_TRY(auto connector, http::url_connector(loop, url, nullptr));
  http::ClientOptions limits;
  limits.connect_timeout = limits.response_timeout = timeout;
  auto client = std::make_unique<http::Client>(loop, std::move(connector), limits);
  SystemRandom random;
  CO_TRY(auto exchange, co_await client->begin(handshake(url, origin, to_base64(random.bytes(16))), http::RequestBody::none));
  CO_TRY(const http::ResponseHead* head, co_await exchange->response());
  if (head->status != 101) co_return fail("E_CHECK", fmt::format("bad handshake: HTTP status {}", head->status));
  co_return std::unique_ptr<WebSocketClient>(new WebSocketClient(std::move(client), exchange->take_stream()));
}

io::Task<Result<void>> WebSocketClient::send_frame(int opcode, std::string_view payload, io::Deadline deadline) {
  std::string frame = masked_frame(opcode, payload, random_.bytes(4));
  co_return co_await io::write_all(*stream_, frame, deadline);
}

io::Task<Result<void>> WebSocketClient::send(std::string_view text, io::Deadline deadline) { return send_frame(opcode_text, text, deadline); }

// Status 1000.
io::Task<Result<void>> WebSocketClient::close(io::Deadline deadline) { return send_frame(opcode_close, "\x03\xe8", deadline); }

io::Task<Result<WebSocketClient::Frame>> WebSocketClient::read_frame(io::Deadline deadline) {
  std::array<char, 2> begin;
  CO_CHECK(co_await io::read_exactly(*stream_, begin, deadline));
  auto second = static_cast<unsigned char>(begin[1]);
  if (second & 0x80) co_return fail("E_BAD_MESSAGE", "the server masks its frames");
  uint64_t length = second;
  if (second >= 126) {
    std::string more(second == 126 ? 2 : 8, '\0');
    CO_CHECK(co_await io::read_exactly(*stream_, more, deadline));
    length = 0;
    for (char byte : more) length = length << 8 | static_cast<unsigned char>(byte);
  }
  if (length > ws_client_message_bytes_max) co_return fail("E_BAD_MESSAGE", "a frame is too large");
  Frame frame{begin[0] & 0x0f, (begin[0] & 0x80) != 0, std::string(length, '\0')};
  CO_CHECK(co_await io::read_exactly(*stream_, frame.payload, deadline));
  co_return frame;
}

io::Task<Result<std::optional<std::string>>> WebSocketClient::read(io::Deadline deadline) {
  std::string message;
  while (true) {
    CO_TRY(Frame frame, co_await read_frame(deadline));
    if (frame.opcode == opcode_close) co_return std::optional<std::string>();
    if (frame.opcode == opcode_ping) CO_CHECK(co_await send_frame(opcode_pong, frame.payload, deadline));
    if (frame.opcode >= opcode_close) continue;
    message += frame.payload;
    if (message.size() > ws_client_message_bytes_max) co_return fail("E_BAD_MESSAGE", "a message is too large");
    if (frame.is_last) co_return std::move(message);
  }
}

}  // namespace pds::podinfo
