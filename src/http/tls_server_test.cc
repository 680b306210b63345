// The HTTP server and client over TLS, on loopback.
#include <gmock/gmock.h>

#include <set>

#include "http/client.h"
#include "http/server.h"
#include "http/test_certificates.h"
#include "http/tls_connector.h"

namespace pds::http {
namespace {

using ::testing::HasSubstr;

MonoTime soon() { return std::chrono::steady_clock::now() + 10s; }

class Tell final : public Service {
 public:
  io::Task<void> serve(ServerRequest& request, Responder& responder) override {
    ++served;
    std::string text = request.secure ? "secure " + request.session->certificate : "plain";
    if (request.head.path() == "/until-close") {  // no length, HTTP/1.0: only the end says that it is whole
      ResponseHead head;
      [[maybe_unused]] auto started = co_await responder.start(head, "half ");
      if (request.head.query() == "cut") co_return;
      [[maybe_unused]] auto written = co_await responder.write("whole");
      [[maybe_unused]] auto finished = co_await responder.finish();
      co_return;
    }
    Result<std::string> body = co_await read_all(request.body, 1 << 20);
    if (body && !body->empty()) text = *body;
    Response response = Response::text(200, text);
    [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
  }
  int served = 0;
};

class TlsServerTest : public ::testing::Test {
 protected:
  void start(TlsAcceptorOptions options = {}) {
    acceptor_ = std::make_shared<TlsAcceptor>(context("first"), options);
    auto listener = io::listen_tcp(loop_, "127.0.0.1", 0);
    port_ = (*listener)->port();
    server_ = std::make_unique<Server>(loop_, service_);
    server_->listen(std::move(*listener), acceptor_);
    trusting_ = *TlsClientContext::make({.authorities_pem = authority_.pem()});
  }
  std::shared_ptr<const TlsServerContext> context(const std::string& name) {
    return *TlsServerContext::make({.identities = {authority_.issue({.names = {"localhost", "IP:127.0.0.1"}}, name)}});
  }
  std::string url(const std::string& path = "/") { return "https://localhost:" + std::to_string(port_) + path; }
  Result<Response> get(const std::string& where) {
    return io::run_until_done(loop_, fetch(loop_, "GET", where, {}, "", {}, trusting_));
  }
  // All that comes back for some bytes, whatever they are.
  std::string say_plainly(std::string text) {
    auto talk = [](io::Loop& loop, uint16_t port, std::string bytes) -> io::Task<std::string> {
      auto connector = io::tcp_connector(loop, "127.0.0.1", port);
      auto stream = co_await connector->connect(soon());
      auto sent = co_await io::write_all(**stream, bytes, soon());
      std::string answer;
      char piece[4096];
      while (true) {
        auto got = co_await io::read_some(**stream, piece, soon());
        if (!got || *got == 0) co_return got ? answer : answer + got.error().code;
        answer.append(piece, *got);
      }
    };
    return io::run_until_done(loop_, talk(loop_, port_, std::move(text)));
  }
  template <class Condition>
  bool until(Condition condition) {
    for (MonoTime deadline = soon(); !condition();) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      loop_.run_once(10ms);
    }
    return true;
  }

  io::Loop loop_;
  TestAuthority authority_;
  Tell service_;
  std::shared_ptr<TlsAcceptor> acceptor_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<const TlsClientContext> trusting_;
  uint16_t port_ = 0;
};

TEST_F(TlsServerTest, https_is_fetched_and_served) {
  start();
  auto response = get(url());
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, "secure first");
  EXPECT_EQ(get("https://127.0.0.1:" + std::to_string(port_) + "/")->body, "secure first");
  EXPECT_EQ(acceptor_->counters().handshakes, 2u);
}

TEST_F(TlsServerTest, a_server_of_an_unknown_authority_is_not_talked_to) {
  start();
  auto response = io::run_until_done(loop_, fetch(loop_, "GET", url()));  // the system's authorities
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, "E_TLS_CERTIFICATE");
  EXPECT_EQ(service_.served, 0);
}

TEST_F(TlsServerTest, large_bodies_go_both_ways) {
  start();
  std::string body(700'000, 'x');
  for (size_t i = 0; i < body.size(); i += 997) body[i] = static_cast<char>('a' + i % 26);
  auto response = io::run_until_done(loop_, fetch(loop_, "POST", url(), {}, body, {}, trusting_));
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body, body);
}

