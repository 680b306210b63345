#include "io/loop.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "io/clock.h"

namespace pds::io {
namespace {

MonoTime steady_now() { return std::chrono::steady_clock::now(); }

TEST(Timer, FireInTheOrderOfTheirTimesWhateverTheOrderOfStarting) {
  Loop loop;
  std::vector<int> fired;
  std::vector<std::unique_ptr<Timer>> timers;
  for (int i = 0; i < 100; ++i) {
    int rank = (i * 37) % 100;
    timers.push_back(std::make_unique<Timer>(loop, [&fired, rank] { fired.push_back(rank); }));
    timers.back()->start(MonoTime{} + std::chrono::microseconds(rank));
  }
  loop.run_once(0us);
  ASSERT_EQ(fired.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(fired[i], i);
}

TEST(Timer, DoNotFireOnceCancelledDestroyedOrMoved) {
  Loop loop;
  int fired = 0;
  Timer cancelled(loop, [&] { ++fired; });
  cancelled.start(MonoTime{});
  cancelled.cancel();
  {
    Timer destroyed(loop, [&] { ++fired; });
    destroyed.start(MonoTime{});
  }
  Timer moved(loop, [&] { ++fired; });
  moved.start(MonoTime{});
  moved.start(steady_now() + 1h);
  loop.run_once(0us);
  EXPECT_EQ(fired, 0);
  EXPECT_TRUE(moved.armed());
}

TEST(Timer, MayCancelRestartAndDestroyOthersWhileFiring) {
  Loop loop;
  int fired = 0;
  auto victim = std::make_unique<Timer>(loop, [&] { fired += 100; });
  Timer cancelled(loop, [&] { fired += 1000; });
  Timer restarted(loop, [&] { ++fired; });
  Timer first(loop, [&] {
    victim.reset();
    cancelled.cancel();
    restarted.start(MonoTime{});
  });
  first.start(MonoTime{});
  victim->start(MonoTime{} + 1us);
  cancelled.start(MonoTime{} + 1us);
  restarted.start(MonoTime{} + 1us);
  loop.run_once(0us);
  EXPECT_EQ(fired, 0);  // the restarted one waits for the next turn
  loop.run_once(0us);
  EXPECT_EQ(fired, 1);
}

Task<void> yield_for_ever(Loop& loop, int& turns) {
  while (true) {
    co_await loop.yield();
    ++turns;
  }
}

TEST(Loop, AYieldingTaskRunsOncePerTurn) {
  Loop loop;
  int turns = 0;
  TaskSet set;
  set.spawn(yield_for_ever(loop, turns));
  for (int i = 0; i < 5; ++i) loop.run_once(0us);
  EXPECT_EQ(turns, 5);
}

Task<void> sleep_then(Loop& loop, Duration d, bool& woke) {
  co_await loop.sleep_for(d);
  woke = true;
}

TEST(Loop, SleepLastsAtLeastAsLongAsAsked) {
  Loop loop;
  bool woke = false;
  auto before = steady_now();
  run_until_done(loop, sleep_then(loop, 5ms, woke));
  EXPECT_TRUE(woke);
  EXPECT_GE(steady_now() - before, 5ms);
}

TEST(Loop, ACancelledSleepNeverWakes) {
  Loop loop;
  bool woke = false;
  {
    TaskSet set;
    set.spawn(sleep_then(loop, 0ms, woke));
  }
  loop.run_once(0us);
  EXPECT_FALSE(woke);
}

TEST(Loop, RunsPostedWorkInOrderFromAnyThread) {
  Loop loop;
  std::vector<int> seen;
  std::thread other([&] {
    for (int i = 0; i < 100; ++i) loop.post([&seen, i] { seen.push_back(i); });
    loop.stop();
  });
  loop.run();
  other.join();
  loop.run_once(0us);  // what was posted behind the last turn
  ASSERT_EQ(seen.size(), 100u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(seen[i], i);
}

TEST(Loop, StopBeforeRunReturnsAtOnceAndIsUsedUp) {
  Loop loop;
  loop.stop();
  loop.run();
  bool woke = false;
  run_until_done(loop, sleep_then(loop, 1ms, woke));
  EXPECT_TRUE(woke);
}

TEST(Offload, BringsTheResultBackToTheLoop) {
  Loop loop;
  auto loop_thread = std::this_thread::get_id();
  auto work = [loop_thread] { return std::this_thread::get_id() == loop_thread ? std::string("here") : std::string("elsewhere"); };
  EXPECT_EQ(run_until_done(loop, loop.offload(work)), "elsewhere");
}

Task<int> offload_move_only(Loop& loop) {
  auto owned = std::make_unique<int>(5);
  auto doubled = co_await loop.offload([owned = std::move(owned)] { return std::make_unique<int>(*owned * 2); });
  co_return *doubled;
}

TEST(Offload, TakesAndGivesThingsThatCannotBeCopied) {
  Loop loop;
  EXPECT_EQ(run_until_done(loop, offload_move_only(loop)), 10);
}

Task<void> offload_into(Loop& loop, std::atomic<bool>& may_end, std::atomic<bool>& ended, bool& resumed) {
  co_await loop.offload([&may_end, &ended] {
    may_end.wait(false);
    ended = true;
  });
  resumed = true;
}

TEST(Offload, ACancelledTaskIsNotResumedThoughItsWorkFinishes) {
  std::atomic<bool> may_end = false, ended = false;
  bool resumed = false;
  {
    Loop loop;
    {
      TaskSet set;
      set.spawn(offload_into(loop, may_end, ended, resumed));
    }
    may_end = true;
    may_end.notify_all();
    while (!ended) loop.run_once(1ms);
    loop.run_once(1ms);
  }
  EXPECT_TRUE(ended);
  EXPECT_FALSE(resumed);
}

Task<int> offload_sharing(Loop& loop) {
  auto shared = std::make_shared<int>(1);
  int shared_still = 0;
  for (int i = 0; i < 500; ++i) {
    co_await loop.offload([shared] { ++*shared; });
    shared_still += shared.use_count() > 1;
  }
  co_return shared_still;
}

TEST(Offload, WhatTheWorkOwnedIsReleasedBeforeItsTaskGoesOn) {
  Loop loop;
  EXPECT_EQ(run_until_done(loop, offload_sharing(loop)), 0);
}

Task<void> count_up(Loop& loop, int& done, int wanted) {
  co_await loop.offload([] {});
  if (++done == wanted) loop.stop();
}

TEST(Offload, ManyAtOnceAllFinish) {
  Loop loop;
  int done = 0;
  TaskSet set;
  for (int i = 0; i < 200; ++i) set.spawn(count_up(loop, done, 200));
  loop.run();
  EXPECT_EQ(done, 200);
}

struct Recorder : FdWatcher {
  int readable = 0;
  void on_ready(bool r, bool) override { readable += r; }
};

TEST(Watch, AnEventOfAClosedDescriptorNeverReachesItsSuccessor) {
  Loop loop;
  Recorder old_watcher, new_watcher;
  int fd = eventfd(1, EFD_NONBLOCK);
  ASSERT_TRUE(loop.watch(fd, &old_watcher));
  loop.unwatch(fd);
  close(fd);
  int again = eventfd(0, EFD_NONBLOCK);
  ASSERT_EQ(again, fd);
  ASSERT_TRUE(loop.watch(again, &new_watcher));
  loop.run_once(0us);
  EXPECT_EQ(old_watcher.readable, 0);
  EXPECT_EQ(new_watcher.readable, 0);
  loop.unwatch(again);
  close(again);
}

TEST(Clock, AScaledClockRunsFasterAndShortensWaits) {
  SystemClock real;
  Timestamp origin = from_epoch_seconds(1'000'000);
  ScaledClock fast(60, origin, real.now() - 10s);
  EXPECT_GE(fast.now() - origin, 600s);
  EXPECT_LT(fast.now() - origin, 700s);
  EXPECT_NEAR(static_cast<double>(fast.to_real(60s).count()), 1e6, 1);
  EXPECT_EQ(fast.to_real(0s), 0s);
}

TEST(Clock, AManualClockMovesOnlyByHand) {
  ManualClock clock(from_epoch_seconds(5));
  EXPECT_EQ(clock.now(), from_epoch_seconds(5));
  clock.advance(2s);
  EXPECT_EQ(clock.now(), from_epoch_seconds(7));
}

Task<void> note_when_awake(Loop& loop, Duration sleep, std::vector<MonoTime>& woken) {
  co_await loop.sleep_for(sleep);
  woken.push_back(loop.now());
}

TEST(ManualTime, PassesOnlyAsFarAsItIsLet) {
  ManualTime time;
  Loop loop(time);
  MonoTime began = time.now();
  std::vector<MonoTime> woken;
  TaskSet tasks;
  tasks.spawn(note_when_awake(loop, 1h, woken));
  tasks.spawn(note_when_awake(loop, 3h, woken));
  EXPECT_FALSE(loop.run_once(0us));
  EXPECT_EQ(time.now(), began);
  EXPECT_FALSE(loop.run_once(30min));
  EXPECT_EQ(time.now(), began + 30min);
  EXPECT_TRUE(loop.run_once(Duration::max()));  // to the next timer and no further
  EXPECT_EQ(woken, (std::vector{began + 1h}));
  time.advance(2h);
  EXPECT_TRUE(loop.run_once(0us));
  EXPECT_EQ(woken.size(), 2u);
  EXPECT_EQ(time.now(), began + 3h);
}

TEST(ManualTime, LetsWhatIsReadyHappenBeforeItPasses) {
  ManualTime time;
  Loop loop(time);
  MonoTime began = time.now();
  std::vector<MonoTime> woken;
  TaskSet tasks;
  tasks.spawn(note_when_awake(loop, 1s, woken));
  bool posted = false;
  loop.post([&] { posted = true; });
  EXPECT_TRUE(loop.run_once(Duration::max()));
  EXPECT_TRUE(posted);
  EXPECT_EQ(time.now(), began);
}

}  // namespace
}  // namespace pds::io
