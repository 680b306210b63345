// Clients that stay where they were: cookies of the balancer, of the application, and of groups.
#include "proxy/test_exchange.h"

namespace pds::proxy {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

// The value that an answer gives a cookie; empty when it does not set it.
std::string cookie_in(const std::string& answer, const std::string& name) {
  std::string start = "Set-Cookie: " + name + "=";
  size_t at = answer.find(start);
  if (at == std::string::npos) return "";
  at += start.size();
  return answer.substr(at, answer.find(';', at) - at);
}

std::vector<std::string> answers(const std::string& name, const std::string& fields = "") {
  return std::vector<std::string>(
      100, "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(name.size()) + "\r\n\r\n" + name);
}

class Sticky : public Exchanges {
 protected:
  std::shared_ptr<TargetGroup> group_of_two(const std::string& fields = "") {
    group_settings_.stickiness_seconds = 60;
    auto group = make_group();
    add(*group, answers("one", fields), "one");
    add(*group, answers("two", fields), "two");
    route_to(group);
    return group;
  }
};

TEST_F(Sticky, TheBalancersCookieKeepsAClientAndIsRenewedWithEachAnswer) {
  group_of_two();
  std::string first = get();
  EXPECT_THAT(first, EndsWith("one"));
  std::string cookie = cookie_in(first, "AWSALB");
  EXPECT_EQ(cookie_in(first, "AWSALBCORS"), cookie);
  EXPECT_THAT(first, HasSubstr("; Path=/; SameSite=None\r\n"));
  for (int i = 0; i < 4; ++i) {
    std::string answer = get("Cookie: a=b; AWSALB=" + cookie + "; c=d\r\n");
    EXPECT_THAT(answer, EndsWith("one"));
    EXPECT_FALSE(cookie_in(answer, "AWSALB").empty());
  }
  EXPECT_THAT(seen_.back(), HasSubstr("AWSALB=" + cookie));  // and the target sees it
  EXPECT_THAT(get(), EndsWith("two"));                       // a client without takes its turn
}

TEST_F(Sticky, ACookieOfATargetThatIsGoneIsReplaced) {
  auto group = group_of_two();
  std::string cookie = cookie_in(get(), "AWSALB");
  group->drain("one", 80, clock_.now());
  std::string answer = get("Cookie: AWSALB=" + cookie + "\r\n");
  EXPECT_THAT(answer, EndsWith("two"));
  std::string renewed = cookie_in(answer, "AWSALB");
  EXPECT_NE(renewed, cookie);
  group->add(spec_of(
      "one", std::make_shared<FakeTarget>(loop_, [this](auto stream) { return say(std::move(stream), answers("one"), &seen_); })));
  for (int i = 0; i < 4; ++i) EXPECT_THAT(get("Cookie: AWSALB=" + renewed + "\r\n"), EndsWith("two"));  // stuck to the new one
}

TEST_F(Sticky, AForgedCookieIsNone) {
  group_of_two();
  std::string cookie = cookie_in(get(), "AWSALB");
  cookie[0] = cookie[0] == '0' ? '1' : '0';
  EXPECT_THAT(get("Cookie: AWSALB=" + cookie + "\r\n"), EndsWith("two"));
  EXPECT_THAT(get("Cookie: AWSALB=" + cookie + "\r\n"), EndsWith("one"));
}

TEST_F(Sticky, TheApplicationsCookieBringsOursWithIt) {
  group_settings_.app_cookie = "session";
  group_of_two("Set-Cookie: session=s1; Path=/app\r\n");
  std::string first = get();
  EXPECT_THAT(first, HasSubstr("Set-Cookie: session=s1; Path=/app\r\n"));
  EXPECT_TRUE(cookie_in(first, "AWSALB").empty());
  std::string cookie = cookie_in(first, "AWSALBAPP-0");
  ASSERT_FALSE(cookie.empty());
  for (int i = 0; i < 4; ++i) {
    EXPECT_THAT(get("Cookie: session=s1; AWSALBAPP-0=" + cookie + "\r\n"), EndsWith("one"));
  }
  EXPECT_THAT(get("Cookie: AWSALBAPP-0=" + cookie + "\r\n"), EndsWith("two"));  // both are needed
  EXPECT_THAT(get("Cookie: AWSALBAPP-0=" + cookie + "\r\n"), EndsWith("one"));
}

TEST_F(Sticky, WithoutTheApplicationsCookieNobodyIsKept) {
  group_settings_.app_cookie = "session";
  group_of_two("Set-Cookie: sessions=s1\r\n");
  std::string answer = get();
  EXPECT_THAT(answer, Not(HasSubstr("AWSALB")));
  EXPECT_THAT(get("Cookie: session=s1\r\n"), EndsWith("two"));
  EXPECT_THAT(get("Cookie: session=s1\r\n"), EndsWith("one"));
}

TEST_F(Sticky, OurCookieIsRenewedWhenTheApplicationDoesNotSetItsAgain) {
  group_settings_.stickiness_seconds = 60;
  group_settings_.app_cookie = "session";
  auto group = make_group();
  std::vector<std::string> first_only = answers("one");
  first_only[0] = "HTTP/1.1 200 OK\r\nSet-Cookie: session=s1\r\nContent-Length: 3\r\n\r\none";
  add(*group, first_only, "one");
  route_to(group);
  std::string cookie = cookie_in(get(), "AWSALBAPP-0");
  std::string answer = get("Cookie: session=s1; AWSALBAPP-0=" + cookie + "\r\n");
  EXPECT_THAT(answer, Not(HasSubstr("Set-Cookie: session")));
  EXPECT_FALSE(cookie_in(answer, "AWSALBAPP-0").empty());
}

TEST_F(Sticky, GroupCookiesKeepAClientInItsGroup) {
  auto blue = make_group("blue"), green = make_group("green");
  add(*blue, answers("blue")), add(*green, answers("green"));
  route_to({{blue, 1, "b0b0"}, {green, 1, "e0e0"}}, 60);
  std::string first = get();
  std::string cookie = cookie_in(first, "AWSALBTG");
  EXPECT_EQ(cookie_in(first, "AWSALBTGCORS"), cookie);
  std::string body = first.substr(first.rfind("\r\n\r\n"));
  for (int i = 0; i < 10; ++i) EXPECT_THAT(get("Cookie: AWSALBTG=" + cookie + "\r\n"), EndsWith(body));
  bool was_blue = body.ends_with("blue");
  route_to({{blue, was_blue ? 0u : 1u, "b0b0"}, {green, was_blue ? 1u : 0u, "e0e0"}}, 60);
  for (int i = 0; i < 4; ++i) EXPECT_THAT(get("Cookie: AWSALBTG=" + cookie + "\r\n"), Not(EndsWith(body)));  // weight 0 ends it
}

}  // namespace
}  // namespace pds::proxy
