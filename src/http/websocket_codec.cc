// The handshake and the frames.
#include <algorithm>

#include "base/crypto.h"
#include "base/text.h"
#include "http/websocket.h"

namespace pds::http {
namespace {

constexpr size_t control_bytes_max = 125;

bool is_control(Opcode opcode) { return static_cast<uint8_t>(opcode) >= 8; }

bool is_known(uint8_t opcode) { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

// Those that RFC 6455 and its registry let a peer send.
bool may_be_sent(uint16_t code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

uint64_t big_endian(std::string_view bytes) {
  uint64_t number = 0;
  for (char byte : bytes) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

size_t count_of(const Headers& headers, std::string_view name) {
  size_t count = 0;
  for (auto [field, value] : headers) count += iequals(field, name);
  return count;
}

}  // namespace

// ---- handshake ----

Result<ResponseHead> answer_handshake(const RequestHead& head) {
  auto refuse = [](std::string message, int status) { return fail("E_BAD_MESSAGE", std::move(message), status); };
  if (head.method != "GET" || head.version_minor < 1) return refuse("a WebSocket begins with a GET of HTTP/1.1", 400);
  if (!head.headers.has_token("upgrade", "websocket") || !head.headers.has_token("connection", "upgrade"))
    return refuse("this address speaks WebSocket: Upgrade and Connection must ask for it", 426);
  if (count_of(head.headers, "sec-websocket-version") != 1 || head.headers.get("sec-websocket-version") != "13")
    return refuse("only version 13 of WebSocket is spoken here", 426);
  std::string key = head.headers.get("sec-websocket-key");
  Result<std::string> nonce = from_base64(key);
  if (count_of(head.headers, "sec-websocket-key") != 1 || !nonce || nonce->size() != 16)
    return refuse("Sec-WebSocket-Key is not 16 bytes in base64", 400);
  ResponseHead answer;
  answer.status = 101;
  answer.headers.add("Upgrade", "websocket");
  answer.headers.add("Sec-WebSocket-Accept", to_base64(sha1(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
  return answer;
}

// ---- frames ----

WebSocketDecoder::Step WebSocketDecoder::fail_with(size_t consumed, CloseCode code, std::string_view why) {
  failed_ = true;
  failure_ = code;
  why_ = why;
  return {Event::failed, consumed, {}};
}

// The header is complete: what kind of frame is it, and may it come now?
bool WebSocketDecoder::begin_frame() {
  auto first = static_cast<unsigned char>(header_[0]), second = static_cast<unsigned char>(header_[1]);
  auto refuse = [this](CloseCode code, std::string_view why) { return fail_with(0, code, why), false; };
  if (first & 0x70) return refuse(CloseCode::protocol_error, "a reserved bit is set");
  if (!is_known(first & 0x0f)) return refuse(CloseCode::protocol_error, "the opcode is unknown");
  final_ = first & 0x80;
  opcode_ = static_cast<Opcode>(first & 0x0f);
  size_t length_bytes = header_size_ - 6;  // after the two, before the mask
  left_ = length_bytes ? big_endian(std::string_view(header_).substr(2, length_bytes)) : second & 0x7f;
  bool shortest = length_bytes == 0 || (length_bytes == 2 ? left_ > 125 : left_ > 0xffff && left_ < uint64_t{1} << 63);
  if (!shortest) return refuse(CloseCode::protocol_error, "the length is not in its shortest form");
  if (is_control(opcode_)) {
    if (!final_ || left_ > control_bytes_max) return refuse(CloseCode::protocol_error, "a control frame is long or in parts");
    control_.clear();
  } else {
    if ((opcode_ == Opcode::continuation) != in_message_) return refuse(CloseCode::protocol_error, "a message is continued that was not begun, or begun within another");
    if (left_ > message_bytes_max_ - message_.size()) return refuse(CloseCode::too_big, "the message is too big");
    if (!in_message_) kind_ = opcode_;
    in_message_ = true;
  }
  in_payload_ = true;
  mask_at_ = 0;
  return true;
}

WebSocketDecoder::Step WebSocketDecoder::end_close(size_t consumed) {
  if (control_.empty()) return {Event::close, consumed, {}};
  if (control_.size() == 1) return fail_with(consumed, CloseCode::protocol_error, "a close has half a code");
  std::string_view text = control_;
  close_code_ = static_cast<uint16_t>(big_endian(text.substr(0, 2)));
  if (!may_be_sent(close_code_)) return fail_with(consumed, CloseCode::protocol_error, "a close code that may not be sent");
  if (!is_utf8(text.substr(2))) return fail_with(consumed, CloseCode::not_utf8, "a close reason is not UTF-8");
  return {Event::close, consumed, text.substr(2)};
}

WebSocketDecoder::Step WebSocketDecoder::end_frame(size_t consumed) {
  in_payload_ = false;
  header_.clear();
  header_size_ = 2;
  if (opcode_ == Opcode::ping) return {Event::ping, consumed, control_};
  if (opcode_ == Opcode::pong) return {Event::pong, consumed, control_};
  if (opcode_ == Opcode::close) return end_close(consumed);
  if (!final_) return {Event::need_more, consumed, {}};
  in_message_ = false;
  if (check_text_ && kind_ == Opcode::text && !is_utf8(message_)) return fail_with(consumed, CloseCode::not_utf8, "a text is not UTF-8");
  message_given_ = true;
  return {Event::message, consumed, message_};
}

WebSocketDecoder::Step WebSocketDecoder::feed(std::string_view input) {
  if (failed_) return {Event::failed, 0, {}};
  if (std::exchange(message_given_, false)) message_.clear();
  size_t at = 0;
  while (true) {
    if (!in_payload_) {
      while (header_.size() < header_size_) {
        if (at == input.size()) return {Event::need_more, at, {}};
        header_ += input[at++];
        if (header_.size() != 2) continue;
        // Before the mask is waited for, which will not come.
        if (!(header_[1] & 0x80)) return fail_with(at, CloseCode::protocol_error, "the frame is not masked");
        unsigned length = static_cast<unsigned char>(header_[1]) & 0x7f;
        header_size_ = 6 + (length == 126 ? 2 : length == 127 ? 8 : 0);
      }
      if (!begin_frame()) return {Event::failed, at, {}};
    }
    std::string& into = is_control(opcode_) ? control_ : message_;
    auto count = static_cast<size_t>(std::min<uint64_t>(left_, input.size() - at));
    const char* mask = header_.data() + header_size_ - 4;
    for (size_t i = 0; i < count; ++i) into += static_cast<char>(input[at + i] ^ mask[mask_at_++ & 3]);
    at += count;
    left_ -= count;
    if (left_ > 0) return {Event::need_more, at, {}};
    Step step = end_frame(at);
    if (step.event != Event::need_more) return step;
  }
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
  out += static_cast<char>(0x80 | static_cast<uint8_t>(opcode));
  int length_bytes = payload.size() <= 125 ? 0 : payload.size() <= 0xffff ? 2 : 8;
  out += static_cast<char>(length_bytes == 0 ? payload.size() : length_bytes == 2 ? 126 : 127);
  for (int shift = (length_bytes - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(payload.size() >> shift);
  out += payload;
}

void append_close(std::string& out, CloseCode code, std::string_view reason) {
  if (code == CloseCode::none) return append_frame(out, Opcode::close, {});
  auto number = static_cast<uint16_t>(code);
  std::string payload{static_cast<char>(number >> 8), static_cast<char>(number & 0xff)};
  append_frame(out, Opcode::close, payload.append(reason.substr(0, control_bytes_max - 2)));
}

}  // namespace pds::http
