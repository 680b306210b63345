#include "base/text.h"

#include "base/json.h"
#include "base/log.h"

#include <gtest/gtest.h>

namespace pds {
namespace {

// RFC 4648, section 10.
TEST(Text, base64_is_as_its_rfc_has_it) {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (auto [plain, encoded] : vectors) {
    EXPECT_EQ(to_base64(plain), encoded);
    EXPECT_EQ(from_base64(encoded).value_or("refused"), plain);
  }
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_EQ(from_base64(to_base64(all)).value_or(""), all);
}

TEST(Text, base64url_has_its_own_digits_and_no_padding) {
  for (std::string plain : {std::string(), std::string("f"), std::string("fo"), std::string("foo"), std::string("\xff\xfe\xfb", 3)})
    EXPECT_EQ(from_base64url(to_base64url(plain)).value_or("refused"), plain);
  for (const char* text : {"+w", "/w", "_w==", "A", "A*"}) EXPECT_FALSE(from_base64url(text)) << text;
}

TEST(Text, what_is_not_base64_is_refused) {
  for (const char* text :
       {"A", "AA", "AAA", "====", "A===", "AA=A", "AAA=AAAA", "AA==AAAA", "AA-A", "AA A", "A\nAA", "\xff\xff\xff\xff"})
    EXPECT_FALSE(from_base64(text)) << text;
}

TEST(Text, hexadecimal_reads_back_in_either_case) {
  EXPECT_EQ(to_hex(std::string_view("\x00\x7f\xff", 3)), "007fff");
  EXPECT_EQ(from_hex("007FfF").value_or(""), std::string_view("\x00\x7f\xff", 3));
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("0g"));
}

// Each sequence at each distance from the eight bytes that are looked at together.
TEST(Text, utf8_is_recognised_wherever_it_stands) {
  const char* good[] = {"\xC2\xA2", "\xE2\x82\xAC", "\xED\x9F\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"};
  const char* bad[] = {
      "\x80", "\xC0\xAF", "\xC2", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
      "\xFF"};
  for (size_t before = 0; before < 20; ++before)
    for (size_t after = 0; after < 20; ++after) {
      auto surrounded = [&](const char* text) { return std::string(before, 'a') + text + std::string(after, 'z'); };
      for (const char* text : good) EXPECT_TRUE(is_utf8(surrounded(text))) << before << " " << after;
      for (const char* text : bad) EXPECT_FALSE(is_utf8(surrounded(text))) << before << " " << after;
    }
}

TEST(Text, split_keeps_empty_parts_and_any_number_of_them) {
  EXPECT_EQ(split("", ','), (std::vector<std::string_view>{""}));
  EXPECT_EQ(split(",a,,b,", ','), (std::vector<std::string_view>{"", "a", "", "b", ""}));
  EXPECT_EQ(split(std::string(1000, ';'), ';').size(), 1001u);
}

TEST(Text, CaseIsIgnoredOfLettersOnlyWhereverTheyStand) {
  auto lower = [](int c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; };
  for (int x = 0; x < 256; ++x) {
    for (int y = 0; y < 256; ++y) {
      for (auto [size, at] : {std::pair<size_t, size_t>{1, 0}, {4, 3}, {6, 0}, {8, 7}, {11, 10}, {17, 8}}) {
        std::string a(size, 'k'), b(size, 'K');
        a[at] = static_cast<char>(x), b[at] = static_cast<char>(y);
        ASSERT_EQ(iequals(a, b), lower(x) == lower(y)) << x << " " << y << " of " << size;
      }
    }
  }
}

TEST(Text, case_is_ignored_for_ascii_letters_only) {
  EXPECT_TRUE(iequals("Content-Type", "cONTENT-tYPE"));
  EXPECT_FALSE(iequals("a@", "A`"));
  EXPECT_FALSE(iequals("\xC3\x84", "\xC3\xA4"));
  // Long texts are compared eight letters at a time, which must know the same letters.
  for (int c = 0; c < 256; ++c) {
    auto byte = static_cast<char>(c);
    auto other = static_cast<char>(c ^ 0x20);
    bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    for (size_t at = 0; at < 10; ++at) {
      std::string one(10, '-'), two = one;
      one[at] = byte, two[at] = other;
      EXPECT_EQ(iequals(one, two), letter) << c << " at " << at;
      EXPECT_TRUE(iequals(one, one));
    }
  }
  EXPECT_EQ(to_lower("AZ[\xC3\x84"), "az[\xC3\x84");
}

TEST(Text, WhatIsPartOfNoCharacterIsReplaced) {
  EXPECT_EQ(repaired_utf8("a\xff<b>"), "a\xef\xbf\xbd<b>");
  EXPECT_EQ(repaired_utf8("\xc3\xa9\xe2\x82"), "\xc3\xa9\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_EQ(repaired_utf8(""), "");
}

TEST(Log, IsJsonWhateverComes) {
  std::string line;
  Logger logger([&line](std::string_view text) { line = text; }, LogLevel::info);
  logger.info("a\xff", {{"k\xfe", std::string_view("\x80\"\n")}});
  EXPECT_TRUE(is_utf8(line));
  Result<json::value> parsed = parse_json(line);
  ASSERT_TRUE(parsed) << line;
  EXPECT_EQ(get_string(parsed->as_object(), "msg"), "a\xef\xbf\xbd");
  EXPECT_EQ(get_string(parsed->as_object(), "k\xef\xbf\xbd"), "\xef\xbf\xbd\"\n");
  for (int c = 0; c < 0x100; ++c) {  // alone, and where sixteen are looked at at once
    for (const std::string& around : {std::string(), std::string(20, 'a')}) {
      std::string sent = around + static_cast<char>(c) + around;
      logger.info("m", {{"k", sent}});
      parsed = parse_json(line);
      ASSERT_TRUE(parsed) << line;
      EXPECT_EQ(get_string(parsed->as_object(), "k"), repaired_utf8(sent)) << line;
    }
  }
}

}  // namespace
}  // namespace pds
