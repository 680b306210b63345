// HTTPS listeners and targets: real handshakes on loopback, certificates from a real ACM.
#include <gmock/gmock.h>

#include "base/text.h"
#include "cloud/services/acm/service.h"
#include "cloud/services/elbv2/test_world.h"
#include "http/test_certificates.h"
#include "http/tls_connector.h"
#include "http/tls_stream.h"
#include "io/clock.h"
#include "proxy/test_grpc_echo.h"

namespace pds::cloud::elbv2::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class HttpsTest : public Elbv2Test {
 protected:
  void SetUp() override {
    Elbv2Test::SetUp();
    stop();
    open();
  }
  void open() {
    acm_ = std::make_unique<acm::Acm>(core_.core(), master_key_, real_);
    service_ = std::make_unique<Elbv2>(core_.core(), reach_, nullptr, metrics_, acm_.get());
    service_->start();
    trusting_ = *http::TlsClientContext::make({.authorities_pem = authority_.pem()});
  }
  void TearDown() override {
    stop();
    acm_.reset();
  }

  std::string import(const std::vector<std::string>& names, const std::string& arn = "") {
    http::TlsIdentity identity = authority_.issue({.names = names});
    aws::acm::ImportCertificateRequest request{.certificate = {identity.chain_pem}, .private_key = {identity.key_pem}};
    request.certificate_chain = aws::Blob{authority_.pem()};
    if (!arn.empty()) request.certificate_arn = arn;
    auto reply = acm_->import_certificate(core_.call(), request);
    EXPECT_TRUE(reply) << reply.error().message;
    return reply->certificate_arn;
  }
  wire::CreateListenerRequest https(const std::string& balancer, const std::string& certificate) {
    port_ = free_port(core_.loop());
    return {.load_balancer_arn = balancer, .protocol = "HTTPS", .port = port_, .certificates = {{certificate, std::nullopt}}, .default_actions = {echo_}};
  }
  std::string error_of(const wire::CreateListenerRequest& request) {
    auto made = service_->create_listener(core_.call(), request);
    return made ? "" : made.error().code + " " + made.error().message;
  }
  std::string fetch_https(const std::string& name = "localhost", const std::string& target = "/") {
    auto connector = http::tls_connector(io::tcp_connector(core_.loop(), "127.0.0.1", static_cast<uint16_t>(port_)), trusting_, name);
    http::Client client(core_.loop(), connector);
    http::Request request;
    request.head.method = "GET", request.head.target = target;
    request.head.headers.add("Host", name);
    auto answer = io::run_until_done(core_.loop(), client.send(request));
    return answer ? std::to_string(answer->head.status) + " " + answer->body : answer.error().code;
  }
  // What a handshake for this name agrees on, as the client sees it, and the serial number of what it was shown.
  io::SecureSession agreed(const std::string& name, http::TlsVersion most = http::TlsVersion::v1_3) {
    auto shake = [](io::Loop& loop, uint16_t port, const std::string& server, std::shared_ptr<const http::TlsClientContext> context,
                    http::TlsVersion version) -> io::Task<io::SecureSession> {
      MonoTime deadline = std::chrono::steady_clock::now() + 10s;
      auto below = co_await io::tcp_connector(loop, "127.0.0.1", port)->connect(deadline);
      ssl_st* session = *context->new_session(server);
      if (version == http::TlsVersion::v1_2) SSL_set_max_proto_version(session, TLS1_2_VERSION);
      http::TlsStream stream(std::move(*below), session, context);
      auto done = co_await stream.handshake(deadline);
      co_return done ? *stream.secure_session() : io::SecureSession{.version = done.error().code};
    };
    return io::run_until_done(core_.loop(), shake(core_.loop(), static_cast<uint16_t>(port_), name, trusting_, most));
  }

