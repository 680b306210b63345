#include "aws/credential_process.h"

#include <gtest/gtest.h>

namespace pds::aws {
namespace {

TEST(CredentialProcess, a_command_is_split_as_a_shell_would_and_nothing_is_expanded) {
  struct Case {
    const char* command;
    std::vector<std::string> words;
  };
  const Case cases[] = {
      {"a", {"a"}},
      {"  a  b\tc\nd ", {"a", "b", "c", "d"}},
      {"'a b' \"c d\" e' 'f", {"a b", "c d", "e f"}},
      {"a '' \"\"", {"a", "", ""}},
      {"a\\ b \\' '\\' \"\\\" \\\\ \\n\"", {"a b", "'", "\\", "\" \\ \\n"}},
      {"a $HOME `b` ; c | d > e *", {"a", "$HOME", "`b`", ";", "c", "|", "d", ">", "e", "*"}},
      {"a\\", {"a\\"}},
  };
  for (const Case& c : cases) {
    Result<std::vector<std::string>> words = split_command(c.command);
    ASSERT_TRUE(words.has_value()) << c.command;
    EXPECT_EQ(*words, c.words) << c.command;
  }
  for (const char* command : {"", "  ", "'a", "a \"b", "''"}) EXPECT_FALSE(split_command(command)) << command;
}

TEST(CredentialProcess, what_goes_wrong_is_said_without_what_the_program_wrote) {
  io::Loop loop;
  struct Case {
    const char *command, *said;
  };
  const Case cases[] = {
      {"no-such-program-here", "no such program"},
      {"/bin/sh -c 'echo s3cret; echo s3cret >&2; exit 3'", "/bin/sh ended with 3"},
      {"/bin/echo s3cret", "the output is not a JSON object"},
      {"/bin/echo '[\"s3cret\"]'", "the output is not a JSON object"},
      {"/bin/echo '{\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s3cret\"}'", "the output's Version is not 1"},
      {"/bin/echo '{\"Version\":2,\"AccessKeyId\":\"a\",\"SecretAccessKey\":\"s3cret\"}'", "the output's Version is not 1"},
      {"/bin/echo '{\"Version\":1,\"SecretAccessKey\":\"s3cret\"}'", "has no keys"},
      {"yes s3cret", "wrote more than 65536 bytes"},
  };
  for (const Case& c : cases) {
    Result<Credentials> credentials = io::run_until_done(loop, from_process(loop, c.command));
    ASSERT_FALSE(credentials) << c.command;
    EXPECT_EQ(credentials.error().code, "E_CREDENTIALS") << c.command;
    EXPECT_NE(credentials.error().message.find(c.said), std::string::npos) << credentials.error().message;
    EXPECT_EQ(credentials.error().message.find("s3cret"), std::string::npos) << credentials.error().message;
  }
}

}  // namespace
}  // namespace pds::aws
