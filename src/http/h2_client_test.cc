// The client over HTTP/2: against our server, and against peers that do what they should not.
#include <gtest/gtest.h>

#include "http/client.h"
#include "http/server.h"
#include "http/test_h2_peer.h"
#include "http/test_h2_service.h"

namespace pds::http {
namespace {

struct H2ClientTest : testing::Test {
  // Every connection is handed to whoever the test has in mind.
  struct MemoryConnector final : io::Connector {
    io::Loop& loop;
    std::function<void(std::unique_ptr<io::Stream>)> take;
    int connections = 0;
    explicit MemoryConnector(io::Loop& l) : loop(l) {}
    io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline) override {
      ++connections;
      co_await loop.yield();
      io::StreamPair pair = io::make_stream_pair(loop);
      take(std::move(pair.b));
      co_return std::move(pair.a);
    }
    std::string destination() const override { return "memory"; }
  };

  io::Loop loop;
  H2TestService service;
  std::unique_ptr<Server> server;
  std::shared_ptr<MemoryConnector> connector = std::make_shared<MemoryConnector>(loop);
  ClientOptions options{.protocol = Protocol::http2};

  H2ClientTest() {
    server = std::make_unique<Server>(loop, service, ServerOptions{.http2_prior_knowledge = true});
    connector->take = [this](std::unique_ptr<io::Stream> stream) { server->serve(std::move(stream)); };
  }

