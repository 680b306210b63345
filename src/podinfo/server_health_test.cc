#include "podinfo/server_health.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(ServerHealth, PausesGrowUpToTheMostAndASuccessEndsThem) {
  ServerHealth health(1s);
  MonoTime now{1h};
  EXPECT_TRUE(health.may_try(now));
  for (Duration pause : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    health.failed(now);
    EXPECT_FALSE(health.may_try(now + pause - 1us)) << pause.count();
    EXPECT_TRUE(health.may_try(now + pause)) << pause.count();
    now += pause;
  }
  EXPECT_EQ(health.failing_since(), MonoTime{1h});
  health.succeeded();
  EXPECT_TRUE(health.may_try(now));
  EXPECT_FALSE(health.is_failing());
  health.failed(now);
  EXPECT_TRUE(health.may_try(now + 100ms));
}

TEST(ServerHealth, OneTriesWhileTheOthersWait) {
  ServerHealth health(1s);
  MonoTime now{1h};
  health.trying(now);
  EXPECT_TRUE(health.may_try(now)) << "a sound server is tried by all";
  health.failed(now);
  now += 100ms;
  health.trying(now);
  EXPECT_FALSE(health.may_try(now));
  EXPECT_TRUE(health.may_try(now + 100ms)) << "whoever tried may have been cancelled";
}

TEST(ReadOrder, BeginsWithTheNextUsableServerEachTime) {
  using Order = std::vector<size_t>;
  struct {
    std::vector<bool> usable;
    size_t turn;
    Order order;
  } cases[] = {
      {{}, 5, {}},
      {{false, false}, 0, {}},
      {{true, true, true}, 0, {0, 1, 2}},
      {{true, true, true}, 1, {1, 2, 0}},
      {{true, true, true}, 5, {2, 0, 1}},
      {{true, false, true}, 1, {2, 0}},
      {{false, true}, SIZE_MAX, {1}},
  };
  for (auto& c : cases) EXPECT_EQ(read_order(c.usable, c.turn), c.order) << c.turn;
}

}  // namespace
}  // namespace pds::podinfo
