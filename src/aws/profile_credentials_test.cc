// Keys that a profile of the shared files leads to.
#include "aws/test_credentials.h"

namespace pds::aws {
namespace {

struct ProfileTest : CredentialsTest {
  ProfileTest() { variables["AWS_ENDPOINT_URL"] = endpoint.url; }
  std::string found_in(const std::string& profile) {
    variables["AWS_PROFILE"] = profile;
    return found();
  }
};

TEST_F(ProfileTest, keys_are_found_by_either_spelling_of_the_section) {
  write("keys",
        "# comment\n; comment\n[default]\naws_access_key_id=AKIADEFAULT\naws_secret_access_key=a=b\n\n[ prod ]\r\n"
        "AWS_Access_Key_Id = AKIAPROD\r\naws_secret_access_key = s3cret # the old one\r\naws_session_token = t\r\nregion = eu-west-1\r\n"
        "[profile staging]\naws_access_key_id = AKIASTAGING\naws_secret_access_key = s3cret\n");
  variables["AWS_SHARED_CREDENTIALS_FILE"] = "~/keys";
  Result<Credentials> plain = find();
  ASSERT_TRUE(plain.has_value()) << plain.error().message;
  EXPECT_EQ(plain->access_key_id, "AKIADEFAULT");
  EXPECT_EQ(plain->secret_access_key, "a=b") << "only the first '=' separates";
  variables["AWS_PROFILE"] = "prod";
  Result<Credentials> prod = find();
  ASSERT_TRUE(prod.has_value());
  EXPECT_EQ(prod->access_key_id, "AKIAPROD");
  EXPECT_EQ(prod->secret_access_key, "s3cret") << "without the comment and the line's carriage return";
  EXPECT_EQ(prod->session_token, "t");
  EXPECT_EQ(found_in("staging"), "AKIASTAGING");
}

TEST_F(ProfileTest, the_config_file_has_profiles_too_and_the_credentials_file_wins) {
  write(".aws/config", "[default]\naws_access_key_id = AKIACONFIG\naws_secret_access_key = s3cret\n[profile b]\naws_access_key_id = AKIAB\n"
                       "aws_secret_access_key = s3cret\n[c]\naws_access_key_id = AKIAC\naws_secret_access_key = s3cret\n");
  EXPECT_EQ(found(), "AKIACONFIG");
  EXPECT_EQ(found_in("b"), "AKIAB");
  write(".aws/credentials", "[b]\naws_access_key_id = AKIABFILE\naws_secret_access_key = s3cret\n");
  EXPECT_EQ(found(), "AKIABFILE");
  variables["AWS_PROFILE"] = "c";
  expect_said("the profile 'c' (AWS_PROFILE) is neither in " + folder + "/.aws/config nor in " + folder + "/.aws/credentials");
  write("elsewhere", "[profile c]\naws_access_key_id = AKIAC\naws_secret_access_key = s3cret\n");
  variables["AWS_CONFIG_FILE"] = folder + "/elsewhere";
  EXPECT_EQ(found(), "AKIAC");
}

TEST_F(ProfileTest, a_named_profile_must_be_there_and_one_without_keys_is_passed_over) {
  on_an_instance();
  variables["AWS_PROFILE"] = "prod";
  expect_said("the profile 'prod' (AWS_PROFILE) is neither in");
  EXPECT_TRUE(endpoint.asked.empty()) << "other keys than those asked for would do";
  write(".aws/credentials", "[prod]\nregion = a\n");
  EXPECT_EQ(found(), "AKIAENDPOINT");
  variables.erase("AWS_PROFILE");
  EXPECT_EQ(found(), "AKIAENDPOINT") << "nobody asked for the default profile by name";
}

TEST_F(ProfileTest, files_that_cannot_be_understood_are_said_without_a_word_of_theirs) {
  write(".aws/credentials", "[default]\naws_access_key_id = AKIA\ns3cret\n");
  expect_said(folder + "/.aws/credentials: line 3: 'name = value' is expected");
  write(".aws/credentials", "[default]\naws_secret_access_key = s3cret\n");
  expect_said("the profile 'default' has one of aws_access_key_id and aws_secret_access_key");
  write(".aws/credentials", std::string((1u << 20) + 1, '#'));
  Result<Credentials> credentials = find();
  ASSERT_FALSE(credentials.has_value());
  EXPECT_NE(credentials.error().message.find(".aws/credentials"), std::string::npos) << credentials.error().message;
}

TEST_F(ProfileTest, a_role_is_assumed_with_the_keys_of_its_source_profile) {
  write(".aws/credentials", "[base]\naws_access_key_id = AKIABASE\naws_secret_access_key = s3cret\n");
  write(".aws/config",
        "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = base\nrole_session_name = me\nexternal_id = ext\n"
        "duration_seconds = 900\nregion = eu-west-3\n");
  EXPECT_EQ(found_in("role"), "ASIAROLE");
  EXPECT_EQ(endpoint.asked, std::vector<std::string>{"Action=AssumeRole\nVersion=2011-06-15\nRoleArn=arn:aws:iam::123456789012:role/r\n"
                                                     "RoleSessionName=me\nDurationSeconds=900\nExternalId=ext"});
  EXPECT_NE(endpoint.authorization.find("Credential=AKIABASE/"), std::string::npos) << endpoint.authorization;
  EXPECT_NE(endpoint.authorization.find("/eu-west-3/sts/"), std::string::npos) << "in the profile's region: " << endpoint.authorization;
  endpoint.sts_refusal = "AccessDenied";
  Result<Credentials> refused = find();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "AccessDenied");
  EXPECT_EQ(refused.error().message, "assume the role arn:aws:iam::123456789012:role/r: no");
}

TEST_F(ProfileTest, roles_follow_from_roles_and_a_profile_may_be_its_own_source) {
  write(".aws/credentials",
        "[keys]\naws_access_key_id = AKIAKEYS\naws_secret_access_key = s3cret\nrole_arn = arn:aws:iam::123456789012:role/self\nsource_profile = keys\n");
  write(".aws/config",
        "[profile outer]\nrole_arn = arn:aws:iam::123456789012:role/outer\nsource_profile = inner\n"
        "[profile inner]\nrole_arn = arn:aws:iam::123456789012:role/inner\nsource_profile = keys\n");
  EXPECT_EQ(found_in("outer"), "ASIAROLE");
  ASSERT_EQ(endpoint.asked.size(), 2u) << "a source's keys come before its role";
  EXPECT_NE(endpoint.asked[0].find("role/inner"), std::string::npos);
  EXPECT_NE(endpoint.asked[1].find("role/outer"), std::string::npos);
  EXPECT_NE(endpoint.authorization.find("Credential=ASIAROLE/"), std::string::npos) << endpoint.authorization;
  EXPECT_EQ(found_in("keys"), "ASIAROLE");
  ASSERT_EQ(endpoint.asked.size(), 3u);
  EXPECT_NE(endpoint.asked[2].find("role/self"), std::string::npos);
}

TEST_F(ProfileTest, a_role_is_assumed_with_what_its_credential_source_gives) {
  write(".aws/config",
        "[profile env]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Environment\n"
        "[profile container]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = EcsContainer\n"
        "[profile instance]\nrole_arn = arn:aws:iam::123456789012:role/r\ncredential_source = Ec2InstanceMetadata\n");
  variables["AWS_PROFILE"] = "container";
  expect_said("there are no keys to assume it with");
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint.url + "/container";
  EXPECT_EQ(found_in("container"), "ASIAROLE");
  EXPECT_NE(endpoint.authorization.find("Credential=AKIAENDPOINT/"), std::string::npos) << endpoint.authorization;
  on_an_instance();
  endpoint.body = document("AKIAINSTANCE");
  EXPECT_EQ(found_in("instance"), "ASIAROLE");
  EXPECT_NE(endpoint.authorization.find("Credential=AKIAINSTANCE/"), std::string::npos) << endpoint.authorization;
  variables["AWS_PROFILE"] = "env";
  expect_said("there are no keys to assume it with");
}

TEST_F(ProfileTest, a_role_is_assumed_with_a_token_file) {
  write(".aws/config", "[profile web]\nrole_arn = arn:aws:iam::123456789012:role/web\nweb_identity_token_file = " + folder + "/token\nrole_session_name = me\n");
  write("token", "jwt\n");
  EXPECT_EQ(found_in("web"), "ASIAROLE");
  EXPECT_EQ(endpoint.asked, std::vector<std::string>{"Action=AssumeRoleWithWebIdentity\nVersion=2011-06-15\nRoleArn=arn:aws:iam::123456789012:role/web\n"
                                                     "RoleSessionName=me\nWebIdentityToken=jwt"});
  EXPECT_EQ(endpoint.authorization, "") << "the token is all that vouches";
}

TEST_F(ProfileTest, a_program_prints_the_keys) {
  write("program", "#!/bin/sh\necho '{\"Version\":1,\"AccessKeyId\":\"AKIA'$1'\",\"SecretAccessKey\":\"s3cret\",\"SessionToken\":\"t\",\"Expiration\":\"2099-01-01T00:00:00Z\"}'\n");
  write(".aws/config", "[default]\ncredential_process = /bin/sh \"" + folder + "/program\" PROCESS\n");
  Result<Credentials> credentials = find();
  ASSERT_TRUE(credentials) << credentials.error().message;
  EXPECT_EQ(credentials->access_key_id, "AKIAPROCESS");
  EXPECT_EQ(credentials->session_token, "t");
  EXPECT_TRUE(credentials->expires.has_value());
}

TEST_F(ProfileTest, profiles_that_lead_nowhere_are_said) {
  const std::string role = "role_arn = arn:aws:iam::123456789012:role/r\n";
  write(".aws/config", "[profile a]\n" + role + "source_profile = b\n[profile b]\n" + role + "source_profile = c\n[profile c]\n" + role +
                           "source_profile = b\n[profile self]\n" + role + "source_profile = self\n[profile none]\n" + role + "[profile both]\n" +
                           role + "source_profile = a\ncredential_source = Environment\n[profile absent]\n" + role +
                           "source_profile = nobody\n[profile place]\n" + role + "credential_source = Moon\n[profile mfa]\n" + role +
                           "source_profile = a\nmfa_serial = m\n[profile long]\n" + role + "source_profile = a\nduration_seconds = 1\n" +
                           "[profile empty]\nregion = x\n[profile onempty]\n" + role + "source_profile = empty\n[profile sso]\nsso_session = s\n");
  struct Case {
    const char *profile, *said;
  };
  const Case cases[] = {
      {"a", "the profile 'c' closes a circle of source_profiles: a -> b -> c -> b"},
      {"self", "the profile 'self' closes a circle of source_profiles: self -> self"},
      {"none", "needs one of source_profile and credential_source"},
      {"both", "needs one of source_profile and credential_source"},
      {"absent", "has the source_profile 'nobody', which is not there"},
      {"place", "has a credential_source that is none of"},
      {"mfa", "MFA"},
      {"long", "duration_seconds"},
      {"onempty", "the profile 'empty'"},
      {"sso", "IAM Identity Center"},
  };
  for (const Case& c : cases) {
    variables["AWS_PROFILE"] = c.profile;
    expect_said(c.said);
  }
  EXPECT_TRUE(endpoint.asked.empty());
}

}  // namespace
}  // namespace pds::aws
