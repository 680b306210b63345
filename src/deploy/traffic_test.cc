#include "deploy/traffic.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pds::deploy {
namespace {

using ::testing::HasSubstr;

TEST(Traffic, weights_are_parts_of_the_action_that_names_a_group_first) {
  auto weights = weights_of({{{"blue", 90}, {"green", 10}}, {{"green", 1}, {"red", 0}}, {{"off", 0}}});
  EXPECT_EQ(weights.at("blue"), 0.9);
  EXPECT_EQ(weights.at("green"), 0.1);
  EXPECT_EQ(weights.at("red"), 0);
  EXPECT_EQ(weights.at("off"), 0);
}

Traffic example() {
  Traffic traffic;
  traffic.minute = *parse_iso8601("2026-11-23T22:23:00Z");
  traffic.requests = 1000, traffic.balancer_errors = 3;
  GroupTraffic blue{.name = "blue", .arn = "arn:blue", .weight = 0.9, .share = 0.9, .requests = 900, .errors = 9};
  blue.requests_per_second = 15, blue.p50_seconds = 0.0012, blue.p99_seconds = 0.0301, blue.in_flight = 2, blue.healthy = 1;
  blue.targets = {{"i-1:9898", "us-east-1a", "healthy", "", 2}, {"i-2:9898", "us-east-1b", "unhealthy", "Target.Timeout", 0}};
  traffic.groups = {blue, GroupTraffic{.name = "green", .arn = "arn:green"}};
  return traffic;
}

TEST(Traffic, is_shown_as_a_table) {
  std::vector<std::string> lines = traffic_lines(example());
  ASSERT_EQ(lines.size(), 6u);
  EXPECT_THAT(lines[1], HasSubstr("  blue"));
  for (const char* part : {" 90.0 %", " 15.0 ", " 1.20 ms", " 30.1 ms", " 1.0 %", " 1/2", " 2"}) EXPECT_THAT(lines[1], HasSubstr(part));
  EXPECT_THAT(lines[3], HasSubstr("Target.Timeout"));
  EXPECT_THAT(lines[4], HasSubstr(" - "));  // nothing is made up for what was not reported
  EXPECT_THAT(lines[5], HasSubstr("3 answered 5xx by the balancer itself"));
}

TEST(Traffic, a_document_leaves_out_what_is_not_known) {
  json::object document = traffic_document(example());
  const json::object& blue = document["groups"].as_array()[0].as_object();
  const json::object& green = document["groups"].as_array()[1].as_object();
  EXPECT_EQ(blue.at("weight").as_double(), 0.9);
  EXPECT_EQ(blue.at("error_ratio").as_double(), 0.01);
  EXPECT_EQ(blue.at("targets").as_array()[1].as_object().at("reason").as_string(), "Target.Timeout");
  EXPECT_FALSE(green.contains("p99_seconds"));
  EXPECT_FALSE(green.contains("weight"));
  EXPECT_EQ(document["minute"].as_string(), "2026-11-23T22:23:00Z");
  EXPECT_FALSE(traffic_document(Traffic{}).contains("minute"));
}

}  // namespace
}  // namespace pds::deploy
