#include "cloud/services/s3/bucket_policy.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

namespace pds::cloud::s3 {
namespace {

constexpr std::string_view account = "000000000000";

std::string statement(const std::string& principal, const std::string& more = "", const std::string& effect = "Allow",
                      const std::string& resource = "arn:aws:s3:::logs/web/AWSLogs/*") {
  return fmt::format(R"({{"Effect":"{}","Principal":{},"Action":"s3:PutObject","Resource":"{}"{}}})", effect, principal, resource, more);
}
std::string policy(const std::string& statements) { return R"({"Version":"2012-10-17","Statement":[)" + statements + "]}"; }

const std::string by_name = R"({"Service":"logdelivery.elasticloadbalancing.amazonaws.com"})";
const std::string by_account = R"({"AWS":"arn:aws:iam::127311923021:root"})";

bool allows(const std::string& text, const std::string& key = "web/AWSLogs/000000000000/file.gz") {
  Result<Policy> parsed = parse_bucket_policy(text, "logs", account);
  EXPECT_TRUE(parsed) << parsed.error().message;
  Delivery delivery{.bucket = "logs", .key = key, .service_principal = "logdelivery.elasticloadbalancing.amazonaws.com",
                    .account = "127311923021", .source_arn = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/app/web/1"};
  return parsed && allows_delivery(*parsed, delivery, std::string(account));
}

TEST(BucketPolicy, lets_a_service_deliver_by_its_name_or_by_its_account) {
  EXPECT_TRUE(allows(policy(statement(by_name))));
  EXPECT_TRUE(allows(policy(statement(by_account))));
  EXPECT_FALSE(allows(policy(statement(by_name)), "elsewhere/AWSLogs/file.gz"));
  EXPECT_FALSE(allows(policy(statement(R"({"Service":"delivery.logs.amazonaws.com"})"))));
  EXPECT_FALSE(allows(policy(statement(by_name) + "," + statement(by_account, "", "Deny"))));
  auto where = [](const char* arn) { return fmt::format(R"(,"Condition":{{"ArnLike":{{"aws:SourceArn":"{}"}}}})", arn); };
  EXPECT_TRUE(allows(policy(statement(by_name, where("arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/*")))));
  EXPECT_FALSE(allows(policy(statement(by_name, where("arn:aws:elasticloadbalancing:us-east-1:111111111111:loadbalancer/*")))));
}

TEST(BucketPolicy, what_would_not_be_heeded_is_refused) {
  auto code = [](const std::string& text) {
    Result<Policy> parsed = parse_bucket_policy(text, "logs", account);
    return parsed ? "accepted" : parsed.error().code;
  };
  EXPECT_EQ(code(policy(statement(R"("*")"))), "NotImplemented");
  EXPECT_EQ(code(policy(statement(R"({"AWS":"arn:aws:iam::000000000000:user/ann"})"))), "NotImplemented");
  EXPECT_EQ(code(policy(statement(by_name, "", "Allow", "arn:aws:s3:::other/*"))), "MalformedPolicy");
  EXPECT_EQ(code(policy(statement(by_name, R"(,"Condition":{"StringEquals":{"s3:x-amz-acl":"private"}})"))), "MalformedPolicy");
  EXPECT_EQ(code("{"), "MalformedPolicy");
  EXPECT_EQ(code(policy(statement(by_name)) + std::string(bucket_policy_bytes_max, ' ')), "MalformedPolicy");
}

}  // namespace
}  // namespace pds::cloud::s3
