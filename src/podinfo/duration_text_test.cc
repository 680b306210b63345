#include "podinfo/duration_text.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(DurationText, IsReadAsGoReadsIt) {
  struct {
    const char* text;
    Duration duration;
  } cases[] = {{"30s", 30s}, {"2m0s", 2min}, {"500ms", 500ms}, {"1h2m3s", 3723s}, {"1.5h", 90min},
               {"0", 0s},    {"15", 15s},    {"250us", 250us}, {"7µs", 7us},      {"2000ns", 2us}};
  for (auto& c : cases) EXPECT_EQ(parse_duration(c.text), c.duration) << c.text;
  for (const char* bad : {"", "s", "1d", "-1s", "1s2", "1.2.3s", "x", "1 s", "99999999h"}) EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(DurationText, IsWrittenAsGoWritesIt) {
  struct {
    Duration duration;
    const char* text;
  } cases[] = {{0us, "0s"},          {3us, "3µs"},
               {12'500us, "12.5ms"}, {1s, "1s"},
               {10s, "10s"},         {5'622'481us, "5.622481s"},
               {60s, "1m0s"},        {3605'250'000us, "1h0m5.25s"},
               {-2s, "-2s"}};
  for (auto& c : cases) EXPECT_EQ(to_go_text(c.duration), c.text);
}

}  // namespace
}  // namespace pds::podinfo
