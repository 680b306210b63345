#include "podinfo/duration_text.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(DurationText, IsReadAsGoReadsIt) {
  struct {
    const char* text;
    Duration duration;
  } cases[] = {{"30s", 30s}, {"2m0s", 2min}, {"500ms", 500ms}, {"1h2m3s", 3723s}, {"1.5h", 90min},
               {"0", 0s},    {"+0", 0s},     {"250us", 250us}, {"7\u00b5s", 7us}, {"2000ns", 2us},    {"7\u03bcs", 7us},
               {"-1s", -1s}, {"-1m30s", -90s}, {"+5s", 5s},    {".5s", 500ms},    {"1.s", 1s}};
  for (auto& c : cases) {
    auto duration = parse_duration(c.text);
    ASSERT_TRUE(duration) << c.text;
    EXPECT_EQ(*duration, c.duration) << c.text;
  }
}

TEST(DurationText, IsRefusedInGosWords) {
  struct {
    const char *text, *message;
  } cases[] = {{"", "time: invalid duration \"\""},
               {"s", "time: invalid duration \"s\""},
               {".s", "time: invalid duration \".s\""},
               {"x", "time: invalid duration \"x\""},
               {"-", "time: invalid duration \"-\""},
               {"--1s", "time: invalid duration \"--1s\""},
               {"99999999h", "time: invalid duration \"99999999h\""},
               {"30", "time: missing unit in duration \"30\""},
               {"-30", "time: missing unit in duration \"-30\""},
               {"1s2", "time: missing unit in duration \"1s2\""},
               {"1.2.3s", "time: missing unit in duration \"1.2.3s\""},
               {"1d", "time: unknown unit \"d\" in duration \"1d\""},
               {"1 s", "time: unknown unit \" s\" in duration \"1 s\""},
               {"1\xff\"", "time: unknown unit \"\\xff\\\"\" in duration \"1\\xff\\\"\""}};
  for (auto& c : cases) {
    auto duration = parse_duration(c.text);
    ASSERT_FALSE(duration) << c.text;
    EXPECT_EQ(duration.error().message, c.message);
  }
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
