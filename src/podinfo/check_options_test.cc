#include "podinfo/check_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

using ::testing::HasSubstr;

TEST(CheckOptions, AddressAndFlagsMayStandInAnyOrderAndForm) {
  auto options = parse_check({"http", "--retry=3", "localhost:9898/healthz", "--delay", "500ms", "--method", "POST", "--body=x", "--timeout=2s"});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->address, "localhost:9898/healthz");
  EXPECT_EQ(options->retry, 3);
  EXPECT_EQ(options->delay, 500ms);
  EXPECT_EQ(options->timeout, 2s);
  EXPECT_EQ(options->method, "POST");
  EXPECT_EQ(options->body, "x");
}

TEST(CheckOptions, DefaultsAreThoseOfTheOriginal) {
  auto options = parse_check({"tcp", "db:5432"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->retry, 0);
  EXPECT_EQ(options->delay, 1s);
  EXPECT_EQ(options->timeout, 5s);
}

TEST(CheckOptions, MistakesAreNamed) {
  struct Row {
    std::vector<std::string> arguments;
    const char* message;
  };
  const Row rows[] = {
      {{}, "check what?"},
      {{"code"}, "unknown command \"code\""},
      {{"http"}, "address is required"},
      {{"tcp", "a:1", "b:2"}, "not \"b:2\" too"},
      {{"tcp", "a:1", "--method", "GET"}, "unknown flag: --method"},
      {{"http", "a", "--tls"}, "unknown flag: --tls"},
      {{"cert", "a", "--retry", "1"}, "unknown flag: --retry"},
      {{"http", "a", "--retry"}, "flag needs an argument: --retry"},
      {{"http", "a", "--retry", "-1"}, "invalid argument \"-1\" for \"--retry\""},
      {{"http", "a", "--timeout", "soon"}, "invalid argument \"soon\" for \"--timeout\""},
      {{"http", "a", "--timeout=5"}, "invalid argument \"5\" for \"--timeout\""},
      {{"http", "a", "--delay=-1s"}, "invalid argument \"-1s\" for \"--delay\""},
      {{"ws", "http://a"}, "begins with ws:// or wss://"},
  };
  for (const Row& row : rows) {
    auto options = parse_check(row.arguments);
    ASSERT_FALSE(options) << row.message;
    EXPECT_THAT(options.error().message, HasSubstr(row.message));
  }
}

TEST(CheckOptions, ThePauseIsWhereTheOriginalHasItUnlessAskedOtherwise) {
  CheckOptions options;
  EXPECT_TRUE(pauses_before(options, 0));
  EXPECT_FALSE(pauses_before(options, 1));
  EXPECT_TRUE(pauses_before(options, 2));
  options.asks_at_once = true;
  EXPECT_FALSE(pauses_before(options, 0));
  EXPECT_TRUE(pauses_before(options, 1));
}

}  // namespace
}  // namespace pds::podinfo
