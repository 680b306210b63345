#include "proxy/access_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace pds::proxy {
namespace {

using ::testing::HasSubstr;

AccessEntry example() {
  AccessEntry entry;
  entry.started = *parse_iso8601("2026-11-23T22:23:00.100200Z");
  entry.finished = entry.started + 86ms;
  entry.load_balancer = "app/web/50dc6c495c0c9188";
  entry.client = "127.0.0.1:2817";
  entry.target = "10.0.0.1:80";
  entry.request_time = 0us, entry.target_time = 1499us, entry.response_time = 84ms;
  entry.elb_status = entry.target_status = 200;
  entry.received_bytes = 34, entry.sent_bytes = 366;
  entry.method = "GET", entry.host = "www.example.com", entry.request_target = "/a?b=c", entry.user_agent = "curl/7.46.0";
  entry.target_group = "arn:x", entry.trace_id = "Root=1-58337262-36d228ad5d99923122bbe354";
  entry.rule_priority = 0, entry.action = "forward", entry.connection_trace = 0x1234abcd5678ef90;
  return entry;
}

// As a reader takes a line apart: at spaces that are not between quotes.
std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (char c : line.substr(0, line.size() - 1)) {
    if (c == '"') quoted = !quoted;
    if (c == ' ' && !quoted) {
      fields.emplace_back();
    } else {
      fields.back().push_back(c);
    }
  }
  EXPECT_FALSE(quoted) << line;
  return fields;
}

TEST(AccessLog, WritesTheLineOfAnAlb) {
  AccessLogFormatter formatter;
  std::string expected =
      "http 2026-11-23T22:23:00.186200Z app/web/50dc6c495c0c9188 127.0.0.1:2817 10.0.0.1:80 0.000 0.001 0.084 200 200 34 366 "
      "\"GET http://www.example.com:80/a?b=c HTTP/1.1\" \"curl/7.46.0\" - - arn:x \"Root=1-58337262-36d228ad5d99923122bbe354\" "
      "\"-\" \"-\" 0 2026-11-23T22:23:00.100200Z \"forward\" \"-\" \"-\" \"10.0.0.1:80\" \"200\" \"-\" \"-\" TID_1234abcd5678ef90\n";
  EXPECT_EQ(formatter.format(example()), expected);
  EXPECT_EQ(formatter.format(example()), expected);  // memory is reused, nothing is left over
}

TEST(AccessLog, ALineOfAnHttpsListenerNamesWhatWasAgreedOn) {
  AccessEntry entry = example();
  entry.type = entry.scheme = "https", entry.port = 443;
  entry.ssl_cipher = "TLS_AES_128_GCM_SHA256", entry.ssl_protocol = "TLSv1.3";
  entry.domain = "www.example.com", entry.certificate = "arn:aws:acm:us-east-1:000000000000:certificate/1";
  AccessLogFormatter formatter;
  std::vector<std::string> fields = fields_of(formatter.format(entry));
  ASSERT_EQ(fields.size(), 30u);
  EXPECT_EQ(fields[0], "https");
  EXPECT_EQ(fields[12], "\"GET https://www.example.com:443/a?b=c HTTP/1.1\"");
  EXPECT_EQ(fields[14], "TLS_AES_128_GCM_SHA256");
  EXPECT_EQ(fields[15], "TLSv1.3");
  EXPECT_EQ(fields[18], "\"www.example.com\"");
  EXPECT_EQ(fields[19], "\"arn:aws:acm:us-east-1:000000000000:certificate/1\"");
}

TEST(AccessLog, WhatWasNotReachedIsMinusOneOrADash) {
  AccessLogFormatter formatter;
  AccessEntry entry;
  entry.elb_status = 503, entry.method = "GET";
  EXPECT_THAT(std::string(formatter.format(entry)), HasSubstr(" - -1 -1 -1 503 - 0 0 "));
}

TEST(AccessLog, NothingOfAMalformedRequestIsRepeated) {
  AccessLogFormatter formatter;
  AccessEntry entry;
  entry.elb_status = 400, entry.host = "web.elb.localhost", entry.classification = "Severe",
  entry.classification_reason = "BadHeader";
  std::string line(formatter.format(entry));
  EXPECT_THAT(line, HasSubstr(" \"- http://web.elb.localhost:80- -\" \"-\" "));
  EXPECT_THAT(line, HasSubstr(" \"Severe\" \"BadHeader\" -\n"));
}

TEST(AccessLog, HostileBytesStayInTheirField) {
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  AccessEntry entry = example();
  entry.method = entry.host = entry.request_target = entry.user_agent = entry.trace_id = entry.redirect_url = entry.domain = all;
  AccessLogFormatter formatter;
  std::string line(formatter.format(entry));
  EXPECT_EQ(fields_of(line).size(), 30u);
  EXPECT_EQ(line.find_first_of('\n'), line.size() - 1);
  for (char c : line.substr(0, line.size() - 1)) EXPECT_TRUE(c >= 0x20 && c < 0x7f);
  EXPECT_THAT(line, HasSubstr("\\x0A"));
  EXPECT_THAT(line, HasSubstr("\\x22"));
  EXPECT_THAT(line, HasSubstr("\\x5C"));
  EXPECT_THAT(line, HasSubstr("\\xFF"));
}

TEST(AccessLog, ALongUserAgentIsCut) {
  AccessLogFormatter formatter;
  AccessEntry entry = example();
  std::string agent(logged_user_agent_bytes_max + 1, 'a');
  entry.user_agent = agent;
  EXPECT_EQ(fields_of(formatter.format(entry))[13].size(), logged_user_agent_bytes_max + 2);  // with its quotes
}

}  // namespace
}  // namespace pds::proxy
