#include "base/gzip.h"

#include <gtest/gtest.h>

namespace pds {
namespace {

TEST(Gzip, what_was_compressed_comes_back) {
  for (const std::string& text : {std::string(), std::string("{}"), std::string(100'000, 'x')})
    EXPECT_EQ(*inflate_gzip(deflate_gzip(text), 100'000), text);
}

TEST(Gzip, a_small_body_does_not_become_a_large_one) {
  std::string bomb = deflate_gzip(std::string(10'000'000, '\0'));
  ASSERT_LT(bomb.size(), 20'000u);
  Result<std::string> refused = inflate_gzip(bomb, 1'000'000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().http_status, 413);
}

TEST(Gzip, anything_else_is_refused) {
  std::string good = deflate_gzip("hello");
  EXPECT_FALSE(inflate_gzip("", 100));
  EXPECT_FALSE(inflate_gzip("hello", 100));
  EXPECT_FALSE(inflate_gzip(good.substr(0, good.size() - 1), 100));
  EXPECT_FALSE(inflate_gzip(good + "more", 100));
}

}  // namespace
}  // namespace pds
