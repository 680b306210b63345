// Secrets Manager as podinfo asks it: where, and how long it waits.
#include "podinfo/aws_secret.h"

#include <gtest/gtest.h>

#include "http/server.h"

namespace pds::podinfo {
namespace {

// Remembers whose region the request was signed for.
struct FakeManager final : http::Service {
  io::Loop& loop;
  http::Server server{loop, *this};
  aws::ClientConfig config;
  bool is_silent = false;
  std::string authorization;

  explicit FakeManager(io::Loop& l) : loop(l) {
    auto listener = *io::listen_tcp(loop, "127.0.0.1", 0);
    config.endpoint_url = "http://127.0.0.1:" + std::to_string(listener->port());
    config.credentials = aws::static_credentials({"AKID", "key", "", std::nullopt});
    server.listen(std::move(listener));
  }
  io::Task<void> serve(http::ServerRequest& request, http::Responder& responder) override {
    authorization = request.head.headers.find("Authorization").value_or("");
    if (is_silent) co_await loop.sleep_for(60s);
    http::Response response = http::Response::json(200, R"({"Name":"db","VersionId":"v1","SecretString":"hunter2"})");
    [[maybe_unused]] auto sent = co_await responder.send(response.head, response.body);
  }
};

struct AwsSecretTest : testing::Test {
  io::Loop loop;
  FakeManager manager{loop};

  Result<Secret> fetch(const std::string& secret_id, SecretPatience patience = {}) {
    AwsSecretSource source(loop, manager.config, secret_id, patience);
    return io::run_until_done(loop, source.fetch(secret_id));
  }
};

TEST_F(AwsSecretTest, AnArnSaysItsRegionAndANameDoesNot) {
  manager.config.region = "us-west-2";
  EXPECT_EQ(fetch("db")->version_id, "v1");
  EXPECT_NE(manager.authorization.find("/us-west-2/secretsmanager/"), std::string::npos) << manager.authorization;
  EXPECT_EQ(fetch("arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf")->version_id, "v1");
  EXPECT_NE(manager.authorization.find("/eu-west-1/secretsmanager/"), std::string::npos) << manager.authorization;
  manager.config.endpoint_url.clear();
  Result<Secret> nowhere = fetch("arn:aws:secretsmanager:evil.example/:123456789012:secret:db");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, "E_REGION") << nowhere.error().message;
}

TEST_F(AwsSecretTest, AnEndpointThatNeverAnswersIsGivenUp) {
  manager.is_silent = true;
  MonoTime begin = std::chrono::steady_clock::now();
  EXPECT_EQ(fetch("db", {.look = 50ms}).error().code, "E_TIMEOUT");
  manager.config.attempts_max = 1;
  EXPECT_EQ(fetch("db", {.answer = 50ms}).error().code, "E_TIMEOUT");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

}  // namespace
}  // namespace pds::podinfo
