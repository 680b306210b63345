#include "cloud/services/elbv2/slow_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pds::cloud::elbv2 {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class SlowLines : public ::testing::Test {
 protected:
  SlowLines() {
    entry_.load_balancer = "app/web/1", entry_.trace_id = "Root=1-2-3", entry_.target = "10.0.0.1:80", entry_.target_group = "arn:tg";
    entry_.method = "GET", entry_.request_target = "/report?token=secret", entry_.elb_status = entry_.target_status = 200;
    entry_.finished = Timestamp{} + 905ms;
    entry_.request_time = 2ms, entry_.target_time = 900ms, entry_.response_time = 1500us;
  }
  std::vector<std::string> lines_;
  Logger log_{[this](std::string_view line) { lines_.emplace_back(line); }, LogLevel::info};
  SlowLog slow_{log_, 500ms};
  proxy::AccessEntry entry_;
  MonoTime now_{std::chrono::hours(1)};
};

TEST_F(SlowLines, SayWhatEachPhaseTookAndWhere) {
  slow_.tell(entry_, now_);
  ASSERT_EQ(lines_.size(), 1u);
  for (const char* part : {"\"slow request\"", "\"trace_id\":\"Root=1-2-3\"", "\"target\":\"10.0.0.1:80\"", "\"path\":\"/report\"", "\"request_ms\":2", "\"status\":200"})
    EXPECT_THAT(lines_[0], HasSubstr(part));
  EXPECT_THAT(lines_[0], Not(HasSubstr("secret")));
}

TEST_F(SlowLines, AreBoundedByTheSecondAndSayWhatWasLeftOut) {
  for (int i = 0; i < slow_lines_per_second_max + 7; ++i) slow_.tell(entry_, now_ + i * 1ms);
  EXPECT_EQ(lines_.size(), static_cast<size_t>(slow_lines_per_second_max));
  slow_.tell(entry_, now_ + 1s);
  EXPECT_THAT(lines_.back(), HasSubstr("\"left_out_before\":7"));
  slow_.tell(entry_, now_ + 1s + 1ms);
  EXPECT_THAT(lines_.back(), HasSubstr("\"left_out_before\":0"));
}

}  // namespace
}  // namespace pds::cloud::elbv2
