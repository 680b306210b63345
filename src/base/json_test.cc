#include "base/json.h"

#include <gtest/gtest.h>

namespace pds {
namespace {

TEST(Json, checking_and_parsing_agree) {
  std::string deep(json_depth_max, '['), too_deep(json_depth_max + 1, '[');
  deep += std::string(json_depth_max, ']'), too_deep += std::string(json_depth_max + 1, ']');
  const std::string texts[] = {"{}",      "[]",   "null", " 1 ",    "-0.5e3",  "\"a\\u00e4\"", "{\"a\":[1,{\"b\":null}]}\n",
                               deep,      "",     " ",    "{",      "]",       "{}{}",         "1 2",
                               "{\"a\"}", "[1,]", "tru",  "\"\n\"", "\"\\x\"", "\"\xff\"",     "01",
                               "1.",      "nan",  "'a'",  "//\n1",  too_deep};
  for (const std::string& text : texts) {
    Result<json::value> parsed = parse_json(text);
    Result<void> checked = check_json(text);
    EXPECT_EQ(parsed.has_value(), checked.has_value()) << text;
    if (!parsed && !checked) EXPECT_EQ(parsed.error().message, checked.error().message);
  }
  EXPECT_TRUE(check_json(deep));
  EXPECT_FALSE(check_json(too_deep));
}

}  // namespace
}  // namespace pds
