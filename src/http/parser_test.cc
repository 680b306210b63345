#include "http/parser.h"

#include <gtest/gtest.h>

#include "http/chunked.h"

namespace pds::http {
namespace {

// Feeds `text` in pieces of `step` bytes, as a connection would.
template <class Parser>
Progress feed_in_pieces(Parser& parser, std::string_view text, size_t step, std::string* rest = nullptr) {
  std::string pending;
  for (size_t at = 0; at < text.size(); at += step) {
    pending += text.substr(at, step);
    size_t consumed = 0;
    Progress progress = parser.feed(pending, consumed);
    pending.erase(0, consumed);
    if (progress == Progress::need_more) continue;
    if (rest) *rest = pending + std::string(text.substr(std::min(at + step, text.size())));
    return progress;
  }
  return Progress::need_more;
}

// 200 for accepted, 0 for unfinished, otherwise the answer.
int verdict(std::string_view text, size_t step, const Limits& limits = {}) {
  RequestParser parser(limits);
  switch (feed_in_pieces(parser, text, step)) {
    case Progress::done:
      return 200;
    case Progress::need_more:
      return 0;
    case Progress::failed:
      return parser.failure().status;
  }
  return -1;
}

struct Case {
  const char* why;
  std::string text;
  int status;
};

std::string with(std::string_view fields) { return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n"; }

const Case request_cases[] = {
    {"a plain request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 200},
    {"HTTP/1.0 needs no Host", "GET / HTTP/1.0\r\n\r\n", 200},
    {"one empty line before it", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 200},
    {"two empty lines before it", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"an absolute target", "GET http://h:8080/x?y HTTP/1.1\r\nHost: h:8080\r\n\r\n", 200},
    {"an absolute target in other letters", "GET HTTP://H/x HTTP/1.1\r\nHost: h\r\n\r\n", 200},
    {"an absolute target with the usual port", "GET http://h:80/x HTTP/1.1\r\nHost: h\r\n\r\n", 200},
    {"a Host with the usual port", "GET https://h/x HTTP/1.1\r\nHost: h:443\r\n\r\n", 200},
    {"an absolute target without a path", "GET http://h?x HTTP/1.1\r\nHost: h\r\n\r\n", 200},
    {"an absolute target in HTTP/1.0", "GET http://h/x HTTP/1.0\r\n\r\n", 200},
    {"an absolute target and another Host", "GET http://h/x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"an absolute target and another port", "GET http://h:81/x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"an absolute target and an empty Host", "GET http://h/x HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"an absolute target without Host", "GET http://h/x HTTP/1.1\r\n\r\n", 400},
    {"an empty authority", "GET http:///x HTTP/1.1\r\nHost:\r\n\r\n", 400},
    {"a path that looks absolute", "GET /http://h/x HTTP/1.1\r\nHost: a\r\n\r\n", 200},
    {"an authority with credentials", "GET http://u@h/x HTTP/1.1\r\nHost: u@h\r\n\r\n", 400},
    {"an unknown scheme", "GET ftp://h/x HTTP/1.1\r\nHost: h\r\n\r\n", 400},
    {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 200},
    {"GET *", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"CONNECT takes an authority", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 200},
    {"CONNECT without a port", "CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"CONNECT with a port that is none", "CONNECT a:b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"CONNECT with a path", "CONNECT /a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a target without a form", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a later minor version", "GET / HTTP/1.7\r\nHost: a\r\n\r\n", 200},
    {"another major version", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
    {"no version", "GET /\r\nHost: a\r\n\r\n", 400},
    {"a version in lower case", "GET / http/1.1\r\nHost: a\r\n\r\n", 400},
    {"a version with two digits", "GET / HTTP/1.11\r\nHost: a\r\n\r\n", 400},
    {"two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a space within the target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a tab instead of a space", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a method that is no token", "G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a leading space", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a fragment", "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a control character in the target", "GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a delete in the target", "GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a tab in the target", "GET /\t HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"CR in the request line", "GET /\r HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"a space behind the version", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
    {"nothing but a version", "HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"HTTP/0.9", "GET / HTTP/0.9\r\n\r\n", 505},
    {"bytes beyond ASCII in the target", "GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 400},
    {"bare LF after a field", "GET / HTTP/1.1\r\nHost: a\n\r\n", 400},
    {"bare LF as the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 400},
    {"bare CR in a value", with("X: a\rb\r\n"), 400},
    {"CR CR LF", with("X: a\r\r\n"), 400},
    {"NUL in a value", with(std::string("X: a\0b\r\n", 8)), 400},
    {"NUL in the target", std::string("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n", 28), 400},
    {"a control character in a value", with("X: a\x01\r\n"), 400},
    {"bytes beyond ASCII in a value", with("X: \xc3\xa4\r\n"), 200},
    {"a tab in a value", with("X: a\tb\r\n"), 200},
    {"space before the colon", with("X : a\r\n"), 400},
    {"space before Content-Length's colon", with("Content-Length : 5\r\n"), 400},
    {"a tab before the colon", with("X\t: a\r\n"), 400},
    {"a control character in a name", with("X\x01: a\r\n"), 400},
    {"NUL in a name", with(std::string("X\0: a\r\n", 8)), 400},
    {"bytes beyond ASCII in a name", with("\xc3\xa4: a\r\n"), 400},
    {"a delete in a value", with("X: a\x7f\r\n"), 400},
    {"a control character late in a long value", with("X: 0123456789012345678901234567890\x1f\r\n"), 400},
    {"no colon", with("X\r\n"), 400},
    {"an empty name", with(": a\r\n"), 400},
    {"an empty value", with("X:\r\n"), 200},
    {"a folded line", with("X: a\r\n b\r\n"), 400},
    {"a folded first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
    {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
    {"two Hosts", with("Host: a\r\n"), 400},
    {"two Hosts in HTTP/1.0", "GET / HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n", 400},
    {"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 200},
    {"Host with credentials", "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
    {"Host with a fragment", "GET / HTTP/1.1\r\nHost: a#b\r\n\r\n", 400},
    {"Host with a slash", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
    {"Host with a space", "GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
    {"Host with a list", "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400},
    {"an IPv6 Host", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", 200},
    {"a length", with("Content-Length: 5\r\n"), 200},
    {"a length with a sign", with("Content-Length: +5\r\n"), 400},
    {"a negative length", with("Content-Length: -5\r\n"), 400},
    {"a hexadecimal length", with("Content-Length: 0x5\r\n"), 400},
    {"a length with a blank", with("Content-Length: 5 5\r\n"), 400},
    {"an empty length", with("Content-Length: \r\n"), 400},
    {"a length beyond counting", with("Content-Length: 99999999999999999999\r\n"), 400},
    {"two equal lengths", with("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
    {"two different lengths", with("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
    {"a list of lengths", with("Content-Length: 5, 5\r\n"), 400},
    {"a length with a comma", with("Content-Length: 5,\r\n"), 400},
    {"a length with a point", with("Content-Length: 5.0\r\n"), 400},
    {"a length with an exponent", with("Content-Length: 1e1\r\n"), 400},
    {"a quoted length", with("Content-Length: \"5\"\r\n"), 400},
    {"a length with leading zeros", with("Content-Length: 005\r\n"), 200},
    {"blanks around a length", with("Content-Length: \t 5 \t\r\n"), 200},
    {"an underscore for a hyphen", with("Content_Length: 5\r\nTransfer_Encoding: chunked\r\n"), 200},  // other fields
    {"a length and an empty coding", with("Content-Length: 5\r\nTransfer-Encoding:\r\n"), 400},
    {"chunked", with("Transfer-Encoding: chunked\r\n"), 200},
    {"Chunked in capitals", with("TRANSFER-ENCODING: CHUNKED\r\n"), 200},
    {"chunked and a length", with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
    {"a length and chunked", with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"an unknown coding and a length", with("Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n"), 400},
    {"chunked twice", with("Transfer-Encoding: chunked, chunked\r\n"), 400},
    {"chunked in two fields", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
    {"chunked not last", with("Transfer-Encoding: chunked, gzip\r\n"), 400},
    {"chunked, then identity", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), 400},
    {"chunked, then identity in one", with("Transfer-Encoding: chunked, identity\r\n"), 400},
    {"identity, then chunked", with("Transfer-Encoding: identity, chunked\r\n"), 501},
    {"chunked and nothing more", with("Transfer-Encoding: chunked,\r\n"), 400},
    {"nothing and chunked", with("Transfer-Encoding: ,chunked\r\n"), 400},
    {"chunked behind a tab", with("Transfer-Encoding:\tchunked\r\n"), 200},
    {"chunked with a parameter", with("Transfer-Encoding: chunked;q=1\r\n"), 501},
    {"chunked with NUL", with(std::string("Transfer-Encoding: chunked\0\r\n", 29)), 400},
    {"chunked with a form feed", with("Transfer-Encoding: \x0c""chunked\r\n"), 400},
    {"chunked folded", with("Transfer-Encoding:\r\n chunked\r\n"), 400},
    {"gzip before chunked", with("Transfer-Encoding: gzip, chunked\r\n"), 501},
    {"identity", with("Transfer-Encoding: identity\r\n"), 501},
    {"an unknown coding", with("Transfer-Encoding: xchunked\r\n"), 501},
    {"chunked with a vertical tab",
     with("Transfer-Encoding: \x0b"
          "chunked\r\n"),
     400},
    {"an empty coding", with("Transfer-Encoding:\r\n"), 400},
    {"a quoted coding", with("Transfer-Encoding: \"chunked\"\r\n"), 400},
    {"chunked in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"an expectation", with("Expect: 100-continue\r\n"), 200},
    {"another expectation", with("Expect: 200-ok\r\n"), 417},
    {"an expectation more", with("Expect: 100-continue, 200-ok\r\n"), 417},
    {"an expectation in HTTP/1.0", "POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n", 200},
};

TEST(RequestParser, DecidesTheSameHoweverTheBytesAreSplit) {
  for (const Case& c : request_cases) {
    for (size_t step = 1; step <= c.text.size(); ++step)
      EXPECT_EQ(verdict(c.text, step), c.status) << c.why << ", in pieces of " << step;
  }
}

TEST(RequestParser, NeverAcceptsAPrefix) {
  for (const Case& c : request_cases) {
    if (c.status != 200) continue;
    for (size_t size = 0; size < c.text.size(); ++size)
      EXPECT_EQ(verdict(c.text.substr(0, size), 1), 0) << c.why << ", " << size << " bytes";
  }
}

TEST(RequestParser, AnswersEachLimitByItsName) {
  Limits wide{.wide_targets = true};
  for (size_t step : {size_t{1}, size_t{1000}}) {
    EXPECT_EQ(verdict("GET /caf\xc3\xa9?\xff HTTP/1.1\r\nHost: a\r\n\r\n", step), 400);
    EXPECT_EQ(verdict("GET /caf\xc3\xa9?\xff HTTP/1.1\r\nHost: a\r\n\r\n", step, wide), 200);
    for (const char* bad : {"/\x7f", "/\x01", "/a#b", "/\xc3\xa9 b"})
      EXPECT_EQ(verdict(std::string("GET ") + bad + " HTTP/1.1\r\nHost: a\r\n\r\n", step, wide), 400) << bad;
  }
  Limits limits{.request_line_bytes_max = 100, .header_bytes_max = 200, .header_count_max = 3};
  auto line = [](size_t size) { return "GET /" + std::string(size, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n"; };
  auto field = [](size_t size) { return "GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(size, 'a') + "\r\n\r\n"; };
  for (size_t step : {1u, 7u, 1000u}) {
    EXPECT_EQ(verdict(line(80), step, limits), 200);
    EXPECT_EQ(verdict(line(90), step, limits), 414);
    EXPECT_EQ(verdict(std::string(101, 'a'), step, limits), 414);  // without an end in sight
    EXPECT_EQ(verdict(field(180), step, limits), 200);
    EXPECT_EQ(verdict(field(190), step, limits), 431);
    EXPECT_EQ(verdict("GET / HTTP/1.1\r\nX: " + std::string(201, 'a'), step, limits), 431);
    EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\n\r\n", step, limits), 200);
    EXPECT_EQ(verdict("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n", step, limits), 431);
  }
}

TEST(RequestParser, KeepsWhatItRead) {
  RequestParser parser{Limits{}};
  std::string rest;
  std::string text =
      "PUT /a%20b?x=1&y=a%2Bb+c HTTP/1.1\r\nHost: h:1\r\nX-Thing:  padded \t\r\nContent-Length: 3\r\nConnection: Foo, "
      "Close\r\n\r\nabcGET";
  for (size_t step = 1; step <= text.size(); ++step) {
    parser.reset();
    ASSERT_EQ(feed_in_pieces(parser, text, step, &rest), Progress::done);
    EXPECT_EQ(rest, "abcGET");
    EXPECT_EQ(parser.head.method, "PUT");
    EXPECT_EQ(parser.head.path(), "/a%20b");
    EXPECT_EQ(parser.head.query_parameter("y"), "a+b c");
    EXPECT_EQ(parser.head.host(), "h:1");
    EXPECT_EQ(parser.head.headers.get("x-thing"), "padded");
    EXPECT_EQ(parser.framing().kind, Framing::sized);
    EXPECT_EQ(parser.framing().length, 3u);
    EXPECT_FALSE(parser.keep_alive());
  }
}

TEST(RequestParser, KnowsWhichConnectionsStayOpen) {
  struct {
    const char* text;
    bool keep_alive;
  } cases[] = {{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
               {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
               {"GET / HTTP/1.0\r\n\r\n", false},
               {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
               {"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false}};
  for (auto& c : cases) {
    RequestParser parser{Limits{}};
    ASSERT_EQ(feed_in_pieces(parser, c.text, 1000), Progress::done) << c.text;
    EXPECT_EQ(parser.keep_alive(), c.keep_alive) << c.text;
  }
}

TEST(ResponseParser, DecidesWhereTheBodyEnds) {
  struct {
    const char* text;
    bool answers_head;
    Progress progress;
    Framing::Kind kind;
    bool keep_alive;
  } cases[] = {
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", false, Progress::done, Framing::sized, true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true, Progress::done, Framing::none, true},
      {"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\n", false, Progress::done, Framing::sized, true},
      {"HTTP/1.1 204 No Content\r\n\r\n", false, Progress::done, Framing::none, true},
      {"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", false, Progress::done, Framing::none, true},
      {"HTTP/1.1 200 OK\r\n\r\n", false, Progress::done, Framing::until_close, false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, Progress::done, Framing::chunked, true},
      {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n", false, Progress::done, Framing::sized, false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n", false, Progress::done, Framing::sized, false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n", false, Progress::failed, Framing::none, false},
      {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", false, Progress::failed, Framing::none, false},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", false, Progress::failed, Framing::none, false},
      {"HTTP/1.1 099 Odd\r\n\r\n", false, Progress::failed, Framing::none, false},
      {"HTTP/1.1 2000 Odd\r\n\r\n", false, Progress::failed, Framing::none, false},
      {"HTTP/2.0 200 OK\r\n\r\n", false, Progress::failed, Framing::none, false},
      {"ICY 200 OK\r\n\r\n", false, Progress::failed, Framing::none, false},
  };
  for (auto& c : cases) {
    for (size_t step = 1; step < 60; ++step) {
      ResponseParser parser{Limits{}};
      parser.reset(c.answers_head, false);
      ASSERT_EQ(feed_in_pieces(parser, c.text, step), c.progress) << c.text;
      if (c.progress != Progress::done) continue;
      EXPECT_EQ(parser.framing().kind, c.kind) << c.text;
      EXPECT_EQ(parser.keep_alive(), c.keep_alive) << c.text;
    }
  }
}

// ---- chunked ----

struct Decoded {
  Progress progress = Progress::need_more;
  std::string data, rest;
};

Decoded decode(ChunkedDecoder& decoder, std::string_view text, size_t step) {
  Decoded out;
  decoder.reset();
  for (size_t at = 0; at < text.size(); at += step) {
    std::string_view piece = text.substr(at, step);
    while (!piece.empty()) {
      ChunkedDecoder::Step result = decoder.feed(piece);
      out.data += result.data;
      piece.remove_prefix(result.consumed);
      out.progress = result.progress;
      if (result.progress == Progress::need_more) continue;
      out.rest = std::string(piece) + std::string(text.substr(std::min(at + step, text.size())));
      return out;
    }
  }
  return out;
}

TEST(Chunked, DecodesHoweverTheBytesAreSplit) {
  ChunkedDecoder decoder{Limits{}};
  std::string text = "5\r\nhello\r\n1;name=value\r\n,\r\n000A\r\n0123456789\r\n0\r\nX-Sum: 1\r\nY:\r\n\r\nNEXT";
  for (size_t step = 1; step <= text.size(); ++step) {
    Decoded got = decode(decoder, text, step);
    EXPECT_EQ(got.progress, Progress::done);
    EXPECT_EQ(got.data, "hello,0123456789");
    EXPECT_EQ(got.rest, "NEXT");
    EXPECT_EQ(decoder.trailers().get("x-sum"), "1");
    EXPECT_EQ(decoder.trailers().size(), 2u);
  }
}

std::string many_extensions(int chunks) {
  std::string text;
  for (int i = 0; i < chunks; ++i) text += "1;" + std::string(200, 'a') + "\r\nx\r\n";
  return text;
}

TEST(Chunked, TakesSomeExtensions) {
  ChunkedDecoder decoder{Limits{}};
  EXPECT_EQ(decode(decoder, many_extensions(50) + "0\r\n\r\n", 7).data, std::string(50, 'x'));
}

TEST(Chunked, RefusesWhatCouldBeReadTwoWays) {
  struct {
    const char* why;
    std::string text;
    int status;
  } cases[] = {
      {"no size", "\r\nhello\r\n0\r\n\r\n", 400},
      {"a sign", "+5\r\nhello\r\n", 400},
      {"a prefix", "0x5\r\nhello\r\n", 400},
      {"a blank before the size", " 5\r\nhello\r\n", 400},
      {"a blank behind the size", "5 \r\nhello\r\n", 400},
      {"bare LF behind the size", "5\nhello\r\n", 400},
      {"bare CR behind the size", "5\rhello\r\n", 400},
      {"a size with too many digits", "0000000000000005\r\nhello\r\n", 400},
      {"a size beyond 64 bits", "fffffffffffffffff\r\n", 400},
      {"data longer than its size", "4\r\nhello\r\n", 400},
      {"data without its CR", "5\r\nhello\n0\r\n\r\n", 400},
      {"data without its LF", "5\r\nhello\rX", 400},
      {"bare LF in an extension", "5;a\nb\r\nhello\r\n", 400},
      {"NUL in an extension", std::string("5;a\0b\r\n", 7), 400},
      {"an endless extension", "5;" + std::string(300, 'a'), 400},
      {"an extension with each of many chunks", many_extensions(100), 400},
      {"data without its end, and a size", "5\r\nhello5\r\n", 400},
      {"another line end behind the data", "5\r\nhello\r\n\r\n0\r\n\r\n", 400},
      {"a last chunk of another size", "5\r\nhello\r\n-0\r\n\r\n", 400},
      {"a folded trailer", "0\r\nX: 1\r\n Y: 2\r\n\r\n", 400},
      {"a trailer with a space before its colon", "0\r\nX : 1\r\n\r\n", 400},
      {"a trailer without a colon", "0\r\nX\r\n\r\n", 400},
      {"a trailer with NUL", std::string("0\r\nX: \0\r\n\r\n", 11), 400},
      {"a trailer with a bare CR", "0\r\nX: a\rb\r\n\r\n", 400},
      {"a trailer with a bare LF", "0\r\nX: 1\n\r\n", 400},
      {"a trailer that frames", "0\r\nContent-Length: 5\r\n\r\n", 400},
      {"a trailer that frames anew", "0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {"a trailer that routes", "0\r\nHost: evil\r\n\r\n", 400},
      {"endless trailers", "0\r\nX: " + std::string(70'000, 'a'), 431},
  };
  ChunkedDecoder decoder{Limits{}};
  for (auto& c : cases) {
    for (size_t step : {1u, 2u, 3u, 5u, 1000u, 100'000u}) {
      EXPECT_EQ(decode(decoder, c.text, step).progress, Progress::failed) << c.why << ", in pieces of " << step;
      EXPECT_EQ(decoder.failure().status, c.status) << c.why;
    }
  }
}

}  // namespace
}  // namespace pds::http
