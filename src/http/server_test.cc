#include "http/server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "http/client.h"

namespace pds::http {
namespace {

MonoTime soon() { return std::chrono::steady_clock::now() + 10s; }

// Answers by path, with what a test can look at.
class TestService final : public Service {
 public:
  io::Event release;       // "/wait" answers when it is set
  std::string body_error;  // of the last request
  int served = 0;

  io::Task<void> serve(ServerRequest& request, Responder& responder) override {
    ++served;
    std::string_view path = request.head.path();
    if (path == "/echo") {
      Result<std::string> body = co_await read_all(request.body, 1 << 20);
      if (!body) {
        body_error = body.error().code;
        co_return;
      }
      Response response = Response::text(200, request.head.method + " " + std::string(request.head.query()) + " " + *body);
      [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
    } else if (path == "/stream") {
      co_await stream(request, responder);
    } else if (path == "/relay") {
      co_await relay(request, responder);
    } else if (path == "/wait") {
      co_await release.wait();
      Response response = Response::text(200, "waited");
      [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
    } else if (path == "/receipt") {
      Response response = Response::text(200, "taken");
      [[maybe_unused]] auto sent = co_await responder.send_with_next(response.head, response.body);
    } else if (path == "/silent") {
      co_return;
    } else if (path == "/drop") {
      responder.drop();
    } else if (path == "/half") {
      ResponseHead head;
      head.headers.add("Content-Length", "10");
      [[maybe_unused]] auto started = co_await responder.start(head, "12345");
    } else if (path == "/upgrade") {
      co_await upgrade(responder);
    } else if (path == "/status") {
      Response response = Response::text(std::stoi(std::string(request.head.query())), "body");
      [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
    } else if (path == "/split") {
      Response response = Response::text(200, "x");
      response.head.headers.add("X-Bad", "a\r\nSet-Cookie: evil");
      [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
    } else {
      if (request.head.path() == "/stays") responder.tell_that_it_stays();
      Response response = Response::text(200, "hello");
      [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
    }
  }

 private:
  io::Task<void> stream(ServerRequest& request, Responder& responder) {
    ResponseHead head;
    if (!request.head.query().empty()) head.headers.add("Content-Length", request.head.query());
    [[maybe_unused]] auto started = co_await responder.start(head);
    for (std::string_view piece : {"abc", "defg", "hij"}) [[maybe_unused]]
      auto written = co_await responder.write(piece);
    Headers trailers;
    trailers.add("X-Sum", "10");
    [[maybe_unused]] auto finished = co_await responder.finish(&trailers);
  }
  io::Task<void> relay(ServerRequest& request, Responder& responder) {
    [[maybe_unused]] auto started = co_await responder.start(ResponseHead{});
    while (true) {
      auto piece = co_await request.body.read();
      if (!piece || piece->empty()) break;
      auto written = co_await responder.write(*piece);
      if (!written) co_return;
    }
    [[maybe_unused]] auto finished = co_await responder.finish();
  }
  io::Task<void> upgrade(Responder& responder) {
    ResponseHead head;
    head.status = 101;
    head.headers.add("Upgrade", "echo");
    auto stream = co_await responder.upgrade(head);
    if (!stream) co_return;
    std::string three(3, 0);
    auto got = co_await io::read_exactly(**stream, three, soon());
    if (got) [[maybe_unused]]
      auto put = co_await io::write_all(**stream, three, soon());
  }
};

// What the server sends until it closes, for raw bytes sent in pieces.
io::Task<std::string> converse(io::Loop& loop, io::Stream& stream, std::string text, size_t step, bool half_close) {
  for (size_t at = 0; at < text.size(); at += step) {
    auto sent = co_await io::write_all(stream, std::string_view(text).substr(at, step), soon());
    if (!sent) break;
    if (step < text.size()) co_await loop.yield();
  }
  if (half_close) stream.shutdown_write();
  std::string answer;
  char room[4096];
  while (true) {
    auto got = co_await io::read_some(stream, room, soon());
    if (!got || *got == 0) co_return answer;
    answer.append(room, *got);
  }
}

// Without what differs from run to run.
std::string without_date(std::string text) {
  for (size_t at = text.find("Date: "); at != std::string::npos; at = text.find("Date: "))
    text.erase(at, text.find("\r\n", at) + 2 - at);
  return text;
}

struct ServerTest : testing::Test {
  io::Loop loop;
  TestService service;
  std::string talk(std::string text, size_t step = SIZE_MAX, ServerOptions options = {}, bool half_close = true) {
    Server server(loop, service, options);
    auto pair = io::make_stream_pair(loop);
    server.serve(std::move(pair.b));
    step = std::min(step, text.size());
    return without_date(io::run_until_done(loop, converse(loop, *pair.a, std::move(text), step, half_close)));
  }
};

const char* hello = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello";

TEST_F(ServerTest, AnswersWhateverTheSplitOfTheRequest) {
  std::string text = "POST /echo?q HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: a\r\n\r\n";
  std::string expected =
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 10\r\n\r\nPOST q abc" + std::string(hello);
  for (size_t step = 1; step <= text.size(); ++step) EXPECT_EQ(talk(text, step), expected) << step;
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  std::string text;
  for (int i = 0; i < 50; ++i) text += "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  std::string expected;
  for (int i = 0; i < 50; ++i) expected += hello;
  EXPECT_EQ(talk(text), expected);
}

// What the peer has got once `text` is served, and once what waits is let go.
std::pair<std::string, std::string> before_and_after(ServerTest& test, std::string_view text, int served) {
  Server server(test.loop, test.service, {});
  auto pair = io::make_stream_pair(test.loop);
  server.serve(std::move(pair.b));
  auto converse = [](ServerTest& self, io::Stream& stream, std::string_view sent, int expected) -> io::Task<std::pair<std::string, std::string>> {
    char room[4096];
    auto there = [&]() -> std::string {
      io::IoResult got = stream.try_read(room);
      return got.status == io::IoResult::ok ? without_date(std::string(room, got.bytes)) : "";
    };
    [[maybe_unused]] auto put = co_await io::write_all(stream, sent, soon());
    while (self.service.served < expected) co_await self.loop.yield();
    for (int turns = 0; turns < 3; ++turns) co_await self.loop.yield();
    std::string before = there();
    self.service.release.set();
    for (int turns = 0; turns < 3; ++turns) co_await self.loop.yield();
    co_return std::pair(before, there());
  };
  return io::run_until_done(test.loop, converse(test, *pair.a, text, served));
}

TEST_F(ServerTest, AnAnswerMayWaitForTheNextOneWhereItsRequestIsThere) {
  std::string taken = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\ntaken";
  std::string waited = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 6\r\n\r\nwaited";
  std::string receipt = "GET /receipt HTTP/1.1\r\nHost: a\r\n\r\n", wait = "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(before_and_after(*this, receipt + wait, 2), std::pair(std::string(), taken + waited));
}

TEST_F(ServerTest, AnAnswerDoesNotWaitForARequestThatIsNotWholeYet) {
  std::string receipt = "GET /receipt HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::string behind : {"", "G", "GET /wait HTTP/1.1\r\nHost: a\r\n"}) {
    service.served = 0;
    EXPECT_TRUE(before_and_after(*this, receipt + behind, 1).first.ends_with("taken")) << behind;
  }
}

TEST_F(ServerTest, AnAnswerThatWaitedComesBeforeARefusal) {
  std::string answer = talk("GET /receipt HTTP/1.1\r\nHost: a\r\n\r\nGET /wait HTTP/1.1\r\nHost : a\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.find("taken") < answer.find("HTTP/1.1 400 ")) << answer;
}

TEST_F(ServerTest, DecodesChunkedBodies) {
  std::string text =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: "
      "a\r\n\r\n";
  for (size_t step : {1u, 3u, 1000u}) {
    std::string answer = talk(text, step);
    EXPECT_NE(answer.find("POST  abcde"), std::string::npos) << answer;
    EXPECT_TRUE(answer.ends_with(hello)) << answer;
  }
}

TEST_F(ServerTest, RefusesSmugglingAndClosesSoThatNothingBehindItIsRead) {
  std::string hidden = "GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n";
  for (std::string fields : {"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 4\r\nContent-Length: 0\r\n",
                             "Transfer-Encoding : chunked\r\n", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n",
                             "X: a\r\n Transfer-Encoding: chunked\r\n", "Content-Length: 0\nX: y\r\n"}) {
    service.served = 0;
    std::string answer = talk("POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n0\r\n\r\n" + hidden);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << answer;
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos) << answer;
    EXPECT_EQ(answer.find("HTTP/1.1", 10), std::string::npos) << answer;
    EXPECT_EQ(service.served, 0);
  }
}

TEST_F(ServerTest, AnswersABadChunkWith400AndCloses) {
  std::string answer = talk("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 ")) << answer;
  EXPECT_EQ(service.body_error, "E_BAD_MESSAGE");
}

TEST_F(ServerTest, NamesEachRefusal) {
  EXPECT_TRUE(
      talk("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 414 URI Too Long\r\n"));
  EXPECT_TRUE(talk("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(70'000, 'a') + "\r\n\r\n").starts_with("HTTP/1.1 431 "));
  EXPECT_TRUE(talk("GET / HTTP/3.0\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 505 "));
  EXPECT_TRUE(talk("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n").starts_with("HTTP/1.1 501 "));
}

TEST_F(ServerTest, ABodyTooLargeForItsServiceIs413) {
  BufferedService::Handler handler = [](Request) -> io::Task<Response> { co_return Response::text(200, "ok"); };
  BufferedService small(handler, 3);
  Server server(loop, small);
  for (std::string body : {"Content-Length: 4\r\n\r\nabcd", "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"}) {
    auto pair = io::make_stream_pair(loop);
    server.serve(std::move(pair.b));
    std::string answer = io::run_until_done(loop, converse(loop, *pair.a, "POST / HTTP/1.1\r\nHost: a\r\n" + body, 1000, true));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 Content Too Large\r\n")) << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  }
}

TEST_F(ServerTest, GivesNoBodyToHeadNoContentAndNotModified) {
  EXPECT_EQ(talk("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(talk("GET /status?204 HTTP/1.1\r\nHost: a\r\n\r\n"),
            "HTTP/1.1 204 No Content\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
  EXPECT_EQ(talk("GET /status?304 HTTP/1.1\r\nHost: a\r\n\r\n"),
            "HTTP/1.1 304 Not Modified\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
  EXPECT_EQ(talk("HEAD /stream?10 HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
}

TEST_F(ServerTest, StreamsChunkedSizedOrUntilTheEnd) {
  std::string chunks = "3\r\nabc\r\n4\r\ndefg\r\n3\r\nhij\r\n0\r\nX-Sum: 10\r\n\r\n";
  EXPECT_EQ(talk("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
  EXPECT_EQ(talk("GET /stream?10 HTTP/1.1\r\nHost: a\r\n\r\n"), "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabcdefghij");
  EXPECT_EQ(talk("GET /stream HTTP/1.0\r\n\r\n"), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcdefghij");
}

TEST_F(ServerTest, CutsAnswersThatBreakTheirOwnLength) {
  EXPECT_EQ(talk("GET /stream?5 HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
  EXPECT_EQ(talk("GET /half HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345");
}

TEST_F(ServerTest, AServiceWithoutAnAnswerOrWithOneThatSplitsIs500) {
  EXPECT_TRUE(talk("GET /silent HTTP/1.1\r\nHost: a\r\n\r\n").starts_with("HTTP/1.1 500 Internal Server Error\r\n"));
  std::string split = talk("GET /split HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(split.starts_with("HTTP/1.1 500 ")) << split;
  EXPECT_EQ(split.find("evil"), std::string::npos);
}

TEST_F(ServerTest, ADroppedRequestIsTheLastOfItsConnectionAndGetsNoAnswer) {
  EXPECT_EQ(talk("GET /drop HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"), "");
}

TEST_F(ServerTest, KeepsHttp10OpenOnlyWhenAsked) {
  std::string answer = talk("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\nGET / HTTP/1.0\r\n\r\n");
  EXPECT_NE(answer.find("Connection: keep-alive"), std::string::npos);
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
  EXPECT_EQ(service.served, 2);
}

TEST_F(ServerTest, AnswersHttp10InKindWhereItIsToldTo) {
  ServerOptions options{.answers_1_0_in_kind = true};
  std::string answer = talk("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /status?404 HTTP/1.0\r\n\r\n", SIZE_MAX, options);
  EXPECT_TRUE(answer.starts_with("HTTP/1.0 200 OK\r\n")) << answer;
  EXPECT_NE(answer.find("HTTP/1.0 404 Not Found\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(talk("GET / HTTP/1.1\r\nHost: a\r\n\r\n", SIZE_MAX, options).starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(ServerTest, SaysThatTheConnectionStaysWhereTheServiceWishesIt) {
  std::string request = "GET /stays HTTP/1.1\r\nHost: a\r\n";
  std::string answer = talk(request + "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  size_t second = answer.find("HTTP/1.1 200", 1);
  EXPECT_NE(answer.substr(0, second).find("\r\nConnection: Keep-Alive\r\n"), std::string::npos) << answer;
  EXPECT_EQ(answer.find("Connection:", second), std::string::npos) << answer;
  std::string last = talk(request + "Connection: close\r\n\r\n");
  EXPECT_NE(last.find("\r\nConnection: close\r\n"), std::string::npos) << last;
  EXPECT_EQ(last.find("Keep-Alive"), std::string::npos) << last;
}

TEST_F(ServerTest, SendsContinueOnlyWhenTheBodyIsWanted) {
  std::string expecting = " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n";
  EXPECT_TRUE(talk("POST /echo" + expecting + "abc").starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"));
  std::string unwanted = talk("POST /" + expecting, SIZE_MAX, {}, false);
  EXPECT_TRUE(unwanted.starts_with("HTTP/1.1 200 OK\r\n")) << unwanted;
  EXPECT_NE(unwanted.find("Connection: close"), std::string::npos);  // the body may come or not
}

TEST_F(ServerTest, ReadsPastABodyNobodyWanted) {
  std::string text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" + std::string(100'000, 'x') +
                     "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(talk(text), std::string(hello) + hello);
}

// The answer to a request that sends all of its body first, which the service does not read; "cut" when it could not be sent.
io::Task<std::string> send_all_then_read(io::Connector& connector, std::string text) {
  auto stream = co_await connector.connect(soon());
  if (!stream) co_return "unreachable";
  auto sent = co_await io::write_all(**stream, text, soon());
  if (!sent) co_return "cut";
  std::string answer(12, 0);
  auto got = co_await io::read_exactly(**stream, answer, soon());
  co_return got ? answer : "cut";
}

TEST_F(ServerTest, APeerThatSendsALongBodyNobodyWantedStillSeesItsAnswer) {
  Server server(loop, service);
  auto listener = *io::listen_tcp(loop, "127.0.0.1", 0);
  auto connector = io::tcp_connector(loop, "127.0.0.1", listener->port());
  server.listen(std::move(listener));
  size_t size = 30 << 20;
  std::string text = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" + std::string(size, 'x');
  EXPECT_EQ(io::run_until_done(loop, send_all_then_read(*connector, text)), "HTTP/1.1 200");
  size_t endless = 200 << 20;  // but not one that has no end
  text = "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(endless) + "\r\n\r\n" + std::string(endless, 'x');
  EXPECT_EQ(io::run_until_done(loop, send_all_then_read(*connector, std::move(text))), "cut");
}

TEST_F(ServerTest, HandsOverTheConnectionWithWhatItHadRead) {
  std::string answer = talk("GET /upgrade HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\nabc");
  EXPECT_EQ(answer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nabc");
}

TEST_F(ServerTest, EndsAConnectionAfterItsShareOfRequests) {
  std::string answer = talk("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
                            SIZE_MAX, {.requests_per_connection_max = 2});
  EXPECT_EQ(service.served, 2);
  EXPECT_NE(answer.find("Connection: close"), std::string::npos);
}

// What runs on a thread of its own: a loop, a server, and a listener that shares its port.
void serve_on_a_loop_of_its_own(uint16_t& port, std::atomic<io::Loop*>& running, std::atomic<int>& served) {
  io::Loop loop;
  TestService service;
  Server server(loop, service);
  auto listener = io::listen_tcp(loop, "127.0.0.1", port, {.share_port = true});
  ASSERT_TRUE(listener);
  port = (*listener)->port();
  server.listen(std::move(*listener));
  running.store(&loop);
  running.notify_one();
  loop.run();
  running.wait(&loop);  // whoever stops it is done with it
  served += service.served;
}

TEST(ServerLoops, ShareAPortAndNothingElse) {
  uint16_t port = 0;
  std::atomic<int> served[2] = {0, 0};
  std::atomic<io::Loop*> running[2] = {nullptr, nullptr};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] { serve_on_a_loop_of_its_own(port, running[i], served[i]); });
    running[i].wait(nullptr);
  }
  io::Loop loop;
  constexpr int requests = 64;  // each on a connection of its own, so that one of the two gets none once in 2^63 runs
  for (int i = 0; i < requests; ++i) {
    auto answer = io::run_until_done(loop, fetch(loop, "GET", "http://127.0.0.1:" + std::to_string(port) + "/"));
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->body, "hello");
  }
  for (auto& other : running) {
    other.load()->stop();
    other.store(nullptr);
    other.notify_one();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(served[0] + served[1], requests);
  EXPECT_GT(served[0], 0);
  EXPECT_GT(served[1], 0);
}

io::Task<void> upload(ClientExchange& exchange, const std::string& bytes, size_t& written) {
  while (written < bytes.size()) {
    auto sent = co_await exchange.write(std::string_view(bytes).substr(written, 10'000));
    if (!sent) co_return;
    written += std::min<size_t>(10'000, bytes.size() - written);
  }
  [[maybe_unused]] auto finished = co_await exchange.finish();
}

io::Task<std::string> download(ClientExchange& exchange) {
  auto head = co_await exchange.response();
  if (!head) co_return head.error().code;
  auto body = co_await read_all(exchange.body(), SIZE_MAX);
  co_return body ? *body : body.error().code;
}

TEST_F(ServerTest, RelaysLongBodiesAsFastAsTheyAreReadAndNoFaster) {
  Server server(loop, service);
  auto listener = *io::listen_tcp(loop, "127.0.0.1", 0);
  Client client(loop, io::tcp_connector(loop, "127.0.0.1", listener->port()));
  server.listen(std::move(listener));
  std::string bytes(30'000'000, 0);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 7 + i / 251);
  RequestHead head{.method = "POST", .target = "/relay"};
  head.headers.add("Host", "h");
  auto exchange = io::run_until_done(loop, client.begin(head, RequestBody::chunked));
  ASSERT_TRUE(exchange);
  size_t written = 0;
  io::TaskSet tasks;
  tasks.spawn(upload(**exchange, bytes, written));
  while (loop.run_once(20ms)) {  // nobody reads: what the sockets hold is full, and then everything stands still
  }
  EXPECT_LT(written, bytes.size());
  EXPECT_TRUE(io::run_until_done(loop, download(**exchange)) == bytes);
}

TEST_F(ServerTest, APeerThatLeavesMidwayEndsOnlyItsOwnExchange) {
  Server server(loop, service);
  for (std::string request :
       {"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n", "POST /relay HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "GET / HT"}) {
    auto pair = io::make_stream_pair(loop, 8);  // so small that answers have to wait
    server.serve(std::move(pair.b));
    for (size_t at = 0; at < request.size(); at += 8) {
      std::string_view piece = std::string_view(request).substr(at, 8);
      iovec part{const_cast<char*>(piece.data()), piece.size()};
      pair.a->try_write({&part, 1});
      for (int i = 0; i < 3; ++i) loop.run_once(0us);
    }
    EXPECT_EQ(server.connections(), 1u);
    pair.a.reset();
    for (int i = 0; i < 10; ++i) loop.run_once(0us);
    EXPECT_EQ(server.connections(), 0u) << request;
    EXPECT_EQ(server.requests_in_flight(), 0u);
  }
  EXPECT_EQ(talk("GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"), hello);
}

io::Task<bool> drain(Server& server, Duration time) { co_return co_await server.drain(std::chrono::steady_clock::now() + time); }

io::Task<void> converse_into(io::Loop& loop, io::Stream& stream, std::string text, std::string& answer) {
  answer = co_await converse(loop, stream, std::move(text), 1000, false);
}

TEST_F(ServerTest, DrainingEndsIdleConnectionsAndFinishesBusyOnes) {
  Server server(loop, service);
  auto idle = io::make_stream_pair(loop), busy = io::make_stream_pair(loop);
  server.serve(std::move(idle.b));
  server.serve(std::move(busy.b));
  std::string idle_answer = "none", busy_answer = "none";
  io::TaskSet tasks;
  tasks.spawn(converse_into(loop, *idle.a, "GET / HTTP/1.1\r\nHost: a\r\n\r\n", idle_answer));
  tasks.spawn(converse_into(loop, *busy.a, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n", busy_answer));
  while (server.requests_in_flight() != 1 || service.served != 2) loop.run_once(1s);
  loop.post([&] { service.release.set(); });
  EXPECT_TRUE(io::run_until_done(loop, drain(server, 10s)));
  while (tasks.size() > 0) loop.run_once(1s);
  EXPECT_EQ(without_date(idle_answer), hello);
  EXPECT_NE(busy_answer.find("Connection: close"), std::string::npos) << busy_answer;
  EXPECT_TRUE(busy_answer.ends_with("waited"));
  EXPECT_EQ(server.connections(), 0u);
}

TEST_F(ServerTest, DrainingGivesUpAtItsDeadline) {
  std::string answer;
  auto busy = io::make_stream_pair(loop);
  io::TaskSet tasks;
  Server server(loop, service);
  server.serve(std::move(busy.b));
  tasks.spawn(converse_into(loop, *busy.a, "GET /wait HTTP/1.1\r\nHost: a\r\n\r\n", answer));
  while (server.requests_in_flight() != 1) loop.run_once(1s);
  EXPECT_FALSE(io::run_until_done(loop, drain(server, 5ms)));
  EXPECT_EQ(server.connections(), 1u);
}

}  // namespace
}  // namespace pds::http
