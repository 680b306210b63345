#include "podinfo/redirect.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(Redirect, LeadsWhereRfc3986Says) {
  auto from = http::parse_url("http://a:81/b/c?d");
  ASSERT_TRUE(from);
  struct {
    const char *location, *to;
  } cases[] = {
      {"e", "http://a:81/b/e"},      {"./e?f", "http://a:81/b/e?f"},     {"../e", "http://a:81/e"},    {"../../../e", "http://a:81/e"},
      {"?x=1", "http://a:81/b/c?x=1"}, {"/e/./f/..", "http://a:81/e/"},  {"//h/x", "http://h/x"},      {"https://h:9/x?y", "https://h:9/x?y"},
      {"#top", "http://a:81/b/c?d"}, {"", "http://a:81/b/c?d"},          {"e?u=http://x", "http://a:81/b/e?u=http://x"},
      {"..", "http://a:81/"},        {".", "http://a:81/b/"},
  };
  for (auto& c : cases) {
    auto to = follow_location(*from, c.location);
    ASSERT_TRUE(to) << c.location << ": " << to.error().message;
    EXPECT_EQ(to->scheme + "://" + http::host_field(*to) + to->target, c.to) << c.location;
  }
  EXPECT_FALSE(follow_location(*from, "ftp://x/"));
}

}  // namespace
}  // namespace pds::podinfo
