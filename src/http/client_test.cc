#include "http/client.h"

#include <gtest/gtest.h>

#include "http/server.h"
#include "http/test_h2_service.h"

namespace pds::http {
namespace {

MonoTime soon() { return std::chrono::steady_clock::now() + 10s; }

// A peer whose every connection follows a script: what it answers to each request head, and whether it then closes.
struct Script {
  std::vector<std::string> answers;
  bool close_at_end = true;
};

class ScriptedPeer {
 public:
  ScriptedPeer(io::Loop& loop, std::vector<Script> scripts, bool over_sockets) : loop_(loop), scripts_(std::move(scripts)) {
    if (over_sockets) {
      listener_ = *io::listen_tcp(loop, "127.0.0.1", 0);
      tasks_.spawn(accept(*this));
    }
  }

  std::shared_ptr<io::Connector> connector() {
    if (listener_) return io::tcp_connector(loop_, "localhost", listener_->port());
    return std::make_shared<MemoryConnector>(*this);
  }
  int connections = 0;
  std::vector<std::string> heads;  // as received

 private:
  struct MemoryConnector final : io::Connector {
    explicit MemoryConnector(ScriptedPeer& p) : peer(p) {}
    io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline) override {
      io::StreamPair pair = io::make_stream_pair(peer.loop_);
      peer.take(std::move(pair.b));
      co_return std::move(pair.a);
    }
    std::string destination() const override { return "memory"; }
    ScriptedPeer& peer;
  };

  void take(std::unique_ptr<io::Stream> stream) {
    ASSERT_LT(static_cast<size_t>(connections), scripts_.size()) << "one connection too many";
    tasks_.spawn(play(*this, std::move(stream), scripts_[static_cast<size_t>(connections++)]));
  }
  static io::Task<void> accept(ScriptedPeer& self) {
    while (true) {
      auto stream = co_await self.listener_->accept();
      if (!stream) co_return;
      self.take(std::move(*stream));
    }
  }
  static io::Task<void> play(ScriptedPeer& self, std::unique_ptr<io::Stream> stream, Script script) {
    std::string received;
    for (const std::string& answer : script.answers) {
      char room[4096];
      while (received.find("\r\n\r\n") == std::string::npos) {
        auto got = co_await io::read_some(*stream, room, soon());
        if (!got || *got == 0) co_return;
        received.append(room, *got);
      }
      size_t end = received.find("\r\n\r\n") + 4;
      self.heads.push_back(received.substr(0, end));
      received.erase(0, end);
      // One byte at a time: the client must not care.
      for (size_t i = 0; i < answer.size(); ++i) {
        auto sent = co_await io::write_all(*stream, std::string_view(answer).substr(i, 1), soon());
        if (!sent) co_return;
      }
    }
    if (!script.close_at_end) {
      io::Event for_ever;
      co_await for_ever.wait();
    }
  }

