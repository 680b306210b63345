#include "podinfo/options.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

using Texts = std::vector<std::string>;

TEST(Options, ComeFromFlagsThenEnvironmentThenFileThenDefaults) {
  Environment environment{{"PODINFO_PORT", "1234"},
                          {"PODINFO_UI_COLOR", "red"},
                          {"PODINFO_VERSION", "9.9.9"},
                          {"PODINFO_SECRET_ID", "s"},
                          {"PODINFO_H2C", "T"}};
  ConfigValues file{{"port", "1"}, {"ui-color", "blue"}, {"ui-logo", "x.svg"}, {"unready", "true"}, {"jwt-secret", "k"}};
  auto options = parse_options({"--port=80", "--level", "debug", "--secret-refresh", "500ms"}, environment, file);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->port, 80);
  EXPECT_EQ(options->ui_color, "red");
  EXPECT_EQ(options->ui_logo, "x.svg");
  EXPECT_EQ(options->level, LogLevel::debug);
  EXPECT_EQ(options->secret_id, "s");
  EXPECT_EQ(options->secret_refresh, 500ms);
  EXPECT_TRUE(options->h2c);
  EXPECT_TRUE(options->unready);
  EXPECT_EQ(options->jwt_secret, "k");
  EXPECT_EQ(options->http_server_timeout, 30s);
  EXPECT_EQ(parse_options({"rotate"}, {})->mode, Options::Mode::rotate);
  EXPECT_EQ(parse_options({}, {{"PODINFO_JWT_SECRET", "e"}}, file)->jwt_secret, "e");
}

TEST(Options, OfTheEnvironmentThatCannotBeUsedArePassedOver) {
  EXPECT_EQ(parse_options({}, {{"PODINFO_PORT", "tcp://10.0.0.1:9898"}})->port, 9898);
  EXPECT_EQ(parse_options({}, {{"PODINFO_PORT", "tcp://10.0.0.1:9898"}}, {{"port", "7"}})->port, 9898);
  EXPECT_EQ(parse_options({}, {}, {{"port", "7"}})->port, 7);
  EXPECT_EQ(parse_options({}, {{"PODINFO_HTTP_SERVER_TIMEOUT", "30"}})->http_server_timeout, 30s);  // as it is without
  EXPECT_EQ(parse_options({}, {{"PODINFO_HTTP_SERVER_TIMEOUT", "7"}})->http_server_timeout, 30s);
  EXPECT_EQ(parse_options({}, {{"PODINFO_PORT", ""}, {"PORT", "81"}})->port, 81);
  EXPECT_EQ(parse_options({}, {{"PODINFO_PORT", "80"}, {"PORT", "81"}})->port, 80);
  EXPECT_EQ(parse_options({}, {{"SECRET_ARN", "arn:x"}})->secret_id, "arn:x");
}

TEST(Options, SayWhereTheDataIs) {
  Texts flags{"--database-url=postgres://a,b/d", "--database-replica-url=postgres://c,postgres://d", "--data-cache-bytes=4294967296"};
  auto options = parse_options(flags, {{"ENVIRONMENT", "staging"}});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->database_url, "postgres://a,b/d");
  EXPECT_EQ(options->database_replica_urls, (Texts{"postgres://c", "postgres://d"}));
  EXPECT_EQ(options->data_cache_bytes, int64_t{1} << 32);
  EXPECT_EQ(options->environment, "staging");
  EXPECT_EQ(parse_options({}, {})->environment, "dev");
  for (Texts wrong : {Texts{"--database-pool-max=0"}, Texts{"--database-pool-max=2", "--database-pool-min=3"}, Texts{"--database-pool-max=1001"},
                      Texts{"--database-replica-url=postgres://c"}, Texts{"--data-cache-bytes=-1"}, Texts{"--database-pool-min=-1"}, Texts{"--data-cache-ttl=-1s"}, Texts{"--environment=x"}})
    EXPECT_FALSE(parse_options(wrong, {})) << wrong.back();
}

TEST(Options, TakeSwitchesWithAndWithoutAValue) {
  EXPECT_TRUE(parse_options({"--h2c", "--port=1"}, {})->h2c);
  EXPECT_FALSE(parse_options({"--h2c=false"}, {{"PODINFO_H2C", "true"}})->h2c);
  EXPECT_EQ(parse_options({"--version"}, {})->mode, Options::Mode::print_version);
  EXPECT_EQ(parse_options({"--version=false"}, {})->mode, Options::Mode::serve);
  EXPECT_EQ(parse_options({"-h", "--nope"}, {})->mode, Options::Mode::print_help);
  EXPECT_EQ(parse_options({"-vh"}, {})->mode, Options::Mode::print_help);
  EXPECT_EQ(parse_options({"-v=true"}, {})->mode, Options::Mode::print_version);
  EXPECT_EQ(parse_options({"-v=0"}, {})->mode, Options::Mode::serve);
}

TEST(Options, PassOverWordsThatAreNoFlags) {
  auto options = parse_options({"foo", "--h2c", "false", "rotate", "-", "--port=1", "--", "--nope", "-x"}, {});
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_TRUE(options->h2c);
  EXPECT_EQ(options->port, 1);
  EXPECT_EQ(options->mode, Options::Mode::serve);
}

TEST(Options, AreEmptyWhereTheyAreSaidToBe) {
  EXPECT_EQ(parse_options({}, {{"PODINFO_UI_LOGO", ""}})->ui_logo, std::nullopt);
  auto options = parse_options({"--ui-logo=", "--ui-message", "", "--ui-color="}, {{"PODINFO_UI_LOGO", "x"}, {"PODINFO_UI_MESSAGE", "y"}});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->ui_logo, "");
  EXPECT_EQ(options->ui_message, "");
  EXPECT_EQ(options->ui_color, "");
}

