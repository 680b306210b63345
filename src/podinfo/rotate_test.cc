#include "podinfo/rotate.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "http/server.h"
#include "podinfo/aws_secret.h"

namespace pds::podinfo {
namespace {

// Just enough of Secrets Manager's wire to hold one secret with two versions.
struct FakeSecretsManager {
  std::map<std::string, std::string> values{{"v-current", R"({"user":"podinfo","password":"old"})"}};
  std::map<std::string, std::vector<std::string>> stages{{"v-current", {"AWSCURRENT"}}};
  bool rotation_enabled = true;
  std::vector<std::string> calls;

  static io::Task<http::Response> answer(FakeSecretsManager& self, http::Request request) {
    std::string target = request.head.headers.get("x-amz-target");
    std::string operation = target.substr(target.find('.') + 1);
    json::object in = parse_json(request.body)->as_object();
    self.calls.push_back(operation);
    if (operation == "DescribeSecret") co_return self.describe();
    if (operation == "GetSecretValue") co_return self.get(in);
    if (operation == "PutSecretValue") co_return self.put(in);
    if (operation == "UpdateSecretVersionStage") co_return self.move(in);
    co_return http::Response::json(200, R"({"RandomPassword":"brandnew"})");
  }
  http::Response describe() {
    json::object versions;
    for (auto& [id, labels] : stages) {
      json::array list;
      for (auto& label : labels) list.emplace_back(label);
      versions[id] = std::move(list);
    }
    return http::Response::json(
        200,
        to_text(json::object{{"Name", "db"}, {"RotationEnabled", rotation_enabled}, {"VersionIdsToStages", std::move(versions)}}));
  }
  http::Response get(const json::object& in) {
    std::string stage = get_string(in, "VersionStage", "AWSCURRENT"), wanted = get_string(in, "VersionId");
    for (auto& [id, labels] : stages) {
      if (!wanted.empty() && id != wanted) continue;
      if (std::find(labels.begin(), labels.end(), stage) == labels.end() || !values.contains(id)) continue;
      return http::Response::json(
          200, to_text(json::object{{"Name", "db"}, {"ARN", "arn:db"}, {"VersionId", id}, {"SecretString", values[id]}}));
    }
    return http::Response::json(400, R"({"__type":"ResourceNotFoundException","Message":"no such version"})");
  }
  http::Response put(const json::object& in) {
    std::string id = get_string(in, "ClientRequestToken");
    values[id] = get_string(in, "SecretString");
    stages[id] = {std::string(get_array(in, "VersionStages")->at(0).as_string())};
    return http::Response::json(200, to_text(json::object{{"VersionId", id}}));
  }
  http::Response move(const json::object& in) {
    stages[get_string(in, "RemoveFromVersionId")] = {"AWSPREVIOUS"};
    stages[get_string(in, "MoveToVersionId")] = {"AWSCURRENT"};
    return http::Response::json(200, R"({"Name":"db"})");
  }
};

constexpr const char* token = "0123456789abcdef0123456789abcdef";

struct RotateTest : testing::Test {
  io::Loop loop;
  FakeSecretsManager manager;
  http::BufferedService::Handler handler = [this](http::Request request) {
    return FakeSecretsManager::answer(manager, std::move(request));
  };
  http::BufferedService service{handler};
  http::Server server{loop, service};
  std::vector<std::string> log;
  Logger logger{[this](std::string_view line) { log.emplace_back(line); }, LogLevel::debug};
  std::unique_ptr<aws::Client> client;

  void SetUp() override {
    auto listener = *io::listen_tcp(loop, "127.0.0.1", 0);
    aws::ClientConfig config;
    config.endpoint_url = "http://127.0.0.1:" + std::to_string(listener->port());
    config.credentials = aws::static_credentials({"AKID", "key", "", std::nullopt});
    client = std::make_unique<aws::Client>(loop, config);
    server.listen(std::move(listener));
  }
  std::string step(const std::string& name, const std::string& version = token) {
    Rotator rotator(*client, logger);
    Invocation invocation{"id-1", to_text(json::object{{"Step", name}, {"SecretId", "db"}, {"ClientRequestToken", version}}), "",
                          ""};
    Result<std::string> outcome = io::run_until_done(loop, rotator.handle(invocation));
    return outcome ? *outcome : outcome.error().code;
  }
};

TEST_F(RotateTest, ReplacesThePasswordInFourSteps) {
  for (std::string name : {"createSecret", "setSecret", "testSecret", "finishSecret"}) EXPECT_EQ(step(name), "null") << name;
  EXPECT_EQ(manager.values[token], R"({"user":"podinfo","password":"brandnew"})");
  EXPECT_EQ(manager.stages[token], std::vector<std::string>{"AWSCURRENT"});
  EXPECT_EQ(manager.stages["v-current"], std::vector<std::string>{"AWSPREVIOUS"});
  for (const std::string& line : log) {
    EXPECT_EQ(line.find("brandnew"), std::string::npos) << line;
    EXPECT_EQ(line.find("old\""), std::string::npos) << line;
  }
}

TEST_F(RotateTest, EveryStepMayBeCalledTwice) {
  for (std::string name :
       {"createSecret", "createSecret", "setSecret", "setSecret", "testSecret", "testSecret", "finishSecret", "finishSecret"}) {
    EXPECT_EQ(step(name), "null") << name;
  }
  EXPECT_EQ(std::count(manager.calls.begin(), manager.calls.end(), "PutSecretValue"), 1);
  EXPECT_EQ(std::count(manager.calls.begin(), manager.calls.end(), "UpdateSecretVersionStage"), 1);
}

TEST_F(RotateTest, RefusesWhatIsNotARotation) {
  EXPECT_EQ(step("testSecret"), "InvalidRequestException");  // no such version
  EXPECT_EQ(step("dropSecret"), "InvalidRequestException");
  manager.stages[token] = {"OTHER"};
  EXPECT_EQ(step("createSecret"), "InvalidRequestException");
  manager.stages.erase(token);
  manager.rotation_enabled = false;
  EXPECT_EQ(step("createSecret"), "InvalidRequestException");
  EXPECT_EQ(manager.stages["v-current"], std::vector<std::string>{"AWSCURRENT"});
}

TEST_F(RotateTest, APendingValueMustBeUsableAndMayBeACopyOfTheCurrentOne) {
  manager.stages[token] = {"AWSPENDING"};
  manager.values[token] = manager.values["v-current"];   // as when a schedule is tried without rotating
  EXPECT_EQ(step("testSecret"), "null");
  manager.values[token] = R"({"user":"podinfo"})";
  EXPECT_EQ(step("setSecret"), "InvalidRequestException");
  EXPECT_EQ(step("testSecret"), "InvalidRequestException");
}

TEST_F(RotateTest, PodinfoLoadsTheCurrentVersionOverTheWire) {
  AwsSecretSource source(loop, client->config(), "db");
  Result<Secret> secret = io::run_until_done(loop, source.fetch("db"));
  ASSERT_TRUE(secret) << secret.error().message;
  EXPECT_EQ(secret->version_id, "v-current");
  EXPECT_EQ(secret->arn, "arn:db");
  EXPECT_NE(secret->value.find("old"), std::string::npos);
}

}  // namespace
}  // namespace pds::podinfo
