#include "podinfo/app.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>

#include "base/json.h"
#include "base/text.h"
#include "io/clock.h"
#include "io/files.h"
#include "podinfo/buffered_random.h"
#include "podinfo/lambda_event.h"
#include "podinfo/lambda_runtime.h"
#include "podinfo/serve.h"

namespace pds::podinfo {
namespace {

class TextBody final : public http::Body {
 public:
  explicit TextBody(std::string text) : text_(std::move(text)) {}
  io::Task<Result<std::string_view>> read() override {
    if (std::exchange(read_, true)) co_return std::string_view();
    co_return std::string_view(text_);
  }
  std::optional<uint64_t> length() const override { return text_.size(); }
  const http::Headers& trailers() const override { return none_; }

 private:
  std::string text_;
  bool read_ = false;
  http::Headers none_;
};

// Gives versions one after the other.
class ListedSecrets final : public SecretSource {
 public:
  std::vector<Result<Secret>> answers;
  size_t asked = 0;
  io::Task<Result<Secret>> fetch(const std::string&) override {
    size_t index = std::min(asked++, answers.size() - 1);
    co_return answers[index];
  }
};

struct AppTest : testing::Test {
  io::Loop loop;
  io::ManualClock clock{from_epoch_seconds(1'800'000'000)};
  SeededRandom random{1};
  std::vector<std::string> log;
  Logger logger{[this](std::string_view line) { log.emplace_back(line); }, LogLevel::debug};
  int exit_status = -1;
  Options options{.level = LogLevel::debug};
  Release release{.version = "1.2.3", .revision = "abc"};
  ListedSecrets source;
  SecretHolder secrets{loop, clock, logger, source, "db"};
  bool holds_secret = false;
  std::unique_ptr<App> made;

  App& app() {
    if (!made) {
      made.reset(new App({loop,
                          clock,
                          random,
                          logger,
                          options,
                          release,
                          "host-1",
                          {"A=1", "DB_PASSWORD=hunter2", "AWS_SESSION_TOKEN=x", "api_key=y", "PATH=/bin"},
                          holds_secret ? &secrets : nullptr,
                          [this](int status) { exit_status = status; }}));
      made->set_healthy(true);
      made->set_ready(true);
    }
    return *made;
  }
  http::Response ask(std::string method, std::string target, http::Headers headers = {}, std::string body = "") {
    http::RequestHead head{.method = std::move(method), .target = std::move(target), .headers = std::move(headers)};
    TextBody text(std::move(body));
    return io::run_until_done(loop, app().answer(head, text));
  }
  json::object object(const http::Response& response) { return parse_json(response.body)->as_object(); }
};

http::Headers with(std::string_view name, std::string_view value) {
  http::Headers headers;
  headers.add(name, value);
  return headers;
}

TEST_F(AppTest, LeadsEveryPathAndMethodWhereThePodinfoContractSays) {
  struct {
    const char *method, *target;
    int status;
    const char* body;  // its beginning
  } cases[] = {
      {"GET", "/", 200, "{\n  \"hostname\": \"host-1\",\n  \"version\": \"1.2.3\""},
      {"GET", "/?x=1", 200, "{\n  \"hostname\""},
      {"GET", "/api/info", 200, "{\n  \"hostname\""},
      {"GET", "/version", 200, "{\n  \"commit\": \"abc\",\n  \"version\": \"1.2.3\"\n}"},
      {"GET", "/%76ersion", 200, "{\n  \"commit\""},
      {"HEAD", "/version", 405, ""},
      {"POST", "/version", 405, ""},
      {"GET", "/version/", 404, "404 page not found\n"},
      {"GET", "/Version", 404, "404 page not found\n"},
      {"GET", "//version?x=1", 301, ""},
      {"GET", "/a/../../version", 301, ""},
      {"GET", "/%zz", 400, "400 Bad Request"},
      {"OPTIONS", "*", 200, ""},
      {"GET", "*", 405, ""},
      {"GET", "/healthz", 200, "{\n  \"status\": \"OK\"\n}"},
      {"GET", "/readyz", 200, "{\n  \"status\": \"OK\"\n}"},
      {"GET", "/readyz/disable", 405, ""},
      {"GET", "/status/404", 404, "{\n  \"status\": 404\n}"},
      {"PUT", "/status/0418", 418, "{\n  \"status\": 418\n}"},
      {"DELETE", "/status/200", 405, ""},
      {"GET", "/status/99", 200, "{\n  \"code\": 400"},
      {"GET", "/status/99999999999999999999", 200,
       "{\n  \"code\": 400,\n  \"message\": \"strconv.Atoi: parsing \\\"99999999999999999999\\\": value out of range\""},
      {"GET", "/status/x", 404, "404"},
      {"GET", "/delay/0", 200, "{\n  \"delay\": 0\n}"},
      {"GET", "/delay/", 404, "404"},
      {"GET", "/api/data", 200, "{\n  \"id\": \"req-"},
      {"GET", "/api/data/a", 404, "{\n  \"code\": 404,\n  \"message\": \"no database is set"},
      {"POST", "/api/data", 405, "{\n  \"code\": 405"},
      {"PUT", "/api/data/a", 405, "{\n  \"code\": 405"},
      {"DELETE", "/api/data/a", 405, "{\n  \"code\": 405"},
      {"PATCH", "/api/data", 405, ""},
      {"GET", "/configs", 200, "{}"},
      {"GET", "/status/102", 200, "{\n  \"status\": 102\n}"},
      {"GET", "/status/204", 204, ""},
      {"GET", "/status/101", 200, "{\n  \"code\": 400"},
      {"GET", "/status/1000", 200, "{\n  \"code\": 400"},
      {"GET", "/store/abc", 200, "{\n  \"code\": 400,\n  \"message\": \"invalid hash\"\n}"},
      {"GET", "/store/DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", 200, "{\n  \"code\": 400"},
      {"GET", "/store/", 404, "404"},
      {"DELETE", "/store/abc", 405, ""},
      {"PUT", "/cache/a", 200, "{\n  \"code\": 400,\n  \"message\": \"cache server is offline\"\n}"},
      {"DELETE", "/cache/a", 200, "{\n  \"code\": 400"},
      {"GET", "/cache/a", 200, "{\n  \"code\": 400"},
      {"GET", "/cache/a%2Fb", 404, "404"},
      {"PATCH", "/cache/a", 405, ""},
      {"GET", "/ws/echo", 400, "Bad Request\n"},
      {"HEAD", "/swagger.json", 200, "{"},
      {"GET", "/swagger", 404, "404"},
      {"GET", "/swagger/", 301, ""},
      {"POST", "/swagger/", 405, "Method not allowed\n"},
      {"GET", "/swagger/index.html", 200, "<!DOCTYPE html>"},
      {"GET", "/swagger/x", 404, "404"},
      {"GET", "/nothing", 404, "404 page not found\n"},
      {"GET", "/echoes", 404, "404"},
  };
  for (auto& c : cases) {
    http::Response response = ask(c.method, c.target);
    EXPECT_EQ(response.head.status, c.status) << c.method << " " << c.target;
    EXPECT_TRUE(response.body.starts_with(c.body)) << c.target << ": " << response.body;
  }
}

TEST_F(AppTest, MovesUncleanPathsWithoutLeavingTheHost) {
  EXPECT_EQ(ask("GET", "//version?x=1").head.headers.get("location"), "/version?x=1");
  EXPECT_EQ(ask("GET", "//evil.com").head.headers.get("location"), "/evil.com");
  EXPECT_EQ(ask("GET", "//x%0d%0aA:b").head.headers.get("location"), "/x%0D%0AA:b");
}

TEST_F(AppTest, EchoesAnyMethodBelowItsPathAsBytes) {
  for (std::string target : {"/echo", "/api/echo/x/y"}) {
    http::Response response = ask("PATCH", target, {}, "<b>");
    EXPECT_EQ(response.head.status, 202);
    EXPECT_EQ(response.body, "<b>");
    EXPECT_EQ(response.head.headers.get("content-type"), "application/octet-stream");
    EXPECT_EQ(response.head.headers.get("content-security-policy"), "default-src 'none'");
  }
  EXPECT_EQ(object(ask("POST", "/echo", {}, std::string(body_bytes_max + 1, 'x'))).at("code"), 413);
  EXPECT_EQ(ask("POST", "/echo", {}, std::string(body_bytes_max, 'x')).head.status, 202);
}

TEST_F(AppTest, ShowsBrowsersAPageThatCannotBeInjectedInto) {
  options.ui_message = "</script><b>{{version}}";
  options.ui_color = "red;background:url(x)";
  http::Response page = ask("GET", "/", with("User-Agent", "Mozilla/5.0"));
  EXPECT_EQ(page.head.headers.get("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.body.find("<b>"), std::string::npos);
  EXPECT_NE(page.body.find("&lt;/script&gt;&lt;b&gt;{{version}}"), std::string::npos);
  EXPECT_NE(page.body.find("background-color: #34577c;"), std::string::npos);
  EXPECT_NE(page.body.find("<dd id=\"version\">1.2.3</dd>"), std::string::npos);
  EXPECT_TRUE(ask("GET", "/", with("User-Agent", "mozilla/5.0")).body.starts_with("{"));
  EXPECT_NE(ask("GET", "/").body.find("\\u003c/script\\u003e"), std::string::npos);
}

TEST_F(AppTest, ListsTheEnvironmentWithoutSecrets) {
  EXPECT_EQ(ask("GET", "/env").body,
            "[\n  \"A=1\",\n  \"DB_PASSWORD=***\",\n  \"AWS_SESSION_TOKEN=***\",\n  \"api_key=***\",\n  \"PATH=/bin\"\n]");
}

TEST_F(AppTest, ListsHeadersCanonicallyAndItsOwnVersion) {
  http::Headers headers = with("host", "h");
  headers.add("x-b", "2");
  headers.add("X-B", "1");
  headers.add("X-API-VERSION", "mine");
  EXPECT_EQ(ask("GET", "/headers", headers).body,
            "{\n  \"X-Api-Revision\": [\n    \"abc\"\n  ],\n  \"X-Api-Version\": [\n    \"1.2.3\"\n  ],\n  \"X-B\": [\n    "
            "\"2\",\n    \"1\"\n  ]\n}");
}

TEST_F(AppTest, ReadinessFollowsItsSwitches) {
  EXPECT_EQ(ask("POST", "/readyz/disable").head.status, 202);
  EXPECT_EQ(ask("GET", "/readyz").head.status, 503);
  EXPECT_EQ(ask("GET", "/healthz").head.status, 200);
  EXPECT_EQ(ask("POST", "/readyz/enable").head.status, 202);
  EXPECT_EQ(ask("GET", "/readyz").head.status, 200);
}

TEST_F(AppTest, ReadinessIsToldToWhoFollowsIt) {
  std::vector<bool> told;
  app().follow_readiness([&](bool ready) { told.push_back(ready); });
  ask("POST", "/readyz/disable");
  ask("POST", "/readyz/enable");
  app().follow_readiness(nullptr);
  app().set_ready(false);
  EXPECT_EQ(told, (std::vector{true, false, true}));
}

TEST_F(AppTest, InjectedFaultsSpareProbesAndTheirOwnSwitch) {
  EXPECT_EQ(ask("POST", "/fault_injection/enable").body, "{\n  \"fault_injection\": \"enabled\"\n}");
  http::Response failed = ask("GET", "/version");
  EXPECT_EQ(failed.head.status, 500);
  EXPECT_EQ(failed.body, "{\"status\":\"fault injection enabled\"}\n");
  EXPECT_EQ(failed.head.headers.get("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(ask("POST", "/readyz/disable").head.status, 500);
  for (const char* spared : {"/healthz", "/readyz", "/metrics", "/fault_injection/status"})
    EXPECT_EQ(ask("GET", spared).head.status, 200);
  EXPECT_EQ(ask("GET", "/nothing").head.status, 404);
  EXPECT_EQ(ask("POST", "/fault_injection/disable").head.status, 202);
  EXPECT_EQ(ask("GET", "/version").head.status, 200);
}

TEST_F(AppTest, RandomErrorsAreAThirdOfAllAnswers) {
  options.random_error = true;
  std::map<int, int> statuses;
  for (int i = 0; i < 3000; ++i) ++statuses[ask("GET", "/healthz").head.status];
  EXPECT_EQ(statuses.size(), 4u);
  EXPECT_NEAR(statuses[200], 2000, 150);
  for (int error : {400, 409, 500}) EXPECT_NEAR(statuses[error], 333, 90) << error;
}

TEST_F(AppTest, RandomDelaysAreWholeUnitsBelowTheMost) {
  io::ManualTime time;
  io::Loop manual(time);
  options.random_delay = true;
  options.random_delay_min = 2;
  options.random_delay_max = 4;
  App delayed({manual, clock, random, logger, options, release, "host-1", {}, nullptr, [](int) {}});
  std::set<Duration> delays;
  for (int i = 0; i < 64; ++i) {
    MonoTime before = time.now();
    http::RequestHead head{.method = "GET", .target = "/version"};
    TextBody body("");
    EXPECT_EQ(io::run_until_done(manual, delayed.answer(head, body)).head.status, 200);
    delays.insert(std::chrono::duration_cast<Duration>(time.now() - before));
  }
  EXPECT_EQ(delays, (std::set<Duration>{2s, 3s}));
}

TEST_F(AppTest, AnAnswerAfterTheServersTimeIsNotGiven) {
  io::ManualTime time;
  io::Loop manual(time);
  App app({manual, clock, random, logger, options, release, "host-1", {}, nullptr, [](int) {}});
  struct {
    const char* target;
    int status;
    const char* body;
    Duration took;
  } cases[] = {
      {"/delay/29", 200, "{\n  \"delay\": 29\n}", 29s},
      {"/delay/31", 504, "there was no answer in time\n", 30s},
      {"/delay/9223372036854775807", 504, "there was no answer in time\n", 30s},
      {"/chunked/3", 200, "{\n  \"delay\": 3\n}", 3s},
      {"/chunked/31", 200, "", 30s},
  };
  for (auto& c : cases) {
    MonoTime before = time.now();
    http::RequestHead head{.method = "GET", .target = c.target};
    TextBody body("");
    http::Response response = io::run_until_done(manual, app.answer(head, body));
    EXPECT_EQ(response.head.status, c.status) << c.target;
    EXPECT_EQ(response.body, c.body) << c.target;
    EXPECT_EQ(time.now() - before, c.took) << c.target;
  }
}

TEST_F(AppTest, AChunkedAnswerWithoutANumberTakesBetweenTenSecondsAndTheServersTime) {
  io::ManualTime time;
  io::Loop manual(time);
  options.http_server_timeout = 13s;
  App app({manual, clock, random, logger, options, release, "host-1", {}, nullptr, [](int) {}});
  std::set<std::string> bodies;
  for (int i = 0; i < 64; ++i) {
    http::RequestHead head{.method = "GET", .target = i % 2 ? "/chunked" : "/chunked/99999999999999999999"};
    TextBody body("");
    bodies.insert(io::run_until_done(manual, app.answer(head, body)).body);
  }
  EXPECT_EQ(bodies, (std::set<std::string>{"{\n  \"delay\": 10\n}", "{\n  \"delay\": 11\n}", "{\n  \"delay\": 12\n}"}));
}

TEST_F(AppTest, StoresBytesUnderTheirHash) {
  char folder[] = "/tmp/podinfo-store-XXXXXX";
  ASSERT_TRUE(mkdtemp(folder));
  options.data_path = folder;
  std::string bytes("<b>\0\xff", 5);
  http::Response stored = ask("POST", "/store", {}, bytes);
  EXPECT_EQ(stored.head.status, 202);
  std::string hash(object(stored).at("hash").as_string());
  EXPECT_EQ(hash, to_hex(sha1(bytes)));
  http::Response read = ask("GET", "/store/" + hash);
  EXPECT_EQ(read.head.status, 202);
  EXPECT_EQ(read.body, bytes);
  EXPECT_EQ(read.head.headers.get("content-type"), "application/octet-stream");
  EXPECT_EQ(object(ask("GET", "/store/" + std::string(40, '0'))).at("message"), "reading file failed");
  ASSERT_TRUE(io::remove_tree(folder));
  EXPECT_EQ(object(ask("PUT", "/store", {}, bytes)).at("message"), "writing file failed");
}

TEST_F(AppTest, GivesTokensAndTakesThemBack) {
  json::object given = object(ask("POST", "/token", {}, "anna"));
  EXPECT_EQ(given.at("expires_at"), "2027-01-15T08:01:00Z");
  std::string token(given.at("token").as_string());
  http::Response taken = ask("GET", "/token/validate", with("Authorization", "BEARER " + token));
  EXPECT_EQ(taken.body, "{\n  \"token_name\": \"anna\",\n  \"expires_at\": \"2027-01-15T08:01:00Z\"\n}");
  EXPECT_EQ(object(ask("POST", "/token")).at("expires_at"), "2027-01-15T08:01:00Z");
  for (std::string bad : {"", "Bearer", "Bearer  x", "Bearer a b", "Basic x"}) {
    EXPECT_EQ(object(ask("GET", "/token/validate", with("Authorization", bad))).at("message"),
              "authorization bearer header required");
  }
  options.jwt_secret = "another";
  made.reset();
  EXPECT_EQ(object(ask("GET", "/token/validate", with("Authorization", "Bearer " + token))).at("message"), "signature is invalid");
}

TEST_F(AppTest, ShowsTheFilesOfItsConfigPathByName) {
  app().set_config_files({{"b", "2\n"}, {"a", "<"}});
  EXPECT_EQ(ask("GET", "/configs").body, "{\n  \"a\": \"\\u003c\",\n  \"b\": \"2\\n\"\n}");
}

TEST_F(AppTest, DescribesItsPathsForOtherPrograms) {
  options.prefix = "/foo";
  http::Response text = ask("GET", "/foo/swagger.json");
  EXPECT_EQ(text.head.headers.get("content-type"), "text/plain; charset=utf-8");
  json::object document = object(text);
  EXPECT_EQ(document.at("basePath"), "/foo");
  EXPECT_EQ(document.at("paths").as_object().size(), 24u);
  EXPECT_EQ(ask("GET", "/foo/swagger/").head.headers.get("location"), "/foo/swagger/index.html");
  http::Response doc = ask("GET", "/foo/swagger/doc.json");
  EXPECT_EQ(doc.head.headers.get("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(doc.body, text.body);
}

TEST_F(AppTest, CarriesACorrelationIdIntoAnswerAndLog) {
  EXPECT_EQ(ask("GET", "/version", with("X-Correlation-ID", "abc-123")).head.headers.get("x-correlation-id"), "abc-123");
  EXPECT_NE(log.back().find(R"("correlation_id":"abc-123")"), std::string::npos) << log.back();
  for (std::string bad : {std::string("a b"), std::string(129, 'a'), std::string("\"x\""), std::string()}) {
    std::string given = ask("GET", "/version", with("X-Correlation-ID", bad)).head.headers.get("x-correlation-id");
    EXPECT_EQ(given.size(), 36u) << given;
    EXPECT_NE(log.back().find(given), std::string::npos);
  }
  EXPECT_EQ(ask("GET", "/version").head.headers.get("x-podinfo-version"), "1.2.3");
}

TEST_F(AppTest, PanicEndsTheProcess) {
  ask("GET", "/panic");
  EXPECT_EQ(exit_status, 255);
}

TEST_F(AppTest, CountsMatchedRequestsByMethodPathAndStatus) {
  ask("GET", "/version");
  ask("GET", "/version");
  ask("GET", "/status/404");
  ask("BREW", "/echo");
  ask("GET", "/nowhere");
  std::string text = ask("GET", "/metrics").body;
  EXPECT_NE(text.find("http_requests_total{status=\"200\"} 2\n"), std::string::npos) << text;
  EXPECT_NE(text.find("http_requests_total{status=\"404\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("http_request_duration_seconds_bucket{method=\"GET\",path=\"version\",status=\"200\",le=\"+Inf\"} 2\n"),
            std::string::npos);
  EXPECT_NE(text.find("http_request_duration_seconds_count{method=\"other\",path=\"echo\",status=\"202\"} 1\n"), std::string::npos);
  EXPECT_NE(text.find("process_resident_memory_bytes "), std::string::npos);
  EXPECT_NE(text.find("promhttp_metric_handler_requests_total{code=\"200\"} 0\n"), std::string::npos);
  EXPECT_NE(ask("GET", "/metrics").body.find("path=\"metrics\",status=\"200\",le=\"+Inf\"} 1\n"), std::string::npos);
}

TEST_F(AppTest, ABrokenReleaseFailsAPartOfItsRequestsButNoProbe) {
  release.fault = Fault{0s, 0.2};
  int failed = 0;
  for (int i = 0; i < 1000; ++i) {
    failed += ask("GET", "/version").head.status == 500;
    EXPECT_EQ(ask("GET", "/readyz").head.status, 200);
  }
  EXPECT_GT(failed, 150);
  EXPECT_LT(failed, 250);
}

TEST_F(AppTest, ABrokenReleaseIsSoundUntilItsTime) {
  release.fault = Fault{1h, 1};
  EXPECT_EQ(ask("GET", "/version").head.status, 200);
}

TEST_F(AppTest, TellsWhichSecretIsLoadedAndNeverItsValue) {
  holds_secret = true;
  EXPECT_EQ(object(ask("GET", "/api/secret")).at("loaded"), false);
  source.answers = {Secret{"db", "arn:db", "v1", "hunter2"}, fail_world("ThrottlingException", "the value was hunter2"),
                    Secret{"db", "arn:db", "v2", "hunter3"}};
  io::run_until_done(loop, secrets.refresh());
  json::object first = object(ask("GET", "/api/secret"));
  EXPECT_EQ(first.at("version_id"), "v1");
  EXPECT_EQ(first.at("loaded_at"), "2027-01-15T08:00:00.000Z");
  io::run_until_done(loop, secrets.refresh());
  json::object second = object(ask("GET", "/api/secret"));
  EXPECT_EQ(second.at("version_id"), "v1");  // what it has, it keeps
  EXPECT_EQ(second.at("last_error"), "ThrottlingException");
  io::run_until_done(loop, secrets.refresh());
  http::Response third = ask("GET", "/api/secret");
  EXPECT_EQ(object(third).at("version_id"), "v2");
  EXPECT_EQ(third.body.find("hunter"), std::string::npos);
  for (const std::string& line : log) EXPECT_EQ(line.find("hunter"), std::string::npos) << line;
}

TEST_F(AppTest, IsNotReadyBeforeItsSecretAndNeverUnreadyForTheLackOfANewOne) {
  holds_secret = true;
  source.answers = {fail_world("AccessDeniedException", "no"), Secret{"db", "arn:db", "v1", "{\"password\":\"hun"},
                    Secret{"db", "arn:db", "v2", R"({"API_KEY":"hunter2","DATABASE_URL":""})"}, Secret{"db", "arn:db", "v3", "{"}};
  auto reason = [this] { return ask("GET", "/readyz").head.headers.get("x-unready-reason"); };
  EXPECT_EQ(reason(), "the secret has not been loaded yet");
  io::run_until_done(loop, secrets.refresh());
  EXPECT_EQ(reason(), "the secret could not be loaded: AccessDeniedException");
  io::run_until_done(loop, secrets.refresh());
  EXPECT_EQ(reason(), "the secret could not be loaded: MalformedSecret");
  EXPECT_EQ(ask("GET", "/readyz").head.status, 503);
  io::run_until_done(loop, secrets.refresh());
  EXPECT_EQ(ask("GET", "/readyz").head.status, 200);
  EXPECT_EQ(reason(), "");
  io::run_until_done(loop, secrets.refresh());
  EXPECT_EQ(ask("GET", "/readyz").head.status, 200);
  json::object told = object(ask("GET", "/api/secret"));
  EXPECT_EQ(told.at("version_id"), "v2");
  EXPECT_EQ(told.at("last_error"), "MalformedSecret");
  EXPECT_EQ(told.at("secret_status"),
            (json::object{{"super_secret_token_loaded", false}, {"database_url_loaded", false}, {"api_key_loaded", true}}));
  ask("POST", "/readyz/disable");
  EXPECT_EQ(reason(), "disabled");
}

TEST(Secret, IsATextOrAnObjectAndNothingInBetween) {
  for (const char* sound : {"hunter2", "a{", "[1", "{}", " {\"a\":1}\n"}) EXPECT_TRUE(is_sound_secret(sound)) << sound;
  for (const char* broken : {"", "{", " {\"a\":", "\xff\xfe", "{}{}"}) EXPECT_FALSE(is_sound_secret(broken)) << broken;
}

TEST(BufferedRandom, GivesTheBytesOfItsSourceEachOnce) {
  SeededRandom source(7), same(7);
  BufferedRandom buffered(source);
  std::string expected = same.bytes(2048), got;
  for (int i = 0; i < 16; ++i) got += buffered.bytes(128);
  EXPECT_EQ(got, expected);
  EXPECT_NE(buffered.bytes(128), expected.substr(0, 128));
  EXPECT_EQ(buffered.bytes(5000).size(), 5000u);
}

// ---- Lambda ----

TEST(LambdaEvent, OfEverySenderBecomesARequest) {
  struct {
    const char *event, *method, *target, *body;
    LambdaEvent::Form form;
  } cases[] = {
      {R"({"version":"2.0","rawPath":"/echo","rawQueryString":"a=1&b=%20","headers":{"x-a":"1"},"cookies":["c=1","d=2"],
          "requestContext":{"http":{"method":"POST","path":"/echo"}},"body":"aGk=","isBase64Encoded":true})",
       "POST", "/echo?a=1&b=%20", "hi", LambdaEvent::Form::http_api},
      {R"({"requestContext":{"elb":{"targetGroupArn":"x"}},"httpMethod":"GET","path":"/version","queryStringParameters":{"a":"%20"},"headers":{"x-a":"1"},"body":"","isBase64Encoded":false})",
       "GET", "/version?a=%20", "", LambdaEvent::Form::load_balancer},
      {R"({"httpMethod":"PUT","path":"/status/200","multiValueQueryStringParameters":{"a":["1 2","3"]},"multiValueHeaders":{"x-a":["1","2"]},"requestContext":{},"body":null})",
       "PUT", "/status/200?a=1%202&a=3", "", LambdaEvent::Form::rest_api},
      {R"({"path":"/version"})", "GET", "/version", "", LambdaEvent::Form::direct},
      {R"({"anything":1})", "GET", "/api/info", "", LambdaEvent::Form::plain},
      {R"("text")", "GET", "/api/info", "", LambdaEvent::Form::plain},
      {"", "GET", "/api/info", "", LambdaEvent::Form::plain},
  };
  for (auto& c : cases) {
    auto event = parse_lambda_event(c.event);
    ASSERT_TRUE(event) << c.event;
    EXPECT_EQ(event->form, c.form) << c.event;
    EXPECT_EQ(event->request.head.method, c.method);
    EXPECT_EQ(event->request.head.target, c.target);
    EXPECT_EQ(event->request.body, c.body);
  }
  EXPECT_EQ(parse_lambda_event(cases[0].event)->request.head.headers.get("cookie"), "c=1; d=2");
  for (const char* bad : {"{", R"({"path":"/a b"})", R"({"path":"/","method":"G T"})", R"({"path":"/","headers":{"a":"b\r\nc"}})",
                          R"({"path":"/","headers":{"a b":"c"}})", R"({"path":"/","body":"%%","isBase64Encoded":true})",
                          R"({"path":"/","headers":{"a":1}})"}) {
    EXPECT_FALSE(parse_lambda_event(bad)) << bad;
  }
}

TEST(LambdaEvent, IsAnsweredInTheFormOfItsSender) {
  http::Response response = http::Response::text(200, "hi");
  LambdaEvent http_api{.form = LambdaEvent::Form::http_api};
  EXPECT_EQ(lambda_answer(http_api, response),
            R"({"statusCode":200,"headers":{"content-type":"text/plain; charset=utf-8"},"body":"hi","isBase64Encoded":false})");
  LambdaEvent balancer{.form = LambdaEvent::Form::load_balancer, .multi_value = true};
  http::Response bytes = http::Response::text(404, "\xff", "application/octet-stream");
  EXPECT_EQ(
      lambda_answer(balancer, bytes),
      R"({"statusCode":404,"statusDescription":"404 Not Found","multiValueHeaders":{"content-type":["application/octet-stream"]},"body":"/w==","isBase64Encoded":true})");
  EXPECT_EQ(lambda_answer(LambdaEvent{}, http::Response::json(200, "{}")), "{}");
}

// A Runtime API that hands out events and keeps what comes back.
struct FakeRuntimeApi {
  std::vector<std::string> events;
  size_t given = 0;
  std::vector<std::string> posts;  // target + " " + body
  io::Event all_answered;

  static io::Task<http::Response> answer(FakeRuntimeApi& self, http::Request request) {
    if (request.head.method == "GET") {
      if (self.given == self.events.size()) {
        self.all_answered.set();
        io::Event for_ever;
        co_await for_ever.wait();
      }
      http::Response response = http::Response::json(200, self.events[self.given]);
      response.head.headers.add("Lambda-Runtime-Aws-Request-Id", "id-" + std::to_string(self.given++));
      co_return response;
    }
    self.posts.push_back(request.head.target + " " + request.body);
    co_return http::Response::json(202, "{}");
  }
};

io::Task<void> until(io::Event& event) { co_await event.wait(); }

TEST_F(AppTest, AnswersEventsOfTheRuntimeApiAndOutlivesItsAbsence) {
  FakeRuntimeApi api;
  api.events = {R"({"path":"/version"})", "{not json", R"({})"};
  http::BufferedService::Handler handler = [&api](http::Request request) {
    return FakeRuntimeApi::answer(api, std::move(request));
  };
  http::BufferedService service(handler);
  // A port where nobody listens yet.
  uint16_t port = (*io::listen_tcp(loop, "127.0.0.1", 0))->port();
  io::TaskSet tasks;
  tasks.spawn(serve_lambda(app(), "127.0.0.1:" + std::to_string(port)));
  while (log.empty() || log.back().find("no invocation") == std::string::npos) loop.run_once(1s);
  http::Server server(loop, service);
  auto listener = io::listen_tcp(loop, "127.0.0.1", port);
  ASSERT_TRUE(listener) << listener.error().message;
  server.listen(std::move(*listener));
  io::run_until_done(loop, until(api.all_answered));
  ASSERT_EQ(api.posts.size(), 3u);
  EXPECT_TRUE(api.posts[0].starts_with("/2018-06-01/runtime/invocation/id-0/response {\"statusCode\":200,")) << api.posts[0];
  EXPECT_NE(api.posts[0].find("\"x-correlation-id\":\"id-0\""), std::string::npos) << api.posts[0];
  EXPECT_TRUE(api.posts[1].starts_with("/2018-06-01/runtime/invocation/id-1/error {\"errorMessage\":")) << api.posts[1];
  EXPECT_TRUE(api.posts[2].starts_with("/2018-06-01/runtime/invocation/id-2/response {\n  \"hostname\"")) << api.posts[2];
}

// ---- serving ----

io::Task<std::string> status_of(io::Loop& loop, std::string url) {
  auto response = co_await http::fetch(loop, "GET", url);
  co_return response ? std::to_string(response->head.status) : response.error().code;
}

io::Task<void> note_status(io::Loop& loop, std::string url, std::string& status) { status = co_await status_of(loop, url); }

TEST_F(AppTest, StopsByFinishingWhatIsInFlight) {
  auto listener = io::listen_tcp(loop, "127.0.0.1", 0);
  std::string base = "http://127.0.0.1:" + std::to_string((*listener)->port());
  io::Event stop;
  std::string in_flight, ready;
  io::TaskSet tasks;
  io::TaskSet server;
  struct Serve {
    static io::Task<void> run(App& app, std::unique_ptr<io::Listener> listener, io::Event& stop) {
      Listeners listeners;
      listeners.http = std::move(listener);
      co_await serve_http(app, std::move(listeners), stop);
    }
  };
  server.spawn(Serve::run(app(), std::move(*listener), stop));
  EXPECT_EQ(io::run_until_done(loop, status_of(loop, base + "/readyz")), "200");
  tasks.spawn(note_status(loop, base + "/delay/1", in_flight));
  for (int i = 0; i < 20; ++i) loop.run_once(1ms);  // the request is on its way
  stop.set();
  while (server.size() > 0) loop.run_once(1s);
  while (tasks.size() > 0) loop.run_once(1s);
  EXPECT_EQ(in_flight, "200");
  EXPECT_FALSE(app().ready());
  EXPECT_EQ(io::run_until_done(loop, status_of(loop, base + "/readyz")), "E_CONNECT");
}

}  // namespace
}  // namespace pds::podinfo