TEST_F(TlsServerTest, half_an_answer_is_not_taken_for_a_whole_one) {
  start();
  auto talk = [](io::Loop& loop, uint16_t port, std::shared_ptr<const TlsClientContext> tls, std::string target) -> io::Task<std::string> {
    auto connector = tls_connector(io::tcp_connector(loop, "127.0.0.1", port), std::move(tls), "localhost");
    auto stream = co_await connector->connect(soon());
    std::string request = "GET " + target + " HTTP/1.0\r\n\r\n", answer;
    auto sent = co_await io::write_all(**stream, request, soon());
    char piece[4096];
    while (true) {
      auto got = co_await io::read_some(**stream, piece, soon());
      if (!got) co_return got.error().code;
      if (*got == 0) co_return answer.substr(answer.find("\r\n\r\n") + 4);
      answer.append(piece, *got);
    }
  };
  EXPECT_EQ(io::run_until_done(loop_, talk(loop_, port_, trusting_, "/until-close")), "half whole");
  EXPECT_EQ(io::run_until_done(loop_, talk(loop_, port_, trusting_, "/until-close?cut")), "E_CLOSED");
}

TEST_F(TlsServerTest, plain_http_is_told_what_is_wrong_and_other_talk_ends) {
  start();
  EXPECT_THAT(say_plainly("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), HasSubstr("Client sent an HTTP request to an HTTPS server."));
  say_plainly("\x80\x01 nothing that anybody knows");
  EXPECT_EQ(service_.served, 0);
  EXPECT_EQ(acceptor_->counters().failed, 2u);
  EXPECT_EQ(get(url())->body, "secure first");
}

TEST_F(TlsServerTest, a_handshake_that_does_not_come_to_its_end_is_given_up) {
  start({.handshake_timeout = 1ms});
  say_plainly("\x16");
  EXPECT_EQ(acceptor_->counters().timed_out, 1u);
  EXPECT_EQ(acceptor_->handshakes_under_way(), 0u);
}

TEST_F(TlsServerTest, handshakes_above_the_maximum_are_turned_away_and_others_go_on) {
  start({.handshakes_max = 2});
  std::vector<std::unique_ptr<io::Stream>> silent;
  auto connector = io::tcp_connector(loop_, "127.0.0.1", port_);
  for (int i = 0; i < 2; ++i) silent.push_back(*io::run_until_done(loop_, connector->connect(soon())));
  ASSERT_TRUE(until([&] { return acceptor_->handshakes_under_way() == 2; }));
  auto refused = get(url());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "E_CLOSED");
  EXPECT_EQ(acceptor_->counters().turned_away, 1u);
  silent.pop_back();
  ASSERT_TRUE(until([&] { return acceptor_->handshakes_under_way() == 1; }));
  EXPECT_EQ(get(url())->body, "secure first");
}

TEST_F(TlsServerTest, certificates_are_reloaded_under_load_without_a_failed_request) {
  start();
  int answered = 0, failed = 0;
  bool enough = false;
  std::set<std::string> seen;
  // Half of the clients keep their connection, and with it the certificate it began with; half make a new one for each request.
  auto load = [&](bool keep) -> io::Task<void> {
    auto connector = tls_connector(io::tcp_connector(loop_, "127.0.0.1", port_), trusting_, "localhost");
    std::string first;
    auto client = std::make_unique<Client>(loop_, connector);
    while (!enough) {
      if (!keep) client = std::make_unique<Client>(loop_, connector);
      Request request;
      request.head.method = "GET";
      request.head.target = "/";
      request.head.headers.add("Host", "localhost");
      auto response = co_await client->send(request);
      if (!response || response->head.status != 200) {
        ++failed;
        co_return;
      }
      ++answered;
      seen.insert(response->body);
      if (first.empty()) first = response->body;
      if (keep) EXPECT_EQ(response->body, first);
    }
  };
  io::TaskSet clients;
  for (int i = 0; i < 4; ++i) clients.spawn(load(i % 2 == 0));
  for (int reload = 0; reload < 20; ++reload) {
    int before = answered;
    ASSERT_TRUE(until([&] { return answered >= before + 20 || failed > 0; }));
    acceptor_->set_context(context("reload-" + std::to_string(reload)));
  }
  enough = true;
  io::run_until_done(loop_, clients.wait_empty());
  EXPECT_EQ(failed, 0);
  EXPECT_GE(seen.size(), 20u);
}

TEST_F(TlsServerTest, connections_that_idle_are_told_goodbye_when_the_server_drains) {
  start();
  auto connector = tls_connector(io::tcp_connector(loop_, "127.0.0.1", port_), trusting_, "localhost");
  auto stream = *io::run_until_done(loop_, connector->connect(soon()));
  std::string request = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  ASSERT_TRUE(io::run_until_done(loop_, io::write_all(*stream, request, soon())));
  char piece[4096];
  ASSERT_TRUE(io::run_until_done(loop_, io::read_some(*stream, piece, soon())));
  EXPECT_TRUE(io::run_until_done(loop_, server_->drain(soon())));
  auto end = io::run_until_done(loop_, io::read_some(*stream, piece, soon()));
  ASSERT_TRUE(end) << end.error().message;
  EXPECT_EQ(*end, 0u);
}

}  // namespace
}  // namespace pds::http
