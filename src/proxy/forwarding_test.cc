#include "proxy/forwarding.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "proxy/function_target.h"

namespace pds::proxy {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

class Forwarding : public ::testing::Test {
 protected:
  http::RequestHead forwarded(const Fields& fields) {
    http::RequestHead from, to;
    from.method = "GET", from.target = target_;
    for (const auto& [name, value] : fields) from.headers.add(name, value);
    build_upstream_head(from, settings_,
                        {"192.0.2.7", "5123", "Root=1-67891233-abcdef012345678912345678", tls_version_, tls_cipher_}, to);
    return to;
  }
  FrontSettings settings_{.dns_name = "web.elb.localhost", .port = 8080};
  std::string target_ = "/x?y=1", tls_version_, tls_cipher_;
};

TEST_F(Forwarding, AddsWhatTargetsAreToKnow) {
  http::RequestHead head = forwarded({{"Host", "a.example"}, {"X-Correlation-ID", "c-1"}});
  EXPECT_EQ(head.headers.get("host"), "a.example:8080");
  EXPECT_EQ(head.headers.get("x-correlation-id"), "c-1");
  EXPECT_EQ(head.headers.get("x-forwarded-for"), "192.0.2.7");
  EXPECT_EQ(head.headers.get("x-forwarded-proto"), "http");
  EXPECT_EQ(head.headers.get("x-forwarded-port"), "8080");
  EXPECT_EQ(head.headers.get("x-amzn-trace-id"), "Root=1-67891233-abcdef012345678912345678");
}

TEST_F(Forwarding, HopByHopFieldsStayBehindWithWhatConnectionNames) {
  http::RequestHead head = forwarded({{"Host", "a"},
                                      {"Connection", "keep-alive, X-Secret"},
                                      {"Keep-Alive", "timeout=5"},
                                      {"X-Secret", "1"},
                                      {"TE", "trailers"},
                                      {"Upgrade", "h2c"},
                                      {"Transfer-Encoding", "chunked"},
                                      {"Proxy-Connection", "x"},
                                      {"Expect", "100-continue"},
                                      {"Accept", "*/*"}});
  for (const char* name :
       {"connection", "keep-alive", "x-secret", "te", "upgrade", "transfer-encoding", "proxy-connection", "expect"}) {
    EXPECT_FALSE(head.headers.find(name)) << name;
  }
  EXPECT_EQ(head.headers.get("accept"), "*/*");
}

TEST_F(Forwarding, ForwardedForHasThreeModes) {
  Fields fields{{"Host", "a"}, {"X-Forwarded-For", "198.51.100.1"}, {"X-Forwarded-For", "198.51.100.2"}};
  EXPECT_EQ(forwarded(fields).headers.get("x-forwarded-for"), "198.51.100.1, 198.51.100.2, 192.0.2.7");
  settings_.forwarded_client_port = true;
  EXPECT_EQ(forwarded(fields).headers.get("x-forwarded-for"), "198.51.100.1, 198.51.100.2, 192.0.2.7:5123");
  settings_.forwarded_for = ForwardedFor::preserve;
  EXPECT_EQ(forwarded(fields).headers.get("x-forwarded-for"), "198.51.100.1, 198.51.100.2");
  EXPECT_FALSE(forwarded({{"Host", "a"}}).headers.find("x-forwarded-for"));
  settings_.forwarded_for = ForwardedFor::remove;
  EXPECT_FALSE(forwarded(fields).headers.find("x-forwarded-for"));
}

TEST_F(Forwarding, AClientCannotSayHowItCame) {
  http::RequestHead head = forwarded({{"Host", "a"}, {"X-Forwarded-Proto", "https"}, {"X-Forwarded-Port", "443"}});
  EXPECT_EQ(head.headers.get("x-forwarded-proto"), "http");
  EXPECT_EQ(head.headers.get("x-forwarded-port"), "8080");
}

TEST_F(Forwarding, InvalidNamesAreDroppedWhenAsked) {
  Fields fields{{"Host", "a"}, {"X_Under", "1"}, {"X-Fine", "2"}};
  EXPECT_TRUE(forwarded(fields).headers.find("x_under"));
  settings_.drop_invalid_header_fields = true;
  EXPECT_FALSE(forwarded(fields).headers.find("x_under"));
  EXPECT_TRUE(forwarded(fields).headers.find("x-fine"));
}

TEST_F(Forwarding, TargetsGetTheOriginFormAndAHost) {
  target_ = "http://b.example/p?q=2";
  http::RequestHead head = forwarded({});
  EXPECT_EQ(head.target, "/p?q=2");
  EXPECT_EQ(head.headers.get("host"), "b.example:8080");
  target_ = "/";
  EXPECT_EQ(forwarded({}).headers.get("host"), "web.elb.localhost:8080");
}

// listener  preserve  sent                   what the target sees
TEST_F(Forwarding, TheHostsPortBecomesTheListeners) {
  struct Row {
    uint16_t port;
    bool preserve;
    const char *sent, *seen;
  };
  for (const Row& row : {Row{80, false, "a.example", "a.example"}, Row{80, false, "a.example:80", "a.example"},
                         Row{443, false, "a.example:8443", "a.example"}, Row{8080, false, "a.example", "a.example:8080"},
                         Row{8080, false, "a.example:9", "a.example:9"}, Row{65535, false, "[::1]", "[::1]:65535"},
                         Row{80, false, "[::1]:80", "[::1]"}, Row{80, true, "a.example:80", "a.example:80"},
                         Row{8080, true, "a.example", "a.example"}}) {
    settings_.port = row.port;
    settings_.preserve_host_header = row.preserve;
    http::RequestHead head = forwarded({{"Host", row.sent}});
    EXPECT_EQ(head.headers.get("host"), row.seen) << row.port << " " << row.sent;
    EXPECT_EQ(head.headers.get("x-forwarded-port"), std::to_string(row.port));
  }
}

TEST_F(Forwarding, WhatTlsAgreedOnIsSaidWhenAskedAndCannotBeMadeUp) {
  Fields sent{{"Host", "a"}, {"X-Amzn-Tls-Version", "TLSv9"}, {"X-Amzn-Tls-Cipher-Suite", "none"}};
  EXPECT_EQ(forwarded(sent).headers.get("x-amzn-tls-version"), "TLSv9");  // not looked at
  settings_.tls_headers = true;
  EXPECT_FALSE(forwarded(sent).headers.find("x-amzn-tls-version"));
  EXPECT_FALSE(forwarded(sent).headers.find("x-amzn-tls-cipher-suite"));
  tls_version_ = "TLSv1.3", tls_cipher_ = "TLS_AES_128_GCM_SHA256";
  EXPECT_EQ(forwarded(sent).headers.get("x-amzn-tls-version"), "TLSv1.3");
  EXPECT_EQ(forwarded(sent).headers.get("x-amzn-tls-cipher-suite"), "TLS_AES_128_GCM_SHA256");
}

TEST(TraceId, KeepsTheRootAndReplacesSelf) {
  std::string own = "Root=1-67891233-abcdef012345678912345678";
  EXPECT_EQ(join_trace_id("Root=1-1-2;Foo=bar", own), "Self=1-67891233-abcdef012345678912345678;Root=1-1-2;Foo=bar");
  EXPECT_EQ(join_trace_id("Self=1-9-9;Root=1-1-2", own), "Self=1-67891233-abcdef012345678912345678;Root=1-1-2");
  EXPECT_EQ(join_trace_id("Foo=bar", own), own + ";Foo=bar");
  std::string made;
  FastRandom random(1);
  make_trace_id(from_epoch_seconds(0x67891233), random, made);
  EXPECT_EQ(made.substr(0, 16), "Root=1-67891233-");
  EXPECT_EQ(made.size(), own.size());
}

TEST(Cookies, AreFoundAmongOthersAndSetInPairs) {
  http::Headers headers;
  headers.add("Cookie", "a=1; XAWSALB=no; AWSALB=yes; b=2");
  EXPECT_EQ(cookie(headers, "AWSALB"), "yes");
  EXPECT_EQ(cookie(headers, "AWSALBTG"), "");
  http::Headers answer;
  add_sticky_cookies(answer, group_cookie, "t", from_epoch_seconds(0), false);
  ASSERT_EQ(answer.size(), 2u);
  EXPECT_EQ(answer.at(0).value, "AWSALBTG=t; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/");
  EXPECT_EQ(answer.at(1).value, "AWSALBTGCORS=t; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; SameSite=None");
  answer.clear();
  add_sticky_cookies(answer, target_cookie, "t", from_epoch_seconds(0), true);
  add_app_sticky_cookie(answer, "t", from_epoch_seconds(0), true);
  ASSERT_EQ(answer.size(), 3u);
  EXPECT_EQ(answer.at(0).value, "AWSALB=t; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure");
  EXPECT_EQ(answer.at(1).value, "AWSALBCORS=t; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; SameSite=None; Secure");
  EXPECT_EQ(answer.at(2).value, "AWSALBAPP-0=t; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure");
}

TEST(Cookies, ThatAnAnswerSetsAreFoundByTheirWholeName) {
  http::Headers answer;
  answer.add("Set-Cookie", "sessions=1");
  answer.add("set-cookie", "other=1; session=2");
  EXPECT_FALSE(sets_cookie(answer, "session"));
  answer.add("set-cookie", " session=; Path=/");
  EXPECT_TRUE(sets_cookie(answer, "session"));
}

TEST(ListenerHeaders, ReplaceTheTargets) {
  FrontSettings settings;
  http::Headers headers;
  headers.add("Server", "nginx"), headers.add("X-Frame-Options", "SAMEORIGIN"), headers.add("x-frame-options", "ALLOW");
  apply_response_headers(settings, headers);
  EXPECT_EQ(headers.size(), 3u);
  settings.server_header = false;
  settings.response_headers = {{"X-Frame-Options", "DENY"}, {"Strict-Transport-Security", "max-age=1"}};
  apply_response_headers(settings, headers);
  EXPECT_FALSE(headers.find("server"));
  EXPECT_EQ(headers.size(), 2u);
  EXPECT_EQ(headers.get("x-frame-options"), "DENY");
  EXPECT_EQ(headers.get("strict-transport-security"), "max-age=1");
}

TEST(Upgrade, NeedsBothFields) {
  http::RequestHead head;
  head.headers.add("Upgrade", "websocket");
  EXPECT_EQ(upgrade_of(head), "");
  head.headers.add("Connection", "keep-alive, Upgrade");
  EXPECT_EQ(upgrade_of(head), "websocket");
  head.version_minor = 0;
  EXPECT_EQ(upgrade_of(head), "");
}

TEST(FunctionEvent, IsTheOneAlbSends) {
  http::RequestHead head;
  head.method = "POST", head.target = "/a%20b?x=1&y=%20&x=2";
  head.headers.add("Host", "h"), head.headers.add("X-Two", "1"), head.headers.add("x-two", "2");
  auto event = *parse_json(to_alb_event(head, "{}", "arn:tg", false));
  EXPECT_EQ(to_canonical_text(event),
            R"({"body":"{}","headers":{"host":"h","x-two":"2"},"httpMethod":"POST","isBase64Encoded":false,"path":"/a%20b",)"
            R"("queryStringParameters":{"x":"2","y":"%20"},"requestContext":{"elb":{"targetGroupArn":"arn:tg"}}})");
  head.headers.add("Content-Type", "image/png");
  event = *parse_json(to_alb_event(head, "\xff\xfe", "arn:tg", true));
  EXPECT_EQ(get_string(event.as_object(), "body"), "//4=");
  EXPECT_TRUE(get_bool(event.as_object(), "isBase64Encoded"));
  EXPECT_EQ(to_canonical_text(event.as_object()["multiValueHeaders"]),
            R"({"content-type":["image/png"],"host":["h"],"x-two":["1","2"]})");
  EXPECT_EQ(to_canonical_text(event.as_object()["multiValueQueryStringParameters"]), R"({"x":["1","2"],"y":["%20"]})");
}

TEST(FunctionReply, BecomesAResponse) {
  auto reply =
      from_alb_reply(R"({"statusCode":201,"statusDescription":"201 Made","headers":{"A":"1"},"multiValueHeaders":{"B":["2","3"]},
                                  "body":"aGk=","isBase64Encoded":true})");
  ASSERT_TRUE(reply) << reply.error().message;
  EXPECT_EQ(reply->head.status, 201);
  EXPECT_EQ(reply->head.reason, "Made");
  EXPECT_EQ(reply->head.headers.get("a"), "1");
  EXPECT_EQ(reply->head.headers.size(), 3u);
  EXPECT_EQ(reply->body, "hi");
}

