#include "http/message.h"

#include <gtest/gtest.h>

namespace pds::http {
namespace {

std::string lines_of(const Headers& headers) {
  std::string lines;
  for (size_t i = 0; i < headers.size(); ++i) lines += headers.line(i);
  return lines;
}

Headers some() {
  Headers headers;
  headers.add("Host", "a");
  headers.add("X-One", "1");
  headers.add("Cookie", "b=c");
  headers.add("X-Two", "2");
  return headers;
}

TEST(Headers, FindsByNameAndByNumber) {
  Headers headers = some();
  EXPECT_EQ(headers.find("COOKIE"), "b=c");
  EXPECT_EQ(headers.find(FieldName::cookie), "b=c");
  EXPECT_EQ(headers.find("x-two"), "2");
  EXPECT_FALSE(headers.find(FieldName::server));
  EXPECT_FALSE(headers.may_have(FieldName::server));
  headers.remove("cookie");
  EXPECT_FALSE(headers.find(FieldName::cookie));
  headers.clear();
  EXPECT_FALSE(headers.may_have(FieldName::host));
}

TEST(Headers, TakesSomeOfAnothersFields) {
  Headers from = some(), to;
  to.add("Server", "s");
  to.add_from(from, 1, 3);
  EXPECT_EQ(lines_of(to), "Server: s\r\nX-One: 1\r\nCookie: b=c\r\n");
  EXPECT_EQ(to.find(FieldName::cookie), "b=c");
  to.add_from(from, 4, 4);
  EXPECT_EQ(to.size(), 3u);
}

TEST(Headers, TakesWhatIsLeftBesideWhatWasRemoved) {
  Headers from = some(), to;
  from.remove("x-one");
  from.add("X-Three", "3");
  to.add_from(from, 0, from.size());
  EXPECT_EQ(lines_of(to), "Host: a\r\nCookie: b=c\r\nX-Two: 2\r\nX-Three: 3\r\n");
  EXPECT_EQ(to.find(FieldName::host), "a");
}

TEST(Headers, WhatCannotBeSentStaysSoWhereItIsTaken) {
  Headers from = some(), to;
  from.add("X-Bad", "a\r\nX-Forged: b");
  to.add_from(from, 0, 4);
  EXPECT_TRUE(to.can_be_sent());
  to.add_from(from, 4, 5);
  EXPECT_FALSE(to.can_be_sent());
}

TEST(Headers, MovedFromAreEmpty) {
  Headers from = some();
  Headers to = std::move(from);
  EXPECT_EQ(to.find(FieldName::host), "a");
  EXPECT_FALSE(from.may_have(FieldName::host));  // NOLINT: that is what is asked
  from.add("Server", "s");
  EXPECT_EQ(lines_of(from), "Server: s\r\n");
}

}  // namespace
}  // namespace pds::http