  MasterKey master_key_{std::string(32, 'k')};
  io::SystemClock real_;
  http::TestAuthority authority_;
  std::unique_ptr<acm::Acm> acm_;
  std::shared_ptr<const http::TlsClientContext> trusting_;
  wire::Action echo_{.type = "fixed-response",
                     .fixed_response_config = wire::FixedResponseActionConfig{.message_body = "secret", .status_code = "200", .content_type = "text/plain"}};
};

TEST_F(HttpsTest, AListenerServesWithItsCertificateAndPolicyAlsoAfterARestart) {
  std::string balancer = make_balancer(), certificate = import({"localhost"});
  auto made = service_->create_listener(core_.call(), https(balancer, certificate));
  ASSERT_TRUE(made) << made.error().message;
  const wire::Listener& listener = made->listeners[0];
  EXPECT_EQ(listener.protocol, "HTTPS");
  EXPECT_EQ(*listener.ssl_policy, "ELBSecurityPolicy-TLS13-1-2-2021-06");
  EXPECT_EQ(*listener.certificates[0].certificate_arn, certificate);
  EXPECT_EQ(*listener.mutual_authentication->mode, "off");
  EXPECT_EQ(fetch_https(), "200 secret");
  EXPECT_EQ(agreed("localhost").version, "TLSv1.3");
  EXPECT_EQ(fetch_https("other.example"), "E_TLS_CERTIFICATE");
  EXPECT_THAT(get(), HasSubstr("Client sent an HTTP request to an HTTPS server."));
  EXPECT_THAT(acm_->describe_certificate(core_.call(), {certificate})->certificate.in_use_by, ElementsAre(balancer));
  EXPECT_EQ(acm_->delete_certificate(core_.call(), {certificate}).error().code, "ResourceInUseException");
  stop();
  acm_.reset();
  core_.restart();
  open();
  EXPECT_EQ(fetch_https(), "200 secret");
  ASSERT_TRUE(service_->delete_load_balancer(core_.call(), {balancer}));
  EXPECT_TRUE(acm_->delete_certificate(core_.call(), {certificate}));
}

