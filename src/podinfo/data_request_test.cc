#include "podinfo/data_request.h"

#include <gtest/gtest.h>

namespace pds::podinfo {
namespace {

TEST(DataRequest, IdsArePlainWords) {
  for (const char* id : {"a", "785fe636-3b45-4985-88c0-4b9162127842", "A_b.9", "..", "-"}) EXPECT_TRUE(check_data_id(id)) << id;
  EXPECT_TRUE(check_data_id(std::string(data_id_bytes_max, 'x')));
  EXPECT_FALSE(check_data_id(std::string(data_id_bytes_max + 1, 'x')));
  for (const char* id : {"", "a b", "a'", "a;--", "a/b", "\xc3\xa4", "a\n", "$1", "%41"}) EXPECT_FALSE(check_data_id(id)) << id;
  EXPECT_FALSE(check_data_id(std::string_view("a\0b", 3)));
}

TEST(DataRequest, PagesHaveABound) {
  EXPECT_EQ(parse_data_paging({}, {})->limit, data_limit_default);
  EXPECT_EQ(parse_data_paging("100", "a")->limit, 100u);
  EXPECT_EQ(parse_data_paging("1", "a")->after, "a");
  EXPECT_EQ(parse_data_paging({}, "")->after, "");
  for (const char* limit : {"0", "101", "-1", "", "x", "1e2", "99999999999999999999"}) EXPECT_FALSE(parse_data_paging(limit, {})) << limit;
  EXPECT_FALSE(parse_data_paging({}, "a' OR 1=1"));
}

TEST(DataRequest, BodiesHoldOneMessageAndNothingElse) {
  EXPECT_EQ(*parse_data_body(R"({"message": "hello"})"), "hello");
  EXPECT_EQ(*parse_data_body(R"({"message": "a\"b\u00e4\\'; DROP TABLE x; --"})"), "a\"b\xc3\xa4\\'; DROP TABLE x; --");
  std::string longest(data_message_bytes_max, 'x');
  EXPECT_EQ(*parse_data_body("{\"message\": \"" + longest + "\"}"), longest);
  struct {
    std::string body;
    const char* message;
  } cases[] = {
      {"", "not valid JSON"},
      {"{", "not valid JSON"},
      {"[]", "nothing else"},
      {"null", "nothing else"},
      {R"({"message": 7})", "nothing else"},
      {R"({"message": "a", "id": "b"})", "nothing else"},
      {R"({"text": "a"})", "nothing else"},
      {R"({"message": ""})", "a message has 1 to 4096 bytes"},
      {"{\"message\": \"" + longest + "x\"}", "a message has 1 to 4096 bytes"},
      {R"({"message": "a\u0000b"})", "U+0000"},
      {std::string(200, '['), "not valid JSON"},
  };
  for (auto& c : cases) {
    Result<std::string> message = parse_data_body(c.body);
    ASSERT_FALSE(message) << c.body;
    EXPECT_NE(message.error().message.find(c.message), std::string::npos) << message.error().message;
  }
}

}  // namespace
}  // namespace pds::podinfo
