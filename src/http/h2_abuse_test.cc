// What a hostile peer can do to the server over HTTP/2, and what it is told.
#include <gtest/gtest.h>

#include "http/server.h"
#include "http/test_h2_peer.h"
#include "http/test_h2_service.h"

namespace pds::http {
namespace {

struct H2AbuseTest : testing::Test {
  io::Loop loop;
  H2TestService service;
  std::unique_ptr<Server> server;
  std::unique_ptr<H2Peer> peer;

  void connect(ServerOptions options = {}, size_t capacity = 65536) {
    options.http2_prior_knowledge = true;
    server = std::make_unique<Server>(loop, service, options);
    auto pair = io::make_stream_pair(loop, capacity);
    server->serve(std::move(pair.b));
    peer = std::make_unique<H2Peer>(std::move(pair.a));
  }
  void SetUp() override { connect(); }

  template <class T>
  T run(io::Task<T> task) {
    return io::run_until_done(loop, std::move(task));
  }
  // The GOAWAY that answers these bytes: sends while it reads, as a peer that floods may not.
  Frame goaway_for(std::string bytes) {
    auto flood = [](H2Peer& to, std::string text) -> io::Task<void> { co_await to.send(std::move(text)); };
    io::TaskSet flooding;
    flooding.spawn(flood(*peer, std::move(bytes)));
    return run(peer->until(NGHTTP2_GOAWAY));
  }
  void expect_calm(std::string bytes, std::string_view why) {
    Frame goaway = goaway_for(std::move(bytes));
    ASSERT_EQ(goaway.type, NGHTTP2_GOAWAY) << why;
    EXPECT_EQ(goaway.code(), static_cast<uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM)) << why;
    EXPECT_EQ(goaway.payload.substr(8), why);
    EXPECT_TRUE(run(peer->until(0xfe)).ended());
    peer->close();
    while (server->connections() > 0) loop.run_once(1s);
    EXPECT_EQ(service.under_way, 0);
  }
};

std::string repeat(int count, const std::string& text) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

constexpr const char* idle_frames = "too many frames that bring nothing";

TEST_F(H2AbuseTest, RapidReset) {
  std::string bytes = H2Peer::preface();
  for (uint32_t i = 0; i < 2000; ++i)
    bytes += peer->headers(2 * i + 1, H2Peer::request("/wait")) + reset_stream(2 * i + 1, NGHTTP2_CANCEL);
  expect_calm(std::move(bytes), "too many streams are reset");
  EXPECT_LE(service.under_way_max, 128);
  EXPECT_LE(service.served, 300);
}

TEST_F(H2AbuseTest, ResetsThatThePeerProvokes) {
  std::string bytes = H2Peer::preface();
  for (uint32_t i = 0; i < 2000; ++i)
    bytes += peer->headers(2 * i + 1, H2Peer::request("/wait")) + window_update(2 * i + 1, 0x7fffffff);
  expect_calm(std::move(bytes), "too many streams are reset");
  EXPECT_LE(service.under_way_max, 128);
}

TEST_F(H2AbuseTest, AFewResetsAreFine) {
  std::string bytes = H2Peer::preface();
  for (uint32_t i = 0; i < 100; ++i)
    bytes += peer->headers(2 * i + 1, H2Peer::request("/wait")) + reset_stream(2 * i + 1, NGHTTP2_CANCEL);
  bytes += peer->headers(201, H2Peer::request("/"));
  EXPECT_TRUE(run(peer->send(bytes)));
  EXPECT_EQ(run(peer->answer(201)).body, "hello");
}

TEST_F(H2AbuseTest, ContinuationsWithoutEnd) {
  std::string bytes = H2Peer::preface() + frame(NGHTTP2_HEADERS, end_stream, 1, peer->block(H2Peer::request("/")));
  Frame goaway = goaway_for(bytes + repeat(1000, frame(NGHTTP2_CONTINUATION, 0, 1, peer->block({{"x", "y"}}))));
  ASSERT_EQ(goaway.type, NGHTTP2_GOAWAY);
  EXPECT_EQ(goaway.code(), static_cast<uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
  EXPECT_EQ(service.served, 0);
}

TEST_F(H2AbuseTest, FieldsThatGrowWhenTheyAreDecompressed) {
  // A value of 4 KB once in the table, and then named again and again by one byte each.
  std::string value(3900, 'v');
  std::string block = peer->block(H2Peer::request("/head"));
  block += std::string("\x40\x01x\x7f\xbd\x1d", 6) + value;  // literal with indexing: 3900 bytes
  block += std::string(10000, '\xbe');
  EXPECT_TRUE(run(peer->send(H2Peer::preface() + frame(NGHTTP2_HEADERS, end_headers | end_stream, 1, block))));
  EXPECT_EQ(run(peer->answer(1)).get(":status"), "431");
  EXPECT_EQ(service.served, 0);
}

TEST_F(H2AbuseTest, Settings) { expect_calm(H2Peer::preface() + repeat(3000, frame(NGHTTP2_SETTINGS, 0, 0)), idle_frames); }

TEST_F(H2AbuseTest, Pings) { expect_calm(H2Peer::preface() + repeat(3000, ping()), idle_frames); }

TEST_F(H2AbuseTest, EmptyPiecesOfBody) {
  expect_calm(
      H2Peer::preface() + peer->headers(1, H2Peer::request("/echo", "POST"), end_headers) + repeat(3000, data(1, "", false)),
      idle_frames);
}

TEST_F(H2AbuseTest, PiecesOfPaddingOnly) {
  std::string padding = frame(NGHTTP2_DATA, NGHTTP2_FLAG_PADDED, 1, std::string("\x03\0\0\0", 4));
  expect_calm(H2Peer::preface() + peer->headers(1, H2Peer::request("/echo", "POST"), end_headers) + repeat(3000, padding),
              idle_frames);
}

TEST_F(H2AbuseTest, WindowUpdates) { expect_calm(H2Peer::preface() + repeat(3000, window_update(0, 1)), idle_frames); }

TEST_F(H2AbuseTest, Priorities) {
  expect_calm(H2Peer::preface() + repeat(3000, frame(NGHTTP2_PRIORITY, 0, 1, number(0, 4) + "x")), idle_frames);
}

TEST_F(H2AbuseTest, MoreStreamsThanAllowed) {
  std::string bytes = H2Peer::preface();
  for (uint32_t i = 0; i < 129; ++i) bytes += peer->headers(2 * i + 1, H2Peer::request("/wait"));
  EXPECT_TRUE(run(peer->send(bytes)));
  Answer refused = run(peer->answer(257));
  EXPECT_EQ(refused.reset, NGHTTP2_REFUSED_STREAM);
  EXPECT_EQ(service.under_way, 128);
}

TEST_F(H2AbuseTest, AWindowThatStaysShutEndsTheStreamOnly) {
  connect({.write_timeout = 30ms});
  std::string bytes =
      H2Peer::preface() + setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 0) + peer->headers(1, H2Peer::request("/big?100"));
  EXPECT_TRUE(run(peer->send(bytes)));
  EXPECT_EQ(run(peer->answer(1)).reset, NGHTTP2_CANCEL);
  EXPECT_EQ(service.error, "E_CLOSED");
  EXPECT_TRUE(run(peer->send(peer->headers(3, H2Peer::request("/", "HEAD")))));
  EXPECT_EQ(run(peer->answer(3)).get(":status"), "200");
}

TEST_F(H2AbuseTest, APeerThatReadsNothingIsCut) {
  connect({.write_timeout = 30ms}, 4096);
  std::string bytes = H2Peer::preface() + window_update(0, 1 << 24) + setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 24) +
                      peer->headers(1, H2Peer::request("/big?1000000"));
  EXPECT_TRUE(run(peer->send(bytes)));
  while (server->connections() > 0) loop.run_once(1s);
  EXPECT_EQ(service.under_way, 0);
}

