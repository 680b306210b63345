// Where keys come from: each place's success, its refusals, and which place is asked before which. The endpoints are real servers
// on loopback.
#include "aws/credentials.h"

#include "aws/credentials_source.h"
#include "aws/test_credentials.h"
#include "io/clock.h"

namespace pds::aws {
namespace {

TEST_F(CredentialsTest, the_first_place_that_has_keys_is_taken) {
  on_an_instance();
  EXPECT_EQ(found(), "AKIAENDPOINT");
  endpoint.body = document("AKIACONTAINER");
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint.url + "/container";
  endpoint.asked.clear();
  EXPECT_EQ(found(), "AKIACONTAINER");
  EXPECT_EQ(endpoint.asked, std::vector<std::string>{"GET /container"}) << "before the instance's";
  write(".aws/credentials", "[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = s3cret\n");
  EXPECT_EQ(found(), "AKIAFILE");
  size_t asked = endpoint.asked.size();
  write("token", "jwt");
  variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = folder + "/token", variables["AWS_ROLE_ARN"] = "arn:aws:iam::123456789012:role/web",
  variables["AWS_ENDPOINT_URL_STS"] = endpoint.url, variables["AWS_REGION"] = "us-east-1";
  EXPECT_EQ(found(), "ASIAROLE");
  EXPECT_EQ(endpoint.asked.size(), asked + 1);
  variables["AWS_ACCESS_KEY_ID"] = "AKIAENVIRONMENT", variables["AWS_SECRET_ACCESS_KEY"] = "s3cret",
  variables["AWS_SESSION_TOKEN"] = "t";
  Result<Credentials> credentials = find();
  ASSERT_TRUE(credentials.has_value());
  EXPECT_EQ(credentials->access_key_id, "AKIAENVIRONMENT");
  EXPECT_EQ(credentials->session_token, "t");
  EXPECT_FALSE(credentials->expires.has_value());
  EXPECT_EQ(endpoint.asked.size(), asked + 1) << "nobody is asked who need not be";
}

TEST_F(CredentialsTest, without_any_the_person_is_told_what_to_set) {
  expect_said("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
}

TEST_F(CredentialsTest, half_a_pair_of_keys_is_a_mistake_and_hides_nothing) {
  on_an_instance();
  variables["AWS_ACCESS_KEY_ID"] = "AKIA";
  expect_said("both or neither");
  variables.erase("AWS_ACCESS_KEY_ID");
  variables["AWS_SECRET_ACCESS_KEY"] = "s3cret";
  expect_said("both or neither");
  EXPECT_TRUE(endpoint.asked.empty());
}

TEST_F(CredentialsTest, a_container_is_asked_with_its_token) {
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint.url + "/container";
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "from-variable";
  EXPECT_EQ(found(), "AKIAENDPOINT");
  EXPECT_EQ(endpoint.authorization, "from-variable");
  write("token", "from-file\n");
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = folder + "/token";
  EXPECT_EQ(found(), "AKIAENDPOINT");
  EXPECT_EQ(endpoint.authorization, "from-file") << "the file is the newer way, and its line end is not part of it";
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = folder + "/absent";
  EXPECT_NE(found().find("/absent"), std::string::npos) << "a token that should be there";
}

TEST_F(CredentialsTest, a_container_endpoint_elsewhere_gets_no_token) {
  variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "token";
  for (const char* url : {"http://example.com/keys", "http://10.0.0.1/keys", "http://[fd00:ec2::24]/keys", "http://[::1.example.com]/keys"}) {
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
    expect_said("is not this machine");
  }
}

TEST_F(CredentialsTest, a_container_endpoint_on_this_machine_is_asked_by_any_of_its_addresses) {
  std::string port = endpoint.url.substr(endpoint.url.rfind(':'));
  for (const char* host : {"localhost", "keys.localhost", "127.0.0.1"}) {
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = std::string("http://") + host + port + "/container";
    EXPECT_EQ(found(), "AKIAENDPOINT") << host;
  }
  auto listener = io::listen_tcp(loop, "::1", 0);
  if (!listener) GTEST_SKIP() << "this machine has no IPv6";
  port = ":" + std::to_string((*listener)->port());
  endpoint.server.listen(std::move(*listener));
  for (const char* host : {"[::1]", "[0:0:0:0:0:0:0:1]"}) {
    variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = std::string("http://") + host + port + "/container";
    EXPECT_EQ(found(), "AKIAENDPOINT") << host;
  }
}

TEST(Credentials, the_addresses_of_this_machine_and_of_ecs_and_eks_need_no_tls) {
  for (const char* host : {"localhost", "127.0.0.1", "127.9.9.9", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]", "[fd00:0ec2:0::23]"})
    EXPECT_TRUE(is_container_host(host)) << host;
  for (const char* host : {"example.com", "10.0.0.1", "127.example.com", "169.254.170.3", "169.254.169.254", "[fd00:ec2::24]", "[::2]", "[::]", ""})
    EXPECT_FALSE(is_container_host(host)) << host;
}

TEST_F(CredentialsTest, what_an_endpoint_says_wrong_is_said) {
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint.url + "/container";
  endpoint.status = 503;
  expect_said("answered 503");
  endpoint.status = 200;
  endpoint.body = "[]";
  expect_said("not a JSON object");
  endpoint.body = R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"EC2 cannot assume the role"})";
  expect_said("EC2 cannot assume the role");
  endpoint.body = R"({"AccessKeyId":"AKIA"})";
  expect_said("has no keys");
  endpoint.body = document("AKIA", "tomorrow");
  EXPECT_NE(found(), "AKIA") << "keys of unknown age would be used after their end";
  endpoint.body = "{";
  EXPECT_NE(found(), "AKIA");
}

TEST_F(CredentialsTest, an_endpoint_that_answers_without_end_is_cut_off) {
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint.url + "/container";
  endpoint.body = document("AKIA") + std::string(64 << 10, ' ');
  expect_said("the container's credentials endpoint");
}

TEST_F(CredentialsTest, an_instance_gives_its_roles_keys_for_a_token) {
  on_an_instance();
  endpoint.body = document("AKIAROLE", "2099-01-01T00:00:00Z");
  Result<Credentials> credentials = find();
  ASSERT_TRUE(credentials.has_value()) << credentials.error().message;
  EXPECT_EQ(credentials->access_key_id, "AKIAROLE");
  EXPECT_EQ(credentials->session_token, "token");
  ASSERT_TRUE(credentials->expires.has_value());
  EXPECT_EQ(to_iso8601(*credentials->expires), "2099-01-01T00:00:00Z");
  EXPECT_EQ(endpoint.asked, (std::vector<std::string>{"PUT /latest/api/token", "GET /latest/meta-data/iam/security-credentials/",
                                                      "GET /latest/meta-data/iam/security-credentials/fleet-role"}));
  endpoint.role_status = 404;
  expect_said("no AWS credentials");  // an instance without a role
  endpoint.role_status = 500;
  expect_said("the instance's metadata answered 500");
  endpoint.token_status = 403;
  expect_said("no AWS credentials");  // something else listens there
}

TEST_F(CredentialsTest, keys_are_kept_until_five_minutes_before_their_end) {
  on_an_instance();
  io::SystemClock clock;
  auto chain = credentials_chain(loop, read_variable);
  auto get = [&] { return io::run_until_done(loop, chain->get()); };
  endpoint.body = document("AKIASHORT", to_iso8601(clock.now() + 4min));
  ASSERT_TRUE(get().has_value());
  size_t once = endpoint.asked.size();
  endpoint.body = document("AKIALONG", to_iso8601(clock.now() + 60min));
  EXPECT_EQ(get()->access_key_id, "AKIALONG") << "renewed, for they would soon end";
  EXPECT_EQ(endpoint.asked.size(), 2 * once);
  EXPECT_EQ(get()->access_key_id, "AKIALONG");
  EXPECT_EQ(endpoint.asked.size(), 2 * once) << "kept";
}

TEST_F(CredentialsTest, keys_that_are_over_when_they_come_are_not_used) {
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = endpoint.url + "/container";
  io::SystemClock clock;
  auto chain = credentials_chain(loop, read_variable);
  auto get = [&] { return io::run_until_done(loop, chain->get()); };
  endpoint.body = document("AKIAOLD", to_iso8601(clock.now() - 1min));
  EXPECT_EQ(get().error().code, "E_CREDENTIALS_EXPIRED");
  endpoint.body = document("AKIANEW", to_iso8601(clock.now() + 1min));
  ASSERT_TRUE(get().has_value());
  endpoint.body = document("AKIAOLD", to_iso8601(clock.now() - 1min));
  Result<Credentials> bridged = get();
  ASSERT_TRUE(bridged.has_value()) << bridged.error().message;
  EXPECT_EQ(bridged->access_key_id, "AKIANEW");
}

TEST_F(CredentialsTest, an_instances_keys_are_used_beyond_their_end_when_there_are_no_newer_ones) {
  on_an_instance();
  io::SystemClock clock;
  auto chain = credentials_chain(loop, read_variable);
  endpoint.body = document("AKIAOLD", to_iso8601(clock.now() - 1min));
  for (int call = 0; call < 2; ++call) {
    Result<Credentials> credentials = io::run_until_done(loop, chain->get());
    ASSERT_TRUE(credentials.has_value()) << credentials.error().message;
    EXPECT_EQ(credentials->access_key_id, "AKIAOLD");
  }
  EXPECT_EQ(endpoint.asked.size(), 3u) << "the metadata service is not asked at each call for what it does not have";
}

TEST_F(CredentialsTest, keys_that_were_refused_are_looked_for_again_but_not_at_every_refusal) {
  write(".aws/credentials", "[default]\naws_access_key_id = AKIAOLD\naws_secret_access_key = s3cret\n");
  auto chain = credentials_chain(loop, read_variable);
  auto get = [&] { return *io::run_until_done(loop, chain->get()); };
  Credentials old = get();
  write(".aws/credentials", "[default]\naws_access_key_id = AKIANEW\naws_secret_access_key = s3cret\n");
  EXPECT_EQ(get().access_key_id, "AKIAOLD");
  EXPECT_TRUE(chain->forget(old));
  Credentials renewed = get();
  EXPECT_EQ(renewed.access_key_id, "AKIANEW");
  EXPECT_TRUE(chain->forget(old)) << "there are newer ones already";
  EXPECT_EQ(get().access_key_id, "AKIANEW");
  EXPECT_FALSE(chain->forget(renewed)) << "within the same second";
}

TEST_F(CredentialsTest, many_who_wait_are_served_by_one_search) {
  on_an_instance();
  auto chain = credentials_chain(loop, read_variable);
  std::vector<std::string> got;
  auto ask = [&]() -> io::Task<void> { got.push_back((co_await chain->get())->access_key_id); };
  io::TaskSet askers, impatient;
  for (int i = 0; i < 3; ++i) askers.spawn(ask());
  impatient.spawn(ask());
  impatient.cancel_all();
  io::run_until_done(loop, askers.wait_empty());
  EXPECT_EQ(got, (std::vector<std::string>(3, "AKIAENDPOINT")));
  EXPECT_EQ(endpoint.asked.size(), 3u);
}

TEST_F(CredentialsTest, keys_that_are_still_valid_bridge_an_endpoint_that_is_away) {
  on_an_instance();
  io::SystemClock clock;
  auto chain = credentials_chain(loop, read_variable);
  auto get = [&] { return io::run_until_done(loop, chain->get()); };
  endpoint.body = document("AKIASHORT", to_iso8601(clock.now() + 4min));
  ASSERT_TRUE(get().has_value());
  endpoint.status = 500;
  Result<Credentials> bridged = get();
  ASSERT_TRUE(bridged.has_value()) << bridged.error().message;
  EXPECT_EQ(bridged->access_key_id, "AKIASHORT");
}

}  // namespace
}  // namespace pds::aws
