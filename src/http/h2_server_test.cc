// The server's HTTP/2, seen frame by frame. What a hostile peer can do is in h2_abuse_test.cc.
#include <gtest/gtest.h>

#include "http/server.h"
#include "http/test_h2_peer.h"
#include "http/test_h2_service.h"

namespace pds::http {
namespace {

struct H2ServerTest : testing::Test {
  io::Loop loop;
  H2TestService service;
  std::unique_ptr<Server> server;
  std::unique_ptr<H2Peer> peer;

  void connect(ServerOptions options = {}) {
    options.http2_prior_knowledge = true;
    server = std::make_unique<Server>(loop, service, options);
    auto pair = io::make_stream_pair(loop);
    server->serve(std::move(pair.b));
    peer = std::make_unique<H2Peer>(std::move(pair.a));
  }
  void SetUp() override { connect(); }

  template <class T>
  T run(io::Task<T> task) {
    return io::run_until_done(loop, std::move(task));
  }
  Answer ask(uint32_t id, const Fields& fields, const std::string& body = "") {
    std::string bytes = peer->headers(id, fields, body.empty() ? end_headers | end_stream : end_headers);
    if (!body.empty()) bytes += data(id, body);
    if (id == 1) bytes = H2Peer::preface() + bytes;
    EXPECT_TRUE(run(peer->send(bytes)));
    return run(peer->answer(id));
  }
  // "200 body", and where there are any, trailers and the code of a reset.
  static std::string brief(const Answer& answer) {
    std::string text = answer.get(":status") + " " + answer.body;
    for (const auto& [name, value] : answer.trailers) text += " " + name + "=" + value;
    if (answer.reset >= 0) text += " reset " + std::to_string(answer.reset);
    return text;
  }
};

TEST_F(H2ServerTest, AnswersARequestAndLeavesOutWhatIsAboutAConnection) {
  Answer answer = ask(1, H2Peer::request("/"));
  EXPECT_EQ(brief(answer), "200 hello");
  EXPECT_EQ(answer.get("content-length"), "5");
  EXPECT_EQ(answer.get("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(answer.get("connection"), "");
  EXPECT_NE(answer.get("date"), "");
}

TEST_F(H2ServerTest, BeginsByItsPrefaceHoweverThatIsSplit) {
  std::string text = H2Peer::preface() + peer->headers(1, H2Peer::request("/"));
  for (size_t step = 1; step < text.size(); ++step) {
    connect();
    auto send = [](H2Peer& to, io::Loop& on, std::string bytes, size_t by) -> io::Task<bool> {
      for (size_t at = 0; at < bytes.size(); at += by) {
        if (!co_await to.send(bytes.substr(at, by))) co_return false;
        co_await on.yield();
      }
      co_return true;
    };
    ASSERT_TRUE(run(send(*peer, loop, text, step))) << step;
    ASSERT_EQ(brief(run(peer->answer(1))), "200 hello") << step;
  }
}

TEST_F(H2ServerTest, SpeaksHttp1ToThoseWhoDo) {
  EXPECT_TRUE(run(peer->send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")));
  std::string head(15, 0);
  EXPECT_TRUE(run(io::read_exactly(peer->stream(), head, soon())));
  EXPECT_EQ(head, "HTTP/1.1 200 OK");
}

TEST_F(H2ServerTest, IsRefusedWhereItIsNotSpokenAndAfterHttp1) {
  for (std::string before : {"", "GET /head HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    ServerOptions options;
    options.http2_prior_knowledge = !before.empty();
    server = std::make_unique<Server>(loop, service, options);
    auto pair = io::make_stream_pair(loop);
    server->serve(std::move(pair.b));
    auto all = [](io::Stream& stream, std::string text) -> io::Task<std::string> {
      [[maybe_unused]] auto sent = co_await io::write_all(stream, text, soon());
      stream.shutdown_write();
      std::string answer(4096, 0);
      size_t size = 0;
      while (true) {
        auto got = co_await io::read_some(stream, std::span(answer).subspan(size), soon());
        if (!got || *got == 0) break;
        size += *got;
      }
      co_return answer.substr(0, size);
    };
    std::string answer = run(all(*pair.a, before + H2Peer::preface()));
    EXPECT_NE(answer.find("HTTP/1.1 505 "), std::string::npos) << answer;
  }
}

std::string upgrade_request(std::string_view target, std::string_view settings, std::string_view more = "") {
  return std::string("GET ").append(target).append(" HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: ")
      .append(settings).append("\r\n").append(more).append("\r\n");
}

TEST_F(H2ServerTest, AHttp1RequestMayAskForItAndIsItsFirst) {
  // SETTINGS_MAX_CONCURRENT_STREAMS 100, SETTINGS_INITIAL_WINDOW_SIZE 65535
  for (std::string settings : {"AAMAAABkAAQAAP__", ""}) {
    connect();
    EXPECT_TRUE(run(peer->send(upgrade_request("/head?q", settings, "X: y\r\n"))));
    std::string switched = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", got(switched.size(), 0);
    ASSERT_TRUE(run(io::read_exactly(peer->stream(), got, soon())));
    EXPECT_EQ(got, switched);
    EXPECT_TRUE(run(peer->send(H2Peer::preface() + peer->headers(3, H2Peer::request("/")))));
    EXPECT_EQ(brief(run(peer->answer(1))), "200 GET /head?q 2.0 host=a Host=a X=y");
    EXPECT_EQ(brief(run(peer->answer(3))), "200 hello");
    EXPECT_EQ(server->requests_in_flight(), 0u);
  }
}

TEST_F(H2ServerTest, WhoAsksWronglyIsAnsweredInHttp1) {
  std::string twice = "HTTP2-Settings: AAMAAABk\r\n", body = "Content-Length: 1\r\n";
  for (const std::string& request :
       {upgrade_request("/", "AAMAAABk", twice), upgrade_request("/", "AAMAAAB"), upgrade_request("/", "AAM+AABk"), upgrade_request("/", "AAMA"),
        upgrade_request("/", std::string(1000, 'A')), upgrade_request("/", "AAMAAABk", body) + "x",
        std::string("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\n\r\n")}) {
    connect();
    EXPECT_TRUE(run(peer->send(request)));
    std::string head(15, 0);
    EXPECT_TRUE(run(io::read_exactly(peer->stream(), head, soon())));
    EXPECT_EQ(head, "HTTP/1.1 200 OK") << request;
  }
}

TEST_F(H2ServerTest, APeerThatAskedForItAndGoesOnInHttp1IsEnded) {
  EXPECT_TRUE(run(peer->send(upgrade_request("/wait", "") + "GET / HTTP/1.1\r\nHost: a\r\n\r\n")));
  while (server->connections() > 0) loop.run_once(1s);
  EXPECT_EQ(server->requests_in_flight(), 0u);
}

TEST_F(H2ServerTest, TranslatesHeads) {
  Fields fields = H2Peer::request("/head?q=1", "GET", {{"cookie", "a=1"}, {"x", "y"}, {"cookie", "b=2"}, {"te", "trailers"}});
  EXPECT_EQ(ask(1, fields).body, "GET /head?q=1 2.0 host=a x=y te=trailers cookie=a=1; b=2");
  // Host instead of an authority, and beside one that says the same.
  fields = {{":method", "GET"}, {":scheme", "http"}, {":path", "/head"}, {"host", "b"}};
  EXPECT_EQ(ask(3, fields).body, "GET /head 2.0 host=b");
  EXPECT_EQ(ask(5, H2Peer::request("/head", "GET", {{"host", "a"}})).body, "GET /head 2.0 host=a");
}

TEST_F(H2ServerTest, ServesRequestsSideBySide) {
  std::string bytes = H2Peer::preface() + peer->headers(1, H2Peer::request("/wait")) + peer->headers(3, H2Peer::request("/"));
  EXPECT_TRUE(run(peer->send(bytes)));
  EXPECT_EQ(brief(run(peer->answer(3))), "200 hello");
  EXPECT_EQ(server->requests_in_flight(), 1u);
  service.release.set();
  EXPECT_EQ(brief(run(peer->answer(1))), "200 waited");
  EXPECT_EQ(server->requests_in_flight(), 0u);
}

TEST_F(H2ServerTest, PassesBodiesAndTrailersBothWays) {
  EXPECT_EQ(brief(ask(1, H2Peer::request("/relay", "POST"), "abc")), "200 abc grpc-status=0");
  std::string bytes = peer->headers(3, H2Peer::request("/echo", "POST"), end_headers) + data(3, "one ", false) +
                      data(3, "two", false) + peer->headers(3, {{"x-sum", "7"}});
  EXPECT_TRUE(run(peer->send(bytes)));
  EXPECT_EQ(brief(run(peer->answer(3))), "200 one two x-sum=7");
}

TEST_F(H2ServerTest, SendsNoBodyWhereThereIsNone) {
  Answer head = ask(1, H2Peer::request("/", "HEAD"));
  EXPECT_EQ(brief(head), "200 ");
  EXPECT_EQ(head.get("content-length"), "5");
  Answer no_content = ask(3, H2Peer::request("/status?204"));
  EXPECT_EQ(brief(no_content), "204 ");
  EXPECT_EQ(no_content.get("content-length"), "");
  EXPECT_EQ(brief(ask(5, H2Peer::request("/status?304"))), "304 ");
}

TEST_F(H2ServerTest, AsksForTheBodyWhenItIsExpectedTo) {
  EXPECT_TRUE(run(peer->send(H2Peer::preface() +
                             peer->headers(1, H2Peer::request("/echo", "POST", {{"expect", "100-continue"}}), end_headers))));
  Frame interim = run(peer->until(NGHTTP2_HEADERS));
  EXPECT_EQ(peer->answers[1].get(":status"), "100");
  EXPECT_FALSE(interim.last());
  EXPECT_TRUE(run(peer->send(data(1, "body"))));
  EXPECT_EQ(brief(run(peer->answer(1))), "200 body");
}

TEST_F(H2ServerTest, RefusesHeadsAsHttp1Does) {
  struct Case {
    const char* what;
    Fields fields;
    const char* status;
  };
  std::string long_path = "/" + std::string(17000, 'a');
  Fields many = H2Peer::request("/");
  for (int i = 0; i < 130; ++i) many.emplace_back("x", "y");
  const Case cases[] = {
      {"a fragment", H2Peer::request("/a#b"), "400"},
      {"another host", H2Peer::request("/", "GET", {{"host", "b"}}), "400"},
      {"a user in the authority", {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "u@a"}}, "400"},
      {"a scheme that is not known", {{":method", "GET"}, {":scheme", "gopher"}, {":path", "/"}, {":authority", "a"}}, "400"},
      {"an expectation", H2Peer::request("/", "GET", {{"expect", "a miracle"}}), "417"},
      {"a long path", H2Peer::request(long_path), "414"},
      {"too many fields", many, "431"},
  };
  for (const Case& c : cases) {
    connect();
    EXPECT_EQ(ask(1, c.fields).get(":status"), c.status) << c.what;
    EXPECT_EQ(brief(ask(3, H2Peer::request("/"))), "200 hello") << c.what << ": the connection goes on";
  }
  EXPECT_EQ(service.served, static_cast<int>(std::size(cases)));
}

TEST_F(H2ServerTest, EndsStreamsThatBreakTheProtocol) {
  struct Case {
    const char* what;
    Fields fields;
  };
  const Case cases[] = {
      {"no path", {{":method", "GET"}, {":scheme", "http"}, {":authority", "a"}}},
      {"no authority", {{":method", "GET"}, {":scheme", "http"}, {":path", "/"}}},
      {"a space in the path", H2Peer::request("/a b")},
      {"a path without a slash", H2Peer::request("a")},
      {"a star that is not for OPTIONS", H2Peer::request("*")},
      {"two methods", H2Peer::request("/", "GET", {{":method", "PUT"}})},
      {"a pseudo field behind a field", H2Peer::request("/", "GET", {{"x", "y"}, {":foo", "z"}})},
      {"a field about the connection", H2Peer::request("/", "GET", {{"connection", "close"}})},
      {"a transfer coding", H2Peer::request("/", "GET", {{"transfer-encoding", "chunked"}})},
      {"te that is not trailers", H2Peer::request("/", "GET", {{"te", "gzip"}})},
      {"two lengths", H2Peer::request("/", "GET", {{"content-length", "0"}, {"content-length", "0"}})},
      {"a length that is not that of the body", H2Peer::request("/", "GET", {{"content-length", "7"}})},
  };
  for (const Case& c : cases) {
    connect();
    EXPECT_EQ(brief(ask(1, c.fields)), "  reset 1") << c.what;
    EXPECT_EQ(brief(ask(3, H2Peer::request("/"))), "200 hello") << c.what << ": the connection goes on";
  }
  EXPECT_EQ(service.served, static_cast<int>(std::size(cases)));
}

TEST_F(H2ServerTest, EndsStreamsWhoseNamesAreUpperCase) {
  // As nghttp2 writes names in lower case: a literal field by hand.
  std::string block = peer->block(H2Peer::request("/")) + std::string("\x00\x01X\x01y", 5);
  EXPECT_TRUE(run(peer->send(H2Peer::preface() + frame(NGHTTP2_HEADERS, end_headers | end_stream, 1, block))));
  Answer answer = run(peer->answer(1));
  EXPECT_TRUE(answer.reset == NGHTTP2_PROTOCOL_ERROR || answer.get(":status") == "400") << brief(answer);
  EXPECT_EQ(service.served, 0);
}

TEST_F(H2ServerTest, MovesTheWindowAsTheBodyIsRead) {
  // Nobody reads: a stream's window, and not a byte more.
  connect();
  std::string piece(16384, 'x');
  std::string bytes = H2Peer::preface() + peer->headers(1, H2Peer::request("/wait", "POST"), end_headers);
  for (int i = 0; i < 8; ++i) bytes += data(1, piece, false);
  EXPECT_TRUE(run(peer->send(bytes + ping())));
  while (true) {
    Frame frame = run(peer->next());
    ASSERT_FALSE(frame.ended());
    EXPECT_FALSE(frame.type == NGHTTP2_WINDOW_UPDATE && frame.id == 1);
    if (frame.type == NGHTTP2_PING) break;
  }
  EXPECT_TRUE(run(peer->send(data(1, "x", false))));
  EXPECT_EQ(run(peer->answer(1)).reset, NGHTTP2_FLOW_CONTROL_ERROR);

  // Somebody reads: megabytes.
  connect();
  auto upload = [](H2Peer& to, std::string text) -> io::Task<bool> {
    co_await to.send(H2Peer::preface() + to.headers(1, H2Peer::request("/echo", "POST"), end_headers) + window_update(0, 1 << 24) +
                     setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 24));
    int64_t window = 65535, stream_window = 128 * 1024;
    for (size_t at = 0; at < text.size();) {
      size_t size =
          std::min<size_t>({16384, text.size() - at, static_cast<size_t>(std::max<int64_t>(0, std::min(window, stream_window)))});
      if (size > 0) {
        at += size, window -= static_cast<int64_t>(size), stream_window -= static_cast<int64_t>(size);
        if (!co_await to.send(data(1, text.substr(at - size, size), at == text.size()))) co_return false;
        continue;
      }
      Frame update = co_await to.until(NGHTTP2_WINDOW_UPDATE);
      if (update.ended()) co_return false;
      (update.id == 0 ? window : stream_window) += number_at(update.payload, 0, 4);
    }
    co_return true;
  };
  std::string text(3'000'000, 'u');
  ASSERT_TRUE(run(upload(*peer, text)));
  EXPECT_EQ(run(peer->answer(1)).body, text);
}

TEST_F(H2ServerTest, SendsNoMoreThanThePeersWindow) {
  std::string bytes =
      H2Peer::preface() + setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 10) + peer->headers(1, H2Peer::request("/big?25"));
  EXPECT_TRUE(run(peer->send(bytes)));
  EXPECT_EQ(run(peer->until(NGHTTP2_DATA)).payload.size(), 10u);
  EXPECT_TRUE(run(peer->send(ping())));
  EXPECT_EQ(run(peer->next()).type, NGHTTP2_PING);
  EXPECT_TRUE(run(peer->send(window_update(1, 100))));
  EXPECT_EQ(run(peer->answer(1)).body, std::string(25, 'b'));
}

TEST_F(H2ServerTest, StreamsTakeTurns) {
  std::string bytes = H2Peer::preface() + window_update(0, 1 << 20) + setting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 1 << 20);
  for (uint32_t id : {1u, 3u}) bytes += peer->headers(id, H2Peer::request("/big?400000"));
  EXPECT_TRUE(run(peer->send(bytes)));
  EXPECT_EQ(run(peer->answer(1)).body.size(), 400000u);
  EXPECT_GT(peer->answers[3].body.size(), 200000u);
}

TEST_F(H2ServerTest, AnswersForServicesThatDoNot) {
  EXPECT_EQ(ask(1, H2Peer::request("/silent")).get(":status"), "500");
  EXPECT_EQ(brief(ask(3, H2Peer::request("/half"))), "200 12345 reset 2");
  EXPECT_EQ(ask(5, H2Peer::request("/split")).get(":status"), "500");
  EXPECT_EQ(ask(7, H2Peer::request("/drop")).get(":status"), "");
}

TEST_F(H2ServerTest, TellsAPeerThatItNeedNotSendTheRest) {
  EXPECT_TRUE(run(peer->send(H2Peer::preface() + peer->headers(1, H2Peer::request("/", "POST"), end_headers))));
  EXPECT_EQ(brief(run(peer->answer(1))), "200 hello");
  Frame reset = run(peer->until(NGHTTP2_RST_STREAM));
  EXPECT_EQ(reset.code(), static_cast<uint32_t>(NGHTTP2_NO_ERROR));
}

TEST_F(H2ServerTest, BodiesThatStopAreAnswered408) {
  connect({.body_timeout = 20ms});
  EXPECT_TRUE(
      run(peer->send(H2Peer::preface() + peer->headers(1, H2Peer::request("/echo", "POST"), end_headers) + data(1, "ab", false))));
  EXPECT_EQ(run(peer->answer(1)).get(":status"), "408");
  EXPECT_EQ(service.error, "E_TIMEOUT");
}

TEST_F(H2ServerTest, WhatThePeerGivesUpIsCancelledWhereItWaits) {
  EXPECT_TRUE(run(peer->send(H2Peer::preface() + peer->headers(1, H2Peer::request("/wait")) + ping())));
  run(peer->until(NGHTTP2_PING));
  EXPECT_EQ(service.under_way, 1);
  EXPECT_TRUE(run(peer->send(reset_stream(1, NGHTTP2_CANCEL) + ping())));
  run(peer->until(NGHTTP2_PING));
  EXPECT_EQ(service.under_way, 0);
  EXPECT_EQ(service.cancelled, 1);
  // And when the peer goes.
  EXPECT_TRUE(run(peer->send(peer->headers(3, H2Peer::request("/wait")) + ping())));
  run(peer->until(NGHTTP2_PING));
  peer->close();
  while (server->connections() > 0) loop.run_once(1s);
  EXPECT_EQ(service.cancelled, 2);
}

TEST_F(H2ServerTest, DrainsInTwoSteps) {
  EXPECT_TRUE(run(peer->send(H2Peer::preface() + peer->headers(1, H2Peer::request("/wait")) + ping())));
  run(peer->until(NGHTTP2_PING));
  bool drained = false;
  auto drain = [](Server& s, bool& done) -> io::Task<void> { done = co_await s.drain(soon()); };
  io::TaskSet draining;
  draining.spawn(drain(*server, drained));
  Frame notice = run(peer->until(NGHTTP2_GOAWAY));
  EXPECT_EQ(number_at(notice.payload, 0, 4), 0x7fffffffu);
  EXPECT_EQ(notice.code(), static_cast<uint32_t>(NGHTTP2_NO_ERROR));
  Frame asked = run(peer->until(NGHTTP2_PING));
  // A request that was on its way is served still.
  EXPECT_TRUE(run(peer->send(peer->headers(3, H2Peer::request("/")) + frame(NGHTTP2_PING, NGHTTP2_FLAG_ACK, 0, asked.payload))));
  Frame last = run(peer->until(NGHTTP2_GOAWAY));
  EXPECT_EQ(number_at(last.payload, 0, 4), 3u);
  EXPECT_EQ(brief(run(peer->answer(3))), "200 hello");
  service.release.set();
  EXPECT_EQ(brief(run(peer->answer(1))), "200 waited");
  EXPECT_TRUE(run(peer->next()).ended());
  peer->close();
  while (!drained) loop.run_once(1s);
}

TEST_F(H2ServerTest, DrainsAlthoughThePeerDoesNotAnswer) {
  EXPECT_TRUE(run(peer->send(H2Peer::preface() + ping())));
  run(peer->until(NGHTTP2_PING));
  auto drain = [](Server& s) -> io::Task<bool> { co_return co_await s.drain(soon()); };
  EXPECT_TRUE(run(drain(*server)));
}

TEST_F(H2ServerTest, EndsAfterSoManyRequests) {
  connect({.requests_per_connection_max = 2});
  EXPECT_EQ(brief(ask(1, H2Peer::request("/"))), "200 hello");
  EXPECT_EQ(brief(ask(3, H2Peer::request("/"))), "200 hello");
  EXPECT_EQ(run(peer->until(NGHTTP2_GOAWAY)).code(), static_cast<uint32_t>(NGHTTP2_NO_ERROR));
}

TEST_F(H2ServerTest, IdleConnectionsAreToldAndClosed) {
  connect({.idle_timeout = 20ms});
  EXPECT_EQ(brief(ask(1, H2Peer::request("/"))), "200 hello");
  Frame goaway = run(peer->until(NGHTTP2_GOAWAY));
  EXPECT_EQ(goaway.code(), static_cast<uint32_t>(NGHTTP2_NO_ERROR));
  EXPECT_TRUE(run(peer->next()).ended());
}

}  // namespace
}  // namespace pds::http
