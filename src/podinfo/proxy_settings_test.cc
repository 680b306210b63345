#include "podinfo/proxy_settings.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

// "host:port authorization", or "none".
std::string proxy_of(const std::vector<std::string>& environment, const std::string& url) {
  std::optional<HttpProxy> proxy = ProxySettings(environment).proxy_for(*http::parse_url(url));
  if (!proxy) return "none";
  return proxy->host + ":" + std::to_string(proxy->port) + (proxy->authorization.empty() ? "" : " " + proxy->authorization);
}

TEST(ProxySettings, each_scheme_has_its_own_and_upper_case_comes_first) {
  std::vector<std::string> environment = {"http_proxy=http://lower:1", "HTTP_PROXY=proxy:3128", "HTTPS_PROXY=http://us%3Aer:pass@secure/"};
  EXPECT_EQ(proxy_of(environment, "http://a.example/"), "proxy:3128");
  EXPECT_EQ(proxy_of(environment, "https://a.example/"), "secure:80 Basic dXM6ZXI6cGFzcw==");
  EXPECT_EQ(proxy_of({"http_proxy=http://lower:1"}, "http://a.example/"), "lower:1");
  EXPECT_EQ(proxy_of({}, "http://a.example/"), "none");
  for (const char* bad : {"HTTP_PROXY=socks5://a:1", "HTTP_PROXY=http://", "HTTP_PROXY=:x", "HTTP_PROXY="}) EXPECT_EQ(proxy_of({bad}, "http://a.example/"), "none") << bad;
}

TEST(ProxySettings, loopback_never_goes_through_one) {
  for (const char* url : {"http://localhost:1/", "http://127.0.0.1/", "http://127.9.9.9/", "http://[::1]/"}) EXPECT_EQ(proxy_of({"HTTP_PROXY=p:1"}, url), "none") << url;
}

TEST(ProxySettings, exceptions_are_names_addresses_blocks_and_ports) {
  struct {
    const char *exceptions, *url;
    bool excepted;
  } cases[] = {
      {"*", "http://a.example/", true},
      {"a.example", "http://a.example/", true},
      {"a.example", "http://b.a.example/", true},
      {"a.example", "http://ba.example/", false},
      {".a.example", "http://a.example/", false},
      {".a.example", "http://b.a.example/", true},
      {"*.a.example", "http://b.a.example/", true},
      {"x, A.EXAMPLE ,y", "http://a.example/", true},
      {"a.example:81", "http://a.example/", false},
      {"a.example:80", "http://a.example/", true},
      {"10.0.0.0/8", "http://10.1.2.3/", true},
      {"10.0.0.0/8", "http://11.1.2.3/", false},
      {"10.0.0.0/33", "http://10.1.2.3/", false},
      {"10.1.2.3", "http://10.1.2.3:99/", true},
      {"fd00::/8", "http://[fd12::1]/", true},
      {"fd00::/8", "http://[fe12::1]/", false},
      {"10.0.0.0/x", "http://10.0.0.0/", false},
      {"", "http://a.example/", false},
  };
  for (const auto& c : cases)
    EXPECT_EQ(proxy_of({"HTTP_PROXY=p:1", std::string("NO_PROXY=") + c.exceptions}, c.url) == "none", c.excepted) << c.exceptions << " " << c.url;
}

}  // namespace
}  // namespace pds::podinfo
