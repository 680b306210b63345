#include "cloud/services/lambda/url_door.h"

#include "base/text.h"
#include "cloud/services/lambda/test_world.h"
#include "http/server.h"

namespace pds::cloud::lambda {
namespace {

using namespace test;

// A front door that asks Lambda's door only, reached over a memory stream.
class Urls : public World {
 protected:
  struct Front final : http::Service {
    World* world = nullptr;
    std::function<UrlDoor&()> door;
    io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override {
      EXPECT_TRUE(door().claims(request));
      co_await door().serve(request, responder);
    }
  };
  class StreamConnector final : public io::Connector {
   public:
    StreamConnector(io::Loop& loop, http::Server& server) : loop_(loop), server_(server) {}
    io::Task<Result<std::unique_ptr<io::Stream>>> connect(io::Deadline) override {
      io::StreamPair pair = io::make_stream_pair(loop_);
      server_.serve(std::move(pair.a), 4566);
      co_return std::move(pair.b);
    }
    std::string destination() const override { return "memory"; }

   private:
    io::Loop& loop_;
    http::Server& server_;
  };

  Front front;
  http::Server server{loop, front};

  Urls() {
    front.door = [this]() -> UrlDoor& { return lambda->url_door(); };
    handler = [this](Machine&, http::Client& client, std::string id, std::string event) {
      return reply_with(client, id, event, &event_seen, &answer);
    };
  }
  static io::Task<void> reply_with(http::Client& client, std::string id, std::string event, std::string* seen,
                                   std::string* answer) {
    *seen = event;
    [[maybe_unused]] auto sent = co_await client.send(runtime_request("POST", "invocation/" + id + "/response", *answer));
  }
  std::string event_seen,
      answer = R"({"statusCode":201,"headers":{"x-a":"b"},"cookies":["c=1"],"body":"aGk=","isBase64Encoded":true})";

