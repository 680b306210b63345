#include "cloud/policy.h"

#include <gtest/gtest.h>

namespace pds::cloud {
namespace {

Policy identity(const std::string& text) {
  Result<Policy> policy = parse_policy(text, PolicyKind::identity);
  EXPECT_TRUE(policy.has_value()) << (policy ? "" : policy.error().message);
  return policy.value_or(Policy{});
}

AccessRequest ask(std::string action, std::string resource = "*") {
  AccessRequest request;
  request.action = std::move(action), request.resource = std::move(resource), request.account = "000000000000";
  request.principal_arn = "arn:aws:iam::000000000000:user/ann";
  request.context = {{"aws:username", {"ann"}},
                     {"aws:sourceip", {"10.1.2.3"}},
                     {"aws:currenttime", {"2026-11-23T10:00:00Z"}},
                     {"aws:epochtime", {"1795428000"}},
                     {"aws:securetransport", {"false"}}};
  return request;
}

std::string with_condition(const std::string& condition) {
  return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":)" + condition + "}}";
}

TEST(Policy, an_explicit_deny_wins_over_any_allow) {
  Policy policy = identity(R"({"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"},
    {"Effect":"Deny","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::keep/*"}]})");
  EXPECT_EQ(evaluate(policy, ask("s3:GetObject", "arn:aws:s3:::keep/a")), Decision::allow);
  EXPECT_EQ(evaluate(policy, ask("s3:DeleteObject", "arn:aws:s3:::keep/a")), Decision::deny);
  EXPECT_EQ(evaluate(policy, ask("s3:DeleteObject", "arn:aws:s3:::other/a")), Decision::allow);
  EXPECT_EQ(evaluate(policy, ask("sqs:SendMessage")), Decision::none);
}

