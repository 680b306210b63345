#include "podinfo/app.h"

#include <cstdlib>

#include "base/text.h"
#include "io/files.h"
#include "podinfo/test_app.h"

namespace pds::podinfo {
namespace {

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
  for (std::string good : {"Root=1-5759e988", "a@b/c:d,{e}", "\"x\"", "YWJj=="})
    EXPECT_EQ(ask("GET", "/version", with("X-Correlation-ID", good)).head.headers.get("x-correlation-id"), good);
  for (std::string bad : {std::string("a b"), std::string(129, 'a'), std::string("\xc3\xa9"), std::string()}) {
    std::string given = ask("GET", "/version", with("X-Correlation-ID", bad)).head.headers.get("x-correlation-id");
    EXPECT_EQ(given.size(), 36u) << given;
    EXPECT_NE(log.back().find(given), std::string::npos);
  }
  EXPECT_EQ(ask("GET", "/version").head.headers.get("x-podinfo-version"), "1.2.3");
}

TEST_F(AppTest, AnAnswerWithoutAConnectionSaysNothingOfOne) {
  EXPECT_FALSE(ask("GET", "/chunked/0").head.headers.find("connection"));
}

TEST_F(AppTest, SaysNothingOfARequestUnlessItWasAskedTo) {
  auto lines_of = [&](const char* target) {
    app();
    log.clear();
    ask("GET", target);
    return log.size();
  };
  for (const char* unmatched : {"/nowhere", "//version", "/readyz/enable"}) EXPECT_EQ(lines_of(unmatched), 0u) << unmatched;
  EXPECT_EQ(lines_of("/status/500"), 2u);
  made.reset();
  options.level = LogLevel::info;
  for (const char* target : {"/nowhere", "/version", "/status/500"}) EXPECT_EQ(lines_of(target), 0u) << target;
  made.reset();
  options.access_log = true;
  for (const char* target : {"/nowhere", "//version", "/version", "/status/500"}) EXPECT_EQ(lines_of(target), 1u) << target;
}

// A body whose sender has gone, or has sent what is none.
class FailingBody final : public http::Body {
 public:
  explicit FailingBody(const char* code) : code_(code) {}
  io::Task<Result<std::string_view>> read() override { co_return fail(code_, "in our own words"); }
  std::optional<uint64_t> length() const override { return std::nullopt; }
  const http::Headers& trailers() const override { return none_; }

 private:
  const char* code_;
  http::Headers none_;
};

TEST_F(AppTest, ABodyThatCannotBeReadIsLoggedInTheWordsOfGo) {
  std::pair<const char*, std::string_view> cases[] = {
      {"E_CLOSED", "unexpected EOF"}, {"E_TOO_LARGE", "http: request body too large"}, {"E_TIMEOUT", "i/o timeout"}, {"E_BAD_MESSAGE", "in our own words"}};
  for (auto [code, words] : cases) {
    app();
    log.clear();
    http::RequestHead head{.method = "POST", .target = "/echo"};
    FailingBody body(code);
    io::run_until_done(loop, app().answer(head, body));
    auto line = std::ranges::find_if(log, [](const std::string& text) { return text.find("reading the request body failed") != std::string::npos; });
    ASSERT_NE(line, log.end()) << code;
    EXPECT_NE(line->find("\"error\":\"" + std::string(words) + "\""), std::string::npos) << *line;
  }
}

TEST_F(AppTest, TellsWhatTheFirstServiceOfItsNameTold) {
  json::object info = object(ask("GET", "/info"));
  std::vector<std::string> names;
  for (const auto& [name, value] : info) names.emplace_back(name);
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"buildTime", "commit", "environment", "logLevel", "port", "request_id", "uptime", "version"}));
  EXPECT_EQ(info.at("version"), "1.2.3");
  EXPECT_EQ(info.at("port"), "9898");
  EXPECT_TRUE(info.at("request_id").as_string().starts_with("req-"));
  json::object none = object(ask("GET", "/api/secret", with("X-Correlation-ID", "c-1")));
  EXPECT_EQ(none.at("correlation_id"), "c-1");
  EXPECT_EQ(none.at("environment"), "dev");
  EXPECT_EQ(none.at("secret_status"),
            (json::object{{"super_secret_token_loaded", false}, {"database_url_loaded", false}, {"api_key_loaded", false}}));
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

}  // namespace
}  // namespace pds::podinfo
