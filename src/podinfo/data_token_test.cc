#include "podinfo/data_token.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(DataToken, IsSixteenDigitsAndComesBack) {
  for (uint64_t value : {uint64_t{0}, uint64_t{1}, uint64_t{0x16B374D848}, ~uint64_t{0}}) {
    std::string token = to_token({value});
    EXPECT_EQ(token.size(), 16u);
    EXPECT_EQ(parse_token(token), LogPosition{value});
    EXPECT_EQ(parse_lsn(to_lsn({value})), LogPosition{value});
  }
}

TEST(DataToken, ThatIsNoneIsNoPosition) {
  for (const char* text : {"", "0", "000000000000000",
                           "00000000000000000", "000000000000000G", "00000000000000aA", "0x00000000000001",
                           " 00000000000000a",
                           "-000000000000001", "16/B374D848"})
    EXPECT_FALSE(parse_token(text)) << text;
}

TEST(DataToken, ReadsPositionsAsPostgresWritesThem) {
  EXPECT_EQ(parse_lsn("16/B374D848"), LogPosition{0x16B374D848});
  EXPECT_EQ(parse_lsn("0/0"), LogPosition{0});
  EXPECT_EQ(to_lsn({0x16'0000'0001}), "16/1");
  for (const char* text : {"", "/", "1/", "/1", "1", "123456789/0", "0/123456789", "1/2/3", "1/-2", "x/1", "1 /2"})
    EXPECT_FALSE(parse_lsn(text)) << text;
}

TEST(DataToken, OrdersAsTheLogDoes) {
  EXPECT_LT(*parse_lsn("1/FFFFFFFF"), *parse_lsn("2/0"));
  EXPECT_LT(*parse_lsn("0/9"), *parse_lsn("0/A"));
}

}  // namespace
}  // namespace pds::podinfo
