#include "podinfo/go_json.h"

#include <gtest/gtest.h>

#include <string>

#include "base/json.h"
#include "base/text.h"

namespace pds::podinfo {
namespace {

std::string read(std::string_view text, GoReader reader) {
  Result<std::string_view> value = find_go_json(text, reader);
  return value ? "found " + std::string(*value) : value.error().message;
}

TEST(GoJson, FindsTheValueOfAGoodText) {
  for (std::string_view value : {"{}", "[]", "0", "-0", "10.5e+3", "1E9", "-1.25", "true", "false", "null", "\"\"", "\"a\\u00e9\\\\\\/\\\"\xff\"",
                                 "[[],{},[1,2]]", "{\"a\":{\"b\":[]},\"c\" : 1}", "[ 1 , 2 ]", "{ \"a\" :\n1 }"}) {
    for (GoReader reader : {GoReader::whole, GoReader::first}) EXPECT_EQ(read(" \t" + std::string(value) + "\r\n ", reader), "found " + std::string(value));
    EXPECT_EQ(read(std::string(value) + " {", GoReader::first), "found " + std::string(value));
  }
  EXPECT_EQ(read("1x", GoReader::first), "found 1");
  EXPECT_EQ(read("01", GoReader::first), "found 0");
}

TEST(GoJson, SaysWhereATextIsWrong) {
  struct {
    std::string_view text, message;
  } cases[] = {
      {"abc", "invalid character 'a' looking for beginning of value"},
      {"'", "invalid character '\\'' looking for beginning of value"},
      {"\\", "invalid character '\\\\' looking for beginning of value"},
      {"+1", "invalid character '+' looking for beginning of value"},
      {"\x01", "invalid character '\\x01' looking for beginning of value"},
      {"\x07", "invalid character '\\a' looking for beginning of value"},
      {"\x0b", "invalid character '\\v' looking for beginning of value"},
      {"\x7f", "invalid character '\\x7f' looking for beginning of value"},
      {"\x8a", "invalid character '\\u008a' looking for beginning of value"},
      {"\xa0", "invalid character '\\u00a0' looking for beginning of value"},
      {"\xad", "invalid character '\\u00ad' looking for beginning of value"},
      {"\xc3\xa9", "invalid character '\u00c3' looking for beginning of value"},
      {"[,", "invalid character ',' looking for beginning of value"},
      {"[1,]", "invalid character ']' looking for beginning of value"},
      {"[1 2]", "invalid character '2' after array element"},
      {"[1}", "invalid character '}' after array element"},
      {"[{]", "invalid character ']' looking for beginning of object key string"},
      {"{a", "invalid character 'a' looking for beginning of object key string"},
      {"{,", "invalid character ',' looking for beginning of object key string"},
      {"{\"a\":1,}", "invalid character '}' looking for beginning of object key string"},
      {"{\"a\"1", "invalid character '1' after object key"},
      {"{\"a\":}", "invalid character '}' looking for beginning of value"},
      {"{\"a\":1 \"b\"", "invalid character '\"' after object key:value pair"},
      {"{\"a\":1]", "invalid character ']' after object key:value pair"},
      {"\"a\nb\"", "invalid character '\\n' in string literal"},
      {"\"\\x\"", "invalid character 'x' in string escape code"},
      {"\"\\u12g4\"", "invalid character 'g' in \\u hexadecimal character escape"},
      {"-x", "invalid character 'x' in numeric literal"},
      {"1.x", "invalid character 'x' after decimal point in numeric literal"},
      {"1ex", "invalid character 'x' in exponent of numeric literal"},
      {"1e+ ", "invalid character ' ' in exponent of numeric literal"},
      {"trux", "invalid character 'x' in literal true (expecting 'e')"},
      {"fales", "invalid character 'e' in literal false (expecting 's')"},
      {"nil", "invalid character 'i' in literal null (expecting 'u')"},
  };
  for (auto& c : cases) {
    EXPECT_EQ(read(c.text, GoReader::whole), c.message);
    EXPECT_EQ(read(c.text, GoReader::first), c.message);
  }
}

TEST(GoJson, WantsNothingBehindTheWhole) {
  for (std::string_view text : {"{}x", "1 x", "null\nx", "\"\"x"}) EXPECT_EQ(read(text, GoReader::whole), "invalid character 'x' after top-level value");
  EXPECT_EQ(read("01", GoReader::whole), "invalid character '1' after top-level value");
}

TEST(GoJson, SaysOfATextThatEndsTooSoonWhatItsReaderDoes) {
  struct {
    const char *text, *whole, *first;
  } cases[] = {
      {"", "unexpected end of JSON input", "EOF"},
      {" \n", "unexpected end of JSON input", "EOF"},
      {"{", "unexpected end of JSON input", "unexpected EOF"},
      {"{\"a\"", "unexpected end of JSON input", "unexpected EOF"},
      {"{\"a\":", "unexpected end of JSON input", "unexpected EOF"},
      {"{\"a\":1", "unexpected end of JSON input", "unexpected EOF"},
      {"{\"a\":1, ", "unexpected end of JSON input", "unexpected EOF"},
      {"[", "unexpected end of JSON input", "unexpected EOF"},
      {"[1", "unexpected end of JSON input", "unexpected EOF"},
      {"\"a", "unexpected end of JSON input", "unexpected EOF"},
      {"\"\\", "invalid character ' ' in string escape code", "unexpected EOF"},
      {"\"\\u1", "invalid character ' ' in \\u hexadecimal character escape", "unexpected EOF"},
      {"-", "invalid character ' ' in numeric literal", "unexpected EOF"},
      {"1.", "invalid character ' ' after decimal point in numeric literal", "unexpected EOF"},
      {"1e", "invalid character ' ' in exponent of numeric literal", "unexpected EOF"},
      {"tr", "invalid character ' ' in literal true (expecting 'u')", "unexpected EOF"},
  };
  for (auto& c : cases) {
    EXPECT_EQ(read(c.text, GoReader::whole), c.whole) << c.text;
    EXPECT_EQ(read(c.text, GoReader::first), c.first) << c.text;
  }
}

TEST(GoJson, GoesAsDeepAsGoDoes) {
  auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(find_go_json(nested(10'000), GoReader::whole));
  EXPECT_EQ(read(nested(10'001), GoReader::whole), "invalid character '[' exceeded max depth");
}

// What one reader takes the other one does: a text that passes here is not refused later in other words.
TEST(GoJson, AgreesWithOurOwnReaderOnWhatIsJson) {
  const std::string good = R"({"a":[1,-2.5e3,true,null,"\u00e9\n"],"b":{"c":""}})";
  for (size_t at = 0; at <= good.size(); ++at) {
    for (char c : std::string_view("{}[]\",:\\1e-.tx \n\x01")) {
      std::string changed = good;
      changed.insert(at, 1, c);
      EXPECT_EQ(find_go_json(changed, GoReader::whole).has_value(), parse_json(changed).has_value()) << changed;
    }
    EXPECT_EQ(find_go_json(good.substr(0, at), GoReader::whole).has_value(), parse_json(good.substr(0, at)).has_value());
  }
}

TEST(GoJson, NamesKindsAsGoDoes) {
  constexpr std::pair<std::string_view, std::string_view> cases[] = {{"{}", "object"}, {"[1]", "array"}, {"\"x\"", "string"}, {"-1", "number"},
                                                                     {"7", "number"},  {"true", "bool"}, {"false", "bool"},   {"null", "null"}};
  for (auto [value, kind] : cases) EXPECT_EQ(go_kind(value), kind) << value;
}

}  // namespace
}  // namespace pds::podinfo
