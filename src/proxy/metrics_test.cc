#include "proxy/metrics.h"

#include <gtest/gtest.h>

#include <cstring>

namespace pds::proxy {
namespace {

TEST(Metrics, TakenCountersBeginAnewAndAddUp) {
  TargetCounters counting, total;
  for (int minute = 0; minute < 3; ++minute) {
    counting.requests += 2;
    ++counting.status_classes[5];
    counting.response_time_us.record(1000);
    total.add(counting.take());
    EXPECT_EQ(counting.requests, 0u);
    EXPECT_EQ(counting.response_time_us.count(), 0u);
  }
  EXPECT_EQ(total.requests, 6u);
  EXPECT_EQ(total.status_classes[5], 3u);
  EXPECT_EQ(total.response_time_us.count(), 3u);
}

// A counter that is added to the struct and not to add() would stand still on the Prometheus page.
TEST(Metrics, EveryCounterIsAdded) {
  FrontCounters ones, twos;
  auto* words = reinterpret_cast<uint64_t*>(&ones);
  for (size_t i = 0; i < sizeof(FrontCounters) / sizeof(uint64_t); ++i) words[i] = 1;
  twos.add(ones), twos.add(ones);
  words = reinterpret_cast<uint64_t*>(&twos);
  for (size_t i = 0; i < sizeof(FrontCounters) / sizeof(uint64_t); ++i) EXPECT_EQ(words[i], 2u) << i;

  TargetCounters one, two;
  size_t numbers = offsetof(TargetCounters, response_time_us) / sizeof(uint64_t);
  words = reinterpret_cast<uint64_t*>(&one);
  for (size_t i = 0; i < numbers; ++i) words[i] = 1;
  two.add(one), two.add(one);
  words = reinterpret_cast<uint64_t*>(&two);
  for (size_t i = 0; i < numbers; ++i) EXPECT_EQ(words[i], 2u) << i;
}

TEST(Metrics, OwnAnswersAreCountedByClassAndByCode) {
  FrontCounters counters;
  for (int status : {301, 400, 460, 500, 502, 503, 504, 501}) counters.count_own_status(status);
  EXPECT_EQ(counters.elb_status_classes[3], 1u);
  EXPECT_EQ(counters.elb_status_classes[4], 2u);
  EXPECT_EQ(counters.elb_status_classes[5], 5u);
  EXPECT_EQ(counters.elb_500 + counters.elb_502 + counters.elb_503 + counters.elb_504, 4u);
}

}  // namespace
}  // namespace pds::proxy