  template <class T>
  T run(io::Task<T> task) {
    return io::run_until_done(loop, std::move(task));
  }
  static Request request(std::string method, std::string target = "/", std::string body = "") {
    Request request;
    request.head.method = std::move(method);
    request.head.target = std::move(target);
    request.head.headers.add("Host", "h");
    request.body = std::move(body);
    return request;
  }
  // "200 body", or the error's code.
  std::string send(Client& client, const Request& request) { return brief(run(client.send(request))); }
  static std::string brief(const Result<Response>& response) {
    return response ? std::to_string(response->head.status) + " " + response->body : response.error().code;
  }
  static io::Task<void> send_into(Client& client, Request request, std::string& into) {
    Result<Response> response = co_await client.send(request);
    into = brief(response);
  }
};

TEST_F(H2ClientTest, SendsRequestsOverOneConnection) {
  Client client(loop, connector, options);
  EXPECT_EQ(send(client, request("GET")), "200 hello");
  EXPECT_EQ(send(client, request("POST", "/echo", "body")), "200 body");
  EXPECT_EQ(send(client, request("POST", "/echo")), "200 ");
  EXPECT_EQ(send(client, request("HEAD")), "200 ");
  EXPECT_EQ(send(client, request("GET", "/status?204")), "204 ");
  EXPECT_EQ(send(client, request("GET", "/status?404")), "404 body");
  std::string large(3'000'000, 'l');
  EXPECT_EQ(send(client, request("PUT", "/echo", large)), "200 " + large);
  EXPECT_EQ(connector->connections, 1);
  EXPECT_EQ(client.idle_connections(), 1u);
}

TEST_F(H2ClientTest, HeadsArriveWithoutWhatIsAboutAConnection) {
  Client client(loop, connector, options);
  Request asked = request("GET", "/head");
  for (auto [name, value] : {std::pair{"Connection", "close"}, {"X-A", "b"}, {"Te", "gzip"}, {"Upgrade", "x"}})
    asked.head.headers.add(name, value);
  EXPECT_EQ(send(client, asked), "200 GET /head 2.0 host=h x-a=b");
}

TEST_F(H2ClientTest, ExchangesShareAConnectionEvenWhileItIsMade) {
  Client client(loop, connector, options);
  std::vector<std::string> answers(50);
  io::TaskSet sending;
  for (std::string& answer : answers) sending.spawn(send_into(client, request("GET", "/wait"), answer));
  while (service.under_way < 50) loop.run_once(1s);
  service.release.set();
  run(sending.wait_empty());
  for (const std::string& answer : answers) EXPECT_EQ(answer, "200 waited");
  EXPECT_EQ(connector->connections, 1);
}

TEST_F(H2ClientTest, OpensAnotherConnectionWhenOneIsFullAndNoMoreThanAllowed) {
  options.http2_streams_max = 2;
  options.http2_connections_max = 2;
  Client client(loop, connector, options);
  std::vector<std::string> answers(5);
  io::TaskSet sending;
  for (size_t i = 0; i < 4; ++i) {
    sending.spawn(send_into(client, request("GET", "/wait"), answers[i]));
    while (service.under_way < static_cast<int>(i) + 1) loop.run_once(1s);
  }
  EXPECT_EQ(connector->connections, 2);
  sending.spawn(send_into(client, request("GET", "/wait"), answers[4]));
  EXPECT_EQ(answers[4], "E_OVERLOADED");
  service.release.set();
  run(sending.wait_empty());
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(answers[i], "200 waited");
}

TEST_F(H2ClientTest, UploadsWhileTheAnswerComesAndReadsTrailers) {
  Client client(loop, connector, options);
  auto talk = [](Client& client, RequestHead head) -> io::Task<std::string> {
    auto exchange = co_await client.begin(head, RequestBody::chunked);
    if (!exchange) co_return exchange.error().code;
    std::string log;
    auto answer = co_await (*exchange)->response();  // before a byte of the body is sent
    if (!answer) co_return answer.error().code;
    for (std::string_view piece : {"one", "two"}) {
      auto sent = co_await (*exchange)->write(piece);
      if (!sent) co_return sent.error().code;
      auto back = co_await (*exchange)->body().read();
      if (!back) co_return back.error().code;
      log.append(*back).append(" ");
    }
    auto finished = co_await (*exchange)->finish();
    if (!finished) co_return finished.error().code;
    auto end = co_await (*exchange)->body().read();
    if (!end || !end->empty()) co_return "no end";
    co_return log + "grpc-status=" + (*exchange)->body().trailers().get("grpc-status");
  };
  EXPECT_EQ(run(talk(client, request("POST", "/relay").head)), "one two grpc-status=0");
}

TEST_F(H2ClientTest, SendsTrailersAfterABody) {
  Client client(loop, connector, options);
  auto talk = [](Client& client, RequestHead head, std::string_view value) -> io::Task<std::string> {
    auto exchange = co_await client.begin(head, RequestBody::chunked);
    if (!exchange) co_return exchange.error().code;
    Headers trailers;
    trailers.add("x-end", value);
    auto sent = co_await (*exchange)->write("abc");
    if (sent) sent = co_await (*exchange)->finish(&trailers);
    if (!sent) co_return sent.error().code;
    auto answer = co_await (*exchange)->response();
    if (!answer) co_return answer.error().code;
    auto body = co_await read_all((*exchange)->body(), 1000);
    co_return body.value_or("");
  };
  EXPECT_EQ(run(talk(client, request("POST", "/echo").head, "1")), "abc x-end=1");
  EXPECT_EQ(run(talk(client, request("POST", "/echo").head, "1\r\nb: c")), "E_BAD_MESSAGE");
}

TEST_F(H2ClientTest, ACutExchangeEndsAndTheOthersGoOn) {
  Client client(loop, connector, options);
  std::string other;
  io::TaskSet sending;
  sending.spawn(send_into(client, request("GET", "/wait"), other));
  auto begin = [](Client& client, RequestHead head) -> io::Task<std::unique_ptr<ClientExchange>> {
    auto exchange = co_await client.begin(head, RequestBody::none);
    co_return exchange ? *std::move(exchange) : nullptr;
  };
  auto exchange = run(begin(client, request("GET", "/wait").head));
  ASSERT_TRUE(exchange);
  std::string outcome;
  auto wait = [](ClientExchange& exchange, std::string& outcome) -> io::Task<void> {
    auto head = co_await exchange.response();
    outcome = head ? "answered" : head.error().code;
  };
  sending.spawn(wait(*exchange, outcome));
  while (service.under_way < 2) loop.run_once(1s);
  exchange->cut();
  while (outcome.empty() || service.under_way > 1) loop.run_once(1s);
  EXPECT_EQ(outcome, "E_CLOSED");
  exchange.reset();
  service.release.set();
  run(sending.wait_empty());
  EXPECT_EQ(other, "200 waited");
  EXPECT_EQ(connector->connections, 1);
}

TEST_F(H2ClientTest, AnswersThatDoNotComeTimeOut) {
  options.response_timeout = 20ms;
  Client client(loop, connector, options);
  EXPECT_EQ(send(client, request("GET", "/wait")), "E_TIMEOUT");
  while (service.under_way > 0) loop.run_once(1s);  // the server hears of it
  EXPECT_EQ(service.cancelled, 1);
}

TEST_F(H2ClientTest, HalfAnAnswerIsNoAnswer) {
  Client client(loop, connector, options);
  EXPECT_EQ(send(client, request("GET", "/half")), "E_CLOSED");
}

TEST_F(H2ClientTest, IdleConnectionsEnd) {
  options.idle_timeout = 20ms;
  Client client(loop, connector, options);
  EXPECT_EQ(send(client, request("GET")), "200 hello");
  while (server->connections() > 0) loop.run_once(1s);
  EXPECT_EQ(client.idle_connections(), 0u);
  EXPECT_EQ(send(client, request("GET")), "200 hello");
  EXPECT_EQ(connector->connections, 2);
}

TEST_F(H2ClientTest, ADrainingServerIsLeftForAFreshConnection) {
  Client client(loop, connector, options);
  std::string answer;
  io::TaskSet sending;
  sending.spawn(send_into(client, request("GET", "/wait"), answer));
  while (service.under_way < 1) loop.run_once(1s);
  auto drain = [](Server& server) -> io::Task<void> { co_await server.drain(soon()); };
  sending.spawn(drain(*server));
  Server second(loop, service, {.http2_prior_knowledge = true});
  connector->take = [&second](std::unique_ptr<io::Stream> stream) { second.serve(std::move(stream)); };
  while (send(client, request("GET")) == "200 hello" && connector->connections < 2) loop.run_once(0ms);
  EXPECT_EQ(connector->connections, 2);
  service.release.set();
  run(sending.wait_empty());
  EXPECT_EQ(answer, "200 waited");
}

// ---- peers by hand ----

struct H2ClientPeerTest : H2ClientTest {
  std::vector<std::unique_ptr<H2Peer>> peers;
  io::TaskSet playing;
  // What each connection sends when the first request of it is there; %: its own settings come first.
  std::vector<std::function<std::string(H2Peer&)>> scripts;

