#include <gtest/gtest.h>

#include "http/server.h"
#include "io/clock.h"
#include "io/test_allocations.h"
#include "podinfo/app.h"

namespace pds::podinfo {
namespace {

io::Task<bool> talk(io::Stream& stream, std::string_view request, int times) {
  char room[4096];
  for (int i = 0; i < times; ++i) {
    auto sent = co_await io::write_all(stream, request, io::never);
    auto got = co_await io::read_some(stream, room, io::never);
    if (!sent || !got || *got == 0) co_return false;
  }
  co_return true;
}

// What is left: an answer's fields (their text, their places), its document, and the correlation id where none was given.
TEST(Allocations, ARequestTakesFewAndNeverMore) {
  if (!io::allocations_are_counted) GTEST_SKIP() << "a sanitizer counts for itself";
  io::Loop loop;
  io::SystemClock clock;
  SystemRandom random;
  Logger logger = silent_logger();
  App app({loop, clock, random, logger, Options{}, Release{}, "host-1", {}, nullptr, [](int) {}});
  app.set_healthy(true);
  app.set_ready(true);
  http::Server server(loop, app);
  io::StreamPair pair = io::make_stream_pair(loop);
  server.serve(std::move(pair.b));
  for (std::string path : {"/version", "/api/info", "/healthz", "/readyz", "/"}) {
    std::string request = "GET " + path + " HTTP/1.1\r\nHost: localhost:8080\r\nUser-Agent: a client\r\nAccept: */*\r\n\r\n";
    ASSERT_TRUE(io::run_until_done(loop, talk(*pair.a, request, 10)));
    size_t before = io::allocations;
    constexpr int requests = 1000;
    ASSERT_TRUE(io::run_until_done(loop, talk(*pair.a, request, requests)));
    EXPECT_LT(static_cast<double>(io::allocations - before) / requests, 6.5) << path;
  }
}

}  // namespace
}  // namespace pds::podinfo