  std::string create_url(std::optional<wire::Cors> cors = std::nullopt, std::string auth = "NONE") {
    auto made = lambda->create_url(call(), {.function_name = "f", .auth_type = std::move(auth), .cors = std::move(cors)});
    EXPECT_TRUE(made) << made.error().message;
    std::string host = made->function_url.substr(7);
    return host.substr(0, host.find(':'));
  }
  void allow_everyone() {
    ASSERT_TRUE(lambda->add_permission(call(), {.function_name = "f",
                                                .statement_id = "public",
                                                .action = "lambda:InvokeFunctionUrl",
                                                .principal = "*",
                                                .function_url_auth_type = "NONE"}));
  }
  http::Response fetch(std::string host, std::string method = "GET", std::string target = "/", std::string body = "",
                       std::vector<std::pair<std::string, std::string>> headers = {}) {
    http::Client client(loop, std::make_shared<StreamConnector>(loop, server));
    http::Request request;
    request.head.method = std::move(method);
    request.head.target = std::move(target);
    request.head.headers.add("Host", host);
    for (const auto& [name, value] : headers) request.head.headers.add(name, value);
    request.body = std::move(body);
    Result<http::Response> response = await(client.send(request));
    EXPECT_TRUE(response) << response.error().message;
    return response ? std::move(*response) : http::Response{};
  }
};

TEST_F(Urls, a_url_without_authentication_needs_the_public_permission) {
  create();
  std::string host = create_url();
  EXPECT_EQ(fetch(host).head.status, 403);
  EXPECT_TRUE(event_seen.empty());
  allow_everyone();
  http::Response response = fetch(host, "POST", "/a?b=c", "hello", {{"Content-Type", "text/plain"}});
  EXPECT_EQ(response.head.status, 201);
  EXPECT_EQ(response.body, "hi");
  EXPECT_EQ(response.head.headers.get("x-a"), "b");
  EXPECT_EQ(response.head.headers.get("set-cookie"), "c=1");
  EXPECT_NE(event_seen.find(R"("rawPath":"/a")"), std::string::npos) << event_seen;
  EXPECT_NE(event_seen.find(R"("body":"hello")"), std::string::npos) << event_seen;
}

TEST_F(Urls, a_url_with_iam_refuses_unsigned_requests) {
  create();
  std::string host = create_url(std::nullopt, "AWS_IAM");
  allow_everyone();  // for NONE only
  EXPECT_EQ(fetch(host).head.status, 403);
}

TEST_F(Urls, preflights_do_not_reach_the_function) {
  create();
  wire::Cors cors;
  cors.allow_origins = {"https://a.example"};
  cors.allow_methods = {"GET"};
  std::string host = create_url(cors);
  http::Response preflight =
      fetch(host, "OPTIONS", "/", "", {{"Origin", "https://a.example"}, {"Access-Control-Request-Method", "GET"}});
  EXPECT_EQ(preflight.head.status, 200);
  EXPECT_EQ(preflight.head.headers.get("access-control-allow-origin"), "https://a.example");
  EXPECT_TRUE(event_seen.empty());
  allow_everyone();
  http::Response response = fetch(host, "GET", "/", "", {{"Origin", "https://a.example"}});
  EXPECT_EQ(response.head.headers.get("access-control-allow-origin"), "https://a.example");
}

TEST_F(Urls, functions_that_fail_and_hosts_nobody_has_are_told_apart) {
  create();
  std::string host = create_url();
  allow_everyone();
  answer = R"({"statusCode":7})";
  EXPECT_EQ(fetch(host).head.status, 502);
  EXPECT_EQ(fetch("nobody.lambda-url.us-east-1.localhost").head.status, 404);
  ASSERT_TRUE(lambda->delete_url(call(), {"f", {}}));
  EXPECT_EQ(fetch(host).head.status, 404);
  EXPECT_EQ(lambda->get_url(call(), {"f", {}}).error().http_status, 404);
}

TEST_F(World, permissions_have_revisions_and_unique_ids) {
  create();
  wire::AddPermissionRequest add{
      .function_name = "f", .statement_id = "s", .action = "lambda:InvokeFunction", .principal = "secretsmanager.amazonaws.com"};
  EXPECT_EQ(lambda->get_policy(call(), {"f", {}}).error().http_status, 404);
  ASSERT_TRUE(lambda->add_permission(call(), add));
  EXPECT_EQ(lambda->add_permission(call(), add).error().code, "ResourceConflictException");
  auto policy = lambda->get_policy(call(), {"f", {}});
  EXPECT_NE(policy->policy.find(R"("Principal":{"Service":"secretsmanager.amazonaws.com"})"), std::string::npos) << policy->policy;
  EXPECT_EQ(
      lambda->remove_permission(call(), {.function_name = "f", .statement_id = "s", .revision_id = "stale"}).error().http_status,
      412);
  EXPECT_EQ(lambda->remove_permission(call(), {.function_name = "f", .statement_id = "t"}).error().http_status, 404);
  ASSERT_TRUE(lambda->remove_permission(call(), {.function_name = "f", .statement_id = "s", .revision_id = policy->revision_id}));
  EXPECT_EQ(lambda->get_policy(call(), {"f", {}}).error().http_status, 404);
}

// ---- answers that stream ----

struct Speech {
  std::vector<std::string> pieces;
  bool cut = false;  // no end
  http::Headers trailers{};
  io::Event go_on;   // after the first piece
};

class Streams : public Urls {
 protected:
  Speech speech{.pieces = {std::string(R"({"statusCode":201,"headers":{"x-a":"b"}})") + std::string(8, '\0') + "one", "two"}};

