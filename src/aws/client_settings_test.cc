#include "aws/client_settings.h"

#include "aws/client.h"
#include "aws/shapes/secretsmanager.h"
#include "aws/shapes/sts.h"
#include "aws/test_credentials.h"

namespace pds::aws {
namespace {

struct ClientSettingsTest : CredentialsTest {
  std::string region() {
    ClientSettings settings(loop, read_variable);
    Result<std::string> region = io::run_until_done(loop, settings.region());
    return region ? *region : region.error().code;
  }
  std::string url(const ServiceInfo& service) {
    ClientSettings settings(loop, read_variable);
    Result<std::string> url = io::run_until_done(loop, settings.endpoint_url(service));
    return url ? *url : url.error().code + " " + url.error().message;
  }
  // Where a client's call goes: the endpoint is asked, or nobody is.
  std::string call() {
    Client client(loop, config_from_environment(loop, read_variable));
    auto ask = [](Client& c) -> io::Task<Result<secretsmanager::GetSecretValueReply>> {
      co_return co_await c.call<secretsmanager::GetSecretValue>({.secret_id = "db"});
    };
    auto reply = io::run_until_done(loop, ask(client));
    return reply ? "" : reply.error().code;
  }
};

TEST_F(ClientSettingsTest, the_region_is_the_environments_the_profiles_the_instances_or_the_usual_one) {
  EXPECT_EQ(region(), "us-east-1");
  EXPECT_TRUE(endpoint.asked.empty());
  on_an_instance();
  EXPECT_EQ(region(), "ap-south-1");
  endpoint.status = 404;
  EXPECT_EQ(region(), "us-east-1");
  endpoint.asked.clear();
  write(".aws/config", "[default]\nregion = eu-west-1\n[profile other]\nregion = eu-west-2\n");
  EXPECT_EQ(region(), "eu-west-1");
  variables["AWS_PROFILE"] = "other";
  EXPECT_EQ(region(), "eu-west-2");
  variables["AWS_DEFAULT_REGION"] = "us-west-1";
  EXPECT_EQ(region(), "us-west-1");
  variables["AWS_REGION"] = "us-west-2";
  EXPECT_EQ(region(), "us-west-2");
  EXPECT_TRUE(endpoint.asked.empty());
}

TEST_F(ClientSettingsTest, an_instance_without_an_answer_is_not_asked_at_each_call) {
  on_an_instance();
  endpoint.status = 404;
  ClientSettings settings(loop, read_variable);
  for (int call = 0; call < 2; ++call) EXPECT_EQ(*io::run_until_done(loop, settings.region()), "us-east-1");
  EXPECT_EQ(endpoint.asked.size(), 2u);
}

TEST_F(ClientSettingsTest, a_profile_has_an_endpoint_for_all_services_and_for_each) {
  EXPECT_EQ(url(secretsmanager::service_info()), "");
  write(".aws/config",
        "[default]\nendpoint_url = http://all\nservices = local\n[services local]\nsecrets_manager =\n  endpoint_url = http://one\n");
  EXPECT_EQ(url(secretsmanager::service_info()), "http://one");
  EXPECT_EQ(url(sts::service_info()), "http://all");
  variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "TRUE";
  EXPECT_EQ(url(secretsmanager::service_info()), "");
  variables.erase("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS");
  write(".aws/config", "[default]\nservices = local\n");
  EXPECT_EQ(url(sts::service_info()), "E_PROFILE the profile 'default' has services = local, and there is no section [services local]");
  write(".aws/config", "[default]\nignore_configured_endpoint_urls = true\nendpoint_url = http://all\n");
  EXPECT_EQ(url(sts::service_info()), "");
}

TEST_F(ClientSettingsTest, a_client_goes_where_the_nearest_setting_says) {
  variables["AWS_ACCESS_KEY_ID"] = "AKIA", variables["AWS_SECRET_ACCESS_KEY"] = "s3cret", variables["AWS_REGION"] = "us-east-1";
  const std::string broken = "not a url";  // whoever heeds it says E_BAD_URL
  write(".aws/config", "[default]\nendpoint_url = " + broken + "\nservices = s\n[services s]\nsecrets_manager =\n  endpoint_url = " + endpoint.url + "\n");
  call();
  EXPECT_EQ(endpoint.asked.size(), 1u) << "the service's of the profile, before the profile's own";
  write(".aws/config", "[default]\nendpoint_url = " + endpoint.url + "\n");
  call();
  EXPECT_EQ(endpoint.asked.size(), 2u);
  variables["AWS_ENDPOINT_URL"] = broken;
  EXPECT_EQ(call(), "E_BAD_URL") << "the environment's before the profile's";
  variables["AWS_ENDPOINT_URL_SECRETS_MANAGER"] = endpoint.url;
  call();
  EXPECT_EQ(endpoint.asked.size(), 3u) << "the service's before that for all";
  variables["AWS_REGION"] = "no region";
  variables["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"] = "true";
  EXPECT_EQ(call(), "E_REGION") << "AWS's own";
  EXPECT_EQ(endpoint.asked.size(), 3u);
}

}  // namespace
}  // namespace pds::aws
