#include "cloud/services/lambda/url_event.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "cloud/services/lambda/cors.h"

namespace pds::cloud::lambda {
namespace {

http::RequestHead request(std::string method, std::string target,
                          std::initializer_list<std::pair<const char*, const char*>> headers = {}) {
  http::RequestHead head;
  head.method = std::move(method);
  head.target = std::move(target);
  for (const auto& [name, value] : headers) head.headers.add(name, value);
  return head;
}

UrlContext context() {
  return {.url_id = "abc",
          .domain_name = "abc.lambda-url.us-east-1.localhost",
          .request_id = "r-1",
          .trace_id = "Root=1-0-0",
          .source_address = "127.0.0.1",
          .port = 4566,
          .at = from_epoch_seconds(1583348638.390)};
}

json::object event_of(const http::RequestHead& head, std::string_view body) {
  return parse_json(make_url_event(head, body, context()))->as_object();
}

TEST(UrlEvent, carries_the_request_in_format_two) {
  json::object event = event_of(request("POST", "/a%20b?x=1&x=2&y=%26&z",
                                        {{"Host", "abc"},
                                         {"User-Agent", "test"},
                                         {"X-Multi", "1"},
                                         {"x-multi", "2"},
                                         {"Cookie", "a=1; b=2"},
                                         {"Content-Type", "application/json"}}),
                                R"({"k":1})");
  EXPECT_EQ(get_string(event, "version"), "2.0");
  EXPECT_EQ(get_string(event, "rawPath"), "/a%20b");
  EXPECT_EQ(get_string(event, "rawQueryString"), "x=1&x=2&y=%26&z");
  EXPECT_EQ(to_text(*get_object(event, "queryStringParameters")), R"({"x":"1,2","y":"&","z":""})");
  EXPECT_EQ(to_text(event["cookies"]), R"(["a=1","b=2"])");
  EXPECT_EQ(get_string(*get_object(event, "headers"), "x-multi"), "1,2");
  EXPECT_FALSE(get_object(event, "headers")->contains("cookie"));
  EXPECT_EQ(get_string(*get_object(event, "headers"), "x-forwarded-for"), "127.0.0.1");
  EXPECT_EQ(get_string(event, "body"), R"({"k":1})");
  EXPECT_FALSE(get_bool(event, "isBase64Encoded", true));
  const json::object& about = *get_object(event, "requestContext");
  EXPECT_EQ(get_string(about, "time"), "04/Mar/2020:19:03:58 +0000");
  EXPECT_EQ(get_int(about, "timeEpoch"), 1583348638390);
  EXPECT_EQ(get_string(about, "accountId"), "anonymous");
  EXPECT_FALSE(about.contains("authorizer"));
  EXPECT_EQ(get_string(*get_object(about, "http"), "method"), "POST");
}

TEST(UrlEvent, bodies_that_are_not_text_travel_as_base64) {
  struct Row {
    const char* type;
    std::string body, as;
    bool base64;
  };
  const Row rows[] = {
      {"text/plain", "hi", "hi", false},
      {"application/problem+json; charset=utf-8", "{}", "{}", false},
      {"application/octet-stream", "hi", "aGk=", true},
      {"image/png", "\x89P", "iVA=", true},
      {"text/plain", "\xff\xfe", "//4=", true},  // says text, is not UTF-8
  };
  for (const Row& row : rows) {
    json::object event = event_of(request("POST", "/", {{"Content-Type", row.type}}), row.body);
    EXPECT_EQ(get_string(event, "body"), row.as) << row.type;
    EXPECT_EQ(get_bool(event, "isBase64Encoded"), row.base64) << row.type;
  }
  EXPECT_FALSE(event_of(request("GET", "/"), "").contains("body"));
}

TEST(UrlEvent, a_signed_request_says_who_signed) {
  UrlContext who = context();
  who.account = "000000000000", who.principal_arn = "arn:aws:iam::000000000000:user/a", who.access_key_id = "AK",
  who.user_id = "AID";
  json::object event = parse_json(make_url_event(request("GET", "/"), "", who))->as_object();
  const json::object& iam = *get_object(*get_object(*get_object(event, "requestContext"), "authorizer"), "iam");
  EXPECT_EQ(get_string(iam, "userArn"), who.principal_arn);
  EXPECT_EQ(get_string(iam, "accessKey"), "AK");
}

TEST(UrlResponse, an_answer_is_what_the_function_says) {
  struct Row {
    const char* payload;
    int status;
    std::string body;
    const char *header, *value;
  };
  const Row rows[] = {
      {R"({"statusCode":201,"headers":{"Content-Type":"text/plain","X-A":"b"},"body":"hi"})", 201, "hi", "x-a", "b"},
      {R"({"statusCode":200,"body":"aGk=","isBase64Encoded":true})", 200, "hi", "content-type", "application/json"},
      {R"({"statusCode":"404"})", 404, "", "content-type", "application/json"},
      {R"({"statusCode":200,"headers":{"X-N":7}})", 200, "", "x-n", "7"},
      {R"({"statusCode":200,"cookies":["a=1; Secure"]})", 200, "", "set-cookie", "a=1; Secure"},
      {R"({"statusCode":200,"headers":{"Connection":"close","X-A":"b"}})", 200, "", "x-a", "b"},
      {R"({"message":"no status"})", 200, R"({"message":"no status"})", "content-type", "application/json"},
      {R"("text")", 200, R"("text")", "content-type", "application/json"},
      {R"({"statusCode":99})", 502, R"({"Message":"Internal Server Error"})", "content-type", "application/json"},
      {R"({"statusCode":200,"headers":{"X-A":"b\r\nSet-Cookie: x"}})", 502, R"({"Message":"Internal Server Error"})",
       "content-type", "application/json"},
      {R"({"statusCode":200,"headers":{"X A":"b"}})", 502, R"({"Message":"Internal Server Error"})", "content-type",
       "application/json"},
      {R"({"statusCode":200,"body":"%","isBase64Encoded":true})", 502, R"({"Message":"Internal Server Error"})", "content-type",
       "application/json"},
      {"not json", 502, R"({"Message":"Internal Server Error"})", "content-type", "application/json"},
  };
  for (const Row& row : rows) {
    http::Response response = make_url_response(row.payload);
    EXPECT_EQ(response.head.status, row.status) << row.payload;
    EXPECT_EQ(response.body, row.body) << row.payload;
    EXPECT_EQ(response.head.headers.get(row.header), row.value) << row.payload;
    EXPECT_FALSE(response.head.headers.find("connection")) << row.payload;
  }
}

TEST(Cors, preflights_are_answered_for_allowed_origins_methods_and_headers_only) {
  aws::lambda::Cors cors;
  cors.allow_origins = {"https://a.example"};
  cors.allow_methods = {"GET", "PUT"};
  cors.allow_headers = {"x-token"};
  cors.allow_credentials = true;
  cors.max_age = 60;
  struct Row {
    const char *origin, *method, *headers;
    bool allowed;
  };
  const Row rows[] = {
      {"https://a.example", "GET", "X-Token", true},  {"https://a.example", "PUT", "", true},
      {"https://a.example", "DELETE", "", false},     {"https://a.example", "GET", "x-other", false},
      {"https://b.example", "GET", "x-token", false},
  };
  for (const Row& row : rows) {
    auto answer = answer_preflight(cors, request("OPTIONS", "/",
                                                 {{"Origin", row.origin},
                                                  {"Access-Control-Request-Method", row.method},
                                                  {"Access-Control-Request-Headers", row.headers}}));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->head.headers.get("access-control-allow-origin"), row.allowed ? row.origin : "");
    EXPECT_EQ(answer->head.headers.get("access-control-max-age"), row.allowed ? "60" : "");
    EXPECT_EQ(answer->head.headers.get("access-control-allow-credentials"), row.allowed ? "true" : "");
  }
  EXPECT_FALSE(answer_preflight(cors, request("OPTIONS", "/", {{"Origin", "https://a.example"}})));
  EXPECT_FALSE(
      answer_preflight(cors, request("GET", "/", {{"Origin", "https://a.example"}, {"Access-Control-Request-Method", "GET"}})));
}

TEST(Cors, answers_name_the_origin_and_drop_what_the_function_said) {
  aws::lambda::Cors cors;
  cors.allow_origins = {"*"};
  cors.expose_headers = {"x-id"};
  http::Headers answer;
  answer.add("Access-Control-Allow-Origin", "https://function-said");
  apply_cors(cors, request("GET", "/", {{"Origin", "https://a.example"}}), answer);
  EXPECT_EQ(answer.get("access-control-allow-origin"), "*");
  EXPECT_EQ(answer.get("access-control-expose-headers"), "x-id");
  cors.allow_credentials = true;  // then '*' would be refused by browsers
  apply_cors(cors, request("GET", "/", {{"Origin", "https://a.example"}}), answer);
  EXPECT_EQ(answer.get("access-control-allow-origin"), "https://a.example");
  EXPECT_EQ(answer.get("vary"), "Origin");
  apply_cors(cors, request("GET", "/"), answer);
  EXPECT_FALSE(answer.find("access-control-allow-origin"));
  cors.allow_methods = {"OPTIONS"};
  EXPECT_EQ(check_cors(cors).error().code, "ValidationException");
}

// ---- streamed answers ----

std::string with_prelude(std::string_view prelude, std::string_view body) {
  return std::string(prelude) + std::string(8, '\0') + std::string(body);
}

TEST(FirstOfStream, without_a_prelude_all_of_it_is_the_body) {
  http::Response response = first_of_stream("text/event-stream", "data: 1\n\n");
  EXPECT_EQ(response.head.status, 200);
  EXPECT_EQ(response.head.headers.get("content-type"), "text/event-stream");
  EXPECT_EQ(response.body, "data: 1\n\n");
}

TEST(FirstOfStream, a_prelude_says_status_headers_and_cookies) {
  std::string bytes = with_prelude(R"({"statusCode":502,"headers":{"X-A":"b"},"cookies":["c=1"],"body":"not this"})", std::string("x\0y", 3));
  http::Response response = first_of_stream(prelude_content_type, bytes);
  EXPECT_EQ(response.head.status, 502);
  EXPECT_EQ(response.head.headers.get("x-a"), "b");
  EXPECT_EQ(response.head.headers.get("set-cookie"), "c=1");
  EXPECT_EQ(response.head.headers.get("content-type"), "application/octet-stream");
  EXPECT_EQ(response.body, std::string("x\0y", 3));
  EXPECT_EQ(first_of_stream(prelude_content_type, with_prelude("{}", "x")).head.status, 200);
}

TEST(FirstOfStream, what_cannot_be_an_answer_is_502) {
  for (std::string bytes : {std::string(), std::string("{\"statusCode\":200}"), with_prelude("", "x"), with_prelude("[]", "x"),
                            with_prelude(R"({"statusCode":1000})", "x"), with_prelude(R"({"headers":{"a":"b\r\nc: d"}})", "x"),
                            with_prelude("{\"headers\":{\"a\":\"" + std::string(prelude_bytes_max, 'x') + "\"}}", "x")}) {
    http::Response response = first_of_stream(prelude_content_type, bytes);
    EXPECT_EQ(response.head.status, 502) << bytes;
    EXPECT_EQ(response.head.headers.get("content-type"), "application/json");
  }
}

}  // namespace
}  // namespace pds::cloud::lambda
