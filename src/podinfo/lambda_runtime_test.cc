#include "podinfo/lambda_runtime.h"

#include "http/server.h"
#include "podinfo/serve.h"
#include "podinfo/test_app.h"

namespace pds::podinfo {
namespace {

// A Runtime API that hands out events and keeps what comes back.
struct FakeRuntimeApi {
  std::vector<std::string> events;
  size_t given = 0;
  std::vector<std::string> posts;  // target + " " + body
  io::Event all_answered;

  static io::Task<http::Response> answer(FakeRuntimeApi& self, http::Request request) {
    if (request.head.method == "GET") {
      if (self.given == self.events.size()) {
        self.all_answered.set();
        io::Event for_ever;
        co_await for_ever.wait();
      }
      http::Response response = http::Response::json(200, self.events[self.given]);
      response.head.headers.add("Lambda-Runtime-Aws-Request-Id", "id-" + std::to_string(self.given++));
      co_return response;
    }
    self.posts.push_back(request.head.target + " " + request.body);
    co_return http::Response::json(202, "{}");
  }
};

io::Task<void> until(io::Event& event) { co_await event.wait(); }

TEST_F(AppTest, AnswersEventsOfTheRuntimeApiAndOutlivesItsAbsence) {
  FakeRuntimeApi api;
  api.events = {R"({"path":"/version"})", "{not json", R"({})"};
  http::BufferedService::Handler handler = [&api](http::Request request) {
    return FakeRuntimeApi::answer(api, std::move(request));
  };
  http::BufferedService service(handler);
  // A port where nobody listens yet.
  uint16_t port = (*io::listen_tcp(loop, "127.0.0.1", 0))->port();
  io::TaskSet tasks;
  tasks.spawn(serve_lambda(app(), "127.0.0.1:" + std::to_string(port)));
  while (log.empty() || log.back().find("no invocation") == std::string::npos) loop.run_once(1s);
  http::Server server(loop, service);
  auto listener = io::listen_tcp(loop, "127.0.0.1", port);
  ASSERT_TRUE(listener) << listener.error().message;
  server.listen(std::move(*listener));
  io::run_until_done(loop, until(api.all_answered));
  ASSERT_EQ(api.posts.size(), 3u);
  EXPECT_TRUE(api.posts[0].starts_with("/2018-06-01/runtime/invocation/id-0/response {\"statusCode\":200,")) << api.posts[0];
  EXPECT_NE(api.posts[0].find("\"x-correlation-id\":\"id-0\""), std::string::npos) << api.posts[0];
  EXPECT_TRUE(api.posts[1].starts_with("/2018-06-01/runtime/invocation/id-1/error {\"errorMessage\":")) << api.posts[1];
  EXPECT_TRUE(api.posts[2].starts_with("/2018-06-01/runtime/invocation/id-2/response {\n  \"hostname\"")) << api.posts[2];
}

}  // namespace
}  // namespace pds::podinfo
