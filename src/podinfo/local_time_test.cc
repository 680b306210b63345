#include "podinfo/local_time.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

namespace pds::podinfo {
namespace {

// The zone of the process, for one test.
struct Zone {
  explicit Zone(const char* name) {
    setenv("TZ", name, 1);
    tzset();
  }
  ~Zone() {
    unsetenv("TZ");
    tzset();
  }
};

TEST(LocalTime, IsWrittenAsGoWritesIt) {
  struct {
    const char *zone, *text, *go_text, *line_text;
  } cases[] = {{"UTC0", "2027-01-15T08:00:00Z", "2027-01-15 08:00:00 +0000 UTC", "2027-01-15T08:00:00.000Z"},
               {"EAST-2", "2027-01-15T10:00:00+02:00", "2027-01-15 10:00:00 +0200 EAST", "2027-01-15T10:00:00.000+0200"},
               {"WEST3:30", "2027-01-15T04:30:00-03:30", "2027-01-15 04:30:00 -0330 WEST", "2027-01-15T04:30:00.000-0330"}};
  for (auto& c : cases) {
    Zone zone(c.zone);
    EXPECT_EQ(to_local_text(1'800'000'000), c.text);
    EXPECT_EQ(to_local_go_text(1'800'000'000), c.go_text);
    EXPECT_EQ(with_local_time(R"({"ts":"2027-01-15T08:00:00.000Z","level":"info","msg":"x"})"),
              R"({"ts":")" + std::string(c.line_text) + R"(","level":"info","msg":"x"})");
  }
  Zone zone("UTC0");
  Timestamp whole = from_epoch_seconds(1'800'000'000);
  EXPECT_EQ(to_local_nano_text(whole), "2027-01-15T08:00:00Z");
  EXPECT_EQ(to_local_nano_text(whole + 500ms), "2027-01-15T08:00:00.5Z");
  EXPECT_EQ(to_local_nano_text(whole + 1us), "2027-01-15T08:00:00.000001Z");
}

TEST(LocalTime, LeavesALineAloneThatDoesNotBeginWithATime) {
  Zone zone("EAST-2");
  EXPECT_EQ(with_local_time(R"({"ts":"2027-01-15T08:00:00.007Z"})"), R"({"ts":"2027-01-15T10:00:00.007+0200"})");
  for (const char* line : {"", "x", "{\"ts\":\"", R"({"ts":"soon","level":"info"})", R"({"level":"info","ts":"2027-01-15T08:00:00.000Z"})"})
    EXPECT_EQ(with_local_time(line), line);
}

}  // namespace
}  // namespace pds::podinfo
