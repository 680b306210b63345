#include "io/task.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "io/loop.h"

namespace pds::io {
namespace {

// Says when it goes, so that tests see frames being destroyed.
struct Witness {
  std::vector<std::string>& log;
  std::string name;
  ~Witness() { log.push_back(name + " gone"); }
};

Task<int> give(int value) { co_return value; }

Task<int> add(int depth) {
  if (depth == 0) co_return 0;
  int rest = co_await add(depth - 1);
  co_return rest + 1;
}

Task<void> note_after(Event& event, std::vector<std::string>& log, std::string name) {
  Witness witness{log, name};
  co_await event.wait();
  log.push_back(name + " woke");
}

TEST(Task, IsLazyAndReturnsItsValue) {
  Loop loop;
  EXPECT_EQ(run_until_done(loop, give(7)), 7);
  EXPECT_EQ(run_until_done(loop, add(1000)), 1000);
}

TEST(Task, IsNotStartedWhenItIsDestroyedUnawaited) {
  std::vector<std::string> log;
  Event event;
  {
    Task<void> task = note_after(event, log, "a");
  }
  EXPECT_TRUE(log.empty());
}

TEST(TaskSet, StartsTasksAtOnceAndForgetsThoseThatEnd) {
  Event event;
  std::vector<std::string> log;
  TaskSet set;
  set.spawn(note_after(event, log, "a"));
  set.spawn(note_after(event, log, "b"));
  EXPECT_EQ(set.size(), 2u);
  event.set();
  EXPECT_EQ(set.size(), 0u);
  EXPECT_EQ(log, (std::vector<std::string>{"a woke", "a gone", "b woke", "b gone"}));
}

TEST(TaskSet, DestroysWhatStillWaits) {
  Event event;
  std::vector<std::string> log;
  {
    TaskSet set;
    set.spawn(note_after(event, log, "a"));
  }
  EXPECT_EQ(log, std::vector<std::string>{"a gone"});
  event.set();  // nobody is left to be woken
  EXPECT_EQ(log.size(), 1u);
}

Task<void> spawn_another(TaskSet& set, Event& event, std::vector<std::string>& log) {
  set.spawn(note_after(event, log, "child"));
  co_await event.wait();
}

TEST(TaskSet, LetsATaskSpawnIntoItsOwnSet) {
  Event event;
  std::vector<std::string> log;
  TaskSet set;
  set.spawn(spawn_another(set, event, log));
  EXPECT_EQ(set.size(), 2u);
  event.set();
  EXPECT_EQ(set.size(), 0u);
}

Task<void> wait_and_destroy(std::unique_ptr<TaskSet>& set, bool& done) {
  co_await set->wait_empty();
  set.reset();
  done = true;
}

TEST(TaskSet, TellsWhenItIsEmptyAndMayBeDestroyedByWhomItTells) {
  Event event;
  std::vector<std::string> log;
  auto set = std::make_unique<TaskSet>();
  set->spawn(note_after(event, log, "a"));
  bool done = false;
  TaskSet waiting;
  waiting.spawn(wait_and_destroy(set, done));
  EXPECT_FALSE(done);
  event.set();
  EXPECT_TRUE(done);
  EXPECT_EQ(set, nullptr);
}

TEST(TaskSet, CancellingAllWakesWhoWaitsForTheEnd) {
  Event event;
  std::vector<std::string> log;
  auto set = std::make_unique<TaskSet>();
  set->spawn(note_after(event, log, "a"));
  bool done = false;
  TaskSet waiting;
  waiting.spawn(wait_and_destroy(set, done));
  set->cancel_all();
  EXPECT_TRUE(done);
}

TEST(TaskSet, IsNotTouchedByACancelledWaiter) {
  Event event;
  std::vector<std::string> log;
  auto set = std::make_unique<TaskSet>();
  set->spawn(note_after(event, log, "a"));
  bool done = false;
  {
    TaskSet waiting;
    waiting.spawn(wait_and_destroy(set, done));
  }
  event.set();
  EXPECT_FALSE(done);
  EXPECT_EQ(set->size(), 0u);
}

Task<void> wake_and_wait_again(Event& event, int& woken) {
  while (true) {
    co_await event.wait();
    ++woken;
    event.reset();
  }
}

TEST(Event, WakesAWaiterThatWaitsAgainOnlyOnce) {
  Event event;
  int woken = 0;
  TaskSet set;
  set.spawn(wake_and_wait_again(event, woken));
  event.set();
  EXPECT_EQ(woken, 1);
  event.set();
  EXPECT_EQ(woken, 2);
  set.cancel_all();
}

Task<void> cancel_other(Event& event, TaskSet& other, int& woken) {
  co_await event.wait();
  ++woken;
  other.cancel_all();
}

TEST(Event, MayLoseWaitersWhileItWakes) {
  Event event;
  int woken = 0;
  std::vector<std::string> log;
  TaskSet first, second;
  first.spawn(cancel_other(event, second, woken));
  second.spawn(note_after(event, log, "victim"));
  event.set();
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(log, std::vector<std::string>{"victim gone"});
}

Task<void> destroy_event(std::unique_ptr<Event>& event, int& woken) {
  co_await event->wait();
  ++woken;
  if (woken == 2) event.reset();
}

TEST(Event, MayBeDestroyedByTheLastItWakes) {
  auto event = std::make_unique<Event>();
  int woken = 0;
  TaskSet set;
  set.spawn(destroy_event(event, woken));
  set.spawn(destroy_event(event, woken));
  event->set();
  EXPECT_EQ(woken, 2);
  EXPECT_EQ(event, nullptr);
}

TEST(Event, StaysSetUntilItIsReset) {
  Event event;
  event.set();
  std::vector<std::string> log;
  TaskSet set;
  set.spawn(note_after(event, log, "a"));
  EXPECT_EQ(log.front(), "a woke");
  event.reset();
  set.spawn(note_after(event, log, "b"));
  EXPECT_EQ(set.size(), 1u);
  set.cancel_all();
}

}  // namespace
}  // namespace pds::io
