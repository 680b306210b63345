#include "podinfo/data_cache.h"

#include <gtest/gtest.h>

#include "io/clock.h"

namespace pds::podinfo {
namespace {

// A database whose answers come when the test says so.
struct DataCacheTest : testing::Test {
  io::ManualTime time;
  io::Loop loop{time};
  io::ManualClock clock{from_epoch_seconds(1'800'000'000)};
  DataCache cache{loop, clock, {.bytes_max = 100'000, .fresh = 2s, .stale = 10s}, nullptr};
  io::Event answer;
  Result<std::string> message = "1";
  std::vector<LogPosition> loads;
  LogPosition written{1000};  // how far the database's log is
  std::vector<std::string> got;
  io::TaskSet readers;

  io::Task<Result<DataPage>> load(LogPosition least) {
    loads.push_back(least);
    Result<std::string> seen = message;  // as it is when the database is asked
    LogPosition as_of = std::min(least, written);
    co_await answer.wait();
    if (!seen) co_return std::unexpected(seen.error());
    co_return DataPage{{{"a", *seen, "t"}}, false, as_of};
  }
  io::Task<void> read_task(LogPosition least) {
    Result<SharedPage> page = co_await cache.get({"item/a"}, least, [this](LogPosition at_least) { return load(at_least); });
    got.push_back(page ? (*page)->items.at(0).message : page.error().code);
  }
  void read(uint64_t least = 0) { readers.spawn(read_task({least})); }
  void pass(Duration d) {
    time.advance(d);
    clock.advance(d);
  }
  void write(std::string text) {
    message = std::move(text);
    readers.spawn(cache.invalidate({"item/a"}, "list/"));
  }
};

using Texts = std::vector<std::string>;

TEST_F(DataCacheTest, ManyWhoAskForOneKeyAreOneLoad) {
  for (int i = 0; i < 100; ++i) read();
  EXPECT_EQ(loads.size(), 1u);
  EXPECT_EQ(cache.joined(), 99u);
  EXPECT_TRUE(got.empty());
  answer.set();
  EXPECT_EQ(got, Texts(100, "1"));
  read();
  EXPECT_EQ(loads.size(), 1u);
}

TEST_F(DataCacheTest, ALoadGoesOnWhenItsReadersHaveLeft) {
  read();
  readers.cancel_all();
  answer.set();
  read();
  EXPECT_EQ(got, Texts{"1"});
  EXPECT_EQ(loads.size(), 1u);
}

TEST_F(DataCacheTest, WhatIsStaleIsGivenOutWhileOneFetchesANewOne) {
  answer.set();
  read();
  pass(3s);
  answer.reset();
  message = "2";
  for (int i = 0; i < 5; ++i) read();
  EXPECT_EQ(got, Texts(6, "1"));
  EXPECT_EQ(loads.size(), 2u);
  answer.set();
  read();
  EXPECT_EQ(got.back(), "2");
}

TEST_F(DataCacheTest, WhatIsStaleOutlivesADatabaseThatIsAwayForItsTime) {
  answer.set();
  read();
  pass(3s);
  message = fail("E_CONNECT", "");
  read();
  read();
  EXPECT_EQ(got, Texts(3, "1"));
  pass(10s);
  read();
  EXPECT_EQ(got.back(), "E_CONNECT");
}

TEST_F(DataCacheTest, AFailureIsToldToAllWhoWaitAndNotKept) {
  message = fail("E_OVERLOADED", "");
  read();
  read();
  answer.set();
  EXPECT_EQ(got, Texts(2, "E_OVERLOADED"));
  message = "1";
  read();
  EXPECT_EQ(got.back(), "1");
}

TEST_F(DataCacheTest, WhoCarriesATokenWaitsForNoLoadThatMayNotHaveSeenIt) {
  read();
  read(50);
  read(40);
  EXPECT_EQ(loads, (std::vector<LogPosition>{{0}, {50}}));
  answer.set();
  read(50);
  EXPECT_EQ(loads.size(), 2u);
  read(51);
  EXPECT_EQ(loads.back(), LogPosition{51});
}

TEST_F(DataCacheTest, AMadeUpTokenDoesNotMakeOthersSeeTooLittle) {
  read(~uint64_t{0});
  read(900);
  message = "2";  // written elsewhere
  written = {1001};
  read(1001);
  EXPECT_EQ(loads.size(), 1u);
  answer.set();
  EXPECT_EQ(got, (Texts{"1", "1", "2"}));
  read(1002);
  EXPECT_EQ(loads.size(), 3u);
  read(1001);
  EXPECT_EQ(loads.size(), 3u);
}

TEST_F(DataCacheTest, ANewLoadIsAsNewAsWhatIsKept) {
  answer.set();
  read(50);
  pass(3s);
  read();
  EXPECT_EQ(loads.back(), LogPosition{50});
  pass(20s);
  read();
  EXPECT_EQ(loads.back(), LogPosition{50});
}

TEST_F(DataCacheTest, ALoadThatBeganBeforeAWriteIsNotKept) {
  read();
  write("2");
  read();  // not with the first one
  EXPECT_EQ(loads.size(), 2u);
  answer.set();
  EXPECT_EQ(got, (Texts{"1", "2"}));
  read();
  EXPECT_EQ(got.back(), "2");
  EXPECT_EQ(loads.size(), 2u);
}

TEST_F(DataCacheTest, OneThatWasReplacedByAStrongerOneIsNotKeptAfterAWriteEither) {
  read();
  read(50);
  write("2");
  answer.set();
  read();
  EXPECT_EQ(got.back(), "2");
}

}  // namespace
}  // namespace pds::podinfo
