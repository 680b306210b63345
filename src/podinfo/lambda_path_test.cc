#include "podinfo/lambda_path.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(LambdaPath, IsWhatTheApiItselfHas) {
  struct {
    const char *event, *path, *own;
  } cases[] = {
      // HTTP API, payload 2.0
      {R"({"requestContext":{"stage":"prod","http":{}}})", "/prod/version", "/version"},
      {R"({"requestContext":{"stage":"prod","http":{}}})", "/prod", ""},
      {R"({"requestContext":{"stage":"prod","http":{}}})", "/production", "/production"},
      {R"({"requestContext":{"stage":"$default","http":{}}})", "/prod/version", "/prod/version"},
      {R"({"routeKey":"$default","requestContext":{"stage":"prod","http":{}}})", "/prod/prod/x", "/prod/x"},
      {R"({"routeKey":"ANY /{proxy+}","pathParameters":{"proxy":"prod/x"},"requestContext":{"stage":"prod","http":{}}})", "/prod/prod/x", "/prod/x"},
      {R"({"routeKey":"ANY /{proxy+}","pathParameters":{"proxy":"prod/x"},"requestContext":{"stage":"prod","http":{}}})", "/prod/x", "/prod/x"},
      // a custom domain puts no stage before the path, and a fixed route may begin as the stage does
      {R"({"routeKey":"GET /prod/x","requestContext":{"stage":"prod","http":{}}})", "/prod/x", "/prod/x"},
      {R"({"routeKey":"GET /prod/x","requestContext":{"stage":"prod","http":{}}})", "/prod/prod/x", "/prod/x"},
      {R"({"routeKey":"GET /x","requestContext":{"stage":"prod","http":{}}})", "/prod/x", "/x"},
      {R"({"version":"1.0","resource":"/prod/x","requestContext":{"stage":"prod"}})", "/prod/x", "/prod/x"},
      {R"({"version":"1.0","resource":"/x","requestContext":{"stage":"prod"}})", "/prod/x", "/x"},
      // a custom domain's base path
      {R"({"routeKey":"ANY /a/{proxy+}","pathParameters":{"proxy":"x"},"requestContext":{"stage":"prod","http":{}}})", "/base/a/x", "/a/x"},
      // HTTP API, payload 1.0
      {R"({"version":"1.0","requestContext":{"stage":"prod"}})", "/prod/version", "/version"},
      // REST API: its path has no stage, and may have a custom domain's base path
      {R"({"requestContext":{"stage":"prod"}})", "/prod/version", "/prod/version"},
      {R"({"resource":"/{proxy+}","pathParameters":{"proxy":"cache/a b"},"requestContext":{"stage":"prod"}})", "/base/cache/a%20b", "/cache/a%20b"},
      {R"({"resource":"/{proxy+}","pathParameters":{"proxy":"version"},"requestContext":{"stage":"prod"}})", "//version", "//version"},
      {R"({"resource":"/","requestContext":{"resourcePath":"/"}})", "/base", ""},
      {R"({"resource":"/","requestContext":{"resourcePath":"/"}})", "/base/", "/"},
      {R"({"resource":"/","requestContext":{"resourcePath":"/"}})", "/", "/"},
      {R"({"resource":"/","requestContext":{}})", "/version", "/version"},
      {R"({"resource":"/{proxy+}","pathParameters":{"proxy":"other"},"requestContext":{}})", "/version", "/version"},
      {R"({})", "/version", "/version"},
  };
  for (auto& c : cases) EXPECT_EQ(own_path(parse_json(c.event)->as_object(), c.path), c.own) << c.event << " " << c.path;
}

TEST(LambdaPath, HasNothingThatCannotStandInARequest) {
  struct {
    const char *given, *path, *query;
  } cases[] = {
      {"/a b", "/a%20b", "/a%20b"},       {"/\xc3\xa9", "/%C3%A9", "/%C3%A9"}, {"/a?b#c", "/a%3Fb%23c", "/a?b%23c"}, {"/100%", "/100%25", "/100%25"},
      {"/a%20b%2F%zz", "/a%20b%2F%25zz", "/a%20b%2F%25zz"}, {"/\n\x7f", "/%0A%7F", "/%0A%7F"}, {"/a+b;c=d", "/a+b;c=d", "/a+b;c=d"},
  };
  for (auto& c : cases) {
    std::string path, query;
    append_path(path, c.given);
    append_query(query, c.given);
    EXPECT_EQ(path, c.path);
    EXPECT_EQ(query, c.query);
  }
}

}  // namespace
}  // namespace pds::podinfo
