#include "podinfo/hook.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "http/server.h"

namespace pds::podinfo {
namespace {

// Lambda and CodeDeploy behind one endpoint, as far as a hook sees them.
struct FakeCloud {
  std::string appspec;
  int function_status = 200;
  bool function_fails = false;
  std::vector<std::string> invoked;  // target of the Invoke request
  std::string verdict;

  static io::Task<http::Response> answer(FakeCloud& self, http::Request request) {
    std::string target = request.head.headers.get("x-amz-target");
    if (target.empty()) {
      self.invoked.push_back(request.head.target);
      http::Response response =
          http::Response::json(200, to_text(json::object{{"statusCode", self.function_status}, {"body", ""}}));
      if (self.function_fails) response.head.headers.add("X-Amz-Function-Error", "Unhandled");
      co_return response;
    }
    if (target == "CodeDeploy_20141006.GetDeployment") {
      json::object revision{{"revisionType", "AppSpecContent"}, {"appSpecContent", json::object{{"content", self.appspec}}}};
      co_return http::Response::json(
          200, to_text(json::object{{"deploymentInfo", json::object{{"deploymentId", "d-1"}, {"revision", std::move(revision)}}}}));
    }
    self.verdict = get_string(parse_json(request.body)->as_object(), "status");
    co_return http::Response::json(200, R"({"lifecycleEventHookExecutionId":"h-1"})");
  }
};

struct HookTest : testing::Test {
  io::Loop loop;
  FakeCloud cloud;
  http::BufferedService::Handler handler = [this](http::Request request) { return FakeCloud::answer(cloud, std::move(request)); };
  http::BufferedService service{handler};
  http::Server server{loop, service};
  std::unique_ptr<aws::Client> client;
  Logger logger = silent_logger();

  void SetUp() override {
    auto listener = *io::listen_tcp(loop, "127.0.0.1", 0);
    aws::ClientConfig config;
    config.endpoint_url = "http://127.0.0.1:" + std::to_string(listener->port());
    config.credentials = aws::static_credentials({"AKID", "key", "", std::nullopt});
    config.attempts_max = 1;
    client = std::make_unique<aws::Client>(loop, config);
    server.listen(std::move(listener));
  }
  std::string run(const std::string& target,
                  const std::string& event = R"({"DeploymentId":"d-1","LifecycleEventHookExecutionId":"h-1"})") {
    Hook hook(*client, logger, target);
    Result<std::string> outcome = io::run_until_done(loop, hook.handle({"id", event, "", ""}));
    return outcome ? *outcome : outcome.error().code;
  }
};

TEST_F(HookTest, AsksTheVersionItWasToldAbout) {
  EXPECT_EQ(run("podinfo:7"), R"({"status":"Succeeded"})");
  EXPECT_EQ(cloud.verdict, "Succeeded");
  ASSERT_EQ(cloud.invoked.size(), 2u);
  EXPECT_EQ(cloud.invoked[0], "/2015-03-31/functions/podinfo/invocations?Qualifier=7");
}

TEST_F(HookTest, FindsTheVersionInTheAppSpec) {
  cloud.appspec =
      R"({"version":0.0,"Resources":[{"f":{"Type":"AWS::Lambda::Function","Properties":{"Name":"podinfo","Alias":"live","CurrentVersion":"1","TargetVersion":"2"}}}]})";
  EXPECT_EQ(run(""), R"({"status":"Succeeded"})");
  EXPECT_EQ(cloud.invoked.at(0), "/2015-03-31/functions/podinfo/invocations?Qualifier=2");
}

TEST_F(HookTest, ReportsEveryFailureSoThatNoDeploymentWaits) {
  cloud.function_status = 503;
  EXPECT_EQ(run("podinfo:7"), R"({"status":"Failed"})");
  EXPECT_EQ(cloud.verdict, "Failed");
  cloud.function_status = 200;
  cloud.function_fails = true;
  EXPECT_EQ(run("podinfo:7"), R"({"status":"Failed"})");
  cloud.function_fails = false;
  cloud.appspec = "{}";
  EXPECT_EQ(run(""), R"({"status":"Failed"})");
  EXPECT_EQ(cloud.verdict, "Failed");
}

TEST_F(HookTest, RefusesAnEventThatIsNotAHooks) {
  EXPECT_EQ(run("podinfo:7", "{}"), "InvalidEvent");
  EXPECT_EQ(run("podinfo:7", "[]"), "InvalidEvent");
  EXPECT_EQ(cloud.verdict, "");
}

TEST(AppSpec, NamesItsTargetInJsonAndInYaml) {
  auto yaml = target_of_appspec(
      "version: 0.0\nResources:\n  - f:\n      Type: AWS::Lambda::Function\n      Properties:\n        Name: \"podinfo\"\n"
      "        Alias: live\n        CurrentVersion: '1'\n        TargetVersion: '12'\nHooks:\n  - BeforeAllowTraffic: x\n");
  ASSERT_TRUE(yaml);
  EXPECT_EQ(yaml->function, "podinfo");
  EXPECT_EQ(yaml->qualifier, "12");
  EXPECT_FALSE(target_of_appspec(""));
  EXPECT_FALSE(target_of_appspec("{}"));
  EXPECT_FALSE(target_of_appspec("TargetVersion: 1\n"));
}

}  // namespace
}  // namespace pds::podinfo
