#include "proxy/stickiness.h"

#include <gtest/gtest.h>

namespace pds::proxy {
namespace {

const Timestamp now = from_epoch_seconds(1'800'000'000);

TEST(Stickiness, ACookieHoldsUntilItsTimeHasPassed) {
  CookieSeal seal("key");
  std::string token = seal.token("i-1:80");
  std::string cookie = seal.close(token, now + 60s);
  EXPECT_EQ(seal.open(cookie, now), token);
  EXPECT_EQ(seal.open(cookie, now + 59s), token);
  EXPECT_EQ(seal.open(cookie, now + 60s), "");
}

TEST(Stickiness, NobodyElseMakesOneUp) {
  CookieSeal seal("key"), other("other key");
  std::string token = seal.token("i-1:80");
  std::string cookie = seal.close(token, now + 60s);
  EXPECT_EQ(other.open(cookie, now), "");
  EXPECT_EQ(seal.open("", now), "");
  EXPECT_EQ(seal.open(token, now), "");
  EXPECT_EQ(seal.open(cookie + "0", now), "");
  for (size_t i = 0; i < cookie.size(); ++i) {  // a digit changed anywhere: the target, the time, the seal
    std::string forged = cookie;
    forged[i] = forged[i] == '0' ? '1' : '0';
    EXPECT_EQ(seal.open(forged, now), "") << i;
  }
}

TEST(Stickiness, TokensDoNotSayWhatTheyAreOf) {
  CookieSeal seal("key");
  EXPECT_EQ(seal.token("i-1:80").size(), 32u);
  EXPECT_NE(seal.token("i-1:80"), seal.token("i-1:81"));
  EXPECT_NE(seal.token("i-1:80"), CookieSeal("other").token("i-1:80"));
}

TEST(Stickiness, AValueIsMadeOncePerSecond) {
  CookieSeal seal("key");
  StickyCookie cookie(seal.token("i-1:80"));
  std::string first = cookie.value(seal, now + 60s);
  EXPECT_EQ(cookie.value(seal, now + 60s + 999ms), first);
  EXPECT_NE(cookie.value(seal, now + 61s), first);
  EXPECT_EQ(seal.open(cookie.value(seal, now + 61s), now + 60s), cookie.token());
}

}  // namespace
}  // namespace pds::proxy
