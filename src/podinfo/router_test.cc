#include "podinfo/router.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

using Outcome = Route::Outcome;

Route find(const Router& router, std::string method, std::string target) {
  return router.find(http::RequestHead{.method = std::move(method), .target = std::move(target)});
}

TEST(Router, NamesEachRouteInMetricsAsPodinfoDoes) {
  Router plain(""), prefixed("/foo");
  struct {
    const char *method, *target, *label, *label_under_prefix;
  } cases[] = {
      {"GET", "/", "root", "foo"},
      {"GET", "/api/info", "api_info", "foo_api_info"},
      {"POST", "/echo", "echo", "foo_echo"},
      {"PATCH", "/echo/a/b", "echo", "foo_echo"},
      {"POST", "/api/echo/x", "api_echo", "foo_api_echo"},
      {"GET", "/delay/3", "delay", "delay"},
      {"PUT", "/status/200", "status", "status"},
      {"POST", "/store", "store", "foo_store"},
      {"GET", "/store/ab", "store", "store"},
      {"GET", "/cache/a", "cache", "cache"},
      {"DELETE", "/cache/a", "cache_key", "foo_cache_key"},
      {"GET", "/chunked", "chunked", "foo_chunked"},
      {"GET", "/chunked/1", "chunked_wait_0_9", "foo_chunked_wait_0_9"},
      {"POST", "/readyz/enable", "readyz_enable", "foo_readyz_enable"},
      {"GET", "/fault_injection/status", "fault_injection_status", "foo_fault_injection_status"},
      {"GET", "/swagger/x/y", "swagger", "foo_swagger"},
      {"TRACE", "/swagger.json", "swagger_json", "foo_swagger_json"},
      {"GET", "/ws/echo", "ws_echo", "foo_ws_echo"},
      {"GET", "/token/validate", "token_validate", "foo_token_validate"},
  };
  for (auto& c : cases) {
    EXPECT_EQ(find(plain, c.method, c.target).label, c.label) << c.target;
    EXPECT_EQ(find(prefixed, c.method, std::string("/foo") + c.target).label, c.label_under_prefix) << c.target;
  }
}

TEST(Router, ServesNothingOutsideItsPrefix) {
  Router router("/foo/bar");
  EXPECT_EQ(find(router, "GET", "/foo/bar").label, "foo_bar");
  EXPECT_EQ(find(router, "GET", "/foo/bar/").label, "foo_bar");
  for (const char* outside : {"/", "/version", "/foo", "/foo/barversion", "/foo/bar/bar"}) {
    EXPECT_EQ(find(router, "GET", outside).outcome, Outcome::not_found) << outside;
  }
}

TEST(Router, TellsWhatIsCleanFromWhatIsNot) {
  Router router("");
  struct {
    const char* target;
    Outcome outcome;
    const char* moved_to;
  } cases[] = {
      {"/version?x=//", Outcome::found, ""},
      {"/%76ersion", Outcome::found, ""},
      {"/.well-known", Outcome::not_found, ""},
      {"http://other/version", Outcome::found, ""},
      {"//version", Outcome::moved, "/version"},
      {"//version?a=%20", Outcome::moved, "/version?a=%20"},
      {"/store/../../etc/passwd", Outcome::moved, "/etc/passwd"},
      {"/%2e%2e/a", Outcome::moved, "/a"},
      {"/a%2F%2Fb", Outcome::moved, "/a/b"},
      {"/a/./b/", Outcome::moved, "/a/b/"},
      {"//a b?", Outcome::moved, "/a%20b"},
      {"//a%3Fb;c=d", Outcome::moved, "/a%3Fb;c=d"},
      {"/%", Outcome::malformed, ""},
      {"*", Outcome::server_wide, ""},
  };
  for (auto& c : cases) {
    Route route = find(router, "GET", c.target);
    EXPECT_EQ(route.outcome, c.outcome) << c.target;
    EXPECT_EQ(route.moved_to, c.moved_to) << c.target;
  }
  EXPECT_EQ(find(router, "GET", "/store/%61").argument, "a");
}

}  // namespace
}  // namespace pds::podinfo