  io::Loop& loop_;
  std::vector<Script> scripts_;
  std::unique_ptr<io::Listener> listener_;
  io::TaskSet tasks_;
};

Request request(std::string method, std::string target = "/", std::string body = "") {
  Request request;
  request.head.method = std::move(method);
  request.head.target = std::move(target);
  request.head.headers.add("Host", "h");
  request.body = std::move(body);
  return request;
}

struct ClientTest : testing::TestWithParam<bool> {
  io::Loop loop;
  // "200 body", or the error's code.
  std::string send(Client& client, const Request& request) {
    Result<Response> response = io::run_until_done(loop, client.send(request));
    return response ? std::to_string(response->head.status) + " " + response->body : response.error().code;
  }
};
INSTANTIATE_TEST_SUITE_P(Over, ClientTest, testing::Bool(), [](const auto& info) { return info.param ? "sockets" : "memory"; });

const std::string ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

TEST_P(ClientTest, ReadsEveryKindOfBodyOverOneConnection) {
  ScriptedPeer peer(
      loop,
      {{{ok, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
         "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok,
         "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nuntil the end"}}},
      GetParam());
  Client client(loop, peer.connector());
  EXPECT_EQ(send(client, request("GET")), "200 ok");
  EXPECT_EQ(send(client, request("GET")), "200 abcde");
  EXPECT_EQ(send(client, request("GET")), "204 ");
  EXPECT_EQ(send(client, request("GET")), "200 ok");
  EXPECT_EQ(send(client, request("HEAD")), "200 ");
  EXPECT_EQ(client.idle_connections(), 1u);
  EXPECT_EQ(send(client, request("GET")), "200 until the end");
  EXPECT_EQ(client.idle_connections(), 0u);
  EXPECT_EQ(peer.connections, 1);
}

TEST_P(ClientTest, SendsAHeadThatCannotBeMisread) {
  ScriptedPeer peer(loop, {{{ok, ok}}}, GetParam());
  Client client(loop, peer.connector());
  send(client, request("GET", "/a?b"));
  EXPECT_EQ(peer.heads[0], "GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n");
  Request bad = request("GET");
  bad.head.headers.add("X", "a\r\nY: b");
  EXPECT_EQ(send(client, bad), "E_BAD_MESSAGE");
  EXPECT_EQ(send(client, request("GET", "/a b")), "E_BAD_MESSAGE");
  Request hostless;
  hostless.head.method = "GET";
  hostless.head.target = "/";
  EXPECT_EQ(send(client, hostless), "E_BAD_MESSAGE");
}

TEST_P(ClientTest, RepeatsASafeRequestThatMetAStaleConnection) {
  ScriptedPeer peer(loop, {{{ok, ""}}, {{ok}}}, GetParam());
  Client client(loop, peer.connector());
  EXPECT_EQ(send(client, request("GET")), "200 ok");
  EXPECT_EQ(send(client, request("GET")), "200 ok");  // the first connection closes without an answer
  EXPECT_EQ(peer.connections, 2);
}

TEST_P(ClientTest, DoesNotRepeatWhatMayHaveBeenDone) {
  ScriptedPeer peer(loop, {{{ok, ""}}}, GetParam());
  Client client(loop, peer.connector());
  EXPECT_EQ(send(client, request("GET")), "200 ok");
  EXPECT_EQ(send(client, request("POST")), "E_CLOSED");
  EXPECT_EQ(peer.connections, 1);
}

TEST_P(ClientTest, DoesNotRepeatOnAFreshConnection) {
  ScriptedPeer peer(loop, {{{""}}}, GetParam());
  Client client(loop, peer.connector());
  EXPECT_EQ(send(client, request("GET")), "E_CLOSED");
  EXPECT_EQ(peer.connections, 1);
}

TEST_P(ClientTest, DropsAPooledConnectionThatThePeerClosed) {
  ScriptedPeer peer(loop, {{{ok}}, {{ok}}}, GetParam());
  Client client(loop, peer.connector());
  EXPECT_EQ(send(client, request("GET")), "200 ok");
  // The end is there, and no turn of the loop has told of it: a request that cannot be repeated must find out by itself.
  EXPECT_EQ(send(client, request("POST")), "200 ok");
  EXPECT_EQ(peer.connections, 2);
}

TEST_P(ClientTest, TwoRequestsGoTogetherAndAreAnsweredOneAfterTheOther) {
  ScriptedPeer peer(loop, {{{ok, ok, ok}, false}}, GetParam());
  Client client(loop, peer.connector());
  Client::Pair pair = io::run_until_done(loop, client.send_pair(request("POST", "/a"), request("GET", "/b")));
  ASSERT_TRUE(pair.first) << pair.first.error().message;
  EXPECT_EQ(pair.first->body, "ok");
  ASSERT_TRUE(pair.second);
  Result<const ResponseHead*> head = io::run_until_done(loop, pair.second->response());
  ASSERT_TRUE(head) << head.error().message;
  EXPECT_EQ(*io::run_until_done(loop, read_all(pair.second->body(), 10)), "ok");
  EXPECT_EQ(client.idle_connections(), 1u);
  EXPECT_EQ(send(client, request("GET", "/c")), "200 ok");
  EXPECT_EQ(peer.connections, 1);
  EXPECT_EQ(peer.heads, (std::vector<std::string>{"POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
                                                  "GET /b HTTP/1.1\r\nHost: h\r\n\r\n", "GET /c HTTP/1.1\r\nHost: h\r\n\r\n"}));
}

TEST_P(ClientTest, WithoutAnAnswerToTheFirstOfTwoThereIsNoneToTheSecond) {
  ScriptedPeer peer(loop, {{{"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"}}, {{"HTTP/1.1 2"}}},
                    GetParam());
  Client client(loop, peer.connector());
  Client::Pair refused = io::run_until_done(loop, client.send_pair(request("POST", "/a"), request("GET", "/b")));
  ASSERT_TRUE(refused.first);
  EXPECT_EQ(refused.first->head.status, 413);
  EXPECT_FALSE(refused.second);
  Client::Pair cut = io::run_until_done(loop, client.send_pair(request("POST", "/a"), request("GET", "/b")));
  ASSERT_FALSE(cut.first);
  EXPECT_EQ(cut.first.error().code, "E_CLOSED");
  EXPECT_FALSE(cut.second);
}

TEST_P(ClientTest, ABrokenAnswerIsAnErrorAndNotPooled) {
  struct {
    std::string answer, code;
  } cases[] = {{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc", "E_CLOSED"},
               {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", "E_CLOSED"},
               {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "E_BAD_MESSAGE"},
               {"HTTP/1.1 200 OK\r\nContent-Le", "E_CLOSED"},
               {"SSH-2.0-OpenSSH\r\n", "E_BAD_MESSAGE"},
               {"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "E_BAD_MESSAGE"}};
  for (auto& c : cases) {
    ScriptedPeer peer(loop, {{{c.answer}}}, GetParam());
    Client client(loop, peer.connector());
    EXPECT_EQ(send(client, request("GET")), c.code) << c.answer;
    EXPECT_EQ(client.idle_connections(), 0u);
  }
}

TEST_P(ClientTest, BytesBehindAnAnswerEndTheConnection) {
  ScriptedPeer peer(loop, {{{ok + "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"}, false}, {{ok}}}, GetParam());
  Client client(loop, peer.connector());
  EXPECT_EQ(send(client, request("GET")), "200 ok");
  while (loop.run_once(1ms)) {
  }
  EXPECT_EQ(send(client, request("GET")), "200 ok");  // never the answer nobody asked for
  EXPECT_EQ(peer.connections, 2);
}

TEST_P(ClientTest, BoundsBodiesAndTime) {
  ScriptedPeer large(
      loop, {{{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"}, false}, {{"HTTP/1.1 200 OK\r\n\r\n" + std::string(100, 'x')}}},
      GetParam());
  Client client(loop, large.connector(), {.limits = {.body_bytes_max = 50}});
  EXPECT_EQ(send(client, request("GET")), "E_TOO_LARGE");
  EXPECT_EQ(send(client, request("GET")), "E_TOO_LARGE");
  ScriptedPeer silent(loop, {{{"HTTP/1.1 200 OK\r\n"}, false}}, GetParam());
  Client hasty(loop, silent.connector(), {.response_timeout = 5ms});
  EXPECT_EQ(send(hasty, request("GET")), "E_TIMEOUT");
}

io::Task<std::string> stream_upload(Client& client, RequestBody kind, std::string target = "/", const Headers* trailers = nullptr) {
  Request upload = request("PUT", target);
  if (kind == RequestBody::sized) upload.head.headers.add("Content-Length", "6");
  auto exchange = co_await client.begin(upload.head, kind);
  if (!exchange) co_return exchange.error().code;
  for (std::string_view piece : {"abc", "def"}) {
    auto written = co_await (*exchange)->write(piece);
    if (!written) co_return written.error().code;
  }
  auto finished = co_await (*exchange)->finish(trailers);
  if (!finished) co_return finished.error().code;
  auto head = co_await (*exchange)->response();
  if (!head) co_return head.error().code;
  auto body = co_await read_all((*exchange)->body(), 1000);
  co_return std::to_string((*head)->status) + " " + *body;
}

// The two halves of this folder against each other.
TEST_P(ClientTest, StreamsUploadsThroughOurOwnServer) {
  BufferedService::Handler handler = [](Request r) -> io::Task<Response> {
    co_return Response::text(200,
                             r.head.method + " " + r.body + (r.head.headers.find("transfer-encoding") ? " chunked" : " sized"));
  };
  BufferedService service(handler);
  Server server(loop, service);
  auto listener = *io::listen_tcp(loop, "127.0.0.1", 0);
  Client client(loop, io::tcp_connector(loop, "127.0.0.1", listener->port()));
  server.listen(std::move(listener));
  EXPECT_EQ(io::run_until_done(loop, stream_upload(client, RequestBody::sized)), "200 PUT abcdef sized");
  EXPECT_EQ(io::run_until_done(loop, stream_upload(client, RequestBody::chunked)), "200 PUT abcdef chunked");
  EXPECT_EQ(client.idle_connections(), 1u);
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_EQ(send(client, request("POST", "/", std::string(3'000'000, 'x'))).size(), 3'000'000 + sizeof("200 POST  sized") - 1);
}

TEST(Client, SendsTrailersAfterAChunkedBody) {
  io::Loop loop;
  H2TestService service;
  Server server(loop, service);
  auto listener = *io::listen_tcp(loop, "127.0.0.1", 0);
  Client client(loop, io::tcp_connector(loop, "127.0.0.1", listener->port()));
  server.listen(std::move(listener));
  Headers trailers;
  trailers.add("X-End", "1");
  EXPECT_EQ(io::run_until_done(loop, stream_upload(client, RequestBody::chunked, "/echo", &trailers)), "200 abcdef X-End=1");
  trailers.add("X-Bad", "1\r\nb: c");
  EXPECT_EQ(io::run_until_done(loop, stream_upload(client, RequestBody::chunked, "/echo", &trailers)), "E_BAD_MESSAGE");
}

io::Task<void> respond_into(ClientExchange& exchange, std::string& code) {
  auto head = co_await exchange.response();
  code = head ? "answered" : head.error().code;
}

TEST_P(ClientTest, AnExchangeCanBeCutFromOutside) {
  ScriptedPeer peer(loop, {{{"HTTP/1.1 200"}, false}}, GetParam());
  Client client(loop, peer.connector());
  auto exchange = io::run_until_done(loop, client.begin(request("GET").head, RequestBody::none));
  ASSERT_TRUE(exchange);
  std::string code;
  io::TaskSet tasks;
  tasks.spawn(respond_into(**exchange, code));
  while (peer.heads.empty()) loop.run_once(1s);
  (*exchange)->cut();
  while (code.empty()) loop.run_once(1s);
  EXPECT_EQ(code, "E_CLOSED");
}

io::Task<void> write_into(ClientExchange& exchange, const std::string& piece, std::string& code) {
  auto written = co_await exchange.write(piece);
  code = written ? "written" : written.error().code;
}

io::Task<std::string> whole_answer(ClientExchange& exchange) {
  auto head = co_await exchange.response();
  if (!head) co_return head.error().code;
  auto body = co_await read_all(exchange.body(), 1000);
  co_return body ? *body : body.error().code;
}

TEST_P(ClientTest, AnAnswerMayEndWhileTheRequestIsStillBeingWritten) {
  ScriptedPeer peer(loop, {{{ok}, false}}, GetParam());
  Client client(loop, peer.connector());
  Request upload = request("PUT");
  std::string piece(50'000'000, 'x');  // more than any socket holds
  upload.head.headers.add("Content-Length", std::to_string(piece.size()));
  auto exchange = io::run_until_done(loop, client.begin(upload.head, RequestBody::sized));
  ASSERT_TRUE(exchange);
  std::string code;
  io::TaskSet tasks;
  tasks.spawn(write_into(**exchange, piece, code));
  EXPECT_EQ(io::run_until_done(loop, whole_answer(**exchange)), "ok");
  EXPECT_EQ(code, "");
  tasks.cancel_all();
  exchange->reset();
  EXPECT_EQ(client.idle_connections(), 0u);
}

// It has stopped reading, and says why. In memory: a socket that is closed with something unread may take the answer with it.
TEST(Client, AnAnswerCountsMoreThanWhatCouldNotBeSent) {
  io::Loop loop;
  ScriptedPeer peer(loop, {{{"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno"}}}, false);
  Client client(loop, peer.connector());
  Result<Response> answer = io::run_until_done(loop, client.send(request("PUT", "/", std::string(1'000'000, 'x'))));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->head.status, 413);
  EXPECT_EQ(answer->body, "no");
  EXPECT_EQ(client.idle_connections(), 0u);
}

TEST(Url, IsTakenApart) {
  auto url = parse_url("http://Example.com:8080/a/b?x=1#frag");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "example.com");
  EXPECT_EQ(url->port, 8080);
  EXPECT_EQ(url->target, "/a/b?x=1");
  EXPECT_EQ(parse_url("http://a")->target, "/");
  EXPECT_EQ(parse_url("http://a?x")->target, "/?x");
  EXPECT_EQ(parse_url("https://[::1]:8443/")->port, 8443);
  EXPECT_EQ(parse_url("https://a/")->port, 443);
}

TEST(Url, IsRefusedWhenItIsNone) {
  for (std::string text : {"", "a", "ftp://a/", "http://", "http:///x", "http://a:0/", "http://a:65536/", "http://a:x/",
                           "http://a:+8/", "http://u:p@a/", "http://[::1/", "http://a b/", "http://a/b c", "http://a/\r\nX: y"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(Headers, CompareWithoutCaseAndSurviveTheirOwnValues) {
  Headers headers;
  headers.add("A", "1");
  headers.add("a", "2");
  headers.add("B", *headers.find("A"));
  for (int i = 0; i < 100; ++i) headers.add("C", headers.at(headers.size() - 1).value);
  EXPECT_EQ(headers.get("c"), "1");
  headers.set("A", *headers.find("B"));
  EXPECT_EQ(headers.get("a"), "1");
  headers.remove("C");
  EXPECT_EQ(headers.size(), 2u);
  headers.add("Connection", "keep-alive, Upgrade");
  EXPECT_TRUE(headers.has_token("connection", "upgrade"));
  EXPECT_FALSE(headers.has_token("connection", "grade"));
}

}  // namespace
}  // namespace pds::http
