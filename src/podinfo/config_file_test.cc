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

TEST(ConfigFile, RefusesWhatItWouldMisread) {
  struct {
    const char *extension, *text, *why;
  } cases[] = {
      {"yaml", "a:\n  b: 1\n", "line 2: nothing may be nested here"},
      {"yaml", "port 80\n", "line 1: a name and ':' are expected"},
      {"yaml", "\n- a\n", "line 2: an item of no list"},
      {"yaml", "port:80\n", "line 1: a blank is expected behind ':'"},
      {"toml", "[server]\n", "line 1: a name and '=' are expected"},
      {"json", "[]", "an object is expected"},
      {"json", R"({"a":{}})", "nothing may be nested here"},
      {"json", R"({"a":[[]]})", "nothing may be nested here"},
  };
  for (auto& c : cases) {
    auto values = parse_config(c.extension, c.text);
    ASSERT_FALSE(values) << c.text;
    EXPECT_EQ(values.error().message, c.why);
  }
  EXPECT_FALSE(parse_config("json", "{"));
}

}  // namespace
}  // namespace pds::podinfo
