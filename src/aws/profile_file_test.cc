#include "aws/profile_file.h"

#include <gtest/gtest.h>

namespace pds::aws {
namespace {

TEST(ProfileFile, sections_names_and_values_are_found_however_they_are_spaced) {
  Result<Sections> sections = parse_profile_file(
      "# comment\n; comment\n  # comment\n\n"
      "[default]\nregion=us-west-2\nAWS_Secret_Access_Key = a=b#c;d  # comment\r\n"
      "[ profile\tstaging ] ; comment\r\n  region = eu-west-1\r\n  output = json\t;comment\r\n"
      "[profile 'two words']\nregion = \"quoted\"\n[profile \"x\"]\nempty =\nempty_too = # comment\n"
      "[default]\nregion = eu-north-1\n");
  ASSERT_TRUE(sections.has_value()) << sections.error().message;
  EXPECT_EQ(*sections, (Sections{{"default", {{"region", "eu-north-1"}, {"aws_secret_access_key", "a=b#c;d"}}},
                                 {"profile staging", {{"region", "eu-west-1"}, {"output", "json"}}},
                                 {"profile two words", {{"region", "\"quoted\""}}},
                                 {"profile x", {{"empty", ""}, {"empty_too", ""}}}}));
}

TEST(ProfileFile, what_stands_further_right_is_nested_or_goes_on) {
  Result<Sections> sections = parse_profile_file(
      "[services local]\nsecrets_manager =\n  endpoint_url = http://a:1 # comment\n  # comment\n\n\tENDPOINT_MODE = x\ns3 =\n  endpoint_url = http://b:2\n"
      "credential_process = program\n  --flag\n");
  ASSERT_TRUE(sections.has_value()) << sections.error().message;
  EXPECT_EQ(*sections, (Sections{{"services local",
                                  {{"secrets_manager", ""},
                                   {"secrets_manager.endpoint_url", "http://a:1"},
                                   {"secrets_manager.endpoint_mode", "x"},
                                   {"s3", ""},
                                   {"s3.endpoint_url", "http://b:2"},
                                   {"credential_process", "program\n--flag"}}}}));
}

TEST(ProfileFile, errors_say_the_line_and_nothing_of_what_stands_there) {
  struct Case {
    const char *text, *message;
  };
  const Case cases[] = {
      {"\n\nregion = s3cret\n", "line 3: there is no section yet that this could belong to"},
      {"[default\ns3cret = 1\n", "line 1: a section's title ends with ']'"},
      {"[default] s3cret\n", "line 1: a section's title ends with ']'"},
      {"[default]\ns3cret\n", "line 2: 'name = value' is expected"},
      {"[default]\n= s3cret\n", "line 2: 'name = value' is expected"},
      {"[default]\ns3 =\n  s3cret\n", "line 3: a nested 'name = value' is expected"},
  };
  for (const Case& c : cases) {
    Result<Sections> sections = parse_profile_file(c.text);
    ASSERT_FALSE(sections.has_value()) << c.text;
    EXPECT_EQ(sections.error().code, "E_PROFILE");
    EXPECT_EQ(sections.error().message, c.message);
  }
  EXPECT_FALSE(parse_profile_file(std::string(profile_file_bytes_max + 1, '#')));
  EXPECT_TRUE(parse_profile_file(std::string(profile_file_bytes_max, '#')));
}

}  // namespace
}  // namespace pds::aws