TEST(FunctionReply, MayBeOneMebibyteAndNoMore) {
  std::string start = R"({"statusCode":200,"body":")", end = R"("})";
  std::string largest = start + std::string(function_body_bytes_max - start.size() - end.size(), 'a') + end;
  ASSERT_EQ(largest.size(), function_body_bytes_max);
  EXPECT_TRUE(from_alb_reply(largest));
  auto refused = from_alb_reply(largest + " ");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "E_TOO_LARGE");
}

TEST(FunctionEvent, OfAHealthCheckIsTheOneAlbSends) {
  auto event = *parse_json(to_health_check_event("/well?a=1", "arn:tg", false));
  EXPECT_EQ(
      to_canonical_text(event),
      R"({"body":"","headers":{"user-agent":"ELB-HealthChecker/2.0"},"httpMethod":"GET","isBase64Encoded":false,"path":"/well",)"
      R"("queryStringParameters":{"a":"1"},"requestContext":{"elb":{"targetGroupArn":"arn:tg"}}})");
}

TEST(FunctionReply, OfAnotherFormIsRefused) {
  for (const char* text :
       {"", "[]", "{}", R"({"statusCode":"200"})", R"({"statusCode":99})", R"({"statusCode":200,"headers":{"A":1}})",
        R"({"statusCode":200,"headers":{"A":"x\r\ny"}})", R"({"statusCode":200,"headers":{"A b":"x"}})",
        R"({"statusCode":200,"multiValueHeaders":{"A":"x"}})", R"({"statusCode":200,"body":"%%","isBase64Encoded":true})"}) {
    EXPECT_FALSE(from_alb_reply(text)) << text;
  }
}

}  // namespace
}  // namespace pds::proxy
