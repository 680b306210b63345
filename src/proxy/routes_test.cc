#include "proxy/routes.h"

#include <gtest/gtest.h>

#include "io/clock.h"
#include "proxy/retry.h"

namespace pds::proxy {
namespace {

RequestView view_of_text(http::RequestHead& head, const char* target) {
  head.clear();
  head.method = "GET";
  head.target = target;
  head.headers.add("Host", "old.example.com:8080");
  return view_of(head, "127.0.0.1");
}

TEST(Redirect, FillsPlaceholdersFromTheRequest) {
  http::RequestHead head;
  RequestView view = view_of_text(head, "/a/b?x=1");
  EXPECT_EQ((Redirect{.protocol = "HTTPS", .port = "443"}).location(view, "HTTP", 80), "https://old.example.com:443/a/b?x=1");
  EXPECT_EQ((Redirect{.host = "new.#{host}", .path = "/v2/#{path}", .query = "#{query}&from=#{port}"}).location(view, "HTTP", 80),
            "http://new.old.example.com:80/v2/a/b?x=1&from=80");
  EXPECT_EQ((Redirect{.path = "/", .query = ""}).location(view, "HTTP", 8080), "http://old.example.com:8080/");
}

TEST(Redirect, WhatTheClientSentIsNoPlaceholder) {
  http::RequestHead head;
  RequestView view = view_of_text(head, "/#{query}?secret");
  EXPECT_EQ((Redirect{.query = ""}).location(view, "HTTP", 80), "http://old.example.com:80/#{query}");
}

TEST(Routes, TheFirstRuleInOrderWinsAndAllItsConditionsMustHold) {
  auto path = [](const char* pattern) {
    Condition condition;
    condition.patterns.emplace_back(pattern, Case::sensitive);
    return condition;
  };
  auto fixed = [](int status) { return Action(FixedResponse{status, "text/plain", ""}); };
  Condition post;
  post.field = Condition::Field::method;
  post.methods = {"POST"};
  Routes routes{
      {}, {{10, {path("/a/*"), post}, fixed(210)}, {20, {path("/a/*")}, fixed(220)}, {30, {path("*")}, fixed(230)}}, fixed(200)};
  auto status_of = [&](const char* target, const char* method) {
    http::RequestHead head;
    RequestView view = view_of_text(head, target);
    view.method = method;
    uint64_t evaluations = 0;
    int priority = -1;
    const Action& action = routes.match(view, evaluations, priority);
    EXPECT_EQ(priority, std::get<FixedResponse>(action).status == 200 ? 0 : std::get<FixedResponse>(action).status - 200);
    return std::get<FixedResponse>(action).status;
  };
  EXPECT_EQ(status_of("/a/x", "POST"), 210);
  EXPECT_EQ(status_of("/a/x", "GET"), 220);
  EXPECT_EQ(status_of("/b", "GET"), 230);
  routes.rules.clear();
  EXPECT_EQ(status_of("/b", "GET"), 200);
}

class Forwards : public ::testing::Test {
 protected:
  std::shared_ptr<TargetGroup> group(const std::string& name) {
    return std::make_shared<TargetGroup>(loop_, clock_, "seed of " + name, TargetGroupSettings{.name = name});
  }
  io::Loop loop_;
  io::ManualClock clock_{from_epoch_seconds(1'000'000)};
  const Timestamp now_ = from_epoch_seconds(1'800'000'000);
};

TEST_F(Forwards, ACookieKeepsItsGroupUnlessTheWeightIsZeroOrItsTimeHasPassed) {
  Forward forward({{group("a"), 1, "aa"}, {group("b"), 999, "bb"}, {group("c"), 0, "cc"}}, 60);
  std::string a = forward.cookie_for(forward.choices[0], now_), c = forward.cookie_for(forward.choices[2], now_);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(forward.choose(0, a, now_ + 59s)->token, "aa");
  EXPECT_NE(forward.choose(0, c, now_)->token, "cc");
  EXPECT_EQ(Forward({{forward.choices[0].group, 0, "aa"}, {forward.choices[1].group, 1, "bb"}}, 60).choose(0, a, now_)->token,
            "bb");
  int late = 0, forged = 0, not_sticky = 0;
  Forward other({{forward.choices[0].group, 1, "aa"}, {forward.choices[1].group, 1, "bb"}}, 0);
  for (int i = 0; i < 20; ++i) {
    late += forward.choose(0, a, now_ + 60s)->token == "aa";
    forged += forward.choose(0, "aa0123456789" + std::string(32, 'f'), now_)->token == "aa";
    not_sticky += other.choose(0, a, now_)->token == "aa";
  }
  EXPECT_LE(late + forged, 1);  // it has one in a thousand
  EXPECT_EQ(not_sticky, 10);
}

TEST_F(Forwards, ACookieOfAGroupThatIsNoLongerNamedIsNobodys) {
  auto a = group("a"), b = group("b");
  Forward before({{a, 1, "aa"}, {b, 1, "bb"}}, 60);
  std::string cookie = before.cookie_for(before.choices[0], now_);
  Forward after({{b, 1, "bb"}, {group("c"), 0, "aa"}}, 60);  // nor is it that of another with the same token
  for (int i = 0; i < 5; ++i) EXPECT_EQ(after.choose(0, cookie, now_)->token, "bb");
}

TEST_F(Forwards, WhatTheWeightsCameToCanBeMeasured) {
  Forward forward({{group("a"), 90, ""}, {group("b"), 10, ""}, {group("c"), 0, ""}}, 0);
  EXPECT_EQ(forward.counts().share(0), 0);  // nothing yet
  FastRandom random(7);
  for (int i = 0; i < 95; ++i) forward.choose(random.next());
  ForwardCounts earlier = forward.counts();
  EXPECT_EQ(earlier.total(), 95u);
  for (int i = 0; i < 1005; ++i) forward.choose(random.next());
  EXPECT_DOUBLE_EQ(forward.counts().share(1), 0.1);
  ForwardCounts window = forward.counts().since(earlier);
  EXPECT_EQ(window.total(), 1005u);
  EXPECT_NEAR(window.share(0), 0.9, 0.005);
  EXPECT_EQ(window.share(2), 0);
}

// sent again?   reused   sent    repeatable  timed out  method
TEST(Retry, OnlyWhatCannotHaveBeenDoneTwice) {
  struct Row {
    FailedAttempt attempt;
    const char* method;
    bool again;
  };
  for (const Row& row : {
           Row{{true, true, true, false}, "GET", true},  // the stale connection race
           Row{{true, true, true, false}, "DELETE", true},
           Row{{true, true, true, false}, "POST", false},  // may have been acted upon
           Row{{true, true, true, false}, "PATCH", false}, Row{{true, false, true, false}, "POST", true},  // not a byte left
           Row{{true, false, false, false}, "PUT", false},                                                 // its body is gone
           Row{{true, true, true, true}, "GET", false},                                                    // it had its time
           Row{{false, true, true, false}, "GET", false},  // a fresh connection that fails is an answer
           Row{{false, false, true, false}, "GET", false},
           Row{{true, true, true, false, true}, "GET", false},  // it had begun to answer
           Row{{true, true, true, false}, "get", false},  // methods are case-sensitive
       }) {
    EXPECT_EQ(may_send_again(row.attempt, row.method), row.again) << row.method;
  }
}

TEST(Retry, FailuresBecomeTheStatusAnLbGives) {
  EXPECT_EQ(status_of_failure(Error{"E_TIMEOUT", ""}), 504);
  EXPECT_EQ(status_of_failure(Error{"E_CONNECT", ""}), 502);
  EXPECT_EQ(status_of_failure(Error{"E_CLOSED", ""}), 502);
  EXPECT_EQ(status_of_failure(Error{"E_BAD_MESSAGE", ""}), 502);
}

}  // namespace
}  // namespace pds::proxy
