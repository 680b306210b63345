#include "aws/shared_config.h"

#include <gtest/gtest.h>

namespace pds::aws {
namespace {

SharedConfig merged(std::string_view config, std::string_view credentials, const char* profile = "default") {
  return merge(profile, *parse_profile_file(config), *parse_profile_file(credentials));
}

TEST(SharedConfig, the_credentials_files_values_win_over_the_configs) {
  SharedConfig shared = merged("[profile a]\nregion = eu-west-1\noutput = json\n", "[a]\nregion = us-west-2\n", "a");
  EXPECT_EQ(shared.value("region"), "us-west-2");
  EXPECT_EQ(shared.value("output"), "json");
  EXPECT_EQ(shared.value("absent"), "");
}

TEST(SharedConfig, a_token_goes_with_the_keys_it_was_made_for) {
  SharedConfig shared = merged("[default]\naws_access_key_id=A\naws_secret_access_key=a\naws_session_token=t\n",
                               "[default]\naws_access_key_id=B\naws_secret_access_key=b\n");
  EXPECT_EQ(shared.profiles.at("default"), (Properties{{"aws_access_key_id", "B"}, {"aws_secret_access_key", "b"}}));
}

TEST(SharedConfig, profiles_services_and_other_sections_are_told_apart) {
  SharedConfig shared = merged(
      "[default]\nregion = plain\n[profile default]\nregion = kind\n[profile b]\nx = 1\n[other]\nx = 2\n[sso-session b]\nx = 3\n"
      "[services b]\ns3.x = 4\n",
      "[c]\nx = 5\n[profile d]\nx = 6\n");
  EXPECT_EQ(shared.profiles, (std::map<std::string, Properties>{{"default", {{"region", "kind"}}},
                                                                {"b", {{"x", "1"}}},
                                                                {"c", {{"x", "5"}}},
                                                                {"d", {{"x", "6"}}}}));
  EXPECT_EQ(shared.services, (std::map<std::string, Properties>{{"b", {{"s3.x", "4"}}}}));
}

}  // namespace
}  // namespace pds::aws
