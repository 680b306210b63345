#include "podinfo/config_file.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(ConfigFile, SaysTheSameInEveryForm) {
  ConfigValues expected = {{"port", "80"}, {"ui-message", "a # b: c"}, {"h2c", "true"}, {"backend-url", "http://a,http://b"}};
  struct {
    const char *extension, *text;
  } cases[] = {
      {"yaml", "---\n# all\nport: 80   # HTTP\nui-message: 'a # b: c'\nh2c: true\nbackendUrl:\n  - http://a\n  - \"http://b\"\n"},
      {"yml", "port: 80\r\nUI-Message: \"a # b: c\"\nh2c: true\nbackend-url: [http://a, 'http://b']\n"},
      {"toml", "port = 80\nui-message = \"a # b: c\"\nh2c = true\nbackend-url = [\"http://a\", \"http://b\"]\n"},
      {"env", "PORT=80\nui-message='a # b: c'\nH2C=true\nbackendUrl=http://a,http://b\n"},
      {"json", R"({"port":80,"ui-message":"a # b: c","h2c":true,"backendUrl":["http://a","http://b"]})"},
  };
  for (auto& c : cases) {
    auto values = parse_config(c.extension, c.text);
    ASSERT_TRUE(values) << c.extension << ": " << values.error().message;
    EXPECT_EQ(*values, expected) << c.extension;
  }
}

TEST(ConfigFile, ReadsValuesAsTheirFormatsHaveThem) {
  struct {
    const char *extension, *text, *value;
  } cases[] = {
      {"yaml", "{\"ui-message\": \"flow\", other: {nested: 1}}", "flow"},
      {"yaml", "other:\n  nested: [1, {a: b}]\nui-message: \"a\\tb \\u00e9\"\n", "a\tb \u00e9"},
      {"yaml", "ui-message: 'it''s'", "it's"},
      {"yaml", "ui-message: it's fine # comment", "it's fine"},
      {"yaml", "ui-message: |\n  two\n  lines\n", "two\nlines\n"},
      {"yaml", "ui-message: null", nullptr},
      {"yaml", "ui-message: ~", nullptr},
      {"yaml", "", nullptr},
      {"toml", "ui-message = \"a\\tb\"\n[other]\nui-message = 1\n", "a\tb"},
      {"toml", "x = [\n 1,\n 2 ]\nui-message = 'a'", "a"},
      {"toml", "ui-message = \"\"\"\\\n\u00e9\"\"\"", "\u00e9"},
      {"toml", "ui-message = 1979-05-27", nullptr},
      {"env", "export UI-MESSAGE=\"a \\\"b\\\" # c\" # d", "a \"b\" # c"},
      {"env", "UI-MESSAGE=a#b # c", "a#b"},
      {"env", "UI-MESSAGE=# c", ""},
      {"json", R"({"other":{"a":[[]]},"ui-message":"a"})", "a"},
      {"json", R"({"ui-message":["a",[]]})", nullptr},
  };
  for (auto& c : cases) {
    auto values = parse_config(c.extension, c.text);
    ASSERT_TRUE(values) << c.text << ": " << values.error().message;
    auto found = values->find("ui-message");
    ASSERT_EQ(found != values->end(), c.value != nullptr) << c.text;
    if (c.value) EXPECT_EQ(found->second, c.value) << c.text;
  }
}

TEST(ConfigFile, RefusesWhatCannotBeRead) {
  std::string bomb = "a: &a [x]\n";
  for (char c = 'b'; c < 'z'; ++c) {
    char before = static_cast<char>(c - 1);
    bomb += std::string{c} + ": &" + c + " [*" + before + ", *" + before + "]\n";
  }
  struct {
    const char* extension;
    std::string text, why;
  } cases[] = {
      {"yaml", "ui-message: [bad", "line "},     {"yaml", "a: b: c", "line 1: "},  {"yaml", "- a\n", "names and values are expected"},
      {"yaml", "a: &a [*a]", "one in another"},  {"yaml", "port 80\n", "names and values"}, {"yaml", bomb, "more than"},      {"toml", "a = 1\nb = = 2\n", "line 2: "},
      {"toml", "a = 1\n[ # [1, \", a b@\n", "line 2: "},  {"toml", "a = 2\n[=b]\nc,\\\n", "line 2: "},
      {"toml", "\u00e9 = 1", "line 1: "},        {"toml", "\ufefe", "line 1: "},    {"toml", "a = 1\n[\u3001]", "line 2: "},
      {"json", "[]", "names and values"},        {"json", "{", "not valid JSON"},  {"env", "a=1\nport 80\n", "line 2: a name and '='"},
      {"env", "a='b", "line 1: the quotes"},     {"env", "a='b' c", "line 1: the quotes"},
  };
  for (auto& c : cases) {
    auto values = parse_config(c.extension, c.text);
    ASSERT_FALSE(values) << c.text;
    EXPECT_NE(values.error().message.find(c.why), std::string::npos) << values.error().message;
  }
}

}  // namespace
}  // namespace pds::podinfo