  H2ClientPeerTest() {
    connector->take = [this](std::unique_ptr<io::Stream> stream) {
      size_t index = peers.size();
      ASSERT_LT(index, scripts.size()) << "one connection too many";
      peers.push_back(std::make_unique<H2Peer>(std::move(stream)));
      playing.spawn(play(*peers.back(), scripts[index]));
    };
  }
  static io::Task<void> play(H2Peer& peer, std::function<std::string(H2Peer&)> script) {
    std::string magic(24, 0);
    [[maybe_unused]] auto got = co_await io::read_exactly(peer.stream(), magic, soon());
    co_await peer.send(setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 100));
    Frame request = co_await peer.until(NGHTTP2_HEADERS);
    if (request.ended()) co_return;
    std::string text = script(peer);
    co_await peer.send(text);
    if (text.empty()) {
      peer.close();
    } else {
      co_await peer.rest();
    }
  }
  static std::string fine(H2Peer& peer) { return peer.headers(1, {{":status", "200"}}, end_headers) + data(1, "fine"); }
  std::string outcome(std::function<std::string(H2Peer&)> script, std::string method = "GET") {
    playing.cancel_all();
    peers.clear();
    scripts = {std::move(script)};
    Client client(loop, connector, options);
    return send(client, request(std::move(method)));
  }
};

TEST_F(H2ClientPeerTest, PassesOverInterimAnswersButNotWithoutEnd) {
  EXPECT_EQ(outcome([](H2Peer& p) {
              return p.headers(1, {{":status", "103"}, {"link", "x"}}, end_headers) + fine(p);
            }),
            "200 fine");
  EXPECT_EQ(outcome([](H2Peer& p) {
              std::string text;
              for (int i = 0; i < 20; ++i) text += p.headers(1, {{":status", "103"}}, end_headers);
              return text + fine(p);
            }),
            "E_BAD_MESSAGE");
}

TEST_F(H2ClientPeerTest, RefusesAnswersThatAreNone) {
  EXPECT_EQ(outcome([](H2Peer& p) { return p.headers(1, {{"x", "no status"}}); }), "E_BAD_MESSAGE");
  EXPECT_EQ(outcome([](H2Peer& p) { return p.headers(1, {{":status", "200"}, {"connection", "close"}}); }), "E_BAD_MESSAGE");
  EXPECT_EQ(outcome([](H2Peer& p) {
              Fields fields = {{":status", "200"}};
              for (int i = 0; i < 200; ++i) fields.emplace_back("x", "y");
              return p.headers(1, fields);
            }),
            "E_BAD_MESSAGE");
  EXPECT_EQ(outcome([](H2Peer& p) {
              return p.headers(1, {{":status", "200"}, {"content-length", "9"}}, end_headers) + data(1, "short");
            }),
            "E_CLOSED");
  EXPECT_EQ(outcome([](H2Peer&) { return std::string("HTTP/1.1 400 Bad Request\r\n\r\n"); }), "E_CLOSED");
  EXPECT_EQ(outcome([](H2Peer&) { return std::string(); }), "E_CLOSED");
}

