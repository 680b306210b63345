#include "podinfo/lambda_runtime.h"

#include <algorithm>

#include "base/text.h"
#include "http/server.h"
#include "io/files.h"
#include "podinfo/lambda_event.h"
#include "podinfo/serve.h"
#include "podinfo/test_app.h"

namespace pds::podinfo {
namespace {

// A Runtime API that hands out events and keeps what comes back.
struct FakeRuntimeApi final : http::Service {
  struct Post {
    std::string target, body;
    http::Headers headers, trailers;
  };
  std::vector<std::string> events;
  http::Headers with_events;
  int status_of_next = 200;
  size_t given = 0;
  std::vector<Post> posts;
  io::Event all_answered, silence;

  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override {
    http::Response response = http::Response::json(202, "{}");
    if (request.head.method == "GET") {
      if (status_of_next == 200 && given == events.size()) {
        all_answered.set();
        co_await silence.wait();
      }
      response = http::Response::json(status_of_next, status_of_next == 200 ? events[given] : "{}");
      response.head.headers = with_events;
      response.head.headers.add("Lambda-Runtime-Aws-Request-Id", "id-" + std::to_string(given++));
    } else {
      Result<std::string> body = co_await http::read_all(request.body, 16 << 20);
      posts.push_back({request.head.target, body.value_or("cut"), request.head.headers, request.body.trailers()});
    }
    [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
  }
};

io::Task<void> until(io::Event& event) { co_await event.wait(); }

struct LambdaTest : AppTest {
  FakeRuntimeApi api;
  http::Server server{loop, api};
  io::Event stop;
  std::optional<int> status;
  io::TaskSet tasks;
  uint16_t port = (*io::listen_tcp(loop, "127.0.0.1", 0))->port();  // where nobody listens yet

