#include "http/websocket.h"

#include <gtest/gtest.h>

#include "http/server.h"

namespace pds::http {
namespace {

using Event = WebSocketDecoder::Event;

std::string frame(int first_byte, std::string_view payload, bool masked = true) {
  std::string out(1, static_cast<char>(first_byte));
  char mask_bit = masked ? static_cast<char>(0x80) : 0;
  if (payload.size() <= 125) {
    out += static_cast<char>(mask_bit | static_cast<char>(payload.size()));
  } else {
    out += static_cast<char>(mask_bit | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size());
  }
  constexpr std::string_view mask = "\x01\x7f\xa0\x33";
  if (masked) out += mask;
  for (size_t i = 0; i < payload.size(); ++i) out += static_cast<char>(payload[i] ^ (masked ? mask[i & 3] : 0));
  return out;
}

// What a decoder makes of the bytes: one word per event.
std::string decode(std::string_view text, size_t step) {
  WebSocketDecoder decoder(1000);
  std::string said;
  for (size_t at = 0; at < text.size(); at += step) {
    std::string_view piece = text.substr(at, step);
    while (!piece.empty()) {
      WebSocketDecoder::Step result = decoder.feed(piece);
      piece.remove_prefix(result.consumed);
      std::string payload(result.payload);
      if (result.event == Event::message) said += (decoder.message_kind() == Opcode::text ? "text:" : "binary:") + payload + " ";
      if (result.event == Event::ping) said += "ping:" + payload + " ";
      if (result.event == Event::pong) said += "pong:" + payload + " ";
      if (result.event == Event::close) said += "close:" + std::to_string(decoder.close_code()) + payload + " ";
      if (result.event == Event::failed) return said + "failed:" + std::to_string(static_cast<int>(decoder.failure()));
    }
  }
  return said;
}

TEST(WebSocketDecoder, MakesTheSameOfAnySplit) {
  std::string big(300, 'b');
  struct {
    const char* why;
    std::string text;
    std::string said;
  } cases[] = {
      {"a text", frame(0x81, "hello"), "text:hello "},
      {"an empty one", frame(0x81, ""), "text: "},
      {"a binary one", frame(0x82, std::string_view("\0\xff", 2)), "binary:" + std::string("\0\xff", 2) + " "},
      {"a longer one", frame(0x82, big), "binary:" + big + " "},
      {"two", frame(0x81, "a") + frame(0x81, "b"), "text:a text:b "},
      {"one in parts", frame(0x01, "ab") + frame(0x00, "") + frame(0x80, "cd"), "text:abcd "},
      {"a ping between parts", frame(0x01, "ab") + frame(0x89, "p") + frame(0x80, "cd"), "ping:p text:abcd "},
      {"a letter split over parts", frame(0x01, "\xc3") + frame(0x80, "\xa4"), "text:\xc3\xa4 "},
      {"a pong", frame(0x8a, "q"), "pong:q "},
      {"a close without a code", frame(0x88, ""), "close:0 "},
      {"a close", frame(0x88, "\x03\xe8""bye"), "close:1000bye "},
      {"an unmasked frame", frame(0x81, "hello", false), "failed:1002"},
      {"a reserved bit", frame(0xc1, "x"), "failed:1002"},
      {"an unknown opcode", frame(0x83, "x"), "failed:1002"},
      {"an unknown control opcode", frame(0x8b, "x"), "failed:1002"},
      {"a ping in parts", frame(0x09, "x"), "failed:1002"},
      {"a long ping", frame(0x89, std::string(126, 'x')), "failed:1002"},
      {"an unmasked frame without a payload", frame(0x81, "", false), "failed:1002"},
      {"an unmasked frame with a little", frame(0x81, "x", false), "failed:1002"},
      {"a part of nothing", frame(0x80, "x"), "failed:1002"},
      {"a message within a message", frame(0x01, "x") + frame(0x81, "y"), "failed:1002"},
      {"a length that could be shorter", std::string("\x81\xfe\x00\x05""mask", 8), "failed:1002"},
      {"a length that could be much shorter", std::string("\x81\xff\0\0\0\0\0\0\xff\xff""mask", 14), "failed:1002"},
      {"a length beyond 63 bits", std::string("\x81\xff\x80\0\0\0\0\0\0\0""mask", 14), "failed:1002"},
      {"a text that is not UTF-8", frame(0x81, "\xff"), "failed:1007"},
      {"a text that ends within a letter", frame(0x81, "\xc3"), "failed:1007"},
      {"half a close code", frame(0x88, "\x03"), "failed:1002"},
      {"a close code that is not sent", frame(0x88, "\x03\xed"), "failed:1002"},
      {"a close code of nobody", frame(0x88, "\x07\xd0"), "failed:1002"},
      {"a close reason that is not UTF-8", frame(0x88, "\x03\xe8\xff"), "failed:1007"},
      {"a message that is too big", frame(0x82, std::string(1001, 'x')), "failed:1009"},
      {"parts that are too big together", frame(0x02, std::string(600, 'x')) + frame(0x80, std::string(401, 'x')), "failed:1009"},
  };
  for (auto& c : cases) {
    for (size_t step = 1; step <= c.text.size(); ++step) EXPECT_EQ(decode(c.text, step), c.said) << c.why << ", in pieces of " << step;
  }
}

RequestHead handshake() {
  RequestHead head{.method = "GET", .target = "/ws"};
  head.headers.add("Host", "h");
  head.headers.add("Upgrade", "WebSocket");
  head.headers.add("Connection", "keep-alive, Upgrade");
  head.headers.add("Sec-WebSocket-Version", "13");
  head.headers.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  return head;
}

TEST(WebSocketDecoder, HandsOverTextsOfAnyBytesWhereItIsToldNotToCheck) {
  WebSocketDecoder decoder(1000, false);
  WebSocketDecoder::Step step = decoder.feed(frame(0x81, "a\xff"));
  EXPECT_EQ(step.event, Event::message);
  EXPECT_EQ(step.payload, "a\xff");
}

TEST(WebSocketHandshake, AnswersTheExampleOfTheStandard) {
  Result<ResponseHead> answer = answer_handshake(handshake());
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 101);
  EXPECT_EQ(answer->headers.get("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(answer->headers.get("upgrade"), "websocket");
}

TEST(WebSocketHandshake, RefusesWhatIsNone) {
  struct {
    const char* field;
    const char* value;
    int status;
  } cases[] = {{"Upgrade", "h2c", 426},         {"Connection", "close", 426},       {"Sec-WebSocket-Version", "8", 426},
               {"Sec-WebSocket-Key", "c2hvcnQ=", 400}, {"Sec-WebSocket-Key", "not base64", 400}, {"Sec-WebSocket-Key", "", 400}};
  for (auto& c : cases) {
    RequestHead head = handshake();
    head.headers.set(c.field, c.value);
    Result<ResponseHead> answer = answer_handshake(head);
    ASSERT_FALSE(answer) << c.field << ": " << c.value;
    EXPECT_EQ(answer.error().http_status, c.status) << c.field << ": " << c.value;
  }
  RequestHead twice = handshake(), post = handshake(), old = handshake();
  twice.headers.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
  post.method = "POST";
  old.version_minor = 0;
  for (const RequestHead& head : {twice, post, old}) EXPECT_EQ(answer_handshake(head).error().http_status, 400);
}

// Echoes, and keeps what ended it.
class EchoService final : public Service {
 public:
  std::string ended;
  WebSocketOptions options{.message_bytes_max = 100'000, .ping_after = 30s};

  io::Task<void> serve(ServerRequest& request, Responder& responder) override {
    Result<void> served = co_await echo(request, responder);
    ended = served ? "closed" : served.error().code;
  }

 private:
  io::Task<Result<void>> echo(ServerRequest& request, Responder& responder) {
    CO_TRY(std::unique_ptr<WebSocket> socket, co_await accept_websocket(request, responder, options));
    while (true) {
      CO_TRY(std::optional<WebSocket::Message> message, co_await socket->read());
      if (!message) co_return Result<void>();
      CO_CHECK(co_await socket->send(message->kind, message->data));
    }
  }
};

class WebSocketTest : public testing::Test {
 protected:
  ~WebSocketTest() override { server_.reset(); }
  void settle() {
    while (loop_.run_once(0us)) {
    }
  }
  void open() {
    io::StreamPair pair = io::make_stream_pair(loop_);
    peer_ = std::move(pair.a);
    server_->serve(std::move(pair.b));
    std::string text = "GET /ws HTTP/1.1\r\n";
    RequestHead head = handshake();
    for (size_t i = 0; i < head.headers.size(); ++i) text += head.headers.line(i);
    EXPECT_TRUE(exchange(text + "\r\n").starts_with("HTTP/1.1 101 "));
  }
  // Sends, and gives what has come back when nothing more happens.
  std::string exchange(std::string_view bytes) {
    std::string received;
    for (bool more = true; more;) {
      if (!bytes.empty()) {
        iovec part{const_cast<char*>(bytes.data()), bytes.size()};
        io::IoResult put = peer_->try_write({&part, 1});
        if (put.status == io::IoResult::ok) bytes.remove_prefix(put.bytes);
      }
      settle();
      std::string room(100'000, 0);
      io::IoResult got = peer_->try_read(room);
      more = got.status == io::IoResult::ok || (!bytes.empty() && got.status == io::IoResult::would_block);
      if (got.status == io::IoResult::ok) received.append(room, 0, got.bytes);
      ended_ = got.status == io::IoResult::end;
    }
    return received;
  }

  io::ManualTime time_;
  io::Loop loop_{time_};
  EchoService service_;
  std::unique_ptr<Server> server_ = std::make_unique<Server>(loop_, service_);
  std::unique_ptr<io::Stream> peer_;
  bool ended_ = false;
};

std::string plain(Opcode opcode, std::string_view payload) {
  std::string out;
  append_frame(out, opcode, payload);
  return out;
}

TEST_F(WebSocketTest, EchoesMessagesOfEverySize) {
  open();
  for (size_t size : {0u, 1u, 125u, 126u, 20'000u, 65'535u}) {
    std::string payload(size, 'x');
    EXPECT_EQ(exchange(frame(0x82, payload)), plain(Opcode::binary, payload)) << size;
  }
  EXPECT_EQ(exchange(frame(0x81, "a") + frame(0x81, "b")), plain(Opcode::text, "a") + plain(Opcode::text, "b"));
}

TEST_F(WebSocketTest, AnswersPingsAndTheClosingHandshake) {
  open();
  EXPECT_EQ(exchange(frame(0x89, "are you there")), plain(Opcode::pong, "are you there"));
  EXPECT_EQ(exchange(frame(0x88, "\x03\xe8")), plain(Opcode::close, "\x03\xe8"));
  EXPECT_TRUE(ended_);
  peer_.reset();
  settle();
  EXPECT_EQ(service_.ended, "closed");
}

TEST_F(WebSocketTest, TellsAPeerThatBreaksTheProtocolWhy) {
  open();
  EXPECT_EQ(exchange(frame(0x81, "\xff")).substr(0, 4).substr(2), "\x03\xef");
  EXPECT_TRUE(ended_);
  peer_.reset();
  settle();
  EXPECT_EQ(service_.ended, "E_BAD_MESSAGE");
}

TEST_F(WebSocketTest, PingsASilentPeerAndCutsItWhenItStaysSilent) {
  open();
  time_.advance(30s);
  EXPECT_EQ(exchange(""), plain(Opcode::ping, ""));
  EXPECT_EQ(exchange(frame(0x8a, "")), "");
  time_.advance(30s);
  EXPECT_EQ(exchange(""), plain(Opcode::ping, ""));
  time_.advance(30s);
  EXPECT_EQ(exchange(""), "");
  EXPECT_TRUE(ended_);
  EXPECT_EQ(service_.ended, "E_TIMEOUT");
}

TEST_F(WebSocketTest, APeerThatVanishesIsNoClose) {
  open();
  peer_.reset();
  settle();
  EXPECT_EQ(service_.ended, "E_CLOSED");
}

}  // namespace
}  // namespace pds::http