TEST_F(HttpsTest, WhatWasAgreedOnIsSaidToTargetsWhenAsked) {
  std::string group = make_group("tg", {"i-1"}), balancer = make_balancer();
  echo_ = {.type = "forward", .target_group_arn = group};
  ASSERT_TRUE(service_->create_listener(core_.call(), https(balancer, import({"localhost"}))));
  ASSERT_TRUE(becomes(group, {{"i-1", "healthy"}}));
  EXPECT_EQ(fetch_https(), "200 i-1");
  EXPECT_THAT(reach_.heads.back(), ::testing::Not(HasSubstr("X-Amzn-Tls-")));
  const aws::elbv2::ModifyLoadBalancerAttributesRequest asked{
      balancer, {{"routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "true"}}};
  ASSERT_TRUE(io::run_until_done(core_.loop(), service_->modify_load_balancer_attributes(core_.call(), asked)));
  EXPECT_EQ(fetch_https(), "200 i-1");
  EXPECT_THAT(reach_.heads.back(), HasSubstr("X-Amzn-Tls-Version: TLSv1.3\r\n"));
  EXPECT_THAT(reach_.heads.back(), HasSubstr("X-Amzn-Tls-Cipher-Suite: TLS_"));
}

TEST_F(HttpsTest, Http2IsAgreedOnUnlessItIsSwitchedOff) {
  std::string balancer = make_balancer();
  ASSERT_TRUE(service_->create_listener(core_.call(), https(balancer, import({"localhost"}))));
  trusting_ = *http::TlsClientContext::make({.authorities_pem = authority_.pem(), .protocols = {"h2", "http/1.1"}});
  EXPECT_EQ(agreed("localhost").protocol, "h2");
  auto set = [&](const char* value) {
    const aws::elbv2::ModifyLoadBalancerAttributesRequest asked{balancer, {{"routing.http2.enabled", value}}};
    return io::run_until_done(core_.loop(), service_->modify_load_balancer_attributes(core_.call(), asked)).has_value();
  };
  ASSERT_TRUE(set("false"));
  EXPECT_EQ(agreed("localhost").protocol, "http/1.1");
  ASSERT_TRUE(set("true"));
  EXPECT_EQ(agreed("localhost").protocol, "h2");
}

TEST_F(HttpsTest, WhatAnHttpsListenerMustAndMayNotHave) {
  std::string balancer = make_balancer(), certificate = import({"localhost"});
  wire::CreateListenerRequest request = https(balancer, certificate);
  auto with = [&](auto change) {
    wire::CreateListenerRequest changed = request;
    change(changed);
    return error_of(changed);
  };
  EXPECT_THAT(with([](auto& r) { r.certificates.clear(); }), HasSubstr("ValidationError A certificate must be specified"));
  EXPECT_THAT(with([](auto& r) { r.certificates[0].certificate_arn = "arn:no"; }), HasSubstr("CertificateNotFound"));
  EXPECT_THAT(with([](auto& r) { r.certificates.push_back(r.certificates[0]); }), HasSubstr("ValidationError"));
  EXPECT_THAT(with([](auto& r) { r.ssl_policy = "no-such-policy"; }), HasSubstr("SSLPolicyNotFound"));
  EXPECT_THAT(with([](auto& r) { r.ssl_policy = "ELBSecurityPolicy-2016-08"; }), HasSubstr("NotImplemented CreateListener: SslPolicy"));
  EXPECT_THAT(with([](auto& r) { r.ssl_policy = "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04"; }), HasSubstr("not validated"));
  EXPECT_THAT(with([](auto& r) { r.alpn_policy = {"HTTP2Preferred"}; }), HasSubstr("ValidationError An ALPN policy"));
  EXPECT_THAT(with([](auto& r) { r.mutual_authentication = wire::MutualAuthentication{.mode = "verify"}; }),
              HasSubstr("NotImplemented CreateListener: MutualAuthentication.Mode verify"));
  EXPECT_THAT(with([](auto& r) { r.protocol = "TLS"; }), HasSubstr("ValidationError"));
  EXPECT_THAT(with([](auto& r) { r.protocol = "HTTP"; }), HasSubstr("A certificate cannot be specified for HTTP"));
  EXPECT_EQ(with([](auto&) {}), "");
}

TEST_F(HttpsTest, PoliciesAreHonoured) {
  std::string balancer = make_balancer(), certificate = import({"localhost"});
  wire::CreateListenerRequest request = https(balancer, certificate);
  request.ssl_policy = "ELBSecurityPolicy-TLS13-1-3-2021-06";
  auto made = service_->create_listener(core_.call(), request);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(agreed("localhost", http::TlsVersion::v1_2).version, "E_TLS");
  EXPECT_EQ(agreed("localhost").version, "TLSv1.3");
  std::string arn = made->listeners[0].listener_arn;
  ASSERT_TRUE(service_->modify_listener(core_.call(), {.listener_arn = arn, .ssl_policy = "ELBSecurityPolicy-FS-1-2-Res-2020-10"}));
  EXPECT_EQ(agreed("localhost").version, "TLSv1.2");
  EXPECT_EQ(agreed("localhost").cipher, "ECDHE-ECDSA-AES128-GCM-SHA256");

  auto all = service_->describe_ssl_policies(core_.call(), {});
  ASSERT_EQ(all->ssl_policies.size(), 10u);
  for (const wire::SslPolicy& policy : all->ssl_policies) {  // OpenSSL knows every name in it
    auto changed = service_->modify_listener(core_.call(), {.listener_arn = arn, .ssl_policy = policy.name});
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_EQ(fetch_https(), "200 secret") << policy.name;
    EXPECT_EQ(agreed("localhost").version, policy.ssl_protocols[0]) << policy.name;
  }
  auto one = service_->describe_ssl_policies(core_.call(), {.names = {"ELBSecurityPolicy-TLS13-1-3-2021-06"}});
  EXPECT_THAT(one->ssl_policies[0].ssl_protocols, ElementsAre("TLSv1.3"));
  EXPECT_EQ(one->ssl_policies[0].ciphers[1].priority, 2);
  EXPECT_EQ(service_->describe_ssl_policies(core_.call(), {.names = {"none"}}).error().code, "SSLPolicyNotFound");
}

TEST_F(HttpsTest, CertificatesAreChosenByName) {
  std::string balancer = make_balancer(), first = import({"localhost"}), second = import({"*.b.example"});
  auto made = service_->create_listener(core_.call(), https(balancer, first));
  ASSERT_TRUE(made) << made.error().message;
  std::string arn = made->listeners[0].listener_arn;
  EXPECT_EQ(fetch_https("a.b.example"), "E_TLS_CERTIFICATE");
  ASSERT_TRUE(service_->add_listener_certificates(core_.call(), {arn, {{second, std::nullopt}}}));
  EXPECT_EQ(fetch_https("a.b.example"), "200 secret");
  EXPECT_EQ(fetch_https("localhost"), "200 secret");
  auto listed = service_->describe_listener_certificates(core_.call(), {.listener_arn = arn});
  std::map<std::string, bool> is_default;
  for (const auto& certificate : listed->certificates) is_default[*certificate.certificate_arn] = *certificate.is_default;
  EXPECT_EQ(is_default, (std::map<std::string, bool>{{first, true}, {second, false}}));
  EXPECT_EQ(acm_->delete_certificate(core_.call(), {second}).error().code, "ResourceInUseException");
  EXPECT_EQ(service_->remove_listener_certificates(core_.call(), {arn, {{first, std::nullopt}}}).error().code, "OperationNotPermitted");
  EXPECT_EQ(service_->add_listener_certificates(core_.call(), {arn, {{"arn:no", std::nullopt}}}).error().code, "CertificateNotFound");
  ASSERT_TRUE(service_->remove_listener_certificates(core_.call(), {arn, {{second, std::nullopt}}}));
  EXPECT_EQ(fetch_https("a.b.example"), "E_TLS_CERTIFICATE");
  EXPECT_TRUE(acm_->delete_certificate(core_.call(), {second}));
}

TEST_F(HttpsTest, ACertificateIsImportedAgainUnderTrafficWithoutAFailedRequest) {
  std::string balancer = make_balancer(), certificate = import({"localhost"});
  ASSERT_EQ(error_of(https(balancer, certificate)), "");
  int answered = 0, failed = 0;
  bool enough = false;
  auto load = [&](bool keep) -> io::Task<void> {
    auto connector = http::tls_connector(io::tcp_connector(core_.loop(), "127.0.0.1", static_cast<uint16_t>(port_)), trusting_, "localhost");
    auto client = std::make_unique<http::Client>(core_.loop(), connector);
    while (!enough) {
      if (!keep) client = std::make_unique<http::Client>(core_.loop(), connector);
      http::Request request;
      request.head.method = "GET", request.head.target = "/";
      request.head.headers.add("Host", "localhost");
      auto answer = co_await client->send(request);
      bool right = answer && answer->head.status == 200;
      ++(right ? answered : failed);
      if (!right) co_return;
    }
  };
  io::TaskSet clients;
  for (int i = 0; i < 4; ++i) clients.spawn(load(i % 2 == 0));
  for (int times = 0; times < 10; ++times) {
    int before = answered;
    ASSERT_TRUE(proxy::run_until(core_.loop(), [&] { return answered >= before + 10 || failed > 0; }));
    import({"localhost", "v" + std::to_string(times) + ".example"}, certificate);
    EXPECT_EQ(fetch_https("v" + std::to_string(times) + ".example"), "200 secret");  // the new one, from now on
  }
  enough = true;
  io::run_until_done(core_.loop(), clients.wait_empty());
  EXPECT_EQ(failed, 0);
}

TEST_F(HttpsTest, AListenerChangesItsProtocolBothWays) {
  std::string balancer = make_balancer(), certificate = import({"localhost"});
  auto made = make_listener(balancer, echo_);
  ASSERT_TRUE(made);
  std::string arn = made->listeners[0].listener_arn;
  EXPECT_EQ(get(), "200 secret");
  EXPECT_EQ(service_->modify_listener(core_.call(), {.listener_arn = arn, .protocol = "HTTPS"}).error().code, "ValidationError");
  auto https = service_->modify_listener(core_.call(), {.listener_arn = arn, .protocol = "HTTPS", .certificates = {{certificate, std::nullopt}}});
  ASSERT_TRUE(https) << https.error().message;
  EXPECT_EQ(fetch_https(), "200 secret");
  ASSERT_TRUE(service_->modify_listener(core_.call(), {.listener_arn = arn, .protocol = "HTTP"}));
  EXPECT_EQ(get(), "200 secret");
  EXPECT_TRUE(service_->describe_listeners(core_.call(), {.listener_arns = {arn}})->listeners[0].certificates.empty());
  EXPECT_TRUE(acm_->delete_certificate(core_.call(), {certificate}));
}

TEST_F(HttpsTest, BalancersShareAPortOnlyWhereTheyAgreeOnWhatIsSaidBeforeHost) {
  std::string first = make_balancer("first"), second = make_balancer("second"), certificate = import({"localhost"});
  wire::CreateListenerRequest request = https(first, certificate);
  ASSERT_EQ(error_of(request), "");
  wire::CreateListenerRequest other = request;
  other.load_balancer_arn = second;
  other.ssl_policy = "ELBSecurityPolicy-TLS13-1-3-2021-06";
  EXPECT_THAT(error_of(other), HasSubstr("InvalidConfigurationRequest"));
  other.protocol = "HTTP", other.ssl_policy = std::nullopt, other.certificates.clear();
  EXPECT_THAT(error_of(other), HasSubstr("InvalidConfigurationRequest"));
  other = request;
  other.load_balancer_arn = second;
  other.certificates = {{import({"*.second.example"}), std::nullopt}};
  EXPECT_EQ(error_of(other), "");
  EXPECT_EQ(fetch_https("localhost"), "200 secret");
  EXPECT_EQ(fetch_https("a.second.example"), "200 secret");
}

TEST_F(HttpsTest, TargetsAreReachedAndCheckedOverTls) {
  // An instance that speaks TLS only, with a certificate that nobody would trust.
  http::TestAuthority stranger("Stranger");
  auto context = *http::TlsServerContext::make({.identities = {stranger.issue({.names = {"whatever"}})}});
  auto acceptor = std::make_shared<http::TlsAcceptor>(context);
  auto secure = [](std::unique_ptr<io::Stream> plain, std::shared_ptr<http::TlsAcceptor> tls, FakeReach* reach) -> io::Task<void> {
    auto stream = co_await tls->accept(std::move(plain));
    if (stream) co_await FakeReach::answer(*std::move(stream), "i-1", reach);
  };
  reach_.machines["i-1"].target = std::make_shared<proxy::FakeTarget>(
      core_.loop(), [&, secure](std::unique_ptr<io::Stream> stream) { return secure(std::move(stream), acceptor, &reach_); });
  auto group = service_->create_target_group(core_.call(), {.name = "tls",
                                                            .protocol = "HTTPS",
                                                            .port = 8443,
                                                            .vpc_id = "vpc-1",
                                                            .health_check_protocol = "HTTPS",
                                                            .health_check_interval_seconds = 10});
  ASSERT_TRUE(group) << group.error().message;
  EXPECT_EQ(*group->target_groups[0].protocol, "HTTPS");
  EXPECT_EQ(group->target_groups[0].health_check_protocol, "HTTPS");
  std::string arn = group->target_groups[0].target_group_arn;
  ASSERT_TRUE(service_->register_targets(core_.call(), {arn, {{.id = "i-1"}}}));
  std::string balancer = make_balancer();
  ASSERT_TRUE(make_listener(balancer, {.type = "forward", .target_group_arn = arn}));
  ASSERT_TRUE(becomes(arn, {{"i-1", "healthy"}}));
  EXPECT_EQ(get(), "200 i-1");
  EXPECT_GE(acceptor->counters().handshakes, 2u);
  // Checked in the clear it does not look well.
  ASSERT_TRUE(service_->modify_target_group(core_.call(), {.target_group_arn = arn, .health_check_protocol = "HTTP"}));
  for (int i = 0; i < 3; ++i) core_.clock().advance(10s), core_.loop().run_once(10ms);
  EXPECT_TRUE(proxy::run_until(core_.loop(), [&] {
    core_.clock().advance(10s);
    return health(arn)["i-1"].starts_with("unhealthy");
  }));
}

TEST_F(HttpsTest, HandshakesThatFailAreCounted) {
  std::string certificate = import({"localhost"});
  ASSERT_TRUE(service_->create_listener(core_.call(), https(make_balancer(), certificate)));
  trusting_ = *http::TlsClientContext::make({.authorities_pem = http::TestAuthority("Somebody else").pem()});
  EXPECT_NE(fetch_https(), "200 secret");
  auto failures = [&] {
    Exposition page;
    service_->expose(page);
    std::string text = page.text(), name = "pds_balancer_tls_handshake_failures_total{region=\"us-east-1\",balancer=\"web\"} ";
    return text.substr(text.find(name) + name.size(), 2);
  };
  ASSERT_TRUE(proxy::run_until(core_.loop(), [&] { return failures() == "1\n"; }));
  end_minute();
  EXPECT_EQ(metrics_.sums["ClientTLSNegotiationErrorCount LoadBalancer=app/web"], 1);
  EXPECT_EQ(failures(), "1\n");
}

TEST_F(HttpsTest, Http2IsSpokenToThoseWhoOfferItAndGrpcPasses) {
  proxy::GrpcEcho echo;
  http::Server backend(core_.loop(), echo, {.http2_prior_knowledge = true});
  reach_.machines["i-1"].target = std::make_shared<proxy::FakeTarget>(
      core_.loop(), [&backend](std::unique_ptr<io::Stream> stream) { return proxy::hand_over(backend, std::move(stream)); });
  auto group = service_->create_target_group(core_.call(), {.name = "calls",
                                                            .protocol = "HTTP",
                                                            .protocol_version = "GRPC",
                                                            .port = 9898,
                                                            .vpc_id = "vpc-1",
                                                            .matcher = wire::Matcher{std::nullopt, "0"}});
  ASSERT_TRUE(group) << group.error().message;
  std::string arn = group->target_groups[0].target_group_arn;
  ASSERT_TRUE(service_->register_targets(core_.call(), {arn, {{.id = "i-1"}}}));
  wire::CreateListenerRequest request = https(make_balancer(), import({"localhost"}));
  request.default_actions = {{.type = "forward", .target_group_arn = arn}};
  auto made = service_->create_listener(core_.call(), request);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_TRUE(becomes(arn, {{"i-1", "healthy"}}));

  EXPECT_THAT(fetch_https(), ::testing::StartsWith("464 "));  // HTTP/1.1
  trusting_ = *http::TlsClientContext::make({.authorities_pem = authority_.pem(), .protocols = {"h2", "http/1.1"}});
  EXPECT_EQ(agreed("localhost").protocol, "h2");
  auto connector = http::tls_connector(io::tcp_connector(core_.loop(), "127.0.0.1", static_cast<uint16_t>(port_)), trusting_, "localhost");
  http::Client client(core_.loop(), connector, {.protocol = http::Protocol::by_alpn});
  http::Request call;
  call.head.method = "POST", call.head.target = "/s/m";
  call.head.headers.add("Host", "localhost");
  call.head.headers.add("Content-Type", "application/grpc");
  call.body = "message";
  auto answer = io::run_until_done(core_.loop(), client.send(call));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(std::to_string(answer->head.status) + " " + answer->body, "200 message");
  stop();
}

}  // namespace
}  // namespace pds::cloud::elbv2::testing