TEST(Policy, actions_compare_without_case_and_resources_with_it) {
  Policy policy = identity(R"({"Statement":{"Effect":"Allow","Action":"S3:get*","Resource":"arn:aws:s3:::Bucket/*"}})");
  EXPECT_EQ(evaluate(policy, ask("s3:GetObject", "arn:aws:s3:::Bucket/x")), Decision::allow);
  EXPECT_EQ(evaluate(policy, ask("s3:GetObject", "arn:aws:s3:::bucket/x")), Decision::none);
}

TEST(Policy, not_action_and_not_resource_are_the_complement) {
  Policy policy = identity(R"({"Statement":{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::secret/*"}})");
  EXPECT_EQ(evaluate(policy, ask("iam:CreateUser", "x")), Decision::none);
  EXPECT_EQ(evaluate(policy, ask("s3:GetObject", "arn:aws:s3:::secret/x")), Decision::none);
  EXPECT_EQ(evaluate(policy, ask("s3:GetObject", "arn:aws:s3:::open/x")), Decision::allow);
}

TEST(Policy, conditions_hold_or_not) {
  struct Row {
    const char* condition;
    Decision decision;
  };
  const Row rows[] = {
      {R"({"StringEquals":{"aws:username":"ann"}})", Decision::allow},
      {R"({"StringEquals":{"aws:username":["bob","ann"]}})", Decision::allow},
      {R"({"StringNotEquals":{"aws:username":"ann"}})", Decision::none},
      {R"({"StringLike":{"aws:username":"a*"}})", Decision::allow},
      {R"({"StringNotLike":{"aws:username":["b*","a*"]}})", Decision::none},
      {R"({"StringEquals":{"sts:ExternalId":"x"}})", Decision::none},
      {R"({"StringEqualsIfExists":{"sts:ExternalId":"x"}})", Decision::allow},
      {R"({"StringNotEquals":{"sts:ExternalId":"x"}})", Decision::allow},
      {R"({"Null":{"sts:ExternalId":"true"}})", Decision::allow},
      {R"({"Null":{"aws:username":true}})", Decision::none},
      {R"({"Bool":{"aws:SecureTransport":"false"}})", Decision::allow},
      {R"({"IpAddress":{"aws:SourceIp":"10.1.0.0/16"}})", Decision::allow},
      {R"({"NotIpAddress":{"aws:SourceIp":["10.2.0.0/16","192.168.0.1"]}})", Decision::allow},
      {R"({"IpAddress":{"aws:SourceIp":"0.0.0.0/0"}})", Decision::allow},
      {R"({"DateLessThan":{"aws:CurrentTime":"2026-11-23T10:00:01Z"}})", Decision::allow},
      {R"({"DateGreaterThanEquals":{"aws:CurrentTime":"2026-11-23T10:00:01Z"}})", Decision::none},
      {R"({"NumericGreaterThan":{"aws:EpochTime":"1795427999"}})", Decision::allow},
      {R"({"NumericNotEquals":{"aws:EpochTime":1795428000}})", Decision::none},
      {R"({"ForAllValues:StringEquals":{"sts:ExternalId":"x"}})", Decision::allow},
      {R"({"ForAnyValue:StringEquals":{"sts:ExternalId":"x"}})", Decision::none},
      {R"({"ForAnyValue:StringLike":{"aws:username":["x","an?"]}})", Decision::allow},
      {R"({"StringEquals":{"aws:username":"ann"},"Bool":{"aws:SecureTransport":"true"}})", Decision::none},
      {R"({"StringEquals":{"aws:username":"${aws:username}"}})", Decision::allow},
  };
  for (const Row& row : rows)
    EXPECT_EQ(evaluate(identity(with_condition(row.condition)), ask("a:B")), row.decision) << row.condition;
}

TEST(Policy, arn_conditions_match_part_by_part) {
  Policy policy = identity(with_condition(R"({"ArnLike":{"aws:SourceArn":"arn:aws:lambda:*:000000000000:function:pod*"}})"));
  AccessRequest request = ask("a:B");
  request.context["aws:sourcearn"] = {"arn:aws:lambda:us-east-1:000000000000:function:podinfo"};
  EXPECT_EQ(evaluate(policy, request), Decision::allow);
  // A wildcard of the region does not swallow the account.
  request.context["aws:sourcearn"] = {"arn:aws:lambda:us-east-1:111111111111:x:000000000000:function:podinfo"};
  EXPECT_EQ(evaluate(policy, request), Decision::none);
}

TEST(Policy, a_variable_stands_for_its_value_and_never_for_a_wildcard) {
  Policy policy = identity(
      R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::home/${aws:username}/*"}})");
  AccessRequest request = ask("s3:GetObject", "arn:aws:s3:::home/ann/x");
  EXPECT_EQ(evaluate(policy, request), Decision::allow);
  request.context["aws:username"] = {"*"};
  EXPECT_EQ(evaluate(policy, request), Decision::none);
  request.context.erase("aws:username");
  EXPECT_EQ(evaluate(policy, request), Decision::none);
}

TEST(Policy, a_trust_policy_names_services_accounts_and_sessions) {
  Policy policy =
      *parse_policy(R"({"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}},
    {"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":["000000000000","arn:aws:iam::000000000000:role/ci"]}}]})",
                    PolicyKind::trust);
  AccessRequest request;
  request.action = "sts:AssumeRole", request.service = "ec2.amazonaws.com";
  EXPECT_EQ(evaluate(policy, request), Decision::allow);
  request.service = "lambda.amazonaws.com";
  EXPECT_EQ(evaluate(policy, request), Decision::none);
  AccessRequest user = ask("sts:AssumeRole");
  EXPECT_EQ(evaluate(policy, user), Decision::allow);
  EXPECT_FALSE(names_principal(policy, user));
  user.principal_arn = "arn:aws:sts::000000000000:assumed-role/ci/build",
  user.principal_role_arn = "arn:aws:iam::000000000000:role/ci";
  EXPECT_TRUE(names_principal(policy, user));
  user.account = "111111111111", user.principal_role_arn = "";
  EXPECT_EQ(evaluate(policy, user), Decision::none);
}

TEST(Policy, what_cannot_be_evaluated_is_refused_when_it_is_read) {
  const char* rows[] = {
      "",
      "[]",
      "{}",
      R"({"Statement":[]})",
      R"({"Version":"2020-01-01","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}})",
      R"({"Statement":{"Effect":"Maybe","Action":"*","Resource":"*"}})",
      R"({"Statement":{"Effect":"Allow","Resource":"*"}})",
      R"({"Statement":{"Effect":"Allow","Action":"*"}})",
      R"({"Statement":{"Effect":"Allow","Action":"GetObject","Resource":"*"}})",
      R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"bucket"}})",
      R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}})",
      R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Color":"blue"}})",
      R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringResembles":{"aws:username":"a"}}}})",
      R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}}})",
      R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/40"}}}})",
      R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"DateEquals":{"aws:CurrentTime":"soon"}}}})",
      R"({"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${saml:sub}"}})",
      R"({"Statement":[{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Allow","Action":"*","Resource":"*"}]})",
  };
  for (const char* row : rows) {
    Result<Policy> policy = parse_policy(row, PolicyKind::identity);
    ASSERT_FALSE(policy.has_value()) << row;
    EXPECT_EQ(policy.error().code, "MalformedPolicyDocument") << row;
  }
}

}  // namespace
}  // namespace pds::cloud
