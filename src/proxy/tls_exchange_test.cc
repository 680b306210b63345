// Clients and targets that speak TLS: what targets are told of it, what the log says, what becomes of handshakes that fail.
#include "http/test_certificates.h"
#include "http/tls_acceptor.h"
#include "http/tls_stream.h"
#include "proxy/test_exchange.h"

namespace pds::proxy {
namespace {

using ::testing::HasSubstr;

class TlsExchanges : public Exchanges {
 protected:
  TlsExchanges() {
    auto context = http::TlsServerContext::make({.identities = {authority_.issue({.names = {"web.example"}}, "arn:aws:acm:the-certificate")}});
    acceptor_ = std::make_shared<http::TlsAcceptor>(*context);
    trusting_ = *http::TlsClientContext::make({.authorities_pem = authority_.pem()});
  }
  void route_to(std::shared_ptr<TargetGroup> group) {
    auto routes = std::make_shared<Routes>(Routes{{}, {}, Forward({{std::move(group), 1, ""}}, 0)});
    routes->settings.load_balancer_id = "app/lb/1";
    routes->settings.port = 443;
    routes->settings.secure = true;
    frontend_.set_routes(routes);
  }
  static io::Task<void> shake(http::TlsStream& stream, Conversation& conversation, std::string bytes) {
    auto done = co_await stream.handshake(io::never);
    EXPECT_TRUE(done) << done.error().message;
    co_await speak(conversation, std::move(bytes));
    co_await listen(conversation);
  }
  std::string get_securely() {
    io::StreamPair pair = io::make_stream_pair(loop_);
    server_->serve(std::move(pair.b), 443, acceptor_);
    auto stream = std::make_unique<http::TlsStream>(std::move(pair.a), *trusting_->new_session("web.example"), trusting_);
    http::TlsStream& secure = *stream;
    conversations_.push_back(std::make_unique<Conversation>(Conversation{std::move(stream), "", false}));
    Conversation& conversation = *conversations_.back();
    client_tasks_.spawn(shake(secure, conversation, "GET /x HTTP/1.1\r\nHost: host.example\r\nConnection: close\r\n\r\n"));
    EXPECT_TRUE(run_until(loop_, [&] { return conversation.ended; })) << conversation.received;
    return conversation.received;
  }
  static io::Task<void> answer_securely(std::unique_ptr<io::Stream> plain, std::shared_ptr<http::TlsAcceptor> acceptor) {
    auto stream = co_await acceptor->accept(std::move(plain));
    if (stream) co_await say(*std::move(stream), {fine}, nullptr);
  }

  http::TestAuthority authority_;
  std::shared_ptr<http::TlsAcceptor> acceptor_;
  std::shared_ptr<const http::TlsClientContext> trusting_;
};

TEST_F(TlsExchanges, ATargetIsToldThatItsClientSpeaksTlsAndTheLogSaysHow) {
  auto group = make_group();
  add(*group, {fine});
  route_to(group);
  EXPECT_THAT(get_securely(), HasSubstr("HTTP/1.1 200 OK"));
  ASSERT_EQ(seen_.size(), 1u);
  EXPECT_THAT(seen_[0], HasSubstr("X-Forwarded-Proto: https\r\n"));
  EXPECT_THAT(seen_[0], HasSubstr("X-Forwarded-Port: 443\r\n"));
  ASSERT_EQ(log_.size(), 1u);
  EXPECT_TRUE(log_[0].starts_with("https ")) << log_[0];
  EXPECT_THAT(log_[0], HasSubstr("\"GET https://host.example:443/x HTTP/1.1\""));
  EXPECT_THAT(log_[0], HasSubstr(" TLS_AES_128_GCM_SHA256 TLSv1.3 "));
  EXPECT_THAT(log_[0], HasSubstr("\"web.example\" \"arn:aws:acm:the-certificate\""));
}

TEST_F(TlsExchanges, TargetsOfASecureGroupAreSpokenToOverTlsWhateverTheirCertificateSays) {
  group_settings_.secure = true;
  group_settings_.tls = *http::TlsClientContext::make({.verify = false});
  auto group = make_group();
  auto target = std::make_shared<FakeTarget>(
      loop_, [this](std::unique_ptr<io::Stream> stream) { return answer_securely(std::move(stream), acceptor_); });
  group->add(spec_of("t", target));
  Exchanges::route_to(group);
  EXPECT_THAT(get(), HasSubstr("HTTP/1.1 200 OK"));
  EXPECT_EQ(acceptor_->counters().handshakes, 1u);
}

TEST_F(TlsExchanges, ATargetThatSpeaksNoTlsIsABadGateway) {
  group_settings_.secure = true;
  group_settings_.tls = *http::TlsClientContext::make({.verify = false});
  auto group = make_group();
  auto target = std::make_shared<FakeTarget>(loop_, [](std::unique_ptr<io::Stream> stream) -> io::Task<void> {
    auto sent = co_await io::write_all(*stream, fine, io::never);
  });
  group->add(spec_of("t", target));
  Exchanges::route_to(group);
  EXPECT_THAT(get(), HasSubstr("HTTP/1.1 502 Bad Gateway"));
}

}  // namespace
}  // namespace pds::proxy
