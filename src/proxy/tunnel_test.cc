#include "proxy/tunnel.h"

#include <gtest/gtest.h>

#include <optional>

namespace pds::proxy {
namespace {

// A client and a target, and between them the tunnel under test. Time is turned by hand.
class Tunnel : public ::testing::Test {
 protected:
  ~Tunnel() override { tasks_.cancel_all(); }
  void SetUp() override { tasks_.spawn(run(*this)); }

  static io::Task<void> run(Tunnel& self) { self.counts_ = co_await run_tunnel(*self.front_.b, *self.back_.a, 60s); }
  void settle() {
    while (loop_.run_once(0us)) {
    }
  }
  void pass(Duration time) {
    time_.advance(time);
    settle();
  }
  void say(io::Stream& stream, std::string_view bytes) {
    iovec part{const_cast<char*>(bytes.data()), bytes.size()};
    ASSERT_EQ(stream.try_write({&part, 1}).bytes, bytes.size());
    settle();
  }
  // What has arrived; "end" behind it when nothing more will, "cut" when the other side is gone.
  static std::string heard(io::Stream& stream) {
    std::string text;
    char room[4096];
    while (true) {
      io::IoResult got = stream.try_read(room);
      if (got.status == io::IoResult::would_block) return text;
      if (got.status != io::IoResult::ok) return text + "end";
      text.append(room, got.bytes);
    }
  }

  io::ManualTime time_;
  io::Loop loop_{time_};
  io::StreamPair front_ = io::make_stream_pair(loop_), back_ = io::make_stream_pair(loop_);
  io::Stream& client_ = *front_.a;
  io::Stream& target_ = *back_.b;
  std::optional<TunnelCounts> counts_;
  io::TaskSet tasks_;
};

TEST_F(Tunnel, CarriesBothWaysAndCounts) {
  say(client_, "hello");
  say(target_, "and hello to you");
  EXPECT_EQ(heard(target_), "hello");
  EXPECT_EQ(heard(client_), "and hello to you");
  client_.shutdown_write();
  target_.shutdown_write();
  settle();
  ASSERT_TRUE(counts_);
  EXPECT_EQ(counts_->from_client, 5u);
  EXPECT_EQ(counts_->from_target, 16u);
}

TEST_F(Tunnel, AHalfCloseLeavesTheOtherWayOpen) {
  client_.shutdown_write();
  settle();
  EXPECT_EQ(heard(target_), "end");
  EXPECT_FALSE(counts_);
  say(target_, "late");
  EXPECT_EQ(heard(client_), "late");
}

TEST_F(Tunnel, SilenceOfBothEndsIt) {
  pass(59s);
  EXPECT_FALSE(counts_);
  pass(1s);
  EXPECT_TRUE(counts_);
  EXPECT_EQ(heard(client_), "end");
  EXPECT_EQ(heard(target_), "end");
}

TEST_F(Tunnel, OneWayThatIsBusyKeepsTheOtherOpen) {
  for (int i = 0; i < 10; ++i) {
    pass(50s);
    say(target_, "tick");
  }
  EXPECT_FALSE(counts_);
  say(client_, "still here");
  EXPECT_EQ(heard(target_), "still here");
  pass(60s);
  EXPECT_TRUE(counts_);
}

TEST_F(Tunnel, AnEndThatBreaksTakesTheOtherAlong) {
  back_.b.reset();
  settle();
  EXPECT_EQ(heard(client_), "end");
  iovec part{const_cast<char*>("into nothing"), 12};
  client_.try_write({&part, 1});
  settle();
  EXPECT_TRUE(counts_);
}

}  // namespace
}  // namespace pds::proxy
