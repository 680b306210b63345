#include "podinfo/json_text.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(JsonText, WritesStringsAsGoDoes) {
  struct {
    std::string_view text, written;
  } cases[] = {
      {"", R"("")"},
      {"a/b", R"("a/b")"},
      {"<a>&", R"("\u003ca\u003e\u0026")"},
      {"\"\\", R"("\"\\")"},
      {"\b\f\n\r\t\x01\x1f", R"("\b\f\n\r\t\u0001\u001f")"},
      {"\x7f", "\"\x7f\""},
      {"ä€𝄞", "\"ä€𝄞\""},
      {"\u2028\u2029", R"("\u2028\u2029")"},
      {"a\xff\xc3", R"("a\ufffd\ufffd")"},
      {"\xc0\x80", R"("\ufffd\ufffd")"},            // overlong
      {"\xed\xa0\x80", R"("\ufffd\ufffd\ufffd")"},  // a surrogate
      {"\xe2\x82", R"("\ufffd\ufffd")"},            // cut short
  };
  for (auto& c : cases) {
    std::string out;
    append_json_string(out, c.text);
    EXPECT_EQ(out, c.written);
  }
}

TEST(JsonText, IndentsByTwoAndLeavesWhatIsEmptyOnOneLine) {
  EXPECT_EQ(to_json_text(json::object{}), "{}");
  EXPECT_EQ(to_json_text(json::array{}), "[]");
  EXPECT_EQ(to_json_text(json::object{{"b", 1}, {"a", json::array{"x", json::object{}}}, {"c", json::array{}}, {"d", true}}),
            "{\n  \"b\": 1,\n  \"a\": [\n    \"x\",\n    {}\n  ],\n  \"c\": [],\n  \"d\": true\n}");
}

}  // namespace
}  // namespace pds::podinfo
