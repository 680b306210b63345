#include "podinfo/hot_cache.h"

#include <gtest/gtest.h>

#include "base/crypto.h"

namespace pds::podinfo {
namespace {

using Kind = HotCache::Found::Kind;

SharedPage page_of(std::string message, uint64_t as_of = 0) {
  return std::make_shared<const DataPage>(DataPage{{{"id", std::move(message), "t"}}, false, {as_of}});
}
SharedPage nothing() { return std::make_shared<const DataPage>(); }

struct HotCacheTest : testing::Test {
  MonoTime start{1h};
  HotCache cache{{.bytes_max = 100'000, .fresh = 2s, .stale = 10s}};
  Kind kind_of(std::string_view key, Duration after, uint64_t least = 0) { return cache.find(key, {least}, start + after).kind; }
};

TEST_F(HotCacheTest, GivesOutFreshThenStaleThenNothing) {
  cache.put("a", page_of("1"), start);
  struct {
    Duration after;
    Kind kind;
  } cases[] = {{0s, Kind::fresh}, {2s - 1us, Kind::fresh}, {2s, Kind::stale}, {12s - 1us, Kind::stale}, {12s, Kind::miss}};
  for (auto& c : cases) {
    HotCache::Found found = cache.find("a", {}, start + c.after);
    EXPECT_EQ(found.kind, c.kind) << c.after.count();
    EXPECT_EQ(found.page != nullptr, c.kind != Kind::miss);
  }
  EXPECT_EQ(kind_of("b", 0s), Kind::miss);
  EXPECT_EQ(cache.counts().hits, 2u);
  EXPECT_EQ(cache.counts().stale, 2u);
  EXPECT_EQ(cache.counts().misses, 2u);
}

TEST_F(HotCacheTest, KeepsThatThereIsNothingForAMomentAndNeverStale) {
  cache.put("a", nothing(), start);
  EXPECT_EQ(kind_of("a", 0s), Kind::fresh);
  EXPECT_EQ(kind_of("a", HotCache::absent_time - 1us), Kind::fresh);
  EXPECT_EQ(kind_of("a", HotCache::absent_time), Kind::miss);
}

TEST_F(HotCacheTest, GivesNobodyWhatIsOlderThanHisToken) {
  cache.put("a", page_of("1", 50), start);
  EXPECT_EQ(kind_of("a", 0s, 50), Kind::fresh);
  EXPECT_EQ(kind_of("a", 0s, 51), Kind::miss);
  EXPECT_EQ(kind_of("a", 3s, 51), Kind::miss);
  EXPECT_EQ(kind_of("a", 3s, 50), Kind::stale);
  EXPECT_EQ(cache.find("a", {51}, start).newest, LogPosition{50});
}

TEST_F(HotCacheTest, DoesNotGoBackInTime) {
  cache.put("a", page_of("new", 50), start);
  cache.put("a", page_of("older", 49), start + 1s);
  EXPECT_EQ(cache.find("a", {}, start).page->items[0].message, "new");
  cache.put("a", page_of("loaded before", 50), start - 1s);
  EXPECT_EQ(cache.find("a", {}, start).page->items[0].message, "new");
  cache.put("a", page_of("newer", 51), start - 1s);
  EXPECT_EQ(cache.find("a", {}, start).page->items[0].message, "newer");
  EXPECT_EQ(cache.entries(), 1u);
}

TEST_F(HotCacheTest, LetsTheLeastRecentlyUsedGoWhenTheBoundIsReached) {
  size_t entry = page_of("x")->bytes() + 1 + HotCache::entry_overhead_bytes;
  HotCache small({.bytes_max = 3 * entry, .fresh = 1s, .stale = 1s});
  for (const char* key : {"a", "b", "c"}) small.put(key, page_of("x"), start);
  EXPECT_EQ(small.bytes(), 3 * entry);
  small.find("a", {}, start);
  small.put("d", page_of("x"), start);
  EXPECT_EQ(small.find("b", {}, start).kind, Kind::miss);
  EXPECT_EQ(small.find("a", {}, start).kind, Kind::fresh);
  EXPECT_EQ(small.counts().evicted, 1u);
  small.put("a", page_of(std::string(3 * entry, 'x'), 1), start);  // too large for all of it: not kept, and the old one is not true any more
  EXPECT_EQ(small.find("a", {}, start).kind, Kind::miss);
  EXPECT_EQ(small.entries(), 2u);
  EXPECT_EQ(small.bytes(), 2 * entry);
}

TEST_F(HotCacheTest, ForgetsKeysAndPrefixes) {
  for (const char* key : {"item/1", "list/", "list/1", "list/2/x", "lisu"}) cache.put(key, page_of("x"), start);
  cache.erase("item/1");
  cache.erase("unknown");
  cache.erase_prefix("list/");
  EXPECT_EQ(cache.entries(), 1u);
  EXPECT_EQ(kind_of("lisu", 0s), Kind::fresh);
  cache.erase_prefix("");
  EXPECT_EQ(cache.entries(), 0u);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST_F(HotCacheTest, StaysWithinItsBoundWhateverIsDone) {
  SeededRandom random(7);
  HotCache small({.bytes_max = 5000, .fresh = 2s, .stale = 3s});
  for (int i = 0; i < 20'000; ++i) {
    MonoTime now = start + std::chrono::milliseconds(i);
    std::string key = std::to_string(random.below(40));
    switch (random.below(4)) {
      case 0:
        small.put(key, page_of(std::string(random.below(1500), 'x'), random.below(5)), now);
        break;
      case 1:
        small.erase(key);
        break;
      case 2:
        small.erase_prefix(key.substr(0, 1));
        break;
      default:
        small.find(key, {random.below(6)}, now);
    }
    ASSERT_LE(small.bytes(), 5000u);
    ASSERT_EQ(small.bytes() == 0, small.entries() == 0);
  }
  EXPECT_GT(small.counts().evicted, 100u);
}

}  // namespace
}  // namespace pds::podinfo
