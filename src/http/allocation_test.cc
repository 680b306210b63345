// A steady state allocates nothing.
#include <gtest/gtest.h>

#include "http/client.h"
#include "http/server.h"
#include "io/test_allocations.h"

namespace pds::http {
namespace {

class FixedService final : public Service {
 public:
  io::Task<void> serve(ServerRequest& request, Responder& responder) override {
    while (true) {
      auto piece = co_await request.body.read();
      if (!piece || piece->empty()) break;
    }
    [[maybe_unused]] auto sent = co_await responder.send(head, "hello");
  }
  ResponseHead head;
};

io::Task<bool> talk(io::Stream& stream, std::string_view request, size_t answer_size, int times) {
  char room[4096];
  for (int i = 0; i < times; ++i) {
    auto sent = co_await io::write_all(stream, request, io::never);
    auto got = co_await io::read_exactly(stream, {room, answer_size}, io::never);
    if (!sent || !got) co_return false;
  }
  co_return true;
}

TEST(Allocations, AnAnswerOnAKeptConnectionTakesNone) {
  if (!io::allocations_are_counted) GTEST_SKIP() << "a sanitizer counts for itself";
  io::Loop loop;
  FixedService service;
  service.head.headers.add("Content-Type", "text/plain");
  service.head.headers.add("Date", "Thu, 01 Jan 1970 00:00:00 GMT");  // so that every answer has the same size
  Server server(loop, service);
  io::StreamPair pair = io::make_stream_pair(loop);
  server.serve(std::move(pair.b));
  std::string fields = " / HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: a client with a rather long name\r\nAccept: */*\r\n";
  size_t answer_size = std::string_view(
                           "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 5\r\n\r\nhello")
                           .size();
  for (const std::string& request :
       {"GET" + fields + "\r\n", "POST" + fields + "Content-Length: 5\r\n\r\nabcde", "POST" + fields + "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"}) {
    ASSERT_TRUE(io::run_until_done(loop, talk(*pair.a, request, answer_size, 10)));
    size_t before = io::allocations;
    ASSERT_TRUE(io::run_until_done(loop, talk(*pair.a, request, answer_size, 2000)));
    // The test's own, and the text of Date for each second that passes: none of them grows with the number of requests.
    EXPECT_LT(io::allocations - before, 100u) << request;
  }
}

}  // namespace
}  // namespace pds::http