  Streams() {
    handler = [this](Machine&, http::Client& client, std::string id, std::string) { return speak(client, id, &speech); };
  }
  static io::Task<void> speak(http::Client& client, std::string id, Speech* speech) {
    http::Request post = runtime_request("POST", "invocation/" + id + "/response", "");
    post.head.headers.add("Content-Type", prelude_content_type);
    post.head.headers.add("Lambda-Runtime-Function-Response-Mode", "streaming");
    auto exchange = co_await client.begin(post.head, http::RequestBody::chunked);
    for (size_t i = 0; i < speech->pieces.size(); ++i) {
      if (i == 1) co_await speech->go_on.wait();
      [[maybe_unused]] auto sent = co_await (*exchange)->write(speech->pieces[i]);
    }
    if (speech->cut) co_return (*exchange)->cut();
    [[maybe_unused]] auto finished = co_await (*exchange)->finish(&speech->trailers);
    [[maybe_unused]] auto receipt = co_await (*exchange)->response();
  }
  std::string create_stream() {
    create();
    allow_everyone();
    auto made = lambda->create_url(call(), {.function_name = "f", .auth_type = "NONE", .invoke_mode = "RESPONSE_STREAM"});
    EXPECT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->invoke_mode, "RESPONSE_STREAM");
    return made->function_url.substr(7, made->function_url.find(':', 7) - 7);
  }
  // The status, what came before the function was let go on, and all; "cut" where there was no end.
  struct Heard {
    int status = 0;
    std::string field, first, all;
  };
  io::Task<Heard> listen(std::string host) {
    http::Client client(loop, std::make_shared<StreamConnector>(loop, server));
    http::RequestHead head{.method = "GET", .target = "/"};
    head.headers.add("Host", host);
    auto exchange = co_await client.begin(head, http::RequestBody::none);
    auto response = co_await (*exchange)->response();
    Heard heard{.status = (*response)->status, .field = (*response)->headers.get("x-a")};
    while (true) {
      auto piece = co_await (*exchange)->body().read();
      if (!piece) heard.all += "cut";
      if (!piece || piece->empty()) co_return heard;
      heard.all += *piece;
      if (heard.first.empty()) heard.first = heard.all;
      speech.go_on.set();
    }
  }
};

TEST_F(Streams, pieces_reach_the_caller_while_the_function_still_speaks) {
  Heard heard = await(listen(create_stream()));
  EXPECT_EQ(heard.status, 201);
  EXPECT_EQ(heard.field, "b");
  EXPECT_EQ(heard.first, "one");
  EXPECT_EQ(heard.all, "onetwo");
}

TEST_F(Streams, a_function_that_breaks_off_breaks_off_the_answer) {
  speech.cut = true;
  EXPECT_EQ(await(listen(create_stream())).all, "onetwocut");
}

TEST_F(Streams, a_function_that_says_at_the_end_that_it_failed_breaks_off_the_answer) {
  speech.trailers.add("Lambda-Runtime-Function-Error-Type", "Function.AnswerCut");
  speech.trailers.add("Lambda-Runtime-Function-Error-Body", to_base64(R"({"errorMessage":"too late","errorType":"Function.AnswerCut"})"));
  EXPECT_EQ(await(listen(create_stream())).all, "onetwocut");
}

TEST_F(Streams, a_prelude_in_two_pieces_is_put_together_and_a_broken_one_is_502) {
  std::string host = create_stream();
  speech.go_on.set();
  speech.pieces = {R"({"statusCode":2)", std::string("02}") + std::string(8, '\0') + "x"};
  Heard heard = await(listen(host));
  EXPECT_EQ(heard.status, 202);
  EXPECT_EQ(heard.all, "x");
  speech.pieces = {"{"};
  EXPECT_EQ(await(listen(host)).status, 502);
}

TEST_F(Streams, an_answer_in_one_piece_is_the_body_as_it_is) {
  std::string host = create_stream();
  handler = [this](Machine&, http::Client& client, std::string id, std::string event) { return reply_with(client, id, event, &event_seen, &answer); };
  Heard heard = await(listen(host));
  EXPECT_EQ(heard.status, 200);
  EXPECT_EQ(heard.all, answer);
}

TEST_F(Streams, the_mode_can_be_changed_and_is_checked) {
  create_stream();
  EXPECT_EQ(lambda->update_url(call(), {.function_name = "f", .invoke_mode = "BUFFERED"})->invoke_mode, "BUFFERED");
  EXPECT_EQ(lambda->update_url(call(), {.function_name = "f"})->invoke_mode, "BUFFERED");
  EXPECT_EQ(lambda->update_url(call(), {.function_name = "f", .invoke_mode = "LOUD"}).error().code, "ValidationException");
}

}  // namespace
}  // namespace pds::cloud::lambda
