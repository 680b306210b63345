#include "podinfo/redis_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(RedisAddress, IsTakenInTheFormsThatAreInUse) {
  struct Row {
    const char *text, *host;
    uint16_t port;
    const char *user, *password;
    int database;
    bool secure;
  };
  const Row rows[] = {
      {"cache:6380", "cache", 6380, "", "", 0, false},
      {"cache", "cache", 6379, "", "", 0, false},
      {"tcp://cache:6379", "cache", 6379, "", "", 0, false},
      {"tcp://:secret@cache:6379", "cache", 6379, "", "secret", 0, false},
      {"tcp://me@cache:6379", "cache", 6379, "", "", 0, false},
      {"tcp://me:s%40fe@cache:6379", "cache", 6379, "me", "s@fe", 0, false},
      {"redis://cache/3", "cache", 6379, "", "", 3, false},
      {"rediss://me:p@[::1]:7000/", "::1", 7000, "me", "p", 0, true},
      {"tcp://cache:1/ignored", "cache", 1, "", "", 0, false},
  };
  for (const Row& row : rows) {
    auto address = parse_redis_address(row.text);
    ASSERT_TRUE(address) << row.text << ": " << address.error().message;
    EXPECT_EQ(address->host, row.host) << row.text;
    EXPECT_EQ(address->port, row.port) << row.text;
    EXPECT_EQ(address->user, row.user) << row.text;
    EXPECT_EQ(address->password, row.password) << row.text;
    EXPECT_EQ(address->database, row.database) << row.text;
    EXPECT_EQ(address->secure, row.secure) << row.text;
  }
}

TEST(RedisAddress, WhatIsNoneIsRefusedWithoutRepeatingAPassword) {
  for (const char* text : {"", "tcp://", "tcp://:hidden@", "cache:0", "cache:port", "redis://:hidden@cache/x", "tcp://a:hidden%zz@cache", "redis://cache/-1"}) {
    auto address = parse_redis_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().message.find("hidden"), std::string::npos);
  }
}

}  // namespace
}  // namespace pds::podinfo
