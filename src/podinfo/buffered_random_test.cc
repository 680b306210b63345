#include "podinfo/buffered_random.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(BufferedRandom, GivesTheBytesOfItsSourceEachOnce) {
  SeededRandom source(7), same(7);
  BufferedRandom buffered(source);
  std::string expected = same.bytes(2048), got;
  for (int i = 0; i < 16; ++i) got += buffered.bytes(128);
  EXPECT_EQ(got, expected);
  EXPECT_NE(buffered.bytes(128), expected.substr(0, 128));
  EXPECT_EQ(buffered.bytes(5000).size(), 5000u);
}

}  // namespace
}  // namespace pds::podinfo
