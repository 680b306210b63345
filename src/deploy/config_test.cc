#include "deploy/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pds::deploy {
namespace {

using testing::HasSubstr;

std::string error_of(std::string_view yaml) {
  Result<Config> config = Config::parse(yaml, "deploy.yaml");
  return config ? "" : config.error().message;
}

TEST(Config, fills_in_defaults_and_remembers_origins) {
  Result<Config> config = Config::parse("name: shop\nfleet:\n  desired: 4\n", "deploy.yaml");
  ASSERT_TRUE(config) << config.error().message;
  EXPECT_EQ(config->integer("fleet.desired"), 4);
  EXPECT_EQ(config->values().at("fleet.desired").origin, "deploy.yaml:3");
  EXPECT_EQ(config->values().at("fleet.max").origin, "default");
  EXPECT_EQ(config->duration("guardrail.bake"), 3min);
}

TEST(Config, says_line_and_reason_for_each_mistake) {
  struct Case {
    const char* yaml;
    const char* message;
  };
  const Case cases[] = {
      {"name: a\nfleet:\n  desird: 3\n", "deploy.yaml:3: unknown key 'fleet.desird'; did you mean 'fleet.desired'?"},
      {"name: a\ndesired: 3\n", "did you mean 'fleet.desired'?"},
      {"name: a\nfleet: 3\n", "'fleet' is a section"},
      {"name: A_b\n", "is not a name"},
      {"name: a\nfleet:\n  desired: many\n", "not a whole number"},
      {"name: a\nfleet:\n  desired: 9\n", "does not hold"},
      {"name: a\nfleet:\n  drain: 60\n", "not a duration"},
      {"name: a\nguardrail:\n  error_ratio: 5\n", "not a ratio"},
      {"name: a\nnetwork:\n  cidr: 10.0.0.0/8\n", "not an IPv4 network"},
      {"name: a\nnetwork:\n  cidr: 10.0.0.999/16\n", "not an IPv4 network"},
      {"region: eu-west-1\n", "'name' is missing"},
      {"name: [a, b]\n", "takes one value"},
      {"name: [a\n", "not valid YAML"},
      {"- a\n", "a mapping of keys is expected"},
  };
  for (const Case& c : cases) EXPECT_THAT(error_of(c.yaml), HasSubstr(c.message)) << c.yaml;
}

TEST(Config, reads_durations_with_units_only) {
  EXPECT_EQ(parse_duration("1h30m").value(), 90min);
  EXPECT_EQ(parse_duration("250ms").value(), 250ms);
  EXPECT_FALSE(parse_duration("90"));
  EXPECT_FALSE(parse_duration("-5s"));
  EXPECT_FALSE(parse_duration("5 s"));
  EXPECT_FALSE(parse_duration("99999999d"));
}

}  // namespace
}  // namespace pds::deploy
