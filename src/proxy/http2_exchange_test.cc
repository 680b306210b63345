// Targets that speak HTTP/2 and gRPC, behind a balancer whose clients do, too.
#include "proxy/probe_http2.h"
#include "proxy/test_exchange.h"
#include "proxy/test_grpc_echo.h"

namespace pds::proxy {
namespace {

class Http2Targets : public Exchanges {
 protected:
  void SetUp() override {
    Exchanges::SetUp();
    server_ = std::make_unique<http::Server>(loop_, frontend_, http::ServerOptions{.http2_prior_knowledge = true});
    connector_ = std::make_shared<FakeTarget>(
        loop_, [this](std::unique_ptr<io::Stream> stream) { return hand_over(*server_, std::move(stream)); });
    target_ = std::make_shared<FakeTarget>(
        loop_, [this](std::unique_ptr<io::Stream> stream) { return hand_over(backend_, std::move(stream)); });
    client_ = std::make_unique<http::Client>(loop_, connector_, http::ClientOptions{.protocol = http::Protocol::http2});
  }
  void TearDown() override {
    client_.reset();
    Exchanges::TearDown();
  }
  void serve(TargetProtocol protocol) {
    group_settings_.protocol = protocol;
    group_ = make_group();
    group_->add(spec_of("t", target_));
    route_to(group_);
  }
  static http::Request request(std::string method, std::string target, std::string body = "") {
    http::Request request;
    request.head.method = std::move(method);
    request.head.target = std::move(target);
    request.head.headers.add("Host", "h");
    request.body = std::move(body);
    return request;
  }
  std::string send(const http::Request& request) {
    auto response = io::run_until_done(loop_, client_->send(request));
    return response ? std::to_string(response->head.status) + " " + response->body : response.error().code;
  }

  GrpcEcho echo_;
  http::Server backend_{loop_, echo_, {.http2_prior_knowledge = true}};
  std::shared_ptr<FakeTarget> connector_, target_;
  std::shared_ptr<TargetGroup> group_;
  std::unique_ptr<http::Client> client_;
};

TEST_F(Http2Targets, AreAskedOverOneConnection) {
  serve(TargetProtocol::http2);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send(request("POST", "/x?y=1", "body")), "200 body");
  EXPECT_EQ(target_->connections, 1);
  EXPECT_EQ(echo_.seen.version_major, 2);
  EXPECT_EQ(echo_.seen.target, "/x?y=1");
  EXPECT_EQ(echo_.seen.host(), "h");
  EXPECT_EQ(echo_.seen.headers.get("x-forwarded-proto"), "http");
  ASSERT_FALSE(log_.empty());
  EXPECT_THAT(log_.back(), ::testing::StartsWith("h2 "));
  EXPECT_THAT(log_.back(), ::testing::HasSubstr("/x?y=1 HTTP/2.0\""));
}

TEST_F(Http2Targets, CallsPassBothWaysAtOnceWithTheirTrailers) {
  serve(TargetProtocol::grpc);
  auto call = [](http::Client& client, http::RequestHead head) -> io::Task<std::string> {
    auto exchange = co_await client.begin(head, http::RequestBody::chunked);
    if (!exchange) co_return exchange.error().code;
    auto answer = co_await (*exchange)->response();  // nothing has been said yet
    if (!answer) co_return answer.error().code;
    std::string log;
    for (std::string_view message : {"one", "two"}) {
      auto sent = co_await (*exchange)->write(message);
      auto back = co_await (*exchange)->body().read();
      if (!sent || !back) co_return "broken";
      log.append(*back).append(" ");
    }
    auto finished = co_await (*exchange)->finish();
    auto end = co_await (*exchange)->body().read();
    if (!finished || !end || !end->empty()) co_return "no end";
    co_return log + (*exchange)->body().trailers().get("grpc-status");
  };
  EXPECT_EQ(io::run_until_done(loop_, call(*client_, request("POST", "/s/m").head)), "one two 0");
  EXPECT_EQ(echo_.seen.headers.get("te"), "trailers");
  EXPECT_EQ(counters_->grpc_requests, 1u);
  EXPECT_TRUE(run_until(loop_, [&] { return !log_.empty(); }));
  EXPECT_THAT(log_.back(), ::testing::StartsWith("grpcs "));
}

TEST_F(Http2Targets, AnAnswerThatIsAllTrailersStaysOne) {
  serve(TargetProtocol::grpc);
  auto response = io::run_until_done(loop_, client_->send(request("POST", "/unimplemented")));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->head.headers.get("grpc-status"), "12");
  EXPECT_EQ(response->head.headers.get("content-length"), "");
}

TEST_F(Http2Targets, RequestsThatDoNotSuitThemAreAnswered464) {
  serve(TargetProtocol::http2);
  EXPECT_THAT(get(), ::testing::StartsWith("HTTP/1.1 464 "));
  serve(TargetProtocol::grpc);
  EXPECT_THAT(get(), ::testing::StartsWith("HTTP/1.1 464 "));
  EXPECT_THAT(send(request("GET", "/")), ::testing::StartsWith("464 "));
  serve(TargetProtocol::http1);
  http::Request call = request("POST", "/s/m", "message");
  call.head.headers.add("Content-Type", "application/grpc+proto");
  EXPECT_THAT(send(call), ::testing::StartsWith("464 "));
  EXPECT_EQ(target_->connections, 0);
}

TEST_F(Http2Targets, ATargetThatBreaksOffIsABadGateway) {
  serve(TargetProtocol::http2);
  target_->refuse = true;
  EXPECT_THAT(send(request("GET", "/")), ::testing::StartsWith("502 "));
}

TEST_F(Http2Targets, AreCheckedInWhatTheySpeak) {
  auto ask = [this](TargetProtocol version, std::string path) {
    HealthSettings settings;
    settings.version = version;
    settings.path = std::move(path);
    settings.timeout = 50ms;
    ProbeResult result = io::run_until_done(loop_, probe_http2(loop_, target_, settings, "h:80"));
    std::string kinds[] = {"answered ", "timed out ", "refused "};
    return kinds[result.kind] + std::to_string(result.status);
  };
  EXPECT_EQ(ask(TargetProtocol::grpc, "/s/m"), "answered 0");
  EXPECT_EQ(ask(TargetProtocol::grpc, "/unimplemented"), "answered 12");
  EXPECT_EQ(echo_.seen.method, "POST");
  EXPECT_EQ(ask(TargetProtocol::http2, "/"), "answered 200");
  EXPECT_EQ(echo_.seen.method, "GET");
  EXPECT_EQ(ask(TargetProtocol::http2, "/silent"), "timed out 0");
  target_->refuse = true;
  EXPECT_EQ(ask(TargetProtocol::grpc, "/s/m"), "refused 0");
}

TEST_F(Http2Targets, GrpcCodesAreTheirOwn) {
  EXPECT_TRUE(StatusMatcher::parse_grpc("0-99"));
  auto matcher = StatusMatcher::parse_grpc("0,12");
  ASSERT_TRUE(matcher);
  EXPECT_TRUE(matcher->matches(12));
  EXPECT_FALSE(matcher->matches(1));
  EXPECT_FALSE(StatusMatcher::parse_grpc("100"));
  EXPECT_FALSE(StatusMatcher::parse("12"));
}

}  // namespace
}  // namespace pds::proxy