TEST_F(H2AbuseTest, WhoReadsNoAnswersIsNotReadOn) {
  connect({.write_timeout = 10s}, 4096);
  size_t sent = 0;
  auto flood = [](H2Peer& to, size_t& count) -> io::Task<void> {
    bool going = co_await to.send(H2Peer::preface());
    for (uint32_t id = 1; going && id < 200'000; id += 2) {
      std::string text = to.headers(id, H2Peer::request("/"));
      count += text.size();
      going = co_await to.send(std::move(text));
    }
  };
  io::TaskSet flooding;
  flooding.spawn(flood(*peer, sent));
  for (int i = 0; i < 2000; ++i) loop.run_once(0ms);
  EXPECT_LT(sent, 400'000u);  // what fills the output, the pipes and one batch
}

TEST_F(H2AbuseTest, AHeadThatDoesNotEnd) {
  connect({.header_timeout = 20ms});
  Frame goaway = goaway_for(H2Peer::preface() + frame(NGHTTP2_HEADERS, end_stream, 1, peer->block(H2Peer::request("/"))));
  ASSERT_EQ(goaway.type, NGHTTP2_GOAWAY);
  EXPECT_EQ(goaway.code(), static_cast<uint32_t>(NGHTTP2_ENHANCE_YOUR_CALM));
  EXPECT_EQ(goaway.payload.substr(8), "a head did not arrive in time");
}

TEST_F(H2AbuseTest, APrefaceThatDoesNotEnd) {
  connect({.header_timeout = 20ms});
  EXPECT_TRUE(run(peer->send("PRI * HTTP/2.0\r\n\r\nSM")));
  EXPECT_TRUE(run(peer->until(0xfe)).ended());
  peer->close();
  while (server->connections() > 0) loop.run_once(1s);
}

TEST_F(H2AbuseTest, WhatIsNoFrame) {
  Frame goaway = goaway_for(H2Peer::preface() + frame(NGHTTP2_DATA, 0, 0, "on no stream"));
  EXPECT_EQ(goaway.code(), static_cast<uint32_t>(NGHTTP2_PROTOCOL_ERROR));
  connect();
  goaway = goaway_for(H2Peer::preface() + number(0xffffff, 3) + std::string(6, 0));
  EXPECT_EQ(goaway.code(), static_cast<uint32_t>(NGHTTP2_FRAME_SIZE_ERROR));
  connect();
  goaway = goaway_for(H2Peer::preface() + frame(NGHTTP2_HEADERS, end_headers | end_stream, 1, "\xff\xff\xff\xff\xff\xff"));
  EXPECT_EQ(goaway.code(), static_cast<uint32_t>(NGHTTP2_COMPRESSION_ERROR));
  connect();
  goaway = goaway_for("PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n");
  EXPECT_EQ(goaway.code(), static_cast<uint32_t>(NGHTTP2_PROTOCOL_ERROR));
}

TEST_F(H2AbuseTest, MoreConnectionsThanAllowed) {
  connect({.connections_max = 0});
  EXPECT_TRUE(run(peer->send(H2Peer::preface())));
  std::string answer(12, 0);
  EXPECT_TRUE(run(io::read_exactly(peer->stream(), answer, soon())));
  EXPECT_EQ(answer, "HTTP/1.1 503");  // what it speaks is not known before it has been read
}

}  // namespace
}  // namespace pds::http
