// What is counted and logged of exchanges, beyond what their own tests look at.
#include "proxy/exchange.h"
#include "proxy/test_exchange.h"

namespace pds::proxy {
namespace {

using ::testing::HasSubstr;

TEST_F(Exchanges, MalformedRequestsAreCountedAndLogged) {
  auto group = make_group();
  add(*group, {});
  route_to(group);
  std::string answer = ask("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("400 Bad Request"));
  EXPECT_EQ(counters_->malformed_requests, 1u);
  EXPECT_EQ(counters_->elb_status_classes[4], 1u);
  EXPECT_EQ(counters_->sent_bytes, answer.size());
  EXPECT_TRUE(group->counters().empty() || group->counters().at("us-east-1a")->requests == 0);  // no target was chosen
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_THAT(log_[0], HasSubstr(" - -1 -1 -1 400 - "));
  EXPECT_THAT(log_[0], HasSubstr("\"Severe\" \"BothTeClPresent\" TID_"));
}

TEST_F(Exchanges, TooManyConnectionsAreRejectedConnections) {
  auto group = make_group();
  add(*group, {fine});
  route_to(group);
  server_ = std::make_unique<http::Server>(loop_, frontend_, http::ServerOptions{.connections_max = 1});
  send(connect(), "GET / HTTP/1.1\r\n");  // has begun to ask: an idle one would make way
  for (int turns = 0; turns < 10; ++turns) loop_.run_once(0ms);
  EXPECT_THAT(ask("GET / HTTP/1.1\r\nHost: h\r\n\r\n"), HasSubstr("503 "));
  EXPECT_EQ(counters_->rejected_connections, 1u);
  EXPECT_EQ(counters_->requests, 0u);
  EXPECT_TRUE(log_.empty());
}

std::string trace_of(const std::string& line) { return line.substr(line.rfind(" TID_") + 5, 16); }

TEST_F(Exchanges, ALinesConnectionTraceIsThatOfItsConnection) {
  auto group = make_group();
  add(*group, std::vector<std::string>(4, fine));
  route_to(group);
  ask("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  get();
  ASSERT_EQ(log_.size(), 3u);
  EXPECT_EQ(trace_of(log_[0]), trace_of(log_[1]));
  EXPECT_NE(trace_of(log_[0]), trace_of(log_[2]));
}

TEST_F(Exchanges, BytesAreThoseOnTheWire) {
  auto group = make_group();
  add(*group, {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"});
  route_to(group);
  std::string request = "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbody";
  std::string answer = ask(request);
  EXPECT_EQ(counters_->received_bytes, request.size());
  EXPECT_EQ(counters_->sent_bytes, answer.size());
  EXPECT_THAT(log_.at(0), HasSubstr(" " + std::to_string(request.size()) + " " + std::to_string(answer.size()) + " \"POST"));
}

TEST_F(Exchanges, OneRequestInSoManyIsLogged) {
  auto group = make_group();
  add(*group, std::vector<std::string>(9, fine));
  route_to(group);
  std::vector<std::string> lines;
  frontend_.set_access_log([&](std::string_view line) { lines.emplace_back(line); }, 3);
  for (int i = 0; i < 9; ++i) get();
  EXPECT_EQ(lines.size(), 3u);
  frontend_.set_access_log(nullptr);
  get();
  EXPECT_EQ(lines.size(), 3u);
  EXPECT_EQ(counters_->requests, 10u);
}

TEST_F(Exchanges, SlowRequestsAreToldWithTheirPhases) {
  auto group = make_group();
  add(*group, {fine, fine});
  route_to(group);
  std::vector<std::string> told;
  frontend_.set_slow_log(1h, [&](const AccessEntry& entry) { told.emplace_back(entry.trace_id); });
  get();
  EXPECT_TRUE(told.empty());
  EXPECT_EQ(counters_->slow_requests, 0u);
  frontend_.set_slow_log(0us, [&](const AccessEntry& entry) {
    told.emplace_back(entry.trace_id);
    EXPECT_EQ(entry.target, "t:80");
    EXPECT_EQ(entry.target_status, 200);
    for (Duration phase : {entry.request_time, entry.target_time, entry.response_time}) EXPECT_GE(phase.count(), 0);
    EXPECT_GE(entry.finished - entry.started, entry.request_time + entry.target_time + entry.response_time);
  });
  get();
  ASSERT_EQ(told.size(), 1u);
  EXPECT_THAT(told[0], HasSubstr("Root=1-"));
  EXPECT_EQ(counters_->slow_requests, 1u);
}

TEST_F(Exchanges, ARedirectToTooLongAnAddressIsRefused) {
  auto routes = std::make_shared<Routes>(Routes{{}, {}, Redirect{.host = std::string(redirect_url_bytes_max, 'h')}});
  frontend_.set_routes(routes);
  EXPECT_THAT(get(), HasSubstr(" 414 "));
  EXPECT_EQ(counters_->redirect_urls_too_long, 1u);
  EXPECT_EQ(counters_->redirects, 0u);
}

TEST_F(Exchanges, RulesBeyondTheFirstTenAreCharged) {
  Condition never;
  never.patterns.emplace_back("/never", Case::sensitive);
  auto routes = std::make_shared<Routes>(Routes{{}, {}, FixedResponse{}});
  for (int priority = 1; priority <= 13; ++priority) routes->rules.push_back({priority, {never}, FixedResponse{}});
  frontend_.set_routes(routes);
  get(), get();
  EXPECT_EQ(counters_->rule_evaluations, 26u);
  EXPECT_EQ(counters_->charged_rule_evaluations, 6u);
}

TEST_F(Exchanges, DroppedFieldsAreCountedByRequest) {
  auto group = make_group();
  add(*group, {fine, fine});
  route_to(group);
  auto routes = std::make_shared<Routes>(*frontend_.routes());
  routes->settings.drop_invalid_header_fields = true;
  frontend_.set_routes(routes);
  get("X_Bad: 1\r\nY_Bad: 2\r\n"), get();
  EXPECT_EQ(counters_->dropped_header_requests, 1u);
}

TEST_F(Exchanges, RequestsThatTheirCookieDidNotPlaceAreNotSticky) {
  group_settings_.stickiness_seconds = 60;
  auto group = make_group();
  add(*group, std::vector<std::string>(4, fine));
  route_to(group);
  std::string answer = get();
  std::string cookie = answer.substr(answer.find("AWSALB="));
  cookie = cookie.substr(0, cookie.find(';'));
  get("Cookie: " + cookie + "\r\n");
  get("Cookie: AWSALB=made-up\r\n");
  EXPECT_EQ(group->counters().at("us-east-1a")->requests, 3u);
  EXPECT_EQ(group->counters().at("us-east-1a")->non_sticky_requests, 2u);
}

// Hands requests on as if they had come over TLS.
class Secured final : public http::Service {
 public:
  explicit Secured(http::Service& inner) : inner_(inner) {}
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override {
    request.secure = true;
    request.session = &session;
    co_await inner_.serve(request, responder);
  }
  io::SecureSession session{.version = "TLSv1.3", .cipher = "TLS_AES_128_GCM_SHA256", .server_name = "www.example.com"};

 private:
  http::Service& inner_;
};

TEST_F(Exchanges, OverTlsALineSaysWhatWasAgreedOn) {
  auto group = make_group();
  add(*group, {fine});
  route_to(group);
  Secured secured(frontend_);
  server_ = std::make_unique<http::Server>(loop_, secured);
  get();
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_THAT(log_[0], ::testing::StartsWith("https "));
  EXPECT_THAT(log_[0], HasSubstr("\"GET https://h:80/x HTTP/1.1\" \"-\" TLS_AES_128_GCM_SHA256 TLSv1.3 "));
  EXPECT_THAT(log_[0], HasSubstr(" \"www.example.com\" \"-\" "));
  server_.reset();
}

TEST(FunctionFailures, AreBlamedOnTheFunctionOrNot) {
  EXPECT_EQ(failure_of(Error{"E_FUNCTION", ""}).reason, "LambdaUnhandled");
  EXPECT_EQ(failure_of(Error{"AccessDeniedException", ""}).reason, "LambdaAccessDenied");
  EXPECT_EQ(failure_of(Error{"TooManyRequestsException", ""}).reason, "LambdaThrottling");
  EXPECT_TRUE(failure_of(Error{"E_BAD_MESSAGE", ""}).is_users);
  EXPECT_EQ(failure_of(Error{"E_SYSTEM", ""}).reason, "LambdaServiceException");
  EXPECT_FALSE(failure_of(Error{"E_SYSTEM", ""}).is_users);
}

}  // namespace
}  // namespace pds::proxy
