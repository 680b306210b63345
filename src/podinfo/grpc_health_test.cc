#include "podinfo/grpc_health.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

using namespace std::string_literals;

TEST(GrpcHealth, ARequestIsFramedAndNamesItsService) {
  EXPECT_EQ(encode_health_request(""), "\0\0\0\0\0"s);
  EXPECT_EQ(encode_health_request("podinfo"), "\0\0\0\0\x09\x0a\x07podinfo"s);
  std::string long_name(300, 's');
  EXPECT_EQ(encode_health_request(long_name), "\0\0\0\x01\x2f\x0a\xac\x02"s + long_name);
}

TEST(GrpcHealth, AnAnswerIsAStatus) {
  EXPECT_EQ(*decode_health_answer("\0\0\0\0\x02\x08\x01"s), "SERVING");
  EXPECT_EQ(*decode_health_answer("\0\0\0\0\x02\x08\x02"s), "NOT_SERVING");
  EXPECT_EQ(*decode_health_answer("\0\0\0\0\0"s), "UNKNOWN");
  EXPECT_EQ(*decode_health_answer("\0\0\0\0\x03\x08\x81\x01"s), "129");
}

TEST(GrpcHealth, WhatIsNoAnswerIsSaidToBeNone) {
  for (const std::string& text : {""s, "\0\0\0"s, "\x01\0\0\0\x02\x08\x01"s, "\0\0\0\0\x03\x08\x01"s, "\0\0\0\0\x01\x08"s, "\0\0\0\0\x02\x10\x01"s,
                                  "\0\0\0\0\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"s})
    EXPECT_FALSE(decode_health_answer(text));
}

}  // namespace
}  // namespace pds::podinfo
