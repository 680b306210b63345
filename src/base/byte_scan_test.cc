#include "base/byte_scan.h"

#include <gtest/gtest.h>

#include <string>

#include "base/digits.h"

namespace pds {
namespace {

constexpr auto is_special = [](auto byte) { return (byte < 0x20) | (byte == 0x7f) | (byte == '"'); };

size_t one_by_one(std::string_view text, size_t from) {
  while (from < text.size() && !is_special(static_cast<unsigned char>(text[from]))) ++from;
  return from;
}

TEST(FindSpecial, FindsWhatLookingOneByOneFinds) {
  for (size_t size = 0; size <= 70; ++size) {
    for (size_t place = 0; place <= size; ++place) {
      // In memory of its own, so that a sanitizer sees a look behind the end.
      std::string text(size, 'a');
      for (size_t i = 0; i < size; ++i) text[i] = static_cast<char>(i % 3 ? 'a' + i % 26 : 0x80 + i);
      if (place < size) text[place] = place % 2 ? '"' : '\n';
      if (place + 5 < size) text[place + 5] = 0x7f;
      for (size_t from = 0; from <= size; ++from) {
        ASSERT_EQ(find_special(text, from, is_special), one_by_one(text, from)) << "size " << size << ", place " << place << ", from " << from;
      }
    }
  }
}

TEST(FindSpecial, KnowsEveryByte) {
  for (int byte = 0; byte < 256; ++byte) {
    std::string text(40, 'a');
    text[20] = static_cast<char>(byte);
    ASSERT_EQ(find_special(text, 0, is_special), one_by_one(text, 0)) << byte;
  }
}

TEST(Digits, AreWrittenWithLeadingZeros) {
  std::array<char, 20> room;
  auto written = [&](char* end) { return std::string_view(room.data(), static_cast<size_t>(end - room.data())); };
  EXPECT_EQ(written(put_hex(room.data(), 0x0123456789abcdef, 16)), "0123456789abcdef");
  EXPECT_EQ(written(put_hex(room.data(), 0xf, 8)), "0000000f");
  EXPECT_EQ(written(put_decimal(room.data(), 42, 6)), "000042");
  EXPECT_EQ(written(put_decimal(room.data(), 987, 3)), "987");
  EXPECT_EQ(written(put_decimal(room.data(), 5, 1)), "5");
}

}  // namespace
}  // namespace pds
