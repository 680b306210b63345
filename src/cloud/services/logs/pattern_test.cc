#include "cloud/services/logs/pattern.h"

#include <gtest/gtest.h>

namespace pds::cloud::logs {
namespace {

TEST(Pattern, matches_words_phrases_and_members) {
  struct Case {
    const char *pattern, *message;
    bool matches;
  };
  const char* line = R"({"status":503,"path":"/api/data","level":"error","user":null,"tags":["a","b"],"ok":true})";
  const Case cases[] = {
      {"", "anything", true},
      {"ERROR", "an ERROR here", true},
      {"ERROR", "an error here", false},
      {"ERROR disk", "disk ERROR", true},
      {"ERROR disk", "ERROR", false},
      {"?ERROR ?WARN", "a WARN", true},
      {"?ERROR ?WARN", "an INFO", false},
      {"ERROR -healthz", "ERROR /healthz", false},
      {"\"out of memory\"", "ran out of memory", true},
      {"\"out of memory\"", "out memory of", false},
      {"{ $.status >= 500 }", line, true},
      {"{ $.status = 404 }", line, false},
      {"{ $.status != 404 && $.level = \"error\" }", line, true},
      {"{ $.path = \"/api/*\" }", line, true},
      {"{ $.path = /api/data }", line, true},
      {"{ ($.status < 500 || $.ok IS TRUE) && $.user IS NULL }", line, true},
      {"{ $.missing NOT EXISTS }", line, true},
      {"{ $.tags[1] = \"b\" }", line, true},
      {"{ $.status >= 500 }", "not json", false},
  };
  for (const Case& c : cases) {
    Result<Pattern> pattern = Pattern::parse(c.pattern);
    ASSERT_TRUE(pattern) << c.pattern << ": " << pattern.error().message;
    EXPECT_EQ(pattern->matches(c.message), c.matches) << c.pattern;
  }
}

TEST(Pattern, refuses_what_it_cannot_do_instead_of_matching_something_else) {
  for (const char* unsupported : {"[ip, user]", "%regex%", "{ $.a = %x% }"}) EXPECT_EQ(Pattern::parse(unsupported).error().http_status, 501) << unsupported;
  for (const char* invalid : {"{ $.a = ", "{ $.a }", "{ a = 1 }", "\"open", "{ ($.a = 1 }", "{ $.a > x }", "{ $. = 1 }", "-"})
    EXPECT_EQ(Pattern::parse(invalid).error().code, "InvalidParameterException") << invalid;
  std::string deep = "{" + std::string(100, '(') + "$.a = 1" + std::string(100, ')') + "}";
  EXPECT_FALSE(Pattern::parse(deep));
}

}  // namespace
}  // namespace pds::cloud::logs
