#include "podinfo/integer_text.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(IntegerText, IsReadAsGoReadsIt) {
  struct {
    const char* text;
    int64_t number;
  } good[] = {{"0", 0},     {"9898", 9898}, {"+9898", 9898}, {"-1", -1},   {"0x1F", 31},   {"0X1f", 31},  {"-0x1F", -31}, {"0b101", 5},
              {"0o17", 15}, {"017", 15},    {"00", 0},       {"1_000", 1000}, {"0x_1F", 31}, {"0_7", 7},
              {"9223372036854775807", INT64_MAX},            {"-9223372036854775808", INT64_MIN}};
  for (auto& c : good) {
    auto number = parse_go_integer(c.text);
    ASSERT_TRUE(number) << c.text;
    EXPECT_EQ(*number, c.number) << c.text;
  }
  for (const char* bad : {"", "+", "-", "x", "1x", "0x", "0b2", "08", " 1", "1 ", "+-1", "--1", "1__0", "_1", "1_", "0x1_", "1.5", "0x+1", "tcp://10.0.0.1:80"}) {
    auto number = parse_go_integer(bad);
    ASSERT_FALSE(number) << bad;
    EXPECT_EQ(number.error().message, "invalid syntax") << bad;
  }
  for (const char* far : {"9223372036854775808", "-9223372036854775809", "0xffffffffffffffffff"}) {
    auto number = parse_go_integer(far);
    ASSERT_FALSE(number) << far;
    EXPECT_EQ(number.error().message, "value out of range") << far;
  }
}

}  // namespace
}  // namespace pds::podinfo
