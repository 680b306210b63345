// The wire: rest-json requests through the cloud's front door, with real paths, headers and bodies.
#include "aws/sigv4.h"
#include "base/json.h"
#include "base/text.h"
#include "cloud/dispatcher.h"
#include "cloud/services/lambda/test_world.h"
#include "http/server.h"

namespace pds::cloud::lambda {
namespace {

using namespace test;

class Wire : public World {
 protected:
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

  std::vector<Api> apis;
  std::unique_ptr<Dispatcher> dispatcher;
  std::unique_ptr<http::Server> server;

  Wire() {
    dispatcher = std::make_unique<Dispatcher>(loop, random, *store, log, Dispatcher::Options{.permissive = true});
    apis.push_back(lambda->api());
    dispatcher->set_regions([this](const std::string&) -> Result<const std::vector<Api>*> { return &apis; });
    server = std::make_unique<http::Server>(loop, *dispatcher);
  }
  ~Wire() override {
    server.reset();
    dispatcher.reset();
  }
  http::Response ask(std::string method, std::string target, std::string body = "",
                     std::vector<std::pair<std::string, std::string>> headers = {}) {
    http::Client client(loop, std::make_shared<StreamConnector>(loop, *server));
    http::Request request;
    request.head.method = std::move(method);
    request.head.target = std::move(target);
    request.head.headers.add("Host", "127.0.0.1:4566");
    if (!body.empty()) request.head.headers.add("Content-Type", "application/json");
    for (const auto& [name, value] : headers) request.head.headers.add(name, value);
    request.body = std::move(body);
    aws::sign(request.head, request.body, {"AK", "SK", "", {}}, {"us-east-1", "lambda"}, io::SystemClock().now());
    Result<http::Response> response = await(client.send(request));
    EXPECT_TRUE(response) << response.error().message;
    return response ? std::move(*response) : http::Response{};
  }
  json::object document(const http::Response& response) {
    Result<json::value> parsed = parse_json(response.body);
    return parsed && parsed->is_object() ? parsed->as_object() : json::object{};
  }
};

TEST_F(Wire, create_get_invoke_and_delete_as_a_client_sends_them) {
  http::Response made =
      ask("POST", "/2015-03-31/functions",
          std::string(R"({"FunctionName":"f","Role":"arn:aws:iam::000000000000:role/r","PackageType":"Image","Timeout":7,)") +
              R"("Environment":{"Variables":{"COLOR":"b"}},"Tags":{"k":"v"},"Code":{"ImageUri":")" + repository + R"(:1"}})");
  ASSERT_EQ(made.head.status, 201) << made.body;
  EXPECT_EQ(get_string(document(made), "State"), "Pending");
  EXPECT_EQ(get_int(document(made), "Timeout"), 7);
  EXPECT_TRUE(run_until([&] { return state() == "Active"; }));
  http::Response got = ask("GET", "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af");
  ASSERT_EQ(got.head.status, 200) << got.body;
  EXPECT_EQ(get_string(*get_object(document(got), "Configuration"), "State"), "Active");
  EXPECT_EQ(get_string(*get_object(document(got), "Tags"), "k"), "v");

  http::Response answer =
      ask("POST", "/2015-03-31/functions/f/invocations?Qualifier=%24LATEST", R"({"x":1})", {{"X-Amz-Log-Type", "Tail"}});
  EXPECT_EQ(answer.head.status, 200) << answer.body;
  EXPECT_EQ(answer.body, R"({"x":1})");
  EXPECT_EQ(answer.head.headers.get("x-amz-executed-version"), "$LATEST");
  EXPECT_TRUE(from_base64(answer.head.headers.get("x-amz-log-result"))->starts_with("START RequestId: "));
  EXPECT_FALSE(answer.head.headers.find("x-amz-function-error"));
  EXPECT_EQ(ask("POST", "/2015-03-31/functions/f/invocations", "1", {{"X-Amz-Invocation-Type", "Event"}}).head.status, 202);
  EXPECT_EQ(ask("POST", "/2015-03-31/functions/f/invocations", "1", {{"X-Amz-Invocation-Type", "DryRun"}}).head.status, 204);

  EXPECT_EQ(ask("DELETE", "/2015-03-31/functions/f").head.status, 204);
  http::Response gone = ask("GET", "/2015-03-31/functions/f/configuration");
  EXPECT_EQ(gone.head.status, 404);
  EXPECT_NE(gone.body.find("Function not found: arn:aws:lambda:us-east-1:000000000000:function:f"), std::string::npos) << gone.body;
  EXPECT_NE(gone.head.headers.get("x-amzn-errortype").find("ResourceNotFoundException"), std::string::npos);
}

TEST_F(Wire, a_failed_function_is_a_header_and_a_document) {
  create();
  handler = [](Machine& machine, http::Client&, std::string, std::string) -> io::Task<void> {
    machine.exit({.code = 1});
    co_return;
  };
  http::Response answer = ask("POST", "/2015-03-31/functions/f/invocations", "1");
  EXPECT_EQ(answer.head.status, 200);
  EXPECT_EQ(answer.head.headers.get("x-amz-function-error"), "Unhandled");
  EXPECT_EQ(get_string(document(answer), "errorType"), "Runtime.ExitError");
}

TEST_F(Wire, aliases_urls_policies_and_tags_have_their_paths) {
  create();
  publish();
  EXPECT_EQ(ask("POST", "/2015-03-31/functions/f/aliases", R"({"Name":"live","FunctionVersion":"1"})").head.status, 201);
  http::Response shifted =
      ask("PUT", "/2015-03-31/functions/f/aliases/live", R"({"RoutingConfig":{"AdditionalVersionWeights":{"1":0.1}}})");
  EXPECT_EQ(shifted.head.status, 400) << shifted.body;
  EXPECT_EQ(get_int(*get_object(document(ask("GET", "/2016-08-19/account-settings")), "AccountLimit"), "ConcurrentExecutions"),
            1000);
  http::Response url = ask("POST", "/2021-10-31/functions/f/url?Qualifier=live", R"({"AuthType":"NONE"})");
  EXPECT_EQ(url.head.status, 201) << url.body;
  EXPECT_TRUE(get_string(document(url), "FunctionUrl").ends_with(".lambda-url.us-east-1.localhost:4566/"));
  http::Response permission =
      ask("POST", "/2015-03-31/functions/f/policy",
          R"({"StatementId":"s","Action":"lambda:InvokeFunction","Principal":"secretsmanager.amazonaws.com"})");
  EXPECT_EQ(permission.head.status, 201) << permission.body;
  EXPECT_EQ(ask("DELETE", "/2015-03-31/functions/f/policy/s").head.status, 204);
  std::string tags = "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af";
  EXPECT_EQ(ask("POST", tags, R"({"Tags":{"a":"1","b":"2"}})").head.status, 204);
  EXPECT_EQ(ask("DELETE", tags + "?tagKeys=a").head.status, 204);
  EXPECT_EQ(to_text(document(ask("GET", tags))), R"({"Tags":{"b":"2"}})");
  EXPECT_EQ(ask("GET", "/2019-09-25/functions/f/event-invoke-config").head.status, 404);
  EXPECT_EQ(ask("PUT", "/2019-09-25/functions/f/event-invoke-config", R"({"MaximumRetryAttempts":0})").head.status, 200);
  EXPECT_EQ(ask("PUT", "/2017-10-31/functions/f/concurrency", R"({"ReservedConcurrentExecutions":1})").head.status, 501);
  EXPECT_EQ(ask("POST", "/2021-11-15/functions/f/response-streaming-invocations", "1").head.status, 501);
}

}  // namespace
}  // namespace pds::cloud::lambda
