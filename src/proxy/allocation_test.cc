// A proxied request on kept connections allocates nothing.
#include "io/test_allocations.h"
#include "proxy/test_exchange.h"

namespace pds::proxy {
namespace {

class Allocations : public Exchanges {
 protected:
  // A target that answers for ever, without taking memory for it.
  static io::Task<void> answer_all(std::unique_ptr<io::Stream> stream, std::string_view answer) {
    char piece[4096];
    while (true) {
      auto got = co_await io::read_some(*stream, piece, io::never);
      if (!got || *got == 0) co_return;
      auto sent = co_await io::write_all(*stream, answer, io::never);
      if (!sent) co_return;
    }
  }
  static io::Task<bool> talk(io::Stream& stream, std::string_view request, std::string_view end, int times) {
    char room[8192];
    for (int i = 0; i < times; ++i) {
      auto sent = co_await io::write_all(stream, request, io::never);
      if (!sent) co_return false;
      for (size_t size = 0; size < end.size() || std::string_view(room, size).substr(size - end.size()) != end;) {
        auto got = co_await io::read_some(stream, std::span(room).subspan(size), io::never);
        if (!got || *got == 0) co_return false;
        size += *got;
      }
    }
    co_return true;
  }
  size_t allocations_of(io::Stream& stream, std::string_view request, std::string_view end, int times) {
    size_t before = io::allocations;
    EXPECT_TRUE(io::run_until_done(loop_, talk(stream, request, end, times)));
    return io::allocations - before;
  }
};

TEST_F(Allocations, AProxiedRequestTakesNone) {
  if (!io::allocations_are_counted) GTEST_SKIP() << "a sanitizer counts for itself";
  auto group = make_group();
  std::string_view answer =
      "HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Type: text/plain\r\n"
      "Content-Length: 2\r\nConnection: keep-alive\r\n\r\nok";
  group->add(spec_of("t", std::make_shared<FakeTarget>(
                              loop_, [answer](std::unique_ptr<io::Stream> stream) { return answer_all(std::move(stream), answer); })));
  route_to(group);
  size_t log_bytes = 0;
  frontend_.set_access_log([&log_bytes](std::string_view line) { log_bytes += line.size(); });
  io::StreamPair pair = io::make_stream_pair(loop_);
  server_->serve(std::move(pair.b), 80);
  std::string fields = " /api/data?x=1 HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\n"
                       "Accept-Encoding: gzip, deflate, br\r\nConnection: keep-alive\r\n";
  for (const std::string& request : {"GET" + fields + "\r\n", "POST" + fields + "Content-Length: 5\r\n\r\nabcde"}) {
    allocations_of(*pair.a, request, "ok", 100);  // memory grows to what it needs
    // The test's own, and the texts of Date and log for each second that passes: none of them grows with the number of requests.
    EXPECT_LT(allocations_of(*pair.a, request, "ok", 2000), 100u) << request;
  }
  EXPECT_GT(log_bytes, 0u);
}

}  // namespace
}  // namespace pds::proxy
