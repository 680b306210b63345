// A role by a token that the environment names.
#include "aws/test_credentials.h"

namespace pds::aws {
namespace {

struct WebIdentityTest : CredentialsTest {
  WebIdentityTest() {
    variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder + "/token";
    variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/web";
    variables["AWS_ENDPOINT_URL_STS"] = endpoint.url;
    variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:1";
    write("token", "jwt-1\n");
  }
};

TEST_F(WebIdentityTest, the_token_is_given_to_sts_unsigned_and_read_anew_each_time) {
  variables["AWS_ROLE_SESSION_NAME"] = "pod";
  Result<Credentials> credentials = find();
  ASSERT_TRUE(credentials.has_value()) << credentials.error().message;
  EXPECT_EQ(credentials->access_key_id, "ASIAROLE");
  EXPECT_EQ(credentials->session_token, "token");
  EXPECT_EQ(to_iso8601(*credentials->expires), "2099-01-01T00:00:00Z");
  EXPECT_EQ(endpoint.authorization, "");
  const std::string form = "Action=AssumeRoleWithWebIdentity\nVersion=2011-06-15\nRoleArn=arn:aws:iam::123456789012:role/web\nRoleSessionName=pod\nWebIdentityToken=";
  write("token", "jwt-2\n");
  EXPECT_EQ(found(), "ASIAROLE");
  EXPECT_EQ(endpoint.asked, (std::vector<std::string>{form + "jwt-1", form + "jwt-2"}));
}

TEST_F(WebIdentityTest, without_a_name_the_session_has_one_of_ours) {
  EXPECT_EQ(found(), "ASIAROLE");
  EXPECT_NE(endpoint.asked[0].find("RoleSessionName=pds-session-1"), std::string::npos) << endpoint.asked[0];
}

TEST_F(WebIdentityTest, refusals_are_stss_own_and_say_nothing_of_the_token) {
  endpoint.sts_refusal = "InvalidIdentityToken";
  EXPECT_EQ(found(), "InvalidIdentityToken assume the role arn:aws:iam::123456789012:role/web: no");
  EXPECT_EQ(endpoint.asked.size(), 1u);
  endpoint.sts_refusal.clear();
  endpoint.role_keys.clear();
  expect_said("STS answered without keys");
  variables["AWS_ROLE_ARN"] = "";
  expect_said("AWS_ROLE_ARN is not");
  variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/web";
  variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder + "/absent";
  EXPECT_NE(found().find("/absent"), std::string::npos) << "the container's and the instance's keys are not what was asked for";
}

}  // namespace
}  // namespace pds::aws
