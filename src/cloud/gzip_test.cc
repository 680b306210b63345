#include "cloud/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace pds::cloud {
namespace {

std::string gzip(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 32, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST(Gzip, what_was_compressed_comes_back) {
  for (const std::string& text : {std::string(), std::string("{}"), std::string(100'000, 'x')})
    EXPECT_EQ(*inflate_gzip(gzip(text), 100'000), text);
}

TEST(Gzip, a_small_body_does_not_become_a_large_one) {
  std::string bomb = gzip(std::string(10'000'000, '\0'));
  ASSERT_LT(bomb.size(), 20'000u);
  Result<std::string> refused = inflate_gzip(bomb, 1'000'000);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().http_status, 413);
}

TEST(Gzip, anything_else_is_refused) {
  std::string good = gzip("hello");
  EXPECT_FALSE(inflate_gzip("", 100));
  EXPECT_FALSE(inflate_gzip("hello", 100));
  EXPECT_FALSE(inflate_gzip(good.substr(0, good.size() - 1), 100));
  EXPECT_FALSE(inflate_gzip(good + "more", 100));
}

}  // namespace
}  // namespace pds::cloud