TEST_F(H2ClientPeerTest, APeerThatDoesNotSpeakIt) {
  connector->take = [this](std::unique_ptr<io::Stream> stream) {
    auto answer = [](std::unique_ptr<io::Stream> s) -> io::Task<void> {
      [[maybe_unused]] auto sent = co_await io::write_all(*s, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", soon());
      char room[256];
      while (true) {
        auto got = co_await io::read_some(*s, room, soon());
        if (!got || *got == 0) co_return;
      }
    };
    playing.spawn(answer(std::move(stream)));
  };
  Client client(loop, connector, options);
  EXPECT_EQ(send(client, request("GET")), "E_BAD_MESSAGE");
}

TEST_F(H2ClientPeerTest, PushIsRefused) {
  auto script = [](H2Peer& p) {
    return frame(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, 0) +
           frame(NGHTTP2_PUSH_PROMISE, end_headers, 1, number(2, 4) + p.block(H2Peer::request("/pushed"))) + fine(p);
  };
  EXPECT_EQ(outcome(script), "E_CLOSED");
}

TEST_F(H2ClientPeerTest, FloodsEndTheConnection) {
  auto script = [](H2Peer&) {
    std::string text;
    for (int i = 0; i < 3000; ++i) text += ping();
    return text;
  };
  EXPECT_EQ(outcome(script), "E_CLOSED");
}

// What a peer says that it has not touched is sent again, whatever the method; what may have been touched, is not.
TEST_F(H2ClientPeerTest, SendsAgainWhatWasNotTouched) {
  struct Case {
    const char* what;
    std::function<std::string(H2Peer&)> second;  // to the second request on a connection
    const char* outcome;
    int connections;
  };
  const Case cases[] = {
      {"refused", [](H2Peer&) { return reset_stream(3, NGHTTP2_REFUSED_STREAM); }, "200 third", 1},
      {"going away before it", [](H2Peer&) { return frame(NGHTTP2_GOAWAY, 0, 0, number(1, 4) + number(0, 4)); }, "200 fine", 2},
      {"broken", [](H2Peer&) { return reset_stream(3, NGHTTP2_INTERNAL_ERROR); }, "E_CLOSED", 1},
  };
  for (const Case& c : cases) {
    peers.clear();
    connector->connections = 0;
    connector->take = [this, &c](std::unique_ptr<io::Stream> stream) {
      bool first = peers.empty();
      peers.push_back(std::make_unique<H2Peer>(std::move(stream)));
      auto play_twice = [](H2Peer& peer, std::function<std::string(H2Peer&)> second) -> io::Task<void> {
        std::string magic(24, 0);
        [[maybe_unused]] auto got = co_await io::read_exactly(peer.stream(), magic, soon());
        co_await peer.send(setting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 100));
        co_await peer.until(NGHTTP2_HEADERS);
        co_await peer.send(fine(peer));
        if (!second) co_return;
        co_await peer.until(NGHTTP2_HEADERS);
        co_await peer.send(second(peer));
        Frame third = co_await peer.until(NGHTTP2_HEADERS);
        if (!third.ended()) co_await peer.send(peer.headers(5, {{":status", "200"}}, end_headers) + data(5, "third"));
      };
      playing.spawn(play_twice(*peers.back(), first ? c.second : nullptr));
    };
    Client client(loop, connector, options);
    EXPECT_EQ(send(client, request("POST")), "200 fine") << c.what;
    EXPECT_EQ(send(client, request("POST")), c.outcome) << c.what;
    EXPECT_EQ(connector->connections, c.connections) << c.what;
    playing.cancel_all();
  }
}

TEST_F(H2ClientPeerTest, ExchangesOutliveTheirClientAndTheConnectionOutlivesTheLastOfThem) {
  scripts = {fine};
  auto client = std::make_unique<Client>(loop, connector, options);
  auto begin = [](Client& client, RequestHead head) -> io::Task<std::unique_ptr<ClientExchange>> {
    auto exchange = co_await client.begin(head, RequestBody::none);
    co_return exchange ? *std::move(exchange) : nullptr;
  };
  auto exchange = run(begin(*client, request("GET").head));
  ASSERT_TRUE(exchange);
  client.reset();
  std::string body;
  // Ends the exchange from within the connection's own turn.
  auto read = [](std::unique_ptr<ClientExchange> exchange, std::string& body) -> io::Task<void> {
    auto head = co_await exchange->response();
    if (!head) co_return;
    auto whole = co_await read_all(exchange->body(), 100);
    if (whole) body = *whole;
  };
  run(read(std::move(exchange), body));
  EXPECT_EQ(body, "fine");
  for (int i = 0; i < 5; ++i) loop.run_once(0ms);
}

}  // namespace
}  // namespace pds::http
