#include "proxy/classification.h"

#include <gtest/gtest.h>

#include "http/parser.h"

namespace pds::proxy {
namespace {

std::string classified(std::string_view bytes) {
  http::RequestParser parser{http::Limits{}};
  size_t consumed = 0;
  if (parser.feed(bytes, consumed) != http::Progress::failed) return "accepted";
  Classification found = classify(parser.failure().status, parser.failure().reason);
  return std::string(found.verdict) + " " + std::string(found.reason);
}

// Through the parser, so that a reason that is worded anew there does not lose its code here.
TEST(Classification, NamesWhatTheParserRefuses) {
  const std::pair<std::string, std::string> cases[] = {
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "Severe BothTeClPresent"},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "Severe MultipleContentLength"},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n", "Severe BadContentLength"},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", "Severe BadTransferEncoding"},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", "Severe BadTransferEncoding"},
      {"POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", "Severe UndefinedTransferEncodingSemantics"},
      {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", "Severe BadHeader"},
      {"GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n", "Severe BadHeader"},
      {"GET / HTTP/1.1\r\nHost: h\r\nbare\r\n\r\n", "Severe BadHeader"},
      {"GET / HTTP/1.1\nHost: h\n\n", "Severe BadHeader"},
      {"GET / HTTP/1.1\r\n\r\n", "Severe BadHeader"},
      {"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", "Severe BadUri"},
      {"GET /\r\nHost: h\r\n\r\n", "Severe "},
      {"G(T / HTTP/1.1\r\nHost: h\r\n\r\n", "Severe BadMethod"},
      {"GET /\x7f HTTP/1.1\r\nHost: h\r\n\r\n", "Severe BadUri"},
      {"GET x HTTP/1.1\r\nHost: h\r\n\r\n", "Severe BadUri"},
      {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", "Severe BadVersion"},
      {"GET / HTTP/11\r\nHost: h\r\n\r\n", "Severe BadVersion"},
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "accepted"},
  };
  for (const auto& [bytes, expected] : cases) EXPECT_EQ(classified(bytes), expected) << bytes;
}

TEST(Classification, SizeAndTimeAreNoBreach) {
  for (int status : {408, 414, 417, 431, 503}) EXPECT_EQ(classify(status, "too much").verdict, "") << status;
}

}  // namespace
}  // namespace pds::proxy