TEST(Options, TakeIntegersThatAreNoPorts) {
  EXPECT_EQ(parse_options({"--port=0x1F"}, {})->port, 31);
  EXPECT_EQ(parse_options({"--port=+9898"}, {})->port, 9898);
  EXPECT_EQ(parse_options({"--port=-1", "--secure-port", "65536"}, {})->port, -1);  // listening on it fails
}

TEST(Options, CollectBackendsOfTheStrongestSourceOnly) {
  Environment environment{{"PODINFO_BACKEND_URL", "http://e, http://f"}};
  EXPECT_EQ(parse_options({}, environment, {{"backend-url", "http://x"}})->backend_urls, (Texts{"http://e", "http://f"}));
  EXPECT_EQ(parse_options({"--backend-url=http://a,http://b", "--backend-url", "http://c"}, environment)->backend_urls,
            (Texts{"http://a", "http://b", "http://c"}));
  EXPECT_FALSE(parse_options(Texts(backends_max + 1, "--backend-url=http://a"), {}));
}

TEST(Options, AreRefusedInOneLineThatSaysWhy) {
  struct {
    Texts arguments;
    const char* message;
  } cases[] = {
      {{"--port"}, "flag needs an argument: --port"},
      {{"--port=x"}, "invalid argument \"x\" for \"--port\" flag: strconv.ParseInt: parsing \"x\": invalid syntax"},
      {{"--port", "99999999999999999999"},
       "invalid argument \"99999999999999999999\" for \"--port\" flag: strconv.ParseInt: parsing \"99999999999999999999\": value out of range"},
      {{"--h2c=maybe"}, "invalid argument \"maybe\" for \"--h2c\" flag: strconv.ParseBool: parsing \"maybe\": invalid syntax"},
      {{"--secret-refresh=1d"}, "invalid argument \"1d\" for \"--secret-refresh\" flag: time: unknown unit \"d\" in duration \"1d\""},
      {{"--secret-refresh=30"}, "invalid argument \"30\" for \"--secret-refresh\" flag: time: missing unit in duration \"30\""},
      {{"-v=x"}, "invalid argument \"x\" for \"-v, --version\" flag: strconv.ParseBool: parsing \"x\": invalid syntax"},
      {{"-vx"}, "unknown shorthand flag: 'x' in -vx"},
      {{"--=x"}, "bad flag syntax: --=x"},
      {{"---port"}, "bad flag syntax: ---port"},
      {{"--nope=1"}, "unknown flag: --nope"},
      {{"--jwt-secret=x"}, "unknown flag: --jwt-secret"},
      {{"-p"}, "unknown shorthand flag: 'p' in -p"},
      {{"--random-delay-min=6"}, "`--random-delay-max` should be greater than `--random-delay-min`"},
      {{"--random-delay-unit=m"}, "`random-delay-unit` accepted values are: s|ms"},
      {{"--secret-refresh=1ms"}, "`--secret-refresh` should be at least 10ms"},
  };
  for (auto& c : cases) {
    auto options = parse_options(c.arguments, {});
    ASSERT_FALSE(options) << c.message;
    EXPECT_EQ(options.error().message, c.message);
  }
}

TEST(Options, CleanThePrefix) {
  struct {
    const char *given, *prefix;
  } cases[] = {{"", ""},
               {"/", ""},
               {" / ", ""},
               {"foo", "/foo"},
               {"/foo/", "/foo"},
               {"foo/", "/foo"},
               {"//foo//bar//", "/foo/bar"},
               {"/a/../b", "/b"},
               {"/../..", ""},
               {"/./a", "/a"}};
  for (auto& c : cases) EXPECT_EQ(clean_prefix(c.given), c.prefix) << c.given;
}

TEST(Release, IsReadFromItsFileAndNothingElse) {
  auto release = parse_release(R"({"version":"1.2.0","revision":"r","faulty":{"after_seconds":5,"error_ratio":0.2}})");
  ASSERT_TRUE(release);
  EXPECT_EQ(release->version, "1.2.0");
  EXPECT_EQ(release->fault->after, 5s);
  EXPECT_DOUBLE_EQ(release->fault->error_ratio, 0.2);
  EXPECT_FALSE(parse_release(R"({"version":"1.0.0"})")->fault);
  for (std::string bad : {"", "[]", "{}", R"({"version":""})", R"({"version":"1","faulty":{"error_ratio":1.5}})",
                          R"({"version":"1","faulty":{"after_seconds":-1}})"}) {
    EXPECT_FALSE(parse_release(bad)) << bad;
  }
}

TEST(Release, IsWhatTheEnvironmentSaysWhereThereIsNoFile) {
  EXPECT_EQ(release_of({}).version, "0.0.0-dev");
  Release release = release_of({{"VERSION", "1.0.0"}, {"COMMIT", "abc"}, {"BUILD_TIME", ""}});
  EXPECT_EQ(release.version + " " + release.revision + " " + release.build_time, "1.0.0 abc unknown");
}

TEST(Options, OfAFunctionKeepItsFilesWhereItMayWriteUnlessToldOtherwise) {
  Environment environment{{"AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001"}};
  EXPECT_EQ(parse_options({}, {})->data_path, "/data");
  EXPECT_EQ(parse_options({}, environment)->data_path, function_data_path);
  EXPECT_EQ(parse_options({"--data-path=/data"}, environment)->data_path, "/data");
  environment["PODINFO_DATA_PATH"] = "/mnt/files";
  EXPECT_EQ(parse_options({}, environment)->data_path, "/mnt/files");
}

}  // namespace
}  // namespace pds::podinfo
