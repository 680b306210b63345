#include "podinfo/lambda_event.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

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
  for (const char* bad : {"{", R"({"path":"/","method":"G T"})", R"({"path":"/","headers":{"a":"b\r\nc"}})", R"({"path":"/","headers":{"a b":"c"}})",
                          R"({"path":"/","body":"%%","isBase64Encoded":true})", R"({"path":"/","headers":{"a":null}})"}) {
    EXPECT_FALSE(parse_lambda_event(bad)) << bad;
  }
  EXPECT_EQ(parse_lambda_event(R"({"path":"/","headers":{"a":1}})")->request.head.headers.get("a"), "1");
  EXPECT_EQ(parse_lambda_event(R"({"path":"/a?b=1","queryStringParameters":{"c":"2"}})")->request.head.target, "/a?b=1&c=2");
}

TEST(LambdaEvent, OfWhoSpeaksHttpIsRefusedInWords) {
  for (const char* bad : {R"("path":"version")", R"("path":"/","httpMethod":"")", R"("path":"/","headers":{"a":null})", R"("path":"/","body":"a","isBase64Encoded":true)"}) {
    auto event = parse_lambda_event(std::string(R"({"httpMethod":"GET","requestContext":{"elb":{}},)") + bad + "}");
    ASSERT_TRUE(event) << bad;
    EXPECT_NE(event->refusal, "") << bad;
  }
}

TEST(LambdaEvent, TakesTheListOfCookiesForTheField) {
  auto cookies = [](std::string more) {
    auto event = parse_lambda_event(R"({"rawPath":"/","headers":{"cookie":"a=1; b=2"},"requestContext":{"http":{"method":"GET"}})" + more + "}");
    std::string out;
    for (auto [name, value] : event->request.head.headers) out += std::string(name) + ":" + std::string(value) + "|";
    return out;
  };
  EXPECT_EQ(cookies(R"(,"cookies":["a=1","b=2"])"), "Cookie:a=1; b=2|");
  EXPECT_EQ(cookies(""), "cookie:a=1; b=2|");
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
  http::Response unknown = http::Response::text(599, "");
  EXPECT_NE(lambda_answer(balancer, unknown).find(R"("statusDescription":"599")"), std::string::npos);
  http::Response text = http::Response::text(200, "\xc3\xa9", "application/octet-stream");
  EXPECT_NE(lambda_answer(http_api, text).find("\"body\":\"\xc3\xa9\",\"isBase64Encoded\":false"), std::string::npos);
  // As text it would have six times its bytes.
  EXPECT_LT(lambda_answer(http_api, http::Response::text(200, std::string(2 << 20, '\1'))).size(), answer_bytes_max);
}

}  // namespace
}  // namespace pds::podinfo
