// How long answers take, on a clock turned by hand.
#include <set>

#include "podinfo/test_app.h"

namespace pds::podinfo {
namespace {

TEST_F(AppTest, RandomDelaysAreWholeUnitsBelowTheMost) {
  io::ManualTime time;
  io::Loop manual(time);
  options.random_delay = true;
  options.random_delay_min = 2;
  options.random_delay_max = 4;
  App delayed({manual, clock, random, logger, options, release, "host-1", {}, nullptr, [](int) {}});
  std::set<Duration> delays;
  for (int i = 0; i < 64; ++i) {
    MonoTime before = time.now();
    http::RequestHead head{.method = "GET", .target = "/version"};
    TextBody body("");
    EXPECT_EQ(io::run_until_done(manual, delayed.answer(head, body)).head.status, 200);
    delays.insert(std::chrono::duration_cast<Duration>(time.now() - before));
  }
  EXPECT_EQ(delays, (std::set<Duration>{2s, 3s}));
}

TEST_F(AppTest, AnAnswerAfterTheServersTimeIsNotGiven) {
  io::ManualTime time;
  io::Loop manual(time);
  App app({manual, clock, random, logger, options, release, "host-1", {}, nullptr, [](int) {}});
  struct {
    const char* target;
    int status;
    const char* body;
    Duration took;
  } cases[] = {
      {"/delay/29", 200, "{\n  \"delay\": 29\n}", 29s},
      {"/delay/31", 504, "there was no answer in time\n", 30s},
      {"/delay/9223372036854775807", 504, "there was no answer in time\n", 30s},
      {"/chunked/3", 200, "{\n  \"delay\": 3\n}", 3s},
      {"/chunked/31", 504, "there was no answer in time\n", 30s},
  };
  for (auto& c : cases) {
    MonoTime before = time.now();
    http::RequestHead head{.method = "GET", .target = c.target};
    TextBody body("");
    http::Response response = io::run_until_done(manual, app.answer(head, body));
    EXPECT_EQ(response.head.status, c.status) << c.target;
    EXPECT_EQ(response.body, c.body) << c.target;
    EXPECT_EQ(time.now() - before, c.took) << c.target;
  }
}

TEST_F(AppTest, AChunkedAnswerWithoutANumberTakesBetweenTenSecondsAndTheServersTime) {
  io::ManualTime time;
  io::Loop manual(time);
  options.http_server_timeout = 13s;
  App app({manual, clock, random, logger, options, release, "host-1", {}, nullptr, [](int) {}});
  std::set<std::string> bodies;
  for (int i = 0; i < 64; ++i) {
    http::RequestHead head{.method = "GET", .target = i % 2 ? "/chunked" : "/chunked/99999999999999999999"};
    TextBody body("");
    bodies.insert(io::run_until_done(manual, app.answer(head, body)).body);
  }
  EXPECT_EQ(bodies, (std::set<std::string>{"{\n  \"delay\": 10\n}", "{\n  \"delay\": 11\n}", "{\n  \"delay\": 12\n}"}));
}

}  // namespace
}  // namespace pds::podinfo