  io::Task<void> run() { status = co_await serve_lambda(app(), "127.0.0.1:" + std::to_string(port), stop); }
  void listen() {
    auto listener = io::listen_tcp(loop, "127.0.0.1", port);
    ASSERT_TRUE(listener) << listener.error().message;
    server.listen(std::move(*listener));
  }
  std::vector<FakeRuntimeApi::Post>& answer(std::vector<std::string> events) {
    api.events = std::move(events);
    listen();
    tasks.spawn(run());
    io::run_until_done(loop, until(api.all_answered));
    return api.posts;
  }
  void deadline_after(Duration left) {
    auto at = clock.now() + left;
    api.with_events.set("Lambda-Runtime-Deadline-Ms",
                        std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count()));
  }
  int run_to_its_end() {
    while (!status) loop.run_once(1s);
    return *status;
  }
  static json::object object(const std::string& text) { return parse_json(text)->as_object(); }
  static std::string event(std::string path, std::string more = "") {
    return R"({"version":"2.0","rawPath":")" + path + R"(","requestContext":{"http":{"method":"GET"}})" + more + "}";
  }
};

TEST_F(LambdaTest, AnswersEventsOfTheRuntimeApiAndOutlivesItsAbsence) {
  api.events = {R"({"path":"/version"})", "{not json", R"({})"};
  tasks.spawn(run());
  while (log.empty() || log.back().find("no invocation") == std::string::npos) loop.run_once(1s);
  listen();
  io::run_until_done(loop, until(api.all_answered));
  ASSERT_EQ(api.posts.size(), 3u);
  EXPECT_EQ(api.posts[0].target, "/2018-06-01/runtime/invocation/id-0/response");
  EXPECT_TRUE(api.posts[0].body.starts_with("{\"statusCode\":200,"));
  EXPECT_NE(api.posts[0].body.find("\"x-correlation-id\":\"id-0\""), std::string::npos) << api.posts[0].body;
  EXPECT_EQ(api.posts[1].target, "/2018-06-01/runtime/invocation/id-1/error");
  EXPECT_TRUE(api.posts[1].body.starts_with("{\"errorMessage\":"));
  EXPECT_EQ(api.posts[2].target, "/2018-06-01/runtime/invocation/id-2/response");
  EXPECT_TRUE(api.posts[2].body.starts_with("{\n  \"hostname\""));
  stop.set();
  EXPECT_EQ(run_to_its_end(), 0);
}

TEST_F(LambdaTest, AnEventThatCannotBeReadIsToldAndLogged) {
  auto& posts = answer({std::string(event_bytes_max + 1, 'x'), event("/version")});
  ASSERT_EQ(posts.size(), 2u);
  EXPECT_EQ(posts[0].target, "/2018-06-01/runtime/invocation/id-0/error");
  EXPECT_EQ(posts[0].headers.get("lambda-runtime-function-error-type"), "Runtime.EventTooLarge");
  EXPECT_EQ(object(posts[0].body).at("errorType"), "Runtime.EventTooLarge");
  EXPECT_EQ(posts[1].target, "/2018-06-01/runtime/invocation/id-1/response");
  bool logged = std::ranges::any_of(log, [](const std::string& line) { return line.find("event not read") != std::string::npos; });
  EXPECT_TRUE(logged);
}

TEST_F(LambdaTest, ItEndsWhereTheRuntimeApiSaysThatThereIsNoMore) {
  for (int refusal : {500, 403}) {
    api.status_of_next = refusal;
    if (refusal == 500) listen();
    status.reset();
    tasks.spawn(run());
    EXPECT_EQ(run_to_its_end(), 1) << refusal;
    EXPECT_NE(log.back().find("there are no more invocations"), std::string::npos) << log.back();
  }
}

TEST_F(LambdaTest, WhatIsNoRequestIsA400ToWhoSpeaksHttp) {
  auto& posts = answer({event("/version", R"(,"headers":{"a":null})"), event("version"), event("/echo", R"(,"body":"%","isBase64Encoded":true)"),
                        R"({"path":"version","httpMethod":"GET","requestContext":{"elb":{}},"multiValueHeaders":{}})"});
  ASSERT_EQ(posts.size(), 4u);
  for (auto& post : posts) {
    EXPECT_TRUE(post.target.ends_with("/response")) << post.target;
    EXPECT_EQ(object(post.body).at("statusCode"), 400);
  }
  EXPECT_EQ(object(posts[0].body).at("headers").as_object().at("x-correlation-id"), "id-0");
  EXPECT_EQ(object(posts[0].body).at("headers").as_object().at("x-podinfo-version"), "1.2.3");
  EXPECT_TRUE(object(posts[3].body).contains("multiValueHeaders"));
}

TEST_F(LambdaTest, AnAnswerThatWouldBeLateIsA504ThatIsCountedAndMarked) {
  deadline_after(300ms);
  auto& posts = answer({event("/delay/3", R"(,"headers":{"x-correlation-id":"abc"})"), event("/chunked/3")});
  ASSERT_EQ(posts.size(), 2u);
  for (auto& post : posts) EXPECT_EQ(object(post.body).at("statusCode"), 504) << post.body;
  EXPECT_EQ(object(posts[0].body).at("headers").as_object().at("x-correlation-id"), "abc");
  EXPECT_EQ(object(posts[0].body).at("headers").as_object().at("x-podinfo-version"), "1.2.3");
  EXPECT_NE(app().metrics().text(clock.now()).find("http_requests_total{status=\"504\"} 2\n"), std::string::npos);
}

TEST_F(LambdaTest, AStreamThatIsCutSaysSo) {
  options.lambda_response_stream = true;
  deadline_after(300ms);
  auto& posts = answer({event("/chunked/3"), event("/chunked/0"), event("/delay/3")});
  ASSERT_EQ(posts.size(), 3u);
  EXPECT_EQ(posts[0].headers.get("trailer"), "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body");
  EXPECT_EQ(posts[0].trailers.get("lambda-runtime-function-error-type"), "Function.AnswerCut");
  json::object told = object(*from_base64(posts[0].trailers.get("lambda-runtime-function-error-body")));
  EXPECT_EQ(told.at("errorType"), "Function.AnswerCut");
  EXPECT_EQ(posts[1].trailers.size(), 0u);
  EXPECT_TRUE(posts[1].body.ends_with("{\n  \"delay\": 0\n}")) << posts[1].body;
  EXPECT_TRUE(posts[2].body.starts_with("{\"statusCode\":504,")) << posts[2].body;
  EXPECT_EQ(posts[2].trailers.size(), 0u);
}

// What comes as text may go as base64: /store gives back what it was given.
TEST_F(LambdaTest, WhatIsTooLargeForLambdaIsAnAnswerThatSaysSo) {
  std::string directory = testing::TempDir() + "/lambda-store";
  ASSERT_TRUE(io::make_directories(directory));
  options.data_path = directory;
  std::string bytes(4'900'000, '\xff');
  std::string hash = to_hex(sha1(bytes));
  ASSERT_TRUE(io::write_file_atomically(directory + "/" + hash, bytes, 0600));
  auto& posts = answer({event("/store/" + hash, R"(,"headers":{"x-correlation-id":"abc"})")});
  [[maybe_unused]] auto removed = io::remove_tree(directory);
  ASSERT_EQ(posts.size(), 1u);
  EXPECT_TRUE(posts[0].target.ends_with("/response"));
  EXPECT_EQ(object(posts[0].body).at("statusCode"), 502);
  EXPECT_EQ(object(posts[0].body).at("headers").as_object().at("x-correlation-id"), "abc");
}

TEST_F(LambdaTest, ASecretFromBeforeTheFreezeIsLookedAtAgain) {
  holds_secret = true;
  source.answers = {Secret{"db", "arn:db", "v1", "hunter2"}, Secret{"db", "arn:db", "v2", "hunter3"}};
  answer({});
  EXPECT_EQ(secrets.current()->secret.version_id, "v1");  // before the first event is asked for
  clock.advance(1h);
  api.all_answered.reset();
  api.events = {event("/api/secret"), event("/api/secret")};
  api.silence.set();
  api.silence.reset();
  io::run_until_done(loop, until(api.all_answered));
  ASSERT_EQ(api.posts.size(), 2u);
  for (auto& post : api.posts) EXPECT_NE(post.body.find("v2"), std::string::npos) << post.body;
  EXPECT_EQ(source.asked, 2u);
}

TEST_F(LambdaTest, WhatIsUnderWayAtTheEndIsAnsweredOrGivenUp) {
  api.events = {event("/delay/3")};
  listen();
  tasks.spawn(run());
  while (api.given == 0) loop.run_once(1s);
  for (int i = 0; i < 5; ++i) loop.run_once(1ms);
  stop.set();
  EXPECT_EQ(run_to_its_end(), 0);
  ASSERT_EQ(api.posts.size(), 1u);
  EXPECT_EQ(api.posts[0].target, "/2018-06-01/runtime/invocation/id-0/error");
  EXPECT_EQ(object(api.posts[0].body).at("errorType"), "Runtime.Shutdown");
}

TEST_F(LambdaTest, AWebSocketIsRefusedAndWhatTheRouteSaysIsThePath) {
  auto& posts = answer({event("/ws/echo", R"(,"headers":{"connection":"upgrade","upgrade":"websocket","host":"h",)"
                                          R"("sec-websocket-key":"dGhlIHNhbXBsZSBub25jZQ==","sec-websocket-version":"13"})"),
                        R"({"rawPath":"/prod/version","requestContext":{"stage":"prod","http":{"method":"GET"}}})"});
  ASSERT_EQ(posts.size(), 2u);
  EXPECT_EQ(object(posts[0].body).at("statusCode"), 400);
  EXPECT_EQ(object(posts[1].body).at("statusCode"), 200);
}

}  // namespace
}  // namespace pds::podinfo
