#include "cloud/services/secretsmanager/secret.h"

#include <gtest/gtest.h>

#include "cloud/services/secretsmanager/password.h"
#include "cloud/services/secretsmanager/schedule.h"

namespace pds::cloud::secretsmanager {
namespace {

Secret with_versions(std::initializer_list<std::pair<const char*, std::vector<std::string>>> versions) {
  Secret secret;
  for (const auto& [id, stages] : versions) secret.versions.push_back({.version_id = id, .stages = stages, .has_value = true});
  return secret;
}

TEST(Secret, previous_follows_current) {
  Secret secret = with_versions({{"1", {"AWSPREVIOUS"}}, {"2", {"AWSCURRENT"}}, {"3", {"AWSPENDING"}}});
  move_stage(secret, current, "3");
  EXPECT_EQ(find_staged(secret, current)->version_id, "3");
  EXPECT_EQ(find_staged(secret, previous)->version_id, "2");
  EXPECT_TRUE(find_version(secret, "1")->stages.empty());
  EXPECT_EQ(find_staged(secret, pending)->version_id, "3");
}

TEST(Secret, a_label_moves_only_when_its_holder_is_named) {
  Secret secret = with_versions({{"1", {"AWSCURRENT"}}, {"2", {}}});
  auto implicit = update_stage(secret, {.version_stage = "AWSCURRENT", .move_to_version_id = "2"});
  ASSERT_FALSE(implicit);
  EXPECT_EQ(implicit.error().code, "InvalidParameterException");
  EXPECT_FALSE(update_stage(secret, {.version_stage = "AWSCURRENT", .remove_from_version_id = "2", .move_to_version_id = "2"}));
  EXPECT_FALSE(update_stage(secret, {.version_stage = "AWSCURRENT", .remove_from_version_id = "1"}));
  EXPECT_EQ(update_stage(secret, {.version_stage = "x", .move_to_version_id = "9"}).error().code, "ResourceNotFoundException");
  ASSERT_TRUE(update_stage(secret, {.version_stage = "AWSCURRENT", .remove_from_version_id = "1", .move_to_version_id = "2"}));
  EXPECT_EQ(find_staged(secret, previous)->version_id, "1");
  ASSERT_TRUE(update_stage(secret, {.version_stage = "blue", .move_to_version_id = "1"}));
  ASSERT_TRUE(update_stage(secret, {.version_stage = "blue", .remove_from_version_id = "1"}));
  EXPECT_EQ(find_staged(secret, "blue"), nullptr);
}

TEST(Secret, a_version_carries_at_most_twenty_labels) {
  Secret secret = with_versions({{"1", {"AWSCURRENT"}}});
  for (size_t i = 1; i < stages_per_version_max; ++i)
    ASSERT_TRUE(update_stage(secret, {.version_stage = "s" + std::to_string(i), .move_to_version_id = "1"}));
  EXPECT_EQ(update_stage(secret, {.version_stage = "more", .move_to_version_id = "1"}).error().code, "LimitExceededException");
}

TEST(Secret, only_deprecated_versions_are_dropped_and_the_oldest_first) {
  Secret secret = with_versions({{"current", {"AWSCURRENT"}}});
  for (size_t i = 0; i < versions_max + 1; ++i) secret.versions.push_back({.version_id = std::to_string(i)});
  EXPECT_EQ(drop_old_versions(secret), (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(secret.versions.size(), versions_max);
  EXPECT_NE(find_staged(secret, current), nullptr);
}

std::string next_of(const std::string& expression, const std::string& after) {
  auto schedule = Schedule::parse({.schedule_expression = expression});
  if (!schedule) return schedule.error().code;
  auto next = schedule->next(*parse_iso8601(after));
  return next ? to_iso8601(*next) : "never";
}

TEST(Schedule, next_times) {
  const char* now = "2026-11-23T19:00:00Z";  // a Monday
  EXPECT_EQ(next_of("rate(10 days)", now), "2026-12-03T19:00:00Z");
  EXPECT_EQ(next_of("rate(4 hours)", now), "2026-11-23T23:00:00Z");
  EXPECT_EQ(next_of("cron(0 8 1 * ? *)", now), "2026-12-01T08:00:00Z");
  EXPECT_EQ(next_of("cron(0 19 * * ? *)", now), "2026-11-24T19:00:00Z");
  EXPECT_EQ(next_of("cron(0 4 ? * SUN,TUE *)", now), "2026-11-24T04:00:00Z");
  EXPECT_EQ(next_of("cron(0 0/8 ? 1-3 MON-FRI *)", now), "2027-01-01T00:00:00Z");
  EXPECT_EQ(next_of("cron(0 0 29 2 ? *)", now), "2028-02-29T00:00:00Z");
  EXPECT_EQ(next_of("cron(0 0 30 2 ? *)", now), "never");
  EXPECT_EQ(next_of("cron(0 0 1 1 ? 2026)", now), "never");
}

TEST(Schedule, what_cannot_be_evaluated_is_refused) {
  for (const char* text :
       {"", "daily", "rate(3 hours)", "rate(1000 days)", "rate(-1 days)", "rate(5 minutes)", "rate(99999999999999 days)",
        "cron(5 8 1 * ? *)", "cron(0 8 1 * 1 *)", "cron(0 8 ? * ? *)", "cron(0 * 1 * ? *)", "cron(0 8 L * ? *)",
        "cron(0 25 1 * ? *)", "cron(0 8 1 * ?)", "cron(0 8 5-1 * ? *)", "cron(0 8 1/0 * ? *)"})
    EXPECT_EQ(next_of(text, "2026-11-23T19:00:00Z"), "InvalidParameterException") << text;
  EXPECT_FALSE(Schedule::parse({.automatically_after_days = 1001}));
  EXPECT_FALSE(Schedule::parse({}));
}

TEST(Password, holds_each_included_type_and_nothing_excluded) {
  SeededRandom random(7);
  for (int i = 0; i < 200; ++i) {
    auto password = make_password({.password_length = 8, .exclude_characters = "abc\"", .exclude_punctuation = true}, random);
    ASSERT_TRUE(password);
    EXPECT_EQ(password->size(), 8u);
    EXPECT_EQ(password->find_first_of("abc!#$%&"), std::string::npos);
    EXPECT_NE(password->find_first_of("0123456789"), std::string::npos);
    EXPECT_NE(password->find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), std::string::npos);
  }
  EXPECT_FALSE(make_password({.password_length = 3}, random));
  EXPECT_TRUE(make_password({.password_length = 3, .require_each_included_type = false}, random));
  EXPECT_FALSE(make_password(
      {.exclude_numbers = true, .exclude_punctuation = true, .exclude_uppercase = true, .exclude_lowercase = true}, random));
}

}  // namespace
}  // namespace pds::cloud::secretsmanager
